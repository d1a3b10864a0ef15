// What a visitor sees over a long and lossy line: the real host on one side of a relay (relay.h), a small crowd on the other, by
// real TCP with whatever congestion control the host takes for strangers.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "data/json.h"

namespace mw::bench {

struct NetworkOptions {
  std::vector<double> loss_percent = {0, 1, 3};  // of packets, each way; one measurement each
  double round_trip_ms = 50;
  std::size_t clients = 20;
  double seconds = 20;  // of each measurement
  std::uint64_t seed = 1;
  std::string server;  // the program; empty: `manyworlds` beside this one
};

// Fields as README.md lists them. Errors: `forbidden` without root.
Result<Json> run_network(const NetworkOptions& options);

}  // namespace mw::bench
