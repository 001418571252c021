// The administration of a running log service: LogAdmin and Cursors, and the questions about a log that go with them.

#ifndef PRODUCERS_CLI_ADMIN_ADMIN_CLIENT_H_
#define PRODUCERS_CLI_ADMIN_ADMIN_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "proto/eventlog/v1/cursors.grpc.pb.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"

namespace eventlog {

// Thread safe. Each call waits for its answer, at most `timeout`; errors keep the service's reason and metadata
// (rpc_error.h). An empty name of a log is "events", but for DeleteLog.
class AdminClient {
 public:
  AdminClient(const std::shared_ptr<grpc::Channel>& channel, absl::Duration timeout);

  absl::StatusOr<v1::Log> CreateLog(const v1::CreateLogRequest& request);
  absl::StatusOr<v1::Log> GetLog(const std::string& log);
  // All pages.
  absl::StatusOr<std::vector<v1::Log>> ListLogs();
  absl::StatusOr<v1::Log> UpdateLog(const v1::UpdateLogRequest& request);
  absl::Status DeleteLog(const std::string& log);
  absl::StatusOr<v1::TrimLogResponse> TrimLog(const std::string& log, int64_t next_offset);

  // Gives `take` each message as it comes. Not bound in time, however large the log is: a peer that is gone is noticed
  // by the channel.
  absl::Status VerifyLog(const std::string& log, const std::function<void(const v1::VerifyLogResponse&)>& take);

  absl::StatusOr<v1::Cursor> GetCursor(const std::string& log, const std::string& cursor);
  // All pages.
  absl::StatusOr<std::vector<v1::Cursor>> ListCursors(const std::string& log);
  absl::StatusOr<v1::Cursor> CommitCursor(const v1::CommitCursorRequest& request);
  absl::StatusOr<v1::Cursor> ResetCursor(const v1::ResetCursorRequest& request);
  absl::Status DeleteCursor(const std::string& log, const std::string& cursor);

  absl::StatusOr<v1::LogStats> GetLogStats(const std::string& log);
  // The offset at which a page forward from this start begins: that of its first record, of a gap before it, or where
  // it would go on when there is nothing. The request's limits are set here.
  absl::StatusOr<int64_t> FindOffset(v1::ReadRequest start);

 private:
  template <typename Stub, typename Request, typename Response>
  absl::Status Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response& response);

  const std::unique_ptr<v1::LogAdmin::Stub> logs_;
  const std::unique_ptr<v1::Cursors::Stub> cursors_;
  const std::unique_ptr<v1::EventLog::Stub> events_;
  const absl::Duration timeout_;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_ADMIN_ADMIN_CLIENT_H_
