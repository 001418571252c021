// Reads pages of a log and its statistics.

#ifndef EVENTLOG_SVC_CLIENT_LOG_READER_H_
#define EVENTLOG_SVC_CLIENT_LOG_READER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

// Thread safe. Calls wait for the answer, at most `timeout`; errors keep the service's reason (rpc_error.h).
class LogReader {
 public:
  explicit LogReader(const std::shared_ptr<grpc::Channel>& channel, absl::Duration timeout = absl::Seconds(10));

  absl::StatusOr<v1::ReadResponse> Read(const v1::ReadRequest& request);
  absl::StatusOr<v1::LogStats> GetLogStats(const v1::GetLogStatsRequest& request);

 private:
  const std::unique_ptr<v1::EventLog::Stub> stub_;
  const absl::Duration timeout_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_LOG_READER_H_
