// A log that tells the test of every read, and passes on to another log.

#ifndef TESTS_EVENTLOG_SVC_RPC_WATCHED_LOG_H_
#define TESTS_EVENTLOG_SVC_RPC_WATCHED_LOG_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

// Thread safe as far as `on_read` is, which is called on the reader's thread before each read.
class WatchedLog : public Log {
 public:
  using OnRead = std::function<void(const ReadOptions&)>;

  WatchedLog(Log& log, OnRead on_read) : log_(log), on_read_(std::move(on_read)) {}

  const std::string& name() const override { return log_.name(); }
  const std::string& epoch() const override { return log_.epoch(); }
  void Append(AppendBatch batch, AppendCallback done) override { log_.Append(std::move(batch), std::move(done)); }
  absl::StatusOr<RecordPage> Read(const ReadOptions& options) const override {
    on_read_(options);
    return log_.Read(options);
  }
  absl::StatusOr<int64_t> OffsetAt(absl::Time time) const override { return log_.OffsetAt(time); }
  LogBounds bounds() const override { return log_.bounds(); }
  LogSize size() const override { return log_.size(); }
  void Change(LogChange change, ChangeCallback done) override { log_.Change(std::move(change), std::move(done)); }
  LogSettings settings() const override { return log_.settings(); }
  absl::StatusOr<Cursor> FindCursor(absl::string_view name) const override { return log_.FindCursor(name); }
  std::vector<Cursor> cursors() const override { return log_.cursors(); }
  int64_t StartForBytes(int64_t bytes_max) const override { return log_.StartForBytes(bytes_max); }
  bool deleted() const override { return log_.deleted(); }
  void AddListener(LogListener* listener) override { log_.AddListener(listener); }
  void RemoveListener(LogListener* listener) override { log_.RemoveListener(listener); }

 private:
  Log& log_;
  const OnRead on_read_;
};

// An engine of one log that is not its own.
class EngineOfOne : public Engine {
 public:
  // `log` must outlive it.
  explicit EngineOfOne(Log& log) : log_(std::shared_ptr<Log>(), &log) {}

  absl::string_view name() const override { return "one"; }
  const Capabilities& capabilities() const override { return capabilities_; }
  absl::StatusOr<std::shared_ptr<Log>> FindLog(absl::string_view) const override { return log_; }
  std::vector<std::shared_ptr<Log>> logs() const override { return {log_}; }
  absl::StatusOr<std::shared_ptr<Log>> CreateLog(absl::string_view, LogSettings) override {
    return absl::UnimplementedError("one log");
  }
  absl::Status DeleteLog(absl::string_view) override { return absl::UnimplementedError("one log"); }
  void AddListener(LogListener* listener) override { log_->AddListener(listener); }
  void RemoveListener(LogListener* listener) override { log_->RemoveListener(listener); }
  absl::Status health() const override { return absl::OkStatus(); }
  void Close() override {}

 private:
  const std::shared_ptr<Log> log_;
  const Capabilities capabilities_;
};

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_RPC_WATCHED_LOG_H_
