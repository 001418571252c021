// The queue through which gRPC tells of all calls of a server, and the one thread that empties it.
//
// One thread, since a second one that polls makes both slower: they hand the sockets to each other, with a switch of
// threads for each (DECISIONS.md). The callback API of gRPC brings two of its own, so nothing here uses it. What runs
// on the thread must never wait: not for the disk, not for a lock that is held for long, not for another event.

#ifndef EVENTLOG_SVC_RPC_CALL_QUEUE_H_
#define EVENTLOG_SVC_RPC_CALL_QUEUE_H_

#include <memory>
#include <thread>

#include "eventlog-svc/rpc/call_count.h"
#include "grpcpp/completion_queue.h"

namespace eventlog {

// What gRPC finishes for a call; a tag of the queue.
class CallEvent {
 public:
  // On the queue's thread.
  virtual void OnEvent(bool ok) = 0;

 protected:
  ~CallEvent() = default;
};

// An event that a member function hears.
template <typename Owner>
class MemberEvent final : public CallEvent {
 public:
  using Method = void (Owner::*)(bool ok);

  MemberEvent(Owner* owner, Method method) : owner_(owner), method_(method) {}
  void OnEvent(bool ok) override { (owner_->*method_)(ok); }

 private:
  Owner* const owner_;
  const Method method_;
};

class CallQueue {
 public:
  // `queue` is of the builder of the server; the server may be built later.
  explicit CallQueue(std::unique_ptr<grpc::ServerCompletionQueue> queue);
  // The server must have been shut down. Waits until every call is over, which its handler must see to, and joins.
  ~CallQueue();
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;

  grpc::ServerCompletionQueue* get() { return queue_.get(); }
  // The calls that came and are not over.
  CallCount& calls() { return calls_; }
  // These, and those that gRPC was asked for: who may still use the queue.
  CallCount& users() { return users_; }

 private:
  void Run();

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  CallCount calls_;
  CallCount users_;
  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_CALL_QUEUE_H_
