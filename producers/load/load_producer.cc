#include "producers/load/load_producer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "eventlog-svc/client/rpc_error.h"
#include "producers/load/chain_event.h"

namespace eventlog {
namespace {

// An append that takes longer has waited for the log.
constexpr absl::Duration kHeldUp = absl::Milliseconds(1);
// How often a wait looks whether the load is over.
constexpr absl::Duration kLook = absl::Milliseconds(50);

void SetTime(absl::Time time, google::protobuf::Timestamp& timestamp) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

std::string ReasonOf(const absl::Status& status) {
  const std::string reason = RpcErrorReason(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

}  // namespace

LoadProducer::LoadProducer(int index, LoadPlan& plan, PayloadSource payload, EventAppender& appender, RunLedger& ledger)
    : index_(index), plan_(plan), appender_(appender), ledger_(ledger), payload_(std::move(payload)) {
  std::thread([this] { Run(); }).swap(thread_);
}

LoadProducer::~LoadProducer() { thread_.join(); }

AppendFigures LoadProducer::figures() const {
  absl::MutexLock lock(&mutex_);
  return figures_;
}

void LoadProducer::Run() {
  plan_.stop.WaitForNotificationWithDeadline(plan_.start);
  if (plan_.schedule.has_value()) {
    RunOpen();
  } else {
    RunClosed();
  }
  appender_.Finish();
  finished_.Notify();
}

bool LoadProducer::Claim(absl::Time due) {
  if (plan_.stop.HasBeenNotified() || due >= plan_.end) return false;
  return due < plan_.measure_start || plan_.budget.fetch_sub(1) > 0;
}

void LoadProducer::RunOpen() {
  int64_t next = 0;
  for (;; ++next) {
    const absl::Time due = plan_.schedule->DueAt(index_, next);
    if (due >= plan_.end) break;
    if (due > absl::Now()) {
      const absl::Time before = absl::Now();
      appender_.Push();
      held_up_ = held_up_ || absl::Now() - before > kHeldUp;
      plan_.stop.WaitForNotificationWithDeadline(due);
    }
    if (!Claim(due) || !AppendOne(due)) break;
  }
  // What the end cut off, but for what a count leaves out on purpose.
  const absl::Time end = std::min(plan_.end, absl::Now());
  const int64_t due = plan_.budget.load() > 0 ? plan_.schedule->CountDueBefore(index_, end) : next;
  absl::MutexLock lock(&mutex_);
  figures_.due = std::max(due, next);
  figures_.not_sent = figures_.due - next;
}

void LoadProducer::RunClosed() {
  const int64_t gather = std::min(plan_.gather, plan_.outstanding_max);
  while (AwaitWindow(gather)) {
    for (int64_t i = 0; i < gather; ++i) {
      const absl::Time now = absl::Now();
      if (!Claim(now) || !AppendOne(now)) return;
    }
    if (gather > 1) appender_.Push();
  }
}

bool LoadProducer::AwaitWindow(int64_t events) {
  absl::MutexLock lock(&mutex_);
  const auto fits = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return outstanding_ + events <= plan_.outstanding_max;
  };
  while (!mutex_.AwaitWithTimeout(absl::Condition(&fits), kLook)) {
    if (plan_.stop.HasBeenNotified() || absl::Now() >= plan_.end) return false;
  }
  return true;
}

void LoadProducer::NoteLateness(absl::Time due, absl::Time now) {
  const absl::Duration late = now - due;
  if (late <= AppendFigures::kLate) {
    held_up_ = false;
    return;
  }
  absl::MutexLock lock(&mutex_);
  if (held_up_) {
    ++figures_.late_for_log;
  } else {
    ++figures_.late_for_generator;
    figures_.generator_late_max = std::max(figures_.generator_late_max, late);
  }
}

bool LoadProducer::AppendOne(absl::Time due) {
  v1::Event event;
  event.set_type(kChainType);
  SetTime(due, *event.mutable_time());
  const int64_t bytes = payload_.Fill(event);
  const uint64_t hash = SealChainEvent({ledger_.run(), index_, sequence_, previous_}, event);
  ledger_.Sent(index_, hash);
  const absl::Time before = absl::Now();
  if (plan_.schedule.has_value()) NoteLateness(due, before);
  {
    absl::MutexLock lock(&mutex_);
    ++outstanding_;
  }
  const absl::Status taken = appender_.Append(
      std::move(event), [this, sequence = sequence_, due, bytes](const absl::StatusOr<int64_t>& result) {
        Answered(sequence, due, bytes, result);
      });
  held_up_ = held_up_ || absl::Now() - before > kHeldUp;
  if (!taken.ok()) {
    ledger_.Unsend(index_);
    absl::MutexLock lock(&mutex_);
    --outstanding_;
    return false;
  }
  plan_.sent.fetch_add(1, std::memory_order_relaxed);
  ++sequence_;
  previous_ = hash;
  return true;
}

void LoadProducer::Answered(int64_t sequence, absl::Time due, int64_t bytes, const absl::StatusOr<int64_t>& result) {
  const absl::Time now = absl::Now();
  if (result.ok()) {
    ledger_.Acknowledged(index_, sequence, *result);
    plan_.acknowledged.fetch_add(1, std::memory_order_relaxed);
  }
  absl::MutexLock lock(&mutex_);
  --outstanding_;
  if (!result.ok()) {
    ++figures_.unacknowledged;
    ++figures_.errors[ReasonOf(result.status())];
    return;
  }
  ++figures_.acknowledged;
  if (due < plan_.measure_start) return;
  figures_.latency.Record(now - due);
  figures_.measured_bytes += bytes;
  figures_.last_measured = now;
}

}  // namespace eventlog
