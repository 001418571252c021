#include "tests/faults/scripted_run.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

constexpr uint32_t kProducers = 3;
constexpr uint32_t kCursors = 3;
const absl::Time kNoon = absl::FromUnixSeconds(1'700'000'000);
// A safety net: what is not answered by then never will be.
constexpr absl::Duration kAnswerDeadline = absl::Seconds(20);

bool NeedsSpace(FakeFileSystem::Operation operation) {
  return operation == FakeFileSystem::Operation::kCreate || operation == FakeFileSystem::Operation::kWrite ||
         operation == FakeFileSystem::Operation::kAllocate;
}

}  // namespace

EmbeddedEngineOptions SmallEngineOptions() {
  EmbeddedEngineOptions options;
  options.data_dir = "/data";
  options.storage.segment_bytes_max = 4096;
  options.storage.index_interval_bytes = 512;
  // Never: it would ask a clock that stands still for the script.
  options.retention_interval = absl::InfiniteDuration();
  options.commit.clock = [] { return kNoon; };
  return options;
}

absl::StatusOr<std::unique_ptr<LocalEngine>> OpenSmallEngine(FakeFileSystem& files) {
  return OpenEmbeddedEngine(files, SmallEngineOptions());
}

KnownLog ScriptedRun::known() const {
  absl::MutexLock lock(&mutex_);
  KnownLog known{appends_, state_};
  if (log_ == nullptr) return known;
  known.head = log_->bounds().head_offset;
  known.state.Shown(ReadState(*log_));
  return known;
}

void ScriptedRun::Close() {
  log_ = nullptr;
  engine_.reset();
}

ScriptedRun::ScriptedRun(FakeFileSystem& files, const PausedRun& paused)
    : files_(files),
      random_(paused.random),
      clock_(paused.time),
      appends_(paused.known.appends),
      state_(paused.known.state) {}

PausedRun ScriptedRun::Pause() {
  KnownLog now = known();
  Close();
  return {files_.Capture(), random_, clock_.Now(), std::move(now)};
}

absl::Status ScriptedRun::OpenEngine() {
  EmbeddedEngineOptions options = SmallEngineOptions();
  options.commit.clock = [this] { return clock_.Now(); };
  absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenEmbeddedEngine(files_, options);
  if (!engine.ok()) return engine.status();
  engine_ = *std::move(engine);
  log_ = engine_->logs().at(0).get();
  return absl::OkStatus();
}

absl::Status ScriptedRun::CloseAndOpen() {
  Close();
  absl::Status status = OpenEngine();
  if (status.ok()) status = ReadBack();
  return status.ok() ? RepeatOpen() : status;
}

absl::Status ScriptedRun::RepeatOpen() {
  const absl::StatusOr<LogContents> contents = ReadContents(*log_);
  if (!contents.ok()) return contents.status();
  // On a copy: whoever asks meanwhile hears of no answer too many.
  AppendOracle appends = known().appends;
  const absl::Status repeated = appends.Repeat(*log_, *contents);
  absl::MutexLock lock(&mutex_);
  appends_ = std::move(appends);
  return engine_->health().ok() ? repeated : engine_->health();
}

absl::Status ScriptedRun::Fault(FakeFileSystem::Operation operation, const std::string& path) {
  absl::Status fault = fault_ ? fault_(operation, path) : absl::OkStatus();
  if (fault.ok() && full_ && NeedsSpace(operation)) {
    fault = Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no space left");
  }
  const bool syncs_events = operation == FakeFileSystem::Operation::kSync && absl::EndsWith(path, ".log");
  if (fault.ok() && syncs_events && next_sync_fails_.exchange(false)) {
    fault = Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "input/output error");
  }
  if (!fault.ok()) ++failed_operations_;
  return fault;
}

absl::Status ScriptedRun::Open() {
  files_.SetFault(
      [this](FakeFileSystem::Operation operation, const std::string& path) { return Fault(operation, path); });
  return OpenEngine();
}

absl::Status ScriptedRun::Run(int rounds) {
  absl::Status status = Open();
  for (int round = 0; status.ok() && round < rounds; ++round) status = Round();
  return status;
}

absl::Status ScriptedRun::Round() {
  MoveClock();
  const uint32_t action = Draw(20);
  if (action == 2) return FailASync();
  full_ = action < 2;
  const absl::Status committed = CommitGroup();
  full_ = false;
  if (!committed.ok() || action > 5) return committed;
  return action == 3 ? ReadBack() : action == 4 ? CloseAndOpen() : absl::OkStatus();
}

void ScriptedRun::MoveClock() {
  const uint32_t jump = Draw(8);
  const absl::Duration step = jump == 0   ? -absl::Seconds(1 + Draw(3600))
                              : jump == 1 ? absl::Seconds(1 + Draw(3600))
                                          : absl::Seconds(1);
  clock_.Set(clock_.Now() + step);
}

