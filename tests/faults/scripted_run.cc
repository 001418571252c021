#include "tests/faults/scripted_run.h"

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

constexpr uint32_t kProducers = 3;
const absl::Time kNoon = absl::FromUnixSeconds(1'700'000'000);

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

AppendOracle ScriptedRun::oracle() const {
  absl::MutexLock lock(&mutex_);
  return oracle_;
}

void ScriptedRun::Close() {
  log_ = nullptr;
  engine_.reset();
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

absl::Status ScriptedRun::Open() {
  files_.SetFault([this](FakeFileSystem::Operation operation, const std::string& path) {
    absl::Status fault = fault_ ? fault_(operation, path) : absl::OkStatus();
    if (fault.ok() && full_ && NeedsSpace(operation)) {
      fault = Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no space left");
    }
    if (!fault.ok()) ++failed_operations_;
    return fault;
  });
  return OpenEngine();
}

absl::Status ScriptedRun::Run(int rounds) {
  absl::Status status = Open();
  for (int round = 0; status.ok() && round < rounds; ++round) status = Round();
  return status;
}

absl::Status ScriptedRun::Round() {
  clock_.Set(clock_.Now() + absl::Seconds(1));
  const uint32_t action = Draw(16);
  full_ = full_disks_ && action < 2;
  const absl::Status appended = AppendGroup();
  full_ = false;
  if (!appended.ok() || action < 14) return appended;
  if (action == 14) return ReadBack();
  Close();
  const absl::Status opened = OpenEngine();
  return opened.ok() ? ReadBack() : opened;
}

absl::Status ScriptedRun::AppendGroup() {
  std::vector<PendingAppend> pending;
  {
    HeldGroup held(*log_, clock_);
    const uint32_t batches = 1 + Draw(4);
    for (uint32_t i = 0; i < batches; ++i) {
      std::vector<size_t> sizes(1 + Draw(4));
      for (size_t& size : sizes) size = Draw(8) == 0 ? 700 : 10 + Draw(120);
      const uint32_t producer = Draw(kProducers + 1);
      AppendBatch batch;
      int number = 0;
      {
        absl::MutexLock lock(&mutex_);
        batch = oracle_.Send(producer == 0 ? "" : absl::StrCat("producer-", producer), sizes);
        number = oracle_.last();
      }
      pending.emplace_back();
      log_->Append(std::move(batch),
                   [this, number, done = pending.back().callback()](absl::StatusOr<AppendResult> answer) mutable {
                     {
                       absl::MutexLock lock(&mutex_);
                       oracle_.Answered(number, answer);
                     }
                     done(std::move(answer));
                   });
    }
  }
  for (const PendingAppend& append : pending) {
    const absl::StatusOr<AppendResult> answer = append.Wait();
    if (absl::IsDeadlineExceeded(answer.status())) return absl::InternalError("an append was not answered");
    if (absl::IsResourceExhausted(answer.status()) && !answer.status().GetPayload(kRetryInfoUrl).has_value()) {
      return absl::InternalError(absl::StrCat("no RetryInfo in ", answer.status().ToString()));
    }
  }
  return engine_->health();
}

absl::Status ScriptedRun::ReadBack() {
  const int64_t failed_operations = failed_operations_;
  const absl::StatusOr<LogContents> contents = ReadContents(*log_, 700);
  if (absl::IsUnavailable(contents.status()) && failed_operations_ > failed_operations) return absl::OkStatus();
  if (!contents.ok()) return contents.status();
  absl::MutexLock lock(&mutex_);
  absl::Status sound = oracle_.Compare(*contents);
  if (sound.ok() && !contents->gaps.empty()) sound = absl::InternalError("a gap in a sound log");
  oracle_.Shown(*contents);
  return sound;
}

}  // namespace eventlog
