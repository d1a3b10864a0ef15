// The database's format, step by step. Each step runs in one transaction with the note that it ran, so a kill in between
// leaves the older format whole. Internal to records/; tests bring steps of their own.
#pragma once

#include <span>

#include "records/sqlite.h"

namespace mw::records {

inline constexpr int kApplicationId = 0x4D57'4A4C;  // "MWJL", in the file's header

struct Migration {
  int version;  // that the file has afterwards; steps count up by one
  const char* sql;
};

// All steps of this program, from the empty file on.
std::span<const Migration> migrations();

// The version of the file: 0 when it is empty. Error `damaged` when the file belongs to another program.
Result<int> version_of(Database& database);

// Brings the file to the last version. Error `version` when it is newer already; nothing is changed then.
Status migrate(Database& database, std::span<const Migration> steps);

}  // namespace mw::records