absl::Status ScriptedRun::CommitGroup() {
  {
    HeldGroup held(*log_, clock_);
    const uint32_t batches = Draw(5);
    const uint32_t changes = Draw(2) * Draw(4);
    for (uint32_t left = std::max(1u, batches + changes); left > 0; --left) {
      if (Draw(batches + changes + 1) < changes) {
        SendChange();
      } else {
        SendAppend();
      }
    }
  }
  return AwaitAnswers();
}

absl::Status ScriptedRun::FailASync() {
  next_sync_fails_ = true;
  const absl::Status committed = CommitGroup();
  // A group of refusals needs no sync.
  if (next_sync_fails_.exchange(false)) return committed;
  if (committed.ok()) return absl::InternalError("the log is sound after a failed sync");
  if (!absl::IsUnavailable(committed)) return committed;
  const absl::StatusOr<AppendResult> late = Append(*log_, MakeBatch({"behind a failed sync"}));
  if (!absl::IsUnavailable(late.status())) return absl::InternalError("an append was taken behind a failed sync");
  return CloseAndOpen();
}

void ScriptedRun::SendAppend() {
  std::vector<size_t> sizes(1 + Draw(4));
  for (size_t& size : sizes) size = Draw(8) == 0 ? 700 : 10 + Draw(120);
  const uint32_t producer = Draw(kProducers + 1);
  AppendBatch batch;
  int number = 0;
  {
    absl::MutexLock lock(&mutex_);
    batch = appends_.Send(producer == 0 ? "" : absl::StrCat("producer-", producer), sizes);
    number = appends_.last();
    ++unanswered_;
  }
  log_->Append(std::move(batch), [this, number](const absl::StatusOr<AppendResult>& answer) {
    absl::MutexLock lock(&mutex_);
    appends_.Answered(number, answer);
    if (absl::IsResourceExhausted(answer.status()) && !answer.status().GetPayload(kRetryInfoUrl).has_value()) {
      broken_.Update(absl::InternalError(absl::StrCat("no RetryInfo in ", answer.status().ToString())));
    }
    --unanswered_;
  });
}

void ScriptedRun::SendChange() {
  const LogBounds bounds = log_->bounds();
  LogChange change = DrawChange(bounds);
  int number = 0;
  {
    absl::MutexLock lock(&mutex_);
    number = state_.Send(change, bounds);
    ++unanswered_;
  }
  log_->Change(std::move(change), [this, number](const absl::StatusOr<Cursor>& answer) {
    absl::MutexLock lock(&mutex_);
    broken_.Update(state_.Answered(number, answer));
    --unanswered_;
  });
}

LogChange ScriptedRun::DrawChange(const LogBounds& bounds) {
  const int64_t kept = bounds.head_offset - bounds.start_offset;
  const uint32_t action = Draw(10);
  // A trim by hand may go anywhere, and often does not go far.
  if (action < 2) return TrimLog{bounds.start_offset + Draw(static_cast<uint32_t>(kept / (action == 0 ? 1 : 4) + 1))};
  const std::string name = absl::StrCat("cursor-", 1 + Draw(kCursors));
  if (action == 2) return DeleteCursor{name};
  if (action == 3) return TakeCursor{name};
  // Also below the start and above the head.
  const int64_t next_offset = std::max<int64_t>(0, bounds.start_offset - 5) + Draw(static_cast<uint32_t>(kept + 11));
  if (action == 4) return ResetCursor{name, next_offset};
  absl::MutexLock lock(&mutex_);
  const auto& cursors = state_.expected().cursors;
  const auto found = cursors.find(name);
  const int64_t generation = found == cursors.end() ? 0 : found->second.generation;
  return CommitCursor{name, next_offset, action == 5 ? generation + 1 : generation};
}

absl::Status ScriptedRun::AwaitAnswers() {
  {
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(this, &ScriptedRun::AllAnswered), kAnswerDeadline)) {
      return absl::InternalError("something was not answered");
    }
    if (!broken_.ok()) return broken_;
  }
  return engine_->health();
}

absl::Status ScriptedRun::ReadBack() {
  const StateContents state = ReadState(*log_);
  {
    // Nothing is under way; and this needs no reading that could fail.
    absl::MutexLock lock(&mutex_);
    const absl::Status sound = state_.Compare(state);
    if (!sound.ok()) return sound;
    state_.Shown(state);
    state_.Settle();
  }
  const int64_t failed_operations = failed_operations_;
  const absl::StatusOr<LogContents> contents = ReadContents(*log_, 700);
  if (absl::IsUnavailable(contents.status()) && failed_operations_ > failed_operations) return absl::OkStatus();
  if (!contents.ok()) return contents.status();
  absl::MutexLock lock(&mutex_);
  absl::Status sound = appends_.Compare(*contents);
  if (sound.ok() && !contents->gaps.empty()) sound = absl::InternalError("a gap in a sound log");
  appends_.Shown(*contents);
  return sound;
}

}  // namespace eventlog
