// The log that a load goes to: made where it is missing, read back, deleted. Calls are tried again for as long as the
// service is away, up to a deadline.

#ifndef PRODUCERS_LOAD_LOAD_LOG_H_
#define PRODUCERS_LOAD_LOAD_LOG_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/log_reader.h"
#include "grpcpp/channel.h"
#include "producers/load/chain_verifier.h"
#include "proto/eventlog/v1/event_log.pb.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"

namespace eventlog {

// Not thread safe.
class LoadLog {
 public:
  LoadLog(const std::shared_ptr<grpc::Channel>& channel, std::string name);

  const std::string& name() const { return name_; }
  absl::StatusOr<v1::LogStats> Stats(absl::Time deadline);
  // Makes the log.
  absl::Status Create(absl::Time deadline);
  absl::Status Delete(absl::Time deadline);
  // Gives the verifier everything in [from, to) that is there, and what is a gap. kFailedPrecondition when the log is
  // not the one of `epoch` any more. `more` is asked between pages, with the offset that comes next; false: kCancelled.
  absl::Status ReadBack(int64_t from, int64_t to, const std::string& epoch, absl::Duration patience,
                        absl::FunctionRef<bool(int64_t)> more, ChainVerifier& verifier);

 private:
  // Repeats what fails for a while only.
  absl::Status Try(absl::Time deadline, absl::FunctionRef<absl::Status()> call);

  const std::string name_;
  LogReader reader_;
  const std::unique_ptr<v1::LogAdmin::Stub> admin_;
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_LOAD_LOG_H_
