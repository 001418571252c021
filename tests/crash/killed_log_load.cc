#include "tests/crash/killed_log_load.h"

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/rpc_error.h"
#include "proto/eventlog/v1/cursors.grpc.pb.h"
#include "tests/crash/service_is_gone.h"

namespace eventlog {
namespace {

// Only a service that hangs needs so long for an answer.
constexpr absl::Duration kPatience = absl::Minutes(1);

void SetDeadline(grpc::ClientContext& context) { context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience)); }

absl::Status ReadRecords(v1::EventLog::Stub& stub, const std::string& log, int64_t from,
                         KilledLogOracle::Found& found) {
  for (bool at_end = false; !at_end;) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ReadRequest request;
    request.set_log(log);
    request.set_offset(from);
    v1::ReadResponse page;
    const grpc::Status status = stub.Read(&context, request, &page);
    if (!status.ok()) return FromGrpcStatus(status);
    if (page.gaps_size() > 0 || (page.records_size() > 0 && page.records(0).offset() != from)) {
      return absl::InternalError(absl::StrCat(log, ": not all is there from ", from, " on: ", page.ShortDebugString()));
    }
    for (v1::Record& record : *page.mutable_records()) found.records.push_back(std::move(record));
    from = page.next_offset();
    at_end = page.end_of_log();
  }
  return absl::OkStatus();
}

absl::Status Verify(const std::shared_ptr<grpc::Channel>& channel, const std::string& log) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::VerifyLogRequest request;
  request.set_log(log);
  const auto reader = v1::LogAdmin::NewStub(channel)->VerifyLog(&context, request);
  v1::VerifyLogResponse response;
  std::string problems;
  while (reader->Read(&response)) {
    const auto& segment = response.segment();
    if (segment.gaps_size() > 0 || segment.problems_size() > 0) absl::StrAppend(&problems, segment.ShortDebugString());
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return FromGrpcStatus(status);
  return problems.empty() ? absl::OkStatus() : absl::InternalError(absl::StrCat(log, ": ", problems));
}

}  // namespace

absl::Status CheckLog(const std::shared_ptr<grpc::Channel>& channel, KilledLogOracle& oracle, bool all) {
  const auto stub = v1::EventLog::NewStub(channel);
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetLogStatsRequest request;
  request.set_log(oracle.log());
  KilledLogOracle::Found found;
  const grpc::Status answered = stub->GetLogStats(&context, request, &found.stats);
  if (!answered.ok()) return FromGrpcStatus(answered);
  absl::Status status = ReadRecords(*stub, oracle.log(), oracle.CheckFrom(found.stats, all), found);
  if (status.ok()) status = oracle.Check(found);
  return status.ok() && all ? Verify(channel, oracle.log()) : status;
}

KilledLogLoad::KilledLogLoad(std::shared_ptr<grpc::Channel> channel, KilledLogOracle& oracle, size_t window)
    : channel_(std::move(channel)), oracle_(oracle), window_(window) {
  threads_.emplace_back([this] { AppendNumbered(); });
  threads_.emplace_back([this] { AppendPlain(); });
  threads_.emplace_back([this] { Follow(); });
  threads_.emplace_back([this] { Keep(); });
}

KilledLogLoad::~KilledLogLoad() {
  for (std::thread& thread : threads_) thread.join();
}

bool KilledLogLoad::IsAnswered(const char* call, const grpc::Status& status) {
  if (status.ok()) return true;
  const absl::Status error = FromGrpcStatus(status);
  if (!ServiceIsGone(error))
    oracle_.Fail(absl::StrCat(call, " was refused: ", error.ToString(), " ", RpcErrorText(error)));
  return false;
}

