#include "tests/sim/sim_disk.h"

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

bool Lacks(SimDisk::Space space, SimDisk::Operation operation) {
  if (space == SimDisk::Space::kEnough) return false;
  return operation == SimDisk::Operation::kCreate || operation == SimDisk::Operation::kAllocate ||
         (operation == SimDisk::Operation::kWrite && space == SimDisk::Space::kNone);
}

absl::Status BrokenError(const std::string& path) {
  return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", absl::StrCat(path, ": input/output error"));
}

}  // namespace

SimDisk::SimDisk() { EndFaults(); }

void SimDisk::BreakOne(Operation operation, int64_t skip) {
  broken_operation_ = operation;
  broken_skip_ = skip;
}

void SimDisk::StopAfter(int64_t operations) {
  stop_at_ = files_.operations() + 1 + operations;
  files_.CutPowerAt(stop_at_);
}

bool SimDisk::stopped() const { return stop_at_ > 0 && files_.operations() >= stop_at_; }

void SimDisk::EndFaults() {
  broken_skip_ = -1;
  reads_to_break_ = 0;
  stop_at_ = 0;
  files_.CutPowerAt(0);
  files_.SetFault([this](Operation operation, const std::string& path) { return Fault(operation, path); });
}

void SimDisk::KillProcess() { EndFaults(); }

void SimDisk::CutPower(uint32_t seed) {
  files_.Restart(seed);
  EndFaults();
}

SimDisk::Failures SimDisk::failures() const {
  Failures failures = failures_;
  if (stopped()) ++failures.broken;
  return failures;
}

absl::Status SimDisk::Fault(Operation operation, const std::string& path) {
  if (!FakeFileSystem::Changes(operation)) {
    if (reads_to_break_ == 0) return absl::OkStatus();
    --reads_to_break_;
    ++failures_.reads;
    failures_.broken += operation == Operation::kList ? 1 : 0;
    return BrokenError(path);
  }
  if (operation == broken_operation_ && broken_skip_ >= 0 && broken_skip_-- == 0) {
    ++failures_.broken;
    failures_.syncs += operation == Operation::kSync ? 1 : 0;
    return BrokenError(path);
  }
  if (!Lacks(space_, operation)) return absl::OkStatus();
  ++failures_.full;
  return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no space left");
}

}  // namespace eventlog
