#include "eventlog-svc/client/spool_database.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/folder_watch.h"
#include "eventlog-svc/client/producer_id.h"
#include "eventlog-svc/client/spool_once_ids.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

// "evsp": what SQLite keeps in the file's header for its user.
constexpr int64_t kApplicationId = 0x65767370;
constexpr char kDefaultLog[] = "events";
// Who opens it may find that it was set aside just then, or made by another.
constexpr int kTriesMax = 10;
// Damaged databases that are kept beside the present one.
constexpr int64_t kAsideMax = 3;
// A database that is being made has such a name; what is of one so old was left by a process that was killed meanwhile.
constexpr char kDraftPrefix[] = "draft-";
constexpr absl::Duration kDraftAgeMax = absl::Hours(1);

// Ids are given in the order in which transactions commit, of which SQLite has one at a time, and are never given
// again. A batch is a range of ids, and keeps its row from before it is sent until the log has answered.
constexpr char kSchema[] = R"(
  CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    producer TEXT NOT NULL, epoch INTEGER NOT NULL, next_sequence INTEGER NOT NULL,
    next_id INTEGER NOT NULL, events INTEGER NOT NULL, bytes INTEGER NOT NULL,
    added INTEGER NOT NULL, acknowledged INTEGER NOT NULL, rejected INTEGER NOT NULL, dropped INTEGER NOT NULL);
  CREATE TABLE target (one INTEGER PRIMARY KEY CHECK (one = 1), server TEXT NOT NULL, log TEXT NOT NULL);
  CREATE TABLE events (id INTEGER PRIMARY KEY, added_us INTEGER NOT NULL, event BLOB NOT NULL);
  CREATE TABLE batches (
    first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL, events INTEGER NOT NULL, bytes INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL);
  CREATE TABLE rejected (
    id INTEGER PRIMARY KEY, rejected_us INTEGER NOT NULL, reason TEXT NOT NULL, event BLOB NOT NULL);
)";

std::string PathOf(const std::string& folder, int64_t generation) {
  return absl::StrCat(folder, "/", SpoolDatabase::kFilePrefix, generation, ".db");
}

absl::Status SystemFailure(const std::string& path) {
  const int error = errno;
  absl::StatusCode code = absl::StatusCode::kInternal;
  if (error == ENOSPC || error == EDQUOT) code = absl::StatusCode::kResourceExhausted;
  if (error == EACCES || error == EPERM || error == EROFS) code = absl::StatusCode::kPermissionDenied;
  if (error == ENOENT || error == ENOTDIR) code = absl::StatusCode::kNotFound;
  return absl::Status(code, absl::StrCat(path, ": ", std::strerror(error)));
}

// The highest there is; 0 when there is none.
absl::StatusOr<int64_t> NewestGeneration(const std::string& folder) {
  DIR* const opened = opendir(folder.c_str());
  if (opened == nullptr) {
    if (errno == ENOENT) return 0;
    return SystemFailure(folder);
  }
  const auto closed = absl::MakeCleanup([opened] { closedir(opened); });
  int64_t newest = 0;
  while (const dirent* const entry = readdir(opened)) {
    absl::string_view name = entry->d_name;
    int64_t generation = 0;
    if (absl::ConsumePrefix(&name, SpoolDatabase::kFilePrefix) && absl::ConsumeSuffix(&name, ".db") &&
        absl::SimpleAtoi(name, &generation)) {
      newest = std::max(newest, generation);
    }
  }
  return newest;
}

// Who may write into it could put another database in the place of ours.
absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(folder).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) {
    errno = error.value();
    return SystemFailure(parent.string());
  }
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return SystemFailure(folder);
  struct stat entry;
  if (stat(folder.c_str(), &entry) != 0) return SystemFailure(folder);
  if (!S_ISDIR(entry.st_mode)) return absl::FailedPreconditionError(absl::StrCat(folder, " is no folder"));
  if (entry.st_uid != geteuid() || (entry.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::PermissionDeniedError(
        absl::StrFormat("%s belongs to user %d with mode %04o; a spool's folder must belong to user %d, and nobody "
                        "else may write into it: mode 0700",
                        folder, entry.st_uid, entry.st_mode & 07777, geteuid()));
  }
  return absl::OkStatus();
}

absl::Status Fill(SqliteDatabase& database, const std::string& producer, const SpoolTarget& target) {
  absl::Status status = database.Execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;");
  if (!status.ok()) return status;
  return database.Transact([&] {
    absl::Status made = database.Execute(kSchema);
    if (made.ok()) made = database.Execute(SpoolOnceIds::kSchema);
    if (!made.ok()) return made;
    const std::string numbers = absl::StrCat("PRAGMA application_id = ", kApplicationId,
                                             "; PRAGMA user_version = ", SpoolDatabase::kSchemaVersion, ";");
    if (made = database.Execute(numbers.c_str()); !made.ok()) return made;
    made = SqliteDatabase::Query(database, "INSERT INTO state VALUES (1, ?, 0, 0, 1, 0, 0, 0, 0, 0, 0)")
               .BindText(producer)
               .Run();
    if (!made.ok()) return made;
    return SqliteDatabase::Query(database, "INSERT INTO target VALUES (1, ?, ?)")
        .BindText(target.server)
        .BindText(target.log)
        .Run();
  });
}

