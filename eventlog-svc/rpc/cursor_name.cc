#include "eventlog-svc/rpc/cursor_name.h"

#include "absl/strings/str_cat.h"
#include "eventlog-svc/rpc/event_validator.h"
#include "eventlog-svc/rpc/refusals.h"

namespace eventlog {

absl::Status CheckCursorName(const std::string& name) {
  if (name.empty() || name.size() > kCursorNameBytesMax) {
    return InvalidField("CURSOR_INVALID", "cursor",
                        absl::StrCat(name.size(), " bytes; right is 1 to ", kCursorNameBytesMax));
  }
  const absl::Status valid = ValidateName(name);
  return valid.ok() ? valid : InvalidField("CURSOR_INVALID", "cursor", valid.message());
}

}  // namespace eventlog
