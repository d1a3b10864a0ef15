#include "quality/summary.h"

#include <cmath>
#include <vector>

#include "base/limits.h"

namespace mw::quality {
namespace {

constexpr std::int64_t kDayPointMinutes = 10;

// To so many digits as the buckets are worth; null for what nobody measured.
Json rounded(double value, double unit) {
  if (std::isnan(value)) return nullptr;
  return std::round(value / unit) * unit;
}
Json percent(double share) { return std::isnan(share) ? Json(nullptr) : Json(std::round(share * 10'000) / 100); }
Json minutes(std::uint32_t seconds) { return std::round(seconds / 6.0) / 10; }

Json points(const Ledger& ledger, std::int64_t first, std::int64_t each, std::size_t count) {
  struct Sum {
    std::uint32_t good_s = 0, bad_s = 0;
  };
  std::vector<Sum> sums(count);
  const auto take = [&](const Minute& minute) {
    if (minute.number < first) return;
    const auto index = static_cast<std::size_t>((minute.number - first) / each);
    if (index >= count) return;
    sums[index].good_s += minute.count.good_s;
    sums[index].bad_s += minute.count.bad_s;
  };
  for (const auto& minute : ledger.day()) take(minute);
  if (const auto open = ledger.open()) take(*open);
  Json good = Json::array(), clients = Json::array();
  for (const auto& sum : sums) {
    const double all = static_cast<double>(sum.good_s) + sum.bad_s;
    good.push_back(all > 0 ? percent(sum.good_s / all) : Json(nullptr));
    clients.push_back(minutes(sum.good_s + sum.bad_s));
  }
  return {
      {"minutes", each}, {"from", first}, {"good_percent", std::move(good)}, {"client_minutes", std::move(clients)}};
}

}  // namespace

Json promise_json(const Promise& promise) {
  Json most = Json::object();
  for (std::size_t m = 0; m < kMeasures; ++m) most[std::string(measures()[m].name)] = promise.most[m];
  return {{"good_minutes", promise.good_minutes}, {"most", std::move(most)}};
}

Json count_json(const Count& count) {
  Json broken = Json::object(), percentiles = Json::object();
  for (std::size_t m = 0; m < kMeasures; ++m) {
    const std::string name(measures()[m].name);
    const auto measure = static_cast<Measure>(m);
    broken[name] = minutes(count.broken_s[m]);
    const auto quantile = [&](double q) {
      const double value = count.quantile(measure, q);
      return rounded(value, value < 10 ? 0.01 : 1);
    };
    percentiles[name] = {{"p50", quantile(0.5)}, {"p95", quantile(0.95)}, {"p99", quantile(0.99)}};
  }
  return {{"good_percent", percent(count.good())},
          {"client_minutes", minutes(count.good_s + count.bad_s)},
          {"measured_percent", percent(count.measured())},
          {"failed_joins", count.failed_joins},
          {"late_ticks_percent", count.ticks == 0 ? Json(nullptr) : percent(double(count.late_ticks) / count.ticks)},
          {"broken_minutes", std::move(broken)},
          {"percentiles", std::move(percentiles)}};
}

Json hour_points(const Ledger& ledger, std::int64_t minute) { return points(ledger, minute - 59, 1, 60); }

// Points of ten minutes begin at whole tens, so that they do not change while the day goes on.
Json day_points(const Ledger& ledger, std::int64_t minute) {
  const auto last = minute - minute % kDayPointMinutes;
  return points(ledger, last - limits::kQualityMinutes + kDayPointMinutes, kDayPointMinutes,
                static_cast<std::size_t>(limits::kQualityMinutes / kDayPointMinutes));
}

}  // namespace mw::quality
