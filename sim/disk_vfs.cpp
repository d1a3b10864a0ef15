// The disk as SQLite sees it. Source: sqlite.org, "The SQLite OS Interface or VFS"; the locks follow its unix VFS.
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "base/assert.h"
#include "sim/disk.h"

namespace mw::sim {

struct DiskVfs::Implementation {
  sqlite3_vfs vfs{};
  Disk* disk = nullptr;
};

namespace {

struct Handle {
  sqlite3_file base{};
  Disk* disk = nullptr;
  std::shared_ptr<Inode> inode;
  std::string name;
  std::uint64_t generation = 0;
  int lock = SQLITE_LOCK_NONE;
  bool sync_folder = false;  // as the unix VFS: a new journal's first sync syncs the folder
  bool delete_on_close = false;
  bool maps_memory = false;
  int memory_shared = 0, memory_exclusive = 0;  // bits

  bool dead() const { return disk->off() || disk->generation() != generation; }
};

Handle& of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
Disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

int code_of(Disk::Outcome outcome, int failure) {
  if (outcome == Disk::Outcome::full) return SQLITE_FULL;
  return outcome == Disk::Outcome::done ? SQLITE_OK : failure;
}

// --- Files ----------------------------------------------------------------------------------------------------------

int unlock(sqlite3_file* file, int level);
int memory_unmap(sqlite3_file* file, int remove);

int close(sqlite3_file* file) {
  Handle& handle = of(file);
  if (!handle.dead()) {
    unlock(file, SQLITE_LOCK_NONE);
    memory_unmap(file, 0);
    if (handle.delete_on_close) handle.disk->remove(handle.name, false);
  }
  handle.~Handle();
  return SQLITE_OK;
}

int read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_READ;
  const Bytes& content = handle.inode->current;
  const auto size = static_cast<sqlite3_int64>(content.size());
  const auto there = std::clamp<sqlite3_int64>(size - offset, 0, amount);
  if (there > 0) std::memcpy(out, content.data() + offset, static_cast<std::size_t>(there));
  if (there == amount) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + there, 0, static_cast<std::size_t>(amount - there));
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_WRITE;
  const ByteView bytes(static_cast<const Byte*>(data), static_cast<std::size_t>(amount));
  return code_of(handle.disk->write(*handle.inode, static_cast<std::uint64_t>(offset), bytes), SQLITE_IOERR_WRITE);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_TRUNCATE;
  return code_of(handle.disk->truncate(*handle.inode, static_cast<std::uint64_t>(size)), SQLITE_IOERR_TRUNCATE);
}

int sync(sqlite3_file* file, int) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_FSYNC;
  const int code = code_of(handle.disk->sync(*handle.inode, handle.sync_folder), SQLITE_IOERR_FSYNC);
  if (code == SQLITE_OK) handle.sync_folder = false;
  return code;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(handle.inode->current.size());
  return SQLITE_OK;
}

// --- Locks ----------------------------------------------------------------------------------------------------------

int lock(sqlite3_file* file, int level) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_LOCK;
  Inode& inode = *handle.inode;
  if (handle.lock >= level) return SQLITE_OK;
  if (level == SQLITE_LOCK_SHARED) {
    if (inode.pending || inode.exclusive) return SQLITE_BUSY;
    ++inode.shared;
    handle.lock = SQLITE_LOCK_SHARED;
    return SQLITE_OK;
  }
  if (level == SQLITE_LOCK_RESERVED) {
    if (inode.reserved || inode.pending) return SQLITE_BUSY;
    inode.reserved = true;
    handle.lock = SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
  }
  if (inode.pending && handle.lock < SQLITE_LOCK_PENDING) return SQLITE_BUSY;
  inode.pending = true;
  handle.lock = SQLITE_LOCK_PENDING;
  if (inode.shared > 1) return SQLITE_BUSY;
  inode.exclusive = true;
  handle.lock = SQLITE_LOCK_EXCLUSIVE;
  return SQLITE_OK;
}

int unlock(sqlite3_file* file, int level) {
  Handle& handle = of(file);
  if (handle.dead() || handle.lock <= level) return SQLITE_OK;
  Inode& inode = *handle.inode;
  if (handle.lock >= SQLITE_LOCK_RESERVED) inode.reserved = false;
  if (handle.lock >= SQLITE_LOCK_PENDING) inode.pending = inode.exclusive = false;
  if (level == SQLITE_LOCK_NONE) --inode.shared;
  handle.lock = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* result) {
  Handle& handle = of(file);
  *result = !handle.dead() && (handle.inode->reserved || handle.inode->pending) ? 1 : 0;
  return SQLITE_OK;
}

int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return static_cast<int>(kSectorBytes); }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

// --- Shared memory (the index of the write-ahead log) -------------------------------------------------------------------

