#include "records/tiles.h"

#include <gtest/gtest.h>

#include <set>

#include "base/format.h"

namespace mw::records {
namespace {

TEST(Tiles, PathsAreThoseOfTheSpecification) {
  EXPECT_EQ(tile_path({false, 0, 1'234'067, 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path({false, 2, 0, 1}), "tile/2/000.p/1");
  EXPECT_EQ(tile_path({true, 0, 273, 112}), "tile/entries/273.p/112");
  for (const std::uint64_t index : {0ull, 1ull, 255ull, 999ull, 1000ull, 999'999ull, 1'000'000ull, (1ull << 54) - 1}) {
    for (const unsigned width : {1u, 255u, 256u}) {
      for (const TileName& name :
           {TileName{false, 0, index, width}, TileName{false, 7, index, width}, TileName{true, 0, index, width}}) {
        const auto parsed = parse_tile_path(tile_path(name));
        ASSERT_TRUE(parsed.ok()) << tile_path(name);
        EXPECT_EQ(*parsed, name);
      }
    }
  }
}

TEST(Tiles, OtherPathsAreRefused) {
  for (const char* bad : {"",
                          "tile",
                          "tile/",
                          "tile/0",
                          "tile/0/",
                          "tile/00/000",
                          "tile/8/000",
                          "tile/-1/000",
                          "tile/x/000",
                          "tile/0/0",
                          "tile/0/00",
                          "tile/0/0000",
                          "tile/0/x000/001",
                          "tile/0/001/002",
                          "tile/0/x001",
                          "tile/0/x001/",
                          "tile/0/x001/x002",
                          "tile/0/000.p/0",
                          "tile/0/000.p/256",
                          "tile/0/000.p/01",
                          "tile/0/000.p/",
                          "tile/0/000.p",
                          "tile/0/000.q/1",
                          "tile/0/000.p/1/",
                          "tile/0/ 00",
                          "tile/entries/0 0",
                          "tile/Entries/000",
                          "/tile/0/000",
                          "tile/0/x999/x999/x999/x999/x999/x999/x999/999"})
    EXPECT_FALSE(parse_tile_path(bad).ok()) << bad;
}

TEST(Tiles, WidthsAreThoseOfTheSpecification) {
  // "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial of width 112, one full level 1 tile, one
  // partial of width 17, and one partial level 2 tile of width 1."
  EXPECT_EQ(tile_width(0, 272, 70'000), 256u);
  EXPECT_EQ(tile_width(0, 273, 70'000), 112u);
  EXPECT_EQ(tile_width(0, 274, 70'000), 0u);
  EXPECT_EQ(tile_width(1, 0, 70'000), 256u);
  EXPECT_EQ(tile_width(1, 1, 70'000), 17u);
  EXPECT_EQ(tile_width(2, 0, 70'000), 1u);
  EXPECT_EQ(tile_width(3, 0, 70'000), 0u);
  EXPECT_EQ(tile_width(1, 0, 256), 1u);
  EXPECT_EQ(tile_width(0, std::uint64_t{1} << 60, 70'000), 0u);
}

TEST(Bundles, RoundTripAndAreStrict) {
  Bytes bundle;
  const std::vector<Bytes> entries{{}, {1}, Bytes(300, 2), Bytes(limits::kLogEntryBytes, 3)};
  for (const auto& entry : entries) append_entry(bundle, entry);
  const auto parsed = parse_bundle(bundle, 4);
  ASSERT_TRUE(parsed.ok());
  for (std::size_t i = 0; i < entries.size(); ++i)
    EXPECT_TRUE(std::equal(entries[i].begin(), entries[i].end(), parsed->at(i).begin(), parsed->at(i).end()));
  EXPECT_FALSE(parse_bundle(bundle, 3).ok());
  EXPECT_FALSE(parse_bundle(bundle, 5).ok());
  EXPECT_FALSE(parse_bundle(ByteView(bundle).first(bundle.size() - 1), 4).ok());
  EXPECT_FALSE(parse_bundle(ByteView(bundle).first(1), 1).ok());
}

// Tiles in memory, as a log of this size serves them: nothing else can be asked for.
class Tiled {
 public:
  explicit Tiled(std::uint64_t size) : levels_(kTileLevels) {
    for (std::uint64_t i = 0; i < size; ++i) {
      frontier_.append(leaf_hash(as_bytes(format("{}", i))), [&](unsigned height, std::uint64_t, const Hash& hash) {
        if (height % kTileHeight == 0) levels_[height / kTileHeight].push_back(hash);
      });
    }
  }
  TileNodes nodes(std::uint64_t size) {
    return TileNodes(size, [this, size](const TileName& name) -> Result<Bytes> {
      EXPECT_EQ(name.width, tile_width(name.level, name.index, size));
      EXPECT_GT(name.width, 0u);
      EXPECT_TRUE(asked_.insert(format("{} {}", size, tile_path(name))).second);
      return format_tile(std::span(levels_[name.level]).subspan(name.index * 256, name.width));
    });
  }
  const Frontier& frontier() const { return frontier_; }

 private:
  std::vector<std::vector<Hash>> levels_;
  Frontier frontier_;
  std::set<std::string> asked_;
};

TEST(TileNodes, GiveRootsAndProofsOfTreesOfEverySizeAroundTheBorders) {
  Tiled tiled(66'100);  // three levels
  Frontier frontier;
  std::uint64_t appended = 0;
  Hash earlier{};
  std::uint64_t earlier_size = 0;
  for (const std::uint64_t size :
       {1, 2, 255, 256, 257, 511, 512, 513, 5'000, 65'279, 65'280, 65'535, 65'536, 65'537, 66'100}) {
    while (appended < size) frontier.append(leaf_hash(as_bytes(format("{}", appended++))));
    auto nodes = tiled.nodes(size);
    ASSERT_EQ(tree_root(nodes, size).value(), frontier.root()) << size;
    for (const std::uint64_t index : {std::uint64_t{0}, size / 3, size / 2, size - 1}) {
      const auto proof = inclusion_proof(nodes, index, size);
      ASSERT_TRUE(proof.ok()) << proof.error().text();
      ASSERT_TRUE(
          verify_inclusion(leaf_hash(as_bytes(format("{}", index))), index, size, *proof, frontier.root()).ok());
    }
    if (earlier_size > 0) {
      const auto proof = consistency_proof(nodes, earlier_size, size);
      ASSERT_TRUE(proof.ok());
      ASSERT_TRUE(verify_consistency(earlier_size, earlier, size, frontier.root(), *proof).ok());
    }
    earlier = frontier.root();
    earlier_size = size;
    EXPECT_FALSE(nodes.node(0, size).ok());
    EXPECT_FALSE(nodes.node(62, 0).ok());
  }
}

TEST(TileNodes, RefuseATileOfAnotherLength) {
  TileNodes nodes(10, [](const TileName&) -> Result<Bytes> { return Bytes(9 * 32); });
  EXPECT_FALSE(nodes.node(0, 0).ok());
}

}  // namespace
}  // namespace mw::records
