#include "eventlog-svc/engine/local_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {

LocalEngine::LocalEngine(std::string name, const Capabilities& capabilities, std::unique_ptr<CommitLog> log,
                         std::shared_ptr<void> resources)
    : name_(std::move(name)), capabilities_(capabilities), resources_(std::move(resources)), log_(std::move(log)) {}

LocalEngine::~LocalEngine() { log_->Close(); }

absl::StatusOr<Log*> LocalEngine::FindLog(absl::string_view name) const {
  if (name.empty() || name == log_->name()) return log_.get();
  return Error(absl::StatusCode::kNotFound, "LOG_NOT_FOUND",
               absl::StrCat("there is no log \"", name, "\"; there is \"", log_->name(), "\""),
               {{"log", std::string(name)}});
}

}  // namespace eventlog
