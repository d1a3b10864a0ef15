// The poses codec: everybody in a world (later: in a cell) in one frame, encoded once for all. A group's keyframe lists
// members (slot order) with absolute poses and velocities; a delta predicts each member from the keyframe along its
// velocity and codes only what the prediction missed, so any delta decodes from the keyframe alone. Bytes and bounds:
// schema/frames.md, "Poses". The published position is exact to the unit of 1 cm; body direction to 1/256 turn.
// Compiled native and to WebAssembly; integers only; no allocation after the vectors reached their size.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace mw::wire {

// What the animation shows; the first four follow from the motion, the rest are gestures.
enum class Animation : std::uint8_t { idle = 0, walk = 1, run = 2, jump = 3, sit = 4, wave = 5, cheer = 6, clap = 7 };

// One avatar at one tick, quantised.
struct Pose {
  EntityId entity;
  std::int32_t x_cm = 0, y_cm = 0, z_cm = 0;
  std::uint8_t yaw = 0;  // 256 steps a turn
  Animation animation = Animation::idle;
  bool speaking = false;
  friend bool operator==(const Pose&, const Pose&) = default;
};

// Encoder of one track. `velocity` (1/16 cm per tick) is the encoder's own estimate, taken from successive poses.
class PoseEncoder {
 public:
  // Opens a group with these members in this order. `tick` is the host's tick number, carried in the frame.
  void keyframe(std::uint32_t tick, const std::vector<Pose>& poses, Bytes& out);
  // `poses` has the keyframe's members in the keyframe's order.
  void delta(std::uint32_t tick, const std::vector<Pose>& poses, Bytes& out);

 private:
  struct Member {
    Pose key;
    std::int16_t vx = 0, vy = 0, vz = 0;
    std::int32_t last_x = 0, last_y = 0, last_z = 0;
  };
  std::vector<Member> members_;
  std::uint32_t key_tick_ = 0;
};

// Decoder of one track. Hostile bytes give an error and leave the last good state; time and memory are bounded by
// limits::kAvatarsPerWorld.
class PoseDecoder {
 public:
  Status keyframe(std::uint32_t group, ByteView payload);
  Status delta(std::uint32_t group, ByteView payload);  // error `conflict` when the group is not the current one
  const std::vector<Pose>& poses() const { return poses_; }
  std::uint32_t tick() const { return tick_; }

 private:
  struct Member {
    Pose key;
    std::int16_t vx = 0, vy = 0, vz = 0;
  };
  std::vector<Member> members_;
  std::vector<Pose> poses_;
  std::uint32_t group_ = 0, key_tick_ = 0, tick_ = 0;
};

}  // namespace mw::wire
