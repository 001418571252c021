#include "tests/support/fake_file_system.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status NotThere(const std::string& path) {
  return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", absl::StrCat(path, ": no such file"));
}

}  // namespace

class FakeFileSystem::OpenFile : public File {
 public:
  OpenFile(FakeFileSystem& system, std::shared_ptr<FakeInode> inode) : system_(system), inode_(std::move(inode)) {}

  absl::StatusOr<size_t> Read(int64_t position, size_t size, char* buffer) const override {
    if (const absl::Status status = Begin(Operation::kRead); !status.ok()) return status;
    absl::MutexLock lock(&system_.mutex_);
    const std::string& content = inode_->content();
    if (position >= static_cast<int64_t>(content.size())) return size_t{0};
    const size_t count = content.copy(buffer, size, static_cast<size_t>(position));
    system_.bytes_read_ += static_cast<int64_t>(count);
    return count;
  }

  absl::Status Write(int64_t position, absl::Span<const absl::string_view> parts) override {
    std::string bytes;
    for (const absl::string_view part : parts) absl::StrAppend(&bytes, part);
    const absl::Status status = Begin(Operation::kWrite);
    if (!status.ok()) bytes.resize(bytes.size() / 2);
    absl::MutexLock lock(&system_.mutex_);
    if (system_.write_back_at_once_) {
      inode_->PutThrough(position, bytes);
    } else {
      inode_->Put(position, bytes);
    }
    return status;
  }

  absl::Status Sync() override {
    const absl::Status status = Begin(Operation::kSync);
    absl::MutexLock lock(&system_.mutex_);
    const bool power_is_gone = system_.power_cut_at_ > 0 && system_.operations_ >= system_.power_cut_at_;
    if (status.ok()) inode_->Sync();
    if (!status.ok() && !power_is_gone) inode_->FailSync();
    return status;
  }

  absl::Status Allocate(int64_t size) override {
    if (const absl::Status status = Begin(Operation::kAllocate); !status.ok()) return status;
    absl::MutexLock lock(&system_.mutex_);
    inode_->Allocate(size);
    return absl::OkStatus();
  }

  absl::Status Truncate(int64_t size) override {
    if (const absl::Status status = Begin(Operation::kTruncate); !status.ok()) return status;
    absl::MutexLock lock(&system_.mutex_);
    inode_->Truncate(size);
    return absl::OkStatus();
  }

  absl::StatusOr<int64_t> Size() const override {
    absl::MutexLock lock(&system_.mutex_);
    return static_cast<int64_t>(inode_->content().size());
  }

 private:
  absl::Status Begin(Operation operation) const { return system_.Begin(operation, system_.PathOf(*inode_)); }

  FakeFileSystem& system_;
  const std::shared_ptr<FakeInode> inode_;
};

class FakeFileSystem::HeldLock : public FileLock {
 public:
  HeldLock(FakeFileSystem& system, std::string path) : system_(system), path_(std::move(path)) {}
  ~HeldLock() override {
    absl::MutexLock lock(&system_.mutex_);
    system_.locks_.erase(path_);
  }
  void Withdraw() override {}  // a lock has no file here

 private:
  FakeFileSystem& system_;
  const std::string path_;
};

FakeFileSystem::FakeFileSystem() = default;

FakeFileSystem::FakeFileSystem(const Image& image, uint32_t seed) : state_(AfterPowerCut(image.state_, seed)) {}

FakeFileSystem::~FakeFileSystem() = default;

void FakeFileSystem::SetFault(Fault fault) {
  absl::MutexLock lock(&mutex_);
  fault_ = fault ? std::make_shared<const Fault>(std::move(fault)) : nullptr;
}

void FakeFileSystem::WriteBackAtOnce() {
  absl::MutexLock lock(&mutex_);
  write_back_at_once_ = true;
}

absl::Status FakeFileSystem::Begin(Operation operation, const std::string& path) {
  if (Changes(operation)) {
    absl::MutexLock lock(&mutex_);
    ++operations_;
    if (power_cut_at_ > 0 && operations_ >= power_cut_at_) {
      return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "the power is gone");
    }
  }
  return Ask(operation, path);
}

absl::Status FakeFileSystem::Ask(Operation operation, const std::string& path) const {
  mutex_.Lock();
  const std::shared_ptr<const Fault> fault = fault_;
  mutex_.Unlock();
  return fault != nullptr ? (*fault)(operation, path) : absl::OkStatus();
}

