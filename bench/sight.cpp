#include "bench/sight.h"

#include <cmath>
#include <numbers>

#include "base/limits.h"

namespace mw::bench {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr double kTickMs = limits::kTickMs;
constexpr float kLeastM = 0.5f, kNearM = 3, kMidM = 10, kTwentyM = 20;
constexpr float kHalfView = kPi / 4;
constexpr float kWalkingSpeed = 0.5f;

float wrap(float angle) { return angle - 2 * kPi * std::floor((angle + kPi) / (2 * kPi)); }

// The angle between where somebody is drawn and where they are, seen by `self`, in degrees.
float angle_between(const Place& self, float drawn_x, float drawn_z, const Place& truth) {
  const float drawn = std::atan2(drawn_x - self.x, drawn_z - self.z);
  const float there = std::atan2(truth.x - self.x, truth.z - self.z);
  return std::abs(wrap(drawn - there)) * 180 / kPi;
}

// The moment at which that tick was, on this machine's clock.
double moment_of(const TickClock& host, double tick, double now) {
  return now - (host.target_at(now) - tick) / limits::kTickHz;
}

void add_lag(const Truth& truth, const Truth::Person& person, const Eye::Drawn& drawn, double moment, Sight& out) {
  Place then;
  if (!truth.at(person, moment, then)) return;
  const float speed = std::hypot(then.vx, then.vz);
  if (speed < kWalkingSpeed) return;
  const float behind = (then.x - drawn.newest_x) * then.vx + (then.z - drawn.newest_z) * then.vz;
  out.lag_ms.add(1000 * behind / (speed * speed));
}

// The ring in which somebody at `place` stands; nothing for whom one does not see.
Ring* ring_of(const Place& self, const Place& place, Sight& out) {
  const float dx = place.x - self.x, dz = place.z - self.z, distance = std::hypot(dx, dz);
  if (distance < kLeastM || std::abs(wrap(std::atan2(dx, dz) - self.yaw)) > kHalfView) return nullptr;
  return distance < kNearM ? &out.near : distance < kMidM ? &out.mid : &out.far;
}

}  // namespace

void look(Eye& eye, const Looking& looking, std::uint32_t viewer, double now, Sight& out) {
  const auto& [truth, host, input_delay] = looking;
  Place self;
  if (!eye.clock().ready() || !host.ready() || !truth.at(viewer, now, self)) return;
  const double draw_tick = eye.draw_tick(now), now_tick = host.target_at(now);
  const double drawn_at = moment_of(host, draw_tick, now);
  for (const Truth::Person& person : truth.people()) {
    Place then, present;
    if (person.entity == viewer || !truth.at(person, drawn_at, then) || !truth.at(person, now, present)) continue;
    Ring* const ring = ring_of(self, present, out);
    Eye::Drawn drawn;
    const bool seen = eye.find(person.entity, draw_tick, now_tick, drawn);
    if (ring != nullptr) {
      ++out.in_view;
      if (!seen) ++out.unseen;
    }
    if (!seen) continue;
    const double age = (now_tick - drawn.tick) * kTickMs;
    out.age_all_ms.add(age);
    if (std::hypot(present.x - self.x, present.z - self.z) <= kTwentyM) out.age_20m_ms.add(age);
    if (Place known; truth.at(person, drawn_at - input_delay, known))
      if (Ring* const before = ring_of(self, known, out); before != nullptr)
        for (Ring* one : {before, &out.all}) one->host_deg.add(angle_between(self, drawn.x, drawn.z, known));
    if (Ring* const before = ring_of(self, then, out); before != nullptr)
      for (Ring* one : {before, &out.all}) one->drawn_deg.add(angle_between(self, drawn.x, drawn.z, then));
    if (ring == nullptr) continue;
    add_lag(truth, person, drawn, moment_of(host, drawn.tick, now), out);
    for (Ring* one : {ring, &out.all}) {
      one->display_deg.add(angle_between(self, drawn.x, drawn.z, present));
      one->ahead_deg.add(angle_between(self, drawn.ahead_x, drawn.ahead_z, present));
      one->age_ms.add(age);
    }
  }
}

}  // namespace mw::bench
