// Sends what is in a spool, whoever added it, for as long as it holds the right to.
//
// A thread of its own tries for the folder's SpoolSenderLock, has a BatchSender send while it holds it, and tells it
// when the database has changed. When the database was set aside, it begins with the next one.

#ifndef EVENTLOG_SVC_CLIENT_SPOOL_FORWARDER_H_
#define EVENTLOG_SVC_CLIENT_SPOOL_FORWARDER_H_

#include <cstdint>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/batch_sender.h"
#include "eventlog-svc/client/event_log_client_counters.h"
#include "eventlog-svc/client/folder_watch.h"
#include "eventlog-svc/client/server_list.h"
#include "eventlog-svc/client/spool_database.h"
#include "eventlog-svc/client/spool_options.h"
#include "eventlog-svc/client/spool_sender_lock.h"

namespace eventlog {

// Thread safe.
class SpoolForwarder {
 public:
  // `lock` may be null: then it is taken when it is free. Of `sender`, the log is the target's, and who the producer is
  // says the spool.
  SpoolForwarder(SpoolOptions spool, SpoolTarget target, ServerList servers, BatchSenderOptions sender,
                 std::unique_ptr<SpoolSenderLock> lock);
  // Stops.
  ~SpoolForwarder();

  // Whether this is the one that sends.
  bool sending() const;
  // A number that grows when the spool may have changed, by whomever; at least every second.
  int64_t changes() const;
  // Until it is above `seen`. False at the deadline, or when this has stopped.
  bool AwaitChange(int64_t seen, absl::Time deadline);
  // Ends, and gives the lock back. What is not acknowledged stays in the spool.
  void Stop();

  // Of all that was sent.
  EventLogClientCounters counters() const;

 private:
  void Run();
  // Has the lock and a sender, where that can be.
  absl::Status EnsureSending();
  absl::Status StartSender();
  void EndSender();
  // Why the sender cannot go on with its database.
  bool SenderIsStale() const;

  const SpoolOptions spool_;
  const SpoolTarget target_;
  const ServerList servers_;
  const BatchSenderOptions options_;
  FolderWatch watch_;

  mutable absl::Mutex mutex_;
  std::unique_ptr<SpoolSenderLock> lock_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<BatchSender> sender_ ABSL_GUARDED_BY(mutex_);
  EventLogClientCounters ended_ ABSL_GUARDED_BY(mutex_);  // of senders that are no more
  int64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  const SpoolDatabase* database_ = nullptr;  // of the thread: that of sender_
  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SPOOL_FORWARDER_H_
