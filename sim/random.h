// The one source of chance in the simulation. Source: splitmix64 (Steele, Lea, Flood 2014).
// Thread: one; the whole simulation is single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/assert.h"

namespace mw::sim {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
  }
  // From 0 to bound - 1. The bias of the remainder does not matter here.
  std::uint64_t below(std::uint64_t bound) {
    MW_ASSERT(bound > 0);
    return next() % bound;
  }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool chance(double probability) { return static_cast<double>(next() >> 11) * 0x1p-53 < probability; }
  // A stream of its own, so that one part's draws do not shift another's.
  Random split() { return Random(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace mw::sim
