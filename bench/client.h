// What a frame costs the browser in a full world: Debian's Chromium on a real host whose people the server simulates, for
// several sizes of crowd. Needs ./test's packages, and runs in the project's folder (web/e2e/client_bench.ts).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "data/json.h"

namespace mw::bench {

struct ClientOptions {
  std::string server;  // path of the program; empty: `manyworlds` beside this one
  std::vector<std::size_t> avatars = {1'000, 5'000, 10'000};
  std::size_t spectators = 0;  // then, if not 0, the kit's stadium with so many in it, seen from the gate
  double seconds = 10;
  std::string quality = "high";  // of the picture; "low" is a phone's
  bool no_graphics = false;  // draw into nothing: the script's cost by itself
};

// Fields: `empty`, the floor with nobody else on it, and `runs`, one object for each size, with: world, avatars (by themselves), far (in
// aggregates); frames_per_s; script_ms, all of the page's scripts for each frame; script_over_empty_ms, what of it the crowd costs,
// decoding included; crowd_ms, the part that follows and sorts people; crowd_draw_calls and crowd_triangles, shadow maps
// included; draw_calls, triangles. `empty_stadium` is what the stadium's run is compared with.
Result<Json> run_client(const ClientOptions& options);

}  // namespace mw::bench
