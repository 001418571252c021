// A log service in this process that tests grow, cut off, and replace.

#ifndef TESTS_GATEWAY_SVC_FEED_FAKE_LOG_SERVICE_H_
#define TESTS_GATEWAY_SVC_FEED_FAKE_LOG_SERVICE_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace gateway {

// Thread safe. Offsets are dense from 0; the event at offset n has the text n.
class FakeLogService : public eventlog::v1::EventLog::Service {
 public:
  FakeLogService() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeLogService() override {
    CutStreams();
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    server_->Shutdown(absl::ToChronoTime(absl::Now()));
    server_->Wait();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  void Grow(int64_t events) {
    absl::MutexLock lock(&mutex_);
    head_ += events;
  }
  // Ends every subscription with UNAVAILABLE.
  void CutStreams() {
    absl::MutexLock lock(&mutex_);
    ++cuts_;
  }
  // Becomes another log, with this many events.
  void Replace(const std::string& epoch, int64_t head) {
    absl::MutexLock lock(&mutex_);
    epoch_ = epoch;
    head_ = head;
    ++cuts_;
  }
  // Offsets [start, next) cannot be read any more.
  void Damage(int64_t start, int64_t next) {
    absl::MutexLock lock(&mutex_);
    damage_start_ = start;
    damage_next_ = next;
  }
  // From now on Read does not answer, until its caller gives up.
  void Hang() {
    absl::MutexLock lock(&mutex_);
    hanging_ = true;
  }
  void AwaitHungRead() {
    absl::MutexLock lock(&mutex_);
    const auto hung = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return hung_ > 0; };
    mutex_.Await(absl::Condition(&hung));
  }
  int subscriptions() const {
    absl::MutexLock lock(&mutex_);
    return subscriptions_;
  }

  grpc::Status Subscribe(grpc::ServerContext* context, const eventlog::v1::SubscribeRequest* request,
                         grpc::ServerWriter<eventlog::v1::SubscribeResponse>* writer) override {
    eventlog::v1::SubscribeResponse message;
    int64_t position = 0, head = 0;
    int cuts = 0;
    {
      absl::MutexLock lock(&mutex_);
      ++subscriptions_;
      cuts = cuts_;
      position = request->has_tail() ? std::max<int64_t>(0, head_ - request->tail()) : request->offset();
      if (position > head_) return grpc::Status(grpc::StatusCode::OUT_OF_RANGE, "beyond the head");
      message.mutable_started()->set_next_offset(position);
      message.mutable_started()->set_head_offset(head_);
      message.mutable_started()->set_epoch(epoch_);
    }
    while (writer->Write(message)) {
      {
        absl::MutexLock lock(&mutex_);
        const auto changed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
          return stopping_ || cuts_ != cuts || head_ > position;
        };
        while (!mutex_.AwaitWithTimeout(absl::Condition(&changed), absl::Milliseconds(200))) {
          if (context->IsCancelled()) return grpc::Status::CANCELLED;
        }
        if (stopping_ || cuts_ != cuts) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut");
        // A few at a time, so that a cut falls into the middle.
        head = std::min(head_, position + 7);
      }
      message.Clear();
      for (; position < head; ++position) *message.mutable_batch()->add_records() = RecordAt(position);
      message.mutable_batch()->set_next_offset(position);
    }
    return grpc::Status::OK;
  }

  grpc::Status Read(grpc::ServerContext* context, const eventlog::v1::ReadRequest* request,
                    eventlog::v1::ReadResponse* response) override {
    absl::MutexLock lock(&mutex_);
    if (hanging_) {
      ++hung_;
      while (!mutex_.AwaitWithTimeout(absl::Condition(&stopping_), absl::Milliseconds(20))) {
        if (context->IsCancelled()) return grpc::Status::CANCELLED;
      }
    }
    // A record's time is its offset, in seconds.
    int64_t position = request->has_tail()   ? std::max<int64_t>(0, head_ - request->tail())
                       : request->has_time() ? std::min(head_, request->time().seconds())
                                             : request->offset();
    while (position < head_ && response->records_size() < request->max_records()) {
      if (position < damage_start_ || position >= damage_next_) {
        *response->add_records() = RecordAt(position++);
        continue;
      }
      eventlog::v1::Gap& gap = *response->add_gaps();
      gap.set_start_offset(position);
      gap.set_next_offset(damage_next_);
      gap.set_reason(eventlog::v1::GAP_REASON_CORRUPT);
      position = damage_next_;
    }
    response->set_next_offset(position);
    response->set_end_of_log(position == head_);
    response->set_epoch(epoch_);
    return grpc::Status::OK;
  }

 private:
  static eventlog::v1::Record RecordAt(int64_t offset) {
    eventlog::v1::Record record;
    record.set_offset(offset);
    record.mutable_append_time()->set_seconds(offset);
    record.mutable_event()->set_type("t");
    record.mutable_event()->set_text(absl::StrCat(offset));
    return record;
  }

  mutable absl::Mutex mutex_;
  std::string epoch_ ABSL_GUARDED_BY(mutex_) = "00000000000000aa";
  int64_t head_ ABSL_GUARDED_BY(mutex_) = 0;
  int cuts_ ABSL_GUARDED_BY(mutex_) = 0;
  int subscriptions_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t damage_start_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t damage_next_ ABSL_GUARDED_BY(mutex_) = 0;
  bool hanging_ ABSL_GUARDED_BY(mutex_) = false;
  int hung_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace gateway

#endif  // TESTS_GATEWAY_SVC_FEED_FAKE_LOG_SERVICE_H_
