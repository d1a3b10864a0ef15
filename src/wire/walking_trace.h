// A seeded crowd for tests and benchmarks of the codec: people who stand, look round and gesture, and people who walk from
// place to place with a limited turning rate and a slight sway, one per square metre, 20 times a second. About a third
// stand. Only tests and benchmarks include this.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/limits.h"
#include "space/units.h"
#include "wire/poses.h"

namespace mw::wire {

class WalkingTrace {
 public:
  WalkingTrace(std::size_t people, std::uint32_t seed) : side_(std::sqrt(static_cast<float>(people))), random_(seed) {
    walkers_.resize(people);
    for (auto& w : walkers_) {
      w.x = uniform(0, side_);
      w.z = uniform(0, side_);
      w.heading = w.look = uniform(-kPi, kPi);
      if (uniform(0, 1) < 0.3f) {
        w.stand_s = uniform(0, 20);
      } else {
        set_off(w);
      }
    }
    for (int i = 0; i < 30 * limits::kTickHz; ++i) step();  // the start is forgotten
  }

  void step() {
    for (auto& w : walkers_) {
      if (w.walking) {
        walk(w);
      } else {
        stand(w);
      }
      w.vx = w.speed * std::sin(w.heading);
      w.vz = w.speed * std::cos(w.heading);
      w.x += w.vx * kTick;
      w.z += w.vz * kTick;
    }
  }

  // As a publisher would hand it to the encoder.
  std::vector<MovingPose> poses() const {
    std::vector<MovingPose> out(walkers_.size());
    for (std::size_t i = 0; i < walkers_.size(); ++i) {
      const auto& w = walkers_[i];
      Pose& pose = out[i].pose;
      pose.entity = EntityId{static_cast<std::uint32_t>(i) + 1};
      pose.x_cm = space::to_cm(w.x);
      pose.z_cm = space::to_cm(w.z);
      pose.yaw = space::yaw_to_8(space::yaw_from_radians(w.heading));
      pose.animation = w.walking ? Animation::walk : w.gesture_s > 0 ? Animation::wave : Animation::idle;
      constexpr float kParts = kTick * space::kCentimetresPerMetre * kVelocityParts;
      out[i].velocity.x = static_cast<std::int16_t>(space::nearest(w.vx * kParts, 32'767));
      out[i].velocity.z = static_cast<std::int16_t>(space::nearest(w.vz * kParts, 32'767));
    }
    return out;
  }

 private:
  static constexpr float kPi = 3.14159265f;
  static constexpr float kTick = 1.f / limits::kTickHz;
  static constexpr float kTurn = 3.1f;  // rad/s
  static constexpr float kAcceleration = 4.f;  // m/s^2

  struct Walker {
    float x = 0, z = 0, vx = 0, vz = 0, speed = 0, heading = 0;
    bool walking = false;
    float goal_x = 0, goal_z = 0, pace = 0, sway = 0;  // while walking
    float stand_s = 0, look = 0, glance_s = 0, gesture_s = 0;  // while standing
  };

  float uniform(float low, float high) { return low + (high - low) * static_cast<float>(random_() >> 8) / 16777216.f; }
  float exponential(float mean) { return -mean * std::log(uniform(1e-6f, 1)); }
  float normal() { return std::sqrt(-2 * std::log(uniform(1e-6f, 1))) * std::cos(uniform(0, 2 * kPi)); }
  static float wrap(float angle) { return angle - 2 * kPi * std::round(angle / (2 * kPi)); }
  static float toward(float from, float by, float most) { return from + std::clamp(by, -most, most); }

  void set_off(Walker& w) {
    w.walking = true;
    w.pace = uniform(1.f, 1.6f);
    w.sway = 0;
    for (int tries = 0; tries < 20; ++tries) {
      const float distance = uniform(5, 30), direction = uniform(-kPi, kPi);
      w.goal_x = w.x + distance * std::sin(direction);
      w.goal_z = w.z + distance * std::cos(direction);
      if (w.goal_x > 0 && w.goal_x < side_ && w.goal_z > 0 && w.goal_z < side_) return;
    }
    w.goal_x = uniform(0, side_);
    w.goal_z = uniform(0, side_);
  }

  void walk(Walker& w) {
    const float dx = w.goal_x - w.x, dz = w.goal_z - w.z;
    if (dx * dx + dz * dz < 0.6f) {
      if (uniform(0, 1) < 0.5f) {
        w.walking = false;
        w.stand_s = exponential(11);
        w.look = w.heading;
        w.glance_s = 1;
      } else {
        set_off(w);
      }
    }
    w.sway += -w.sway * kTick + 0.15f * std::sqrt(2 * kTick) * normal();
    const float want = std::atan2(dx, dz) + w.sway;
    w.heading = wrap(toward(w.heading, wrap(want - w.heading), kTurn * kTick));
    w.speed = toward(w.speed, w.pace - w.speed, kAcceleration * kTick);
  }

  void stand(Walker& w) {
    w.speed = std::max(0.f, w.speed - kAcceleration * kTick);
    w.stand_s -= kTick;
    w.glance_s -= kTick;
    w.gesture_s -= kTick;
    if (w.glance_s < 0) {
      w.glance_s = exponential(3);
      w.look = wrap(w.heading + uniform(-1, 1));
    }
    w.heading = wrap(toward(w.heading, wrap(w.look - w.heading), kTurn * kTick));
    if (w.gesture_s < -18) w.gesture_s = 2;
    if (w.stand_s < 0) set_off(w);
  }

  float side_;
  std::mt19937 random_;
  std::vector<Walker> walkers_;
};

}  // namespace mw::wire
