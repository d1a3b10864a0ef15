// The poses codec: everybody in a cell in one frame, encoded once for all. A group's keyframe lists members (slot order) with
// absolute poses and velocities; a delta predicts each member from the keyframe along its velocity, bent by how far the body
// turned, and codes only what the prediction missed, so any delta decodes from the keyframe alone. A rekey is another encoding
// of a keyframe: what differs from the keyframe of the group before, for those who hold that. Bytes and bounds:
// schema/frames.md, "Poses". At level 0 the published position is exact to the unit of 1 cm, body direction to 1/256 turn;
// further levels are coarser and rarer (LevelRule).
// Compiled native and to WebAssembly; integers only; no allocation after the vectors reached their size.
// Thread: an encoder or decoder belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "wire/prefix_code.h"

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

// Along which a delta predicts, in 1/kVelocityParts cm per tick.
inline constexpr int kVelocityBits = 5;
inline constexpr int kVelocityParts = 1 << kVelocityBits;
struct PoseVelocity {
  std::int16_t x = 0, y = 0, z = 0;
  friend bool operator==(const PoseVelocity&, const PoseVelocity&) = default;
};

// What an encoder is given. The velocity only steers the prediction: a wrong one costs bytes, never accuracy.
struct MovingPose {
  Pose pose;
  PoseVelocity velocity;
};

// Levels of detail. A level rounds to the nearest step of its own, so that at the tick of a frame nobody is drawn further
// from the truth than half a step: 0.5, 1, 2, 4 and 8 cm on each axis, 1/512, 1/256, 1/128, 1/64 and 1/64 of a turn. The
// caller rounded to centimetres and 256ths before; of what it gives, level 0 loses nothing.
enum class PoseLevel : std::uint8_t { full = 0, near = 1, middle = 2, far = 3, distant = 4 };
inline constexpr unsigned kPoseLevels = 5;
struct LevelRule {
  unsigned period_ticks = 1;  // a frame is due on every such tick
  unsigned position_shift = 0;  // places are multiples of 2^shift cm
  unsigned yaw_bits = 8;  // directions are multiples of 1/2^bits of a turn
  unsigned group_ticks = 10;  // another group opens after that: a longer one drifts, a shorter one costs keyframes
};
inline constexpr LevelRule level_rule(PoseLevel level) {
  constexpr LevelRule kRules[kPoseLevels] = {
      {1, 0, 8, 10}, {2, 1, 7, 10}, {4, 2, 6, 12}, {10, 3, 5, 20}, {20, 4, 5, 20}};
  return kRules[static_cast<unsigned>(level)];
}

inline constexpr std::uint32_t kGroupTicksMax = 255;  // a delta lies at most so many ticks after its keyframe

// Encoder of one track.
class PoseEncoder {
 public:
  // Room for `capacity` members is made here; more members allocate.
  explicit PoseEncoder(std::size_t capacity = 0, PoseLevel level = PoseLevel::full);
  // No payload of so many members is longer, nor does encoding one need more room in `out`.
  static std::size_t bytes_max(std::size_t members);

  // Opens a group with these members: at most limits::kPosesPerFrame, in ascending order of entity, within the extent of
  // a world (asserted). `tick` is the host's tick number, carried in the frame. `out` is replaced by the payload.
  void keyframe(std::uint32_t tick, std::span<const MovingPose> poses, Bytes& out);

  // Right after `keyframe`: its other encoding, relative to the keyframe before, which decodes to identical integers. False, and
  // `out` undefined, when there was none, it is over kGroupTicksMax ticks old, or `shorter_than` bytes would not do.
  bool rekey(std::size_t shorter_than, Bytes& out);

  // `poses` has the keyframe's members in the keyframe's order (asserted). False, and `out` undefined, when a member went
  // so far from its prediction (4,095 steps of the level) or the group is so old that a keyframe must be sent instead.
  bool delta(std::uint32_t tick, std::span<const MovingPose> poses, Bytes& out);

  // How often each symbol occurred in the last delta or rekey, by code: what trained codes are made from.
  static constexpr unsigned kCodes = 13;
  using Counts = std::array<std::array<std::uint32_t, kSymbolsMax>, kCodes>;
  const Counts& counts() const { return counts_; }

 private:
  struct Miss {  // by how much the prediction missed a member
    std::int16_t first = 0, second = 0;  // who stood: x and z; who moved: aside and along
    std::int32_t y = 0;
    std::int8_t yaw = 0;  // in steps of the level
    bool moved = false, state = false;  // at the keyframe; animation or speaking changed
    std::int16_t speed = 0, drift = 0;  // of a rekey's velocity, along and aside
    std::int32_t lift = 0;
  };
  bool miss(const MovingPose& key, const Pose& now, std::uint32_t dt, Miss& m) const;
  bool miss_velocity(const MovingPose& key, const MovingPose& now, Miss& m) const;
  void count(const Miss& m);
  void count_velocity(const Miss& m, bool stands);
  bool match();
  PoseLevel level_;
  std::vector<MovingPose> key_, before_;  // in steps of the level: of this group, of the one before
  std::vector<Miss> misses_;
  std::vector<std::uint32_t> left_, came_, stayed_;  // of a rekey: places in before_, in key_, in key_
  Counts counts_{};
  std::uint32_t key_tick_ = 0, before_tick_ = 0;
  unsigned keyframes_ = 0;  // up to 2
};

// Decoder of one track. Hostile bytes give an error (`invalid`, naming the part) and leave the last good state; time and
// memory are bounded by limits::kPosesPerFrame.
class PoseDecoder {
 public:
  Status keyframe(std::uint32_t group, ByteView payload);
  // Error `conflict` when the group is not the one after the current one.
  Status rekey(std::uint32_t group, ByteView payload);
  Status delta(std::uint32_t group, ByteView payload);  // error `conflict` when the group is not the current one
  const std::vector<Pose>& poses() const { return poses_; }
  std::uint32_t tick() const { return tick_; }
  std::uint32_t group() const { return group_; }  // 0 before the first keyframe
  PoseLevel level() const { return level_; }

 private:
  void open(std::uint32_t group, std::uint32_t tick);

  std::vector<MovingPose> key_, next_key_, came_;  // in steps of the level
  std::vector<std::uint32_t> left_;
  std::vector<Pose> poses_, next_;
  std::uint32_t group_ = 0, key_tick_ = 0, tick_ = 0;
  PoseLevel level_ = PoseLevel::full;
};

}  // namespace mw::wire
