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
  float walk_speed = 1.8f;  // m/s
  float run_speed = 5.0f;  // m/s; nothing moves a person sideways faster than this
  float jump_speed = 4.6f;  // m/s upwards at take-off: about 1.1 m high
  float gravity = 9.81f;  // m/s^2
  float acceleration = 30.f;  // m/s^2 on the ground
  float air_control = 0.35f;  // share of the acceleration while in the air
  float radius = 0.3f;  // of a person, m
  float height = 1.7f;  // of a person, m
  float step_height = 0.35f;  // climbed without a jump, m
  float slope_cos = 0.64f;  // steepest walkable ground: cosine of its angle (50 degrees)
  float floor_y = -50.f;  // below this one is put back at the spawn
};
inline constexpr float kFallSpeedMax = 15.f;  // m/s

struct State {
  Vec3 position;  // of the feet
  Vec3 velocity;
  bool grounded = true;
};

struct Input {
  float move_x = 0, move_z = 0;  // wanted direction in the world, length at most 1 (longer ones are cut)
  bool run = false, jump = false;
};

// Advances by exactly 1/limits::kMotionStepHz seconds.
State step(const State& state, const Input& input, const Rules& rules, const CollisionWorld& world);

// The host's view of one visitor between two claims.
struct Judgement {
  enum class Verdict : std::uint8_t { accepted, too_fast, wall, flying, bounds } verdict = Verdict::accepted;
  // The claim when accepted, with a velocity within the rules; else where the visitor stays (one who flew: the ground
  // below). After a refusal the caller tells the client and begins a new record with place().
  State state;
};

// Keeps what the judge must remember about one visitor.
struct Record {
  State state;  // of the last claim that was accepted
  Vec3 earlier;  // the place of the one before
  float credit = 0;  // metres that may still be covered at once; refills with time, so that jitter is no crime
  float air_time = -1;  // seconds since the first claim off the ground; negative on the ground
  float ground_y = 0;  // height of the feet when last on the ground
  float hop_credit = 0;  // seconds that a touch of the ground between two claims may have taken
  float hover_s = 0;  // seconds off the ground between the two heights below, of one band
  float hover_low = 0, hover_high = 0;
};

Record place(Vec3 position, const Rules& rules);  // at entering, and after a refusal

// `elapsed` is the host's own measure of the time since the last claim, in seconds: a client's clock proves nothing.
// What holds: over any longer time nobody is faster than run_speed (by more than 5 %); a path crosses no wall, judged with a
// thinner person and with some slack at corners, since a claim every 200 ms cuts them; nobody rises above a jump or
// stays in the air longer than a fall takes, or at one height in the air longer than the top of a jump does. Falling below floor_y is no crime: the caller looks at it and puts the visitor back. A client that runs step() is never refused, however its claims are bunched
// by less than kJitterS.
inline constexpr float kJitterS = 0.75f;
Judgement judge(Record& record, const State& claim, float elapsed, const Rules& rules, const CollisionWorld& world);

}  // namespace mw::motion
