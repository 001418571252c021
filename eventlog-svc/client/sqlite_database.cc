#include "eventlog-svc/client/sqlite_database.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/base/macros.h"
#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

// Missing is only what the system says is missing: who is told so believes that there is nothing.
absl::StatusCode CodeOfOpen(int system_error) {
  switch (system_error) {
    case ENOENT:
    case ENOTDIR:
      return absl::StatusCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::StatusCode CodeOf(int extended, int system_error) {
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return absl::StatusCode::kUnavailable;
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return absl::StatusCode::kPermissionDenied;
    case SQLITE_CANTOPEN:
      return CodeOfOpen(system_error);
    case SQLITE_IOERR:
      // Also where the memory that connections share cannot grow.
      if (system_error == ENOSPC || system_error == EDQUOT) return absl::StatusCode::kResourceExhausted;
      return extended == SQLITE_IOERR_CORRUPTFS ? absl::StatusCode::kDataLoss : absl::StatusCode::kInternal;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

SqliteDatabase::Query::Query(SqliteDatabase& database, const char* sql) : database_(database) {
  statement_ = database_.Prepare(sql, status_);
}

SqliteDatabase::Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

SqliteDatabase::Query& SqliteDatabase::Query::Bind(int64_t value) {
  if (statement_ != nullptr) sqlite3_bind_int64(statement_, ++parameters_, value);
  return *this;
}

SqliteDatabase::Query& SqliteDatabase::Query::BindBytes(absl::string_view bytes) {
  // No bytes at all, from nowhere, would be NULL.
  const char* const data = bytes.empty() ? "" : bytes.data();
  if (statement_ != nullptr) sqlite3_bind_blob64(statement_, ++parameters_, data, bytes.size(), SQLITE_STATIC);
  return *this;
}

SqliteDatabase::Query& SqliteDatabase::Query::BindText(absl::string_view text) {
  const char* const data = text.empty() ? "" : text.data();
  if (statement_ != nullptr) {
    sqlite3_bind_text64(statement_, ++parameters_, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return *this;
}

absl::StatusOr<bool> SqliteDatabase::Query::Step() {
  if (!status_.ok()) return status_;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_.Failure(code);
}

absl::Status SqliteDatabase::Query::Run() {
  while (true) {
    const absl::StatusOr<bool> row = Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
  }
}

int64_t SqliteDatabase::Query::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

absl::string_view SqliteDatabase::Query::Bytes(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_, column);
  return {static_cast<const char*>(bytes), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path, absl::Duration busy_max) {
  auto database = absl::WrapUnique(new SqliteDatabase(path));
  const int code = sqlite3_open_v2(path.c_str(), &database->database_,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code != SQLITE_OK) return database->Failure(code);
  sqlite3_busy_timeout(database->database_, static_cast<int>(absl::ToInt64Milliseconds(busy_max)));
  database->KeepLogOnClose(true);
  return database;
}

SqliteDatabase::~SqliteDatabase() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

void SqliteDatabase::KeepLogOnClose(bool keep) {
  sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, nullptr);
}

absl::Status SqliteDatabase::Execute(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Failure(code);
}

absl::StatusOr<int64_t> SqliteDatabase::Integer(const char* sql) {
  Query query(*this, sql);
  const absl::StatusOr<bool> row = query.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError(absl::StrCat(path_, ": nothing where \"", sql, "\" has one row"));
  return query.Integer(0);
}

void SqliteDatabase::Rollback() {
  // Some failures have rolled back already.
  if (sqlite3_get_autocommit(database_) == 0) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

sqlite3_stmt* SqliteDatabase::Prepare(const char* sql, absl::Status& status) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement != nullptr) return statement;
  const int code = sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) status = Failure(code);
  return statement;
}

absl::Status SqliteDatabase::Failure(int code) const {
  const int extended = database_ == nullptr ? code : sqlite3_extended_errcode(database_);
  const int system_error = database_ == nullptr ? 0 : sqlite3_system_errno(database_);
  std::string text = absl::StrCat(path_, ": ", database_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database_));
  const bool of_system = (extended & 0xff) == SQLITE_IOERR || (extended & 0xff) == SQLITE_CANTOPEN;
  if (of_system && system_error != 0) absl::StrAppend(&text, ": ", std::strerror(system_error));
  return absl::Status(CodeOf(extended, system_error), text);
}

}  // namespace eventlog
