#include "eventlog-svc/rpc/event_log_service.h"

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/rpc/append_stream.h"
#include "eventlog-svc/rpc/cursor_lag.h"
#include "eventlog-svc/rpc/event_validator.h"
#include "eventlog-svc/rpc/find_log.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/read_page.h"
#include "eventlog-svc/rpc/refusals.h"
#include "eventlog-svc/rpc/request_parser.h"
#include "eventlog-svc/rpc/wire_messages.h"

namespace eventlog {
namespace {

// Of a log whose end is damaged no time may be known: none is better than one that no reader can parse.
bool CanBeSaid(const std::optional<absl::Time>& time) {
  return time.has_value() && ValidateTime(ToProtoTime(*time)).ok();
}

}  // namespace

v1::LogStats ToLogStats(const Log& log, absl::Time now) {
  const LogSize size = log.size();
  v1::LogStats stats;
  stats.set_log(log.name());
  stats.set_start_offset(size.bounds.start_offset);
  stats.set_head_offset(size.bounds.head_offset);
  stats.set_record_count(size.record_count);
  stats.set_byte_count(size.byte_count);
  if (CanBeSaid(size.oldest_append_time)) *stats.mutable_oldest_append_time() = ToProtoTime(*size.oldest_append_time);
  if (CanBeSaid(size.newest_append_time)) *stats.mutable_newest_append_time() = ToProtoTime(*size.newest_append_time);
  stats.set_epoch(log.epoch());
  for (const CursorLag& lag : CursorLags(log, now)) {
    v1::CursorLag& out = *stats.add_cursors();
    out.set_cursor(lag.cursor.name);
    out.set_next_offset(lag.cursor.next_offset);
    out.set_lag_records(lag.records);
    if (lag.time.has_value()) *out.mutable_lag_time() = ToProtoDuration(*lag.time);
  }
  return stats;
}

EventLogService::EventLogService(Engine& engine, const EventLogServiceOptions& options, ErrorCounter& errors)
    : engine_(engine), validator_(options.limits), intake_(engine_, validator_), errors_(errors) {
  for (int i = 0; i < options.pump_threads; ++i) {
    pumps_.push_back(std::make_unique<SubscriptionPump>([this](const absl::Status& status) { errors_.Count(status); }));
    engine_.AddListener(pumps_.back().get());
  }
  readers_ = std::make_unique<WorkerPool>(options.read_threads, options.read_queue_max);
}

EventLogService::~EventLogService() {
  for (const auto& pump : pumps_) engine_.RemoveListener(pump.get());
}

void EventLogService::Serve(CallQueue& queue) {
  RawCall::Serve(
      queue, [this](auto... arguments) { RequestAppend(arguments...); },
      [this](RawCall* call) { TakeAppendCall(call); });
  AppendStream::Call::Serve(
      queue, [this](auto... arguments) { RequestAppendStream(arguments...); },
      [this](AppendStream::Call* call) {
        AppendStream::Start(call, intake_, append_streams_,
                            [this](const absl::Status& status) { errors_.Count(status); });
      });
  SubscriptionStream::Call::Serve(
      queue, [this](auto... arguments) { RequestSubscribe(arguments...); },
      [this](SubscriptionStream::Call* call) { TakeSubscribeCall(call); });
  RawCall::Serve(
      queue, [this](auto... arguments) { RequestRead(arguments...); }, [this](RawCall* call) { TakeReadCall(call); },
      /*watches_cancel=*/true);
  RawCall::Serve(
      queue, [this](auto... arguments) { RequestGetLogStats(arguments...); },
      [this](RawCall* call) { TakeStatsCall(call); });
}

template <typename Call>
void EventLogService::Refuse(Call* call, const absl::Status& status) {
  errors_.Count(status);
  call->Finish(ToGrpcStatus(status));
}

void EventLogService::TakeAppendCall(RawCall* call) {
  absl::StatusOr<AppendIntake::Taken> taken = intake_.Take(call->request(), absl::Now());
  if (!taken.ok()) return Refuse(call, taken.status());
  taken->log->Append(std::move(taken->batch), [this, call](const absl::StatusOr<AppendResult>& result) {
    if (!result.ok()) return Refuse(call, result.status());
    call->response() = ToAppendResponse(*result);
    call->Finish(grpc::Status::OK);
  });
}

void EventLogService::TakeSubscribeCall(SubscriptionStream::Call* call) {
  const absl::StatusOr<v1::SubscribeRequest> parsed = ParseSubscribeRequest(call->request());
  if (!parsed.ok()) return Refuse(call, parsed.status());
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, parsed->log());
  if (!log.ok()) return Refuse(call, log.status());
  absl::StatusOr<SubscriptionOptions> options = validator_.Subscribe(*parsed);
  if (!options.ok()) return Refuse(call, options.status());
  SubscriptionPump& pump = *pumps_[next_pump_++ % pumps_.size()];
  auto* const stream = new SubscriptionStream(call, *log, *std::move(options), pump);
  if (!parsed->has_cursor()) return pump.Add(stream);
  (*log)->Change(TakeCursor{parsed->cursor()}, [this, call, stream, &pump](const absl::StatusOr<Cursor>& taken) {
    if (!taken.ok()) return Refuse(call, taken.status());
    stream->subscription.HoldCursor(*taken);
    pump.Add(stream);
  });
}

