// `manyworlds-bench travel`: what a visit costs its two hosts, from the challenge to the arrival, against the floor of the bare
// signatures and verifications that are in it.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "data/json.h"

namespace mw::bench {

struct TravelOptions {
  std::size_t visits = 5'000;
};

// Two hosts in one thread, which are handed each other's documents without a network; nothing is written to a disk. Times are
// processor time of that thread in microseconds, means unless the name says otherwise.
// visits; signatures and verifications (in one visit, both hosts together; the browser's own signature is not in it);
// challenge_us, arrive_us (the destination), asked_us, answer_us (the home), visit_us (their sum), visit_p50_us, visit_p99_us,
// visits_per_s (of one core that does both sides); browser_us (a key and the signature of the
// arrival, which are a browser's work); sign_us, verify_us (bare), floor_us (as many of them as a visit has, in turns with the visits),
// over_floor (visit_us by it); challenge_bytes, credential_bytes. Fails when a visit is refused.
Result<Json> run_travel(const TravelOptions& options);

}  // namespace mw::bench
