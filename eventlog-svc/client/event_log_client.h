// Appends events without waiting for the log: AppendEvent takes the event and returns.
//
// One ordered stream carries batches; each has the producer's sequence, so that what is sent again after a broken
// connection is stored once. A service that is away, full or restarting is tried again for as long as the client is
// open. An event that the service refuses for good is rejected alone; its neighbours go on. Failures are logged and
// counted, never thrown. README.md has an example.
//
// Several addresses, "a:7431,b:7431": when one fails the next is tried, with the same batches and sequence. Each event
// is stored once if all of them lead to the same log: two ways to one service, or the present and the next place of its
// directory. Two logs that know nothing of each other would both take what was not answered.
//
// With a spool (spool.h) an event is on disk before AppendEvent returns OK, and survives the end of this process. One
// client of all that have the folder open sends, what others added, too; when it ends another one of them goes on.
//
// A client whose name another one has taken (PRODUCER_FENCED) is at its end: it rejects what it has and every later
// event with that status, and never goes on under another name. What was not answered by then may be stored. Only a
// spool's name is nobody's wish: a copy of its folder has it too, so it takes a new one and goes on.

#ifndef EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_H_
#define EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/append_queue.h"
#include "eventlog-svc/client/backoff.h"
#include "eventlog-svc/client/batch_sender.h"
#include "eventlog-svc/client/event_log_client_counters.h"
#include "eventlog-svc/client/event_log_client_observer.h"
#include "eventlog-svc/client/server_list.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_forwarder.h"
#include "eventlog-svc/client/spool_options.h"
#include "eventlog-svc/client/spool_sender_lock.h"
#include "grpcpp/channel.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

struct EventLogClientOptions {
  std::string log;          // empty: "events"
  std::string producer_id;  // a random one when empty; a name must be used by one client at a time; not with a spool
  // The bounds of what waits in memory, what happens beyond them, and how batches form. With a spool the bounds are the
  // spool's, a batch never lingers, and kDropOldest is the same as drop_oldest of the spool.
  AppendQueueOptions queue;
  BackoffOptions backoff;
  // A larger event is rejected here: the service would not even read it.
  int64_t event_bytes_max = 4 * 1024 * 1024;
  // For Open: keep events on disk until the log has them.
  std::optional<SpoolOptions> spool;
  // Hears of batches and drops; must outlive the client.
  EventLogClientObserver* observer = nullptr;
};

// Thread safe.
class EventLogClient {
 public:
  // To the one log that this channel leads to, without a spool.
  EventLogClient(const std::shared_ptr<grpc::Channel>& channel, EventLogClientOptions options);
  // `servers` is HOST:PORT, or several with commas between. kInvalidArgument: it is not. With a spool also the errors
  // of Spool::Open.
  static absl::StatusOr<std::unique_ptr<EventLogClient>> Open(const std::string& servers,
                                                              EventLogClientOptions options);
  // Of a spool that is there: to wherever its events go. For a process that only sends, which holds the lock already;
  // with null the lock is taken when it is free. Errors of Spool::OpenExisting.
  static absl::StatusOr<std::unique_ptr<EventLogClient>> OpenSpool(SpoolOptions spool,
                                                                   std::unique_ptr<SpoolSenderLock> lock,
                                                                   EventLogClientOptions options);
  // Closes without waiting.
  ~EventLogClient();

  // Takes the event, or says at once why not: kResourceExhausted when the queue is full, kUnavailable when the client
  // is closed; both count as dropped and `done` is not called. Else `done` hears of the outcome, on a thread of the
  // client, or here when the event is rejected at once (too large, or the client is fenced); it must return soon, and
  // must not call Flush or Close, nor AppendEvent with kBlock. With kDropOldest the `done` of those that make room hear
  // kResourceExhausted, here.
  //
  // With a spool OK means kept, and it waits for the disk, and for other processes that add; the errors are those of
  // Spool::Add, and kInvalidArgument when the event is too large. There is no `done`: who sends it, and when, is open.
  absl::Status AppendEvent(v1::Event event, AppendDone done = nullptr);
  // Waits until AppendEvent would have room for an event of this size. False at the deadline, or when the client is
  // closed.
  bool WaitForRoom(int64_t event_bytes, absl::Time deadline);
  // Waits until everything that was taken is answered; with a spool, by whomever it was sent. False at the deadline;
  // with a spool, from then on, also when a damaged one was set aside with events that this client had added to it and
  // did not see answered, once the others are.
  bool Flush(absl::Time deadline);
  // Takes no more events, waits as Flush does, and ends; what is not acknowledged by then counts as rejected, and its
  // `done` hears kUnavailable, with the text and the details of the last failure after which nothing was appended. With
  // a spool it stays in the spool instead. Returns whether all was answered.
  bool Close(absl::Time deadline);
  bool closed() const;

  EventLogClientCounters counters() const;
  // Null: there is none.
  Spool* spool() const { return spool_.get(); }
  // Whether this client is the one that sends what is in the spool; always, without one.
  bool sending() const { return forwarder_ == nullptr || forwarder_->sending(); }

 private:
  EventLogClient(ServerList servers, EventLogClientOptions options);
  EventLogClient(std::unique_ptr<Spool> spool, ServerList servers, SpoolOptions spool_options,
                 std::unique_ptr<SpoolSenderLock> lock, EventLogClientOptions options);
  absl::Status AppendToSpool(const v1::Event& event);

  const EventLogClientOptions options_;
  // Either the first, or the other two.
  const std::unique_ptr<BatchSender> sender_;
  const std::unique_ptr<Spool> spool_;
  const std::unique_ptr<SpoolForwarder> forwarder_;

  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // What the spool does not count.
  int64_t queued_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Mutex close_mutex_;  // one Close at a time
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_H_
