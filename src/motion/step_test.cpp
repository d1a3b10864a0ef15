#include <gtest/gtest.h>

#include <cmath>

#include "motion/course.h"
#include "motion/geometry.h"
#include "motion/motion.h"
#include "motion/player.h"

namespace mw::motion {
namespace {

constexpr Input kStand{};
constexpr Input kWalk{.move_z = 1};
constexpr Input kRun{.move_z = 1, .run = true};

// A flat ground of 200 m, and what a test adds to it.
struct Place {
  std::vector<Triangle> triangles;
  CollisionWorld world;
  Rules rules;

  Place() { add_quad(triangles, {-100, 0, -100}, {100, 0, -100}, {100, 0, 100}, {-100, 0, 100}); }
  void build() { world.set_body(0, triangles, {}); }
  void box(Vec3 centre, float half_x, float half_z, float height) {
    add_block(triangles, Block{centre, half_x, half_z, height, height, {}});
  }
  State after(State state, const Input& input, int steps) {
    for (int i = 0; i < steps; ++i) state = step(state, input, rules, world);
    return state;
  }
};

float speed(const State& s) { return std::sqrt(s.velocity.x * s.velocity.x + s.velocity.z * s.velocity.z); }

TEST(Step, WalksRunsAndStops) {
  Place place;
  place.build();
  State state = place.after({}, kWalk, 60);
  EXPECT_FLOAT_EQ(speed(state), place.rules.walk_speed);
  state = place.after(state, kRun, 60);
  EXPECT_FLOAT_EQ(speed(state), place.rules.run_speed);
  const float z = state.position.z;
  state = place.after(state, kRun, 60);
  EXPECT_NEAR(state.position.z - z, place.rules.run_speed, 0.01f);
  state = place.after(state, kStand, 20);
  EXPECT_EQ(speed(state), 0);
  EXPECT_EQ(state.position.y, 0);
  EXPECT_TRUE(state.grounded);
}

TEST(Step, AWishLongerThanOneIsNoFaster) {
  Place place;
  place.build();
  const State state = place.after({}, {.move_x = 30, .move_z = 40, .run = true}, 60);
  EXPECT_NEAR(speed(state), place.rules.run_speed, 1e-4f);
}

TEST(Step, JumpsAsHighAsTheRulesSayAndLands) {
  Place place;
  place.build();
  const float expected = place.rules.jump_speed * place.rules.jump_speed / (2 * place.rules.gravity);
  State state = step({}, {.jump = true}, place.rules, place.world);
  float top = 0;
  int in_air = 0;
  for (; !state.grounded && in_air < 200; ++in_air) {
    top = std::max(top, state.position.y);
    state = step(state, kStand, place.rules, place.world);
  }
  EXPECT_NEAR(top, expected, 0.05f);
  EXPECT_NEAR(static_cast<float>(in_air) / 60, 2 * place.rules.jump_speed / place.rules.gravity, 0.05f);
  EXPECT_EQ(state.position.y, 0);
}

TEST(Step, StopsAtWallsHoweverThin) {
  Place place;
  add_quad(place.triangles, {-5, 0, 3}, {5, 0, 3}, {5, 3, 3}, {-5, 3, 3});
  place.build();
  const State state = place.after({}, kRun, 300);
  EXPECT_NEAR(state.position.z, 3 - place.rules.radius, 0.005f);
  EXPECT_NEAR(speed(state), 0, 0.6f) << "pressing against it";
  const State behind = place.after({{0, 0, 6}, {}, true}, {.move_z = -1, .run = true}, 300);
  EXPECT_NEAR(behind.position.z, 3 + place.rules.radius, 0.005f) << "walls have two sides";
}

// A wall of many triangles: nothing catches, nothing slows down but the angle.
TEST(Step, SlidesAlongAWallOfManyPieces) {
  Place place;
  for (int i = 0; i < 80; ++i) {
    const float x = static_cast<float>(i) * 0.5f - 20, low = i % 2 == 0 ? 0.f : 0.013f;
    add_quad(place.triangles, {x, low, 3}, {x + 0.5f, 0, 3}, {x + 0.5f, 2.2f, 3}, {x, 2.5f, 3});
  }
  place.build();
  const Input slanted{.move_x = 0.6f, .move_z = 0.8f, .run = true};
  State state = place.after({{-15, 0, 2}, {}, true}, slanted, 60);
  const float along = 0.6f * place.rules.run_speed;
  for (int i = 0; i < 300; ++i) {
    const float x = state.position.x;
    state = step(state, slanted, place.rules, place.world);
    ASSERT_NEAR((state.position.x - x) * 60, along, 0.05f) << "at x = " << x;
    ASSERT_NEAR(state.position.z, 3 - place.rules.radius, 0.01f);
    ASSERT_TRUE(state.grounded);
  }
}

TEST(Step, ComesToRestInACorner) {
  Place place;
  add_quad(place.triangles, {-5, 0, 3}, {5, 0, 3}, {5, 3, 3}, {-5, 3, 3});
  add_quad(place.triangles, {2, 0, -5}, {2, 0, 5}, {2, 3, 5}, {2, 3, -5});
  place.build();
  State state = place.after({}, {.move_x = 0.7f, .move_z = 0.7f, .run = true}, 300);
  const Vec3 rest = state.position;
  EXPECT_NEAR(rest.x, 2 - place.rules.radius, 0.01f);
  EXPECT_NEAR(rest.z, 3 - place.rules.radius, 0.01f);
  for (int i = 0; i < 60; ++i) {
    state = step(state, {.move_x = 0.7f, .move_z = 0.7f, .run = true}, place.rules, place.world);
    ASSERT_NEAR(state.position.x, rest.x, 0.002f) << "no trembling";
    ASSERT_NEAR(state.position.z, rest.z, 0.002f);
  }
}

TEST(Step, ClimbsStairsOfEveryKindWithoutAJump) {
  for (const float rise : {0.12f, 0.17f, 0.25f, 0.34f}) {
    for (const float run : {0.27f, 0.35f, 0.6f}) {
      if (rise / run > 0.85f) continue;  // ladders are no stairs
      for (const Input& input : {kWalk, kRun}) {
        Place place;
        add_stairs(place.triangles, {0, 0, 2}, {0, 1}, rise, run, 8);
        place.box({0, 0, 2 + 8 * run + 3}, 1.2f, 3, 8 * rise);
        place.build();
        State state;
        float last_y = 0, steepest = 0;
        for (int i = 0; i < 600 && state.position.z < 2 + 8 * run + 2; ++i) {
          state = step(state, input, place.rules, place.world);
          ASSERT_TRUE(state.grounded) << rise << " " << run;
          steepest = std::max(steepest, state.position.y - last_y);
          last_y = state.position.y;
        }
        EXPECT_NEAR(state.position.y, 8 * rise, 0.001f) << rise << " " << run << (input.run ? " running" : " walking");
        EXPECT_LT(steepest, 0.12f) << "a step is climbed over several frames";
      }
    }
  }
}

TEST(Step, GoesDownStairsAndRampsWithoutLeavingTheGround) {
  Place place;
  add_stairs(place.triangles, {0, 0, 10}, {0, -1}, 0.17f, 0.3f, 10);      // climbs towards -z
  add_block(place.triangles, Block{{30, 0, 0}, 2, 5, 0, 8, {0, -1}});      // a ramp of 39 degrees, high at -z
  add_block(place.triangles, Block{{30, 0, -8}, 2, 3, 8, 8, {}});
  place.box({0, 0, 4}, 2, 3, 1.7f);
  place.build();
  State down_stairs{{0, 1.7f, 3}, {}, true};
  for (int i = 0; i < 150; ++i) {
    down_stairs = step(down_stairs, kRun, place.rules, place.world);
    ASSERT_TRUE(down_stairs.grounded) << "stairs, z = " << down_stairs.position.z;
  }
  EXPECT_EQ(down_stairs.position.y, 0);
  State down_ramp{{30, 8, -8}, {}, true};
  for (int i = 0; i < 240; ++i) {
    down_ramp = step(down_ramp, kRun, place.rules, place.world);
    ASSERT_TRUE(down_ramp.grounded) << "ramp, z = " << down_ramp.position.z;
  }
  EXPECT_EQ(down_ramp.position.y, 0);
  EXPECT_GT(down_ramp.position.z, 6);
}

TEST(Step, SlopesAreWalkableUpToTheRule) {
  for (const auto& [height, walkable] : {std::pair{4.f, true}, {10.f, true}, {16.f, false}, {30.f, false}}) {
    Place place;
    add_block(place.triangles, Block{{0, 0, 10}, 5, 5, 0, height, {}});  // 10 m long
    place.build();
    const State state = place.after({}, kRun, 160);
    if (walkable) {
      EXPECT_GT(state.position.y, height * 0.3f) << height;
    } else {
      EXPECT_LT(state.position.y, 0.4f) << height;
    }
  }
}

TEST(Step, SlidesDownWhatIsTooSteepToStandOn) {
  Place place;
  add_block(place.triangles, Block{{0, 0, 10}, 5, 5, 0, 20, {}});  // 63 degrees
  place.build();
  const State state = place.after({{0, 16, 12}, {}, false}, kStand, 400);
  EXPECT_LT(state.position.y, 0.5f);
  EXPECT_TRUE(state.grounded);
}

TEST(Step, HighBoxesAndLowTablesStop) {
  Place place;
  place.box({0, 0, 4}, 3, 1, 0.6f);
  add_quad(place.triangles, {19, 1.2f, 3}, {21, 1.2f, 3}, {21, 1.2f, 5}, {19, 1.2f, 5});  // a top alone
  add_quad(place.triangles, {39, 1.9f, 3}, {41, 1.9f, 3}, {41, 1.9f, 5}, {39, 1.9f, 5});
  place.build();
  EXPECT_LT(place.after({}, kRun, 300).position.z, 3.f);
  EXPECT_LT(place.after({{20, 0, 0}, {}, true}, kRun, 300).position.z, 3.f) << "too low to pass";
  EXPECT_GT(place.after({{40, 0, 0}, {}, true}, kRun, 300).position.z, 10.f) << "high enough";
}

TEST(Step, JumpsOntoWhatIsLowEnough) {
  Place place;
  place.box({0, 0, 4}, 3, 1.5f, 1);
  place.build();
  State state;
  for (int i = 0; i < 60; ++i) {
    state = step(state, {.move_z = 1, .run = true, .jump = state.position.z > 1.6f}, place.rules, place.world);
  }
  state = place.after(state, kStand, 60);
  EXPECT_FLOAT_EQ(state.position.y, 1);
}

TEST(Step, CeilingsStopAJump) {
  Place place;
  add_quad(place.triangles, {-2, 2, -2}, {2, 2, -2}, {2, 2, 2}, {-2, 2, 2});
  place.build();
  State state = step({}, {.jump = true}, place.rules, place.world);
  float top = 0;
  for (int i = 0; i < 60; ++i) {
    top = std::max(top, state.position.y);
    state = step(state, kStand, place.rules, place.world);
  }
  EXPECT_LE(top, 2 - place.rules.height);
  EXPECT_GT(top, 0.2f);
  EXPECT_EQ(state.position.y, 0);
}

TEST(Step, FallsOffTheEdgeAndNotThroughTheFloor) {
  Place place;
  place.box({0, 0, 0}, 2, 2, 40);
  place.build();
  State state{{0, 40, 0}, {}, true};
  state = place.after(state, kRun, 60);
  EXPECT_FALSE(state.grounded);
  state = place.after(state, kStand, 300);
  EXPECT_EQ(state.position.y, 0);
  EXPECT_TRUE(state.grounded);
  EXPECT_GT(state.position.z, 2);
}

TEST(Step, AGapTooNarrowForAPersonCarries) {
  Place place;
  place.box({0.5f, 0, 0}, 0.3f, 3, 2);
  place.box({-0.5f, 0, 0}, 0.3f, 3, 2);  // 0.4 m between them
  place.build();
  const State state = place.after({{0, 3, 0}, {}, false}, kStand, 200);
  EXPECT_GT(state.position.y, 1.2f);
  EXPECT_FLOAT_EQ(state.velocity.y, 0);
}

TEST(Step, AThingPutDownOnAPersonLetsThemOut) {
  Place place;
  place.build();
  State state;
  std::vector<Triangle> crate;
  add_block(crate, Block{{0, 0, 0}, 0.5f, 0.5f, 1, 1, {}});
  place.world.set_body(9, crate, {});
  state = place.after(state, kWalk, 120);
  EXPECT_GT(std::abs(state.position.z) + std::abs(state.position.x), 0.79f);
}

// Nobody who only presses keys ever gets through a surface, or is moved sideways faster than a run.
TEST(Step, NobodyGetsThroughAnything) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Rules rules;
    CollisionWorld world;
    world.set_body(0, make_course(seed, 40), {});
    Keys keys(seed);
    State state;
    for (int i = 0; i < 10'000; ++i) {
      const State before = state;
      state = step(state, keys.next(), rules, world);
      const Vec3 a{before.position.x, before.position.y + 0.9f, before.position.z};
      const Vec3 b{state.position.x, state.position.y + 0.9f, state.position.z};
      ASSERT_GE(world.ray(a, b), 1.f) << "seed " << seed << " step " << i << " at " << a.x << " " << a.y << " " << a.z;
      const float dx = b.x - a.x, dz = b.z - a.z;
      ASSERT_LE(std::sqrt(dx * dx + dz * dz), rules.run_speed / 60 + 1e-4f);
      ASSERT_GT(state.position.y, -0.01f) << "seed " << seed << " step " << i;
    }
  }
}

// The answer must not depend on the history of the world, or two hosts with the same things would differ.
TEST(Step, TheOrderInWhichBodiesWereSetDoesNotMatter) {
  const auto one = make_course(1, 30), two = make_course(2, 30);
  CollisionWorld forwards, backwards;
  forwards.set_body(1, one, {});
  forwards.set_body(2, two, {});
  backwards.set_body(2, one, {});
  backwards.set_body(2, two, {});
  backwards.set_body(1, two, {});
  backwards.set_body(1, one, {});
  Keys a(5), b(5);
  State left, right;
  for (int i = 0; i < 20'000; ++i) {
    left = step(left, a.next(), {}, forwards);
    right = step(right, b.next(), {}, backwards);
    ASSERT_EQ(left.position.x, right.position.x);
    ASSERT_EQ(left.position.y, right.position.y);
    ASSERT_EQ(left.position.z, right.position.z);
  }
}

}  // namespace
}  // namespace mw::motion
