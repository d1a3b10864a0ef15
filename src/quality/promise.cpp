#include "quality/promise.h"

#include <limits>

namespace mw::quality {

std::span<const MeasureRule, kMeasures> measures() {
  static constexpr std::array<MeasureRule, kMeasures> kRules{{
      {"join_ms", "From the wish to enter to the first correct frame, ms", 4'000, 50, 600'000},
      {"tick_ms", "Time between two updates, p99, ms", 150, 10, 90'000},
      {"age_near_ms", "Age of what is seen of people within 20 m, p99 over frames, ms", 200, 10, 90'000},
      {"age_middle_ms", "The same from 20 to 70 m, ms", 800, 10, 90'000},
      {"age_far_ms", "The same beyond 70 m, ms", 2'000, 10, 90'000},
      {"stalled_percent", "Share of the time without an update for 150 ms or in a frame over twice its interval, %", 2,
       0.02, 100},
      {"frame_ms", "Time between two frames, p99, ms", 50, 2, 90'000},
      {"kbit_s", "Traffic of the session to the client, kbit/s", 1'000, 1, 1'000'000},
  }};
  return kRules;
}

Values no_values() {
  Values none;
  none.fill(std::numeric_limits<double>::quiet_NaN());
  return none;
}

Promise::Promise() {
  for (std::size_t i = 0; i < kMeasures; ++i) most[i] = measures()[i].bound;
}

}  // namespace mw::quality
