#include "sim/disk_storage.h"

#include <algorithm>
#include <utility>

namespace mw::sim {
namespace {

Error is_off() { return failure(ErrorKind::unavailable, "the disk is off"); }

Status status_of(Disk::Outcome outcome) {
  if (outcome == Disk::Outcome::full) return failure(ErrorKind::full, "the disk is full");
  if (outcome == Disk::Outcome::off) return is_off();
  return ok();
}

class DiskFile final : public platform::StoredFile {
 public:
  DiskFile(Disk& disk, std::shared_ptr<Inode> inode)
      : disk_(disk), inode_(std::move(inode)), generation_(disk.generation()) {}
  std::uint64_t size() const override { return inode_->current.size(); }

  Result<std::size_t> read(std::uint64_t offset, std::span<Byte> out) const override {
    if (gone()) return is_off();
    if (offset >= size()) return std::size_t{0};
    const auto count = std::min<std::size_t>(out.size(), size() - offset);
    std::copy_n(inode_->current.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
    return count;
  }
  Status write(std::uint64_t offset, ByteView bytes) override {
    if (gone()) return is_off();
    if (bytes.empty()) return ok();
    return status_of(disk_.write(*inode_, offset, bytes));
  }
  Status truncate(std::uint64_t size) override {
    if (gone()) return is_off();
    return status_of(disk_.truncate(*inode_, size));
  }
  Status sync() override {
    if (gone()) return is_off();
    return status_of(disk_.sync(*inode_, false));
  }

 private:
  bool gone() const { return disk_.off() || generation_ != disk_.generation(); }
  Disk& disk_;
  std::shared_ptr<Inode> inode_;
  std::uint64_t generation_;
};

}  // namespace

Result<std::unique_ptr<platform::StoredFile>> DiskStorage::open(const std::string& name) {
  if (disk_.off()) return is_off();
  auto inode = disk_.find(name);
  if (inode == nullptr) {
    inode = disk_.create(name);
    if (inode == nullptr) return is_off();
    MW_TRY(status_of(disk_.sync(*inode, true)));
  }
  return std::unique_ptr<platform::StoredFile>(std::make_unique<DiskFile>(disk_, std::move(inode)));
}

Result<std::string> DiskStorage::load(const std::string& name, std::size_t max_bytes) {
  if (disk_.off()) return is_off();
  const auto inode = disk_.find(name);
  if (inode == nullptr) return failure(ErrorKind::not_found, name);
  if (inode->current.size() > max_bytes) return failure(ErrorKind::too_large, name);
  return std::string(as_text(inode->current));
}

// The very steps of platform::write_file: a file beside it, synced, renamed, the folder synced.
Status DiskStorage::replace(const std::string& name, std::string_view content) {
  const std::string beside = name + ".part";
  const auto inode = disk_.create(beside);
  if (inode == nullptr) return is_off();
  if (auto written = status_of(disk_.write(*inode, 0, as_bytes(content))); !written.ok()) {
    (void)disk_.remove(beside, false);
    return written;
  }
  MW_TRY(status_of(disk_.sync(*inode, false)));
  if (!disk_.rename(beside, name)) return is_off();
  return status_of(disk_.sync(*inode, true));
}

Result<std::unique_ptr<platform::StoredFile>> ForgetfulStorage::open(const std::string& name) {
  return failure(ErrorKind::internal, name + ": only whole files here");
}

Result<std::string> ForgetfulStorage::load(const std::string& name, std::size_t) {
  const auto found = files_.find(name);
  if (found == files_.end()) return failure(ErrorKind::not_found, name);
  return found->second;
}

Status ForgetfulStorage::replace(const std::string& name, std::string_view content) {
  files_[name] = content;
  return ok();
}

}  // namespace mw::sim
