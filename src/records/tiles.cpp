#include "records/tiles.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/format.h"

namespace mw::records {
namespace {

Error bad_path(std::string why) { return invalid("path", std::move(why)); }

// A decimal number of 1 to 3 digits without leading zeroes.
bool read_short(std::string_view text, unsigned& out) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool three_digits(std::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "x001/x234/067"
Result<std::uint64_t> parse_index(std::string_view text) {
  std::uint64_t index = 0;
  for (bool first = true;; first = false) {
    const bool last = text.find('/') == std::string_view::npos;
    auto part = text.substr(0, text.find('/'));
    if (!last) {
      if (!part.starts_with('x')) return bad_path("expected x before all parts of the index but the last");
      part.remove_prefix(1);
    }
    if (!three_digits(part)) return bad_path("expected an index in parts of three digits");
    if (first && !last && part == "000") return bad_path("the index begins with zeroes");
    unsigned number = 0;
    std::from_chars(part.data(), part.data() + part.size(), number);
    index = index * 1000 + number;
    if (index > kTreeSizeMax >> kTileHeight) return bad_path("the index is too large");
    if (last) return index;
    text.remove_prefix(text.find('/') + 1);
  }
}

}  // namespace

std::string tile_path(const TileName& name) {
  std::string index = format("{:03}", name.index % 1000);
  for (std::uint64_t rest = name.index / 1000; rest > 0; rest /= 1000) index = format("x{:03}/{}", rest % 1000, index);
  std::string path = name.entries ? "tile/entries/" + index : format("tile/{}/{}", name.level, index);
  if (name.width < limits::kTileHashes) path += format(".p/{}", name.width);
  return path;
}

Result<TileName> parse_tile_path(std::string_view path) {
  constexpr std::string_view kPrefix = "tile/", kPartial = ".p/";
  TileName name;
  if (!path.starts_with(kPrefix)) return bad_path("expected tile/");
  path.remove_prefix(kPrefix.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return bad_path("expected a level and an index");
  const auto level = path.substr(0, slash);
  path.remove_prefix(slash + 1);
  name.entries = level == "entries";
  if (!name.entries && (!read_short(level, name.level) || name.level >= kTileLevels))
    return bad_path(format("expected a level from 0 to {} or \"entries\"", kTileLevels - 1));
  if (const auto dot = path.find(kPartial); dot != std::string_view::npos) {
    if (!read_short(path.substr(dot + kPartial.size()), name.width) || name.width < 1 ||
        name.width >= limits::kTileHashes)
      return bad_path("expected a width from 1 to 255");
    path = path.substr(0, dot);
  }
  auto index = parse_index(path);
  MW_TRY(index);
  name.index = *index;
  return name;
}

unsigned tile_width(unsigned level, std::uint64_t index, std::uint64_t tree_size) {
  const std::uint64_t hashes = tree_size >> (kTileHeight * level);
  if (index >= kTreeSizeMax >> kTileHeight) return 0;
  const std::uint64_t start = index << kTileHeight;
  if (hashes <= start) return 0;
  return static_cast<unsigned>(std::min<std::uint64_t>(hashes - start, limits::kTileHashes));
}

Result<std::vector<Hash>> parse_tile(ByteView bytes, unsigned width) {
  if (bytes.size() != width * sizeof(Hash))
    return invalid("tile", format("expected {} bytes, found {}", width * sizeof(Hash), bytes.size()));
  std::vector<Hash> hashes(width);
  for (std::size_t i = 0; i < width; ++i)
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i * sizeof(Hash)), sizeof(Hash), hashes[i].begin());
  return hashes;
}

Bytes format_tile(std::span<const Hash> hashes) {
  Bytes bytes;
  bytes.reserve(hashes.size() * sizeof(Hash));
  for (const Hash& hash : hashes) bytes.insert(bytes.end(), hash.begin(), hash.end());
  return bytes;
}

Result<std::vector<ByteView>> parse_bundle(ByteView bytes, unsigned width) {
  std::vector<ByteView> entries;
  entries.reserve(width);
  while (!bytes.empty()) {
    if (entries.size() == width) return invalid("bundle", format("more than {} entries", width));
    if (bytes.size() < 2) return invalid("bundle", "ends within a length");
    const std::size_t size = static_cast<std::size_t>(bytes[0]) << 8 | bytes[1];
    if (bytes.size() - 2 < size) return invalid("bundle", "ends within an entry");
    entries.push_back(bytes.subspan(2, size));
    bytes = bytes.subspan(2 + size);
  }
  if (entries.size() != width) return invalid("bundle", format("expected {} entries, found {}", width, entries.size()));
  return entries;
}

void append_entry(Bytes& bundle, ByteView entry) {
  MW_ASSERT(entry.size() <= limits::kLogEntryBytes);
  bundle.push_back(static_cast<Byte>(entry.size() >> 8));
  bundle.push_back(static_cast<Byte>(entry.size()));
  bundle.insert(bundle.end(), entry.begin(), entry.end());
}

Hash fold(std::span<const Hash> hashes) {
  MW_ASSERT(std::has_single_bit(hashes.size()));
  if (hashes.size() == 1) return hashes[0];
  return node_hash(fold(hashes.first(hashes.size() / 2)), fold(hashes.subspan(hashes.size() / 2)));
}

Result<const std::vector<Hash>*> TileNodes::tile(unsigned level, std::uint64_t index) {
  if (const auto found = tiles_.find({level, index}); found != tiles_.end()) return &found->second;
  const TileName name{false, level, index, tile_width(level, index, size_)};
  auto bytes = fetch_(name);
  MW_TRY(bytes);
  auto hashes = parse_tile(*bytes, name.width);
  MW_TRY(hashes);
  return &(tiles_[{level, index}] = *std::move(hashes));
}

Result<Hash> TileNodes::node(unsigned height, std::uint64_t index) {
  if (height >= 62 || index >= size_ >> height)
    return failure(ErrorKind::not_found,
                   format("no complete subtree {} of height {} in {} entries", index, height, size_));
  const unsigned level = height / kTileHeight, up = height % kTileHeight;
  const std::uint64_t first = index << up;  // among the hashes of this level
  auto hashes = tile(level, first >> kTileHeight);
  MW_TRY(hashes);
  const std::size_t from = static_cast<std::size_t>(first % limits::kTileHashes);
  return fold(std::span(**hashes).subspan(from, std::size_t{1} << up));
}

}  // namespace mw::records
