#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/limits.h"
#include "quality/governor.h"
#include "quality/ledger.h"
#include "quality/summary.h"

namespace mw::quality {
namespace {

constexpr std::int64_t kNow = 28'000'000;  // Unix minutes

Report report_of(double near_ms, double seconds = 60) {
  Report report;
  report.world = "flat";
  report.seconds = seconds;
  at(report.values, Measure::age_near) = near_ms;
  at(report.values, Measure::frame) = 17;
  return report;
}

TEST(Promise, AMinuteIsGoodWhenEveryMeasureHolds) {
  const Promise promise;
  EXPECT_TRUE(judge(promise, report_of(200)).good);
  const auto late = judge(promise, report_of(201));
  EXPECT_FALSE(late.good);
  EXPECT_TRUE(late.delivery);
  auto slow_screen = report_of(100);
  at(slow_screen.values, Measure::frame) = 51;
  EXPECT_FALSE(judge(promise, slow_screen).good);
  EXPECT_FALSE(judge(promise, slow_screen).delivery);  // sending others away would not mend it
  Report failed;
  failed.joined = false;
  EXPECT_FALSE(judge(promise, failed).good);
}

TEST(Ledger, CountsClientMinutesWithFailedJoins) {
  Ledger ledger{Promise{}};
  for (int i = 0; i < 9; ++i) ledger.report(kNow, report_of(100), 60);
  ledger.report(kNow, report_of(500), 30);
  ledger.join_failed(kNow);
  ledger.present(kNow, 12, 60);
  const auto count = ledger.last(kNow, 60);
  EXPECT_EQ(count.good_s, 540u);
  EXPECT_EQ(count.bad_s, 90u);
  EXPECT_EQ(count.failed_joins, 1u);
  EXPECT_NEAR(count.good(), 540.0 / 630, 1e-9);
  EXPECT_NEAR(count.measured(), 630.0 / 780, 1e-9);
  EXPECT_EQ(count.broken_s[static_cast<std::size_t>(Measure::age_near)], 30u);
  EXPECT_TRUE(std::isnan(Count{}.good()));
  EXPECT_TRUE(std::isnan(Count{}.quantile(Measure::join, 0.5)));
}

TEST(Ledger, ALateHostGivesNobodyAGoodMinute) {
  Ledger ledger{Promise{}};
  ledger.report(kNow, report_of(100), 60);
  ledger.present(kNow, 3, 60);
  for (int i = 0; i < 1200; ++i) ledger.tick(kNow, i % 40 == 0);
  const auto ended = ledger.take_ended(kNow + 1);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->count.good_s, 0u);
  EXPECT_EQ(ended->count.bad_s, 180u);  // those of whom nobody reported too
  EXPECT_FALSE(ledger.take_ended(kNow + 1));
  for (int i = 0; i < 1200; ++i) ledger.tick(kNow + 1, i % 60 == 0);  // 1.7 %: that happens
  ledger.report(kNow + 1, report_of(100), 60);
  EXPECT_EQ(ledger.take_ended(kNow + 2)->count.good_s, 60u);
}

TEST(Ledger, MinutesWithoutAnybodyAreNotKept) {
  Ledger ledger{Promise{}};
  for (int minute = 0; minute < 5; ++minute) {
    ledger.tick(kNow + minute, false);
    EXPECT_FALSE(ledger.take_ended(kNow + minute));
  }
  EXPECT_TRUE(ledger.day().empty());
}

TEST(Ledger, AClockThatGoesBackLosesNothing) {
  Ledger ledger{Promise{}};
  ledger.report(kNow, report_of(100), 60);
  ledger.report(kNow - 500, report_of(100), 60);
  EXPECT_EQ(ledger.last(kNow, 60).good_s, 120u);
  ledger.take_ended(kNow + 1);
  ledger.report(kNow - 500, report_of(100), 60);
  EXPECT_EQ(ledger.last(kNow + 1, 60).good_s, 180u);
}

Report random_report(std::mt19937_64& random) {
  Report report;
  report.joined = random() % 50 != 0;
  for (std::size_t m = report.joined ? 0 : 1; m < kMeasures; ++m) {
    if (random() % 4 == 0) continue;
    const double size = std::exp(std::uniform_real_distribution<>(-2, 2)(random));
    report.values[m] = std::min(measures()[m].absurd, measures()[m].bound * size);
  }
  return report;
}

bool same(const Count& a, const Count& b) { return to_row({0, a}) == to_row({0, b}); }

// Random days, two and a half of them: the running sum of the day is the sum of its minutes, nothing older is left, and a ledger that is
// restored from the rows, in any order, tells the same.
TEST(LedgerProperty, WindowsAndRestartsAgree) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random(seed);
    Ledger ledger{Promise{}};
    std::vector<std::string> rows;
    std::int64_t minute = kNow;
    const auto take = [&] {
      while (const auto ended = ledger.take_ended(minute)) rows.push_back(to_row(*ended));
    };
    for (; minute < kNow + 3600; minute += 1 + static_cast<std::int64_t>(random() % 9)) {
      take();
      for (auto n = random() % 6; n > 0; --n)
        ledger.report(minute, random_report(random), static_cast<double>(random() % 70));
      ledger.present(minute, random() % 8, 60);
      for (int i = 0; i < 100; ++i) ledger.tick(minute, random() % 60 == 0);
    }
    take();
    Count sum;
    for (const auto& one : ledger.day()) {
      EXPECT_GT(one.number, ledger.day().back().number - limits::kQualityMinutes);
      sum.add(one.count);
    }
    EXPECT_TRUE(same(sum, ledger.last(minute, limits::kQualityMinutes)));
    Ledger again{Promise{}};
    std::shuffle(rows.begin(), rows.end(), random);
    for (const auto& row : rows) again.restore(minute, from_row(row).value());
    EXPECT_TRUE(same(again.last(minute, 60), ledger.last(minute, 60))) << seed;
    EXPECT_EQ(hour_points(again, minute), hour_points(ledger, minute));
    // What the first ledger keeps by the minutes that ended, the second keeps by the clock.
    EXPECT_LE(again.day().size(), ledger.day().size());
  }
}

