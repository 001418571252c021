#include "tests/bench/stub_log_server.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"

namespace eventlog::bench {

StubLogServer::StubLogServer() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  CHECK(server_ != nullptr);
  address_ = absl::StrCat("127.0.0.1:", port);
}

StubLogServer::~StubLogServer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  server_->Shutdown(absl::ToChronoTime(absl::Now()));
  server_->Wait();
}

v1::Record StubLogServer::MakeRecord(int64_t offset, size_t text_bytes) {
  v1::Record record;
  record.set_offset(offset);
  record.mutable_append_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
  v1::Event* event = record.mutable_event();
  event->set_id("01234567-89ab-7def-8123-456789abcdef");
  event->set_type("bench.event");
  event->set_source("/bench");
  *event->mutable_time() = record.append_time();
  event->set_text(absl::StrCat("\"", std::string(text_bytes, 'x'), "\""));
  return record;
}

void StubLogServer::Publish(int count, size_t text_bytes) {
  v1::SubscribeResponse message;
  auto* batch = message.mutable_batch();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(
      +[](bool* pending) { return !*pending; }, &pending_));
  for (int i = 0; i < count; ++i) *batch->add_records() = MakeRecord(head_++, text_bytes);
  batch->set_next_offset(head_);
  next_ = std::move(message);
  pending_ = true;
}

void StubLogServer::AwaitSubscriber() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&subscribed_));
}

grpc::Status StubLogServer::Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest*,
                                      grpc::ServerWriter<v1::SubscribeResponse>* writer) {
  v1::SubscribeResponse started;
  {
    absl::MutexLock lock(&mutex_);
    started.mutable_started()->set_epoch(kEpoch);
    started.mutable_started()->set_next_offset(head_);
    started.mutable_started()->set_head_offset(head_);
    subscribed_ = true;
  }
  if (!writer->Write(started)) return grpc::Status::OK;
  while (true) {
    v1::SubscribeResponse message;
    {
      absl::MutexLock lock(&mutex_);
      while (!mutex_.AwaitWithTimeout(absl::Condition(this, &StubLogServer::Changed), absl::Seconds(1))) {
        if (context->IsCancelled()) return grpc::Status::OK;
      }
      if (stopping_) return grpc::Status::OK;
      message = std::move(next_);
      pending_ = false;
    }
    if (!writer->Write(message)) return grpc::Status::OK;
  }
}

grpc::Status StubLogServer::Read(grpc::ServerContext*, const v1::ReadRequest*, v1::ReadResponse* response) {
  absl::MutexLock lock(&mutex_);
  response->set_next_offset(head_);
  response->set_end_of_log(true);
  response->set_epoch(kEpoch);
  return grpc::Status::OK;
}

grpc::Status StubLogServer::GetLogStats(grpc::ServerContext*, const v1::GetLogStatsRequest*, v1::LogStats* response) {
  absl::MutexLock lock(&mutex_);
  response->set_head_offset(head_);
  response->set_record_count(head_);
  response->set_epoch(kEpoch);
  return grpc::Status::OK;
}

}  // namespace eventlog::bench
