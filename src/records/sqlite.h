// SQLite with owners and Results. Internal to records/. Thread: a Database and its statements belong to one thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::records {

// A prepared statement. Bind by position from 1; `step` gives true for a row, false at the end; `reset` before the next use.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* owned) : statement_(owned) {}
  Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept {
    std::swap(statement_, other.statement_);
    return *this;
  }
  ~Statement() { sqlite3_finalize(statement_); }

  Statement& bind(int index, std::int64_t value);
  Statement& bind_text(int index, std::string_view text);  // the text must live until `reset`
  Statement& bind_blob(int index, std::string_view bytes);
  Result<bool> step();
  Status run();  // steps to the end and resets
  void reset();

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view bytes(int column) const;

 private:
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  // `flags` are SQLITE_OPEN_...; errors as `error_of`, `not_found` when there is no such file.
  static Result<Database> open(const std::string& path, int flags, const std::string& vfs);
  Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Database& operator=(Database&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Database() { sqlite3_close_v2(handle_); }

  Status execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  Result<std::int64_t> integer(const std::string& sql);  // the first column of the first row; 0 when there is none
  Result<std::string> text(const std::string& sql);
  sqlite3* handle() const { return handle_; }

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_ = nullptr;
};

// The last error of a connection in our terms: a full disk or database is `full`, damage `damaged`, a busy, read-only or
// failing disk `unavailable`.
Error error_of(sqlite3* handle, int code);

// BEGIN IMMEDIATE until commit; rolls back otherwise.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  ~Transaction();
  Status commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

}  // namespace mw::records
