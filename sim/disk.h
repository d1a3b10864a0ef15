// A disk in memory that knows what was synced. Until a file is synced its writes may be lost when the power goes: any subset
// of their 512-byte sectors, so that a page may be torn, and later writes may be there without earlier ones. A name that was
// made or removed is certain only when the folder is synced. When the process alone is killed, nothing is lost.
// What the model assumes, as SQLite does of a real disk: a sector is written whole or not at all, and writing it leaves its
// neighbours alone (SQLITE_IOCAP_POWERSAFE_OVERWRITE); names change in the order in which it was asked (journalling).
// Thread: one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sim/random.h"

namespace mw::sim {

inline constexpr std::size_t kSectorBytes = 512;

// The content of one file, whatever its name is.
struct Inode {
  struct Change {  // since the last sync
    bool truncate = false;
    std::uint64_t offset = 0;  // or the new size
    Bytes bytes;
  };
  Bytes current, synced;
  std::vector<Change> changes;

  // Locks and shared memory of those who have it open; gone with the power (SQLite's unix semantics, in one process).
  int shared = 0;
  bool reserved = false, pending = false, exclusive = false;
  std::vector<std::unique_ptr<Bytes>> memory;
  int memory_shared[8] = {};
  bool memory_exclusive[8] = {};
  int memory_users = 0;
};

struct DiskStats {
  std::uint64_t writes = 0, syncs = 0, cuts = 0;
  std::uint64_t sectors_lost = 0, names_lost = 0, files_torn = 0;
};

class Disk {
 public:
  explicit Disk(Random random) : random_(random) {}

  // Faults
  void turn_off() { off_ = true; }
  // The `operations`-th change from now (a write, sync, removal) is where the power goes: half done at most.
  void turn_off_after(std::uint64_t operations) { countdown_ = operations; }
  void stay_on() { countdown_.reset(); }
  bool off() const { return off_; }
  void set_full(bool full) { full_ = full; }
  // The planted bug: a sync answers at once, and the bytes reach the disk only at `flush`.
  void answer_before_sync(bool early) { early_ = early; }
  void flush();
  // On again. After a power cut what was not synced is lost in part; after a kill all is there.
  void turn_on(bool power_was_cut);

  // What is on it now, and putting that back later (an operator's backup): then all of it is synced, and nothing else is there.
  std::map<std::string, Bytes> backup() const;
  void restore(const std::map<std::string, Bytes>& files);

  // Files. False and nullptr mean that the disk is off; handles of an older generation are dead.
  std::uint64_t generation() const { return generation_; }
  std::shared_ptr<Inode> find(const std::string& name) const;
  std::shared_ptr<Inode> create(const std::string& name);
  bool remove(const std::string& name, bool sync_folder);
  // The file takes the other name in one step; what had that name is gone. Certain when the folder is synced.
  bool rename(const std::string& from, const std::string& to);
  enum class Outcome { done, off, full };
  Outcome write(Inode& file, std::uint64_t offset, ByteView bytes);
  Outcome truncate(Inode& file, std::uint64_t size);
  Outcome sync(Inode& file, bool folder_too);

  std::vector<std::string> names() const;
  const DiskStats& stats() const { return stats_; }
  std::uint64_t random_number() { return random_.next(); }

 private:
  struct NameChange {
    std::string name;
    std::shared_ptr<Inode> inode;  // nullptr: removed
    std::string gone;  // with a rename: the name before
  };
  bool spend();  // one change; false when the power goes here
  void lose(Inode& file, double kept);
  static void apply(Bytes& content, const Inode::Change& change, std::uint64_t from, std::uint64_t size);

  Random random_;
  std::map<std::string, std::shared_ptr<Inode>> folder_, synced_folder_;
  std::vector<NameChange> name_changes_;
  std::optional<std::uint64_t> countdown_;
  bool off_ = false, full_ = false, early_ = false;
  std::uint64_t generation_ = 1;
  DiskStats stats_;
};

// Registers a SQLite file system over the disk under this name, for the life of the object. SQLite's own randomness and
// time come from the given sources, so that runs repeat.
class DiskVfs {
 public:
  DiskVfs(std::string name, Disk& disk);
  ~DiskVfs();
  DiskVfs(const DiskVfs&) = delete;
  DiskVfs& operator=(const DiskVfs&) = delete;
  const std::string& name() const { return name_; }

 private:
  struct Implementation;
  std::string name_;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace mw::sim
