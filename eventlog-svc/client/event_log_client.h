// Appends events without waiting for the log: AppendEvent takes the event and returns.
//
// One ordered stream carries batches; each has the producer's sequence, so that what is sent again after a broken
// connection is stored once. A service that is away, full or restarting is tried again for as long as the client is
// open. An event that the service refuses for good is rejected alone; its neighbours go on. Failures are logged and
// counted, never thrown.
//
// A client whose name another one has taken (PRODUCER_FENCED) is at its end: it rejects what it has and every later
// event with that status, and never goes on under another name. What was not answered by then may be stored.

#ifndef EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_H_
#define EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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
  // client, or here when the event is rejected at once (too large, or the client is fenced); it must return soon, and
  // must not call Flush or Close.
  absl::Status AppendEvent(v1::Event event, AppendDone done = nullptr);
  // Waits until AppendEvent would have room for an event of this size. False at the deadline, or when the client is
  // closed.
  bool WaitForRoom(int64_t event_bytes, absl::Time deadline);
  // Waits until everything that was taken is answered. False at the deadline.
  bool Flush(absl::Time deadline);
  // Takes no more events, waits as Flush does, and ends; what is not acknowledged by then counts as rejected, and its
  // `done` hears kUnavailable, with the text and the details of the last failure after which nothing was appended.
  // Returns whether all was answered.
  bool Close(absl::Time deadline);
  bool closed() const;

  EventLogClientCounters counters() const;

 private:
  void Run();
  // One connection, until it breaks. OK: the next one begins without a pause.
  absl::Status SendBatches();
  // Reads to the end of the stream, and gives its status.
  absl::Status ReadAnswers(grpc::ClientContext& context,
                           grpc::ClientReaderWriter<v1::AppendRequest, v1::AppendStreamResponse>& stream);
  // False: the stream must be begun anew.
  bool HandleAnswer(const v1::AppendStreamResponse& response);
  bool HandleAppended(const v1::AppendResponse& appended);
  // The oldest batch was refused for good: rejects it, or splits it to find the event that is at fault.
  void HandleRefusal(const absl::Status& status);
  // The service's gRPC did not read a message. Gives what SendBatches is to return.
  absl::Status HandleTooLarge(const absl::Status& status);
  // Another client has our name.
  void Fence(const absl::Status& status);
  // The service does what it must not.
  void Distrust(absl::string_view what);
  // The present stream is given up. OK: on purpose.
  void Break(const absl::Status& cause) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // And the next one has a new epoch.
  void RenumberAndBreak(const absl::Status& cause) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  v1::AppendRequest ToRequest(const AppendQueue::Batch& batch) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes out and counts all that is not answered. Finish must follow.
  std::vector<AppendQueue::Entry> RejectAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Tells the outcome of a batch; it was counted in finishing_.
  void Finish(std::vector<AppendQueue::Entry> entries, const absl::StatusOr<int64_t>& first_offset);

  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }
  bool CanSend() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || broken_ || (queue_.HasNext() && (suspects_ == 0 || queue_.sent() == 0));
  }
  bool AllAnswered() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return queue_.empty() && finishing_ == 0; }

  const EventLogClientOptions options_;
  const std::unique_ptr<v1::EventLog::Stub> stub_;
  const std::string producer_id_;
  absl::BitGen random_;  // of backoff_

  mutable absl::Mutex mutex_;
  Backoff backoff_ ABSL_GUARDED_BY(mutex_);
  AppendQueue queue_ ABSL_GUARDED_BY(mutex_);
  int64_t epoch_ ABSL_GUARDED_BY(mutex_);
  EventLogClientCounters counters_ ABSL_GUARDED_BY(mutex_);
  int finishing_ ABSL_GUARDED_BY(mutex_) = 0;  // batches whose callbacks run
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status fenced_ ABSL_GUARDED_BY(mutex_);        // why no event is taken any more
  absl::Status last_failure_ ABSL_GUARDED_BY(mutex_);  // OK once something was appended after it
  // The oldest unanswered batches of which one may be too large for the service: sent one at a time.
  int suspects_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of the present stream.
  int64_t answered_offset_ ABSL_GUARDED_BY(mutex_) = 0;              // behind what its last answer told of
  bool sending_ ABSL_GUARDED_BY(mutex_) = false;                     // its sender may be writing
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;                      // it takes no more
  std::optional<absl::Status> break_cause_ ABSL_GUARDED_BY(mutex_);  // when it is ours to break it
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;

  absl::Mutex close_mutex_;  // one Close at a time
  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_H_
