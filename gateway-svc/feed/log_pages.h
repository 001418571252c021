// Pages of the log below the ring, read with EventLog.Read on a few threads behind a bounded queue.

#ifndef GATEWAY_SVC_FEED_LOG_PAGES_H_
#define GATEWAY_SVC_FEED_LOG_PAGES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/log_reader.h"
#include "gateway-svc/hub/page_reader.h"
#include "grpcpp/channel.h"

namespace gateway {

class LogPages : public PageReader {
 public:
  LogPages(const std::shared_ptr<grpc::Channel>& channel, std::string log);
  // Answers what waits and what is under way with kCancelled, and joins.
  ~LogPages() override;

  void ReadPage(int64_t offset, int64_t until_offset, std::function<void(absl::StatusOr<LogPage>)> done) override;
  void FindTime(absl::Time time, std::function<void(absl::StatusOr<LogPosition>)> done) override;
  void FindTail(int64_t count, std::function<void(absl::StatusOr<LogPosition>)> done) override;

 private:
  // Called with OK to do the work, or with why it will not be done.
  using Work = std::function<void(const absl::Status&)>;

  void FindPosition(eventlog::v1::ReadRequest request, std::function<void(absl::StatusOr<LogPosition>)> done);
  struct Queue {
    size_t works_max = 0;
    std::deque<Work> works;
  };
  void Submit(Queue LogPages::*queue, Work work);
  void Run(Queue LogPages::*queue);

  eventlog::LogReader reader_;
  const std::string log_;
  absl::Mutex mutex_;
  // Apart, so that many who ask where to begin do not keep those waiting who are on their way.
  Queue pages_ ABSL_GUARDED_BY(mutex_);
  Queue questions_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_FEED_LOG_PAGES_H_
