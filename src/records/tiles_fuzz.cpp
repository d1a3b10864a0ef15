// Strategy: the input as a path, and (first byte the width) as a bundle and a tile.
// Invariants: an accepted path is written back as the same text; an accepted bundle's entries, written again, are the same bytes.
#include <algorithm>
#include <cstdlib>

#include "records/tiles.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto name = records::parse_tile_path(as_text(input));
  if (name.ok() && records::tile_path(*name) != as_text(input)) std::abort();
  if (input.empty()) return 0;
  const unsigned width = input[0] + 1u;
  const ByteView rest = input.subspan(1);
  const auto entries = records::parse_bundle(rest, width);
  if (entries.ok()) {
    Bytes again;
    for (const auto& entry : *entries) records::append_entry(again, entry);
    if (entries->size() != width || !std::equal(again.begin(), again.end(), rest.begin(), rest.end())) std::abort();
  }
  const auto hashes = records::parse_tile(rest, width);
  if (hashes.ok()) {
    const Bytes again = records::format_tile(*hashes);
    if (!std::equal(again.begin(), again.end(), rest.begin(), rest.end())) std::abort();
  }
  return 0;
}
