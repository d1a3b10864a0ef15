// For tests and fuzzers: files in memory, with a disk that can be full and a sync that can fail.
// Thread: the test's.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "platform/storage.h"

namespace mw::records {

class MemoryStorage final : public platform::Storage {
 public:
  std::map<std::string, Bytes> files;
  std::size_t room = SIZE_MAX;  // bytes that may still be written
  bool sync_fails = false, truncate_fails = false;
  int syncs = 0;

  class File final : public platform::StoredFile {
   public:
    File(MemoryStorage& storage, std::string name) : storage_(storage), name_(std::move(name)) {}
    std::uint64_t size() const override { return content().size(); }
    Result<std::size_t> read(std::uint64_t offset, std::span<Byte> out) const override {
      if (offset >= size()) return std::size_t{0};
      const std::size_t count = std::min<std::size_t>(out.size(), size() - offset);
      std::copy_n(content().begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
      return count;
    }
    Status write(std::uint64_t offset, ByteView bytes) override {
      const auto fitting = bytes.first(std::min(bytes.size(), storage_.room));
      storage_.room -= storage_.room == SIZE_MAX ? 0 : fitting.size();
      if (content().size() < offset + fitting.size()) content().resize(offset + fitting.size());
      std::copy(fitting.begin(), fitting.end(), content().begin() + static_cast<std::ptrdiff_t>(offset));
      if (fitting.size() < bytes.size()) return failure(ErrorKind::full, "no space");
      return ok();
    }
    Status truncate(std::uint64_t size) override {
      if (storage_.truncate_fails) return failure(ErrorKind::unavailable, "broken");
      content().resize(size);
      return ok();
    }
    Status sync() override {
      ++storage_.syncs;
      if (storage_.sync_fails) return failure(ErrorKind::unavailable, "broken");
      return ok();
    }

   private:
    Bytes& content() const { return storage_.files[name_]; }
    MemoryStorage& storage_;
    std::string name_;
  };
  Result<std::unique_ptr<platform::StoredFile>> open(const std::string& name) override {
    files[name];
    return std::unique_ptr<platform::StoredFile>(std::make_unique<File>(*this, name));
  }
  Result<std::string> load(const std::string& name, std::size_t) override {
    if (!files.contains(name)) return failure(ErrorKind::not_found, name);
    return std::string(as_text(files[name]));
  }
  Status replace(const std::string& name, std::string_view content) override {
    files[name] = Bytes(content.begin(), content.end());
    return ok();
  }
};

}  // namespace mw::records
