#include "eventlog-svc/rpc/call_queue.h"

#include <utility>

#include "absl/time/time.h"

namespace eventlog {

CallQueue::CallQueue(std::unique_ptr<grpc::ServerCompletionQueue> queue) : queue_(std::move(queue)) {
  std::thread([this] { Run(); }).swap(thread_);
}

CallQueue::~CallQueue() {
  (void)users_.AwaitNone(absl::InfiniteFuture());
  queue_->Shutdown();
  thread_.join();
}

void CallQueue::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<CallEvent*>(tag)->OnEvent(ok);
}

}  // namespace eventlog
