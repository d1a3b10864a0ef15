#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace mw::sim {
namespace {

constexpr std::uint64_t kSplit = 4;  // every fourth seed is a log with two histories

TEST(TitlesScenario, HoldsUnderEveryFault) {
  Report sum;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    const Report report = play_titles({seed});
    ASSERT_EQ(report.violation, "") << "seed " << seed;
    sum.acknowledged += report.acknowledged;
    sum.crashes += report.crashes;
    sum.sectors_lost += report.sectors_lost;
    sum.refused += report.refused;
    sum.reconnects += report.reconnects;
    sum.sightings += report.sightings;
  }
  EXPECT_GT(sum.acknowledged, 700u);
  EXPECT_GT(sum.crashes, 40u);
  EXPECT_GT(sum.sectors_lost, 50u);
  EXPECT_GT(sum.refused, 50u);
  EXPECT_GT(sum.reconnects, 300u);  // arrivals with a thing
  EXPECT_GT(sum.sightings, 1'000u);
}

// Up to this seed at least two find the bug.
bool found(Plant plant, std::uint64_t seeds, std::uint64_t step = 1) {
  int left = 2;
  for (std::uint64_t seed = step; seed <= seeds && left > 0; seed += step)
    left -= play_titles({seed, plant}).violation.empty() ? 0 : 1;
  return left == 0;
}

TEST(TitlesScenario, FindsADiskThatAnswersBeforeItHasSynced) { EXPECT_TRUE(found(Plant::ack_before_sync, 40)); }
TEST(TitlesScenario, FindsAHostThatDoesNotAskFirst) { EXPECT_TRUE(found(Plant::append_unasked, 60)); }
TEST(TitlesScenario, FindsAVerifierThatDoesNotScan) { EXPECT_TRUE(found(Plant::no_scan, 20)); }
TEST(TitlesScenario, FindsLeasesWithoutAMargin) { EXPECT_TRUE(found(Plant::no_margin, 20)); }
TEST(TitlesScenario, FindsClocksThatNobodyChecks) { EXPECT_TRUE(found(Plant::clock_unchecked, 80)); }
TEST(TitlesScenario, FindsAHomeThatDoesNotTakeBack) { EXPECT_TRUE(found(Plant::lease_kept, 20)); }
TEST(TitlesScenario, FindsAHostThatAsksOnce) { EXPECT_TRUE(found(Plant::asks_once, 20)); }
TEST(TitlesScenario, FindsAWitnessThatForgets) { EXPECT_TRUE(found(Plant::witness_forgets, 120, kSplit)); }
TEST(TitlesScenario, FindsBuyersThatDoNotCompare) { EXPECT_TRUE(found(Plant::no_gossip, 400, kSplit)); }

TEST(TitlesScenario, TheSameSeedGivesTheSameTrace) {
  for (std::uint64_t seed = 3; seed <= 4; ++seed) {
    const auto first = play_titles({seed}).trace_hash;
    EXPECT_EQ(first, play_titles({seed}).trace_hash);
    EXPECT_NE(first, play_titles({seed + 100}).trace_hash);
  }
}

}  // namespace
}  // namespace mw::sim
