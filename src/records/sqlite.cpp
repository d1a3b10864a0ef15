#include "records/sqlite.h"

#include <cerrno>
#include <utility>

namespace mw::records {

Statement& Statement::bind(int index, std::int64_t value) {
  MW_ASSERT(sqlite3_bind_int64(statement_, index, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view text) {
  // A null pointer would bind NULL, which an empty string_view may carry.
  const char* data = text.data() != nullptr ? text.data() : "";
  MW_ASSERT(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  MW_ASSERT(sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_STATIC) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = error_of(sqlite3_db_handle(statement_), code);
  reset();
  return error;
}

Status Statement::run() {
  for (;;) {
    const auto row = step();
    MW_TRY(row);
    if (!*row) break;
  }
  reset();
  return ok();
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? std::string_view() : std::string_view(data, size);
}

Result<Database> Database::open(const std::string& path, int flags, const std::string& vfs) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_EXRESCODE, vfs.empty() ? nullptr : vfs.c_str());
  Database database(handle);
  if (code != SQLITE_OK) {
    if ((code & 0xFF) == SQLITE_CANTOPEN && sqlite3_system_errno(handle) == ENOENT)
      return Error{ErrorKind::not_found, path, "no such file or folder"};
    Error error = error_of(handle, code);
    error.field = path;
    return error;
  }
  // Other processes (a backup) hold locks for moments only.
  sqlite3_busy_timeout(handle, 5'000);
  return database;
}

Status Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error_of(handle_, code);
  return ok();
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return error_of(handle_, code);
  return Statement(statement);
}

Result<std::int64_t> Database::integer(const std::string& sql) {
  auto statement = prepare(sql);
  MW_TRY(statement);
  const auto row = statement->step();
  MW_TRY(row);
  return *row ? statement->integer(0) : 0;
}

Result<std::string> Database::text(const std::string& sql) {
  auto statement = prepare(sql);
  MW_TRY(statement);
  const auto row = statement->step();
  MW_TRY(row);
  return *row ? std::string(statement->bytes(0)) : std::string();
}

Error error_of(sqlite3* handle, int code) {
  const int system = sqlite3_system_errno(handle);
  std::string message = sqlite3_errmsg(handle);
  switch (code & 0xFF) {
    case SQLITE_FULL: return failure(ErrorKind::full, "the disk or the database is full");
    case SQLITE_IOERR:
      if (system == ENOSPC || system == EDQUOT) return failure(ErrorKind::full, "the disk is full");
      return failure(ErrorKind::unavailable, "the disk failed: " + message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return failure(ErrorKind::damaged, "the database is damaged: " + message);
    case SQLITE_ERROR: return failure(ErrorKind::damaged, "the database is not as expected: " + message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return failure(ErrorKind::unavailable, "the database is in use by another process");
    case SQLITE_READONLY:
    case SQLITE_PERM: return failure(ErrorKind::unavailable, "the database cannot be written: " + message);
    case SQLITE_CANTOPEN:
    case SQLITE_NOLFS: return failure(ErrorKind::unavailable, "the database cannot be opened: " + message);
    case SQLITE_TOOBIG: return failure(ErrorKind::too_large, "over the size that one value may have");
    default: return failure(ErrorKind::internal, "database: " + message);
  }
}

Result<Transaction> Transaction::begin(Database& database) {
  MW_TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(&database);
}

Status Transaction::commit() {
  MW_TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return ok();
}

Transaction::~Transaction() {
  // Some errors roll back by themselves; then there is nothing left to do.
  if (database_ != nullptr && sqlite3_get_autocommit(database_->handle()) == 0)
    sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace mw::records
