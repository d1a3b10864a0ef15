#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace mw::sim {
namespace {

TEST(VisitsScenario, HoldsUnderEveryFault) {
  Report sum;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Report report = play_visits({seed});
    ASSERT_EQ(report.violation, "") << "seed " << seed;
    sum.acknowledged += report.acknowledged;
    sum.crashes += report.crashes;
    sum.sectors_lost += report.sectors_lost;
    sum.refused += report.refused;
    sum.reconnects += report.reconnects;
    sum.sightings += report.sightings;
  }
  EXPECT_GT(sum.acknowledged, 200u);
  EXPECT_GT(sum.crashes, 40u);
  EXPECT_GT(sum.sectors_lost, 200u);
  EXPECT_GT(sum.refused, 200u);
  EXPECT_GT(sum.reconnects, 100u);  // arrivals
  EXPECT_GT(sum.sightings, 1'000u);
}

// Up to this seed one finds the bug.
bool found(Plant plant, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    if (!play_visits({seed, plant}).violation.empty()) return true;
  return false;
}

TEST(VisitsScenario, FindsADiskThatAnswersBeforeItHasSynced) { EXPECT_TRUE(found(Plant::ack_before_sync, 10)); }
TEST(VisitsScenario, FindsCallsThatReachNobody) { EXPECT_TRUE(found(Plant::swallowed_calls, 10)); }

TEST(VisitsScenario, TheSameSeedGivesTheSameTrace) {
  const auto first = play_visits({5}).trace_hash;
  EXPECT_EQ(first, play_visits({5}).trace_hash);
  EXPECT_NE(first, play_visits({105}).trace_hash);
}

}  // namespace
}  // namespace mw::sim
