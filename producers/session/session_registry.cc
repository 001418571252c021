#include "producers/session/session_registry.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/util/json_util.h"
#include "producers/session/process_identity.h"
#include "producers/session/session_events.h"
#include "producers/session/session_id.h"

namespace eventlog {
namespace {

using session::v1::SessionEntry;

constexpr char kSuffix[] = ".json";
// A file that is being written, beside, is this, the session's id and a part that mkostemp gives.
constexpr char kDraftPrefix[] = ".";
constexpr absl::Duration kDraftAgeMax = absl::Hours(1);

std::string Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

absl::Status WriteAll(int file, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t size = write(file, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return absl::ErrnoToStatus(errno, "write");
    text.remove_prefix(static_cast<size_t>(size));
  }
  return absl::OkStatus();
}

// What a regular file of this user has; anything else of that name (a FIFO, which could keep us for ever) is no entry.
absl::StatusOr<std::string> ReadOwnFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open \"", path, "\""));
  const absl::Cleanup close_file = [&] { close(file); };
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid()) {
    return absl::FailedPreconditionError(absl::StrCat("\"", path, "\" is no regular file of this user"));
  }
  std::string text;
  char buffer[16 * 1024];
  while (true) {
    const ssize_t size = read(file, buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read \"", path, "\""));
    if (size == 0) return text;
    text.append(buffer, static_cast<size_t>(size));
  }
}

}  // namespace

std::string SessionRegistryFolder() {
  const std::string own = Variable("EVENTLOG_SESSION_DIR");
  if (!own.empty()) return own;
  const std::string state = Variable("XDG_STATE_HOME");
  return state.empty() ? absl::StrCat(Variable("HOME"), "/.local/state/eventlog-sessions")
                       : absl::StrCat(state, "/eventlog-sessions");
}

void SetHolder(SessionEntry& entry) {
  entry.set_host(HostName());
  entry.set_boot_id(BootId());
  entry.mutable_holder()->set_pid(getpid());
  entry.mutable_holder()->set_start_time(StartTime(getpid()));
}

bool IsElsewhere(const SessionEntry& entry) { return !entry.host().empty() && entry.host() != HostName(); }

bool IsHeld(const SessionEntry& entry) {
  if (IsElsewhere(entry)) return true;
  return entry.boot_id() == BootId() && entry.holder().start_time() != 0 &&
         StartTime(static_cast<pid_t>(entry.holder().pid())) == entry.holder().start_time();
}

absl::StatusOr<SessionRegistry> SessionRegistry::Open(const std::string& folder) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(folder).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make the folder \"", folder, "\""));
  }
  return SessionRegistry(folder);
}

std::string SessionRegistry::PathOf(const std::string& session_id) const {
  return absl::StrCat(folder_, "/", session_id, kSuffix);
}

absl::Status SessionRegistry::Write(const SessionEntry& entry) const {
  if (!IsSessionId(entry.session_id())) {
    return absl::InvalidArgumentError(absl::StrCat("\"", entry.session_id(), "\" is no session's id"));
  }
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto printed = google::protobuf::util::MessageToJsonString(entry, &json, options);
  if (!printed.ok()) return absl::InvalidArgumentError(printed.ToString());
  // No reader takes it for an entry.
  std::string beside = absl::StrCat(folder_, "/", kDraftPrefix, entry.session_id(), ".XXXXXX");
  const int file = mkostemp(beside.data(), O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write in \"", folder_, "\""));
  absl::Status written = WriteAll(file, absl::StrCat(json, "\n"));
  if (close(file) != 0 && written.ok()) written = absl::ErrnoToStatus(errno, "close");
  const std::string path = PathOf(entry.session_id());
  if (written.ok() && rename(beside.c_str(), path.c_str()) != 0) {
    written = absl::ErrnoToStatus(errno, absl::StrCat("cannot write \"", path, "\""));
  }
  if (!written.ok()) unlink(beside.c_str());
  return written;
}

absl::StatusOr<SessionEntry> SessionRegistry::Read(const std::string& session_id) const {
  if (!IsSessionId(session_id)) return absl::NotFoundError(absl::StrCat("\"", session_id, "\" is no session's id"));
  const std::string path = PathOf(session_id);
  const absl::StatusOr<std::string> text = ReadOwnFile(path);
  if (absl::IsNotFound(text.status())) return absl::NotFoundError(absl::StrCat("no session \"", session_id, "\""));
  if (!text.ok()) return text.status();
  SessionEntry entry;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto parsed = google::protobuf::util::JsonStringToMessage(*text, &entry, options);
  if (!parsed.ok() || entry.session_id() != session_id) {
    return absl::DataLossError(absl::StrCat("\"", path, "\" cannot be understood"));
  }
  return entry;
}

absl::Status SessionRegistry::Remove(const std::string& session_id) const {
  const std::string path = PathOf(session_id);
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot remove \"", path, "\""));
}

absl::StatusOr<std::vector<std::string>> SessionRegistry::List() const {
  std::vector<std::string> ids;
  std::error_code error;
  std::filesystem::directory_iterator files(folder_, error);
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
    const std::string name = files->path().filename().string();
    absl::string_view id = name;
    if (absl::ConsumeSuffix(&id, kSuffix) && IsSessionId(id)) ids.emplace_back(id);
  }
  if (error) return absl::UnavailableError(absl::StrCat("cannot list \"", folder_, "\": ", error.message()));
  std::sort(ids.begin(), ids.end());
  return ids;
}

void SessionRegistry::RemoveOldDrafts() const {
  std::error_code error;
  std::filesystem::directory_iterator files(folder_, error);
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
    const std::string name = files->path().filename().string();
    absl::string_view id = name;
    if (!absl::ConsumePrefix(&id, kDraftPrefix) || !IsSessionId(id.substr(0, id.find('.')))) continue;
    struct stat status;
    if (lstat(files->path().c_str(), &status) != 0) continue;
    if (absl::Now() - absl::TimeFromTimespec(status.st_mtim) > kDraftAgeMax) unlink(files->path().c_str());
  }
}

std::unique_ptr<ProcessLock> SessionRegistry::TryLock() const {
  absl::StatusOr<std::unique_ptr<ProcessLock>> lock = ProcessLock::TryTake(absl::StrCat(folder_, "/lock"));
  return lock.ok() ? *std::move(lock) : nullptr;
}

}  // namespace eventlog
