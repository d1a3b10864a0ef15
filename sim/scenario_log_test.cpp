#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace mw::sim {
namespace {

TEST(LogScenario, HoldsUnderCrashesLossesAndRestoredBackups) {
  Report sum;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Report report = play_log({seed});
    ASSERT_EQ(report.violation, "") << "seed " << seed;
    sum.acknowledged += report.acknowledged;
    sum.crashes += report.crashes;
    sum.sectors_lost += report.sectors_lost;
    sum.reconnects += report.reconnects;
  }
  EXPECT_GT(sum.acknowledged, 4'000u);
  EXPECT_GT(sum.crashes, 100u);
  EXPECT_GT(sum.sectors_lost, 100u);
  EXPECT_GE(sum.reconnects, 2u);  // hosts that said that they ran on an old copy
}

TEST(SplitScenario, IsPreventedOrCaught) {
  Report sum;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const Report report = play_split({seed});
    ASSERT_EQ(report.violation, "") << "seed " << seed;
    sum.acknowledged += report.acknowledged;
    sum.crashes += report.crashes;
    sum.refused += report.refused;
  }
  EXPECT_GT(sum.acknowledged, 300u);
  EXPECT_GT(sum.crashes, 500u);
  EXPECT_GT(sum.refused, 5u);  // below the bound splits happen, and are caught
}

// Of so many seeds at least three find the bug.
bool found(Report (*play)(const Play&), Plant plant, std::uint64_t seeds) {
  int left = 3;
  for (std::uint64_t seed = 1; seed <= seeds && left > 0; ++seed) left -= play({seed, plant}).violation.empty() ? 0 : 1;
  return left == 0;
}

TEST(LogScenario, FindsADiskThatAnswersBeforeItHasSynced) { EXPECT_TRUE(found(play_log, Plant::ack_before_sync, 20)); }
TEST(LogScenario, FindsAHostThatDoesNotAskFirst) { EXPECT_TRUE(found(play_log, Plant::append_unasked, 40)); }
TEST(SplitScenario, FindsAWitnessThatForgets) { EXPECT_TRUE(found(play_split, Plant::witness_forgets, 100)); }
TEST(SplitScenario, FindsAuditorsThatDoNotCompare) { EXPECT_TRUE(found(play_split, Plant::no_gossip, 150)); }

TEST(LogScenario, TheSameSeedGivesTheSameTrace) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const auto first = play_log({seed}).trace_hash;
    EXPECT_EQ(first, play_log({seed}).trace_hash);
    EXPECT_NE(first, play_log({seed + 100}).trace_hash);
    EXPECT_EQ(play_split({seed}).trace_hash, play_split({seed}).trace_hash);
  }
}

}  // namespace
}  // namespace mw::sim