TEST(LedgerProperty, PercentilesAreWithinABucketOfTheTruth) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 50; ++round) {
    Ledger ledger{Promise{}};
    std::vector<double> values;
    const double middle = std::exp(std::uniform_real_distribution<>(3, 8)(random));
    for (int i = 0; i < 400; ++i) {
      values.push_back(middle * std::exp(std::normal_distribution<>(0, 0.7)(random)));
      ledger.report(kNow, report_of(values.back()), 60);
    }
    std::ranges::sort(values);
    const auto count = ledger.last(kNow, 60);
    for (const double q : {0.5, 0.95, 0.99}) {
      const double truth = values[static_cast<std::size_t>(q * 399)];
      const double told = count.quantile(Measure::age_near, q);
      EXPECT_LT(std::abs(std::log(told / truth)), std::log(1.5)) << q << " of " << truth;
    }
  }
}

TEST(Row, DamagedRowsAreRefused) {
  Ledger ledger{Promise{}};
  ledger.report(kNow, report_of(100), 60);
  const auto row = to_row(*ledger.take_ended(kNow + 1));
  EXPECT_TRUE(from_row(row).ok());
  for (std::size_t cut = 0; cut < row.size(); ++cut) EXPECT_FALSE(from_row(row.substr(0, cut)).ok());
  for (const char* bad :
       {"{}", "[]", R"({"n":1,"c":[1,2],"b":[],"h":[]})", R"({"n":"x"})",
        R"({"n":1,"c":[1,1,1,1,1,1,99999999999],"b":[0,0,0,0,0,0,0,0],"h":[[],[],[],[],[],[],[],[]]})",
        R"({"n":1,"c":[1,1,1,1,1,1,1],"b":[0,0,0,0,0,0,0,0],"h":[[24,1],[],[],[],[],[],[],[]]})",
        R"({"n":1,"c":[1,1,1,1,1,1,-1],"b":[0,0,0,0,0,0,0,0],"h":[[],[],[],[],[],[],[],[]]})"})
    EXPECT_FALSE(from_row(bad).ok()) << bad;
}

TEST(Report, IsReadByItsSchema) {
  const auto report = read_report({{"world", "flat"}, {"seconds", 60}, {"tick_ms", 51.5}, {"clock_error_ms", 4}});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(at(report->values, Measure::tick), 51.5);
  EXPECT_TRUE(std::isnan(at(report->values, Measure::join)));
  EXPECT_FALSE(read_report({{"world", "flat"}, {"seconds", 9}, {"joined", false}, {"join_ms", 5}}).ok());
}

// --- Load ------------------------------------------------------------------------------------------------------------

