#include "eventlog-svc/rpc/append_stream.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/wire_messages.h"

namespace eventlog {
namespace {

constexpr size_t kUnansweredMax = 1024;
constexpr int64_t kUnansweredBytesMax = 16 * 1024 * 1024;

}  // namespace

void AppendStream::Start(Call* call, AppendIntake& intake, DrainList& drain_list, OnError on_error) {
  std::shared_ptr<AppendStream> stream(new AppendStream(call, intake, drain_list, std::move(on_error)));
  call->set_listener(stream.get());
  const bool draining = !drain_list.Add(stream);
  absl::MutexLock lock(&stream->mutex_);
  stream->self_ = stream;
  stream->draining_ = stream->draining_ || draining;
  stream->StepLocked();
}

AppendStream::AppendStream(Call* call, AppendIntake& intake, DrainList& drain_list, OnError on_error)
    : call_(call), intake_(intake), drain_list_(drain_list), on_error_(std::move(on_error)) {}

void AppendStream::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  if (self_ != nullptr) StepLocked();
}

void AppendStream::OnReadDone(bool ok) {
  int64_t sequence = 0;
  {
    absl::MutexLock lock(&mutex_);
    // What came with the end of the service is not answered, so that its client knows to send it again.
    if (!ok || finished_) {
      reading_ = false;
      half_closed_ = true;
      StepLocked();
      return;
    }
    sequence = first_slot_ + static_cast<int64_t>(slots_.size());
    const int64_t bytes = static_cast<int64_t>(request_.Length());
    slots_.push_back({bytes, std::nullopt});
    unanswered_bytes_ += bytes;
  }
  const absl::Status submitted = Submit(sequence);
  if (!submitted.ok()) Answer(sequence, submitted);
  absl::MutexLock lock(&mutex_);
  reading_ = false;
  StepLocked();
}

absl::Status AppendStream::Submit(int64_t sequence) {
  if (refused_) return PriorAppendError();
  refused_ = true;  // until the batch is with the engine
  absl::StatusOr<AppendIntake::Taken> taken = intake_.Take(request_, absl::Now());
  request_.Clear();
  if (!taken.ok()) return taken.status();
  // The order of a stream is that of one log: items of two could not fall together.
  if (log_ == nullptr) log_ = taken->log;
  if (log_ != taken->log) {
    return Error(absl::StatusCode::kInvalidArgument, "REQUEST_INVALID",
                 absl::StrCat("log: this stream appends to \"", log_->name(), "\"; use another stream for another log"),
                 {{"field", "log"}});
  }
  taken->batch.order = order_;
  // Lives until everything is answered.
  log_->Append(std::move(taken->batch),
               [this, sequence](absl::StatusOr<AppendResult> result) { Answer(sequence, std::move(result)); });
  // A refusal may come at once, on this thread (a full queue): what follows must not be stored then. One that comes
  // later is the committing thread's, which breaks the order itself.
  refused_ = order_->shut_out.load(std::memory_order_relaxed);
  return absl::OkStatus();
}

void AppendStream::Answer(int64_t sequence, absl::StatusOr<AppendResult> result) {
  // The last answer may end the call while it is still at work here.
  const std::shared_ptr<AppendStream> keep = shared_from_this();
  if (!result.ok()) on_error_(result.status());
  absl::MutexLock lock(&mutex_);
  slots_[static_cast<size_t>(sequence - first_slot_)].answer = std::move(result);
  StepLocked();
}

void AppendStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  if (!ok) broken_ = true;
  StepLocked();
}

void AppendStream::StepLocked() {
  if (finished_) return;
  while (!writing_ && !slots_.empty() && slots_.front().answer.has_value()) {
    const absl::StatusOr<AppendResult>& answer = *slots_.front().answer;
    // What is wrong with an item behind a failed one does not matter any more.
    const grpc::ByteBuffer response =
        ToAppendStreamResponse(failed_ && !answer.ok() ? absl::StatusOr<AppendResult>(PriorAppendError()) : answer);
    failed_ = failed_ || !answer.ok();
    unanswered_bytes_ -= slots_.front().bytes;
    slots_.pop_front();
    ++first_slot_;
    if (broken_) continue;
    writing_ = true;
    call_->Write(response);
  }
  if (!reading_ && !half_closed_ && !draining_ && slots_.size() < kUnansweredMax &&
      unanswered_bytes_ < kUnansweredBytesMax) {
    reading_ = true;
    call_->Read(&request_);
  }
  if ((half_closed_ || draining_) && slots_.empty() && !writing_) {
    finished_ = true;
    call_->Finish(half_closed_ ? grpc::Status::OK : ToGrpcStatus(DrainingError()));
  }
}

void AppendStream::OnDone() {
  std::shared_ptr<AppendStream> last;
  {
    absl::MutexLock lock(&mutex_);
    last = std::move(self_);
  }
  drain_list_.Remove(this);
}

}  // namespace eventlog
