// LogAdmin.VerifyLog: a report for each segment of a log in use, then the summary.

#ifndef EVENTLOG_SVC_RPC_VERIFY_STREAM_H_
#define EVENTLOG_SVC_RPC_VERIFY_STREAM_H_

#include <memory>

#include "eventlog-svc/engine/commit_log.h"
#include "eventlog-svc/rpc/worked_stream.h"
#include "eventlog-svc/storage/log_verifier.h"
#include "proto/eventlog/v1/log_admin.pb.h"

namespace eventlog {

class VerifyStream : public WorkedStream<v1::VerifyLogResponse> {
 public:
  VerifyStream(Call* call, const WorkedStreams& shared, std::shared_ptr<CommitLog> log);

 protected:
  absl::StatusOr<bool> Next(v1::VerifyLogResponse& response) override;

 private:
  const std::shared_ptr<CommitLog> log_;
  LogVerifier verifier_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_VERIFY_STREAM_H_
