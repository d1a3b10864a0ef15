#include "quality/ledger.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/limits.h"

namespace mw::quality {
namespace {

constexpr double kStep = 1.5;  // from one bucket to the next
constexpr std::uint32_t kFailedJoinS = 60;
constexpr std::size_t kEndedMax = 16;
constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max() / limits::kQualityMinutes / 4;  // of a minute
static_assert(limits::kVisitorsPerWorld * 60 < kMost);

std::size_t bucket_of(double value, double first) {
  if (!(value > first)) return 0;
  const auto index = static_cast<std::size_t>(std::ceil(std::log(value / first) / std::log(kStep)));
  return std::min(index, kBuckets - 1);
}

void bump(std::uint32_t& count, std::uint32_t by) { count = by > kMost - std::min(count, kMost) ? kMost : count + by; }

template <class Operation>
void combine(Count& into, const Count& other, Operation operation) {
  operation(into.good_s, other.good_s);
  operation(into.bad_s, other.bad_s);
  operation(into.present_s, other.present_s);
  operation(into.delivery_s, other.delivery_s);
  operation(into.ticks, other.ticks);
  operation(into.late_ticks, other.late_ticks);
  operation(into.failed_joins, other.failed_joins);
  for (std::size_t m = 0; m < kMeasures; ++m) {
    operation(into.broken_s[m], other.broken_s[m]);
    for (std::size_t b = 0; b < kBuckets; ++b) operation(into.spread[m][b], other.spread[m][b]);
  }
}

// The host was late: nobody had a good minute, whether they noticed or not.
void blame_host(Count& count) {
  if (!count.host_late()) return;
  count.bad_s += count.good_s;
  count.delivery_s = count.bad_s;
  count.good_s = 0;
  const std::uint32_t measured = count.bad_s - std::min(count.bad_s, count.failed_joins * kFailedJoinS);
  if (count.present_s > measured) count.bad_s += count.present_s - measured;
}

}  // namespace

void Count::add(const Count& other) {
  combine(*this, other, [](std::uint32_t& a, std::uint32_t b) { a += b; });
}
void Count::subtract(const Count& other) {
  combine(*this, other, [](std::uint32_t& a, std::uint32_t b) { a -= b; });
}

double Count::good() const {
  const double all = static_cast<double>(good_s) + bad_s;
  return all > 0 ? good_s / all : std::numeric_limits<double>::quiet_NaN();
}

double Count::measured() const {
  const double told = static_cast<double>(good_s) + bad_s;
  const double all = std::max(told, present_s + static_cast<double>(failed_joins) * kFailedJoinS);
  return all > 0 ? told / all : std::numeric_limits<double>::quiet_NaN();
}

double Count::quantile(Measure measure, double q) const {
  const auto m = static_cast<std::size_t>(measure);
  double all = 0;
  for (const auto seconds : spread[m]) all += seconds;
  if (all == 0) return std::numeric_limits<double>::quiet_NaN();
  double before = 0;
  for (std::size_t b = 0; b < kBuckets; ++b) {
    const double here = spread[m][b];
    if (here == 0 || before + here < q * all) {
      before += here;
      continue;
    }
    // Within a bucket values are taken to lie evenly on the logarithmic scale; the lowest one begins at nothing.
    const double share = std::clamp((q * all - before) / here, 0.0, 1.0);
    const double first = measures()[m].first;
    const double value = b == 0 ? first * share : first * std::pow(kStep, static_cast<double>(b) - 1 + share);
    return std::min(value, measures()[m].absurd);
  }
  return measures()[m].absurd;
}

Verdict judge(const Promise& promise, const Report& report) {
  Verdict verdict;
  verdict.good = report.joined;
  verdict.broken[static_cast<std::size_t>(Measure::join)] = !report.joined;
  for (std::size_t m = 0; m < kMeasures; ++m) {
    if (!(report.values[m] > promise.most[m])) continue;
    verdict.broken[m] = true;
    verdict.good = false;
  }
  for (const auto measure : {Measure::tick, Measure::age_near, Measure::age_middle, Measure::age_far})
    verdict.delivery |= verdict.broken[static_cast<std::size_t>(measure)];
  return verdict;
}

// --- Ledger ----------------------------------------------------------------------------------------------------------

Count& Ledger::now(std::int64_t minute) {
  if (open_ && minute > open_->number) close();
  if (!open_) {
    if (!day_.empty()) minute = std::max(minute, day_.back().number + 1);
    open_ = Minute{minute, {}};
  }
  return open_->count;
}

void Ledger::close() {
  blame_host(open_->count);
  if (!open_->count.empty()) {
    day_.push_back(*open_);
    day_count_.add(open_->count);
    ended_.push_back(*open_);
    if (ended_.size() > kEndedMax) ended_.pop_front();
  }
  const auto number = open_->number;
  open_.reset();
  forget(number + 1);
}

void Ledger::forget(std::int64_t minute) {
  while (!day_.empty() && day_.front().number <= minute - limits::kQualityMinutes) {
    day_count_.subtract(day_.front().count);
    day_.pop_front();
  }
}

Verdict Ledger::report(std::int64_t minute, const Report& report, double seconds) {
  const auto verdict = judge(promise_, report);
  Count& count = now(minute);
  const auto whole =
      report.joined ? static_cast<std::uint32_t>(std::lround(std::clamp(seconds, 0.0, 60.0))) : kFailedJoinS;
  bump(verdict.good ? count.good_s : count.bad_s, whole);
  if (!report.joined) bump(count.failed_joins, 1);
  if (verdict.delivery) bump(count.delivery_s, whole);
  for (std::size_t m = 0; m < kMeasures; ++m) {
    if (verdict.broken[m]) bump(count.broken_s[m], whole);
    if (!std::isnan(report.values[m])) bump(count.spread[m][bucket_of(report.values[m], measures()[m].first)], whole);
  }
  return verdict;
}

void Ledger::join_failed(std::int64_t minute) {
  Count& count = now(minute);
  bump(count.failed_joins, 1);
  bump(count.bad_s, kFailedJoinS);
  bump(count.broken_s[static_cast<std::size_t>(Measure::join)], kFailedJoinS);
}

void Ledger::present(std::int64_t minute, std::size_t visitors, double seconds) {
  const auto whole = std::lround(std::clamp(static_cast<double>(visitors) * seconds, 0.0, static_cast<double>(kMost)));
  bump(now(minute).present_s, static_cast<std::uint32_t>(whole));
}

void Ledger::tick(std::int64_t minute, bool late) {
  Count& count = now(minute);
  bump(count.ticks, 1);
  if (late) bump(count.late_ticks, 1);
}

std::optional<Minute> Ledger::take_ended(std::int64_t minute) {
  if (open_ && minute > open_->number) close();
  if (ended_.empty()) return std::nullopt;
  const Minute first = ended_.front();
  ended_.pop_front();
  return first;
}

void Ledger::restore(std::int64_t minute, const Minute& row) {
  if (row.number > minute || row.number <= minute - limits::kQualityMinutes || row.count.empty()) return;
  if (row.number == minute && !open_) {
    open_ = row;
    return;
  }
  const auto after = std::ranges::lower_bound(day_, row.number, {}, &Minute::number);
  if (after != day_.end() && after->number == row.number) return;
  day_.insert(after, row);
  day_count_.add(row.count);
}

Count Ledger::last(std::int64_t minute, std::int64_t minutes) const {
  Count sum;
  if (minutes >= limits::kQualityMinutes) {
    sum = day_count_;
  } else {
    for (auto at = day_.rbegin(); at != day_.rend() && at->number > minute - minutes; ++at) sum.add(at->count);
  }
  if (open_ && open_->number > minute - minutes) {
    auto open = open_->count;
    blame_host(open);
    sum.add(open);
  }
  return sum;
}

}  // namespace mw::quality
