// One file of FakeFileSystem: what readers see of it, and what a power cut leaves.

#ifndef TESTS_SUPPORT_FAKE_INODE_H_
#define TESTS_SUPPORT_FAKE_INODE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace eventlog {

// Not thread safe. Copies are cheap: they share their bytes until one of them is changed.
class FakeInode {
 public:
  FakeInode() = default;
  // All of it is synced.
  explicit FakeInode(std::string content) : content_(std::move(content)), synced_(content_) {}

  // As it is called now, or was last.
  const std::string& path() const { return path_; }
  void set_path(std::string path) { path_ = std::move(path); }
  // What readers see.
  const std::string& content() const { return content_.get(); }

  void Put(int64_t position, absl::string_view bytes);
  // The same, and it is on the disk at once.
  void PutThrough(int64_t position, absl::string_view bytes);
  void Allocate(int64_t size);
  void Truncate(int64_t size);
  void Sync();
  // What this one should have kept is gone for good, also when a later one says OK.
  void FailSync();
  // What was synced, and of the rest what `keep` says, which is asked for each part.
  std::shared_ptr<FakeInode> AfterPowerCut(const std::function<bool()>& keep) const;

 private:
  // Bytes that copies share until one of them is changed.
  class Bytes {
   public:
    Bytes() : bytes_(std::make_shared<std::string>()) {}
    explicit Bytes(std::string bytes) : bytes_(std::make_shared<std::string>(std::move(bytes))) {}
    const std::string& get() const { return *bytes_; }
    std::string& mutable_get();

   private:
    std::shared_ptr<std::string> bytes_;
  };

  void Touch(size_t sector);

  std::string path_;
  Bytes content_;
  Bytes synced_;             // what a restart finds for certain
  std::set<size_t> dirty_;   // sectors that the next sync makes durable
  bool size_dirty_ = false;  // and the size
  // What dirty sectors held before they were written once more: it may have reached the disk as well.
  std::vector<std::pair<size_t, std::string>> older_;
};

}  // namespace eventlog

#endif  // TESTS_SUPPORT_FAKE_INODE_H_
