#include "tests/bench/stub_log_server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"

namespace eventlog::bench {
namespace {

// A subscriber that hears nothing for long believes that the connection is gone.
constexpr absl::Duration kHeartbeat = absl::Seconds(1);
constexpr int64_t kPageRecords = 1'000;
constexpr int64_t kPageBytes = 1024 * 1024;

int64_t OrDefault(int64_t given, int64_t otherwise) { return given > 0 ? given : otherwise; }

}  // namespace

StubLogServer::StubLogServer(int64_t head, RecordMaker record) : record_(std::move(record)), head_(head) {
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

int64_t StubLogServer::head() const {
  absl::MutexLock lock(&mutex_);
  return head_;
}

StubLogServer::Reads StubLogServer::reads() const {
  absl::MutexLock lock(&mutex_);
  return reads_;
}

void StubLogServer::Publish(int count) {
  v1::SubscribeResponse message;
  auto* batch = message.mutable_batch();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(
      +[](bool* pending) { return !*pending; }, &pending_));
  for (int i = 0; i < count; ++i) *batch->add_records() = record_(head_++);
  batch->set_next_offset(head_);
  next_ = std::move(message);
  pending_ = true;
}

grpc::Status StubLogServer::Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest*,
                                      grpc::ServerWriter<v1::SubscribeResponse>* writer) {
  v1::SubscribeResponse started;
  {
    absl::MutexLock lock(&mutex_);
    started.mutable_started()->set_epoch(kEpoch);
    started.mutable_started()->set_next_offset(head_);
    started.mutable_started()->set_head_offset(head_);
  }
  if (!writer->Write(started)) return grpc::Status::OK;
  while (!context->IsCancelled()) {
    v1::SubscribeResponse message;
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(this, &StubLogServer::Changed), kHeartbeat)) {
        if (stopping_) break;
        message = std::move(next_);
        pending_ = false;
      } else {
        message.mutable_heartbeat()->set_next_offset(head_);
      }
    }
    if (!writer->Write(message)) break;
  }
  return grpc::Status::OK;
}

grpc::Status StubLogServer::Read(grpc::ServerContext*, const v1::ReadRequest* request, v1::ReadResponse* response) {
  CHECK(!request->backward()) << "this log reads forward only";
  const int64_t head = this->head();
  int64_t start = 0;
  if (request->has_offset()) start = request->offset();
  if (request->has_tail()) start = std::max<int64_t>(0, head - request->tail());
  if (request->has_latest()) start = head;
  const int64_t end = std::min(head, start + OrDefault(request->max_records(), kPageRecords));
  const int64_t bytes_max = OrDefault(request->max_bytes(), kPageBytes);
  int64_t next = start;
  for (int64_t bytes = 0; next < end && bytes < bytes_max; ++next) {
    v1::Record* record = response->add_records();
    *record = record_(next);
    bytes += static_cast<int64_t>(record->ByteSizeLong());
  }
  response->set_next_offset(next);
  response->set_end_of_log(next >= head);
  response->set_epoch(kEpoch);
  absl::MutexLock lock(&mutex_);
  ++reads_.calls;
  reads_.records += next - start;
  reads_.same_start_max = std::max(reads_.same_start_max, ++reads_by_start_[start]);
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