void run(LoadGovernor& governor, int seconds, double busy) {
  for (int s = 0; s < seconds; ++s) {
    for (int i = 0; i < limits::kTickHz; ++i) governor.tick(busy);
    governor.second();
  }
}

TEST(LoadGovernor, DetailFallsFirstAndTheRateLast) {
  LoadGovernor governor;
  run(governor, 10, 0.2);
  EXPECT_NEAR(governor.load(), 0.2, 0.01);
  EXPECT_EQ(governor.detail(), 1);
  run(governor, 6, 0.96);
  EXPECT_LT(governor.detail(), 1);
  EXPECT_EQ(governor.rate_divisor(), 1u);
  run(governor, 20, 0.96);
  EXPECT_EQ(governor.detail(), kLeastDetail);
  EXPECT_EQ(governor.rate_divisor(), 2u);
  run(governor, 10, 0.6);  // between the bounds everything stays
  EXPECT_EQ(governor.rate_divisor(), 2u);
  EXPECT_EQ(governor.detail(), kLeastDetail);
  run(governor, 30, 0.2);
  EXPECT_EQ(governor.rate_divisor(), 1u);
  run(governor, 60, 0.2);
  EXPECT_EQ(governor.detail(), 1);
}

TEST(LoadGovernor, OneSlowTickIsNoLoad) {
  LoadGovernor governor;
  run(governor, 10, 0.1);
  governor.tick(1);
  governor.second();
  EXPECT_NEAR(governor.load(), 0.1, 0.01);
}

TEST(Admission, ClosesOverTheLoadAndOpensWithHysteresis) {
  Admission admission;
  Admission::Situation now{.load = 0.2, .inside = 100, .inside_all = 100};
  EXPECT_EQ(admission.room(now), Admission::kAll);
  now.load = 0.6;
  EXPECT_EQ(admission.room(now), 25u);  // 0.3 of load is 50 visitors; half of them now
  now.load = 0.9;
  EXPECT_EQ(admission.room(now), 0u);
  now.load = 0.8;
  for (int i = 0; i < 60; ++i) EXPECT_EQ(admission.room(now), 0u);
  now.load = 0.6;
  EXPECT_GT(admission.room(now), 0u);
  now.load = 0.9;
  EXPECT_EQ(admission.room(now), 0u);
  now.load = 0.1;
  for (int i = 0; i < 9; ++i) EXPECT_EQ(admission.room(now), 0u);  // ten seconds at least
  EXPECT_EQ(admission.room(now), Admission::kAll);
}

TEST(Admission, ClosesWhenManyAreServedBadly) {
  Admission admission;
  Admission::Situation now{.load = 0.1, .inside = 20, .inside_all = 20, .measured_s = 3'600, .delivery_s = 600};
  EXPECT_EQ(admission.room(now), Admission::kAll);  // a sixth: their own networks, perhaps
  now.delivery_s = 800;
  EXPECT_EQ(admission.room(now), 0u);
  now.delivery_s = 500;
  for (int i = 0; i < 30; ++i) EXPECT_EQ(admission.room(now), 0u);
  now.delivery_s = 300;
  EXPECT_EQ(admission.room(now), Admission::kAll);
  now = {.load = 0.1, .inside = 2, .inside_all = 2, .measured_s = 300, .delivery_s = 300};
  EXPECT_EQ(admission.room(now), Admission::kAll);  // two visitors say little
}

// Whatever the load does: nobody is let in at or above the bound, and who waits gets in again once it is calm.
TEST(AdmissionProperty, NeverOverTheBound) {
  std::mt19937_64 random(3);
  Admission admission;
  double load = 0.2;
  for (int i = 0; i < 20'000; ++i) {
    load = std::clamp(load + std::uniform_real_distribution<>(-0.1, 0.1)(random), 0.0, 1.5);
    const auto inside = 1 + random() % 5'000;
    const auto room = admission.room({.load = load, .inside = inside, .inside_all = inside});
    if (load >= kNearlyFull) {
      EXPECT_EQ(room, 0u);
    }
    if (room != Admission::kAll && room > 1) {
      EXPECT_LE(load * (1 + static_cast<double>(room) / static_cast<double>(inside)), kNearlyFull);
    }
  }
  for (int i = 0; i <= 10; ++i) admission.room({.load = 0.1, .inside = 10, .inside_all = 10});
  EXPECT_FALSE(admission.closed());
}

}  // namespace
}  // namespace mw::quality
