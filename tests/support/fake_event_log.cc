#include "tests/support/fake_event_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "proto/google/rpc/error_details.pb.h"

namespace eventlog {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(30);
constexpr absl::Duration kLook = absl::Milliseconds(5);

}  // namespace

google::rpc::Status RpcError(int code, absl::string_view reason, absl::Duration retry_delay) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(absl::StrCat("scripted ", reason));
  google::rpc::ErrorInfo info;
  info.set_domain("eventlog.v1");
  info.set_reason(std::string(reason));
  status.add_details()->PackFrom(info);
  if (retry_delay > absl::ZeroDuration()) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(retry_delay)));
    status.add_details()->PackFrom(retry);
  }
  return status;
}

std::string FakeEventLog::address() const { return absl::StrCat("127.0.0.1:", port_); }

void FakeEventLog::Start() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(absl::StrCat("127.0.0.1:", port_), grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  CHECK(server_ != nullptr) << "port " << port_;
}

void FakeEventLog::Stop() {
  if (server_ == nullptr) return;
  server_->Shutdown(absl::ToChronoTime(absl::Now()));
  server_->Wait();
  server_.reset();
}

void FakeEventLog::SetJudge(Judge judge) {
  absl::MutexLock lock(&mutex_);
  judge_ = std::move(judge);
}

void FakeEventLog::SetScript(Script script) {
  absl::MutexLock lock(&mutex_);
  script_ = std::move(script);
}

void FakeEventLog::Hold(bool held) {
  absl::MutexLock lock(&mutex_);
  held_ = held;
}

std::vector<std::string> FakeEventLog::texts() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> texts;
  for (const v1::Event& event : events_) texts.push_back(event.text());
  return texts;
}

std::vector<v1::AppendRequest> FakeEventLog::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

bool FakeEventLog::AwaitEvents(size_t count) const {
  absl::MutexLock lock(&mutex_);
  const auto there = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return events_.size() >= count; };
  return mutex_.AwaitWithTimeout(absl::Condition(&there), kDeadline);
}

bool FakeEventLog::AwaitRequests(size_t count) const {
  absl::MutexLock lock(&mutex_);
  const auto there = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return requests_.size() >= count; };
  return mutex_.AwaitWithTimeout(absl::Condition(&there), kDeadline);
}

bool FakeEventLog::AwaitCancelled(const grpc::ServerContext& context, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  const auto cancelled = [&context] { return context.IsCancelled(); };
  while (!mutex.AwaitWithTimeout(absl::Condition(&cancelled), kLook)) {
    if (absl::Now() > deadline) return false;
  }
  return true;
}

bool FakeEventLog::AwaitTurn(const grpc::ServerContext& context) {
  absl::MutexLock lock(&mutex_);
  const auto free = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !held_; };
  while (!mutex_.AwaitWithTimeout(absl::Condition(&free), kLook)) {
    if (context.IsCancelled()) return false;
  }
  return true;
}

grpc::Status FakeEventLog::AppendStream(grpc::ServerContext* context,
                                        grpc::ServerReaderWriter<v1::AppendStreamResponse, v1::AppendRequest>* stream) {
  const grpc::Status dropped(grpc::StatusCode::UNAVAILABLE, "scripted loss of the connection");
  bool broken = false;
  v1::AppendRequest request;
  while (stream->Read(&request)) {
    Judge judge;
    {
      absl::MutexLock lock(&mutex_);
      requests_.push_back(request);
      judge = judge_;
    }
    if (!AwaitTurn(*context)) return dropped;
    const Verdict verdict = judge == nullptr || broken ? Verdict() : judge(request);
    if (verdict.fate == Fate::kDropConnection) return dropped;
    v1::AppendStreamResponse response;
    if (broken) {
      *response.mutable_error() = RpcError(10, "PRIOR_APPEND_FAILED");
    } else if (verdict.fate == Fate::kRefuse) {
      *response.mutable_error() = verdict.refusal;
    } else if (verdict.fate != Fate::kAnswerNothing) {
      absl::MutexLock lock(&mutex_);
      response = Store(request);
    }
    broken = broken || response.has_error();
    if (verdict.fate == Fate::kStoreAndDropConnection) return dropped;
    if (verdict.fate == Fate::kStoreAndExhaust) return {grpc::StatusCode::RESOURCE_EXHAUSTED, "over quota"};
    if (verdict.fate == Fate::kStoreWithoutAnswer) continue;
    stream->Write(response);
    if (verdict.fate == Fate::kAnswerTwice) stream->Write(response);
  }
  return grpc::Status::OK;
}

