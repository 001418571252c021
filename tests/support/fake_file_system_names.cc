// The names of files and folders; what is in the files is in fake_file_system.cc.

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "tests/support/fake_file_system.h"

namespace eventlog {

std::string FakeFileSystem::Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status FakeFileSystem::NotThere(const std::string& path) {
  return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", absl::StrCat(path, ": no such file"));
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

absl::Status FakeFileSystem::CreateDirectories(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  for (size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    state_.directories.try_emplace(path.substr(0, end), false);
  }
  state_.directories.try_emplace(path, false);
  return absl::OkStatus();
}

absl::Status FakeFileSystem::ChangeNames(Operation operation, const std::string& path, NameChange change) {
  const absl::Status status = Begin(operation, path);
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  const auto at = state_.names.find(path);
  if (at == state_.names.end()) return NotThere(path);
  for (auto& [name, inode] : change.names) {
    if (name != path) inode = at->second;
  }
  Apply(change, state_.names);
  state_.name_changes.push_back(std::move(change));
  return absl::OkStatus();
}

absl::Status FakeFileSystem::Rename(const std::string& from, const std::string& to) {
  if (!HasFolder(from)) return ChangeNames(Operation::kRename, from, {{{from, nullptr}, {to, nullptr}}, Parent(to)});
  const absl::Status status = Begin(Operation::kRename, from);
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  if (state_.directories.count(to) > 0) return absl::UnavailableError(to + " is there");
  NameChange change{{}, Parent(to), from, to, state_.directories[from]};
  Apply(change, state_.names);
  state_.directories.erase(from);
  state_.directories[to] = false;
  state_.name_changes.push_back(std::move(change));
  return absl::OkStatus();
}

bool FakeFileSystem::HasFolder(const std::string& path) const {
  absl::MutexLock lock(&mutex_);
  return state_.directories.count(path) > 0;
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
  const absl::Status status = Begin(Operation::kSyncDirectory, path);
  if (!status.ok()) return status;
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

}  // namespace eventlog