FakeFileSystem::State FakeFileSystem::AfterPowerCut(const State& state, uint32_t seed) {
  // Half of what is open is kept, or little of it, or nearly all.
  constexpr uint32_t kEighthsKept[] = {4, 1, 7};
  std::minstd_rand random(seed);
  const auto keep = [&] { return seed == 0 ? false : seed == 1 || (random() >> 8) % 8 < kEighthsKept[seed % 3]; };
  State after;
  after.directories = state.directories;
  Names found = state.synced_names;
  for (const NameChange& change : state.name_changes) {
    const bool kept = keep();
    if (kept) Apply(change, found);
    if (change.folder_from.empty()) continue;
    if (!kept) after.directories.erase(change.folder_to);
    after.directories[kept ? change.folder_to : change.folder_from] = kept || change.folder_was_synced;
  }
  // In order, a folder comes before what is in it.
  for (auto at = after.directories.begin(); at != after.directories.end();) {
    const bool hangs = Parent(at->first) == "/" || after.directories.count(Parent(at->first)) > 0;
    at->second = at->second || keep();
    at = hangs && at->second ? std::next(at) : after.directories.erase(at);
  }
  std::map<const FakeInode*, std::shared_ptr<FakeInode>> restarted;
  for (const auto& [path, inode] : found) {
    if (after.directories.count(Parent(path)) == 0) continue;
    std::shared_ptr<FakeInode>& fresh = restarted[inode.get()];
    if (fresh == nullptr) fresh = inode->AfterPowerCut(keep);
    fresh->set_path(path);
    after.names[path] = fresh;
  }
  after.synced_names = after.names;
  return after;
}

void FakeFileSystem::Restart(uint32_t seed) {
  absl::MutexLock lock(&mutex_);
  state_ = AfterPowerCut(state_, seed);
  locks_.clear();
  fault_ = nullptr;
  power_cut_at_ = 0;
}

FakeFileSystem::Image FakeFileSystem::Capture() const {
  absl::MutexLock lock(&mutex_);
  Image image;
  image.state_ = state_;
  // Open files go on changing the inodes that are here now.
  std::map<const FakeInode*, std::shared_ptr<FakeInode>> copies;
  const auto copy = [&](std::shared_ptr<FakeInode>& inode) {
    if (inode == nullptr) return;
    std::shared_ptr<FakeInode>& made = copies[inode.get()];
    if (made == nullptr) made = std::make_shared<FakeInode>(*inode);
    inode = made;
  };
  for (auto& [path, inode] : image.state_.names) copy(inode);
  for (auto& [path, inode] : image.state_.synced_names) copy(inode);
  for (NameChange& change : image.state_.name_changes) {
    for (auto& [path, inode] : change.names) copy(inode);
  }
  return image;
}

std::string FakeFileSystem::Content(const std::string& path) const {
  absl::MutexLock lock(&mutex_);
  const auto at = state_.names.find(path);
  return at == state_.names.end() ? "" : at->second->content();
}

void FakeFileSystem::SetContent(const std::string& path, const std::string& content) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<FakeInode>& inode = state_.names[path];
  // In place: open files see it.
  if (inode == nullptr) inode = std::make_shared<FakeInode>();
  *inode = FakeInode(content);
  inode->set_path(path);
  state_.synced_names[path] = inode;
}

void FakeFileSystem::Apply(const NameChange& change, Names& names) {
  if (!change.folder_from.empty()) {
    Names moved;
    for (auto at = names.begin(); at != names.end();) {
      const bool inside = Parent(at->first) == change.folder_from;
      if (inside) moved[change.folder_to + at->first.substr(change.folder_from.size())] = at->second;
      at = inside ? names.erase(at) : std::next(at);
    }
    names.insert(moved.begin(), moved.end());
  }
  for (const auto& [path, inode] : change.names) {
    if (inode == nullptr) {
      names.erase(path);
    } else {
      names[path] = inode;
    }
  }
}

