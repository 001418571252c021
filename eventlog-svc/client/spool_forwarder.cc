#include "eventlog-svc/client/spool_forwarder.h"

#include <utility>
#include <vector>

#include "eventlog-svc/client/spool_batches.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

// How often it is looked whether the lock is free, which nobody tells; and, where the system has no watches left,
// whether something was added.
constexpr absl::Duration kLookInterval = absl::Seconds(1);

// What a sender with a spool counts.
void AddSent(const EventLogClientCounters& more, EventLogClientCounters& sum) {
  sum.acknowledged += more.acknowledged;
  sum.rejected += more.rejected;
  sum.connections += more.connections;
  sum.resent += more.resent;
}

}  // namespace

SpoolForwarder::SpoolForwarder(SpoolOptions spool, SpoolTarget target, ServerList servers, BatchSenderOptions sender,
                               std::unique_ptr<SpoolSenderLock> lock)
    : spool_(std::move(spool)),
      target_(std::move(target)),
      servers_(std::move(servers)),
      options_(std::move(sender)),
      watch_(spool_.folder, SpoolDatabase::kFilePrefix),
      lock_(std::move(lock)) {
  std::thread([this] { Run(); }).swap(thread_);
}

SpoolForwarder::~SpoolForwarder() { Stop(); }

void SpoolForwarder::Run() {
  while (true) {
    const absl::Status status = EnsureSending();
    LOG_IF_EVERY_N(WARNING, !status.ok(), 60) << "the spool is not being sent, and tried again: " << status;
    watch_.Await(kLookInterval);
    absl::MutexLock lock(&mutex_);
    ++changes_;
    if (stopping_) break;
    if (sender_ != nullptr) sender_->Notify();
  }
  EndSender();
}

absl::Status SpoolForwarder::EnsureSending() {
  const SpoolSenderLock* held = nullptr;  // nobody else takes it away
  bool has_sender = false;
  {
    absl::MutexLock lock(&mutex_);
    held = lock_.get();
    has_sender = sender_ != nullptr;
  }
  // The folder may have been removed, with the file that the lock is on.
  const bool has_lock = held != nullptr && held->Current();
  if (has_sender && has_lock && !SenderIsStale()) return absl::OkStatus();
  if (has_sender) EndSender();
  if (!has_lock) {
    std::unique_ptr<SpoolSenderLock> old;
    {
      absl::MutexLock lock(&mutex_);
      old = std::move(lock_);
    }
    old.reset();
    absl::StatusOr<std::unique_ptr<SpoolSenderLock>> taken = SpoolSenderLock::TryTake(spool_.folder);
    if (!taken.ok()) return absl::IsNotFound(taken.status()) ? absl::OkStatus() : taken.status();
    if (*taken == nullptr) return absl::OkStatus();
    absl::MutexLock lock(&mutex_);
    lock_ = *std::move(taken);
  }
  return StartSender();
}

absl::Status SpoolForwarder::StartSender() {
  absl::StatusOr<std::unique_ptr<SpoolBatches>> spool = SpoolBatches::Open(spool_, target_, options_.queue);
  if (!spool.ok()) return spool.status();
  absl::StatusOr<std::vector<AppendQueue::Batch>> unanswered = (*spool)->Unanswered();
  if (!unanswered.ok()) {
    if (absl::IsDataLoss(unanswered.status())) return (*spool)->database().SetAside(unanswered.status());
    return unanswered.status();
  }
  BatchSenderOptions options = options_;
  options.log = (*spool)->target().log;
  database_ = &(*spool)->database();
  auto sender = std::make_unique<BatchSender>(servers_, std::move(options), *std::move(spool), *std::move(unanswered));
  absl::MutexLock lock(&mutex_);
  sender_ = std::move(sender);
  return absl::OkStatus();
}

bool SpoolForwarder::SenderIsStale() const {
  absl::Status failure;
  {
    absl::MutexLock lock(&mutex_);
    failure = sender_->spool_failure();
  }
  if (failure.ok()) return !database_->Current();
  const absl::Status aside = database_->Current() ? database_->SetAside(failure) : absl::OkStatus();
  LOG_IF(ERROR, !aside.ok()) << "a damaged spool cannot be set aside: " << aside;
  return true;
}

void SpoolForwarder::EndSender() {
  BatchSender* ending = nullptr;  // only this thread takes it away
  {
    absl::MutexLock lock(&mutex_);
    ending = sender_.get();
  }
  if (ending == nullptr) return;
  ending->Stop();
  database_ = nullptr;
  std::unique_ptr<BatchSender> ended;
  absl::MutexLock lock(&mutex_);
  // In one step: what it counted is never missing.
  ended = std::move(sender_);
  AddSent(ended->counters(), ended_);
}

bool SpoolForwarder::sending() const {
  absl::MutexLock lock(&mutex_);
  return lock_ != nullptr;
}

int64_t SpoolForwarder::changes() const {
  absl::MutexLock lock(&mutex_);
  return changes_;
}

bool SpoolForwarder::AwaitChange(int64_t seen, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto changed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return changes_ > seen || stopping_; };
  return mutex_.AwaitWithDeadline(absl::Condition(&changed), deadline) && !stopping_;
}

void SpoolForwarder::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  watch_.Wake();
  if (thread_.joinable()) thread_.join();
  std::unique_ptr<SpoolSenderLock> given_back;
  absl::MutexLock lock(&mutex_);
  given_back = std::move(lock_);
}

EventLogClientCounters SpoolForwarder::counters() const {
  absl::MutexLock lock(&mutex_);
  EventLogClientCounters counters = ended_;
  if (sender_ != nullptr) AddSent(sender_->counters(), counters);
  return counters;
}

}  // namespace eventlog
