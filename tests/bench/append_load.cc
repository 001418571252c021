#include "tests/bench/append_load.h"

#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog::bench {
namespace {

// When the messages on their way were written; bounds them.
class Window {
 public:
  explicit Window(int size) : size_(size) {}

  void Enter() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Window::HasRoom));
    sent_.push_back(absl::Now());
  }
  absl::Time Leave() {
    absl::MutexLock lock(&mutex_);
    const absl::Time sent = sent_.front();
    sent_.pop_front();
    return sent;
  }

 private:
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return static_cast<int>(sent_.size()) < size_; }

  const int size_;
  absl::Mutex mutex_;
  std::deque<absl::Time> sent_ ABSL_GUARDED_BY(mutex_);
};

// Appends while `more` says so of the events sent and the time since the start.
AppendResultSummary AppendWhile(const std::string& address, const Shape& shape,
                                const std::function<bool(int64_t, absl::Duration)>& more) {
  const auto stub = v1::EventLog::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto stream = stub->AppendStream(&context);
  const v1::AppendRequest request = MakeAppendRequest(shape.events_per_message, shape.event_bytes);
  Window window(shape.messages_in_flight);
  AppendResultSummary summary;
  const absl::Time start = absl::Now();

  std::thread reader([&] {
    v1::AppendStreamResponse response;
    while (stream->Read(&response)) {
      CHECK(response.has_appended()) << response.error().message();
      summary.latency_us.Add(absl::ToDoubleMicroseconds(absl::Now() - window.Leave()));
      summary.events += shape.events_per_message;
    }
  });
  for (int64_t sent = 0; more(sent, absl::Now() - start); sent += shape.events_per_message) {
    window.Enter();
    CHECK(stream->Write(request)) << "the stream broke";
  }
  stream->WritesDone();
  reader.join();
  const grpc::Status status = stream->Finish();
  CHECK(status.ok()) << status.error_message();
  summary.elapsed = absl::Now() - start;
  return summary;
}

}  // namespace

v1::AppendRequest MakeAppendRequest(int count, int event_bytes) {
  v1::AppendRequest request;
  for (int i = 0; i < count; ++i) {
    v1::Event* event = request.add_events();
    event->set_id("01234567-89ab-7def-8123-456789abcdef");
    event->set_type("bench.event");
    event->set_source("/bench");
    event->mutable_time()->set_seconds(1'700'000'000);
    event->set_text("\"\"");
    const int missing = event_bytes - static_cast<int>(event->ByteSizeLong());
    if (missing > 0) event->set_text("\"" + std::string(missing, 'x') + "\"");
  }
  return request;
}

AppendResultSummary RunAppendLoad(const std::string& address, const Shape& shape, absl::Duration duration) {
  return AppendWhile(address, shape, [duration](int64_t, absl::Duration elapsed) { return elapsed < duration; });
}

AppendResultSummary AppendEvents(const std::string& address, const Shape& shape, int64_t events) {
  return AppendWhile(address, shape, [events](int64_t sent, absl::Duration) { return sent < events; });
}

}  // namespace eventlog::bench
