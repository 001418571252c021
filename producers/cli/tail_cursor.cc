#include "producers/cli/tail_cursor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/client/stream_end.h"

namespace eventlog {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(5);
constexpr absl::Duration kRetryInterval = absl::Milliseconds(200);

}  // namespace

TailCursor::TailCursor(const std::shared_ptr<grpc::Channel>& channel, std::string log, std::string name)
    : log_(std::move(log)),
      name_(std::move(name)),
      cursors_(v1::Cursors::NewStub(channel)),
      event_log_(v1::EventLog::NewStub(channel)) {}

template <typename Call>
absl::Status TailCursor::CallOnce(absl::Duration timeout, Call call) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  {
    absl::MutexLock lock(&mutex_);
    if (cancelled_) return absl::CancelledError("stopped");
    context_ = &context;
  }
  const absl::Status status = call(context);
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  return status;
}

absl::Status TailCursor::Take(v1::SubscribeRequest& request, absl::Time deadline,
                              const std::function<void(const absl::Status&)>& on_wait) {
  while (true) {
    const absl::Status taken = TakeOnce(request);
    if (taken.ok() || !IsTransient(taken)) return taken;
    if (absl::Now() >= deadline) return absl::UnavailableError(taken.message());
    on_wait(taken);
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&cancelled_), std::min(kRetryInterval, deadline - absl::Now()))) {
      return absl::CancelledError("stopped");
    }
  }
}

absl::Status TailCursor::TakeOnce(v1::SubscribeRequest& request) {
  v1::Cursor cursor;
  const absl::Status found = CallOnce(kCallTimeout, [&](grpc::ClientContext& context) {
    v1::GetCursorRequest get;
    get.set_log(log_);
    get.set_cursor(name_);
    return FromGrpcStatus(cursors_->GetCursor(&context, get, &cursor));
  });
  if (!found.ok()) {
    if (RpcErrorReason(found) != "CURSOR_NOT_FOUND") return found;
    int64_t start = 0;
    const absl::Status looked = FindStart(request, start);
    if (!looked.ok()) return looked;
    const absl::Status made = CallOnce(kCallTimeout, [&](grpc::ClientContext& context) {
      v1::CommitCursorRequest commit;
      commit.set_log(log_);
      commit.set_cursor(name_);
      commit.set_next_offset(start);
      return FromGrpcStatus(cursors_->CommitCursor(&context, commit, &cursor));
    });
    if (!made.ok()) return made;
  }
  request.set_cursor(name_);
  return absl::OkStatus();
}

absl::Status TailCursor::FindStart(const v1::SubscribeRequest& request, int64_t& next_offset) {
  return CallOnce(kCallTimeout, [&](grpc::ClientContext& context) {
    const auto reader = event_log_->Subscribe(&context, request);
    v1::SubscribeResponse first;
    const bool started = reader->Read(&first) && first.has_started();
    if (started) next_offset = first.started().next_offset();
    const auto cancel = [&context] { context.TryCancel(); };
    if (started) cancel();
    const absl::Status status = FinishStream([&reader] { return reader->Finish(); }, cancel);
    if (started) return absl::OkStatus();
    return status.ok() ? absl::UnavailableError("the service did not begin with `started`") : status;
  });
}

absl::Status TailCursor::TryCommit(absl::Duration timeout) {
  if (!printed_.has_value()) return absl::OkStatus();
  const absl::Status status = CallOnce(timeout, [&](grpc::ClientContext& context) {
    v1::CommitCursorRequest commit;
    commit.set_log(log_);
    commit.set_cursor(name_);
    commit.set_next_offset(*printed_);
    commit.set_generation(generation_);
    v1::Cursor cursor;
    return FromGrpcStatus(cursors_->CommitCursor(&context, commit, &cursor));
  });
  if (status.ok()) committed_ = true;
  return status;
}

absl::Status TailCursor::Confirm() {
  const absl::Status status = TryCommit(kCallTimeout);
  return IsTransient(status) ? absl::OkStatus() : status;
}

absl::Status TailCursor::Commit(int64_t next_offset) {
  if (printed_ == next_offset && committed_) return absl::OkStatus();
  printed_ = next_offset;
  committed_ = false;
  return Confirm();
}

absl::Status TailCursor::Finish(absl::Duration patience) {
  if (committed_) return absl::OkStatus();
  {
    absl::MutexLock lock(&mutex_);
    cancelled_ = false;
  }
  const absl::Status status = TryCommit(patience);
  if (status.ok() || !IsTransient(status)) return status;
  return absl::UnavailableError(absl::StrCat("the cursor \"", name_, "\" does not know that everything before offset ",
                                             *printed_, " was printed: ", status.message()));
}

void TailCursor::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  if (context_ != nullptr) context_->TryCancel();
}

}  // namespace eventlog
