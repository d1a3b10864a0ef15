// The coarsest level of a cell: not who stands where, but how many there are, where, and how they move. A client draws a lively
// crowd from it. Bytes: schema/frames.md, "Aggregate"; 27 of them, once a second.
// Compiled native and to WebAssembly; integers only; no allocation but in the vector given.
// Thread: pure functions.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::wire {

struct Aggregate {
  std::uint32_t tick = 0, count = 0;  // of people, at most limits::kAvatarsPerWorld
  // The box on the ground that holds their feet, and the plane they stand on, in quarters of a metre.
  std::int16_t x = 0, y = 0, z = 0;  // its middle; within the extent of a world
  std::uint16_t half_x = 0, half_z = 0;
  std::int8_t slope_x = 0,
              slope_z = 0;  // the plane rises by so many hundredths of a metre for each metre along x and z
  std::int8_t velocity_x = 0, velocity_z = 0;  // the mean, in tenths of a metre per second
  std::uint8_t spread = 0;  // standard deviation of their speed, likewise
  std::array<std::uint8_t, 8> shares{15};  // of each animation, in fifteenths; they sum to 15
  friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

inline constexpr std::size_t kAggregateBytes = 27;

// Replaces `out`. Asserts what the comments above say.
void encode_aggregate(const Aggregate& aggregate, Bytes& out);

// Errors (`invalid`, naming the field): another length, a count, a place or shares out of range.
Result<Aggregate> decode_aggregate(ByteView payload);

}  // namespace mw::wire
