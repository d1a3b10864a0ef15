// A seeded obstacle course for tests, benchmarks and the agreement of native and WebAssembly: ground, walls thick and thin,
// boxes of all heights, stairs, ramps from gentle to too steep, tables without sides, arches one must duck under and
// cannot, pillars. Basic arithmetic only, so that both builds make the same one.
// Only tests, benchmarks and the self-test of the WebAssembly module include this.
#pragma once

#include <cstdint>
#include <vector>

#include "motion/collision.h"

namespace mw::motion {

// xorshift64*: the same numbers everywhere (Vigna, "An experimental exploration of Marsaglia's xorshift generators").
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint32_t bits() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<std::uint32_t>(state_ * 0x2545F4914F6CDD1Du >> 32);
  }
  float unit() { return static_cast<float>(bits() >> 8) / 16777216.f; }
  float between(float low, float high) { return low + (high - low) * unit(); }
  bool chance(float p) { return unit() < p; }

 private:
  std::uint64_t state_;
};

// A direction as a unit vector without sine and cosine: a point of the rational circle.
struct Direction {
  float x = 0, z = 1;
};
inline Direction any_direction(Dice& dice) {
  const float t = dice.between(-1, 1), n = 1 + t * t;
  const Direction d{2 * t / n, (1 - t * t) / n};
  return dice.chance(0.5f) ? d : Direction{d.x, -d.z};
}

inline void add_quad(std::vector<Triangle>& out, Vec3 a, Vec3 b, Vec3 c, Vec3 d) {
  out.push_back({a, b, c});
  out.push_back({a, c, d});
}

// A box or, with `rise` > 0, a wedge whose top climbs from y + 0 at -z to y + rise at +z. Turned about its centre.
struct Block {
  Vec3 centre;  // of the base
  float half_x = 1, half_z = 1;
  float low = 1, high = 1;  // heights of the top at -z and +z
  Direction turn;
};
inline void add_block(std::vector<Triangle>& out, const Block& b) {
  const auto at = [&](float x, float y, float z) {
    return Vec3{b.centre.x + b.turn.z * x + b.turn.x * z, b.centre.y + y, b.centre.z + b.turn.z * z - b.turn.x * x};
  };
  const Vec3 base[4] = {at(-b.half_x, 0, -b.half_z), at(b.half_x, 0, -b.half_z), at(b.half_x, 0, b.half_z),
                        at(-b.half_x, 0, b.half_z)};
  const Vec3 top[4] = {at(-b.half_x, b.low, -b.half_z), at(b.half_x, b.low, -b.half_z), at(b.half_x, b.high, b.half_z),
                       at(-b.half_x, b.high, b.half_z)};
  add_quad(out, top[0], top[1], top[2], top[3]);
  for (int i = 0; i < 4; ++i) add_quad(out, base[i], base[(i + 1) % 4], top[(i + 1) % 4], top[i]);
}

inline void add_stairs(std::vector<Triangle>& out, Vec3 foot, Direction turn, float rise, float run, int steps) {
  for (int i = 0; i < steps; ++i) {
    const float along = run * (static_cast<float>(i) + 0.5f);
    add_block(out, Block{{foot.x + turn.x * along, foot.y, foot.z + turn.z * along},
                         1.2f,
                         run * 0.5f,
                         rise * static_cast<float>(i + 1),
                         rise * static_cast<float>(i + 1),
                         turn});
  }
}

inline void add_obstacle(std::vector<Triangle>& out, Dice& dice, Vec3 at) {
  const Direction turn = any_direction(dice);
  switch (dice.bits() % 8) {
    case 0: {  // a box between a kerb and a house
      const float height = dice.between(0.05f, 3);
      add_block(out, Block{at, dice.between(0.2f, 2), dice.between(0.2f, 2), height, height, turn});
      break;
    }
    case 1:  // a wall as thin as paper
      add_block(out, Block{at, dice.between(0.5f, 3), 0.005f, 2.5f, 2.5f, turn});
      break;
    case 2: {  // a ramp, walkable or not
      const float half = dice.between(0.8f, 2.5f);
      add_block(out, Block{at, dice.between(0.8f, 2), half, 0, half * dice.between(0.2f, 4), turn});
      break;
    }
    case 3: {
      const float rise = dice.between(0.1f, 0.34f), run = dice.between(0.25f, 0.5f);
      add_stairs(out, at, turn, rise, run, 3 + static_cast<int>(dice.bits() % 8));
      break;
    }
    case 4: {  // a table: a top alone
      const float height = dice.between(0.4f, 2.2f), half = dice.between(0.5f, 1.5f);
      add_quad(out, {at.x - half, height, at.z - half}, {at.x + half, height, at.z - half},
               {at.x + half, height, at.z + half}, {at.x - half, height, at.z + half});
      break;
    }
    case 5: {  // two posts and a beam
      const float height = dice.between(1.5f, 2.2f);
      add_block(out, Block{{at.x + turn.z, 0, at.z - turn.x}, 0.15f, 0.15f, 2.6f, 2.6f, turn});
      add_block(out, Block{{at.x - turn.z, 0, at.z + turn.x}, 0.15f, 0.15f, 2.6f, 2.6f, turn});
      add_block(out, Block{{at.x, height, at.z}, 1, 0.2f, 0.4f, 0.4f, turn});
      break;
    }
    case 6:  // a pillar
      add_block(out, Block{at, 0.08f, 0.08f, 3, 3, turn});
      break;
    default: {  // a pen: a corner to run into
      add_block(out, Block{at, 1.5f, 0.1f, 2, 2, turn});
      const Direction across{turn.z, -turn.x};
      add_block(out, Block{{at.x + turn.z * 1.4f, 0, at.z - turn.x * 1.4f}, 1.5f, 0.1f, 2, 2, across});
      break;
    }
  }
}

// A square of `side` metres about the origin, walled in, with one obstacle for each 12 square metres.
inline std::vector<Triangle> make_course(std::uint64_t seed, float side) {
  Dice dice(seed);
  std::vector<Triangle> out;
  const float h = side * 0.5f;
  add_quad(out, {-h, 0, -h}, {h, 0, -h}, {h, 0, h}, {-h, 0, h});
  for (int i = 0; i < 4; ++i) {
    const Direction turn = i % 2 == 0 ? Direction{0, 1} : Direction{1, 0};
    const float sign = i < 2 ? 1.f : -1.f;
    add_block(out, Block{{turn.x * h * sign, 0, turn.z * h * sign}, h, 0.2f, 6, 6, turn});
  }
  const int obstacles = static_cast<int>(side * side / 12);
  for (int i = 0; i < obstacles; ++i) {
    const Vec3 at{dice.between(-h, h), 0, dice.between(-h, h)};
    if (at.x * at.x + at.z * at.z < 36) continue;  // the middle is free: players start there
    add_obstacle(out, dice, at);
  }
  return out;
}

}  // namespace mw::motion
