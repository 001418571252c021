#include "producers/load/stream_appender.h"

#include <utility>

#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/client/stream_end.h"

namespace eventlog {

StreamAppender::StreamAppender(const std::shared_ptr<grpc::Channel>& channel, std::string log, int batch_events)
    : stub_(v1::EventLog::NewStub(channel)), batch_events_(batch_events) {
  request_.set_log(std::move(log));
}

StreamAppender::~StreamAppender() {
  Abort();
  Disconnect();
}

absl::Status StreamAppender::Append(v1::Event event, AppendDone done) {
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &StreamAppender::HasRoom));
    if (aborted_) return absl::CancelledError("the load is over");
    ++unanswered_;
  }
  *request_.add_events() = std::move(event);
  dones_.push_back(std::move(done));
  if (request_.events_size() >= batch_events_) Push();
  return absl::OkStatus();
}

bool StreamAppender::Connect() {
  {
    absl::MutexLock lock(&mutex_);
    if (aborted_) return false;
    if (stream_ != nullptr && !broken_) return true;
  }
  const bool again = stream_ != nullptr;
  Disconnect();
  grpc::ClientContext* context = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    if (answered_) backoff_.Reset();
    if (again) mutex_.AwaitWithTimeout(absl::Condition(&aborted_), backoff_.Next());
    if (aborted_) return false;
    broken_ = answered_ = false;
    ++connections_;
    context_ = std::make_unique<grpc::ClientContext>();
    context = context_.get();
  }
  // Not under the lock: this waits for the connection.
  stream_ = stub_->AppendStream(context);
  reader_ = std::thread([this, context] { ReadAnswers(*context); });
  return true;
}

void StreamAppender::Disconnect() {
  {
    absl::MutexLock lock(&mutex_);
    if (context_ != nullptr) context_->TryCancel();
  }
  if (reader_.joinable()) reader_.join();
  stream_.reset();
  absl::MutexLock lock(&mutex_);
  context_.reset();
}

void StreamAppender::Push() {
  if (dones_.empty()) return;
  Dones dones = std::exchange(dones_, {});
  bool write = Connect();
  if (write) {
    absl::MutexLock lock(&mutex_);
    // One that broke since has failed all that it had; this joins them.
    write = !broken_;
    if (write) sent_.push_back(std::move(dones));
    writing_ = write;
  }
  if (!write) {
    Answer(std::move(dones), absl::UnavailableError("the stream broke before the batch was sent"));
  } else {
    stream_->Write(request_);  // when it fails the reader hears of it
    absl::MutexLock lock(&mutex_);
    writing_ = false;
  }
  request_.clear_events();
}

void StreamAppender::ReadAnswers(grpc::ClientContext& context) {
  v1::AppendStreamResponse response;
  while (stream_->Read(&response) && HandleAnswer(response)) {
  }
  const auto finish = [&] {
    {
      absl::MutexLock lock(&mutex_);
      broken_ = true;
      mutex_.Await(absl::Condition(
          +[](bool* writing) { return !*writing; }, &writing_));
    }
    return stream_->Finish();
  };
  const absl::Status status = FinishStream(finish, [&context] { context.TryCancel(); });
  FailAll(status.ok() ? absl::UnavailableError("the service ended the stream") : status);
}

bool StreamAppender::HandleAnswer(const v1::AppendStreamResponse& response) {
  Dones dones;
  {
    absl::MutexLock lock(&mutex_);
    if (sent_.empty()) return false;
    dones = std::move(sent_.front());
    sent_.pop_front();
    answered_ = answered_ || response.has_appended();
    // Whatever is behind an item that failed is answered with its failure.
    if (!response.has_appended()) broken_ = true;
  }
  const bool appended = response.has_appended();
  Answer(std::move(dones), appended ? absl::StatusOr<int64_t>(response.appended().first_offset())
                                    : absl::StatusOr<int64_t>(FromRpcStatus(response.error())));
  return true;
}

void StreamAppender::FailAll(const absl::Status& status) {
  std::deque<Dones> failed;
  {
    absl::MutexLock lock(&mutex_);
    failed.swap(sent_);
  }
  for (Dones& dones : failed) Answer(std::move(dones), status);
}

void StreamAppender::Answer(Dones dones, const absl::StatusOr<int64_t>& first_offset) {
  int64_t place = 0;
  for (AppendDone& done : dones) {
    done(first_offset.ok() ? absl::StatusOr<int64_t>(*first_offset + place) : first_offset);
    ++place;
  }
  absl::MutexLock lock(&mutex_);
  unanswered_ -= place;
}

void StreamAppender::Finish() {
  Push();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &StreamAppender::AllAnswered));
}

void StreamAppender::Abort() {
  absl::MutexLock lock(&mutex_);
  aborted_ = true;
  if (context_ != nullptr) context_->TryCancel();
}

int64_t StreamAppender::connections() const {
  absl::MutexLock lock(&mutex_);
  return connections_;
}

}  // namespace eventlog
