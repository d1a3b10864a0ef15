// Files and folders. Errors name the file and what the system said.
// Thread: any; they block, so never on an event loop after start.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::platform {

// The whole file. Errors: not_found, too_large (over `max_bytes`), forbidden (no permission, or no regular file).
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

// Replaces the file in one step: temporary file beside it, fsync, rename, fsync of the folder. After a crash there is the
// old content or the new. `mode` as in chmod. Errors: unavailable (disk full), forbidden.
Status write_file(const std::string& path, std::string_view content, int mode = 0644);

struct FolderEntry {
  std::string name;
  bool folder = false;
  std::uint64_t bytes = 0;
  std::int64_t changed_ns = 0;  // modification time, wall clock
};
// Regular files and folders, sorted by name; links are followed, other kinds left out.
Result<std::vector<FolderEntry>> list_folder(const std::string& path);
Status make_folder(const std::string& path, int mode = 0755);  // with its parents; existing is fine
Status sync_folder(const std::string& path);  // so that names in it survive a power cut
Result<FolderEntry> file_info(const std::string& path);
Status remove_file(const std::string& path);  // a file that is not there is fine
Result<std::uint64_t> free_disk_bytes(const std::string& path);

// Holds an exclusive lock on a file as long as it lives, so that two hosts never share one data folder. The kernel drops it when
// the process dies.
class FileLock {
 public:
  static Result<FileLock> take(const std::string& path);  // error conflict: another process holds it
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_ = -1;
};

}  // namespace mw::platform
