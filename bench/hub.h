// What the hub itself costs for each viewer in a round, without sockets: sharing against gathering for each alone.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "data/json.h"

namespace mw::bench {

struct HubOptions {
  std::size_t viewers = 5000;
  std::size_t tracks = 60;  // chosen for each viewer, all due every tick
  std::size_t frame_bytes = 80;  // of each of them
  std::size_t ticks = 40;
};

// Fields: nanoseconds of this thread's processor time a viewer and tick: `one_track_ns` (no choice, the same bytes in one
// frame), `shared_ns` (all viewers have one choice), `own_ns` (each has a choice of its own).
Result<Json> run_hub(const HubOptions& options);

}  // namespace mw::bench
