// Integer turns for the poses codec (schema/frames.md, "Turns"): sines of 256ths of a turn, a turn of a vector, the mean of a
// vector and its turn, and a turn of a pair of integers that loses nothing. Nothing but the codec and its tests includes this.
#pragma once

#include <cstdint>
#include <utility>

namespace mw::wire::layout {

inline constexpr int kTurnBits = 14;
inline constexpr std::int32_t kTurnUnit = 1 << kTurnBits;

// Sines of 0 to 64 256ths of a turn, in 1/kTurnUnit, rounded to the nearest.
inline constexpr std::int16_t kQuarterSines[65] = {
    0,     402,   804,   1205,  1606,  2006,  2404,  2801,  3196,  3590,  3981,  4370,  4756,
    5139,  5520,  5897,  6270,  6639,  7005,  7366,  7723,  8076,  8423,  8765,  9102,  9434,
    9760,  10080, 10394, 10702, 11003, 11297, 11585, 11866, 12140, 12406, 12665, 12916, 13160,
    13395, 13623, 13842, 14053, 14256, 14449, 14635, 14811, 14978, 15137, 15286, 15426, 15557,
    15679, 15791, 15893, 15986, 16069, 16143, 16207, 16261, 16305, 16340, 16364, 16379, 16384,
};
// Tangents of half of 0 to 32 256ths of a turn.
inline constexpr std::int16_t kHalfTangents[33] = {
    0,    201,  402,  603,  805,  1007, 1209, 1411, 1614, 1817, 2021, 2225, 2430, 2636, 2843, 3050, 3259,
    3469, 3679, 3891, 4104, 4318, 4534, 4751, 4970, 5190, 5413, 5636, 5862, 6090, 6320, 6552, 6786,
};

inline constexpr std::int32_t sine(unsigned angle) {  // modulo 256
  const unsigned i = angle & 127;
  const std::int32_t value = kQuarterSines[i <= 64 ? i : 128 - i];
  return (angle & 128) != 0 ? -value : value;
}
inline constexpr std::int32_t cosine(unsigned angle) { return sine(angle + 64); }

inline constexpr std::int32_t shifted(std::int64_t value, int bits) {
  return static_cast<std::int32_t>((value + (std::int64_t{1} << (bits - 1))) >> bits);
}

struct Pair {
  std::int32_t first = 0, second = 0;
};

// (x, z) turned by `angle` the way directions grow: from +z towards +x.
inline constexpr Pair turned(std::int32_t x, std::int32_t z, unsigned angle) {
  const std::int64_t s = sine(angle), c = cosine(angle);
  return {shifted(x * c + z * s, kTurnBits), shifted(z * c - x * s, kTurnBits)};
}

// Half the sum of (x, z) and its turn, in 1/2^bits of the unit: where an even turn leads, shortened as a swaying one is.
inline constexpr Pair turning(std::int64_t x, std::int64_t z, unsigned angle, int bits) {
  const std::int64_t s = sine(angle), c = kTurnUnit + cosine(angle);
  return {shifted(x * c + z * s, kTurnBits + 1 + bits), shifted(z * c - x * s, kTurnBits + 1 + bits)};
}

// (along, aside) of a direction to (x, z), and back, exactly: quarters by exchange, the rest by three shears (A. W. Paeth, A
// fast algorithm for general raster rotation, 1986), each of which rounds in the same way both times.
inline constexpr std::int32_t sheared(std::int32_t by, std::int32_t share) {
  return (by * share + kTurnUnit / 2) >> kTurnBits;
}
struct Shears {
  std::int32_t half_tangent, sine;
  unsigned quarter;
  explicit constexpr Shears(unsigned angle) {
    quarter = ((angle + 32) >> 6) & 3;
    const std::int32_t rest = static_cast<std::int32_t>((angle + 32) & 63) - 32;
    const std::int32_t size = rest < 0 ? -rest : rest;
    half_tangent = rest < 0 ? -kHalfTangents[size] : kHalfTangents[size];
    sine = rest < 0 ? -kQuarterSines[size] : kQuarterSines[size];
  }
};
inline constexpr Pair along_to_place(Pair p, unsigned angle) {
  const Shears by(angle);
  auto [z, x] = p;
  z -= sheared(x, by.half_tangent);
  x += sheared(z, by.sine);
  z -= sheared(x, by.half_tangent);
  for (unsigned i = 0; i < by.quarter; ++i) z = -std::exchange(x, z);
  return {x, z};
}
inline constexpr Pair place_to_along(Pair p, unsigned angle) {
  const Shears by(angle);
  auto [x, z] = p;
  for (unsigned i = 0; i < by.quarter; ++i) x = -std::exchange(z, x);
  z += sheared(x, by.half_tangent);
  x -= sheared(z, by.sine);
  z += sheared(x, by.half_tangent);
  return {z, x};
}

}  // namespace mw::wire::layout
