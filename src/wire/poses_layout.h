// What the two sides of the poses codec share: the alphabets, their contexts and the prediction. The bytes are those of
// schema/frames.md, "Poses"; nothing but the codec and its tests includes this.
#pragma once

#include <array>
#include <cstdint>

#include "space/units.h"
#include "wire/poses.h"
#include "wire/poses_turn.h"
#include "wire/prefix_code.h"

namespace mw::wire::layout {

// Keyframe: widths in bits.
inline constexpr unsigned kOriginBits = 20;  // holds a coordinate plus kOriginBias
inline constexpr std::int32_t kOriginBias = 1 << (kOriginBits - 1);
inline constexpr unsigned kWidthBits = 5;
inline constexpr unsigned kVelocityWidthMax = 16;
inline constexpr unsigned kAnimationBits = 3, kSpeakingBits = 1;
static_assert(space::kExtentCm < kOriginBias);

// Deltas and rekeys: a class c >= 1 of a number holds those of c bits, its sign among them (put_classed); c = 0 is zero.
inline constexpr unsigned kClassMax = 13;
inline constexpr std::int32_t kMissMax = 4'095;  // steps on each axis: further from its prediction nobody is coded
inline constexpr unsigned kVertical = 14;  // the height's miss, then another symbol
inline constexpr unsigned kState = 15;  // animation and speaking, then another symbol
inline constexpr unsigned kVerticalOrder = 2;  // of the exponential Golomb code
inline constexpr unsigned kYawClassMax = 8;
// Who stood at the keyframe: symbols of the place.
inline constexpr unsigned kAsPredicted = 0;  // place and direction
inline constexpr unsigned kPlaceAsPredicted = 1;  // the direction follows
inline constexpr unsigned kPlaceClassMax = 12;  // symbols 2 to 13: class c = symbol - 1; max(|x|, |z|) has c bits
// Who moved: first the class of the turn, or that nothing was missed.
inline constexpr unsigned kAllAsPredicted = 9;
// A rekey's velocity: a class of what is missing along, or:
inline constexpr unsigned kStands = 15;  // it is zero
inline constexpr unsigned kVelocityVerticalOrder = 4;

// The codes of a frame; a delta has the first kDeltaCodes.
enum Code : unsigned {
  kPlace,  // of who stood
  kYaw,
  kTurn,  // of who moved
  kAside,  // three, by the turn's class
  kAlong = kAside + 3,  // three, by the class aside
  kDeltaCodes = kAlong + 3,
  kSpeed = kDeltaCodes,  // two: of who stood, who moved
  kDrift = kSpeed + 2,  // two
  kCodes = kDrift + 2,
};
static_assert(PoseEncoder::kCodes == kCodes);
inline constexpr unsigned bucket(unsigned miss_class) { return miss_class <= 1 ? 0 : miss_class <= 3 ? 1 : 2; }
inline constexpr unsigned symbols_of(unsigned code) { return code == kYaw ? kYawClassMax + 1 : kSymbolsMax; }

inline constexpr bool moves(const PoseVelocity& v) { return (v.x | v.y | v.z) != 0; }

// Where a coordinate is `dt` ticks after the keyframe, if nothing changes. Shifts of negative numbers round down (C++20).
inline constexpr std::int32_t predict(std::int32_t key, std::int16_t velocity, std::uint32_t dt) {
  return key + ((velocity * static_cast<std::int32_t>(dt) + (kVelocityParts / 2)) >> kVelocityBits);
}

// A direction of a level in 256ths of a turn, and how far from one to another the shorter way, -128 to 127 256ths.
inline constexpr unsigned full_yaw(std::uint8_t yaw, const LevelRule& rule) {
  return unsigned{yaw} << (8 - rule.yaw_bits);
}
inline constexpr std::int8_t turn_between(unsigned from, unsigned to) { return static_cast<std::int8_t>(to - from); }

// Where who moved is expected `dt` ticks after the keyframe, having turned by so much; and in which direction what is missing
// is told: halfway through the turn.
inline constexpr Pair expected(const MovingPose& key, std::uint32_t dt, std::int8_t turn) {
  const auto ticks = static_cast<std::int64_t>(dt);
  const Pair way =
      turning(key.velocity.x * ticks, key.velocity.z * ticks, static_cast<std::uint8_t>(turn), kVelocityBits);
  return {key.pose.x_cm + way.first, key.pose.z_cm + way.second};
}
inline constexpr unsigned halfway(const MovingPose& key, std::int8_t turn, const LevelRule& rule) {
  return (full_yaw(key.pose.yaw, rule) + static_cast<unsigned>(turn >> 1)) & 255;
}

// Trained codes (trained_codes.cpp) differ by how long ago the keyframe was.
inline constexpr unsigned kAges = 8;
inline constexpr unsigned age_of(std::uint32_t dt) {
  return dt <= 3 ? dt - 1 : dt <= 5 ? 3 : dt <= 8 ? 4 : dt <= 12 ? 5 : dt <= 20 ? 6 : 7;
}
using Codes = std::array<CodeLengths, kCodes>;
const Codes& trained_codes(PoseLevel level, std::uint32_t dt);

inline constexpr std::uint32_t zigzag(std::int32_t v) {
  return (static_cast<std::uint32_t>(v) << 1) ^ static_cast<std::uint32_t>(v >> 31);
}
inline constexpr std::int32_t unzigzag(std::uint32_t v) { return static_cast<std::int32_t>((v >> 1) ^ (0u - (v & 1))); }

inline constexpr bool in_extent(std::int32_t cm) { return cm >= -space::kExtentCm && cm <= space::kExtentCm; }

// To the steps of a level, rounded to the nearest, and back. A velocity becomes 1/kVelocityParts of a step per tick.
inline constexpr std::int32_t to_steps(std::int32_t value, unsigned shift) {
  return (value + static_cast<std::int32_t>((1u << shift) / 2)) >> shift;
}
inline constexpr MovingPose to_steps(MovingPose m, const LevelRule& rule) {
  auto& [pose, velocity] = m;
  const unsigned shift = rule.position_shift;
  for (auto* cm : {&pose.x_cm, &pose.y_cm, &pose.z_cm}) *cm = to_steps(*cm, shift);
  for (auto* part : {&velocity.x, &velocity.y, &velocity.z}) *part = static_cast<std::int16_t>(to_steps(*part, shift));
  const auto yaw = static_cast<std::uint32_t>(to_steps(pose.yaw, 8 - rule.yaw_bits));
  pose.yaw = static_cast<std::uint8_t>(yaw & ((1u << rule.yaw_bits) - 1));
  return m;
}
inline constexpr Pose from_steps(Pose pose, const LevelRule& rule) {
  for (auto* cm : {&pose.x_cm, &pose.y_cm, &pose.z_cm}) *cm *= std::int32_t{1} << rule.position_shift;
  pose.yaw = static_cast<std::uint8_t>(pose.yaw << (8 - rule.yaw_bits));
  return pose;
}
static_assert(space::kExtentCm % (1 << level_rule(PoseLevel::distant).position_shift) == 0,
              "rounding stays within the extent");

}  // namespace mw::wire::layout
