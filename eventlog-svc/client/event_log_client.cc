#include "eventlog-svc/client/event_log_client.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/client/stream_end.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

constexpr char kAnswerTooMany[] = "the service answered more than it was asked";

// What any gRPC server takes, unless it was told to take less.
constexpr int64_t kMessageBytesTaken = 4 * 1024 * 1024;

// Of a message, by gRPC itself; or of somebody's quota, between us and the service. The log's own limits have reasons.
bool IsTooLarge(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && RpcErrorReason(status).empty();
}

std::string NewProducerId() {
  absl::BitGen random;
  return absl::StrFormat("%016x%016x", absl::Uniform<uint64_t>(random), absl::Uniform<uint64_t>(random));
}

void LogRejection(int64_t so_far, const absl::Status& status) {
  LOG_EVERY_N(WARNING, 100) << "event rejected (" << so_far << " so far): " << status;
}

}  // namespace

EventLogClient::EventLogClient(const std::shared_ptr<grpc::Channel>& channel, EventLogClientOptions options)
    : options_(std::move(options)),
      stub_(v1::EventLog::NewStub(channel)),
      producer_id_(options_.producer_id.empty() ? NewProducerId() : options_.producer_id),
      backoff_(options_.backoff, random_),
      queue_(options_.queue),
      // A named producer that starts again must come with a higher epoch than before: the clock's.
      epoch_(options_.producer_id.empty() ? 0 : absl::ToUnixMicros(absl::Now())) {
  std::thread([this] { Run(); }).swap(thread_);
}

EventLogClient::~EventLogClient() { Close(absl::InfinitePast()); }

absl::Status EventLogClient::AppendEvent(v1::Event event, AppendDone done) {
  const int64_t bytes = static_cast<int64_t>(event.ByteSizeLong());
  absl::Status dropped;
  absl::Status rejected;
  int64_t so_far = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (closed_) {
      dropped = absl::UnavailableError("the client is closed");
    } else if (!queue_.HasRoom(bytes)) {
      dropped = absl::ResourceExhaustedError("the client's queue is full");
    } else if (!fenced_.ok()) {
      rejected = fenced_;
    } else if (bytes > options_.event_bytes_max) {
      rejected = absl::InvalidArgumentError(
          absl::StrCat("the event has ", bytes, " bytes; at most ", options_.event_bytes_max));
    }
    if (dropped.ok()) ++counters_.queued;
    if (dropped.ok() && rejected.ok()) {
      queue_.Push({std::move(event), std::move(done), bytes});
      return absl::OkStatus();
    }
    so_far = dropped.ok() ? ++counters_.rejected : ++counters_.dropped;
  }
  if (!dropped.ok()) {
    LOG_EVERY_N(WARNING, 1000) << "event dropped (" << so_far << " so far): " << dropped;
    return dropped;
  }
  LogRejection(so_far, rejected);
  if (done) done(rejected);
  return absl::OkStatus();
}

bool EventLogClient::WaitForRoom(int64_t event_bytes, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto has_room = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ || queue_.HasRoom(event_bytes); };
  return mutex_.AwaitWithDeadline(absl::Condition(&has_room), deadline) && !closed_;
}

bool EventLogClient::Flush(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(this, &EventLogClient::AllAnswered), deadline);
}

bool EventLogClient::Close(absl::Time deadline) {
  absl::MutexLock close_lock(&close_mutex_);
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  const bool flushed = Flush(deadline);
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  if (thread_.joinable()) thread_.join();
  std::vector<AppendQueue::Entry> lost;
  absl::Status why = absl::UnavailableError("the log did not answer in time");
  {
    absl::MutexLock lock(&mutex_);
    lost = RejectAll();
    if (!last_failure_.ok()) {
      why = absl::UnavailableError(absl::StrCat(why.message(), ": ", last_failure_.message()));
      last_failure_.ForEachPayload([&](absl::string_view url, const absl::Cord& cord) { why.SetPayload(url, cord); });
    }
  }
  LOG_IF(ERROR, !lost.empty()) << lost.size() << " events were not acknowledged: " << why;
  Finish(std::move(lost), why);
  return flushed;
}

