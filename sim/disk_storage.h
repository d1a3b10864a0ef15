// The log's file system over the disk that forgets what was not synced (platform/storage.h).
// Thread: one.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "platform/storage.h"
#include "sim/disk.h"

namespace mw::sim {

class DiskStorage final : public platform::Storage {
 public:
  explicit DiskStorage(Disk& disk) : disk_(disk) {}
  Result<std::unique_ptr<platform::StoredFile>> open(const std::string& name) override;
  Result<std::string> load(const std::string& name, std::size_t max_bytes) override;
  Status replace(const std::string& name, std::string_view content) override;

 private:
  Disk& disk_;
};

// The planted bug: what is replaced is kept in memory alone, and gone when the process is.
class ForgetfulStorage final : public platform::Storage {
 public:
  Result<std::unique_ptr<platform::StoredFile>> open(const std::string& name) override;
  Result<std::string> load(const std::string& name, std::size_t max_bytes) override;
  Status replace(const std::string& name, std::string_view content) override;
  void forget() { files_.clear(); }

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace mw::sim
