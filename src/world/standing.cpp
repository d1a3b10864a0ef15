#include "world/standing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <vector>

namespace mw::world {
namespace {

constexpr float kElbowRoom = 0.7f;  // between the middles of two people, m
constexpr float kLevel = 0.6f;  // how much higher or lower one may stand, m

float apart2(motion::Vec3 a, motion::Vec3 b) { return (a.x - b.x) * (a.x - b.x) + (a.z - b.z) * (a.z - b.z); }

// Nothing between two who stand so near: at the knees, where benches are, and at the chest, where walls and counters are.
bool clear_between(const motion::CollisionWorld& collision, motion::Vec3 from, motion::Vec3 to) {
  return std::ranges::all_of(std::array{0.65f, 1.2f}, [&](float up) {
    return collision.ray({from.x, from.y + up, from.z}, {to.x, to.y + up, to.z}) >= 1;
  });
}

}  // namespace

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

std::optional<motion::Vec3> spot_beside(const motion::CollisionWorld& collision, const motion::Rules& rules,
                                        motion::Vec3 host, float yaw, std::span<const motion::Vec3> people) {
  std::vector<motion::Vec3> near;
  const float reach = kBeside + kElbowRoom;
  std::ranges::copy_if(people, std::back_inserter(near),
                       [&](motion::Vec3 one) { return apart2(one, host) < reach * reach; });
  for (const float distance : {1.2f, 1.6f, 1.95f}) {
    for (const float degrees : {90.f, -90.f, 60.f, -60.f, 120.f, -120.f, 30.f, -30.f, 150.f, -150.f, 0.f, 180.f}) {
      const float angle = yaw + degrees * 0.0174532925f;
      const motion::Vec3 wanted{host.x + distance * std::sin(angle), host.y, host.z + distance * std::cos(angle)};
      const auto ground = ground_at(collision, wanted, kLevel);
      if (!ground) continue;
      const motion::Vec3 spot{wanted.x, *ground, wanted.z};
      const bool crowded =
          std::ranges::any_of(near, [&](motion::Vec3 one) { return apart2(one, spot) < kElbowRoom * kElbowRoom; });
      if (!crowded && is_free(collision, rules, spot) && clear_between(collision, host, spot)) return spot;
    }
  }
  return std::nullopt;
}

}  // namespace mw::world
