// A host's clock that is a little wrong, and drifts.
// Thread: one.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/events.h"

namespace mw::sim {

// Reads true time plus an error that goes from one value to another while the play lasts.
struct WrongClock {
  std::int64_t from_ms = 0, to_ms = 0;
  std::int64_t error_ms(Micros now, Micros end) const { return from_ms + (to_ms - from_ms) * std::min(now, end) / end; }
};

}  // namespace mw::sim
