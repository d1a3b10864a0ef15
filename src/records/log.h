// The append-only log: entries on disk, the Merkle tree over them, and the tiles from which anybody can check it. One sync
// of the disk makes a whole batch durable; whatever was acknowledged is there after a crash, and nothing that was refused.
// Files (platform/storage.h), all of them little endian:
//   entries    frames, one a batch: "MWLOG\0\0\1", first index u64, entries u32, bytes u32, the tree's root after the batch
//              (32 bytes), then the entries as in a bundle of C2SP tlog-tiles. The root is the frame's checksum.
//   index      for each entry the place in `entries` of its length, u64
//   hashes.L   the hashes of the tiles of level L, one after the other
//   mark       size and right edge of a tree whose index and hashes are on disk, so that a start reads only what follows
// `index` and `hashes.L` follow from `entries`, are not synced with it, and are made again when they are not whole.
// A batch that was on its way when the power went is cut off. More that does not check than one batch can be is no crash but
// damage, and so is a tree that is shorter than its mark: then the log does not open.
// Source: RFC 6962, C2SP tlog-tiles. Thread: one; `read` and `durable_size` from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "platform/storage.h"
#include "records/merkle.h"
#include "records/tiles.h"

namespace mw::records {

class Log {
 public:
  // The storage outlives the log. Errors: `damaged` (and what is wrong), `version`, those of the storage.
  static Result<std::unique_ptr<Log>> open(platform::Storage& storage);
  ~Log();

  // Puts all entries on disk, or none; returns the index of the first. Limits: kLogBatchEntries, kLogBatchBytes, kLogEntryBytes
  // (`too_large`, `invalid` for none). Errors: `full` leaves the log as it was; after any other the log takes no more
  // entries until it is opened again (`unavailable`), since nobody knows what the disk holds.
  Result<std::uint64_t> append(std::span<const ByteView> entries);
  std::uint64_t size() const { return frontier_.size(); }
  Hash root() const { return frontier_.root(); }
  std::uint64_t durable_size() const { return durable_size_.load(std::memory_order_acquire); }
  bool failed() const { return failed_; }

  // A tile or bundle of the tree on disk. Error `not_found` for one that this size does not have.
  Result<Bytes> read(const TileName& name) const;
  Result<Bytes> entry(std::uint64_t index) const;
  // Nodes of a tree of the first `size` entries, from these tiles. The log outlives it.
  TileNodes nodes(std::uint64_t size) const;

  // Lets the next start begin here. Done by itself every kLogMarkEntries; call it before a planned end.
  Status save_mark();
  std::uint64_t entries_read_at_start() const { return read_at_start_; }
  std::uint64_t bytes() const;  // of the file of entries

 private:
  struct Pending;
  explicit Log(platform::Storage& storage) : storage_(storage) {}
  Status open_files();
  Status load_mark();
  Status recover();
  // Reads the frame at `at`; false when there is no whole one.
  Result<bool> take_frame(std::uint64_t at, std::uint64_t end);
  void add(Pending& pending, ByteView entry, std::uint64_t place) const;
  Status write_derived(const Pending& pending);
  Status roll_back(Error error);
  Result<Bytes> read_bundle(const TileName& name) const;
  Result<std::uint64_t> place_of(std::uint64_t index) const;
  Result<Bytes> read_exactly(const platform::StoredFile& file, std::uint64_t offset, std::size_t size) const;

  platform::Storage& storage_;
  std::unique_ptr<platform::StoredFile> entries_, index_;
  std::vector<std::unique_ptr<platform::StoredFile>> hashes_;  // by level
  Frontier frontier_;
  std::uint64_t end_ = 0;  // of the last frame
  std::uint64_t marked_ = 0, read_at_start_ = 0;  // entries
  bool failed_ = false;
  std::atomic<std::uint64_t> durable_size_{0};
};

}  // namespace mw::records