// From version 1, which has no ids of events that are added at most once. OK also when another did it meanwhile.
absl::Status Migrate(SqliteDatabase& database) {
  return database.Transact([&] {
    const absl::StatusOr<int64_t> version = database.Integer("PRAGMA user_version");
    if (!version.ok() || *version != 1) return version.status();
    if (absl::Status made = database.Execute(SpoolOnceIds::kSchema); !made.ok()) return made;
    return database.Execute("PRAGMA user_version = 2");
  });
}

// OK also when another made it meanwhile. kNotFound: what was made is gone again, or the folder is.
absl::Status Make(const SpoolOptions& options, int64_t generation, const SpoolTarget& target) {
  const std::string path = PathOf(options.folder, generation);
  const std::string producer_id = NewProducerId();
  const std::string draft = absl::StrCat(options.folder, "/", kDraftPrefix, producer_id);
  const auto removed = absl::MakeCleanup([&draft] {
    for (const char* const end : {"", "-wal", "-shm", "-journal"}) unlink(absl::StrCat(draft, end).c_str());
  });
  const int descriptor = open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return SystemFailure(draft);
  close(descriptor);
  {
    absl::StatusOr<std::unique_ptr<SqliteDatabase>> database = SqliteDatabase::Open(draft, options.busy_max);
    if (!database.ok()) return database.status();
    // All of it must be in the one file that is linked.
    (*database)->KeepLogOnClose(false);
    const absl::Status filled = Fill(**database, producer_id, target);
    if (!filled.ok()) return filled;
  }
  struct stat log;
  if (stat(absl::StrCat(draft, "-wal").c_str(), &log) == 0 && log.st_size > 0) {
    return absl::ResourceExhaustedError(absl::StrCat(draft, " could not be written to the end: is the disk full?"));
  }
  if (link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) return SystemFailure(path);
  return absl::OkStatus();
}

void RemoveOldest(const std::string& folder, int64_t newest) {
  for (int64_t old = newest - kAsideMax - 1; old > 0; --old) {
    const std::string path = PathOf(folder, old);
    if (unlink(path.c_str()) != 0) return;
    for (const char* const end : {"-wal", "-shm"}) unlink(absl::StrCat(path, end).c_str());
  }
}

SpoolTarget Normal(SpoolTarget target) {
  if (target.log.empty()) target.log = kDefaultLog;
  return target;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SpoolDatabase>> SpoolDatabase::Open(const SpoolOptions& options,
                                                                   const std::optional<SpoolTarget>& target) {
  if (target.has_value()) {
    absl::Status made = MakeFolder(options.folder);
    if (!made.ok()) return made;
  }
  absl::Status status;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const absl::StatusOr<int64_t> generation = NewestGeneration(options.folder);
    if (!generation.ok()) return generation.status();
    if (*generation == 0) {
      if (!target.has_value()) return absl::NotFoundError(absl::StrCat(options.folder, " has no spool"));
      status = Make(options, 1, Normal(*target));
      if (!status.ok() && !absl::IsNotFound(status)) return status;
      continue;
    }
    absl::StatusOr<std::unique_ptr<SpoolDatabase>> opened = OpenGeneration(options, *generation);
    if (opened.ok()) {
      const SpoolTarget& is = (*opened)->target();
      if (target.has_value() && (is.server != target->server || is.log != Normal(*target).log)) {
        return absl::FailedPreconditionError(absl::StrCat(options.folder, " is the spool of log ", is.log, " at ",
                                                          is.server, ", not of ", Normal(*target).log, " at ",
                                                          target->server, ": take a folder for each"));
      }
      return opened;
    }
    status = opened.status();
    if (absl::IsNotFound(status)) continue;  // removed meanwhile
    if (!absl::IsDataLoss(status) || !target.has_value()) return status;
    LOG(ERROR) << "a damaged spool is set aside, and a new one begun: " << status;
    if (absl::Status made = Make(options, *generation + 1, Normal(*target)); !made.ok()) return made;
    RemoveOldest(options.folder, *generation + 1);
  }
  return status.ok() ? absl::UnavailableError(absl::StrCat(options.folder, " changes all the time")) : status;
}

