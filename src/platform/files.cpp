#include "platform/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/format.h"
#include "platform/entropy.h"

namespace mw::platform {
namespace {

Error system_error(const std::string& path, std::string_view doing) {
  const int code = errno;
  ErrorKind kind = ErrorKind::unavailable;
  if (code == ENOENT || code == ENOTDIR) kind = ErrorKind::not_found;
  if (code == EACCES || code == EPERM || code == EROFS || code == EISDIR) kind = ErrorKind::forbidden;
  return Error{kind, path, mw::format("cannot {}: {}", doing, std::strerror(code))};
}

class OpenFile {
 public:
  explicit OpenFile(int file) : file_(file) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (file_ >= 0) ::close(file_);
  }
  int get() const { return file_; }
  int release() { return std::exchange(file_, -1); }

 private:
  int file_;
};

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

FolderEntry entry_of(std::string name, const struct stat& info) {
  FolderEntry entry;
  entry.name = std::move(name);
  entry.folder = S_ISDIR(info.st_mode);
  entry.bytes = static_cast<std::uint64_t>(info.st_size);
  entry.changed_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  return entry;
}

Status write_all(int file, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t put = ::write(file, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error(path, "write");
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return ok();
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a pipe must not block
  if (file.get() < 0) return system_error(path, "open");
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return system_error(path, "open");
  if (!S_ISREG(info.st_mode)) return Error{ErrorKind::forbidden, path, "not a regular file"};
  const auto too_large = [&] { return Error{ErrorKind::too_large, path, mw::format("over {} bytes", max_bytes)}; };
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes) return too_large();
  std::string content(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (true) {
    if (have == content.size()) content.resize(have + 4096);  // it may have grown since
    const ssize_t got = ::read(file.get(), content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, "read");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
    if (have > max_bytes) return too_large();
  }
  content.resize(have);
  return content;
}

Status write_file(const std::string& path, std::string_view content, int mode) {
  const std::string temporary = mw::format("{}.{:016x}.part", path, random_u64());
  OpenFile file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (file.get() < 0) return system_error(path, "create");
  const auto finish = [&]() -> Status {
    MW_TRY(write_all(file.get(), content, path));
    if (::fchmod(file.get(), static_cast<mode_t>(mode)) != 0) return system_error(path, "set the mode");
    if (::fsync(file.get()) != 0) return system_error(path, "write");
    if (::close(file.release()) != 0) return system_error(path, "write");
    if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error(path, "replace");
    return sync_folder(parent_of(path));
  };
  Status done = finish();
  if (!done) ::unlink(temporary.c_str());
  return done;
}

Result<std::vector<FolderEntry>> list_folder(const std::string& path) {
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) return system_error(path, "open the folder");
  std::vector<FolderEntry> entries;
  while (const dirent* item = ::readdir(folder)) {
    std::string name = item->d_name;
    if (name == "." || name == "..") continue;
    struct stat info{};
    if (::fstatat(::dirfd(folder), item->d_name, &info, 0) != 0) continue;  // gone meanwhile, or a link to nowhere
    if (S_ISDIR(info.st_mode) || S_ISREG(info.st_mode)) entries.push_back(entry_of(std::move(name), info));
  }
  ::closedir(folder);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

Status make_folder(const std::string& path, int mode) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (!part.empty() && ::mkdir(part.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST)
      return system_error(part, "make the folder");
    if (slash == std::string::npos) break;
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return system_error(path, "make the folder");
  if (!S_ISDIR(info.st_mode)) return Error{ErrorKind::conflict, path, "is no folder"};
  return ok();
}

Status sync_folder(const std::string& path) {
  const OpenFile folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return system_error(path, "sync the folder");
  return ok();
}

Result<FolderEntry> file_info(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return system_error(path, "open");
  return entry_of(path.substr(path.find_last_of('/') + 1), info);
}

Status remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error(path, "remove");
  return ok();
}

Result<std::uint64_t> free_disk_bytes(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) return system_error(path, "ask for free space");
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

Result<FileLock> FileLock::take(const std::string& path) {
  OpenFile file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return system_error(path, "open");
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return Error{ErrorKind::conflict, path, "another process uses it"};
    return system_error(path, "lock");
  }
  return FileLock(file.release());
}
FileLock::FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}
FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace mw::platform
