#include "world/walkers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "world/ways.h"

namespace mw::world {
namespace {

motion::CollisionWorld floor_with_wall() {
  motion::CollisionWorld collision;
  const float h = 20;
  const std::vector<motion::Triangle> scene{{{-h, 0, -h}, {-h, 0, h}, {h, 0, h}},
                                            {{-h, 0, -h}, {h, 0, h}, {h, 0, -h}},
                                            {{6, 0, -h}, {6, 3, -h}, {6, 3, h}},
                                            {{6, 0, -h}, {6, 3, h}, {6, 0, h}}};
  collision.set_body(0, scene, {});
  return collision;
}

struct Town {
  motion::CollisionWorld collision = floor_with_wall();
  motion::Rules rules;
  stage::Stage stage{100};
  Seats seats{{{{2, 0.45f, 2}, 0}, {{-2, 0.45f, 2}, 1}}};
  Walkers walkers;
  explicit Town(std::size_t count, std::uint64_t seed = 1)
      : walkers(find_ways(collision, rules, {0, 0, 0}), seats, {{{0, 0, 4}, 0}}, seed) {
    for (std::size_t i = 0; i < count; ++i) {
      const EntityId entity{static_cast<std::uint32_t>(i + 1)};
      const auto placing = walkers.add(entity, collision, rules);
      if (placing) stage.add(entity, *placing, true);
    }
  }
  void run(double seconds) {
    for (double end = now + seconds; now < end; now += 0.05) walkers.tick(now, collision, rules, stage);
  }
  double now = 10;
};

TEST(Walkers, WaysStayOnThisSideOfTheWall) {
  const auto collision = floor_with_wall();
  const auto ways = find_ways(collision, {}, {0, 0, 0});
  ASSERT_GT(ways.points.size(), 50u);
  for (const auto& point : ways.points) EXPECT_LT(point.x, 6);
}

TEST(Walkers, WalkByTheRulesAndDoDifferentThings) {
  Town town(40);
  ASSERT_EQ(town.stage.size(), 40u);
  std::map<wire::Animation, int> seen;
  std::vector<motion::Vec3> before(town.stage.positions().begin(), town.stage.positions().end());
  for (int i = 0; i < 20 * 120; ++i) {
    town.run(0.05);
    for (std::size_t row = 0; row < town.stage.size(); ++row) {
      const auto p = town.stage.positions()[row];
      const float dx = p.x - before[row].x, dz = p.z - before[row].z;
      ASSERT_LT(std::sqrt(dx * dx + dz * dz), town.rules.run_speed * 0.05f + 0.6f);  // a step, or sitting down
      ASSERT_LT(p.x, 6.01f);
      ASSERT_NEAR(p.y, 0, 0.1);
      before[row] = p;
      ++seen[town.stage.animations()[row]];
    }
  }
  EXPECT_GT(seen[wire::Animation::walk], 1000);
  EXPECT_GT(seen[wire::Animation::sit], 0);
  EXPECT_GT(seen[wire::Animation::idle], 0);
}

TEST(Walkers, TheSameSeedGivesTheSameWalk) {
  Town a(10, 7), b(10, 7), c(10, 8);
  a.run(30);
  b.run(30);
  c.run(30);
  bool differs = false;
  for (std::size_t row = 0; row < 10; ++row) {
    EXPECT_EQ(a.stage.positions()[row].x, b.stage.positions()[row].x);
    EXPECT_EQ(a.stage.positions()[row].z, b.stage.positions()[row].z);
    differs = differs || a.stage.positions()[row].x != c.stage.positions()[row].x;
  }
  EXPECT_TRUE(differs);
}

TEST(Walkers, AreLabelledAsSimulated) {
  Town town(3);
  Json people = Json::array();
  town.walkers.describe(people);
  ASSERT_EQ(people.size(), 3u);
  for (const auto& person : people) {
    EXPECT_TRUE(person["simulated"].get<bool>());
    EXPECT_FALSE(person.contains("visitor"));
  }
}

}  // namespace
}  // namespace mw::world
