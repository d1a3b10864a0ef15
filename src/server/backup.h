// Backups: one file with everything that a host keeps and serves, and its way back.
// The file is a tar archive compressed with zstd: `manifest.json` first, with the SHA-256 and length of every other file, then
// `data/manyworlds.db`, `data/log/...`, `data/witness/...`, `data/avatars/...` and `worlds/...`.
// The database is copied first and the log after it, so that nothing in the database points past the end of the log. Of the log
// only the entries and the published checkpoint are kept: the rest is made of the entries at the next start.
// A log restored from a backup may be older than what others have seen of it. The restored folder says so (`data/log/restored`),
// and the host asks its witnesses before it appends anything (records/publisher.h).
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
  std::uint64_t log_entries = 0;  // of the host's log, in what was written; 0 also from `verify_backup`
  bool log_kept = false;  // restored: the folder's own log continues the backup's, and stayed
};

// Writes a backup while the host may run: the database is copied consistently. `file` appears complete or not at all.
Result<BackupReport> write_backup(const BackupSource& source, const std::string& file);

// Reads a whole backup and checks everything; says what is damaged. Nothing is written.
Result<BackupReport> verify_backup(const std::string& file);

// Verifies, then writes `folder`/data and `folder`/worlds. Without `force` the folder must be empty or absent; with it, files
// of the same names are replaced, and nothing else is touched. A log that is there and continues the backup's stays, with what
// the witness has said, since an append-only log must not go back.
Result<BackupReport> restore_backup(const std::string& file, const std::string& folder, bool force);

}  // namespace mw::server
