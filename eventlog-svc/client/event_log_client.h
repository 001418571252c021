// Appends events without waiting for the log: AppendEvent takes the event and returns.
//
// One ordered stream carries batches; each has the producer's sequence, so that what is sent again after a broken
// connection is stored once. A service that is away, full or restarting is tried again for as long as the client is
// open. An event that the service refuses for good is rejected alone; its neighbours go on. Failures are logged and
// counted, never thrown.

#ifndef EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_H_
#define EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/append_queue.h"
#include "eventlog-svc/client/backoff.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

struct EventLogClientOptions {
  std::string log;          // empty: "events"
  std::string producer_id;  // a random one when empty; a name must be used by one client at a time
  AppendQueueOptions queue;
  BackoffOptions backoff;
  // A larger event is rejected here: the service would not even read it.
  int64_t event_bytes_max = 4 * 1024 * 1024;
};

// Events, since the client was made. queued = acknowledged + rejected + those on their way + those lost by Close.
struct EventLogClientCounters {
  int64_t queued = 0;
  int64_t acknowledged = 0;
  int64_t rejected = 0;  // refused for good, or given up by Close
  int64_t dropped = 0;   // never taken: the queue was full or the client closed
  int64_t connections = 0;
};

// Thread safe.
class EventLogClient {
 public:
  EventLogClient(const std::shared_ptr<grpc::Channel>& channel, EventLogClientOptions options);
  // Closes without waiting.
  ~EventLogClient();

  // Takes the event, or says at once why not: kResourceExhausted when the queue is full, kUnavailable when the client
  // is closed; both count as dropped and `done` is not called. Else `done` hears of the outcome, on a thread of the
  // client; it must return soon, and must not call Flush or Close.
  absl::Status AppendEvent(v1::Event event, AppendDone done = nullptr);
  // Waits until AppendEvent would have room for an event of this size. False at the deadline, or when the client is
  // closed.
  bool WaitForRoom(int64_t event_bytes, absl::Time deadline);
  // Waits until everything that was taken is answered. False at the deadline.
  bool Flush(absl::Time deadline);
  // Takes no more events, waits as Flush does, and ends; what is not acknowledged by then counts as rejected, and its
  // `done` hears kUnavailable. Returns whether all was answered.
  bool Close(absl::Time deadline);

  EventLogClientCounters counters() const;

 private:
  struct Answered {
    AppendQueue::Batch batch;
    absl::StatusOr<int64_t> first_offset;
  };

  void Run();
  // One connection, until it breaks.
  absl::Status SendBatches();
  void ReadAnswers(grpc::ClientReaderWriter<v1::AppendRequest, v1::AppendStreamResponse>& stream);
  // False: the stream must be begun anew.
  bool HandleAnswer(const v1::AppendStreamResponse& response);
  // A batch was refused for good: rejects it, or splits it to find the event that is at fault.
  void HandleRefusal(const absl::Status& status);
  void TakeNewIdentity(bool new_id);
  v1::AppendRequest ToRequest(const AppendQueue::Batch& batch) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(Answered answered);
  // Whether a batch waits for an answer on the present connection.
  bool AnswerIsExpected() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }
  bool CanSend() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || broken_ || queue_.HasNext(); }
  bool AllAnswered() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return queue_.empty() && finishing_ == 0; }

  const EventLogClientOptions options_;
  const std::unique_ptr<v1::EventLog::Stub> stub_;
  absl::BitGen random_;  // of backoff_

  mutable absl::Mutex mutex_;
  Backoff backoff_ ABSL_GUARDED_BY(mutex_);
  AppendQueue queue_ ABSL_GUARDED_BY(mutex_);
  std::string producer_id_ ABSL_GUARDED_BY(mutex_);
  int64_t epoch_ ABSL_GUARDED_BY(mutex_);
  EventLogClientCounters counters_ ABSL_GUARDED_BY(mutex_);
  int finishing_ ABSL_GUARDED_BY(mutex_) = 0;  // batches whose callbacks run
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;      // the present stream takes no more
  bool begin_anew_ ABSL_GUARDED_BY(mutex_) = false;  // and the next one begins without a pause
  absl::Duration retry_delay_ ABSL_GUARDED_BY(mutex_);
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;

  absl::Mutex close_mutex_;  // one Close at a time
  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_H_
