// JSON text without a document in memory: is it valid, where are the members of an object, what does a string say.

#ifndef EVENTLOG_SVC_CLIENT_JSON_TEXT_H_
#define EVENTLOG_SVC_CLIENT_JSON_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace eventlog {

// Whether the text is one JSON value (RFC 8259), nested at most 256 deep.
bool IsJson(absl::string_view text);
// How many bytes of the text could begin such a value, when it is none.
std::optional<size_t> FindJsonFault(absl::string_view text);
// Appends `text` as a JSON string, quotes included.
void AppendJsonString(absl::string_view text, std::string& out);

// The members of an object in their order: the decoded name, and the value's bytes as they stand. Nothing when the text
// is not one valid JSON object.
std::optional<std::vector<std::pair<std::string, absl::string_view>>> JsonMembers(absl::string_view object);
// What a JSON string says; nothing when the value is not a string.
std::optional<std::string> JsonString(absl::string_view value);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_JSON_TEXT_H_
