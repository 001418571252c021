// One connection to an SQLite database (https://www.sqlite.org/c3ref/intro.html), with a status for each failure.
//
// kUnavailable: others wrote for the whole of busy_max. kResourceExhausted: the disk is full. kDataLoss: the file is
// damaged, or no database. kPermissionDenied, kNotFound: the file. kInternal: all else.

#ifndef EVENTLOG_SVC_CLIENT_SQLITE_DATABASE_H_
#define EVENTLOG_SVC_CLIENT_SQLITE_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace eventlog {

// Not thread safe.
class SqliteDatabase {
 public:
  // One run of a statement. At most one run of the same text at a time; must not outlive the database.
  class Query {
   public:
    Query(SqliteDatabase& database, const char* sql);
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    ~Query();

    // The next parameter. Bytes must live as long as this does.
    Query& Bind(int64_t value);
    Query& BindBytes(absl::string_view bytes);
    Query& BindText(absl::string_view text);
    // Whether there is a row.
    absl::StatusOr<bool> Step();
    // To the end.
    absl::Status Run();
    // Of the present row; bytes are valid until the next Step.
    int64_t Integer(int column) const;
    absl::string_view Bytes(int column) const;

   private:
    SqliteDatabase& database_;
    sqlite3_stmt* statement_ = nullptr;
    absl::Status status_;
    int parameters_ = 0;
  };

  // A file that is there; one of no bytes is an empty database.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path, absl::Duration busy_max);
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;
  ~SqliteDatabase();

  // Any number of statements, without parameters and results.
  absl::Status Execute(const char* sql);
  // The first column of the only row.
  absl::StatusOr<int64_t> Integer(const char* sql);
  // Calls body() within a transaction that writes, and commits where it gave OK; else nothing has changed.
  template <typename Body>
  absl::Status Transact(const Body& body) {
    if (absl::Status begun = Query(*this, "BEGIN IMMEDIATE").Run(); !begun.ok()) return begun;
    absl::Status status = body();
    if (status.ok()) status = Query(*this, "COMMIT").Run();
    if (!status.ok()) Rollback();
    return status;
  }
  // Whether closing the last connection leaves the write-ahead log as it is, which is quick. On at first.
  void KeepLogOnClose(bool keep);

 private:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}
  absl::Status Failure(int code) const;
  void Rollback();
  sqlite3_stmt* Prepare(const char* sql, absl::Status& status);

  const std::string path_;
  sqlite3* database_ = nullptr;
  absl::flat_hash_map<const char*, sqlite3_stmt*> statements_;  // by the address of their text, which is a literal
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SQLITE_DATABASE_H_
