// The disk of a simulation: FakeFileSystem, and the faults that are under way on it. It counts what failed because of
// them, so that a failure of the log that no fault explains is seen.

#ifndef TESTS_SIM_SIM_DISK_H_
#define TESTS_SIM_SIM_DISK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "tests/support/fake_file_system.h"

namespace eventlog {

// One thread.
class SimDisk {
 public:
  using Operation = FakeFileSystem::Operation;

  // How many operations failed so far, by what failed them.
  struct Failures {
    int64_t full = 0;
    int64_t broken = 0;  // EIO of what changing the log needs: of changes, and of listings; the power is gone
    int64_t reads = 0;   // listings too
    int64_t syncs = 0;   // of those that are broken: of files
  };

  SimDisk();

  FakeFileSystem& files() { return files_; }

  enum class Space {
    kEnough,
    kReserved,  // what has space reserved can be written, nothing can be created or reserved
    kNone,
  };
  void SetSpace(Space space) { space_ = space; }
  Space space() const { return space_; }
  // The operation of this kind after `skip` others of it fails with EIO, once.
  void BreakOne(Operation operation, int64_t skip);
  // The next `count` reads and openings fail with EIO.
  void BreakReads(int64_t count) { reads_to_break_ = count; }
  // The operation after `operations` others that change something is not done any more, and none after it: the process
  // is killed there, or the power goes.
  void StopAfter(int64_t operations);
  bool stopped() const;
  // Ends all of these but a full disk.
  void EndFaults();

  // The process is dead, what it wrote is still in the page cache.
  void KillProcess();
  // FakeFileSystem::Restart.
  void CutPower(uint32_t seed);

  Failures failures() const;

 private:
  absl::Status Fault(Operation operation, const std::string& path);

  FakeFileSystem files_;
  Space space_ = Space::kEnough;
  Operation broken_operation_ = Operation::kSync;
  int64_t broken_skip_ = -1;  // -1: none
  int64_t reads_to_break_ = 0;
  int64_t stop_at_ = 0;  // FakeFileSystem::operations(); 0: never
  Failures failures_;
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_DISK_H_
