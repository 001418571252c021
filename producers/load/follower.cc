#include "producers/load/follower.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "producers/load/chain_event.h"

namespace eventlog {

Follower::Follower(const std::shared_ptr<grpc::Channel>& channel, const std::string& log, int64_t from_offset,
                   std::string run, absl::Time measure_start)
    : run_(std::move(run)), measure_start_(measure_start) {
  EventStreamOptions options;
  options.request.set_log(log);
  options.request.set_offset(from_offset);
  EventStreamHandler& handler = *this;  // make_unique is no friend
  stream_ = std::make_unique<EventStream>(channel, std::move(options), handler);
}

bool Follower::AwaitStarted(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto known = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return started_ || ended_; };
  mutex_.AwaitWithDeadline(absl::Condition(&known), deadline);
  return started_ && !ended_;
}

bool Follower::AwaitOffset(int64_t offset, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return next_offset_ >= offset || ended_; };
  mutex_.AwaitWithDeadline(absl::Condition(&there), deadline);
  return next_offset_ >= offset;
}

FollowerFigures Follower::figures() const {
  absl::MutexLock lock(&mutex_);
  return figures_;
}

void Follower::OnStarted(const v1::SubscribeResponse::Started& started) {
  absl::MutexLock lock(&mutex_);
  started_ = true;
  next_offset_ = std::max(next_offset_, started.next_offset());
}

void Follower::OnBatch(v1::SubscribeResponse::Batch& batch) {
  const absl::Time now = absl::Now();
  const std::string subject = absl::StrCat(run_, "/");
  absl::MutexLock lock(&mutex_);
  for (const v1::Record& record : batch.records()) {
    const v1::Event& event = record.event();
    if (event.type() != kChainType || !absl::StartsWith(event.subject(), subject)) continue;
    ++figures_.delivered;
    const absl::Time due = absl::FromUnixSeconds(event.time().seconds()) + absl::Nanoseconds(event.time().nanos());
    if (due >= measure_start_) figures_.latency.Record(now - due);
  }
  next_offset_ = std::max(next_offset_, batch.next_offset());
}

void Follower::OnGap(const v1::Gap& gap) {
  absl::MutexLock lock(&mutex_);
  ++figures_.gaps;
  next_offset_ = std::max(next_offset_, gap.next_offset());
}

void Follower::OnHeartbeat(int64_t next_offset) {
  absl::MutexLock lock(&mutex_);
  next_offset_ = std::max(next_offset_, next_offset);
}

void Follower::OnDisconnected(const absl::Status&) {
  absl::MutexLock lock(&mutex_);
  ++figures_.disconnects;
}

void Follower::OnEnded(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  ended_ = true;
  figures_.end = status;
}

}  // namespace eventlog
