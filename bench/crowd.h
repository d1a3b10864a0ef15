// `manyworlds-bench crowd`: a crowd on real sockets, which also send their own poses, from this process; the server in a
// process of its own, pinned to one core; then the floor, in the same run.
#pragma once

#include <string>

#include "base/result.h"
#include "bench/swarm.h"
#include "data/json.h"

namespace mw::bench {

enum class CrowdMode : std::uint8_t {
  all,  // everybody sees everybody at the full level, a loose crowd
  budget,  // a dense square, one person on each square metre; messages are held back; a budget for each viewer
  stadium,  // in the stadium's world, filled up with simulated spectators; then somebody comes in
  stall,  // the dense square; after half of the time one viewer in ten stops reading
};

struct CrowdOptions {
  CrowdMode mode = CrowdMode::all;
  std::size_t clients = 1000;
  int hz = 20;  // steps of each client's motion a second, and of its claims; the host's tick is its own
  Input input = Input::every_step;
  double seconds = 20;
  double delay_ms = -1;  // each way; negative: 50 in mode budget, else 0
  std::size_t sampled = 4;
  std::size_t spectators = 66'000;  // of mode stadium
  bool tls = false;
  Trace trace = Trace::walk;
  std::uint64_t seed = 1;
  bool floor = true;
  std::string peer;  // "colyseus", or none
  double peer_patience_s = 240;
  std::string server;  // the program; empty: `manyworlds` beside this one
};

// Fields as README.md lists them.
Result<Json> run_crowd(const CrowdOptions& options);

}  // namespace mw::bench