absl::StatusOr<std::unique_ptr<SpoolDatabase>> SpoolDatabase::OpenGeneration(const SpoolOptions& options,
                                                                             int64_t generation) {
  const std::string path = PathOf(options.folder, generation);
  const absl::StatusOr<FileId> file = FileAt(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<std::unique_ptr<SqliteDatabase>> sqlite = SqliteDatabase::Open(path, options.busy_max);
  if (!sqlite.ok()) return sqlite.status();
  auto database = absl::WrapUnique(new SpoolDatabase(options, generation, *file, *std::move(sqlite)));
  absl::Status status = database->Configure();
  if (status.ok()) status = database->ReadTarget();
  if (!status.ok()) return status;
  // Another one may have come between the two looks: which of them is open is not known then.
  const absl::StatusOr<FileId> still = FileAt(path);
  if (!still.ok()) return still.status();
  if (*still != *file) return absl::NotFoundError(absl::StrCat(path, " was replaced"));
  return database;
}

absl::StatusOr<SpoolDatabase::FileId> SpoolDatabase::FileAt(const std::string& path) {
  struct stat entry;
  if (stat(path.c_str(), &entry) != 0) return SystemFailure(path);
  return FileId(entry.st_dev, entry.st_ino);
}

absl::Status SpoolDatabase::Configure() {
  const std::string path = PathOf(options_.folder, generation_);
  const absl::StatusOr<int64_t> application = sqlite_->Integer("PRAGMA application_id");
  if (!application.ok()) return application.status();
  const absl::StatusOr<int64_t> version = sqlite_->Integer("PRAGMA user_version");
  if (!version.ok()) return version.status();
  // A file that lost its header, or all of it, has no id.
  if (*application == 0) return absl::DataLossError(absl::StrCat(path, " is not what it was when it was made"));
  if (*application != kApplicationId) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is a database, but no spool"));
  }
  if (*version < 1 || *version > kSchemaVersion) {
    return absl::FailedPreconditionError(absl::StrCat(path, " has schema version ", *version,
                                                      "; this program knows up to ", kSchemaVersion,
                                                      ": use the newer program that made it"));
  }
  if (*version < kSchemaVersion) {
    if (absl::Status migrated = Migrate(*sqlite_); !migrated.ok()) return migrated;
  }
  // Who adds must not wait for a disk: the sender, which writes after each of them, moves the log into the database
  // long before it has so many pages, and does the sync that this takes.
  if (absl::Status set = sqlite_->Execute("PRAGMA wal_autocheckpoint = 4000"); !set.ok()) return set;
  // NORMAL syncs only when the write-ahead log is moved into the database: then a power cut may take the last events,
  // but never damages what is there.
  return sqlite_->Execute(options_.sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

absl::Status SpoolDatabase::ReadTarget() {
  SqliteDatabase::Query query(*sqlite_, "SELECT server, log FROM target JOIN state USING (one)");
  const absl::StatusOr<bool> row = query.Step();
  if (!row.ok()) {
    // With our id but without our tables: it is damaged.
    return absl::IsInternal(row.status()) ? absl::DataLossError(row.status().message()) : row.status();
  }
  if (!*row) return absl::DataLossError(absl::StrCat(PathOf(options_.folder, generation_), " has lost its target"));
  target_.server = std::string(query.Bytes(0));
  target_.log = std::string(query.Bytes(1));
  return absl::OkStatus();
}

bool SpoolDatabase::Current() const {
  if (access(PathOf(options_.folder, generation_ + 1).c_str(), F_OK) == 0) return false;
  const absl::StatusOr<FileId> present = FileAt(PathOf(options_.folder, generation_));
  return present.ok() && *present == file_;
}

void SpoolDatabase::RemoveOldDrafts() const {
  DIR* const opened = opendir(options_.folder.c_str());
  if (opened == nullptr) return;
  const auto closed = absl::MakeCleanup([opened] { closedir(opened); });
  while (const dirent* const entry = readdir(opened)) {
    if (!absl::StartsWith(entry->d_name, kDraftPrefix)) continue;
    const std::string draft = absl::StrCat(options_.folder, "/", entry->d_name);
    struct stat status;
    // Its maker, should it live and only have stood still, finds it gone and makes another. It is not opened to see
    // whether it is in use: it may be a link of the present database, of which closing it would lose us all locks.
    if (lstat(draft.c_str(), &status) != 0) continue;
    // One that is linked is complete, and as young as what was added last.
    const bool linked = status.st_nlink > 1;
    if (!linked && absl::Now() - absl::TimeFromTimespec(status.st_mtim) < kDraftAgeMax) continue;
    LOG_IF(WARNING, unlink(draft.c_str()) == 0) << draft << " was left behind, and is removed";
  }
}

void SpoolDatabase::Tell() const { FolderWatch::Tell(PathOf(options_.folder, generation_)); }

absl::Status SpoolDatabase::SetAside(const absl::Status& why) const {
  LOG(ERROR) << "a damaged spool is set aside, and a new one begun: " << why;
  if (absl::Status made = Make(options_, generation_ + 1, target_); !made.ok()) return made;
  RemoveOldest(options_.folder, generation_ + 1);
  return absl::OkStatus();
}

}  // namespace eventlog
