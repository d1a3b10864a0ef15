// A simulated honest player for tests: random but human input, steps at 60 Hz, claims at a given rate through a network
// that delays but keeps the order. Only tests, benchmarks and the self-test of the WebAssembly module include this.
#pragma once

#include <vector>

#include "base/limits.h"
#include "motion/course.h"
#include "motion/motion.h"
#include "space/units.h"

namespace mw::motion {

inline Vec3 in_millimetres(Vec3 v) {
  return {space::from_mm(space::to_mm(v.x)), space::from_mm(space::to_mm(v.y)), space::from_mm(space::to_mm(v.z))};
}

// Presses keys: keeps to one direction for a while, turns, runs, jumps, stops.
class Keys {
 public:
  explicit Keys(std::uint64_t seed) : dice_(seed) {}
  Input next() {
    if (--left_ <= 0) {
      left_ = 10 + static_cast<int>(dice_.bits() % 120);
      direction_ = any_direction(dice_);
      moving_ = !dice_.chance(0.15f);
      run_ = dice_.chance(0.7f);
      turning_ = dice_.chance(0.4f) ? dice_.between(-0.08f, 0.08f) : 0;
    }
    const Direction d = direction_;
    const float n = 1 + turning_ * turning_;
    direction_ = {(d.x * (1 - turning_ * turning_) + d.z * 2 * turning_) / n,
                  (d.z * (1 - turning_ * turning_) - d.x * 2 * turning_) / n};
    Input input;
    if (moving_) {
      input.move_x = direction_.x;
      input.move_z = direction_.z;
    }
    input.run = run_;
    input.jump = dice_.chance(0.01f);
    return input;
  }

 private:
  Dice dice_;
  Direction direction_;
  float turning_ = 0;
  bool moving_ = false, run_ = false;
  int left_ = 0;
};

struct TimedClaim {
  float sent_s = 0, arrives_s = 0;
  State state;
};

// The claims of one honest player over `seconds`, every `steps_per_claim` steps, each delayed by up to `jitter_s`.
inline std::vector<TimedClaim> honest_claims(std::uint64_t seed, float seconds, int steps_per_claim, float jitter_s,
                                             const Rules& rules, const CollisionWorld& world) {
  Keys keys(seed);
  Dice network(seed + 77);
  State state;
  std::vector<TimedClaim> claims;
  float last_arrival = 0;
  const int steps = static_cast<int>(seconds * limits::kMotionStepHz);
  for (int i = 1; i <= steps; ++i) {
    state = step(state, keys.next(), rules, world);
    if (i % steps_per_claim != 0) continue;
    TimedClaim claim;
    claim.sent_s = static_cast<float>(i) / limits::kMotionStepHz;
    claim.arrives_s = claim.sent_s + network.between(0, jitter_s);
    if (claim.arrives_s < last_arrival) claim.arrives_s = last_arrival;
    last_arrival = claim.arrives_s;
    claim.state = state;
    claim.state.position = in_millimetres(state.position);
    claims.push_back(claim);
  }
  return claims;
}

}  // namespace mw::motion
