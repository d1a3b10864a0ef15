#include "sim/disk.h"

#include <algorithm>
#include <utility>

namespace mw::sim {

void Disk::apply(Bytes& content, const Inode::Change& change, std::uint64_t from, std::uint64_t size) {
  if (change.truncate) return content.resize(change.offset);
  const std::uint64_t start = change.offset + from;
  if (content.size() < start + size) content.resize(start + size);
  std::copy_n(change.bytes.begin() + static_cast<std::ptrdiff_t>(from), size,
              content.begin() + static_cast<std::ptrdiff_t>(start));
}

bool Disk::spend() {
  if (off_) return false;
  if (!countdown_) return true;
  if (*countdown_ > 0) {
    --*countdown_;
    return true;
  }
  off_ = true;
  return false;
}

std::shared_ptr<Inode> Disk::find(const std::string& name) const {
  const auto found = folder_.find(name);
  return off_ || found == folder_.end() ? nullptr : found->second;
}

std::shared_ptr<Inode> Disk::create(const std::string& name) {
  if (!spend()) return nullptr;
  auto inode = std::make_shared<Inode>();
  folder_[name] = inode;
  name_changes_.push_back({name, inode, {}});
  return inode;
}

bool Disk::remove(const std::string& name, bool sync_folder) {
  if (!spend()) return false;
  folder_.erase(name);
  name_changes_.push_back({name, nullptr, {}});
  if (sync_folder && !early_) {
    synced_folder_ = folder_;
    name_changes_.clear();
  }
  return true;
}

bool Disk::rename(const std::string& from, const std::string& to) {
  if (!spend()) return false;
  const auto found = folder_.find(from);
  if (found == folder_.end()) return false;
  auto inode = found->second;
  folder_.erase(found);
  folder_[to] = inode;
  name_changes_.push_back({to, std::move(inode), from});
  return true;
}

std::map<std::string, Bytes> Disk::backup() const {
  std::map<std::string, Bytes> files;
  for (const auto& [name, inode] : folder_) files[name] = inode->current;
  return files;
}

void Disk::restore(const std::map<std::string, Bytes>& files) {
  ++generation_;
  folder_.clear();
  name_changes_.clear();
  for (const auto& [name, content] : files) {
    auto inode = std::make_shared<Inode>();
    inode->current = inode->synced = content;
    folder_[name] = std::move(inode);
  }
  synced_folder_ = folder_;
}

Disk::Outcome Disk::write(Inode& file, std::uint64_t offset, ByteView bytes) {
  if (off_) return Outcome::off;
  if (full_ && offset + bytes.size() > file.current.size()) return Outcome::full;
  ++stats_.writes;
  Inode::Change change{false, offset, Bytes(bytes.begin(), bytes.end())};
  const bool whole = spend();
  // The write in which the power goes is on its way like the others: any part of it may arrive.
  apply(file.current, change, 0, bytes.size());
  file.changes.push_back(std::move(change));
  return whole ? Outcome::done : Outcome::off;
}

Disk::Outcome Disk::truncate(Inode& file, std::uint64_t size) {
  if (!spend()) return Outcome::off;
  file.current.resize(size);
  file.changes.push_back({true, size, {}});
  return Outcome::done;
}

Disk::Outcome Disk::sync(Inode& file, bool folder_too) {
  // The power may go before the sync has done anything.
  if (!spend()) return Outcome::off;
  ++stats_.syncs;
  if (early_) return Outcome::done;
  file.synced = file.current;
  file.changes.clear();
  if (folder_too) {
    synced_folder_ = folder_;
    name_changes_.clear();
  }
  return Outcome::done;
}

void Disk::flush() {
  if (off_) return;
  for (auto& [name, inode] : folder_) {
    inode->synced = inode->current;
    inode->changes.clear();
  }
  synced_folder_ = folder_;
  name_changes_.clear();
}

// What is left of the changes since the last sync: each sector with the given probability, whatever came before or after.
void Disk::lose(Inode& file, double kept) {
  Bytes content = file.synced;
  bool torn = false;
  for (const auto& change : file.changes) {
    if (change.truncate) {
      if (random_.chance(kept)) apply(content, change, 0, 0);
      continue;
    }
    std::uint64_t from = 0;
    while (from < change.bytes.size()) {
      const std::uint64_t to_border = kSectorBytes - (change.offset + from) % kSectorBytes;
      const std::uint64_t size = std::min<std::uint64_t>(to_border, change.bytes.size() - from);
      if (random_.chance(kept)) {
        apply(content, change, from, size);
      } else {
        ++stats_.sectors_lost;
        torn = true;
      }
      from += size;
    }
  }
  stats_.files_torn += torn ? 1 : 0;
  file.current = file.synced = std::move(content);
  file.changes.clear();
}

void Disk::turn_on(bool power_was_cut) {
  ++generation_;
  off_ = false;
  countdown_.reset();
  if (power_was_cut) {
    ++stats_.cuts;
    // The journal of the file system has replayed some of the changes of names, in order.
    const std::size_t replayed = random_.below(name_changes_.size() + 1);
    stats_.names_lost += name_changes_.size() - replayed;
    auto folder = synced_folder_;
    for (std::size_t i = 0; i < replayed; ++i) {
      if (name_changes_[i].inode != nullptr)
        folder[name_changes_[i].name] = name_changes_[i].inode;
      else
        folder.erase(name_changes_[i].name);
      if (!name_changes_[i].gone.empty()) folder.erase(name_changes_[i].gone);
    }
    folder_ = std::move(folder);
    constexpr double kKept[] = {0, 0.1, 0.5, 0.9, 1};
    const double kept = kKept[random_.below(std::size(kKept))];
    for (auto& [name, inode] : folder_) lose(*inode, kept);
    synced_folder_ = folder_;
    name_changes_.clear();
  }
  for (auto& [name, inode] : folder_) {
    // Those who had it open are gone. Locks and shared memory start anew in an inode of their own.
    auto fresh = std::make_shared<Inode>();
    fresh->current = inode->current;
    fresh->synced = inode->synced;
    fresh->changes = inode->changes;
    for (auto& [synced_name, synced] : synced_folder_)
      if (synced == inode) synced = fresh;
    for (auto& change : name_changes_)
      if (change.inode == inode) change.inode = fresh;
    inode = fresh;
  }
}

std::vector<std::string> Disk::names() const {
  std::vector<std::string> all;
  for (const auto& [name, inode] : folder_) all.push_back(name);
  return all;
}

}  // namespace mw::sim
