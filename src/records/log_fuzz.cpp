// Strategy: bytes as the file of entries, and (after the first 0xFF 0xFF) as the mark, as a disk may hold them after anything.
// Invariants: opening never crashes; a log that opens has the root that its own tiles give, and serves every entry.
#include <algorithm>
#include <cstdlib>

#include "records/log.h"
#include "records/test_storage.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  constexpr Byte kBorder[] = {0xFF, 0xFF};
  const auto border = std::search(input.begin(), input.end(), std::begin(kBorder), std::end(kBorder));
  records::MemoryStorage storage;
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
