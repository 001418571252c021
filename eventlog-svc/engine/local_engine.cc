#include "eventlog-svc/engine/local_engine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/engine/log_name.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

// The same error, with the log's name before its words.
absl::Status InLog(absl::string_view name, const absl::Status& status) {
  absl::Status named(status.code(), absl::StrCat("log \"", name, "\": ", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) { named.SetPayload(url, payload); });
  return named;
}

}  // namespace

LocalEngine::LocalEngine(LocalEngineOptions options, std::unique_ptr<StoreFactory> stores)
    : options_(std::move(options)), stores_(std::move(stores)) {}

LocalEngine::~LocalEngine() { Close(); }

absl::StatusOr<std::unique_ptr<LocalEngine>> LocalEngine::Open(LocalEngineOptions options,
                                                               std::unique_ptr<StoreFactory> stores) {
  std::unique_ptr<LocalEngine> engine(new LocalEngine(std::move(options), std::move(stores)));
  const absl::Status opened = engine->OpenAll();
  if (!opened.ok()) return opened;
  LocalEngine* const logs = engine.get();
  engine->retention_ = std::make_unique<RetentionKeeper>(
      [logs] { return logs->logs(); }, logs->options_.retention_interval, logs->options_.commit.clock);
  return engine;
}

absl::Status LocalEngine::OpenAll() {
  absl::MutexLock lock(&changes_mutex_);
  const absl::StatusOr<std::vector<std::string>> names = stores_->List();
  if (!names.ok()) return names.status();
  bool has_default = false;
  for (const std::string& name : *names) {
    has_default = has_default || name == kDefaultLog;
    absl::StatusOr<StoreFactory::Opened> opened = stores_->Open(name);
    if (!opened.ok()) return InLog(name, opened.status());
    Add(name, *std::move(opened));
  }
  if (has_default) return absl::OkStatus();
  LogSettings settings;
  settings.create_time = absl::Now();
  absl::StatusOr<StoreFactory::Opened> created = stores_->Create(kDefaultLog, settings);
  if (!created.ok()) return InLog(kDefaultLog, created.status());
  Add(kDefaultLog, *std::move(created));
  return absl::OkStatus();
}

std::shared_ptr<CommitLog> LocalEngine::Add(const std::string& name, StoreFactory::Opened opened) {
  CommitLogOptions options = options_.commit;
  options.name = name;
  options.durability = options_.capabilities.durability_max;
  auto log = std::make_shared<CommitLog>(std::move(options), std::move(opened.store), std::move(opened.state));
  absl::MutexLock lock(&mutex_);
  for (LogListener* const listener : listeners_) log->AddListener(listener);
  logs_[name] = log;
  return log;
}

absl::StatusOr<std::shared_ptr<Log>> LocalEngine::FindLog(absl::string_view name) const {
  const std::string wanted(name.empty() ? absl::string_view(kDefaultLog) : name);
  absl::MutexLock lock(&mutex_);
  if (const auto found = logs_.find(wanted); found != logs_.end()) return found->second;
  constexpr size_t kNamesMax = 5;
  std::vector<std::string> names;
  for (const auto& [known, log] : logs_) {
    names.push_back(names.size() < kNamesMax ? absl::StrCat("\"", known, "\"") : "more");
    if (names.size() > kNamesMax) break;
  }
  return Error(absl::StatusCode::kNotFound, "LOG_NOT_FOUND",
               absl::StrCat("there is no log \"", name, "\"; there is ", absl::StrJoin(names, ", "),
                            "; LogAdmin.CreateLog makes one"),
               {{"log", std::string(name)}});
}

std::vector<std::shared_ptr<CommitLog>> LocalEngine::commit_logs() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<CommitLog>> logs;
  logs.reserve(logs_.size());
  for (const auto& [name, log] : logs_) logs.push_back(log);
  return logs;
}