absl::StatusOr<std::unique_ptr<File>> FakeFileSystem::Open(const std::string& path, OpenMode mode) {
  const absl::Status status = Begin(mode == OpenMode::kCreate ? Operation::kCreate : Operation::kOpen, path);
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  auto at = state_.names.find(path);
  if (mode == OpenMode::kCreate) {
    if (state_.directories.count(Parent(path)) == 0) return NotThere(Parent(path));
    // A fresh inode also where there was a file: what a crash finds is the old content or the new.
    const NameChange change{{{path, std::make_shared<FakeInode>()}}, Parent(path)};
    Apply(change, state_.names);
    state_.name_changes.push_back(change);
    at = state_.names.find(path);
    at->second->set_path(path);
  }
  if (at == state_.names.end()) return NotThere(path);
  return std::make_unique<OpenFile>(*this, at->second);
}

absl::Status FakeFileSystem::CreateDirectories(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  for (size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    state_.directories.try_emplace(path.substr(0, end), false);
  }
  state_.directories.try_emplace(path, false);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FakeFileSystem::List(const std::string& path) const {
  if (const absl::Status status = Ask(Operation::kList, path); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  if (state_.directories.count(path) == 0) return NotThere(path);
  std::set<std::string> names;
  for (const auto& [name, inode] : state_.names) {
    if (Parent(name) == path) names.insert(name.substr(path.size() + 1));
  }
  for (const auto& [name, synced] : state_.directories) {
    if (Parent(name) == path) names.insert(name.substr(path.size() + 1));
  }
  return std::vector<std::string>(names.begin(), names.end());
}

absl::StatusOr<int64_t> FakeFileSystem::FileSize(const std::string& path) const {
  if (const absl::Status status = Ask(Operation::kStat, path); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  const auto at = state_.names.find(path);
  if (at == state_.names.end()) return NotThere(path);
  return static_cast<int64_t>(at->second->content().size());
}

absl::Status FakeFileSystem::ChangeNames(Operation operation, const std::string& path, NameChange change) {
  if (const absl::Status status = Begin(operation, path); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  const auto at = state_.names.find(path);
  if (at == state_.names.end()) return NotThere(path);
  for (auto& [name, inode] : change.names) {
    if (name == path) continue;
    inode = at->second;
    inode->set_path(name);
  }
  Apply(change, state_.names);
  state_.name_changes.push_back(std::move(change));
  return absl::OkStatus();
}

absl::Status FakeFileSystem::RenameFolder(const std::string& from, const std::string& to) {
  if (const absl::Status status = Begin(Operation::kRename, from); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  if (state_.directories.count(to) > 0) return absl::UnavailableError(to + " is there");
  NameChange change{{}, Parent(to), from, to, state_.directories[from]};
  Apply(change, state_.names);
  for (const auto& [path, inode] : state_.names) inode->set_path(path);
  state_.directories.erase(from);
  state_.directories[to] = false;
  state_.name_changes.push_back(std::move(change));
  return absl::OkStatus();
}

absl::Status FakeFileSystem::Rename(const std::string& from, const std::string& to) {
  mutex_.Lock();
  const bool is_folder = state_.directories.count(from) > 0;
  mutex_.Unlock();
  if (is_folder) return RenameFolder(from, to);
  return ChangeNames(Operation::kRename, from, {{{from, nullptr}, {to, nullptr}}, Parent(to)});
}

absl::Status FakeFileSystem::Remove(const std::string& path) {
  if (absl::MutexLock lock(&mutex_); state_.directories.count(path) > 0) {
    for (const auto& [name, inode] : state_.names) {
      if (Parent(name) == path) return absl::UnavailableError(path + " is not empty");
    }
    state_.directories.erase(path);
    return absl::OkStatus();
  }
  return ChangeNames(Operation::kRemove, path, {{{path, nullptr}}, Parent(path)});
}

absl::Status FakeFileSystem::SyncDirectory(const std::string& path) {
  if (const absl::Status status = Begin(Operation::kSyncDirectory, path); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  for (auto& [directory, synced] : state_.directories) synced = synced || Parent(directory) == path;
  std::vector<NameChange> others;
  for (NameChange& change : state_.name_changes) {
    if (change.directory == path) {
      Apply(change, state_.synced_names);
    } else {
      others.push_back(std::move(change));
    }
  }
  state_.name_changes = std::move(others);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<FileLock>> FakeFileSystem::Lock(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  if (!locks_.insert(path).second) {
    return Error(absl::StatusCode::kFailedPrecondition, "STORAGE_FAILED",
                 absl::StrCat("another process holds the lock ", path), {{"path", path}});
  }
  return std::make_unique<HeldLock>(*this, path);
}

}  // namespace eventlog
