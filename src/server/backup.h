// Backups: one file with everything that a host keeps and serves, and its way back.
// The file is a tar archive compressed with zstd: `manifest.json` first, with the SHA-256 and length of every other file, then
// `data/manyworlds.db` and `worlds/...`.
// Thread: any; they read and write files, so not on an event loop.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace mw::server {

struct BackupSource {
  std::string data;  // the host's data folder
  std::string worlds;  // the folder of worlds; may be empty
};

struct BackupReport {
  std::size_t files = 0;
  std::uint64_t bytes = 0;  // before compression
};

// Writes a backup while the host may run: the database is copied consistently. `file` appears complete or not at all.
Result<BackupReport> write_backup(const BackupSource& source, const std::string& file);

// Reads a whole backup and checks everything; says what is damaged. Nothing is written.
Result<BackupReport> verify_backup(const std::string& file);

// Verifies, then writes `folder`/data and `folder`/worlds. Without `force` the folder must be empty or absent; with it, files
// of the same names are replaced, and nothing else is touched.
Result<BackupReport> restore_backup(const std::string& file, const std::string& folder, bool force);

}  // namespace mw::server
