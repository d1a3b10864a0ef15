#include "bench/trace.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mw::bench {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr float kTurnRate = 3.1f;      // rad/s
constexpr float kAcceleration = 4.0f;  // m/s^2
constexpr float kWanderSd = 0.157f;    // 9 degrees

float wrap(float angle) { return angle - 2 * kPi * std::floor((angle + kPi) / (2 * kPi)); }

}  // namespace

Walker::Walker(Trace trace, float side_m, std::uint64_t seed)
    : trace_(trace), side_(side_m), random_(seed * 0x9E3779B97F4A7C15ull + 1) {
  mover_.x = uniform(-side_ / 2, side_ / 2);
  mover_.z = uniform(-side_ / 2, side_ / 2);
  mover_.yaw = uniform(-kPi, kPi);
  if (uniform(0, 1) < 0.3f) {
    pause_ = uniform(0, 20);
  } else {
    choose_goal();
  }
}

float Walker::uniform(float low, float high) {  // splitmix64
  std::uint64_t z = (random_ += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  return low + (high - low) * static_cast<float>(z >> 40) * (1.0f / 16777216.0f);
}

float Walker::normal() {
  const float u = uniform(1e-6f, 1);
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * kPi * uniform(0, 1));
}

void Walker::put(float x, float z, float home_x, float home_z) {
  mover_ = {x, z, 0, 0, mover_.yaw};
  home_x_ = home_x;
  home_z_ = home_z;
  speed_ = 0;
  choose_goal();
}

void Walker::choose_goal() {
  goal_x_ = home_x_ + uniform(-side_ / 2, side_ / 2);
  goal_z_ = home_z_ + uniform(-side_ / 2, side_ / 2);
  wanted_speed_ = uniform(1.0f, 1.6f);
  wander_ = 0;
  walking_ = true;
}

void Walker::turn_towards(float wanted, float dt) {
  const float most = kTurnRate * dt;
  mover_.yaw = wrap(mover_.yaw + std::clamp(wrap(wanted - mover_.yaw), -most, most));
}

void Walker::step(float dt) {
  if (trace_ == Trace::walk) {
    step_walk(dt);
  } else {
    step_player(dt);
  }
  mover_.vx = speed_ * std::sin(mover_.yaw);
  mover_.vz = speed_ * std::cos(mover_.yaw);
  mover_.x += mover_.vx * dt;
  mover_.z += mover_.vz * dt;
}

void Walker::step_walk(float dt) {
  if (!walking_) {
    speed_ = std::max(0.0f, speed_ - kAcceleration * dt);
    pause_ -= dt;
    if (pause_ < 0) choose_goal();
    return;
  }
  const float dx = goal_x_ - mover_.x, dz = goal_z_ - mover_.z;
  if (dx * dx + dz * dz < 0.6f) {
    walking_ = uniform(0, 1) >= 0.5f;
    if (walking_) {
      choose_goal();
    } else {
      pause_ = -11 * std::log(uniform(1e-6f, 1));
    }
    return;
  }
  wander_ += -wander_ * dt + kWanderSd * std::sqrt(2 * dt) * normal();
  turn_towards(std::atan2(dx, dz) + wander_, dt);
  speed_ += std::clamp(wanted_speed_ - speed_, -kAcceleration * dt, kAcceleration * dt);
}

void Walker::step_player(float dt) {
  pause_ -= dt;
  if (pause_ < 0) {  // another key: stop, walk or run, straight on or turned by an eighth or a quarter
    pause_ = -1.5f * std::log(uniform(1e-6f, 1));
    const float choice = uniform(0, 1);
    speed_ = choice < 0.3f ? 0.0f : choice < 0.5f ? 3.5f : 1.4f;
    const float centre = std::atan2(home_x_ - mover_.x, home_z_ - mover_.z);
    const bool outside = std::abs(mover_.x - home_x_) > side_ / 2 || std::abs(mover_.z - home_z_) > side_ / 2;
    mover_.yaw = outside ? centre : wrap(mover_.yaw + kPi / 4 * std::floor(uniform(-2, 3)));
  }
}

}  // namespace mw::bench
