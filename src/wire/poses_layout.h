// What the two sides of the poses codec share: the alphabets, their contexts and the prediction. The bytes are those of
// schema/frames.md, "Poses"; nothing but the codec and its tests includes this.
#pragma once

#include <array>
#include <cstdint>

#include "space/units.h"
#include "wire/poses.h"
#include "wire/prefix_code.h"

namespace mw::wire::layout {

// Keyframe: widths in bits.
inline constexpr unsigned kOriginBits = 20;  // holds a coordinate plus kOriginBias
inline constexpr std::int32_t kOriginBias = 1 << (kOriginBits - 1);
inline constexpr unsigned kWidthBits = 5;
inline constexpr unsigned kVelocityWidthMax = 16;
inline constexpr unsigned kAnimationBits = 3, kSpeakingBits = 1;
static_assert(space::kExtentCm < kOriginBias);

// Delta: position symbols.
inline constexpr unsigned kAsPredicted = 0;  // place and direction
inline constexpr unsigned kPlaceAsPredicted = 1;  // the direction follows
inline constexpr unsigned kClassMax = 12;  // symbols 2 to 13: class c = symbol - 1; max(|x|, |z|) has c bits
inline constexpr unsigned kVertical = 14;  // the height's residual, then another symbol
inline constexpr unsigned kState = 15;  // animation and speaking, then another symbol
inline constexpr unsigned kVerticalOrder = 2;  // of the exponential Golomb code
inline constexpr unsigned kYawClassMax = 8;

// Two alphabets of positions (the keyframe's velocity is zero or not) and four of directions.
inline constexpr unsigned kPositionAlphabets = 2, kYawAlphabets = 4;
inline constexpr unsigned position_alphabet(const PoseVelocity& v) { return (v.x | v.y | v.z) != 0; }
inline constexpr unsigned yaw_alphabet(unsigned moving, unsigned position_class) {
  return moving == 0 ? 0 : position_class <= 1 ? 1 : position_class <= 4 ? 2 : 3;
}

// Where a coordinate is `dt` ticks after the keyframe, if nothing changes. Shifts of negative numbers round down (C++20).
inline constexpr std::int32_t predict(std::int32_t key, std::int16_t velocity, std::uint32_t dt) {
  return key + ((velocity * static_cast<std::int32_t>(dt) + (kVelocityParts / 2)) >> kVelocityBits);
}

// Trained codes (trained_codes.cpp) differ by how long ago the keyframe was.
inline constexpr unsigned kAges = 4;
inline constexpr unsigned age_of(std::uint32_t dt) { return dt <= 3 ? 0 : dt <= 8 ? 1 : dt <= 14 ? 2 : 3; }
using Codes = std::array<CodeLengths, kPositionAlphabets + kYawAlphabets>;
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
