// What is measured of the quality of service, and what a world promises of it ([promise] of world.toml).
// Thread: values; pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace mw::quality {

// Of one client in one minute, as that client measured it.
enum class Measure : std::uint8_t {
  join,  // from the wish to enter (the page's start, for the first world) to the first correct frame
  tick,  // p99 of the time between two updates
  age_near,  // p99 over frames of the age of what is known of people within 20 m; "no change" is news
  age_middle,  // within 70 m
  age_far,
  stalled,  // share of the time without an update for 150 ms, or in a frame over twice its interval
  frame,  // p99 of the time between two frames
  traffic,  // bytes of the session, both frames and calls, downstream
};
inline constexpr std::size_t kMeasures = 8;

struct MeasureRule {
  std::string_view name;  // in world.toml, in reports, at /sla.json: with its unit
  std::string_view meaning;
  double bound;  // the default promise: at most so much
  double first;  // upper limit of the lowest bucket of its histogram
  double absurd;  // more cannot be: a report that says so is refused
};
std::span<const MeasureRule, kMeasures> measures();

using Values = std::array<double, kMeasures>;  // by Measure; NaN where nothing was measured
inline constexpr double& at(Values& values, Measure measure) { return values[static_cast<std::size_t>(measure)]; }
inline constexpr double at(const Values& values, Measure measure) { return values[static_cast<std::size_t>(measure)]; }
Values no_values();

struct Promise {
  double good_minutes = 95;  // per cent of all client-minutes
  Values most;  // bound of each measure
  Promise();  // the defaults
};

}  // namespace mw::quality
