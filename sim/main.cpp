// manyworlds-sim: plays seeds and says which broke an invariant. Ends with 0 when none did, 1 when one did, 2 for wrong
// arguments.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "sim/scenario.h"

namespace {

using namespace mw::sim;

constexpr const char* kHelp =
    "manyworlds-sim: many hosts and clients in one process, with virtual network, disk and clock, by seeds\n"
    "\n"
    "  --scenario NAME   edits (default): scenes under crashes; journal: the store alone; log: logs that witness one\n"
    "                    another; split: a log with two faces; titles: who owns what, and visits with things;\n"
    "                    visits: people of many hosts who visit one another, give things and have friends\n"
    "  --seeds N         how many seeds to play (default 100)\n"
    "  --from S          the first seed (default 1)\n"
    "  --plant BUG       put a bug in, to see it found: ack-before-sync (all but split), append-unasked\n"
    "                    (log, titles), witness-forgets, no-gossip (split, titles), no-scan, no-margin, lease-kept,\n"
    "                    asks-once (titles), clock-unchecked (titles), swallowed-calls (visits)\n"
    "  --verbose         print the trace of every seed\n"
    "  --help            this text\n"
    "\n"
    "The same seed gives the same trace. To look at a seed that failed: --from SEED --seeds 1 --verbose\n";

struct Arguments {
  std::string_view scenario = "edits";
  std::uint64_t seeds = 100, from = 1;
  Play play;
  bool help = false;
};

bool read_number(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_plant(std::string_view text, Plant& out) {
  constexpr std::pair<std::string_view, Plant> kPlants[] = {{"ack-before-sync", Plant::ack_before_sync},
                                                            {"append-unasked", Plant::append_unasked},
                                                            {"witness-forgets", Plant::witness_forgets},
                                                            {"no-gossip", Plant::no_gossip},
                                                            {"no-scan", Plant::no_scan},
                                                            {"no-margin", Plant::no_margin},
                                                            {"clock-unchecked", Plant::clock_unchecked},
                                                            {"lease-kept", Plant::lease_kept},
                                                            {"asks-once", Plant::asks_once},
                                                            {"swallowed-calls", Plant::swallowed_calls}};
  for (const auto& [name, plant] : kPlants) {
    if (name != text) continue;
    out = plant;
    return true;
  }
  return false;
}

// False after saying what is wrong.
bool read_arguments(int count, char** values, Arguments& out) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = values[i];
    if (name == "--help") {
      out.help = true;
      continue;
    }
    if (name == "--verbose") {
      out.play.print = true;
      continue;
    }
    const std::string_view value = i + 1 < count ? values[i + 1] : "";
    bool good = i + 1 < count;
    if (name == "--scenario") {
      out.scenario = value;
    } else if (name == "--seeds") {
      good = good && read_number(value, out.seeds);
    } else if (name == "--from") {
      good = good && read_number(value, out.from);
    } else if (name == "--plant") {
      good = good && read_plant(value, out.play.plant);
    } else {
      std::fprintf(stderr, "%s: unknown option; see --help\n", values[i]);
      return false;
    }
    if (!good) {
      std::fprintf(stderr, "%s: \"%s\" is not a value for it; see --help\n", values[i], std::string(value).c_str());
      return false;
    }
    ++i;
  }
  return true;
}

int play_all(const Arguments& arguments, const Scenario& scenario) {
  const auto start = std::chrono::steady_clock::now();
  Report sum;
  std::uint64_t violations = 0;
  for (std::uint64_t i = 0; i < arguments.seeds; ++i) {
    Play play = arguments.play;
    play.seed = arguments.from + i;
    const Report report = scenario.play(play);
    sum.acknowledged += report.acknowledged;
    sum.crashes += report.crashes;
    sum.sectors_lost += report.sectors_lost;
    sum.refused += report.refused;
    sum.reconnects += report.reconnects;
    sum.sightings += report.sightings;
    sum.events += report.events;
    sum.trace_hash = sum.trace_hash * 31 + report.trace_hash;
    if (report.violation.empty()) continue;
    ++violations;
    std::fputs(mw::format("seed {}: {}\n", play.seed, report.violation).c_str(), stdout);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::fputs(
      mw::format(
          "{}: {} seeds, {} violations; {} acknowledged, {} refused, {} crashes, {} sectors lost, {} reconnections, "
          "{} sightings, {} events in {:.1f} s; trace {:016x}\n",
          scenario.name, arguments.seeds, violations, sum.acknowledged, sum.refused, sum.crashes, sum.sectors_lost,
          sum.reconnects, sum.sightings, sum.events, seconds, sum.trace_hash)
          .c_str(),
      stdout);
  return violations == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** values) {
  Arguments arguments;
  if (!read_arguments(count, values, arguments)) return 2;
  if (arguments.help) {
    std::fputs(kHelp, stdout);
    return 0;
  }
  for (const auto& scenario : scenarios())
    if (scenario.name == arguments.scenario) return play_all(arguments, scenario);
  std::fprintf(stderr, "--scenario: there is no \"%s\"; see --help\n", std::string(arguments.scenario).c_str());
  return 2;
}
