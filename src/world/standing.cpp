#include "world/standing.h"

namespace mw::world {

std::optional<float> ground_at(const motion::CollisionWorld& collision, motion::Vec3 wanted, float reach) {
  float ground = 0;
  if (!collision.ground_below(wanted.x, wanted.z, wanted.y + 0.6f, wanted.y - reach, ground)) return std::nullopt;
  return ground;
}

bool is_free(const motion::CollisionWorld& collision, const motion::Rules& rules, motion::Vec3 feet) {
  // One step moves a body out of a wall by at most a sixtieth of a run, so a little is enough to tell.
  constexpr float most = 0.04f;  // m
  const motion::State state{feet, {}, true};
  const auto moved = motion::step(state, {}, rules, collision).position;
  const float dx = moved.x - feet.x, dy = moved.y - feet.y, dz = moved.z - feet.z;
  return dx * dx + dz * dz < most * most && dy * dy < rules.step_height * rules.step_height + most * most;
}

}  // namespace mw::world
