// Quantisation: metres and 65536ths of a turn as integers, and back. Bytes on the wire, claims and the stage all go
// through these, so that one place decides how a number rounds. Rounding is to the nearest, halves away from zero, and
// what is outside the extent of a world is clamped to it. Basic IEEE arithmetic without libm: native and WebAssembly agree.
// Thread: pure functions.
#pragma once

#include <cstdint>

#include "base/limits.h"

namespace mw::space {

inline constexpr float kMillimetresPerMetre = 1000.f / limits::kClaimUnitMm;
inline constexpr float kCentimetresPerMetre = 1000.f / limits::kPoseUnitMm;
inline constexpr std::int32_t kExtentMm = limits::kWorldExtentM * (1000 / limits::kClaimUnitMm);
inline constexpr std::int32_t kExtentCm = limits::kWorldExtentM * (1000 / limits::kPoseUnitMm);

// Nearest integer of `value`, clamped to +/- `bound`; a NaN gives 0.
constexpr std::int32_t nearest(float value, std::int32_t bound) {
  const float edge = static_cast<float>(bound);
  if (value >= edge) return bound;
  if (value <= -edge) return -bound;
  if (!(value == value)) return 0;
  return static_cast<std::int32_t>(value < 0 ? value - 0.5f : value + 0.5f);
}

constexpr std::int32_t to_mm(float metres) { return nearest(metres * kMillimetresPerMetre, kExtentMm); }
constexpr float from_mm(std::int32_t mm) { return static_cast<float>(mm) / kMillimetresPerMetre; }
constexpr std::int32_t to_cm(float metres) { return nearest(metres * kCentimetresPerMetre, kExtentCm); }
constexpr float from_cm(std::int32_t cm) { return static_cast<float>(cm) / kCentimetresPerMetre; }

// A speed as a claim carries it: mm/s in 16 bits.
constexpr std::int16_t to_mm_s(float metres_per_second) {
  return static_cast<std::int16_t>(nearest(metres_per_second * kMillimetresPerMetre, 32'767));
}

// Body direction: 65536 steps a turn in claims and on the stage, 256 on the track, radians in calls.
constexpr std::uint8_t yaw_to_8(std::uint16_t yaw) { return static_cast<std::uint8_t>((yaw + 128u) >> 8); }
constexpr std::uint16_t yaw_from_8(std::uint8_t yaw) { return static_cast<std::uint16_t>(yaw << 8); }

inline constexpr double kTurn = 6.283185307179586;
// Any finite number of radians; a NaN or an infinity gives 0.
constexpr std::uint16_t yaw_from_radians(double radians) {
  const double turns = radians / kTurn;
  if (!(turns > -1e9 && turns < 1e9)) return 0;
  const double whole = static_cast<double>(static_cast<std::int64_t>(turns));
  const double part = turns - whole + 1;  // 0 to 2: never negative, so that the cast below rounds to the nearest
  // lround would need libm, which the WebAssembly build does without.
  return static_cast<std::uint16_t>(
      static_cast<std::uint32_t>(part * 65536 + 0.5));  // NOLINT(bugprone-incorrect-roundings)
}
constexpr double radians_from_yaw(std::uint16_t yaw) { return yaw * (kTurn / 65536); }

}  // namespace mw::space
