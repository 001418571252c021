// Reads pages of a log and its statistics.

#ifndef EVENTLOG_SVC_CLIENT_LOG_READER_H_
#define EVENTLOG_SVC_CLIENT_LOG_READER_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

// Thread safe. Calls wait for the answer, at most `timeout`; errors keep the service's reason (rpc_error.h).
class LogReader {
 public:
  explicit LogReader(const std::shared_ptr<grpc::Channel>& channel, absl::Duration timeout = absl::Seconds(10));

  absl::StatusOr<v1::ReadResponse> Read(const v1::ReadRequest& request);
  // The same into an empty message of the caller, which may belong to an arena.
  absl::Status Read(const v1::ReadRequest& request, v1::ReadResponse& response);
  absl::StatusOr<v1::LogStats> GetLogStats(const v1::GetLogStatsRequest& request);

  // Ends the calls under way, and every later one, with kCancelled.
  void Cancel();

 private:
  template <typename Call>
  absl::Status CallOnce(Call call);

  const std::unique_ptr<v1::EventLog::Stub> stub_;
  const absl::Duration timeout_;
  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<grpc::ClientContext*> under_way_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_LOG_READER_H_
