#include "eventlog-svc/client/spool_once_ids.h"

#include "absl/container/flat_hash_set.h"

namespace eventlog {

absl::StatusOr<bool> SpoolOnceIds::Has(absl::string_view id) {
  return SqliteDatabase::Query(database_, "SELECT 1 FROM once_ids WHERE id = ?").BindText(id).Step();
}

absl::StatusOr<std::vector<bool>> SpoolOnceIds::Known(const std::vector<std::string>& ids) {
  std::vector<bool> known;
  absl::flat_hash_set<absl::string_view> before;
  for (const std::string& id : ids) {
    absl::StatusOr<bool> is_known = false;
    if (!id.empty()) is_known = before.insert(id).second ? Has(id) : true;
    if (!is_known.ok()) return is_known.status();
    known.push_back(*is_known);
  }
  return known;
}

absl::Status SpoolOnceIds::Put(absl::string_view id) {
  absl::Status put = SqliteDatabase::Query(database_, "INSERT INTO once_ids (id) VALUES (?)").BindText(id).Run();
  if (!put.ok()) return put;
  // SQLite gives the place behind the highest, so places have no gaps: the bound is a place, and nothing is counted.
  return SqliteDatabase::Query(database_, "DELETE FROM once_ids WHERE place <= last_insert_rowid() - ?")
      .Bind(kIdsMax)
      .Run();
}

}  // namespace eventlog
