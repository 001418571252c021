// The durable cursor of `eventlog tail --cursor=NAME`: says where to begin, and remembers what was printed.

#ifndef PRODUCERS_CLI_TAIL_CURSOR_H_
#define PRODUCERS_CLI_TAIL_CURSOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "proto/eventlog/v1/cursors.grpc.pb.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

// Used by one thread at a time; Cancel by any.
class TailCursor {
 public:
  TailCursor(const std::shared_ptr<grpc::Channel>& channel, std::string log, std::string name);

  // Makes `request` begin at the cursor. One that is not there yet is made where the request begins. Tries until
  // `deadline` while the service is away, and calls `on_wait` with the reason each time.
  absl::Status Take(v1::SubscribeRequest& request, absl::Time deadline,
                    const std::function<void(const absl::Status&)>& on_wait);
  // The subscription that reads from the cursor has this generation.
  void SetGeneration(int64_t generation) { generation_ = generation; }

  // Everything before `next_offset` was printed. OK too when the service is away: what is not committed then goes with
  // the next call. Else the cursor is not ours any more, and nothing more must be printed.
  absl::Status Commit(int64_t next_offset);
  // Commits what Commit could not, or asks whether the cursor is still ours.
  absl::Status Confirm();
  // At the end: what is printed and not committed, within `patience`.
  absl::Status Finish(absl::Duration patience);
  // Ends calls under way, and Take.
  void Cancel();

 private:
  template <typename Call>
  absl::Status CallOnce(absl::Duration timeout, Call call);
  absl::Status TakeOnce(v1::SubscribeRequest& request);
  // Where a subscription would begin.
  absl::Status FindStart(const v1::SubscribeRequest& request, int64_t& next_offset);
  absl::Status TryCommit(absl::Duration timeout);

  const std::string log_;
  const std::string name_;
  const std::unique_ptr<v1::Cursors::Stub> cursors_;
  const std::unique_ptr<v1::EventLog::Stub> event_log_;
  int64_t generation_ = 0;
  std::optional<int64_t> printed_;  // before it everything was
  bool committed_ = true;           // printed_ was
  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_TAIL_CURSOR_H_
