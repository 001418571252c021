#include "eventlog-svc/rpc/append_intake.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "eventlog-svc/rpc/find_log.h"
#include "eventlog-svc/rpc/request_parser.h"
#include "grpcpp/support/slice.h"

namespace eventlog {

template <typename Request>
absl::StatusOr<AppendIntake::Taken> AppendIntake::Take(Request& request, const std::string& log_name, absl::Time now) {
  absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine_, log_name);
  if (!log.ok()) return log.status();
  absl::StatusOr<AppendBatch> batch = validator_.Append(request, now, (*log)->settings());
  if (!batch.ok()) return batch.status();
  return Taken{*std::move(log), *std::move(batch)};
}

absl::StatusOr<AppendIntake::Taken> AppendIntake::Take(const grpc::ByteBuffer& request, absl::Time now) {
  grpc::Slice bytes;
  if ((request.TrySingleSlice(&bytes).ok() || request.DumpToSingleSlice(&bytes).ok()) &&
      ReadPlainAppend({reinterpret_cast<const char*>(bytes.begin()), bytes.size()}, plain_)) {
    return Take(plain_, plain_.rest.log(), now);
  }
  absl::StatusOr<v1::AppendRequest> parsed = ParseAppendRequest(request);
  if (!parsed.ok()) return parsed.status();
  return Take(*parsed, parsed->log(), now);
}

}  // namespace eventlog
