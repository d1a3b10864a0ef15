#include "records/migrations.h"

#include "base/format.h"
#include "records/journal.h"

namespace mw::records {
namespace {

// Bodies are blobs, so that no text encoding is ever applied to them; `sum` is a checksum of the row (journal.cpp).
constexpr const char* kVersion1 = R"(
  CREATE TABLE migration (version INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
  CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE entry (
    stream INTEGER NOT NULL, sequence INTEGER NOT NULL, time_ms INTEGER NOT NULL, body BLOB NOT NULL, sum BLOB NOT NULL,
    PRIMARY KEY (stream, sequence)) STRICT, WITHOUT ROWID;
  CREATE TABLE snapshot (
    stream INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, body BLOB NOT NULL, sum BLOB NOT NULL) STRICT;
  CREATE TABLE value (key TEXT PRIMARY KEY, body BLOB NOT NULL, sum BLOB NOT NULL) STRICT, WITHOUT ROWID;
)";

constexpr Migration kMigrations[] = {{1, kVersion1}};
static_assert(std::size(kMigrations) == Journal::kSchemaVersion);

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<int> version_of(Database& database) {
  const auto version = database.integer("PRAGMA user_version");
  MW_TRY(version);
  const auto application = database.integer("PRAGMA application_id");
  MW_TRY(application);
  const auto tables = database.integer("SELECT count(*) FROM sqlite_schema");
  MW_TRY(tables);
  const bool empty = *version == 0 && *application == 0 && *tables == 0;
  if (!empty && *application != kApplicationId) return failure(ErrorKind::damaged, "not a database of Manyworlds");
  return static_cast<int>(*version);
}

Status migrate(Database& database, std::span<const Migration> steps) {
  const auto version = version_of(database);
  MW_TRY(version);
  const int last = steps.back().version;
  if (*version > last)
    return failure(
        ErrorKind::version,
        format("the database has format {}, and this program knows up to {}; use the newer program", *version, last));
  for (const Migration& step : steps) {
    if (step.version <= *version) continue;
    auto transaction = Transaction::begin(database);
    MW_TRY(transaction);
    MW_TRY(database.execute(step.sql));
    MW_TRY(
        database.execute(format("INSERT INTO migration VALUES ({}, 'by a program of format {}')", step.version, last)));
    MW_TRY(
        database.execute(format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, step.version)));
    MW_TRY(transaction->commit());
  }
  return ok();
}

}  // namespace mw::records
