// Many Subscribe calls of one kind, each on a connection of its own, that are there and do as little as they can.

#ifndef TESTS_BENCH_MANY_SUBSCRIBERS_H_
#define TESTS_BENCH_MANY_SUBSCRIBERS_H_

#include <memory>
#include <string>
#include <vector>

#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog::bench {

enum class Reading { kAll, kNothing };

// Not thread safe; gRPC's threads do the reading.
class ManySubscribers {
 public:
  // Returns when the service has answered each of them.
  ManySubscribers(const std::string& address, int count, const v1::SubscribeRequest& request, Reading reading);
  // Cancels them and waits for their ends.
  ~ManySubscribers();
  ManySubscribers(const ManySubscribers&) = delete;
  ManySubscribers& operator=(const ManySubscribers&) = delete;

  // How many have not ended; what ended early was no load.
  int open() const;

 private:
  class Subscriber;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_MANY_SUBSCRIBERS_H_