v1::AppendStreamResponse FakeEventLog::Store(const v1::AppendRequest& request) {
  v1::AppendStreamResponse response;
  if (!request.has_producer()) {
    response.mutable_appended()->set_first_offset(static_cast<int64_t>(events_.size()));
    events_.insert(events_.end(), request.events().begin(), request.events().end());
    response.mutable_appended()->set_next_offset(static_cast<int64_t>(events_.size()));
    return response;
  }
  Producer& producer = producers_[request.producer().id()];
  const v1::ProducerSequence& sequence = request.producer();
  if (sequence.epoch() < producer.epoch) {
    *response.mutable_error() = RpcError(9, "PRODUCER_FENCED");
    return response;
  }
  if (sequence.epoch() > producer.epoch) producer = {sequence.epoch(), 0, {}};
  if (sequence.first_sequence() != producer.next_sequence) {
    const auto known = producer.batches.find(sequence.first_sequence());
    if (known == producer.batches.end()) {
      *response.mutable_error() = RpcError(9, "SEQUENCE_GAP");
      return response;
    }
    *response.mutable_appended() = known->second;
    response.mutable_appended()->set_duplicate(true);
    return response;
  }
  response.mutable_appended()->set_first_offset(static_cast<int64_t>(events_.size()));
  events_.insert(events_.end(), request.events().begin(), request.events().end());
  response.mutable_appended()->set_next_offset(static_cast<int64_t>(events_.size()));
  producer.next_sequence += request.events_size();
  producer.batches[sequence.first_sequence()] = response.appended();
  if (producer.batches.size() > kBatchesRemembered) producer.batches.erase(producer.batches.begin());
  return response;
}

grpc::Status FakeEventLog::Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest* request,
                                     Writer* writer) {
  Script script;
  int connection = 0;
  {
    absl::MutexLock lock(&mutex_);
    script = script_;
    connection = subscriptions_++;
  }
  if (script == nullptr) return {grpc::StatusCode::UNIMPLEMENTED, "no script"};
  return script(connection, *context, *request, *writer);
}

grpc::Status FakeEventLog::Read(grpc::ServerContext* context, const v1::ReadRequest* request,
                                v1::ReadResponse* response) {
  if (!AwaitTurn(*context)) return {grpc::StatusCode::CANCELLED, "cancelled"};
  absl::MutexLock lock(&mutex_);
  const auto head = static_cast<int64_t>(events_.size());
  if (request->offset() > head) {
    return {grpc::StatusCode::OUT_OF_RANGE, "beyond the head", RpcError(11, "OFFSET_OUT_OF_RANGE").SerializeAsString()};
  }
  for (int64_t offset = request->offset(); offset < head; ++offset) {
    v1::Record* record = response->add_records();
    record->set_offset(offset);
    *record->mutable_event() = events_[static_cast<size_t>(offset)];
  }
  response->set_next_offset(head);
  return grpc::Status::OK;
}

grpc::Status FakeEventLog::GetLogStats(grpc::ServerContext* context, const v1::GetLogStatsRequest* request,
                                       v1::LogStats* stats) {
  absl::MutexLock lock(&mutex_);
  if (!request->log().empty() && request->log() != "events") {
    return {grpc::StatusCode::NOT_FOUND, "no such log", RpcError(5, "LOG_NOT_FOUND").SerializeAsString()};
  }
  stats->set_log("events");
  stats->set_head_offset(static_cast<int64_t>(events_.size()));
  stats->set_record_count(static_cast<int64_t>(events_.size()));
  return grpc::Status::OK;
}

}  // namespace eventlog
