#include "eventlog-svc/client/stream_end.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/rpc_error.h"

namespace eventlog {

absl::Status FinishStream(absl::FunctionRef<grpc::Status()> finish, absl::FunctionRef<void()> cancel,
                          absl::Duration wait) {
  absl::Notification finished;
  bool cancelled = false;  // of the thread, until it is joined
  std::thread watchdog([&] {
    if (finished.WaitForNotificationWithTimeout(wait)) return;
    cancelled = true;
    cancel();
  });
  const grpc::Status status = finish();
  finished.Notify();
  watchdog.join();
  return cancelled ? absl::InternalError("a message of the service could not be read") : FromGrpcStatus(status);
}

}  // namespace eventlog