void KilledLogLoad::AppendNumbered() {
  const auto stub = v1::EventLog::NewStub(channel_);
  grpc::ClientContext context;
  const auto stream = stub->AppendStream(&context);
  const std::vector<int64_t> repeated = oracle_.NumberedToRepeat();
  std::deque<int64_t> due(repeated.begin(), repeated.end());
  std::deque<int64_t> waiting;
  v1::AppendStreamResponse response;
  for (;;) {
    while (waiting.size() < window_) {
      const int64_t number = due.empty() ? oracle_.NextNumbered() : due.front();
      if (!due.empty()) due.pop_front();
      if (!stream->Write(oracle_.Numbered(number))) break;
      waiting.push_back(number);
    }
    if (!stream->Read(&response)) break;
    if (!response.has_appended()) {
      return oracle_.Fail(absl::StrCat("batch ", waiting.front(), " was refused: ", response.ShortDebugString()));
    }
    oracle_.NumberedAnswered(waiting.front(), response.appended());
    waiting.pop_front();
  }
  if (IsAnswered("AppendStream", stream->Finish())) oracle_.Fail("AppendStream ended");
}

void KilledLogLoad::AppendPlain() {
  const auto stub = v1::EventLog::NewStub(channel_);
  for (;;) {
    grpc::ClientContext context;
    const v1::AppendRequest request = oracle_.NextPlain();
    v1::AppendResponse response;
    const grpc::Status status = stub->Append(&context, request, &response);
    if (RpcErrorReason(FromGrpcStatus(status)) == "OFFSET_MISMATCH" && request.has_expected_next_offset()) {
      oracle_.PlainRefused(request);
    } else if (IsAnswered("Append", status)) {
      oracle_.PlainAnswered(request, response);
    } else {
      return;
    }
  }
}

void KilledLogLoad::Follow() {
  const auto stub = v1::EventLog::NewStub(channel_);
  const auto cursors = v1::Cursors::NewStub(channel_);
  grpc::ClientContext context;
  v1::SubscribeRequest request;
  request.set_log(oracle_.log());
  request.set_cursor(KilledLogOracle::kHeld);
  const auto stream = stub->Subscribe(&context, request);
  int64_t due = 0;
  bool is_gone = false;  // what was still on its way is read
  v1::SubscribeResponse response;
  while (stream->Read(&response)) {
    if (response.has_started()) {
      oracle_.Taken(response.started());
      due = response.started().next_offset();
    }
    if (response.has_gap() && response.gap().reason() == v1::GAP_REASON_TRIMMED) due = response.gap().next_offset();
    if (response.has_ending() || (response.has_gap() && response.gap().reason() != v1::GAP_REASON_TRIMMED)) {
      oracle_.Fail(absl::StrCat("a reader was told of ", response.ShortDebugString()));
    }
    for (const v1::Record& record : response.batch().records()) {
      if (record.offset() != due++) oracle_.Fail(absl::StrCat("a reader got another than ", due - 1));
      oracle_.Shown(record);
    }
    if (is_gone || !response.has_batch()) continue;
    const std::optional<v1::CommitCursorRequest> commit = oracle_.NextHeldCommit(due);
    if (!commit.has_value()) continue;
    grpc::ClientContext commit_context;
    v1::Cursor answer;
    is_gone = !IsAnswered("CommitCursor", cursors->CommitCursor(&commit_context, *commit, &answer));
    if (!is_gone) oracle_.Committed(*commit, answer);
  }
  if (IsAnswered("Subscribe", stream->Finish())) oracle_.Fail("Subscribe ended");
}

void KilledLogLoad::Keep() {
  const auto cursors = v1::Cursors::NewStub(channel_);
  const auto admin = v1::LogAdmin::NewStub(channel_);
  for (int turn = 0;; ++turn) {
    grpc::ClientContext context;
    if (turn % 3 == 0) {
      const std::optional<v1::TrimLogRequest> request = oracle_.NextTrim();
      if (!request.has_value()) continue;
      v1::TrimLogResponse answer;
      if (!IsAnswered("TrimLog", admin->TrimLog(&context, *request, &answer))) return;
      oracle_.Trimmed(*request, answer);
    } else {
      const v1::CommitCursorRequest request = oracle_.NextCommit();
      v1::Cursor answer;
      if (!IsAnswered("CommitCursor", cursors->CommitCursor(&context, request, &answer))) return;
      oracle_.Committed(request, answer);
    }
  }
}

}  // namespace eventlog
