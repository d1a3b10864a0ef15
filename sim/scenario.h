// What the simulation plays, and what it reports. Everything follows from the seed: the same seed gives the same trace.
// Thread: one; scenarios do not share anything, so they may run one after the other in one process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mw::sim {

// Bugs that are put in on purpose, to see that the simulation finds them.
enum class Plant : std::uint8_t {
  none,
  ack_before_sync,  // the disk answers a sync before the bytes are safe
  append_unasked,  // a host takes entries before its witnesses have said what they know
  witness_forgets,  // a witness keeps what it has cosigned in memory alone
  no_gossip,  // auditors do not show each other what they have seen
  no_scan,  // a proof that a record is in a log is taken for a proof that it counts
  no_margin,  // leases are kept to the second, by clocks that differ
  clock_unchecked,  // no clock is held against witnesses
  lease_kept,  // home does not take a thing back when its lease is over
  asks_once,  // a witness that did not answer is not asked again
  swallowed_calls,  // calls between hosts are answered with a yes and reach nobody, one in ten
};

struct Play {
  std::uint64_t seed = 1;
  Plant plant = Plant::none;
  bool print = false;  // the trace, to standard output
};

struct Report {
  std::string violation;  // empty: every invariant held
  std::uint64_t trace_hash = 0;
  std::uint64_t events = 0;
  // What was exercised, so that a run that does nothing cannot pass for a good one.
  std::uint64_t acknowledged = 0, crashes = 0, sectors_lost = 0, refused = 0, reconnects = 0;
  std::uint64_t sightings = 0;  // of things away from home
};

// Journal alone: batches, folds, values and copies, with the power cut between any two changes of the disk.
Report play_journal(const Play& play);
// Hosts and clients: edits of shared scenes, with crashes, broken links, partitions and full disks.
Report play_edits(const Play& play);

// Logs that witness one another: crashes, losses, doubled messages, an old backup put back.
Report play_log(const Play& play);
// A log that shows two histories, with dishonest witnesses. `refused` counts the splits that were published and caught.
Report play_split(const Play& play);

// Titles to things in such logs, and visits with them; every fourth seed is a log that sells a thing in two histories.
// `reconnects` counts arrivals with a thing.
Report play_titles(const Play& play);

// People of several hosts who visit one another with their things, give them, and have friends. `reconnects` counts arrivals.
Report play_visits(const Play& play);

struct Scenario {
  std::string_view name;
  Report (*play)(const Play&);
};
const std::vector<Scenario>& scenarios();

}  // namespace mw::sim
