// The durable store under the edits, and later under records: append-only streams in SQLite. What was acknowledged is on
// disk (WAL, synchronous=FULL, one transaction for a whole batch). Streams have a bound: entries older than a snapshot
// are removed. The secrets of the host stand in it too, so the file is readable by its owner alone.
// Thread: a Journal belongs to one thread (the store's); store_queue.h carries batches to it. The simulation opens it on a
// SQLite VFS of its own and calls it directly.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::records {

struct Entry {
  std::uint64_t sequence = 0;  // within the stream, from 1, without gaps
  std::int64_t time_ms = 0;  // Unix time of the host
  std::string body;  // what the feature wrote (JSON)
};

struct Append {
  std::string stream;  // "world/plaza/scene"
  std::int64_t time_ms = 0;
  std::string body;
};

struct Snapshot {
  std::uint64_t sequence = 0;  // state after this entry; 0 is the empty state
  std::string body;
};

// What goes to disk together.
struct Batch {
  std::vector<Append> appends;
  std::vector<std::pair<std::string, std::string>> puts;
  std::vector<std::string> removes;  // keys; one that is not there is no error
};

struct Options {
  std::string path;  // of the database file
  std::string vfs;  // SQLite VFS name; empty is the platform's
  std::uint64_t max_bytes = 0;  // bound of the database; 0 is limits::kDatabaseBytesDefault
  bool read_only = false;
};

class Journal {
 public:
  static constexpr int kSchemaVersion = 1;

  // One process at a time writes (the server holds a lock on its data folder); others may read and copy meanwhile.
  // Opens or creates, migrates forward step by step, checks integrity (the structure of small files, the
  // header and tables of large ones; every row has a checksum that is checked when it is read). Errors: `version` when the file is newer
  // than this program (nothing is changed), `damaged`, `not_found` (the folder, or the file when reading
  // only), `unavailable`.
  static Result<std::unique_ptr<Journal>> open(const Options& options);
  ~Journal();

  // As append, with values in the same transaction.
  Result<std::vector<std::uint64_t>> commit(const Batch& batch);

  // All or nothing; on success every entry is on disk. Returns the last sequence of each append, in order. A full disk or
  // a full database gives `full` and leaves the journal usable (reads go on, a later append may succeed).
  Result<std::vector<std::uint64_t>> append(const std::vector<Append>& batch);

  // Limits: kJournalBatch rows, kEditBytes for a body, kValueBytes for a value, kKeyBytes for names; over them `too_large`.

  // What is there of a stream; all zero for one that does not exist.
  struct Extent {
    std::uint64_t first = 0, last = 0;  // of the entries kept; last counts on when all are folded
    std::uint64_t snapshot = 0;  // its sequence
  };
  Result<Extent> extent(std::string_view stream);

  // The newest snapshot of a stream, and the entries after `sequence` in order.
  Result<std::optional<Snapshot>> snapshot(std::string_view stream);
  Result<std::vector<Entry>> read(std::string_view stream, std::uint64_t after, std::size_t limit);
  // Stores a snapshot and, in the same transaction, removes the entries up to `sequence` but the last `keep`. Works in a full
  // database when what goes makes place for what comes. Error `conflict` for one that is ahead of the stream or behind the
  // present snapshot.
  Status fold(std::string_view stream, const Snapshot& snapshot, std::size_t keep);

  // Small values beside the streams (host key, visitors' places). put is durable like append.
  Status put(std::string_view key, std::string_view value);
  Status put_many(const std::vector<std::pair<std::string, std::string>>& values);  // one transaction
  Status remove(std::string_view key);
  Result<std::optional<std::string>> get(std::string_view key);
  Result<std::vector<std::pair<std::string, std::string>>> list(std::string_view prefix, std::size_t limit);

  // A consistent copy into a new file while others write (SQLite's online backup), by a connection of its own: the one
  // method that another thread may call. Errors: `conflict` when the file is there already; a copy that failed is removed.
  Status copy_to(const std::string& path) const;
  Status check();  // PRAGMA integrity_check, and that streams have no gaps
  std::uint64_t bytes() const;  // of the database, without what the write-ahead log holds

 private:
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mw::records
