// The log that a request names.

#ifndef EVENTLOG_SVC_RPC_FIND_LOG_H_
#define EVENTLOG_SVC_RPC_FIND_LOG_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {

inline constexpr size_t kLogNameBytesMax = 255;

// kNotFound LOG_NOT_FOUND. A name that no log can have is not repeated in the error: an error must fit into the
// trailers of a call, which clients limit to 8 KiB.
inline absl::StatusOr<std::shared_ptr<Log>> FindLog(const Engine& engine, const std::string& name) {
  if (name.size() <= kLogNameBytesMax) return engine.FindLog(name);
  return Error(absl::StatusCode::kNotFound, "LOG_NOT_FOUND",
               absl::StrCat("log: a name of ", name.size(), " bytes; no log has more than ", kLogNameBytesMax),
               {{"field", "log"}});
}

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_FIND_LOG_H_