bool EventLogClient::closed() const {
  absl::MutexLock lock(&mutex_);
  return closed_;
}

EventLogClientCounters EventLogClient::counters() const {
  absl::MutexLock lock(&mutex_);
  return counters_;
}

void EventLogClient::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &EventLogClient::HasWork));
      if (stopping_) return;
    }
    const absl::Status status = SendBatches();
    absl::Duration pause;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      queue_.Rewind();
      if (status.ok()) continue;  // it was begun anew on purpose
      last_failure_ = status;
      pause = std::max(RpcRetryDelay(status).value_or(absl::ZeroDuration()), backoff_.Next());
    }
    LOG_EVERY_N(WARNING, 20) << "appending goes on after a pause: " << status;
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause);
  }
}

absl::Status EventLogClient::SendBatches() {
  grpc::ClientContext context;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::OkStatus();
    context_ = &context;
    sending_ = true;
    answered_offset_ = 0;
    broken_ = false;
    break_cause_.reset();
    ++counters_.connections;
  }
  const auto stream = stub_->AppendStream(&context);
  absl::Status end;  // of the reader, until it is joined
  std::thread reader([&] { end = ReadAnswers(context, *stream); });
  while (true) {
    v1::AppendRequest request;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &EventLogClient::CanSend));
      if (stopping_ || broken_) break;
      request = ToRequest(queue_.TakeNext());
    }
    if (!stream->Write(request)) break;
  }
  {
    absl::MutexLock lock(&mutex_);
    sending_ = false;
  }
  reader.join();
  {
    absl::MutexLock lock(&mutex_);
    context_ = nullptr;
    if (break_cause_.has_value()) return *break_cause_;
  }
  if (IsTooLarge(end)) return HandleTooLarge(end);
  return end.ok() ? absl::UnavailableError("the service ended the stream") : end;
}

v1::AppendRequest EventLogClient::ToRequest(const AppendQueue::Batch& batch) const {
  v1::AppendRequest request;
  request.set_log(options_.log);
  request.mutable_producer()->set_id(producer_id_);
  request.mutable_producer()->set_epoch(epoch_);
  request.mutable_producer()->set_first_sequence(batch.first_sequence);
  for (const AppendQueue::Entry& entry : batch.entries) *request.add_events() = entry.event;
  return request;
}

absl::Status EventLogClient::ReadAnswers(
    grpc::ClientContext& context, grpc::ClientReaderWriter<v1::AppendRequest, v1::AppendStreamResponse>& stream) {
  const auto cancel = [&context] { context.TryCancel(); };
  v1::AppendStreamResponse response;
  while (stream.Read(&response)) {
    if (HandleAnswer(response)) continue;
    cancel();
    break;
  }
  const auto finish = [&] {
    {
      absl::MutexLock lock(&mutex_);
      broken_ = true;
      mutex_.Await(absl::Condition(
          +[](bool* sending) { return !*sending; }, &sending_));
    }
    return stream.Finish();
  };
  return FinishStream(finish, cancel);
}

bool EventLogClient::HandleAnswer(const v1::AppendStreamResponse& response) {
  if (response.has_appended()) return HandleAppended(response.appended());
  const absl::Status status = FromRpcStatus(response.error());
  const std::string reason = RpcErrorReason(status);
  if (status.ok()) {
    Distrust("the service's answer has neither a result nor an error");
  } else if (reason == "PRODUCER_FENCED") {
    Fence(status);
  } else if (reason == "SEQUENCE_GAP") {
    LOG(WARNING) << "the service does not know us any more; beginning a new numbering: " << status;
    absl::MutexLock lock(&mutex_);
    RenumberAndBreak(status);
  } else if (IsTransient(status)) {
    absl::MutexLock lock(&mutex_);
    Break(status);
  } else {
    HandleRefusal(status);
  }
  return false;
}