int memory_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  Handle& handle = of(file);
  *out = nullptr;
  if (handle.dead()) return SQLITE_IOERR_SHMMAP;
  auto& memory = handle.inode->memory;
  if (!handle.maps_memory) {
    handle.maps_memory = true;
    ++handle.inode->memory_users;
  }
  const auto index = static_cast<std::size_t>(region);
  if (memory.size() <= index && extend == 0) return SQLITE_OK;
  while (memory.size() <= index) memory.push_back(std::make_unique<Bytes>(static_cast<std::size_t>(size)));
  *out = memory[index]->data();
  return SQLITE_OK;
}

int memory_lock(sqlite3_file* file, int offset, int count, int flags) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_SHMLOCK;
  Inode& inode = *handle.inode;
  const auto bit = [](int slot) { return 1 << slot; };
  for (int slot = offset; slot < offset + count && (flags & SQLITE_SHM_LOCK) != 0; ++slot) {
    const bool mine = (handle.memory_shared & bit(slot)) != 0;
    if (inode.memory_exclusive[slot] && (handle.memory_exclusive & bit(slot)) == 0) return SQLITE_BUSY;
    if ((flags & SQLITE_SHM_EXCLUSIVE) != 0 && inode.memory_shared[slot] > (mine ? 1 : 0)) return SQLITE_BUSY;
  }
  for (int slot = offset; slot < offset + count; ++slot) {
    const bool take = (flags & SQLITE_SHM_LOCK) != 0;
    if ((flags & SQLITE_SHM_SHARED) != 0) {
      if (take == ((handle.memory_shared & bit(slot)) != 0)) continue;
      inode.memory_shared[slot] += take ? 1 : -1;
      handle.memory_shared ^= bit(slot);
    } else {
      inode.memory_exclusive[slot] = take;
      handle.memory_exclusive = take ? handle.memory_exclusive | bit(slot) : handle.memory_exclusive & ~bit(slot);
    }
  }
  return SQLITE_OK;
}

void memory_barrier(sqlite3_file*) {}

int memory_unmap(sqlite3_file* file, int) {
  Handle& handle = of(file);
  if (handle.dead() || !handle.maps_memory) return SQLITE_OK;
  memory_lock(file, 0, 8, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
  for (int slot = 0; slot < 8; ++slot)
    if ((handle.memory_exclusive & 1 << slot) != 0)
      memory_lock(file, slot, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
  handle.maps_memory = false;
  if (--handle.inode->memory_users == 0) handle.inode->memory.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {2,
                                         close,
                                         read,
                                         write,
                                         truncate,
                                         sync,
                                         file_size,
                                         lock,
                                         unlock,
                                         check_reserved,
                                         control,
                                         sector_size,
                                         characteristics,
                                         memory_map,
                                         memory_lock,
                                         memory_barrier,
                                         memory_unmap,
                                         nullptr,
                                         nullptr};

// --- The file system ------------------------------------------------------------------------------------------------

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  Disk& disk = disk_of(vfs);
  file->pMethods = nullptr;
  const std::string path = name != nullptr ? name : "temporary";
  auto inode = disk.find(path);
  constexpr int kJournals = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
  bool made = false;
  if (inode == nullptr && (flags & SQLITE_OPEN_CREATE) != 0) {
    inode = disk.create(path);
    made = true;
  }
  if (inode == nullptr) return SQLITE_CANTOPEN;
  Handle* handle = new (file) Handle;
  handle->base.pMethods = &kMethods;
  handle->disk = &disk;
  handle->inode = std::move(inode);
  handle->name = path;
  handle->generation = disk.generation();
  handle->sync_folder = made && (flags & kJournals) != 0;
  handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  Disk& disk = disk_of(vfs);
  if (disk.off()) return SQLITE_IOERR_DELETE;
  if (disk.find(name) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  return disk.remove(name, sync_folder != 0) ? SQLITE_OK : SQLITE_IOERR_DELETE;
}

int access(sqlite3_vfs* vfs, const char* name, int, int* result) {
  const auto inode = disk_of(vfs).find(name);
  // As in the unix VFS, an empty file counts as absent where SQLite asks whether a journal exists.
  *result = inode != nullptr && !inode->current.empty() ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(disk_of(vfs).random_number());
  return size;
}

int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
int current_time(sqlite3_vfs*, double* julian_day) {
  *julian_day = 2'461'000.0;
  return SQLITE_OK;
}
int last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

DiskVfs::DiskVfs(std::string name, Disk& disk)
    : name_(std::move(name)), implementation_(std::make_unique<Implementation>()) {
  implementation_->disk = &disk;
  sqlite3_vfs& vfs = implementation_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = 512;
  vfs.zName = name_.c_str();
  vfs.pAppData = &disk;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  vfs.xAccess = access;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep;
  vfs.xCurrentTime = current_time;
  vfs.xGetLastError = last_error;
  MW_ASSERT(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

DiskVfs::~DiskVfs() { sqlite3_vfs_unregister(&implementation_->vfs); }

}  // namespace mw::sim
