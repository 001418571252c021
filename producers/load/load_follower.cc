#include "producers/load/load_follower.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "producers/load/chain_event.h"

namespace eventlog {

LoadFollower::LoadFollower(const std::shared_ptr<grpc::Channel>& channel, const std::string& log, int64_t from_offset,
                           std::string run)
    : run_(std::move(run)) {
  EventStreamOptions options;
  options.request.set_log(log);
  options.request.set_offset(from_offset);
  EventStreamHandler& handler = *this;  // make_unique is no friend
  stream_ = std::make_unique<EventStream>(channel, std::move(options), handler);
}

void LoadFollower::MeasureFrom(absl::Time time) {
  absl::MutexLock lock(&mutex_);
  measure_start_ = time;
}

bool LoadFollower::AwaitStarted(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto known = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return started_ || ended_; };
  mutex_.AwaitWithDeadline(absl::Condition(&known), deadline);
  return started_ && !ended_;
}

bool LoadFollower::AwaitOffset(int64_t offset, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return next_offset_ >= offset || ended_; };
  mutex_.AwaitWithDeadline(absl::Condition(&there), deadline);
  return next_offset_ >= offset;
}

LoadFollowerFigures LoadFollower::figures() const {
  absl::MutexLock lock(&mutex_);
  return figures_;
}

void LoadFollower::OnStarted(const v1::SubscribeResponse::Started& started) {
  absl::MutexLock lock(&mutex_);
  started_ = true;
  next_offset_ = std::max(next_offset_, started.next_offset());
}

void LoadFollower::OnBatch(v1::SubscribeResponse::Batch& batch) {
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

void LoadFollower::OnGap(const v1::Gap& gap) {
  absl::MutexLock lock(&mutex_);
  ++figures_.gaps;
  next_offset_ = std::max(next_offset_, gap.next_offset());
}

void LoadFollower::OnHeartbeat(int64_t next_offset) {
  absl::MutexLock lock(&mutex_);
  next_offset_ = std::max(next_offset_, next_offset);
}

void LoadFollower::OnDisconnected(const absl::Status&) {
  absl::MutexLock lock(&mutex_);
  ++figures_.disconnects;
}

void LoadFollower::OnEnded(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  ended_ = true;
  figures_.end = status;
}

}  // namespace eventlog
