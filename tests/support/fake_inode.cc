#include "tests/support/fake_inode.h"

#include <algorithm>
#include <cstring>

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

std::string& FakeInode::Bytes::mutable_get() {
  if (bytes_.use_count() > 1) bytes_ = std::make_shared<std::string>(*bytes_);
  return *bytes_;
}

void FakeInode::Touch(size_t sector) {
  const size_t begin = sector * kSectorBytes;
  if (!dirty_.insert(sector).second && begin < content().size()) {
    older_.emplace_back(sector, content().substr(begin, kSectorBytes));
  }
}

void FakeInode::Put(int64_t position, absl::string_view bytes) {
  if (bytes.empty()) return;
  const size_t begin = static_cast<size_t>(position), end = begin + bytes.size();
  for (size_t sector = begin / kSectorBytes; sector * kSectorBytes < end; ++sector) Touch(sector);
  std::string& content = content_.mutable_get();
  if (content.size() < end) content.resize(end, '\0');
  // Also where a sync that failed left the disk with less.
  size_dirty_ = size_dirty_ || synced_.get().size() < end;
  content.replace(begin, bytes.size(), bytes.data(), bytes.size());
}

void FakeInode::PutThrough(int64_t position, absl::string_view bytes) {
  if (bytes.empty()) return;
  Put(position, bytes);
  const size_t begin = static_cast<size_t>(position), end = begin + bytes.size();
  std::string& synced = synced_.mutable_get();
  if (synced.size() < end) synced.resize(end, '\0');
  synced.replace(begin, bytes.size(), bytes.data(), bytes.size());
}

void FakeInode::Allocate(int64_t size) {
  std::string& content = content_.mutable_get();
  if (static_cast<int64_t>(content.size()) < size) content.resize(static_cast<size_t>(size), '\0');
  size_dirty_ = true;
}

void FakeInode::Truncate(int64_t size) {
  std::string& content = content_.mutable_get();
  // Sectors that come back by a later growth are zeros then, and unsynced ones.
  for (size_t sector = static_cast<size_t>(size) / kSectorBytes; sector * kSectorBytes < content.size(); ++sector) {
    Touch(sector);
  }
  content.resize(static_cast<size_t>(size), '\0');
  size_dirty_ = true;
}

void FakeInode::Sync() {
  if (size_dirty_ || !dirty_.empty()) {
    std::string& synced = synced_.mutable_get();
    if (size_dirty_) synced.resize(content().size(), '\0');
    // A sector that is on the disk lies within the file, also when an earlier sync that failed took the size back.
    const size_t end = dirty_.empty() ? 0 : (*dirty_.rbegin() + 1) * kSectorBytes;
    const size_t reached = std::min(end, content().size());
    if (synced.size() < reached) synced.resize(reached, '\0');
    for (const size_t sector : dirty_) CopySector(content(), sector, synced);
  }
  FailSync();  // nothing is left to be synced
}

void FakeInode::FailSync() {
  dirty_.clear();
  older_.clear();
  size_dirty_ = false;
}

std::shared_ptr<FakeInode> FakeInode::AfterPowerCut(const std::function<bool()>& keep) const {
  auto fresh = std::make_shared<FakeInode>();
  fresh->synced_ = synced_;
  if (size_dirty_ && keep()) fresh->synced_.mutable_get().resize(content().size(), '\0');
  for (const auto& [sector, bytes] : older_) {
    std::string& synced = fresh->synced_.mutable_get();
    const size_t begin = sector * kSectorBytes;
    if (begin < synced.size() && keep()) {
      bytes.copy(synced.data() + begin, std::min(bytes.size(), synced.size() - begin));
    }
  }
  for (const size_t sector : dirty_) {
    if (keep()) CopySector(content(), sector, fresh->synced_.mutable_get());
  }
  fresh->content_ = fresh->synced_;
  return fresh;
}

}  // namespace eventlog
