// One world's client-minutes: who had a good one, by which measures the others had not, and percentiles over clients, for the
// last hour and the last day. Time is counted in whole seconds of clients, so that half a minute counts half.
// The rows that it gives are kept by whoever owns a store, and given back after a restart.
// Thread: the control loop.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "quality/promise.h"
#include "quality/report.h"

namespace mw::quality {

inline constexpr std::size_t kBuckets =
    24;  // bucket i holds values up to first * 1.5^i, the last one all that is beyond

// What happened in one minute, or in several of them together. Seconds are those of clients.
struct Count {
  std::uint32_t good_s = 0, bad_s = 0;
  std::uint32_t present_s = 0;  // of visitors inside, as the host saw them
  std::uint32_t delivery_s =
      0;  // of bad_s: by measures that the host and the way to it are to blame for, not the screen
  std::uint32_t ticks = 0, late_ticks = 0;
  std::uint32_t failed_joins = 0;
  std::array<std::uint32_t, kMeasures> broken_s{};  // of bad_s, by measure; one second may count in several
  std::array<std::array<std::uint32_t, kBuckets>, kMeasures> spread{};

  bool empty() const { return good_s + bad_s + present_s + failed_joins == 0; }
  bool host_late() const { return ticks > 0 && late_ticks * 50 > ticks; }  // more than 2 %
  void add(const Count& other);
  void subtract(const Count& other);  // what was added before
  double good() const;  // share of the client time that was measured; NaN when none was
  double measured() const;  // share of the client time of which somebody reported, failed joins included; NaN likewise
  double quantile(Measure measure, double q) const;  // over clients; NaN when nobody measured
};

struct Verdict {
  bool good = false;
  bool delivery = false;  // bad by age, by updates or by the join
  std::array<bool, kMeasures> broken{};
};
Verdict judge(const Promise& promise, const Report& report);

struct Minute {
  std::int64_t number = 0;  // Unix minutes
  Count count;
};
// One kept minute as text (sparse JSON) and back. Errors: `damaged`.
std::string to_row(const Minute& minute);
Result<Minute> from_row(std::string_view row);

class Ledger {
 public:
  explicit Ledger(Promise promise) : promise_(promise) {}
  const Promise& promise() const { return promise_; }

  // Each at the time given, in Unix minutes. A clock that goes back counts into the newest minute.
  // `seconds`: how much of the report's time counts; its caller knows how long the visitor was there.
  Verdict report(std::int64_t minute, const Report& report, double seconds);
  void join_failed(std::int64_t minute);  // refused, or given up in the queue; as long as a minute that was bad
  void present(std::int64_t minute, std::size_t visitors, double seconds);
  void tick(std::int64_t minute, bool late);

  // Minutes that have ended, oldest first, each once, judged with what the host knows of itself.
  std::optional<Minute> take_ended(std::int64_t minute);
  std::optional<Minute> open() const { return open_; }  // the present one, for a host that stops
  void restore(std::int64_t minute,
               const Minute& row);  // at the start, in any order; what is too old or ahead is left out

  const std::deque<Minute>& day() const {
    return day_;
  }  // those that ended, oldest first; minutes without anything are absent
  Count last(std::int64_t minute, std::int64_t minutes) const;  // the open one included

 private:
  Count& now(std::int64_t minute);
  void close();
  void forget(std::int64_t minute);

  Promise promise_;
  std::optional<Minute> open_;
  std::deque<Minute> day_;
  std::deque<Minute> ended_;  // not yet taken; at most a few, since each second asks
  Count day_count_;  // of day_, kept along
};

}  // namespace mw::quality
