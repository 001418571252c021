// The clients of one log during one life of its service: two producers, a reader that follows, and a keeper that
// commits cursors and trims. Each goes on until the service is gone, and tells the oracle what it sent, saw and was
// answered.

#ifndef TESTS_CRASH_KILLED_LOG_LOAD_H_
#define TESTS_CRASH_KILLED_LOG_LOAD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"
#include "tests/crash/killed_log_oracle.h"

namespace eventlog {

// Reads what a restarted service has, and holds it against the oracle. kUnavailable when the service ended meanwhile;
// kInternal when a promise was broken. With `all` each record is looked at once more, and VerifyLog is asked.
absl::Status CheckLog(const std::shared_ptr<grpc::Channel>& channel, KilledLogOracle& oracle, bool all);

// Used by one thread; has four of its own.
class KilledLogLoad {
 public:
  // `window`: how many batches of the numbered producer wait for their answer at a time.
  KilledLogLoad(std::shared_ptr<grpc::Channel> channel, KilledLogOracle& oracle, size_t window);
  // Waits for the end of the service.
  ~KilledLogLoad();
  KilledLogLoad(const KilledLogLoad&) = delete;
  KilledLogLoad& operator=(const KilledLogLoad&) = delete;

 private:
  void AppendNumbered();
  void AppendPlain();
  void Follow();
  void Keep();
  // Whether the call was answered. Fails the oracle when it was refused.
  bool IsAnswered(const char* call, const grpc::Status& status);

  const std::shared_ptr<grpc::Channel> channel_;
  KilledLogOracle& oracle_;
  const size_t window_;
  std::vector<std::thread> threads_;
};

}  // namespace eventlog

#endif  // TESTS_CRASH_KILLED_LOG_LOAD_H_
