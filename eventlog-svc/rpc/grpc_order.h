// An order that gRPC keeps, said again for the thread sanitizer.
//
// What a thread did before it asked gRPC for something is seen by the one that hears of it, and what made some bytes by
// the one that frees them. gRPC keeps that by means which the sanitizer, blind in its libraries, does not see.

#ifndef EVENTLOG_SVC_RPC_GRPC_ORDER_H_
#define EVENTLOG_SVC_RPC_GRPC_ORDER_H_

#include <atomic>

namespace eventlog {

// Thread safe.
class GrpcOrder {
 public:
  // The last thing before it is gRPC's turn.
  void Before() { passed_.store(true, std::memory_order_release); }
  // The first thing after.
  void After() const { (void)passed_.load(std::memory_order_acquire); }

 private:
  std::atomic<bool> passed_ = false;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_GRPC_ORDER_H_
