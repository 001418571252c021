#include "producers/load/load_log.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/backoff.h"
#include "eventlog-svc/client/rpc_error.h"

namespace eventlog {
namespace {

constexpr absl::Duration kCallMax = absl::Seconds(10);
constexpr int kPageBytes = 1024 * 1024;
constexpr int kPageRecords = 10'000;

template <typename Call>
absl::Status CallOnce(absl::Time deadline, Call call) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(std::min(deadline, absl::Now() + kCallMax)));
  return FromGrpcStatus(call(context));
}

}  // namespace

LoadLog::LoadLog(const std::shared_ptr<grpc::Channel>& channel, std::string name)
    : name_(std::move(name)), reader_(channel, absl::Seconds(5)), admin_(v1::LogAdmin::NewStub(channel)) {}

absl::Status LoadLog::Try(absl::Time deadline, absl::FunctionRef<absl::Status()> call) {
  absl::BitGen random;
  Backoff backoff({}, random);
  while (true) {
    const absl::Status status = call();
    if (status.ok() || !IsTransient(status) || absl::Now() >= deadline) return status;
    absl::Notification never;
    never.WaitForNotificationWithDeadline(std::min(deadline, absl::Now() + backoff.Next()));
  }
}

absl::StatusOr<v1::LogStats> LoadLog::Stats(absl::Time deadline) {
  v1::GetLogStatsRequest request;
  request.set_log(name_);
  absl::StatusOr<v1::LogStats> stats;
  const absl::Status status = Try(deadline, [&] {
    stats = reader_.GetLogStats(request);
    return stats.status();
  });
  if (!status.ok()) return status;
  return stats;
}

absl::Status LoadLog::Create(absl::Time deadline) {
  v1::CreateLogRequest request;
  request.set_log_id(name_);
  return Try(deadline, [&] {
    v1::Log made;
    return CallOnce(deadline, [&](auto& context) { return admin_->CreateLog(&context, request, &made); });
  });
}

absl::Status LoadLog::Delete(absl::Time deadline) {
  v1::DeleteLogRequest request;
  request.set_log(name_);
  return Try(deadline, [&] {
    google::protobuf::Empty nothing;
    return CallOnce(deadline, [&](auto& context) { return admin_->DeleteLog(&context, request, &nothing); });
  });
}

absl::Status LoadLog::ReadBack(int64_t from, int64_t to, const std::string& epoch, absl::Duration patience,
                               absl::FunctionRef<bool(int64_t)> more, ChainVerifier& verifier) {
  for (int64_t next = from; next < to;) {
    if (!more(next)) return absl::CancelledError(absl::StrCat("stopped at offset ", next));
    v1::ReadRequest request;
    request.set_log(name_);
    request.set_offset(next);
    request.set_max_records(static_cast<int32_t>(std::min<int64_t>(kPageRecords, to - next)));
    request.set_max_bytes(kPageBytes);
    request.set_gap_policy(v1::GAP_POLICY_REPORT);
    absl::StatusOr<v1::ReadResponse> page;
    const absl::Status status = Try(absl::Now() + patience, [&] {
      page = reader_.Read(request);
      return page.status();
    });
    if (!status.ok()) return status;
    if (page->epoch() != epoch) {
      return absl::FailedPreconditionError(
          absl::StrCat("the log was made anew: its epoch is ", page->epoch(), " and was ", epoch));
    }
    for (const v1::Gap& gap : page->gaps()) verifier.Add(gap);
    for (const v1::Record& record : page->records()) {
      if (record.offset() < to) verifier.Add(record);
    }
    if (page->next_offset() <= next) {
      return absl::DataLossError(absl::StrCat("the log ends at offset ", next, ", before ", to));
    }
    next = page->next_offset();
  }
  return absl::OkStatus();
}

}  // namespace eventlog
