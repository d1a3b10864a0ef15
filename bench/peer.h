// A peer under the same load on the same machine: Colyseus from npm (bench/peers/colyseus), one room, a patch every 50 ms,
// everybody sees everybody. Load clients only read, and send their pose 20 times a second; one real client of its SDK
// checks what arrives. Its packages are installed on demand by tools/build-bench-peers: run in the project's folder.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "bench/trace.h"
#include "data/json.h"

namespace mw::bench {

struct PeerOptions {
  Trace trace = Trace::walk;
  float side_m = 100;
  std::uint64_t seed = 1;
  double seconds = 5;  // of each measurement
  double patience_s = 240;  // of the search for the knee, all in all
  std::size_t first = 400;  // clients of the first measurement
};

// Its knee: the most clients, to about a tenth, that get 19 patches a second or more. Fields: peer, clients, delivered_hz,
// server_core, mbit_per_client, bytes_per_pose, memory_mb, client_core, probe (what the SDK's client saw), and `runs`, the
// same of every size that was tried.
Result<Json> run_colyseus(const PeerOptions& options);

}  // namespace mw::bench
