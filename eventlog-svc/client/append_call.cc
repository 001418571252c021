#include "eventlog-svc/client/append_call.h"

#include <utility>

#include "eventlog-svc/client/stream_end.h"

namespace eventlog {

void AppendCall::Start(v1::EventLog::Stub& stub, Handler handler) {
  handler_ = std::move(handler);
  stream_ = stub.AppendStream(&context_);
  std::thread([this] { Read(); }).swap(reader_);
}

void AppendCall::Read() {
  v1::AppendStreamResponse response;
  while (stream_->Read(&response)) {
    if (handler_.on_answer(response)) continue;
    Cancel();
    break;
  }
  handler_.on_end();
  // gRPC finishes a call only when nothing is being written on it.
  const auto finish = [this] {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](bool* writing) { return !*writing; }, &writing_));
    }
    return stream_->Finish();
  };
  end_ = FinishStream(finish, [this] { Cancel(); });
}

bool AppendCall::WriteBatch(v1::AppendRequest& request, AppendQueue::Batch& batch) {
  auto& events = *request.mutable_events();
  events.Reserve(static_cast<int>(batch.entries.size()));
  for (AppendQueue::Entry& entry : batch.entries) events.UnsafeArenaAddAllocated(&entry.event);
  const bool written = Write(request);
  while (!events.empty()) events.UnsafeArenaReleaseLast();
  return written;
}

absl::Status AppendCall::Finish() {
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
  }
  reader_.join();
  return end_;
}

}  // namespace eventlog
