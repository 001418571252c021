#include "eventlog-svc/rpc/event_log_service.h"

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/rpc/append_intake.h"
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

// A reactor that only finishes.
class FailedSubscription : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit FailedSubscription(const absl::Status& status) { Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

// A unary append.
class AppendCall : public grpc::ServerUnaryReactor {
 public:
  explicit AppendCall(CallCount& calls) : calls_(calls) { calls_.Begin(); }
  ~AppendCall() override { calls_.End(); }
  void OnDone() override { delete this; }

 private:
  CallCount& calls_;
};

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
    : engine_(engine), validator_(options.limits), errors_(errors) {
  for (int i = 0; i < options.pump_threads; ++i) {
    pumps_.push_back(std::make_unique<SubscriptionPump>([this](const absl::Status& status) { errors_.Count(status); }));
    engine_.AddListener(pumps_.back().get());
  }
  readers_ = std::make_unique<WorkerPool>(options.read_threads, options.read_queue_max);
}

EventLogService::~EventLogService() {
  for (const auto& pump : pumps_) engine_.RemoveListener(pump.get());
}

grpc::ServerUnaryReactor* EventLogService::Append(grpc::CallbackServerContext*, const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  auto* const reactor = new AppendCall(calls_);
  const auto refuse = [&](const absl::Status& status) {
    errors_.Count(status);
    reactor->Finish(ToGrpcStatus(status));
    return reactor;
  };
  absl::StatusOr<AppendIntake> intake = TakeAppend(*request, engine_, validator_, absl::Now());
  if (!intake.ok()) return refuse(intake.status());
  intake->log->Append(std::move(intake->batch), [this, reactor, response](absl::StatusOr<AppendResult> result) {
    if (result.ok()) {
      *response = ToAppendResponse(*result);
    } else {
      errors_.Count(result.status());
    }
    reactor->Finish(ToGrpcStatus(result.status()));
  });
  return reactor;
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* EventLogService::AppendStream(
    grpc::CallbackServerContext*) {
  return AppendStream::Start(engine_, validator_, calls_,
                             [this](const absl::Status& status) { errors_.Count(status); });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EventLogService::Subscribe(grpc::CallbackServerContext*,
                                                                       const grpc::ByteBuffer* request) {
  const auto refuse = [&](const absl::Status& status) {
    errors_.Count(status);
    return new FailedSubscription(status);
  };
  const absl::StatusOr<v1::SubscribeRequest> parsed = ParseSubscribeRequest(*request);
  if (!parsed.ok()) return refuse(parsed.status());
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, parsed->log());
  if (!log.ok()) return refuse(log.status());
  absl::StatusOr<SubscriptionOptions> options = validator_.Subscribe(*parsed);
  if (!options.ok()) return refuse(options.status());
  SubscriptionPump& pump = *pumps_[next_pump_.fetch_add(1, std::memory_order_relaxed) % pumps_.size()];
  auto* const stream = new SubscriptionStream(*log, *std::move(options), pump, calls_);
  if (!parsed->has_cursor()) {
    pump.Add(stream);
    return stream;
  }
  (*log)->Change(TakeCursor{parsed->cursor()}, [this, stream, &pump](const absl::StatusOr<Cursor>& taken) {
    if (taken.ok()) {
      stream->subscription.HoldCursor(*taken);
      pump.Add(stream);
      return;
    }
    errors_.Count(taken.status());
    stream->Finish(ToGrpcStatus(taken.status()));
  });
  return stream;
}

grpc::ServerUnaryReactor* EventLogService::Read(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                grpc::ByteBuffer* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const auto refuse = [this, reactor](const absl::Status& status) {
    errors_.Count(status);
    reactor->Finish(ToGrpcStatus(status));
    return reactor;
  };
  const absl::StatusOr<v1::ReadRequest> parsed = ParseReadRequest(*request);
  if (!parsed.ok()) return refuse(parsed.status());
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, parsed->log());
  if (!log.ok()) return refuse(log.status());
  absl::StatusOr<ReadPlan> plan = validator_.Read(*parsed);
  if (!plan.ok()) return refuse(plan.status());
  // The context lives until the call is finished.
  const bool queued = readers_->Submit([this, context, log = *log, plan = *std::move(plan), response, reactor, refuse] {
    absl::StatusOr<FilteredPage> page = ReadFilteredPage(*log, plan, [&] { return MayReadOn(*context); });
    if (absl::IsCancelled(page.status())) return reactor->Finish(grpc::Status::CANCELLED);  // no refusal: nobody waits
    if (!page.ok()) {
      refuse(page.status());
      return;
    }
    *response = ToReadResponse(std::move(page->records), page->rest);
    reactor->Finish(grpc::Status::OK);
  });
  return queued ? reactor : refuse(QueueFull("reads"));
}

absl::Status EventLogService::MayReadOn(const grpc::CallbackServerContext& context) const {
  if (draining_.load(std::memory_order_relaxed)) return DrainingError();
  return context.IsCancelled() ? absl::CancelledError("the client is gone") : absl::OkStatus();
}

grpc::ServerUnaryReactor* EventLogService::GetLogStats(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const auto refuse = [this, reactor](const absl::Status& status) {
    errors_.Count(status);
    reactor->Finish(ToGrpcStatus(status));
    return reactor;
  };
  const absl::StatusOr<v1::GetLogStatsRequest> parsed = ParseGetLogStatsRequest(*request);
  if (!parsed.ok()) return refuse(parsed.status());
  const absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, parsed->log());
  if (!log.ok()) return refuse(log.status());
  const absl::Status valid = validator_.GetLogStats(*parsed);
  if (!valid.ok()) return refuse(valid);
  const auto answer = [log = *log, response, reactor] {
    *response = ToBuffer(ToLogStats(*log, absl::Now()));
    reactor->Finish(grpc::Status::OK);
  };
  // Only a log with cursors is read for its statistics.
  if ((*log)->cursors().empty()) {
    answer();
    return reactor;
  }
  return readers_->Submit(answer) ? reactor : refuse(QueueFull("reads"));
}

void EventLogService::Drain(absl::Duration retry_delay) {
  draining_.store(true, std::memory_order_relaxed);
  for (const auto& pump : pumps_) pump->Drain(retry_delay);
}

int64_t EventLogService::subscriptions() const {
  int64_t count = 0;
  for (const auto& pump : pumps_) count += pump->size();
  return count;
}

}  // namespace eventlog
