// Seeded motion of a crowd, for load clients: the same seed gives the same steps on every machine. Metres, seconds, a flat
// floor at y = 0, inside a square of side `side_m` around the origin.
#pragma once

#include <cstdint>
#include <vector>

namespace mw::bench {

enum class Trace : std::uint8_t {
  walk,  // about 30 % stand; the rest walk to random points with a heading that wanders by some 9 degrees
  player,  // keyboard-like: straight runs, sudden stops, turns in steps
};

struct Mover {
  float x = 0, z = 0;  // m
  float vx = 0, vz = 0;  // m/s
  float yaw = 0;  // radians, 0 looks along +z and grows towards +x
};

// The motion of one person. Advance in steps of at most 0.1 s.
class Walker {
 public:
  Walker(Trace trace, float side_m, std::uint64_t seed);
  void step(float dt);
  const Mover& now() const { return mover_; }
  // The host says otherwise (a wall, a spawn): go on from there, to somewhere else.
  void put(float x, float z, float home_x, float home_z);

 private:
  float uniform(float low, float high);
  float normal();
  void choose_goal();
  void step_walk(float dt);
  void step_player(float dt);
  void turn_towards(float wanted, float dt);

  Trace trace_;
  float side_;
  std::uint64_t random_;
  Mover mover_;
  float home_x_ = 0, home_z_ = 0;
  float goal_x_ = 0, goal_z_ = 0;
  float speed_ = 0, wanted_speed_ = 0;
  float wander_ = 0;  // radians added to the heading
  float pause_ = 0;  // seconds left of standing or of the present key press
  bool walking_ = false;
};

}  // namespace mw::bench
