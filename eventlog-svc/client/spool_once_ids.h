// The ids of events that were added to a spool at most once each (Spool::AddOnce): a table of its database, so that an
// event and its id are kept by the same transaction, or neither is.
//
// The newest kIdsMax ids are known. They stay when the events leave the spool, and go with a database that is set
// aside. Errors of SqliteDatabase.

#ifndef EVENTLOG_SVC_CLIENT_SPOOL_ONCE_IDS_H_
#define EVENTLOG_SVC_CLIENT_SPOOL_ONCE_IDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/client/sqlite_database.h"

namespace eventlog {

// Not thread safe; within a transaction of the database, which outlives it.
class SpoolOnceIds {
 public:
  // A few megabytes at most for ids as sessions have them.
  static constexpr int64_t kIdsMax = 10'000;
  static constexpr char kSchema[] = "CREATE TABLE once_ids (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);";

  explicit SpoolOnceIds(SqliteDatabase& database) : database_(database) {}

  absl::StatusOr<bool> Has(absl::string_view id);
  // Of each of them, whether it is not to be added: it is there, or stands before. Never one that is empty.
  absl::StatusOr<std::vector<bool>> Known(const std::vector<std::string>& ids);
  // One that it has not; the oldest goes where there are too many.
  absl::Status Put(absl::string_view id);

 private:
  SqliteDatabase& database_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SPOOL_ONCE_IDS_H_
