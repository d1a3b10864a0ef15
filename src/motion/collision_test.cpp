#include "motion/collision.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/limits.h"
#include "motion/course.h"

namespace mw::motion {
namespace {

bool meet(const Box& a, const Box& b) {
  return a.low.x <= b.high.x && a.high.x >= b.low.x && a.low.y <= b.high.y && a.high.y >= b.low.y &&
         a.low.z <= b.high.z && a.high.z >= b.low.z;
}

Triangle any_triangle(Dice& dice) {
  const float size = dice.chance(0.1f) ? 2'000.f : dice.chance(0.3f) ? 60.f : 1.5f;
  const Vec3 at{dice.between(-200, 200), dice.between(-5, 5), dice.between(-200, 200)};
  const auto near = [&] {
    const float x = at.x + dice.between(-size, size), y = at.y + dice.between(-2, 2);
    return Vec3{x, y, at.z + dice.between(-size, size)};
  };
  const Vec3 a = near(), b = near(), c = near();
  return {a, b, c};
}

// What gather answers, as the set of orders.
std::set<std::uint64_t> gathered(const CollisionWorld& world, const Box& box) {
  Nearby nearby;
  world.gather(box, nearby);
  std::set<std::uint64_t> orders;
  nearby.each([&](const PlacedTriangle& t) { EXPECT_TRUE(orders.insert(t.order).second) << "each once"; });
  return orders;
}

TEST(Collision, GatherFindsWhatASearchThroughAllFinds) {
  Dice dice(4);
  CollisionWorld world;
  const Box everywhere{{-8192, -8192, -8192}, {8192, 8192, 8192}};
  for (int round = 0; round < 30; ++round) {
    const std::uint32_t body = dice.bits() % 8;
    if (dice.chance(0.3f)) {
      world.remove_body(body);
    } else {
      std::vector<Triangle> triangles(dice.bits() % 200);
      for (auto& t : triangles) t = any_triangle(dice);
      world.set_body(body, triangles, {{dice.between(-50, 50), 0, 0}, 0.6f, 0.8f, dice.between(0.5f, 2)});
    }
    Nearby all;
    world.gather(everywhere, all);
    EXPECT_EQ(all.size(), world.triangle_count());
    for (int query = 0; query < 50; ++query) {
      const float half = dice.chance(0.2f) ? 40.f : 0.7f;
      const float x = dice.between(-300, 300), z = dice.between(-300, 300);
      const Box box{{x - half, -1, z - half}, {x + half, 2, z + half}};
      std::set<std::uint64_t> expected;
      all.each([&](const PlacedTriangle& t) {
        if (meet(t.box, box)) expected.insert(t.order);
      });
      ASSERT_EQ(gathered(world, box), expected);
    }
  }
}

TEST(Collision, ABodyIsReplacedAndRemoved) {
  CollisionWorld world;
  std::vector<Triangle> floor;
  add_quad(floor, {-1, 0, -1}, {1, 0, -1}, {1, 0, 1}, {-1, 0, 1});
  float y = 0;
  world.set_body(3, floor, {{0, 2, 0}});
  ASSERT_TRUE(world.ground_below(0, 0, 5, -5, y));
  EXPECT_FLOAT_EQ(y, 2);
  world.set_body(3, floor, {{0, 3, 0}});
  ASSERT_TRUE(world.ground_below(0, 0, 5, -5, y));
  EXPECT_FLOAT_EQ(y, 3);
  EXPECT_FALSE(world.ground_below(0, 0, 2.5f, -5, y)) << "not above y_max";
  EXPECT_EQ(world.triangle_count(), 2u);
  world.remove_body(3);
  world.remove_body(3);
  EXPECT_FALSE(world.ground_below(0, 0, 5, -5, y));
  EXPECT_EQ(world.triangle_count(), 0u);
}

TEST(Collision, PlacementScalesTurnsAndMoves) {
  CollisionWorld world;
  const float turn = 0.3f;  // radians: yaw grows from +z towards +x
  std::vector<Triangle> ahead = {{{-0.1f, 0, 1}, {0.1f, 0, 1}, {0, 0, 1.2f}}};
  world.set_body(1, ahead, {{10, 1, 20}, std::cos(turn), std::sin(turn), 2});
  float y = 0;
  const float reach = 2.1f;
  EXPECT_TRUE(world.ground_below(10 + reach * std::sin(turn), 20 + reach * std::cos(turn), 5, -5, y));
  EXPECT_FLOAT_EQ(y, 1);
}

TEST(Collision, LeavesOutWhatHasNoAreaOrIsTooFarOrNoNumber) {
  CollisionWorld world;
  const float nan = std::nanf("");
  world.set_body(0,
                 std::vector<Triangle>{{{0, 0, 0}, {1, 0, 0}, {2, 0, 0}},
                                       {{0, 0, 0}, {1, 0, 0}, {0, 0, 1e9f}},
                                       {{0, 0, 0}, {1, nan, 0}, {0, 0, 1}},
                                       {{0, 0, 0}, {1, 0, 0}, {0, 0, 1}}},
                 {});
  EXPECT_EQ(world.triangle_count(), 1u);
}

TEST(Collision, RaysStopAtTheFirstSurface) {
  CollisionWorld world;
  std::vector<Triangle> walls;
  add_quad(walls, {-1, 0, 2}, {1, 0, 2}, {1, 2, 2}, {-1, 2, 2});
  add_quad(walls, {-1, 0, 4}, {1, 0, 4}, {1, 2, 4}, {-1, 2, 4});
  world.set_body(0, walls, {});
  EXPECT_FLOAT_EQ(world.ray({0, 1, 0}, {0, 1, 8}), 0.25f);
  EXPECT_FLOAT_EQ(world.ray({0, 1, 8}, {0, 1, 0}), 0.5f);
  EXPECT_FLOAT_EQ(world.ray({5, 1, 0}, {5, 1, 8}), 1);
}

TEST(Baked, RoundTripsToTheMillimetre) {
  const auto course = make_course(3, 40);
  const Bytes bytes = bake(course);
  const auto read = load_baked(bytes);
  ASSERT_TRUE(read.ok()) << read.error().text();
  ASSERT_EQ(read->size(), course.size());
  for (std::size_t i = 0; i < course.size(); ++i) {
    EXPECT_NEAR((*read)[i].a.x, course[i].a.x, 0.0006f);
    EXPECT_NEAR((*read)[i].b.y, course[i].b.y, 0.0006f);
    EXPECT_NEAR((*read)[i].c.z, course[i].c.z, 0.0006f);
  }
  EXPECT_EQ(bake(*read), bytes) << "baking what was loaded changes nothing";
  EXPECT_LT(bytes.size(), course.size() * 36) << "vertices are shared";
}

TEST(Baked, AnEmptySceneIsAFileToo) {
  const auto read = load_baked(bake({}));
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->empty());
}

void expect_refused(Bytes bytes, ErrorKind kind, const char* field) {
  const auto read = load_baked(bytes);
  ASSERT_FALSE(read.ok()) << field;
  EXPECT_EQ(read.error().kind, kind);
  EXPECT_EQ(read.error().field, field);
}

TEST(Baked, RefusesDamageAndSaysWhere) {
  const Bytes good = bake(std::vector<Triangle>{{{0, 0, 0}, {1, 0, 0}, {0, 0, 1}}});
  ASSERT_EQ(good.size(), 16u + 3 * 12 + 12);
  const auto with = [&](std::size_t at, Byte value) {
    Bytes bytes = good;
    bytes[at] = value;
    return bytes;
  };
  expect_refused({}, ErrorKind::damaged, "header");
  expect_refused(with(0, 'X'), ErrorKind::damaged, "magic");
  expect_refused(with(4, 2), ErrorKind::version, "version");
  expect_refused(with(15, 0x7F), ErrorKind::too_large, "triangles");
  expect_refused(with(12, 2), ErrorKind::damaged, "length");
  expect_refused(with(19, 0x70), ErrorKind::damaged, "vertex");
  expect_refused(with(16 + 36, 3), ErrorKind::damaged, "index");
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(load_baked(ByteView(good).first(length)).ok());
  }
}

}  // namespace
}  // namespace mw::motion
