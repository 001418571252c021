// A subscription that survives the connection: it reconnects and goes on at the next offset.

#ifndef EVENTLOG_SVC_CLIENT_EVENT_STREAM_H_
#define EVENTLOG_SVC_CLIENT_EVENT_STREAM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/backoff.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

// Hears the stream, in order, on the stream's own thread. The next message is read when a call returns: that is the
// flow control. Must not call EventStream::Stop.
class EventStreamHandler {
 public:
  virtual ~EventStreamHandler() = default;
  // A connection stands. Comes again after each reconnection; `started.epoch` is the same each time.
  virtual void OnStarted(const v1::SubscribeResponse::Started&) {}
  // Records that follow the last ones: no offset comes twice, also across reconnections.
  virtual void OnBatch(v1::SubscribeResponse::Batch& batch) = 0;
  virtual void OnGap(const v1::Gap&) {}
  virtual void OnCaughtUp(int64_t) {}
  // Everything before `next_offset` was looked at.
  virtual void OnHeartbeat(int64_t) {}
  // The connection is lost; the stream tries again by itself.
  virtual void OnDisconnected(const absl::Status&) {}
  // The stream is over: OK when `until` was reached; otherwise trying again makes no sense (the request is refused, the
  // log has another epoch than before, or the position lies outside of it). Nothing is called after it.
  virtual void OnEnded(const absl::Status&) {}
};

struct EventStreamOptions {
  // The start holds for the first connection.
  v1::SubscribeRequest request;
  BackoffOptions backoff;
  // A connection on which nothing comes for this long is given up and made anew; zero means three heartbeat intervals
  // of the request, or of the default when the request has none above zero. The time that the handler takes does not
  // count. Found within half as much again.
  absl::Duration silence_max = absl::ZeroDuration();
};

class EventStream {
 public:
  // Starts at once. The handler must outlive the stream.
  EventStream(const std::shared_ptr<grpc::Channel>& channel, EventStreamOptions options, EventStreamHandler& handler);
  // Stops.
  ~EventStream();

  // Ends the call and joins the thread; the handler is not called afterwards. Any thread but the handler's.
  void Stop();

 private:
  void Run();
  // One connection, from the call to its end. OK: the stream is over, as asked.
  absl::Status Follow(bool& over);
  // False: the connection is to be given up; `over` says whether the stream is over, and `end_status_` why.
  bool Handle(v1::SubscribeResponse& message, bool& over);
  bool Advance(int64_t next_offset);
  // Cancels calls that are silent for too long.
  void Watch();
  void SetReading(bool reading);
  bool HandleStarted(const v1::SubscribeResponse::Started& started, bool& over);
  bool HandleBatch(v1::SubscribeResponse::Batch& batch);
  // Waits; false when the stream is to stop.
  bool Pause(absl::Duration delay);

  const std::unique_ptr<v1::EventLog::Stub> stub_;
  EventStreamHandler& handler_;
  const absl::Duration silence_max_;

  // The thread's.
  v1::SubscribeRequest request_;
  std::optional<int64_t> next_offset_;
  std::string epoch_;
  bool started_ = false;  // on this connection
  absl::Status end_status_;
  absl::Duration retry_delay_;  // the service's wish
  absl::BitGen random_;
  Backoff backoff_;

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::optional<absl::Time> reading_since_ ABSL_GUARDED_BY(mutex_);
  bool silent_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
  std::thread watchdog_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_EVENT_STREAM_H_
