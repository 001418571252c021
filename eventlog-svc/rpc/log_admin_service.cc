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

template <typename Call>
void LogAdminService::Finish(Call* call, const absl::Status& status) {
  if (!status.ok()) errors_.Count(status);
  call->Finish(ToGrpcStatus(status));
}

// The request and the response live until the call is finished.
template <typename Call>
void LogAdminService::Submit(Call* call, absl::AnyInvocable<absl::Status()> work) {
  const bool queued = worker_.Submit([this, call, work = std::move(work)]() mutable { Finish(call, work()); });
  if (!queued) Finish(call, QueueFull("changes of logs"));
}

void LogAdminService::Serve(CallQueue& queue) {
  const auto on_error = [this](const absl::Status& status) { errors_.Count(status); };
  CreateCall::Serve(
      queue, [this](auto... arguments) { RequestCreateLog(arguments...); }, [this](CreateCall* call) { Create(call); },
      on_error);
  GetCall::Serve(
      queue, [this](auto... arguments) { RequestGetLog(arguments...); }, [this](GetCall* call) { Get(call); },
      on_error);
  ListCall::Serve(
      queue, [this](auto... arguments) { RequestListLogs(arguments...); }, [this](ListCall* call) { List(call); },
      on_error);
  UpdateCall::Serve(
      queue, [this](auto... arguments) { RequestUpdateLog(arguments...); }, [this](UpdateCall* call) { Update(call); },
      on_error);
  DeleteCall::Serve(
      queue, [this](auto... arguments) { RequestDeleteLog(arguments...); }, [this](DeleteCall* call) { Delete(call); },
      on_error);
  TrimCall::Serve(
      queue, [this](auto... arguments) { RequestTrimLog(arguments...); }, [this](TrimCall* call) { Trim(call); },
      on_error);
  VerifyStream::Call::Serve(
      queue, [this](auto... arguments) { RequestVerifyLog(arguments...); },
      [this](VerifyStream::Call* call) { scans_.Verify(call); });
  BackupStream::Call::Serve(
      queue, [this](auto... arguments) { RequestBackupLog(arguments...); },
      [this](BackupStream::Call* call) { scans_.Backup(call); });
}

void LogAdminService::Create(CreateCall* call) {
  const absl::Status admitted = Admit(call->request());
  if (!admitted.ok()) return Finish(call, admitted);
  absl::StatusOr<std::string> name = NewName(call->request());
  if (!name.ok()) return Finish(call, name.status());
  absl::StatusOr<LogSettings> settings = ToLogSettings(call->request().log());
  if (!settings.ok()) return Finish(call, settings.status());
  const absl::Status valid = CheckSettings(*settings);
  if (!valid.ok()) return Finish(call, valid);
  return Submit(call, [this, name = *std::move(name), settings = *settings, call] {
    const absl::StatusOr<std::shared_ptr<Log>> created = engine_.CreateLog(name, settings);
    if (created.ok()) call->response() = ToProtoLog(**created, engine_);
    return created.status();
  });
}

void LogAdminService::Get(GetCall* call) {
  const absl::Status admitted = Admit(call->request());
  if (!admitted.ok()) return Finish(call, admitted);
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, call->request().log());
  if (log.ok()) call->response() = ToProtoLog(**log, engine_);
  return Finish(call, log.status());
}

void LogAdminService::List(ListCall* call) {
  const absl::Status admitted = Admit(call->request());
  if (!admitted.ok()) return Finish(call, admitted);
  const absl::StatusOr<NamePage<std::shared_ptr<Log>>> page =
      TakeNamePage(engine_.logs(), call->request().page_size(), call->request().page_token(),
                   [](const std::shared_ptr<Log>& log) -> const std::string& { return log->name(); });
  if (!page.ok()) return Finish(call, page.status());
  for (const std::shared_ptr<Log>& log : page->things) *call->response().add_logs() = ToProtoLog(*log, engine_);
  call->response().set_next_page_token(page->next_page_token);
  return Finish(call, absl::OkStatus());
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

absl::Status LogAdminService::UpdateSettings(const v1::UpdateLogRequest& request, v1::Log& response) {
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

void LogAdminService::Update(UpdateCall* call) {
  const absl::Status admitted = Admit(call->request());
  if (!admitted.ok()) return Finish(call, admitted);
  return Submit(call, [this, call] { return UpdateSettings(call->request(), call->response()); });
}

void LogAdminService::Delete(DeleteCall* call) {
  const absl::Status admitted = Admit(call->request());
  if (!admitted.ok()) return Finish(call, admitted);
  if (call->request().log().empty()) {
    return Finish(call, InvalidField("LOG_INVALID", "log", "empty; right is the name of the log to delete"));
  }
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, call->request().log());
  if (!log.ok()) return Finish(call, log.status());
  return Submit(call, [this, call] { return engine_.DeleteLog(call->request().log()); });
}

void LogAdminService::Trim(TrimCall* call) {
  const absl::Status admitted = Admit(call->request());
  if (!admitted.ok()) return Finish(call, admitted);
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, call->request().log());
  if (!log.ok()) return Finish(call, log.status());
  if (call->request().next_offset() < 0) {
    return Finish(call, InvalidField("OFFSET_INVALID", "next_offset",
                                     absl::StrCat(call->request().next_offset(), "; right is 0 or more")));
  }
  // A log that answers is there, whatever becomes of it meanwhile.
  (*log)->Change(eventlog::TrimLog{call->request().next_offset()},
                 [this, call, log = log->get()](const absl::StatusOr<Cursor>& trimmed) {
                   if (trimmed.ok()) call->response().set_start_offset(log->bounds().start_offset);
                   Finish(call, trimmed.status());
                 });
}

}  // namespace eventlog
