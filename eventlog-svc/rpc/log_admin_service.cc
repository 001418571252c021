#include "eventlog-svc/rpc/log_admin_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/engine/log_name.h"
#include "eventlog-svc/rpc/find_log.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/log_messages.h"
#include "eventlog-svc/rpc/name_page.h"
#include "eventlog-svc/rpc/refusals.h"

namespace eventlog {
namespace {

constexpr size_t kChangesWaitingMax = 64;
constexpr size_t kNewNameBytesMax = 63;

absl::StatusOr<std::string> NewName(const v1::CreateLogRequest& request) {
  const std::string& id = request.log_id();
  const std::string& name = request.log().log();
  if (!id.empty() && !name.empty() && id != name) {
    return InvalidField("LOG_INVALID", "log_id", "not the same as log.log; right is one of them, or the same in both");
  }
  const std::string& wanted = id.empty() ? name : id;
  // What no log can be called is not repeated in the error when it is long: that must fit into the trailers of a call.
  if (wanted.size() > kNewNameBytesMax) {
    return InvalidField("LOG_INVALID", "log_id",
                        absl::StrCat(wanted.size(), " bytes; right is 1 to ", kNewNameBytesMax));
  }
  const absl::Status valid = CheckLogName(wanted);
  if (!valid.ok()) return valid;
  return wanted;
}

}  // namespace

LogAdminService::LogAdminService(LocalEngine& engine, const RequestLimits& limits, ErrorCounter& errors)
    : engine_(engine),
      limits_(limits),
      errors_(errors),
      worker_(/*threads=*/1, kChangesWaitingMax),
      scans_(engine, [&errors](const absl::Status& status) { errors.Count(status); }) {}

void LogAdminService::Drain() {
  draining_.store(true, std::memory_order_relaxed);
  scans_.Drain();
}

absl::Status LogAdminService::Admit(const google::protobuf::Message& request) const {
  if (draining_.load(std::memory_order_relaxed)) return DrainingError();
  return RefuseUnknown(request);
}

absl::Status LogAdminService::CheckSettings(const LogSettings& settings) const {
  const absl::Status valid = CheckLogSettings(settings, engine_.capabilities().durability_max);
  if (!valid.ok()) return valid;
  if (settings.event_bytes_max > limits_.event_bytes_max) {
    return InvalidField(
        "LOG_INVALID", "max_event_bytes",
        absl::StrCat(settings.event_bytes_max, "; right is 0 to the service's ", limits_.event_bytes_max));
  }
  if (settings.batch_bytes_max > limits_.batch_bytes_max) {
    return InvalidField(
        "LOG_INVALID", "max_batch_bytes",
        absl::StrCat(settings.batch_bytes_max, "; right is 0 to the service's ", limits_.batch_bytes_max));
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* LogAdminService::Finish(grpc::ServerUnaryReactor* reactor, const absl::Status& status) {
  if (!status.ok()) errors_.Count(status);
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

grpc::ServerUnaryReactor* LogAdminService::Submit(grpc::ServerUnaryReactor* reactor,
                                                  absl::AnyInvocable<absl::Status()> work) {
  const bool queued = worker_.Submit([this, reactor, work = std::move(work)]() mutable { Finish(reactor, work()); });
  return queued ? reactor : Finish(reactor, QueueFull("changes of logs"));
}

// The request and the response live until the call is finished.
grpc::ServerUnaryReactor* LogAdminService::CreateLog(grpc::CallbackServerContext* context,
                                                     const v1::CreateLogRequest* request, v1::Log* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::Status admitted = Admit(*request);
  if (!admitted.ok()) return Finish(reactor, admitted);
  absl::StatusOr<std::string> name = NewName(*request);
  if (!name.ok()) return Finish(reactor, name.status());
  absl::StatusOr<LogSettings> settings = ToLogSettings(request->log());
  if (!settings.ok()) return Finish(reactor, settings.status());
  const absl::Status valid = CheckSettings(*settings);
  if (!valid.ok()) return Finish(reactor, valid);
  return Submit(reactor, [this, name = *std::move(name), settings = *settings, response] {
    const absl::StatusOr<std::shared_ptr<Log>> created = engine_.CreateLog(name, settings);
    if (created.ok()) *response = ToProtoLog(**created, engine_);
    return created.status();
  });
}

grpc::ServerUnaryReactor* LogAdminService::GetLog(grpc::CallbackServerContext* context,
                                                  const v1::GetLogRequest* request, v1::Log* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::Status admitted = Admit(*request);
  if (!admitted.ok()) return Finish(reactor, admitted);
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, request->log());
  if (log.ok()) *response = ToProtoLog(**log, engine_);
  return Finish(reactor, log.status());
}

grpc::ServerUnaryReactor* LogAdminService::ListLogs(grpc::CallbackServerContext* context,
                                                    const v1::ListLogsRequest* request,
                                                    v1::ListLogsResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::Status admitted = Admit(*request);
  if (!admitted.ok()) return Finish(reactor, admitted);
  const absl::StatusOr<NamePage<std::shared_ptr<Log>>> page =
      TakeNamePage(engine_.logs(), request->page_size(), request->page_token(),
                   [](const std::shared_ptr<Log>& log) -> const std::string& { return log->name(); });
  if (!page.ok()) return Finish(reactor, page.status());
  for (const std::shared_ptr<Log>& log : page->things) *response->add_logs() = ToProtoLog(*log, engine_);
  response->set_next_page_token(page->next_page_token);
  return Finish(reactor, absl::OkStatus());
}

absl::StatusOr<LogSettings> LogAdminService::NewSettings(const Log& log, const v1::UpdateLogRequest& request) const {
  const absl::StatusOr<LogSettings> changes = ToLogSettings(request.log());
  if (!changes.ok()) return changes;
  absl::StatusOr<LogSettings> settings =
      request.has_update_mask() ? MaskedSettings(log.settings(), *changes, request.update_mask()) : changes;
  if (!settings.ok()) return settings;
  const absl::Status valid = CheckSettings(*settings);
  if (!valid.ok()) return valid;
  return settings;
}

absl::Status LogAdminService::Update(const v1::UpdateLogRequest& request, v1::Log& response) {
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, request.log().log());
  if (!log.ok()) return log.status();
  const absl::StatusOr<LogSettings> settings = NewSettings(**log, request);
  if (!settings.ok()) return settings.status();
  absl::Notification changed;
  absl::Status outcome;
  (*log)->Change(ChangeSettings{*settings}, [&](const absl::StatusOr<Cursor>& done) {
    outcome = done.status();
    changed.Notify();
  });
  changed.WaitForNotification();
  if (outcome.ok()) response = ToProtoLog(**log, engine_);
  return outcome;
}

grpc::ServerUnaryReactor* LogAdminService::UpdateLog(grpc::CallbackServerContext* context,
                                                     const v1::UpdateLogRequest* request, v1::Log* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::Status admitted = Admit(*request);
  if (!admitted.ok()) return Finish(reactor, admitted);
  return Submit(reactor, [this, request, response] { return Update(*request, *response); });
}

grpc::ServerUnaryReactor* LogAdminService::DeleteLog(grpc::CallbackServerContext* context,
                                                     const v1::DeleteLogRequest* request, google::protobuf::Empty*) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::Status admitted = Admit(*request);
  if (!admitted.ok()) return Finish(reactor, admitted);
  if (request->log().empty()) {
    return Finish(reactor, InvalidField("LOG_INVALID", "log", "empty; right is the name of the log to delete"));
  }
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, request->log());
  if (!log.ok()) return Finish(reactor, log.status());
  return Submit(reactor, [this, request] { return engine_.DeleteLog(request->log()); });
}

