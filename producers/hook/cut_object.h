// What can be read of a JSON object of which only the beginning is there.

#ifndef PRODUCERS_HOOK_CUT_OBJECT_H_
#define PRODUCERS_HOOK_CUT_OBJECT_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace eventlog {

// The members of the object itself that are strings and are whole, up to the end of the text or to where it is no JSON.
// Of members with one name the last counts.
std::map<std::string, std::string> LeadingStrings(absl::string_view object);

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_CUT_OBJECT_H_
