// Appends to a log and reads it back, in a few words: for tests of engines.

#ifndef TESTS_SUPPORT_LOG_DRIVER_H_
#define TESTS_SUPPORT_LOG_DRIVER_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

// The wire form of an event whose text is `text`; it has no time.
std::string MakeEvent(const std::string& text);
AppendBatch MakeBatch(const std::vector<std::string>& texts);
AppendBatch MakeBatch(const std::vector<std::string>& texts, const ProducerSequence& producer);

// An append that was begun. Copies share its answer.
class PendingAppend {
 public:
  PendingAppend() : answer_(std::make_shared<Answer>()) {}

  AppendCallback callback() const;
  // Waits for the answer; kDeadlineExceeded when there is none for long. A second answer fails the process.
  absl::StatusOr<AppendResult> Wait() const;
  bool answered() const;

 private:
  struct Answer {
    bool HasResult() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return result != nullptr; }
    mutable absl::Mutex mutex;
    std::unique_ptr<absl::StatusOr<AppendResult>> result ABSL_GUARDED_BY(mutex);
  };
  std::shared_ptr<Answer> answer_;
};

PendingAppend BeginAppend(Log& log, AppendBatch batch);
absl::StatusOr<AppendResult> Append(Log& log, AppendBatch batch);

// A record as a reader gets it.
struct StoredEvent {
  int64_t offset = 0;
  std::string text;
  absl::Time append_time;
  absl::Time event_time;
};

// Parses the page's wire bytes and holds them against its spans.
std::vector<StoredEvent> Parse(const RecordPage& page);
// The whole log, page by page; fails the test at a gap.
std::vector<StoredEvent> ReadAll(const Log& log, Direction direction = Direction::kForward);
std::vector<std::string> ReadTexts(const Log& log);

// A clock that the test sets; it can also hold the committing thread, which asks it once for each group.
class GatedClock {
 public:
  explicit GatedClock(absl::Time now = absl::FromUnixSeconds(1'700'000'000)) : now_(now) {}

  absl::Time Now();
  void Set(absl::Time now);
  // From now on Now() waits for Open().
  void Shut();
  // Waits until somebody waits in Now().
  void AwaitWaiting();
  void Open();

 private:
  bool IsOpen() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !shut_; }
  bool IsWaiting() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return waiting_; }

  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  bool shut_ ABSL_GUARDED_BY(mutex_) = false;
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;
};

// While it lives all that is appended to `log`, whose clock is `clock`, gathers in the queue; Release commits it as one
// group.
class HeldGroup {
 public:
  HeldGroup(Log& log, GatedClock& clock);
  ~HeldGroup() { Release(); }
  void Release() { clock_.Open(); }

 private:
  GatedClock& clock_;
};

}  // namespace eventlog

#endif  // TESTS_SUPPORT_LOG_DRIVER_H_
