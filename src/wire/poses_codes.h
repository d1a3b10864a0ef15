// How numbers stand in deltas and rekeys, both ways; nothing but the codec includes this.
#pragma once

#include <bit>

#include "wire/poses_layout.h"

namespace mw::wire::layout {

inline unsigned bits_of(std::uint32_t value) { return static_cast<unsigned>(std::bit_width(value)); }
inline std::uint32_t magnitude(std::int32_t value) { return static_cast<std::uint32_t>(value < 0 ? -value : value); }
inline unsigned class_of(std::int32_t value) { return bits_of(magnitude(value)); }

// A number of c bits besides its sign, in c bits: the highest is 1 for a positive one, which its magnitude has anyway.
inline void put_classed(BitWriter& bits, std::int32_t value, unsigned c) {
  const std::int32_t below = value < 0 ? (1 << c) - 1 : 0;
  bits.put(static_cast<std::uint32_t>(value + below), c);
}
inline std::int32_t take_classed(BitReader& bits, unsigned c) {
  if (c == 0) return 0;
  const auto value = static_cast<std::int32_t>(bits.take(c));
  return (value >> (c - 1)) == 0 ? value - ((1 << c) - 1) : value;
}

// Place class 1 numbers the eight neighbours in reading order; the others write both numbers plus 2^c - 1 in c + 1 bits.
inline void put_place(BitWriter& bits, std::int32_t x, std::int32_t z, unsigned c) {
  if (c == 1) {
    const auto place = static_cast<std::uint32_t>((x + 1) * 3 + z + 1);
    bits.put(place > 4 ? place - 1 : place, 3);
    return;
  }
  const std::int32_t bias = (1 << c) - 1;
  bits.put(static_cast<std::uint32_t>(x + bias), c + 1);
  bits.put(static_cast<std::uint32_t>(z + bias), c + 1);
}
inline void take_place(BitReader& bits, unsigned c, std::int32_t& x, std::int32_t& z) {
  if (c == 1) {
    std::uint32_t place = bits.take(3);
    if (place >= 4) ++place;
    x += static_cast<std::int32_t>(place / 3) - 1;
    z += static_cast<std::int32_t>(place % 3) - 1;
    return;
  }
  const std::int32_t bias = (1 << c) - 1;
  x += static_cast<std::int32_t>(bits.take(c + 1)) - bias;
  z += static_cast<std::int32_t>(bits.take(c + 1)) - bias;
}

}  // namespace mw::wire::layout
