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
    const absl::Status status = system_.Begin(Operation::kRead, path_);
    if (!status.ok()) return status;
    absl::MutexLock lock(&system_.mutex_);
    const std::string& content = inode_->content.get();
    if (position >= static_cast<int64_t>(content.size())) return size_t{0};
    return content.copy(buffer, size, static_cast<size_t>(position));
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
    if (status.ok() && (inode_->size_dirty || !inode_->dirty.empty())) {
      std::string& synced = inode_->synced.mutable_get();
      if (inode_->size_dirty) synced.resize(inode_->content.get().size(), '\0');
      for (const size_t sector : inode_->dirty) CopySector(inode_->content.get(), sector, synced);
    }
    inode_->dirty.clear();
    inode_->older.clear();
    inode_->size_dirty = false;
    return status;
  }

  absl::Status Allocate(int64_t size) override {
    const absl::Status status = system_.Begin(Operation::kAllocate, path_);
    if (!status.ok()) return status;
    absl::MutexLock lock(&system_.mutex_);
    std::string& content = inode_->content.mutable_get();
    if (static_cast<int64_t>(content.size()) < size) content.resize(static_cast<size_t>(size), '\0');
    inode_->size_dirty = true;
    return absl::OkStatus();
  }

  absl::Status Truncate(int64_t size) override {
    const absl::Status status = system_.Begin(Operation::kTruncate, path_);
    if (!status.ok()) return status;
    absl::MutexLock lock(&system_.mutex_);
    std::string& content = inode_->content.mutable_get();
    // Sectors that come back by a later growth are zeros then, and unsynced ones.
    for (size_t at = static_cast<size_t>(size); at < content.size(); at += kSectorBytes) {
      inode_->Touch(at / kSectorBytes);
    }
    content.resize(static_cast<size_t>(size), '\0');
    inode_->size_dirty = true;
    return absl::OkStatus();
  }

  absl::StatusOr<int64_t> Size() const override {
    absl::MutexLock lock(&system_.mutex_);
    return static_cast<int64_t>(inode_->content.get().size());
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

FakeFileSystem::FakeFileSystem() = default;

FakeFileSystem::FakeFileSystem(const Image& image, uint32_t seed) : state_(AfterPowerCut(image.state_, seed)) {}

FakeFileSystem::~FakeFileSystem() = default;

std::string& FakeFileSystem::Bytes::mutable_get() {
  if (bytes_.use_count() > 1) bytes_ = std::make_shared<std::string>(*bytes_);
  return *bytes_;
}

void FakeFileSystem::Inode::Touch(size_t sector) {
  const size_t begin = sector * kSectorBytes;
  if (!dirty.insert(sector).second && begin < content.get().size()) {
    older.emplace_back(sector, content.get().substr(begin, kSectorBytes));
  }
}

void FakeFileSystem::SetFault(Fault fault) {
  absl::MutexLock lock(&mutex_);
  fault_ = fault ? std::make_shared<const Fault>(std::move(fault)) : nullptr;
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
  std::shared_ptr<const Fault> fault;
  {
    absl::MutexLock lock(&mutex_);
    if (Changes(operation)) {
      ++operations_;
      if (power_cut_at_ > 0 && operations_ >= power_cut_at_) {
        return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "the power is gone");
      }
    }
    fault = fault_;
  }
  return fault != nullptr ? (*fault)(operation, path) : absl::OkStatus();
}

void FakeFileSystem::PutLocked(Inode& inode, int64_t position, absl::string_view bytes) {
  if (bytes.empty()) return;
  const size_t begin = static_cast<size_t>(position), end = begin + bytes.size();
  for (size_t sector = begin / kSectorBytes; sector * kSectorBytes < end; ++sector) inode.Touch(sector);
  std::string& content = inode.content.mutable_get();
  if (content.size() < end) {
    content.resize(end, '\0');
    inode.size_dirty = true;
  }
  content.replace(begin, bytes.size(), bytes.data(), bytes.size());
  if (!write_back_at_once_) return;
  std::string& synced = inode.synced.mutable_get();
  if (synced.size() < end) synced.resize(end, '\0');
  synced.replace(begin, bytes.size(), bytes.data(), bytes.size());
}

std::shared_ptr<FakeFileSystem::Inode> FakeFileSystem::AfterPowerCut(const Inode& inode,
                                                                     const std::function<bool()>& keep) {
  auto fresh = std::make_shared<Inode>();
  fresh->synced = inode.synced;
  if (inode.size_dirty && keep()) fresh->synced.mutable_get().resize(inode.content.get().size(), '\0');
  for (const auto& [sector, bytes] : inode.older) {
    std::string& synced = fresh->synced.mutable_get();
    const size_t begin = sector * kSectorBytes;
    if (begin < synced.size() && keep()) {
      bytes.copy(synced.data() + begin, std::min(bytes.size(), synced.size() - begin));
    }
  }
  for (const size_t sector : inode.dirty) {
    if (keep()) CopySector(inode.content.get(), sector, fresh->synced.mutable_get());
  }
  fresh->content = fresh->synced;
  return fresh;
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
  std::map<const Inode*, std::shared_ptr<Inode>> restarted;
  for (const auto& [path, inode] : found) {
    if (after.directories.count(Parent(path)) == 0) continue;
    std::shared_ptr<Inode>& fresh = restarted[inode.get()];
    if (fresh == nullptr) fresh = AfterPowerCut(*inode, keep);
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
  std::map<const Inode*, std::shared_ptr<Inode>> copies;
  const auto copy = [&](std::shared_ptr<Inode>& inode) {
    if (inode == nullptr) return;
    std::shared_ptr<Inode>& made = copies[inode.get()];
    if (made == nullptr) made = std::make_shared<Inode>(*inode);
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
  return at == state_.names.end() ? "" : at->second->content.get();
}

void FakeFileSystem::SetContent(const std::string& path, const std::string& content) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<Inode>& inode = state_.names[path];
  if (inode == nullptr) inode = std::make_shared<Inode>();
  inode->content = Bytes(content);
  inode->synced = inode->content;
  inode->dirty.clear();
  inode->older.clear();
  inode->size_dirty = false;
  state_.synced_names[path] = inode;
}

absl::StatusOr<std::unique_ptr<File>> FakeFileSystem::Open(const std::string& path, OpenMode mode) {
  const absl::Status status = Begin(mode == OpenMode::kCreate ? Operation::kCreate : Operation::kOpen, path);
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  auto at = state_.names.find(path);
  if (mode == OpenMode::kCreate) {
    if (state_.directories.count(Parent(path)) == 0) return NotThere(Parent(path));
    // A fresh inode also where there was a file: what a crash finds is the old content or the new.
    const NameChange change{{{path, std::make_shared<Inode>()}}, Parent(path)};
    Apply(change, state_.names);
    state_.name_changes.push_back(change);
    at = state_.names.find(path);
  }
  if (at == state_.names.end()) return NotThere(path);
  return std::make_unique<OpenFile>(*this, path, at->second);
}

absl::StatusOr<std::vector<std::string>> FakeFileSystem::List(const std::string& path) const {
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
  absl::MutexLock lock(&mutex_);
  const auto at = state_.names.find(path);
  if (at == state_.names.end()) return NotThere(path);
  return static_cast<int64_t>(at->second->content.get().size());
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
