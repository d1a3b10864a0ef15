// A log as static files: tiles of 256 hashes and bundles of 256 entries, each under a path that never changes its meaning.
// Whoever has them can compute any proof.
// Source: C2SP tlog-tiles v0.1 (paths, partial tiles, entry bundles). Thread: pure functions; TileNodes belongs to its thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "records/merkle.h"

namespace mw::records {

inline constexpr unsigned kTileHeight = 8;  // levels of the tree in one tile
inline constexpr unsigned kTileLevels = 8;  // of tiles: 256^8 entries are more than any log has
static_assert(limits::kTileHashes == std::size_t{1} << kTileHeight);

struct TileName {
  bool entries = false;  // a bundle of entries; level is 0 then
  unsigned level = 0;  // 0 to kTileLevels - 1
  std::uint64_t index = 0;
  unsigned width = limits::kTileHashes;  // 1 to 256; less is a partial tile
  friend bool operator==(const TileName&, const TileName&) = default;
};

// "tile/0/x001/x234/067", "tile/entries/000.p/12": relative to the log's prefix. One text for each name; parsing is strict. Error
// `invalid`, field "path".
std::string tile_path(const TileName& name);
Result<TileName> parse_tile_path(std::string_view path);

// Hashes in a tile of a tree of so many entries: 0 where there is none, 256 where it is full.
unsigned tile_width(unsigned level, std::uint64_t index, std::uint64_t tree_size);

// A tile's bytes, checked against its width. Error `invalid`, field "tile".
Result<std::vector<Hash>> parse_tile(ByteView bytes, unsigned width);
Bytes format_tile(std::span<const Hash> hashes);
// The entries of a bundle, pointing into `bytes`. Error `invalid`, field "bundle", unless it holds exactly `width` entries.
Result<std::vector<ByteView>> parse_bundle(ByteView bytes, unsigned width);
// Adds one entry, at most limits::kLogEntryBytes, with its length in front.
void append_entry(Bytes& bundle, ByteView entry);

// The nodes of a tree of `size` entries from its tiles. `fetch` is asked for each tile once (for the widest that the tree
// has), and its answer is kept; nothing is verified against a root here.
class TileNodes final : public NodeSource {
 public:
  using Fetch = std::function<Result<Bytes>(const TileName&)>;
  TileNodes(std::uint64_t size, Fetch fetch) : size_(size), fetch_(std::move(fetch)) {}
  // Error `not_found` for a subtree that is not complete in a tree of this size; those of `fetch`.
  Result<Hash> node(unsigned height, std::uint64_t index) override;

 private:
  Result<const std::vector<Hash>*> tile(unsigned level, std::uint64_t index);
  std::uint64_t size_;
  Fetch fetch_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>> tiles_;
};

// Root of 2^n hashes that stand side by side.
Hash fold(std::span<const Hash> hashes);

}  // namespace mw::records
