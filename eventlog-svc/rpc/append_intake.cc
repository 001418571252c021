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
  grpc::Slice slice;
  if (request.TrySingleSlice(&slice).ok() || request.DumpToSingleSlice(&slice).ok()) {
    const absl::string_view bytes(reinterpret_cast<const char*>(slice.begin()), slice.size());
    if (ReadPlainAppend(bytes, validator_.events_max(), plain_)) return Take(plain_, plain_.rest.log(), now);
    // Millions of empty events fit into one request: to parse them first would stop all calls for a second.
    const absl::Status sizes = validator_.AppendSizes(bytes);
    if (!sizes.ok()) return sizes;
  }
  absl::StatusOr<v1::AppendRequest> parsed = ParseAppendRequest(request);
  if (!parsed.ok()) return parsed.status();
  return Take(*parsed, parsed->log(), now);
}

}  // namespace eventlog
