// The stadium as one walks it: by the rules of movement, over what is bumped into, from the gate to the seats and the field.
#include "kit/stadium.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gltf/read.h"
#include "motion/motion.h"

namespace mw::kit {
namespace {

using motion::Vec3;
using stadium::Shape;

const Scene& scene() {
  static const Scene made = *make_scene("stadium", {{"seed", 5}});
  return made;
}
const SeatPlan& plan() { return *scene().seating; }
const Shape& shape() {
  static const Shape of = stadium::shape_of(plan());
  return of;
}

struct Ground {
  motion::CollisionWorld world;
  Ground() { world.set_body(0, *motion::load_baked(motion::bake(scene().collision)), {}); }
};
const motion::CollisionWorld& ground() {
  static const Ground of;
  return of.world;
}

Vec3 on(int side, float share, float offset, float height) {
  const auto at = stadium::spot(plan().ring, {side, share, 0}, offset, height);
  return {at.x, at.y, at.z};
}

// Walks straight to a place and stops there; false when it is not reached in good time, or on another height.
bool walk(motion::State& state, Vec3 to) {
  const motion::Rules rules;
  const float far = std::hypot(to.x - state.position.x, to.z - state.position.z);
  const int patience = 120 + static_cast<int>(far * 90);
  for (int i = 0; i < patience; ++i) {
    const float dx = to.x - state.position.x, dz = to.z - state.position.z, left = std::hypot(dx, dz);
    if (left < 0.12f) return std::abs(state.position.y - to.y) < 0.45f;
    const float pace = std::min(1.f, left / 0.3f);
    state = motion::step(state, {dx / left * pace, dz / left * pace, false, false}, rules, ground());
  }
  return false;
}

// Round the concourse to a share of a side, the shorter way.
bool walk_round(motion::State& state, int from_side, float from_share, int side, float share) {
  const float offset = shape().lower_end + 6.2f;
  const float from = static_cast<float>(from_side) + from_share, to = static_cast<float>(side) + share;
  float way = std::remainder(to - from, static_cast<float>(kRingSides));
  const int legs = std::max(1, static_cast<int>(std::ceil(std::abs(way) * 6)));
  for (int i = 1; i <= legs; ++i) {
    float at = from + way * static_cast<float>(i) / static_cast<float>(legs);
    at -= std::floor(at / kRingSides) * kRingSides;
    const int here = static_cast<int>(at) % kRingSides;
    if (!walk(state, on(here, at - static_cast<float>(here), offset, shape().concourse))) return false;
  }
  return true;
}

TEST(Stadium, IsSmallForWhatItIs) {
  EXPECT_LT(scene().glb.size(), 2'200'000u);  // a quarter of it as a host sends it, compressed
  EXPECT_LT(scene().collision.size(), 60'000u);
  EXPECT_EQ(Seats(plan()).count(), kStadiumSeats);
  const auto back = gltf::read(scene().glb, nullptr, {"stadium.glb"});
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->triangles, scene().triangles);
  ::testing::Test::RecordProperty("glb", static_cast<int>(scene().glb.size()));
}

TEST(Stadium, IsTheSameForTheSameParameters) {
  EXPECT_EQ(make_scene("stadium", {{"seed", 5}})->glb, scene().glb);
  EXPECT_NE(make_scene("stadium", {{"seed", 6}})->glb, scene().glb);
  const auto small = make_scene("stadium", {{"seats", 30000}});
  ASSERT_TRUE(small);
  EXPECT_EQ(Seats(*small->seating).count(), 30'000u);
  EXPECT_EQ(make_scene("stadium", {{"seats", 30001}}).error().field, "seats");
  EXPECT_EQ(make_scene("stadium", {{"seats", 100}}).error().field, "seats");
  EXPECT_EQ(make_scene("plaza", {{"seats", 30000}}).error().field, "seats");
}

// What a viewer has in view at once: all that is always drawn, and of each sector the level for its distance.
TEST(Stadium, StaysWithinItsTrianglesFromEverySeat) {
  const std::size_t length = scene().glb[12] | scene().glb[13] << 8 | scene().glb[14] << 16;
  const Json json =
      Json::parse(scene().glb.begin() + 20, scene().glb.begin() + 20 + static_cast<std::ptrdiff_t>(length));
  struct Item {
    double triangles = 0, x = 0, y = 0, z = 0, from = 0, to = 1e9;
  };
  std::vector<Item> items;
  for (const Json& node : json["nodes"]) {
    if (!node.contains("mesh")) continue;
    Item item;
    for (const Json& primitive : json["meshes"][node["mesh"].get<std::size_t>()]["primitives"])
      item.triangles += json["accessors"][primitive["indices"].get<std::size_t>()]["count"].get<double>() / 3;
    if (node.contains("extensions") && node["extensions"].contains("EXT_mesh_gpu_instancing")) {
      const auto at = node["extensions"]["EXT_mesh_gpu_instancing"]["attributes"]["TRANSLATION"].get<std::size_t>();
      item.triangles *= json["accessors"][at]["count"].get<double>();
    }
    if (node.contains("extras")) {
      const Json& seen = node["extras"]["manyworlds"]["seen"];
      item.x = seen[0], item.y = seen[1], item.z = seen[2], item.from = seen[3];
      if (seen.size() > 4) item.to = seen[4];
    }
    items.push_back(item);
  }
  const Seats seats(plan());
  double most = 0;
  for (std::uint32_t i = 0; i < seats.count(); i += 501) {
    const auto eye = seats.seat(i).position;
    double sum = 0;
    for (const Item& item : items) {
      const double away = std::hypot(item.x - static_cast<double>(eye.x), item.y - static_cast<double>(eye.y),
                                     item.z - static_cast<double>(eye.z));
      if (away >= item.from && away < item.to) sum += item.triangles;
    }
    most = std::max(most, sum);
  }
  EXPECT_LT(most, 600'000);
  EXPECT_GT(most, 50'000);
}

TEST(Stadium, OneWalksFromTheGateDownEveryAisleOfTheLowerTier) {
  const auto& tier = plan().tiers[0];
  for (int sector = 0; sector < tier.sector_count(); sector += 3) {
    motion::State state{scene().gates[0].place.position, {}, true};
    state.position.z -= 1.5f;
    const auto span = tier.span(sector);
    ASSERT_TRUE(walk_round(state, 0, 0.5f, span.side, span.from)) << sector;
    ASSERT_TRUE(walk(state, on(span.side, span.from, shape().lower_end + 0.4f, shape().concourse))) << sector;
    for (std::size_t r = tier.rows.size(); r-- > 0;) {
      const auto& row = tier.rows[r];
      ASSERT_TRUE(walk(state, on(span.side, span.from, row.offset + (r == 0 ? 0.36f : 0.15f), row.floor)))
          << sector << " row " << r;
      if (r % 8 != 0) continue;
      // Along the row to its third seat and back.
      const float in = 2.0f / plan().ring.length(span.side, row.offset);
      motion::State aside = state;
      EXPECT_TRUE(walk(aside, on(span.side, span.from + in, row.offset + 0.25f, row.floor))) << sector << " row " << r;
      EXPECT_TRUE(walk(aside, on(span.side, span.from, row.offset + 0.25f, row.floor))) << sector << " row " << r;
    }
    // And up again.
    for (const auto& row : tier.rows)
      ASSERT_TRUE(walk(state, on(span.side, span.from, row.offset + 0.36f, row.floor)))
          << sector << " up " << row.offset;
  }
}

TEST(Stadium, OneWalksDownToTheField) {
  for (const int side : {0, 2, 4, 6}) {
    motion::State state{on(side, 0.5f, shape().lower_end + 1, shape().concourse), {}, true};
    for (const auto& [offset, height] :
         {std::pair{0.3f, plan().tiers[0].rows[0].floor}, std::pair{-2.6f, 0.f}, std::pair{stadium::kBoards - 2, 0.f},
          std::pair{side % 4 == 0 ? -25.f : stadium::kBoards - 2.4f, 0.f}, std::pair{-2.6f, 0.f},
          std::pair{0.4f, plan().tiers[0].rows[0].floor}})
      EXPECT_TRUE(walk(state, on(side, 0.5f, offset, height))) << side << " " << offset;
    // Elsewhere the wall and the boards hold.
    motion::State held{on(side, 0.3f, -2, 0), {}, true};
    EXPECT_FALSE(walk(held, on(side, 0.3f, stadium::kBoards - 2, 0)));
    held = {on(side, 0.3f, 0.4f, plan().tiers[0].rows[0].floor), {}, true};
    EXPECT_FALSE(walk(held, on(side, 0.3f, -2, 0)));
  }
}

TEST(Stadium, OneWalksUpTheStairsToEveryRowOfTheUpperTier) {
  const auto& tier = plan().tiers[1];
  const float stairs = (shape().lower_end + 0.95f + shape().upper_front) / 2;
  const float along = shape().upper_front + 0.6f;
  for (const int side : {0, 2, 4, 6}) {
    for (const auto& [share, way] : {std::pair{0.22f, -1.f}, std::pair{0.78f, 1.f}}) {
      const float length = plan().ring.length(side, 0);
      const auto at = [&](float metres) { return share - way * metres / length; };
      motion::State state{on(side, 0.5f, shape().lower_end + 6, shape().concourse), {}, true};
      ASSERT_TRUE(walk(state, on(side, at(10.2f), shape().lower_end + 6, shape().concourse))) << side << share;
      ASSERT_TRUE(walk(state, on(side, at(10.2f), stairs, shape().concourse))) << side << share;
      ASSERT_TRUE(walk(state, on(side, at(0.3f), stairs, shape().walkway))) << side << " " << share;
      ASSERT_TRUE(walk(state, on(side, at(0), along, shape().walkway))) << side << " " << share;
      // The nearest aisle of that side, and up it.
      const int sectors = tier.sectors[static_cast<std::size_t>(side)];
      const float aisle = std::round(share * static_cast<float>(sectors)) / static_cast<float>(sectors);
      ASSERT_TRUE(walk(state, on(side, aisle, along, shape().walkway))) << side << " " << share;
      for (const auto& row : tier.rows)
        ASSERT_TRUE(walk(state, on(side, aisle, row.offset + 0.15f, row.floor))) << side << " row " << row.offset;
    }
  }
}

TEST(Stadium, NobodyFallsOutOfTheUpperTier) {
  for (int side = 0; side < kRingSides; ++side) {
    motion::State state{on(side, 0.45f, shape().upper_front + 0.7f, shape().walkway), {}, true};
    EXPECT_FALSE(walk(state, on(side, 0.45f, shape().upper_front - 3, shape().walkway)));
    EXPECT_GT(state.position.y, shape().walkway - 0.3f) << side;
    state = {on(side, 0.45f, shape().upper_end - 0.6f, shape().top), {}, true};
    walk(state, on(side, 0.45f, shape().upper_end + 5, shape().top));
    EXPECT_GT(state.position.y, shape().top - 0.3f) << side;
  }
}

}  // namespace
}  // namespace mw::kit
