#include "tests/support/fake_file_system.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

constexpr size_t kSectorBytes = 512;

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status NotThere(const std::string& path) {
  return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", absl::StrCat(path, ": no such file"));
}

// Copies one sector of `from` to the same place of `to`, as far as both reach.
void CopySector(const std::string& from, size_t sector, std::string& to) {
  const size_t begin = sector * kSectorBytes;
  const size_t end = std::min({begin + kSectorBytes, from.size(), to.size()});
  if (begin < end) std::memcpy(to.data() + begin, from.data() + begin, end - begin);
}

}  // namespace

class FakeFileSystem::OpenFile : public File {
 public:
  OpenFile(FakeFileSystem& system, std::string path, std::shared_ptr<Inode> inode)
      : system_(system), path_(std::move(path)), inode_(std::move(inode)) {}

  absl::StatusOr<size_t> Read(int64_t position, size_t size, char* buffer) const override {
    absl::MutexLock lock(&system_.mutex_);
    if (position >= static_cast<int64_t>(inode_->content.size())) return size_t{0};
    return inode_->content.copy(buffer, size, static_cast<size_t>(position));
  }

  absl::Status Write(int64_t position, absl::Span<const absl::string_view> parts) override {
    std::string bytes;
    for (const absl::string_view part : parts) absl::StrAppend(&bytes, part);
    const absl::Status status = system_.Begin(Operation::kWrite, path_);
    if (!status.ok()) bytes.resize(bytes.size() / 2);
    absl::MutexLock lock(&system_.mutex_);
    system_.PutLocked(*inode_, position, bytes);
    return status;
  }

  absl::Status Sync() override {
    const absl::Status status = system_.Begin(Operation::kSync, path_);
    absl::MutexLock lock(&system_.mutex_);
    const bool power_is_gone = system_.power_cut_at_ > 0 && system_.operations_ >= system_.power_cut_at_;
    if (!status.ok() && power_is_gone) return status;
    if (status.ok() && inode_->size_dirty) inode_->synced.resize(inode_->content.size(), '\0');
    if (status.ok()) {
      for (const size_t sector : inode_->dirty) CopySector(inode_->content, sector, inode_->synced);
    }
    inode_->dirty.clear();
    inode_->size_dirty = false;
    return status;
  }

  absl::Status Allocate(int64_t size) override {
    const absl::Status status = system_.Begin(Operation::kAllocate, path_);
    if (!status.ok()) return status;
    absl::MutexLock lock(&system_.mutex_);
    if (static_cast<int64_t>(inode_->content.size()) < size) inode_->content.resize(static_cast<size_t>(size), '\0');
    inode_->size_dirty = true;
    return absl::OkStatus();
  }

  absl::Status Truncate(int64_t size) override {
    const absl::Status status = system_.Begin(Operation::kTruncate, path_);
    if (!status.ok()) return status;
    absl::MutexLock lock(&system_.mutex_);
    // Sectors that come back by a later growth are zeros then, and unsynced ones.
    for (size_t at = static_cast<size_t>(size); at < inode_->content.size(); at += kSectorBytes) {
      inode_->dirty.insert(at / kSectorBytes);
    }
    inode_->content.resize(static_cast<size_t>(size), '\0');
    inode_->size_dirty = true;
    return absl::OkStatus();
  }

  absl::StatusOr<int64_t> Size() const override {
    absl::MutexLock lock(&system_.mutex_);
    return static_cast<int64_t>(inode_->content.size());
  }

 private:
  FakeFileSystem& system_;
  const std::string path_;
  const std::shared_ptr<Inode> inode_;
};

class FakeFileSystem::HeldLock : public FileLock {
 public:
  HeldLock(FakeFileSystem& system, std::string path) : system_(system), path_(std::move(path)) {}
  ~HeldLock() override {
    absl::MutexLock lock(&system_.mutex_);
    system_.locks_.erase(path_);
  }

 private:
  FakeFileSystem& system_;
  const std::string path_;
};

void FakeFileSystem::SetFault(Fault fault) {
  absl::MutexLock lock(&mutex_);
  fault_ = std::move(fault);
}

int64_t FakeFileSystem::operations() const {
  absl::MutexLock lock(&mutex_);
  return operations_;
}

void FakeFileSystem::WriteBackAtOnce() {
  absl::MutexLock lock(&mutex_);
  write_back_at_once_ = true;
}

void FakeFileSystem::CutPowerAt(int64_t operation) {
  absl::MutexLock lock(&mutex_);
  power_cut_at_ = operation;
}

absl::Status FakeFileSystem::Begin(Operation operation, const std::string& path) {
  Fault fault;
  {
    absl::MutexLock lock(&mutex_);
    ++operations_;
    if (power_cut_at_ > 0 && operations_ >= power_cut_at_) {
      return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "the power is gone");
    }
    fault = fault_;
  }
  return fault ? fault(operation, path) : absl::OkStatus();
}

void FakeFileSystem::PutLocked(Inode& inode, int64_t position, absl::string_view bytes) {
  if (bytes.empty()) return;
  const size_t begin = static_cast<size_t>(position), end = begin + bytes.size();
  if (inode.content.size() < end) {
    inode.content.resize(end, '\0');
    inode.size_dirty = true;
  }
  inode.content.replace(begin, bytes.size(), bytes.data(), bytes.size());
  for (size_t sector = begin / kSectorBytes; sector * kSectorBytes < end; ++sector) inode.dirty.insert(sector);
  if (!write_back_at_once_) return;
  if (inode.synced.size() < end) inode.synced.resize(end, '\0');
  inode.synced.replace(begin, bytes.size(), bytes.data(), bytes.size());
}

