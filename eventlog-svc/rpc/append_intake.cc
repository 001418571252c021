#include "eventlog-svc/rpc/append_intake.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "eventlog-svc/rpc/find_log.h"
#include "eventlog-svc/rpc/plain_append.h"
#include "eventlog-svc/rpc/request_parser.h"
#include "grpcpp/support/slice.h"

namespace eventlog {
namespace {

// `request` as a v1::AppendRequest or a PlainAppend.
template <typename Request>
absl::StatusOr<AppendIntake> Take(Request& request, const std::string& log_name, const Engine& engine,
                                  RequestValidator& validator, absl::Time now) {
  absl::StatusOr<std::shared_ptr<Log>> log = FindLog(engine, log_name);
  if (!log.ok()) return log.status();
  absl::StatusOr<AppendBatch> batch = validator.Append(request, now, (*log)->settings());
  if (!batch.ok()) return batch.status();
  return AppendIntake{*std::move(log), *std::move(batch)};
}

}  // namespace

absl::StatusOr<AppendIntake> TakeAppend(const grpc::ByteBuffer& request, const Engine& engine,
                                        RequestValidator& validator, absl::Time now) {
  grpc::Slice bytes;
  if (request.TrySingleSlice(&bytes).ok() || request.DumpToSingleSlice(&bytes).ok()) {
    const std::optional<PlainAppend> plain =
        ReadPlainAppend({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
    if (plain.has_value()) return Take(*plain, plain->rest.log(), engine, validator, now);
  }
  absl::StatusOr<v1::AppendRequest> parsed = ParseAppendRequest(request);
  if (!parsed.ok()) return parsed.status();
  return Take(*parsed, parsed->log(), engine, validator, now);
}

}  // namespace eventlog
