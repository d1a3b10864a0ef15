// `manyworlds-bench fanout`: everybody sees everybody at the tick rate. Real sockets from this process, which also send
// their own poses; the server in a process of its own, pinned to one core; then the floor, in the same run.
#pragma once

#include <string>

#include "base/result.h"
#include "bench/trace.h"
#include "data/json.h"

namespace mw::bench {

struct FanoutOptions {
  std::size_t clients = 1000;
  int hz = 20;  // of the claims; the host's tick is its own
  double seconds = 20;
  bool tls = false;
  Trace trace = Trace::walk;
  std::uint64_t seed = 1;
  std::string server;  // the program; empty: `manyworlds` beside this one
};

// clients, delivered_hz, upstream_hz, server_core, floor_core, ratio, bytes_per_pose, mbit_per_client, age_p50_ms,
// age_p99_ms, memory_kb_per_client, corrections, undecodable, tls, trace, seconds.
Result<Json> run_fanout(const FanoutOptions& options);

}  // namespace mw::bench
