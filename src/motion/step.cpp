#include "base/limits.h"
#include "motion/body.h"
#include "motion/geometry.h"
#include "motion/motion.h"
#include "motion/vector.h"

namespace mw::motion {
namespace {

constexpr float kDt = 1.f / limits::kMotionStepHz;
constexpr float kClimbSpeed = 4.f;     // m/s: how fast feet follow a step, so that stairs are not jolts
constexpr float kClimbPerSpeed = 1.3f;  // and faster for who runs: a 50 degree slope rises 1.2 m per m
constexpr int kSubstepsMax = 8;

void accelerate(State& s, const Input& input, const Rules& rules) {
  float x = input.move_x, z = input.move_z;
  const float length = length_flat(x, z);
  if (length > 1) {
    x /= length;
    z /= length;
  }
  const float speed = input.run ? rules.run_speed : rules.walk_speed;
  const float dx = x * speed - s.velocity.x, dz = z * speed - s.velocity.z;
  const float change = length_flat(dx, dz);
  const float allowed = rules.acceleration * (s.grounded ? 1.f : rules.air_control) * kDt;
  const float share = change > allowed ? allowed / change : 1.f;
  s.velocity.x += dx * share;
  s.velocity.z += dz * share;
}

void move_flat(State& s, const Rules& rules, const Nearby& nearby) {
  const Vec3 start = s.position;
  const Cylinder cylinder = whole_body(rules);
  const float way = length_flat(s.velocity.x, s.velocity.z) * kDt;
  const int substeps = static_cast<int>(least(1 + way / (rules.radius * 0.5f), kSubstepsMax));
  for (int i = 0; i < substeps; ++i) {
    const Vec3 before = s.position;
    s.position.x += s.velocity.x * (kDt / static_cast<float>(substeps));
    s.position.z += s.velocity.z * (kDt / static_cast<float>(substeps));
    if (push_out(s.position, s.velocity, nearby, cylinder) < kStuck) continue;
    if (deepest(nearby, s.position, cylinder).depth < deepest(nearby, before, cylinder).depth)
      continue;  // on the way out
    s.position = before;
    s.velocity.x = s.velocity.z = 0;
    break;
  }
  // A push out of a wall, too, is no faster than a run: the judge could not tell it from a cheat.
  const float dx = s.position.x - start.x, dz = s.position.z - start.z;
  const float moved = length_flat(dx, dz), allowed = rules.run_speed * kDt;
  if (moved > allowed) {
    s.position.x = start.x + dx * (allowed / moved);
    s.position.z = start.z + dz * (allowed / moved);
  }
}

// The height that the head leaves for feet that rise from `y` to `wanted`.
float headroom(const State& s, float y, float wanted, const Rules& rules, const Nearby& nearby) {
  const float head = y + rules.height;
  const float lowest = ceiling(nearby, s.position, head - kHeadSlack, wanted + rules.height, side_reach(rules));
  return lowest < wanted + rules.height ? most(y, lowest - rules.height - 1e-3f) : wanted;
}

void walk_on(State& s, Vec3 before, const Rules& rules, const Nearby& nearby) {
  const float y = s.position.y;
  const Support ground =
      support(nearby, s.position, y + rules.step_height, y - rules.step_height, side_reach(rules), rules.slope_cos);
  s.velocity.y = 0;
  const Cylinder cylinder = whole_body(rules);
  if (!ground.found || !ground.walkable) {
    s.grounded = !ground.found && wedged(s.position, kWedgeProbe, nearby, cylinder);
    return;
  }
  const float rate = most(kClimbSpeed, kClimbPerSpeed * length_flat(s.velocity.x, s.velocity.z)) * kDt;
  const float wanted = within(ground.y, y - rate, y + rate);
  const Vec3 there{s.position.x, wanted, s.position.z};
  const bool room =
      wanted <= y || (headroom(s, y, wanted, rules, nearby) >= wanted && depth_left(there, nearby, cylinder) < kStuck);
  if (!room && depth_left(before, nearby, cylinder) < kStuck) {  // no place to stand: as good as a wall
    s.position = before;
    s.velocity.x = s.velocity.z = 0;
    return;
  }
  s.position.y = wanted;
}

void fall(State& s, const Rules& rules, const Nearby& nearby) {
  const Cylinder cylinder = whole_body(rules);
  const float y = s.position.y;
  s.velocity.y = most(s.velocity.y - rules.gravity * kDt, -kFallSpeedMax);
  float wanted = y + s.velocity.y * kDt;
  const Support ground =
      support(nearby, s.position, y + rules.step_height, least(y, wanted), side_reach(rules), rules.slope_cos);
  bool landed = false;
  if (ground.found && ground.y >= wanted) {
    const float speed = length_flat(s.velocity.x, s.velocity.z);
    const float rate = most(kClimbSpeed, kClimbPerSpeed * speed) * kDt;
    wanted = least(ground.y, most(y, wanted) + rate);
    landed =
        s.velocity.y <= 0 && (ground.walkable || wanted >= y);  // a crevice that one cannot slide out of carries, too
  }
  if (wanted > y) {
    const float allowed = headroom(s, y, wanted, rules, nearby);
    if (allowed < wanted) s.velocity.y = least(s.velocity.y, 0);
    wanted = allowed;
  }
  if (!landed && wanted < y && wedged(s.position, y - wanted, nearby, cylinder)) {
    landed = true;
    wanted = y;
  }
  s.position.y = wanted;
  if (landed) {
    s.velocity.y = 0;
    s.grounded = true;
  } else if (ground.found && ground.y >= wanted) {
    s.velocity.y = most(s.velocity.y, -rules.run_speed);  // slides down a steep slope
  }
}

}  // namespace

State step(const State& state, const Input& input, const Rules& rules, const CollisionWorld& world) {
  State s = state;
  accelerate(s, input, rules);
  const float way = rules.run_speed * kDt + rules.radius + 0.1f;
  const float rise = most(rules.step_height, rules.jump_speed * kDt) + 0.1f;
  const float drop = most(rules.step_height, kFallSpeedMax * kDt) + 0.1f;
  Nearby nearby;
  world.gather({{s.position.x - way, s.position.y - drop, s.position.z - way},
                {s.position.x + way, s.position.y + rules.height + rise, s.position.z + way}},
               nearby);
  if (s.grounded && input.jump) {
    s.grounded = false;
    s.velocity.y = rules.jump_speed;
  }
  const Vec3 before = s.position;
  move_flat(s, rules, nearby);
  if (s.grounded) {
    walk_on(s, before, rules, nearby);
  } else {
    fall(s, rules, nearby);
  }
  return s;
}

}  // namespace mw::motion
