// A file system in memory that forgets what was not synced, and fails where it is told to.

#ifndef TESTS_SUPPORT_FAKE_FILE_SYSTEM_H_
#define TESTS_SUPPORT_FAKE_FILE_SYSTEM_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/storage/file_system.h"
#include "tests/support/fake_inode.h"

namespace eventlog {

// Thread safe. Like a disk and its page cache: a write is visible at once, and survives Restart() for certain only
// after a sync that succeeded; a new file or folder only after SyncDirectory of the folder that it is in. After a sync
// that failed, what it should have kept is gone for good, also when a later sync says OK: so does Linux. Must outlive
// its files and locks.
class FakeFileSystem : public FileSystem {
 public:
  // From kOpen on they change nothing.
  enum class Operation {
    kCreate,
    kWrite,
    kSync,
    kAllocate,
    kTruncate,
    kRename,
    kRemove,
    kSyncDirectory,
    kOpen,
    kRead,
    kList,
    kStat
  };

  // A state of the whole system, synced and not. Cheap to take and to copy: bytes are shared until one side changes
  // them.
  class Image;

  FakeFileSystem();
  // As the power left `image`: what Restart(seed) finds.
  FakeFileSystem(const Image& image, uint32_t seed);
  ~FakeFileSystem() override;

  // Asked before each operation, with the name that the file has then; an error makes it fail. A failed write has
  // written the first half of its bytes. Called with no lock held.
  using Fault = std::function<absl::Status(Operation operation, const std::string& path)>;
  void SetFault(Fault fault);

  // Whether an operation of this kind changes something.
  static bool Changes(Operation operation) { return operation < Operation::kOpen; }
  // How many operations there were that change something.
  int64_t operations() const {
    absl::MutexLock lock(&mutex_);
    return operations_;
  }
  // How many bytes were read of files.
  int64_t bytes_read() const {
    absl::MutexLock lock(&mutex_);
    return bytes_read_;
  }
  // The power goes at the operation with this number, counted from 1 as operations() does: it and all later ones fail.
  void CutPowerAt(int64_t operation) {
    absl::MutexLock lock(&mutex_);
    power_cut_at_ = operation;
  }
  // What the system finds when it comes up again: all that was synced, and of the rest any mixture of sectors, also of
  // versions of them that were written over since, of sizes and of names, chosen by `seed`; 0 keeps nothing that was
  // not synced, 1 all. Faults are over. Who used the files and locks must be gone.
  void Restart(uint32_t seed);
  // The state now, between two operations.
  Image Capture() const;

  // From now on what is written (not: cut off, renamed) is on the disk at once, as it may be with any system.
  void WriteBackAtOnce();

  // The bytes of a file as readers see them; for looking at and for damaging it. Empty when there is none.
  std::string Content(const std::string& path) const;
  void SetContent(const std::string& path, const std::string& content);

  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override;
  absl::Status CreateDirectories(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) const override;
  absl::StatusOr<int64_t> FileSize(const std::string& path) const override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

 private:
  class OpenFile;
  class HeldLock;
  using Names = std::map<std::string, std::shared_ptr<FakeInode>>;
  // A change of names that was not synced: `inode` is null where the name goes away. Or a folder that was renamed: what
  // is in it goes with it as far as its own names are synced.
  struct NameChange {
    std::map<std::string, std::shared_ptr<FakeInode>> names;
    std::string directory;
    std::string folder_from = {};
    std::string folder_to = {};
    bool folder_was_synced = false;
  };
  struct State {
    std::map<std::string, bool> directories;  // to whether it was synced
    Names names;
    Names synced_names;
    std::vector<NameChange> name_changes;
  };

  // Counts the operation and says whether it fails.
  absl::Status Begin(Operation operation, const std::string& path);
  std::string PathOf(const FakeInode& inode) const {
    absl::MutexLock lock(&mutex_);
    return inode.path();
  }
  // Whether the fault that is set makes it fail.
  absl::Status Ask(Operation operation, const std::string& path) const;
  absl::Status RenameFolder(const std::string& from, const std::string& to);
  absl::Status ChangeNames(Operation operation, const std::string& path, NameChange change);
  static void Apply(const NameChange& change, Names& names);
  // The state that a power cut in `state` leaves.
  static State AfterPowerCut(const State& state, uint32_t seed);

  mutable absl::Mutex mutex_;
  std::shared_ptr<const Fault> fault_ ABSL_GUARDED_BY(mutex_);
  int64_t operations_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t bytes_read_ ABSL_GUARDED_BY(mutex_) = 0;
  bool write_back_at_once_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t power_cut_at_ ABSL_GUARDED_BY(mutex_) = 0;  // 0: never
  State state_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> locks_ ABSL_GUARDED_BY(mutex_);
};

// Does not change once it is taken.
class FakeFileSystem::Image {
 private:
  friend class FakeFileSystem;
  State state_;
};

}  // namespace eventlog

#endif  // TESTS_SUPPORT_FAKE_FILE_SYSTEM_H_
