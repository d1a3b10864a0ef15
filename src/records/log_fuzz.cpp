// Strategy: bytes as the file of entries, and (after the first 0xFF 0xFF) as the mark, as a disk may hold them after anything.
// Invariants: opening never crashes; a log that opens has the root that its own tiles give, and serves every entry.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "records/log.h"

using namespace mw;

namespace {

class Files final : public platform::Storage {
 public:
  std::map<std::string, Bytes> files;

  class File final : public platform::StoredFile {
   public:
    explicit File(Bytes& content) : content_(content) {}
    std::uint64_t size() const override { return content_.size(); }
    Result<std::size_t> read(std::uint64_t offset, std::span<Byte> out) const override {
      if (offset >= content_.size()) return std::size_t{0};
      const std::size_t count = std::min<std::size_t>(out.size(), content_.size() - offset);
      std::copy_n(content_.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
      return count;
    }
    Status write(std::uint64_t offset, ByteView bytes) override {
      if (content_.size() < offset + bytes.size()) content_.resize(offset + bytes.size());
      std::copy(bytes.begin(), bytes.end(), content_.begin() + static_cast<std::ptrdiff_t>(offset));
      return ok();
    }
    Status truncate(std::uint64_t size) override {
      content_.resize(size);
      return ok();
    }
    Status sync() override { return ok(); }

   private:
    Bytes& content_;
  };
  Result<std::unique_ptr<platform::StoredFile>> open(const std::string& name) override {
    return std::unique_ptr<platform::StoredFile>(std::make_unique<File>(files[name]));
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  constexpr Byte kBorder[] = {0xFF, 0xFF};
  const auto border = std::search(input.begin(), input.end(), std::begin(kBorder), std::end(kBorder));
  Files storage;
  storage.files["entries"] = Bytes(input.begin(), border);
  if (border != input.end()) storage.files["mark"] = Bytes(border + 2, input.end());
  const auto log = records::Log::open(storage);
  if (!log.ok()) return 0;
  const std::uint64_t entries = (*log)->size();
  // A mark that checks vouches for files that are not here: then nothing but the size can be held against it.
  if ((*log)->entries_read_at_start() != entries) return 0;
  auto nodes = (*log)->nodes(entries);
  if (records::tree_root(nodes, entries).value() != (*log)->root()) std::abort();
  for (std::uint64_t i = 0; i < entries; ++i) {
    if (!(*log)->entry(i).ok()) std::abort();
  }
  return 0;
}
