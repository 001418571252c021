// A subscriber that follows a load while it runs, and measures how long an event takes from when it was due to here.

#ifndef PRODUCERS_LOAD_LOAD_FOLLOWER_H_
#define PRODUCERS_LOAD_LOAD_FOLLOWER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/event_stream.h"
#include "grpcpp/channel.h"
#include "producers/load/latency_histogram.h"

namespace eventlog {

struct LoadFollowerFigures {
  LatencyHistogram latency;  // of the events that were due after the warm-up
  int64_t delivered = 0;     // events of the run
  int64_t gaps = 0;
  int64_t disconnects = 0;
  absl::Status end;  // why the stream is over, if it is
};

// Thread safe.
class LoadFollower : private EventStreamHandler {
 public:
  LoadFollower(const std::shared_ptr<grpc::Channel>& channel, const std::string& log, int64_t from_offset,
               std::string run);

  // Latencies count of events that are due from then on; before it is called, of none.
  void MeasureFrom(absl::Time time);
  // Waits until the stream stands. False at the deadline, or when it has ended.
  bool AwaitStarted(absl::Time deadline);
  // Waits until everything before the offset has come.
  bool AwaitOffset(int64_t offset, absl::Time deadline);
  LoadFollowerFigures figures() const;

 private:
  void OnStarted(const v1::SubscribeResponse::Started& started) override;
  void OnBatch(v1::SubscribeResponse::Batch& batch) override;
  void OnGap(const v1::Gap& gap) override;
  void OnHeartbeat(int64_t next_offset) override;
  void OnDisconnected(const absl::Status& status) override;
  void OnEnded(const absl::Status& status) override;

  const std::string run_;
  mutable absl::Mutex mutex_;
  LoadFollowerFigures figures_ ABSL_GUARDED_BY(mutex_);
  absl::Time measure_start_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t next_offset_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<EventStream> stream_;  // last: its end must come first
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_LOAD_FOLLOWER_H_