grpc::ServerUnaryReactor* LogAdminService::TrimLog(grpc::CallbackServerContext* context,
                                                   const v1::TrimLogRequest* request, v1::TrimLogResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::Status admitted = Admit(*request);
  if (!admitted.ok()) return Finish(reactor, admitted);
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, request->log());
  if (!log.ok()) return Finish(reactor, log.status());
  if (request->next_offset() < 0) {
    return Finish(reactor, InvalidField("OFFSET_INVALID", "next_offset",
                                        absl::StrCat(request->next_offset(), "; right is 0 or more")));
  }
  // A log that answers is there, whatever becomes of it meanwhile.
  (*log)->Change(eventlog::TrimLog{request->next_offset()},
                 [this, reactor, log = log->get(), response](const absl::StatusOr<Cursor>& trimmed) {
                   if (trimmed.ok()) response->set_start_offset(log->bounds().start_offset);
                   Finish(reactor, trimmed.status());
                 });
  return reactor;
}

grpc::ServerWriteReactor<v1::VerifyLogResponse>* LogAdminService::VerifyLog(grpc::CallbackServerContext*,
                                                                            const v1::VerifyLogRequest* request) {
  return scans_.Verify(*request);
}

grpc::ServerWriteReactor<v1::BackupLogResponse>* LogAdminService::BackupLog(grpc::CallbackServerContext*,
                                                                            const v1::BackupLogRequest* request) {
  return scans_.Backup(*request);
}

}  // namespace eventlog