void EventLogService::TakeReadCall(RawCall* call) {
  const absl::StatusOr<v1::ReadRequest> parsed = ParseReadRequest(call->request());
  if (!parsed.ok()) return Refuse(call, parsed.status());
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, parsed->log());
  if (!log.ok()) return Refuse(call, log.status());
  absl::StatusOr<ReadPlan> plan = validator_.Read(*parsed);
  if (!plan.ok()) return Refuse(call, plan.status());
  const bool queued = readers_->Submit([this, call, log = *log, plan = *std::move(plan)] {
    absl::StatusOr<FilteredPage> page = ReadFilteredPage(*log, plan, [&] { return MayReadOn(*call); });
    if (absl::IsCancelled(page.status())) return call->Finish(grpc::Status::CANCELLED);  // no refusal: nobody waits
    if (!page.ok()) return Refuse(call, page.status());
    call->response() = ToReadResponse(std::move(page->records), page->rest);
    call->Finish(grpc::Status::OK);
  });
  if (!queued) Refuse(call, QueueFull("reads"));
}

absl::Status EventLogService::MayReadOn(const RawCall& call) const {
  if (draining_.load(std::memory_order_relaxed)) return DrainingError();
  return call.cancelled() ? absl::CancelledError("the client is gone") : absl::OkStatus();
}

void EventLogService::TakeStatsCall(RawCall* call) {
  const absl::StatusOr<v1::GetLogStatsRequest> parsed = ParseGetLogStatsRequest(call->request());
  if (!parsed.ok()) return Refuse(call, parsed.status());
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, parsed->log());
  if (!log.ok()) return Refuse(call, log.status());
  const absl::Status valid = validator_.GetLogStats(*parsed);
  if (!valid.ok()) return Refuse(call, valid);
  const auto answer = [log = *log, call] {
    call->response() = ToBuffer(ToLogStats(*log, absl::Now()));
    call->Finish(grpc::Status::OK);
  };
  // Only a log with cursors is read for its statistics.
  if ((*log)->cursors().empty()) return answer();
  if (!readers_->Submit(answer)) Refuse(call, QueueFull("reads"));
}

void EventLogService::Drain(absl::Duration retry_delay) {
  draining_.store(true, std::memory_order_relaxed);
  for (const auto& pump : pumps_) pump->Drain(retry_delay);
  append_streams_.Drain();
}

int64_t EventLogService::subscriptions() const {
  int64_t count = 0;
  for (const auto& pump : pumps_) count += pump->size();
  return count;
}

}  // namespace eventlog
