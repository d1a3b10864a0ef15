// The rules of movement: one source, compiled for the host (which judges) and to WebAssembly (which predicts). Basic IEEE
// single precision, no libm, no contraction (-ffp-contract=off), so that both give the same bits; a test compares a million
// steps by hash. Axes are glTF's: y up, metres, seconds. Directions are unit vectors on the ground plane, never angles.
// Thread: plain values; a CollisionWorld is read by many and changed by its owner between steps.
#pragma once

#include <cstdint>

#include "motion/collision.h"

namespace mw::motion {

// From world.toml, [movement]; the same numbers go to the client when it enters.
struct Rules {
  float walk_speed = 1.8f;    // m/s
  float run_speed = 5.0f;     // m/s
  float jump_speed = 4.6f;    // m/s upwards at take-off: about 1.1 m high
  float gravity = 9.81f;      // m/s^2
  float acceleration = 30.f;  // m/s^2 on the ground
  float air_control = 0.35f;  // share of the acceleration while in the air
  float radius = 0.3f;        // of the capsule, m
  float height = 1.7f;        // of the capsule, m
  float step_height = 0.35f;  // climbed without a jump, m
  float slope_cos = 0.64f;    // steepest walkable ground: cosine of its angle (50 degrees)
  float floor_y = -50.f;      // below this one is put back at the spawn
};

struct State {
  Vec3 position;  // of the feet
  Vec3 velocity;
  bool grounded = true;
};

struct Input {
  float move_x = 0, move_z = 0;  // wanted direction in the world, length at most 1
  bool run = false, jump = false;
};

// Advances by exactly 1/limits::kMotionStepHz seconds.
State step(const State& state, const Input& input, const Rules& rules, const CollisionWorld& world);

// The host's view of one visitor between two claims.
struct Judgement {
  enum class Verdict : std::uint8_t { accepted, too_fast, wall, flying, bounds } verdict = Verdict::accepted;
  State state;  // the claim when accepted, else where the visitor stays
};

// Keeps what the judge must remember about one visitor; 32 bytes or so.
struct Record {
  State state;
  float distance_credit = 0;  // metres that may still be covered at once; refills with time, so that jitter is no crime
  float air_time = 0;         // seconds since last on the ground
  float air_top = 0;          // highest point the present jump may reach
};

Record place(Vec3 position, const Rules& rules);  // at entering, after a correction

// `elapsed` is the host's own measure of the time since the last claim, in seconds: a client's clock proves nothing.
// A path is checked as the straight segment between the two places with a thinner capsule, since a client that slides
// round a corner between two claims cuts it by a little.
Judgement judge(Record& record, const State& claim, float elapsed, const Rules& rules, const CollisionWorld& world);

}  // namespace mw::motion