void FakeFileSystem::Restart(uint32_t seed) {
  std::mt19937 random(seed);
  const auto keep = [&] { return seed == 0 ? false : seed == 1 ? true : random() % 2 == 0; };
  absl::MutexLock lock(&mutex_);
  Names found = synced_names_;
  for (const NameChange& change : name_changes_) {
    if (keep()) Apply(change, found);
  }
  // In order, a folder comes before what is in it.
  for (auto at = directories_.begin(); at != directories_.end();) {
    const bool hangs = Parent(at->first) == "/" || directories_.count(Parent(at->first)) > 0;
    at->second = at->second || keep();
    at = hangs && at->second ? std::next(at) : directories_.erase(at);
  }
  for (auto at = found.begin(); at != found.end();) {
    at = directories_.count(Parent(at->first)) > 0 ? std::next(at) : found.erase(at);
  }
  std::map<Inode*, std::shared_ptr<Inode>> restarted;
  for (auto& [path, inode] : found) {
    std::shared_ptr<Inode>& fresh = restarted[inode.get()];
    if (fresh == nullptr) {
      fresh = std::make_shared<Inode>();
      fresh->synced = inode->synced;
      if (inode->size_dirty && keep()) fresh->synced.resize(inode->content.size(), '\0');
      for (const size_t sector : inode->dirty) {
        if (keep()) CopySector(inode->content, sector, fresh->synced);
      }
      fresh->content = fresh->synced;
    }
    inode = fresh;
  }
  names_ = found;
  synced_names_ = found;
  name_changes_.clear();
  locks_.clear();
  fault_ = nullptr;
  power_cut_at_ = 0;
}

std::string FakeFileSystem::Content(const std::string& path) const {
  absl::MutexLock lock(&mutex_);
  const auto at = names_.find(path);
  return at == names_.end() ? "" : at->second->content;
}

void FakeFileSystem::SetContent(const std::string& path, const std::string& content) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<Inode>& inode = names_[path];
  if (inode == nullptr) inode = std::make_shared<Inode>();
  inode->content = content;
  inode->synced = content;
  inode->dirty.clear();
  synced_names_[path] = inode;
}

void FakeFileSystem::Apply(const NameChange& change, Names& names) {
  for (const auto& [path, inode] : change.names) {
    if (inode == nullptr) {
      names.erase(path);
    } else {
      names[path] = inode;
    }
  }
}

absl::StatusOr<std::unique_ptr<File>> FakeFileSystem::Open(const std::string& path, OpenMode mode) {
  if (mode == OpenMode::kCreate) {
    const absl::Status status = Begin(Operation::kCreate, path);
    if (!status.ok()) return status;
  }
  absl::MutexLock lock(&mutex_);
  auto at = names_.find(path);
  if (mode == OpenMode::kCreate) {
    if (directories_.count(Parent(path)) == 0) return NotThere(Parent(path));
    // A fresh inode also where there was a file: what a crash finds is the old content or the new.
    const NameChange change{{{path, std::make_shared<Inode>()}}, Parent(path)};
    Apply(change, names_);
    name_changes_.push_back(change);
    at = names_.find(path);
  }
  if (at == names_.end()) return NotThere(path);
  return std::make_unique<OpenFile>(*this, path, at->second);
}

absl::Status FakeFileSystem::CreateDirectories(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  for (size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    directories_.try_emplace(path.substr(0, end), false);
  }
  directories_.try_emplace(path, false);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FakeFileSystem::List(const std::string& path) const {
  absl::MutexLock lock(&mutex_);
  if (directories_.count(path) == 0) return NotThere(path);
  std::vector<std::string> names;
  for (const auto& [name, inode] : names_) {
    if (Parent(name) == path) names.push_back(name.substr(path.size() + 1));
  }
  for (const auto& [name, synced] : directories_) {
    if (Parent(name) == path) names.push_back(name.substr(path.size() + 1));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<int64_t> FakeFileSystem::FileSize(const std::string& path) const {
  absl::MutexLock lock(&mutex_);
  const auto at = names_.find(path);
  if (at == names_.end()) return NotThere(path);
  return static_cast<int64_t>(at->second->content.size());
}

absl::Status FakeFileSystem::ChangeNames(Operation operation, const std::string& path, NameChange change) {
  const absl::Status status = Begin(operation, path);
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  const auto at = names_.find(path);
  if (at == names_.end()) return NotThere(path);
  for (auto& [name, inode] : change.names) {
    if (name != path) inode = at->second;
  }
  Apply(change, names_);
  name_changes_.push_back(std::move(change));
  return absl::OkStatus();
}

absl::Status FakeFileSystem::Rename(const std::string& from, const std::string& to) {
  return ChangeNames(Operation::kRename, from, {{{from, nullptr}, {to, nullptr}}, Parent(to)});
}

absl::Status FakeFileSystem::Remove(const std::string& path) {
  if (absl::MutexLock lock(&mutex_); directories_.count(path) > 0) {
    for (const auto& [name, inode] : names_) {
      if (Parent(name) == path) return absl::UnavailableError(path + " is not empty");
    }
    directories_.erase(path);
    return absl::OkStatus();
  }
  return ChangeNames(Operation::kRemove, path, {{{path, nullptr}}, Parent(path)});
}

absl::Status FakeFileSystem::SyncDirectory(const std::string& path) {
  const absl::Status status = Begin(Operation::kSyncDirectory, path);
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  for (auto& [directory, synced] : directories_) synced = synced || Parent(directory) == path;
  std::vector<NameChange> others;
  for (NameChange& change : name_changes_) {
    if (change.directory == path) {
      Apply(change, synced_names_);
    } else {
      others.push_back(std::move(change));
    }
  }
  name_changes_ = std::move(others);
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
