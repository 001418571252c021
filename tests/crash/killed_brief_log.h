// A log that is created, gets one event, and is deleted, again and again, while its service is killed. After a restart
// it is there or not as it was answered; one that was created anew has nothing of those before.

#ifndef TESTS_CRASH_KILLED_BRIEF_LOG_H_
#define TESTS_CRASH_KILLED_BRIEF_LOG_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/channel.h"

namespace eventlog {

// Not thread safe.
class KilledBriefLog {
 public:
  // After a restart. Unavailable without a reason when the service ended meanwhile; kInternal with a sentence when a
  // promise was broken.
  absl::Status Check(const std::shared_ptr<grpc::Channel>& channel);
  // Until the service is gone. What it is refused is what the next Check returns.
  void LiveOn(const std::shared_ptr<grpc::Channel>& channel);
  // How many of them there have been.
  int64_t deleted() const { return deleted_; }

 private:
  // What the next call leaves: an event more, or none of it.
  int64_t after() const { return events_ < kEvents ? events_ + 1 : -1; }
  absl::Status CallNext(const std::shared_ptr<grpc::Channel>& channel) const;
  // How many events it has; -1: it is not there.
  absl::StatusOr<int64_t> CountEvents(const std::shared_ptr<grpc::Channel>& channel) const;
  std::string EventId() const;

  static constexpr int64_t kEvents = 3;

  int64_t events_ = -1;   // -1: it is not there
  bool is_open_ = false;  // the next call was made, and its answer did not come
  int64_t deleted_ = 0;
  absl::Status failure_;
};

}  // namespace eventlog

#endif  // TESTS_CRASH_KILLED_BRIEF_LOG_H_
