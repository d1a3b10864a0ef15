#include "platform/storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/format.h"
#include "platform/files.h"

namespace mw::platform {
namespace {

constexpr int kMode = 0600;

Error system_error(const std::string& path, std::string_view doing) {
  const int code = errno;
  ErrorKind kind = ErrorKind::unavailable;
  if (code == ENOSPC || code == EDQUOT) kind = ErrorKind::full;
  if (code == EACCES || code == EPERM || code == EROFS || code == EISDIR) kind = ErrorKind::forbidden;
  return Error{kind, path, mw::format("cannot {}: {}", doing, std::strerror(code))};
}

class FolderFile final : public StoredFile {
 public:
  FolderFile(int file, std::string path, std::uint64_t size) : file_(file), path_(std::move(path)), size_(size) {}
  FolderFile(const FolderFile&) = delete;
  FolderFile& operator=(const FolderFile&) = delete;
  ~FolderFile() override { ::close(file_); }

  std::uint64_t size() const override { return size_; }

  Result<std::size_t> read(std::uint64_t offset, std::span<Byte> out) const override {
    std::size_t have = 0;
    while (have < out.size()) {
      const ssize_t got = ::pread(file_, out.data() + have, out.size() - have, static_cast<off_t>(offset + have));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_error(path_, "read");
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    return have;
  }

  Status write(std::uint64_t offset, ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return system_error(path_, "write");
      bytes = bytes.subspan(static_cast<std::size_t>(put));
      offset += static_cast<std::uint64_t>(put);
      if (offset > size_) size_ = offset;
    }
    return ok();
  }

  Status truncate(std::uint64_t size) override {
    if (::ftruncate(file_, static_cast<off_t>(size)) != 0) return system_error(path_, "cut");
    size_ = size;
    return ok();
  }

  Status sync() override {
    if (::fdatasync(file_) != 0) return system_error(path_, "sync");
    return ok();
  }

 private:
  int file_;
  std::string path_;
  std::uint64_t size_;
};

class FolderStorage final : public Storage {
 public:
  explicit FolderStorage(std::string folder) : folder_(std::move(folder)) {}

  Result<std::unique_ptr<StoredFile>> open(const std::string& name) override {
    const std::string path = folder_ + "/" + name;
    int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) {
      file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
      if (file >= 0) {
        if (auto synced = sync_folder(folder_); !synced.ok()) {
          ::close(file);
          return synced.error();
        }
      }
    }
    if (file < 0) return system_error(path, "open");
    struct stat info{};
    if (::fstat(file, &info) != 0) {
      const auto error = system_error(path, "open");
      ::close(file);
      return error;
    }
    return std::unique_ptr<StoredFile>(
        std::make_unique<FolderFile>(file, path, static_cast<std::uint64_t>(info.st_size)));
  }

  Result<std::string> load(const std::string& name, std::size_t max_bytes) override {
    return read_file(folder_ + "/" + name, max_bytes);
  }

  Status replace(const std::string& name, std::string_view content) override {
    return write_file(folder_ + "/" + name, content, kMode);
  }

 private:
  std::string folder_;
};

}  // namespace

Result<std::unique_ptr<Storage>> folder_storage(const std::string& folder) {
  MW_TRY(make_folder(folder, 0700));
  return std::unique_ptr<Storage>(std::make_unique<FolderStorage>(folder));
}

}  // namespace mw::platform
