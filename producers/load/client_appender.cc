#include "producers/load/client_appender.h"

#include <utility>

namespace eventlog {
namespace {

EventLogClientOptions Options(std::string log, int batch_events_max, EventLogClientObserver* observer) {
  EventLogClientOptions options;
  options.log = std::move(log);
  options.queue.batch_events_max = batch_events_max;
  options.observer = observer;
  return options;
}

}  // namespace

ClientAppender::ClientAppender(const std::shared_ptr<grpc::Channel>& channel, std::string log, int batch_events_max)
    : client_(channel, Options(std::move(log), batch_events_max, this)) {}

void ClientAppender::OnBatchAnswered(const AnsweredBatch& batch) {
  if (batch.duplicate) duplicates_ += batch.events;
}

absl::Status ClientAppender::Append(v1::Event event, AppendDone done) {
  if (!client_.WaitForRoom(static_cast<int64_t>(event.ByteSizeLong()), absl::InfiniteFuture())) {
    return absl::CancelledError("the load is over");
  }
  return client_.AppendEvent(std::move(event), std::move(done));
}

void ClientAppender::Finish() { client_.Flush(absl::InfiniteFuture()); }

void ClientAppender::Abort() { client_.Close(absl::InfinitePast()); }

}  // namespace eventlog