std::vector<std::shared_ptr<Log>> LocalEngine::logs() const {
  const std::vector<std::shared_ptr<CommitLog>> logs = commit_logs();
  return {logs.begin(), logs.end()};
}

absl::StatusOr<std::shared_ptr<Log>> LocalEngine::CreateLog(absl::string_view name, LogSettings settings) {
  const std::string wanted(name);
  absl::Status valid = CheckLogName(name);
  if (valid.ok()) valid = CheckLogSettings(settings, options_.capabilities.durability_max);
  if (!valid.ok()) return valid;
  absl::MutexLock changes_lock(&changes_mutex_);
  {
    absl::MutexLock lock(&mutex_);
    if (closing_) return DrainingError();
    if (logs_.contains(wanted)) {
      return Error(absl::StatusCode::kAlreadyExists, "LOG_EXISTS",
                   absl::StrCat("there is a log \"", name, "\" already"), {{"log", wanted}});
    }
    if (logs_.size() >= options_.logs_max) {
      return Error(absl::StatusCode::kResourceExhausted, "QUOTA_EXCEEDED",
                   absl::StrCat("there are ", logs_.size(), " logs, which is all that there can be: delete one"));
    }
  }
  settings.create_time = absl::Now();
  absl::StatusOr<StoreFactory::Opened> created = stores_->Create(wanted, settings);
  if (!created.ok()) return InLog(name, created.status());
  return Add(wanted, *std::move(created));
}

absl::Status LocalEngine::DeleteLog(absl::string_view name) {
  const std::string wanted(name);
  if (wanted == kDefaultLog) {
    return Error(absl::StatusCode::kFailedPrecondition, "LOG_REQUIRED",
                 absl::StrCat("the log \"", name, "\" is always there; LogAdmin.TrimLog empties it"),
                 {{"log", wanted}});
  }
  if (wanted.empty()) return CheckLogName(wanted);
  absl::MutexLock changes_lock(&changes_mutex_);
  const absl::StatusOr<std::shared_ptr<Log>> found = FindLog(wanted);
  if (!found.ok()) return found.status();
  if (absl::MutexLock lock(&mutex_); closing_) return DrainingError();
  const absl::Status removed = stores_->Remove(wanted);
  // What a restart may not find must not be appended to.
  const bool is_gone = removed.ok() || absl::IsUnknown(removed);
  if (!is_gone) return InLog(name, removed);
  std::shared_ptr<CommitLog> log;
  {
    absl::MutexLock lock(&mutex_);
    log = logs_.at(wanted);
    logs_.erase(wanted);
  }
  log->Delete();
  if (!removed.ok()) return InLog(name, removed);
  stores_->Clear(wanted);
  return absl::OkStatus();
}

void LocalEngine::AddListener(LogListener* listener) {
  absl::MutexLock lock(&mutex_);
  listeners_.push_back(listener);
  for (const auto& [name, log] : logs_) log->AddListener(listener);
}

void LocalEngine::RemoveListener(LogListener* listener) {
  // A log that is being deleted is not among the logs any more, and still tells its listeners.
  absl::MutexLock changes_lock(&changes_mutex_);
  {
    absl::MutexLock lock(&mutex_);
    listeners_.erase(std::remove(listeners_.begin(), listeners_.end(), listener), listeners_.end());
  }
  for (const std::shared_ptr<CommitLog>& log : commit_logs()) log->RemoveListener(listener);
}

absl::Status LocalEngine::health() const {
  for (const std::shared_ptr<CommitLog>& log : commit_logs()) {
    const absl::Status health = log->health();
    if (!health.ok()) return InLog(log->name(), health);
  }
  return absl::OkStatus();
}

void LocalEngine::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
  }
  retention_.reset();
  // After one that is being made or removed.
  absl::MutexLock changes_lock(&changes_mutex_);
  for (const std::shared_ptr<CommitLog>& log : commit_logs()) log->Close();
}

}  // namespace eventlog
