// The database of a spool's folder: its file, its schema, and what becomes of it when it is damaged.
//
// A folder has one database at a time, spool-N.db with the highest N. It comes into the folder complete, by a link; a
// damaged one stays aside when N + 1 takes its place, so that no connection ever meets the write-ahead log of another
// database. Who has written asks Current(): what went into a database that was set aside is added again to the next.
// Until the link it is draft-*; what a process that was killed meanwhile has left of one goes after an hour, or once it
// is linked, when somebody begins to send. One of an older schema is brought to the present one where it is opened.

#ifndef EVENTLOG_SVC_CLIENT_SPOOL_DATABASE_H_
#define EVENTLOG_SVC_CLIENT_SPOOL_DATABASE_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/client/spool_options.h"
#include "eventlog-svc/client/sqlite_database.h"

namespace eventlog {

// Not thread safe.
class SpoolDatabase {
 public:
  // All files of a database begin with it.
  static constexpr char kFilePrefix[] = "spool-";
  static constexpr int64_t kSchemaVersion = 2;

  // With a target: makes what is missing, and sets a damaged database aside. Without: kNotFound when there is none,
  // kDataLoss when it is damaged. kFailedPrecondition: another target, another kind of database, or a newer schema.
  static absl::StatusOr<std::unique_ptr<SpoolDatabase>> Open(const SpoolOptions& options,
                                                             const std::optional<SpoolTarget>& target);

  // Whether it still is the folder's: neither set aside, nor removed, with another one of its name in its place or not.
  bool Current() const;
  // It is damaged: the folder gets a new one, which the next Open finds. `why` is logged.
  absl::Status SetAside(const absl::Status& why) const;

  // Those that are an hour old, or linked: nobody is at them any more.
  void RemoveOldDrafts() const;

  // Something was committed that others may wait for: their FolderWatch hears of it.
  void Tell() const;

  SqliteDatabase& sqlite() { return *sqlite_; }
  const SpoolTarget& target() const { return target_; }
  int64_t generation() const { return generation_; }

 private:
  // Device and inode.
  using FileId = std::pair<dev_t, ino_t>;

  SpoolDatabase(SpoolOptions options, int64_t generation, FileId file, std::unique_ptr<SqliteDatabase> sqlite)
      : options_(std::move(options)), generation_(generation), file_(file), sqlite_(std::move(sqlite)) {}
  static absl::StatusOr<FileId> FileAt(const std::string& path);
  static absl::StatusOr<std::unique_ptr<SpoolDatabase>> OpenGeneration(const SpoolOptions& options, int64_t generation);
  absl::Status Configure();
  absl::Status ReadTarget();

  const SpoolOptions options_;
  const int64_t generation_;
  const FileId file_;
  const std::unique_ptr<SqliteDatabase> sqlite_;
  SpoolTarget target_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SPOOL_DATABASE_H_
