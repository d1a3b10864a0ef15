#include "world/walkers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "world/spectators.h"
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

// Nearly everybody sits, in ascending order of seats, and whoever looks for a free seat finds one near, wherever.
TEST(Walkers, AFullHouseHasFreeSeatsEverywhereAndNoListOfPeople) {
  const kit::Seats seats(kit::stadium_seats(8000));
  motion::CollisionWorld collision = floor_with_wall();
  const motion::Rules rules;
  constexpr std::uint32_t kPeople = 7'900;
  stage::Stage stage(kPeople);
  Seats shared(with_numbered({}, seats));
  Walkers walkers(find_ways(collision, rules, {0, 0, 0}), shared, {}, 3);
  walkers.seat(seats, 0, {0, 13, 70}, kPeople);
  for (std::uint32_t i = 11; i < kPeople + 11; ++i) {
    const auto placing = walkers.add(EntityId{i}, collision, rules);
    ASSERT_TRUE(placing);
    stage.add(EntityId{i}, *placing, true);
  }
  const auto full = walkers.full_house();
  ASSERT_TRUE(full);
  EXPECT_EQ(full->first, EntityId{11});
  EXPECT_GE(full->count, kPeople - 300);
  EXPECT_EQ(walkers.size(), kPeople);
  std::uint32_t next = 0, longest = 0, run = 0;
  for (std::uint32_t i = 0; i < seats.count(); ++i) {
    run = shared.taken(i) ? run + 1 : 0;
    longest = std::max(longest, run);
    if (!shared.taken(i)) continue;
    ASSERT_EQ(stage.positions()[next].x, seats.seat(i).position.x) << "of spectator " << next;
    ++next;
  }
  EXPECT_EQ(next, full->count);
  EXPECT_LT(longest, 66u) << "a free seat is never far";
  Json people = Json::array();
  walkers.describe(people);
  EXPECT_EQ(people.size(), kPeople - full->count) << "only who walks";
  std::map<wire::Animation, int> seen;
  for (double now = 0; now < 200; now += 0.05) {
    walkers.tick(now, collision, rules, stage);
    for (std::size_t row = 0; row < kPeople; row += 500) ++seen[stage.animations()[row]];
  }
  for (const auto animation : {wire::Animation::sit, wire::Animation::cheer, wire::Animation::clap})
    EXPECT_GT(seen[animation], 0);
  // While nobody looks nothing changes, and soon after somebody has come all is as if there had been somebody.
  const auto as_it_is = [&] {
    const auto row = stage.animations();
    return std::vector<wire::Animation>(row.begin(), row.begin() + full->count);
  };
  const auto before = as_it_is();
  for (double now = 200; now < 236; now += 0.05) walkers.tick(now, collision, rules, stage, false);
  EXPECT_EQ(as_it_is(), before);
  for (int i = 0; i < 5; ++i) walkers.tick(236, collision, rules, stage);
  EXPECT_NE(as_it_is(), before);
  const auto at = stage.positions()[500];
  EXPECT_EQ(as_it_is()[500], spectator_animation(236, std::atan2(at.x, at.z), 501));
}

TEST(Walkers, MostInAStadiumSitOnSeatsOfTheirOwn) {
  const kit::Seats seats(kit::stadium_seats(8000));
  motion::CollisionWorld collision = floor_with_wall();
  const motion::Rules rules;
  stage::Stage stage(120);
  const kit::Place bench{{0, 0.45f, 0}, 0};
  Seats shared(with_numbered({bench}, seats));
  Walkers walkers(find_ways(collision, rules, {0, 0, 0}), shared, {}, 3);
  walkers.seat(seats, 1, {0, 13, 70}, 120);
  std::set<std::pair<float, float>> places;
  for (std::uint32_t i = 1; i <= 120; ++i) {
    const auto placing = walkers.add(EntityId{i}, collision, rules);
    ASSERT_TRUE(placing);
    stage.add(EntityId{i}, *placing, true);
    if (i > 100) continue;
    EXPECT_TRUE(places.emplace(placing->position.x, placing->position.z).second);
  }
  std::size_t taken = 0;
  for (std::uint32_t i = 0; i < shared.size(); ++i) taken += shared.taken(i) ? 1 : 0;
  EXPECT_EQ(taken, 100u) << "nobody else may sit there";
  std::size_t near = 0;
  for (const auto& [x, z] : places) near += z > 0 ? 1 : 0;
  EXPECT_GT(near, 60u);
  std::map<wire::Animation, int> seen;
  for (double now = 0; now < 300; now += 0.5) {
    walkers.tick(now, collision, rules, stage);
    for (std::size_t row = 0; row < 100; ++row) {
      ++seen[stage.animations()[row]];
      ASSERT_TRUE(places.contains({stage.positions()[row].x, stage.positions()[row].z}));
    }
  }
  EXPECT_GT(seen[wire::Animation::sit], 100 * 600 / 2);
  for (const auto what : {wire::Animation::cheer, wire::Animation::clap, wire::Animation::wave, wire::Animation::idle})
    EXPECT_GT(seen[what], 100) << static_cast<int>(what);
  EXPECT_EQ(seen[wire::Animation::walk], 0);
}

// Scarves are up all over the ground, not only here and there.
TEST(Spectators, MostSingASongTogether) {
  constexpr std::uint32_t kPeople = 3600;
  int songs = 0;
  bool sung = false;
  for (double now = 0; now < 2000; now += 1) {
    std::uint32_t up = 0;
    for (std::uint32_t i = 0; i < kPeople; ++i)
      up += spectator_animation(now, static_cast<float>(i) * 6.2831853f / kPeople, i) == wire::Animation::wave ? 1 : 0;
    const bool most = up > kPeople * 7 / 10;
    songs += most && !sung ? 1 : 0;
    sung = most;
  }
  EXPECT_GE(songs, 4);
}

// When a wave is on, those who are up stand next to one another, and they are others a little later.
TEST(Spectators, AWaveGoesRound) {
  constexpr std::uint32_t kPeople = 3600;
  int waves = 0;
  double last = -1;
  for (double now = 0; now < 2000; now += 1) {
    double x = 0, z = 0;
    int up = 0;
    for (std::uint32_t i = 0; i < kPeople; ++i) {
      const float yaw = static_cast<float>(i) * 6.2831853f / kPeople;
      if (spectator_animation(now, yaw, i) != wire::Animation::cheer) continue;
      ++up, x += std::sin(static_cast<double>(yaw)), z += std::cos(static_cast<double>(yaw));
    }
    const bool together = up > 60 && std::hypot(x, z) > 0.9 * up;
    const double at = std::atan2(x, z);
    if (together && last > -1 && std::remainder(at - last, 6.2831853) > 0.1) ++waves;
    last = together ? at : -1;
  }
  EXPECT_GT(waves, 100);
}

}  // namespace
}  // namespace mw::world
