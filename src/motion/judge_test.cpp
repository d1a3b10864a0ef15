#include <gtest/gtest.h>

#include <cmath>

#include "motion/course.h"
#include "motion/motion.h"
#include "motion/player.h"

namespace mw::motion {
namespace {

using Verdict = Judgement::Verdict;
constexpr float kClaimS = 1.f / limits::kTickHz;

CollisionWorld course_world(std::uint64_t seed, float side) {
  CollisionWorld world;
  world.set_body(0, load_baked(bake(make_course(seed, side))).value(), {});
  return world;
}

CollisionWorld flat_world() {
  CollisionWorld world;
  std::vector<Triangle> floor;
  add_quad(floor, {-500, 0, -500}, {500, 0, -500}, {500, 0, 500}, {-500, 0, 500});
  world.set_body(0, floor, {});
  return world;
}

// The promise: whoever runs step() and only presses keys is never refused, at 20 claims a second or 5, whatever the network
// does to the times of arrival. Four hours of play on courses full of everything that can go wrong.
TEST(Judge, HonestPlayersAreNeverRefused) {
  const Rules rules;
  std::size_t judged = 0, in_air = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const CollisionWorld world = course_world(seed, 60);
    for (const auto& [steps_per_claim, jitter_s] : {std::pair{3, 0.f}, {12, 0.f}, {3, 0.4f}, {12, 0.4f}}) {
      Record record = place({}, rules);
      float last_s = 0;
      for (const auto& claim : honest_claims(seed * 10 + judged % 10, 60, steps_per_claim, jitter_s, rules, world)) {
        const auto judgement = judge(record, claim.state, claim.arrives_s - last_s, rules, world);
        last_s = claim.arrives_s;
        const Vec3 p = claim.state.position;
        ASSERT_EQ(judgement.verdict, Verdict::accepted)
            << "seed " << seed << " at " << claim.sent_s << " s: " << p.x << " " << p.y << " " << p.z;
        ++judged;
        in_air += !claim.state.grounded;
      }
    }
  }
  EXPECT_EQ(judged, 60u * 2 * (60 * 20 + 60 * 5));
  EXPECT_GT(in_air, judged / 10) << "players must jump and fall for this to mean anything";
}

// A link that hangs for seconds delivers everything at once.
TEST(Judge, ALinkThatHungIsNoCrime) {
  const Rules rules;
  const CollisionWorld world = flat_world();
  for (const float hang_s : {0.5f, 1.f, 2.f, 3.5f}) {
    Record record = place({}, rules);
    State state;
    float last_arrival = 0;
    for (int i = 1; i <= 20 * 60; ++i) {
      state = step(state, {.move_x = 1, .run = true}, rules, world);
      if (i % 3 != 0) continue;
      const float sent = static_cast<float>(i) / 60;
      const float arrives = sent > 5 && sent < 5 + hang_s ? 5 + hang_s : sent;
      State claim = state;
      claim.position = in_millimetres(state.position);
      ASSERT_EQ(judge(record, claim, arrives - last_arrival, rules, world).verdict, Verdict::accepted)
          << "hung " << hang_s << " s, claim of " << sent << " s";
      last_arrival = arrives;
    }
  }
}

// How far somebody gets in ten seconds who claims to run at `factor` times the speed, until refused for good.
float distance_at(float factor, const Rules& rules) {
  const CollisionWorld world = flat_world();
  Record record = place({}, rules);
  State claim;
  float x = 0;
  for (int i = 1; i <= 200; ++i) {
    claim.position.x = x + factor * rules.run_speed * kClaimS;
    if (judge(record, claim, kClaimS, rules, world).verdict == Verdict::accepted) x = claim.position.x;
  }
  return x;
}

TEST(Judge, NobodyIsFasterThanTheRulesOverAnyLongerTime) {
  const Rules rules;
  const float honest = rules.run_speed * 10;
  EXPECT_NEAR(distance_at(1, rules), honest, 0.01f);
  for (const float factor : {1.2f, 1.5f, 2.f, 5.f}) {
    EXPECT_LT(distance_at(factor, rules), honest * 1.06f + rules.run_speed * kJitterS) << factor;
  }
}

TEST(Judge, OneAndAHalfTimesTheSpeedIsRefusedWithinTwoSeconds) {
  const Rules rules;
  const CollisionWorld world = flat_world();
  Record record = place({}, rules);
  State claim;
  int accepted = 0;
  for (; accepted < 100; ++accepted) {
    claim.position.x += 1.5f * rules.run_speed * kClaimS;
    const auto judgement = judge(record, claim, kClaimS, rules, world);
    if (judgement.verdict == Verdict::accepted) continue;
    EXPECT_EQ(judgement.verdict, Verdict::too_fast);
    EXPECT_LT(judgement.state.position.x, claim.position.x) << "stays where the last good claim was";
    break;
  }
  EXPECT_LT(accepted, 40);
}

TEST(Judge, NoJumpAcrossTheMapEvenAfterALongSilence) {
  const Rules rules;
  const CollisionWorld world = flat_world();
  for (const float silence_s : {0.05f, 1.f, 60.f, 1e6f}) {
    Record record = place({}, rules);
    State claim;
    claim.position.x = 50;
    EXPECT_EQ(judge(record, claim, silence_s, rules, world).verdict, Verdict::too_fast) << silence_s;
  }
}

TEST(Judge, StandingStillSavesNoDistanceForLater) {
  const Rules rules;
  const CollisionWorld world = flat_world();
  Record record = place({}, rules);
  for (int i = 0; i < 2'000; ++i) ASSERT_EQ(judge(record, {}, kClaimS, rules, world).verdict, Verdict::accepted);
  State claim;
  claim.position.x = rules.run_speed * kJitterS + 0.5f;
  EXPECT_EQ(judge(record, claim, kClaimS, rules, world).verdict, Verdict::too_fast);
}

TEST(Judge, NoWayThroughWallsFloorsAndGapsTooNarrow) {
  const Rules rules;
  CollisionWorld world;
  std::vector<Triangle> scene;
  add_quad(scene, {-50, 0, -50}, {50, 0, -50}, {50, 0, 50}, {-50, 0, 50});
  add_quad(scene, {-20, 0, 1}, {-0.05f, 0, 1}, {-0.05f, 3, 1}, {-20, 3, 1});  // a wall with a slit of 10 cm
  add_quad(scene, {0.05f, 0, 1}, {20, 0, 1}, {20, 3, 1}, {0.05f, 3, 1});
  add_quad(scene, {-5, 4, -5}, {5, 4, -5}, {5, 4, 0}, {-5, 4, 0});  // a floor above
  world.set_body(0, scene, {});
  const auto verdict = [&](Vec3 from, Vec3 to) {
    Record record = place(from, rules);
    State claim;
    claim.position = to;
    return judge(record, claim, 0.5f, rules, world).verdict;
  };
  EXPECT_EQ(verdict({3, 0, 0}, {3, 0, 0.6f}), Verdict::accepted);
  EXPECT_EQ(verdict({3, 0, 0.6f}, {3, 0, 1.4f}), Verdict::wall);
  EXPECT_EQ(verdict({3, 0, 0.6f}, {3.5f, 0, 2.2f}), Verdict::wall);
  EXPECT_EQ(verdict({0, 0, 0.6f}, {0, 0, 1.4f}), Verdict::wall) << "through the slit";
  EXPECT_EQ(verdict({3, 0, 0.6f}, {3, 0, 0.97f}), Verdict::wall) << "into the wall";
  EXPECT_EQ(verdict({0, 4, -2}, {0, 0, -2}), Verdict::wall) << "through the floor";
  EXPECT_EQ(verdict({0, 4, -2}, {0.5f, 4, -2}), Verdict::accepted);
}

TEST(Judge, NobodyHoversOrFlies) {
  const Rules rules;
  const CollisionWorld world = flat_world();
  for (const float claim_s : {0.05f, 0.2f, 1.f}) {
    for (const float height : {0.3f, 0.45f, 0.6f, 0.9f, 1.5f, 3.f}) {
      Record record = place({}, rules);
      State claim;
      bool refused = false;
      float hovered_s = 0;
      for (int i = 0; i < 400 && !refused; ++i) {
        claim.position.y = std::min(height, claim.position.y + rules.jump_speed * claim_s);
        const auto judgement = judge(record, claim, claim_s, rules, world);
        refused = judgement.verdict != Verdict::accepted;
        hovered_s += claim_s;
        if (!refused) continue;
        EXPECT_EQ(judgement.verdict, Verdict::flying);
        EXPECT_FLOAT_EQ(judgement.state.position.y, 0) << "put back on the ground";
      }
      EXPECT_TRUE(refused) << "claims every " << claim_s << " s, at " << height << " m";
      EXPECT_LT(hovered_s, 8.5f);
    }
  }
}

// At 20 claims a second, with a link that is even: this long is what the jitter of an uneven one costs.
TEST(Judge, HoveringLowIsRefusedWithinTwoSeconds) {
  const Rules rules;
  const CollisionWorld world = flat_world();
  for (const float sway : {0.f, 0.1f, 0.2f}) {
    for (const float speed : {0.f, 4.f}) {
      Record record = place({}, rules);
      State claim;
      int accepted = 0;
      for (; accepted < 200; ++accepted) {
        claim.position.x += speed * kClaimS;
        claim.position.y = 0.3f + (accepted % 2 ? sway : 0);
        if (judge(record, claim, kClaimS, rules, world).verdict == Verdict::flying) break;
      }
      EXPECT_LE(accepted, 40) << "sways by " << sway << " m at " << speed << " m/s";
    }
  }
}

// Who keeps the key of the jump pressed is off the ground nearly always, and under a ceiling never far from it.
TEST(Judge, WhoHopsAllTheTimeIsNotHovering) {
  for (const float gravity : {2.f, 9.81f, 25.f}) {
    Rules rules;
    rules.gravity = gravity;
    for (const float room : {0.3f, 0.45f, 0.6f, 0.8f, 5.f}) {
      CollisionWorld world;
      std::vector<Triangle> scene;
      const float y = rules.height + room;
      add_quad(scene, {-50, 0, -50}, {50, 0, -50}, {50, 0, 50}, {-50, 0, 50});
      add_quad(scene, {-50, y, -50}, {50, y, -50}, {50, y, 50}, {-50, y, 50});
      world.set_body(0, scene, {});
      for (const int steps_per_claim : {3, 12}) {
        for (const float jitter_s : {0.f, 0.3f, 0.7f}) {
          Dice network(static_cast<std::uint64_t>(steps_per_claim) + static_cast<std::uint64_t>(room * 100));
          Record record = place({}, rules);
          State state;
          float last_s = 0;
          for (int i = 1; i <= 120 * 60; ++i) {
            state = step(state, {.move_x = i % 600 < 300 ? 1.f : -1.f, .jump = true}, rules, world);
            if (i % steps_per_claim != 0) continue;
            State claim = state;
            claim.position = in_millimetres(state.position);
            const float sent_s = static_cast<float>(i) / 60;
            const float arrives_s = std::max(last_s, sent_s + network.between(0, jitter_s));
            ASSERT_EQ(judge(record, claim, arrives_s - last_s, rules, world).verdict, Verdict::accepted)
                << gravity << " m/s^2, " << room << " m of room, every " << steps_per_claim << " steps, jitter "
                << jitter_s << " s, at " << sent_s << " s, height " << claim.position.y;
            last_s = arrives_s;
          }
        }
      }
    }
  }
}

TEST(Judge, NobodyClimbsTheAir) {
  const Rules rules;
  const CollisionWorld world = flat_world();
  Record record = place({}, rules);
  State claim;
  float highest = 0;
  for (int i = 0; i < 400; ++i) {
    claim.position.y = record.state.position.y + 0.2f;
    if (judge(record, claim, kClaimS, rules, world).verdict == Verdict::accepted) highest = claim.position.y;
  }
  EXPECT_LT(highest, 1.7f);
}

TEST(Judge, OutOfBounds) {
  const Rules rules;
  const CollisionWorld world = flat_world();
  State claim;
  for (const Vec3 to : {Vec3{5'000, 0, 0}, Vec3{0, 0, -5'000}, Vec3{0, 5'000, 0}}) {
    Record record = place({}, rules);
    claim.position = to;
    EXPECT_EQ(judge(record, claim, 1, rules, world).verdict, Verdict::bounds);
  }
}

TEST(Judge, WhatIsAcceptedKeepsToTheRulesInItsVelocityToo) {
  const Rules rules;
  const CollisionWorld world = flat_world();
  Record record = place({}, rules);
  State claim{{0.1f, 0, 0}, {300, 20, -400}, true};
  const State on_ground = judge(record, claim, kClaimS, rules, world).state;
  EXPECT_NEAR(std::hypot(on_ground.velocity.x, on_ground.velocity.z), rules.run_speed, 1e-3f);
  EXPECT_EQ(on_ground.velocity.y, 0);
  claim.position.y = 0.8f;
  claim.grounded = true;
  const State in_air = judge(record, claim, kClaimS, rules, world).state;
  EXPECT_FALSE(in_air.grounded) << "says so, but there is no ground";
  EXPECT_LE(in_air.velocity.y, rules.jump_speed);
}

TEST(Judge, WhomAnEditWalledInMayLeave) {
  const Rules rules;
  CollisionWorld world = flat_world();
  Record record = place({}, rules);
  ASSERT_EQ(judge(record, {}, kClaimS, rules, world).verdict, Verdict::accepted);
  std::vector<Triangle> crate;
  add_block(crate, Block{{0, 0, 0}, 0.1f, 0.1f, 2, 2, {}});
  world.set_body(4, crate, {});
  State claim;
  bool out = false;
  for (int i = 1; i <= 20; ++i) {
    claim.position.x = static_cast<float>(i) * 0.05f;
    ASSERT_EQ(judge(record, claim, kClaimS, rules, world).verdict, Verdict::accepted) << claim.position.x;
    out = claim.position.x > 0.4f;
  }
  EXPECT_TRUE(out);
}

}  // namespace
}  // namespace mw::motion