bool EventLogClient::HandleAppended(const v1::AppendResponse& appended) {
  std::vector<AppendQueue::Entry> entries;
  {
    absl::MutexLock lock(&mutex_);
    // Batches are in the log in the order of their numbers, repeats too: an offset that falls belongs to another
    // answer.
    if (queue_.sent() > 0 && appended.first_offset() >= answered_offset_) {
      answered_offset_ = appended.next_offset();
      entries = queue_.PopAnswered().entries;
      counters_.acknowledged += static_cast<int64_t>(entries.size());
      suspects_ = std::max(suspects_ - 1, 0);
      last_failure_ = absl::OkStatus();
      ++finishing_;
    }
  }
  if (entries.empty()) {
    Distrust(kAnswerTooMany);
    return false;
  }
  Finish(std::move(entries), appended.first_offset());
  return true;
}

void EventLogClient::Distrust(absl::string_view what) {
  const absl::Status status = absl::InternalError(what);
  LOG(ERROR) << "connecting anew: " << status;
  absl::MutexLock lock(&mutex_);
  Break(status);
}

void EventLogClient::Break(const absl::Status& cause) {
  broken_ = true;
  break_cause_ = cause;
}

void EventLogClient::RenumberAndBreak(const absl::Status& cause) {
  ++epoch_;
  queue_.Renumber();
  Break(cause);
}

// Batches behind the refused one were not stored: the stream's order broke with it, now and on every connection before.
// They are numbered anew, in a new epoch, because the refused numbers will never come.
void EventLogClient::HandleRefusal(const absl::Status& status) {
  std::vector<AppendQueue::Entry> refused;
  int64_t so_far = 0;
  bool expected = false;
  {
    absl::MutexLock lock(&mutex_);
    expected = queue_.sent() > 0;
    if (expected) {
      AppendQueue::Batch batch = queue_.PopAnswered();
      // An invalid argument can be the fault of one event, and too many bytes that of all together; any other refusal
      // holds for each of them.
      if ((absl::IsInvalidArgument(status) || IsTooLarge(status)) && batch.entries.size() > 1) {
        queue_.Split(std::move(batch));
        if (suspects_ > 0) ++suspects_;
      } else {
        refused = std::move(batch.entries);
        so_far = counters_.rejected += static_cast<int64_t>(refused.size());
        suspects_ = std::max(suspects_ - 1, 0);
        ++finishing_;
      }
      RenumberAndBreak(absl::OkStatus());
    }
  }
  if (!expected) Distrust(kAnswerTooMany);
  if (refused.empty()) return;
  LogRejection(so_far, status);
  Finish(std::move(refused), status);
}

// The call's status does not say which message it was that could not be read, and batches before it may be stored:
// only one that was sent alone is refused for it.
absl::Status EventLogClient::HandleTooLarge(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    // No message was that large: it is a quota, which passes.
    if (queue_.sent_bytes_max() <= kMessageBytesTaken) return status;
    suspects_ = std::max(suspects_, queue_.sent());
    if (queue_.sent() > 1) return absl::OkStatus();
  }
  HandleRefusal(status);
  return absl::OkStatus();
}

void EventLogClient::Fence(const absl::Status& status) {
  std::vector<AppendQueue::Entry> refused;
  {
    absl::MutexLock lock(&mutex_);
    fenced_ = status;
    refused = RejectAll();
    Break(absl::OkStatus());
  }
  LOG(ERROR) << "another client appends under this producer's name; this one rejects " << refused.size()
             << " events and all that follow: " << status;
  Finish(std::move(refused), status);
}

std::vector<AppendQueue::Entry> EventLogClient::RejectAll() {
  std::vector<AppendQueue::Entry> entries = queue_.Clear();
  counters_.rejected += static_cast<int64_t>(entries.size());
  ++finishing_;
  return entries;
}

void EventLogClient::Finish(std::vector<AppendQueue::Entry> entries, const absl::StatusOr<int64_t>& first_offset) {
  int64_t index = 0;
  for (AppendQueue::Entry& entry : entries) {
    const int64_t place = index++;
    if (!entry.done) continue;
    if (first_offset.ok()) {
      entry.done(*first_offset + place);
    } else {
      entry.done(first_offset.status());
    }
  }
  absl::MutexLock lock(&mutex_);
  if (first_offset.ok()) backoff_.Reset();
  --finishing_;
}

}  // namespace eventlog
