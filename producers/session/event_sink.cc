#include "producers/session/event_sink.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace eventlog {
namespace {

// What is given at once.
constexpr size_t kBatchEvents = 256;
constexpr int64_t kBatchBytes = 1024 * 1024;
// Between two tries at the end.
constexpr absl::Duration kClosingInterval = absl::Milliseconds(50);

}  // namespace

EventSink::EventSink(EventSinkOptions options) : options_(std::move(options)), thread_([this] { Run(); }) {}

EventSink::~EventSink() { Close(absl::InfinitePast()); }

void EventSink::Add(v1::Event event) {
  const absl::MutexLock lock(&mutex_);
  if (closing_ || events_waiting_ >= options_.events_max) {
    ++counts_.events_dropped;
    return;
  }
  ++events_waiting_;
  const int64_t bytes = static_cast<int64_t>(event.ByteSizeLong());
  queue_.push_back({std::move(event), false, bytes});
}

bool EventSink::AddOutput(v1::Event event) {
  const int64_t bytes = static_cast<int64_t>(event.ByteSizeLong());
  const absl::MutexLock lock(&mutex_);
  if (closing_ || output_bytes_waiting_ + bytes > options_.output_bytes_max) return false;
  output_bytes_waiting_ += bytes;
  queue_.push_back({std::move(event), true, bytes});
  return true;
}

bool EventSink::Flush(absl::Time deadline) {
  const absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(this, &EventSink::IsIdle), deadline) && !failing_;
}

EventSinkCounts EventSink::Close(absl::Time deadline) {
  {
    const absl::MutexLock lock(&mutex_);
    closing_ = true;
    deadline_ = std::min(deadline_, deadline);
  }
  if (thread_.joinable()) thread_.join();
  const absl::MutexLock lock(&mutex_);
  for (const Waiting& left : queue_) ++(left.output ? counts_.output_dropped : counts_.events_dropped);
  queue_.clear();
  return counts_;
}

void EventSink::Run() {
  while (true) {
    std::vector<Waiting> batch = Take();
    if (batch.empty()) return;
    std::vector<v1::Event> events;
    events.reserve(batch.size());
    for (Waiting& waiting : batch) events.push_back(std::move(waiting.event));
    const absl::Status status = options_.add(events);
    if (status.ok()) {
      const absl::MutexLock lock(&mutex_);
      counts_.added += static_cast<int64_t>(events.size());
      giving_ = false;
      failing_ = false;
      continue;
    }
    for (size_t i = 0; i < events.size(); ++i) batch[i].event = std::move(events[i]);
    if (!Failed(status, std::move(batch))) return;
  }
}

std::vector<EventSink::Waiting> EventSink::Take() {
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &EventSink::SomethingToDo));
  std::vector<Waiting> batch;
  giving_ = !queue_.empty();
  int64_t bytes = 0;
  while (!queue_.empty() && batch.size() < kBatchEvents && bytes < kBatchBytes) {
    Waiting& first = queue_.front();
    bytes += first.bytes;
    if (first.output) {
      output_bytes_waiting_ -= first.bytes;
    } else {
      --events_waiting_;
    }
    batch.push_back(std::move(first));
    queue_.pop_front();
  }
  return batch;
}

bool EventSink::Failed(const absl::Status& error, std::vector<Waiting> batch) {
  const absl::MutexLock lock(&mutex_);
  counts_.last_error = error;
  giving_ = false;
  failing_ = true;
  // Output is not worth that it waits: where there is no room it would only be in the way of the rest.
  const bool keep_output = absl::IsUnavailable(error);
  for (auto waiting = batch.rbegin(); waiting != batch.rend(); ++waiting) {
    if (waiting->output && !keep_output) {
      ++counts_.output_dropped;
      continue;
    }
    if (waiting->output) {
      output_bytes_waiting_ += waiting->bytes;
    } else {
      ++events_waiting_;
    }
    queue_.push_front(std::move(*waiting));
  }
  if (!closing_) {
    mutex_.AwaitWithTimeout(absl::Condition(this, &EventSink::IsClosing), options_.retry_interval);
    return true;
  }
  if (!absl::IsUnavailable(error) || absl::Now() >= deadline_) return false;
  // Nothing becomes true before the time is over.
  mutex_.AwaitWithTimeout(absl::Condition(
                              +[](bool* closing) { return !*closing; }, &closing_),
                          kClosingInterval);
  return true;
}

}  // namespace eventlog
