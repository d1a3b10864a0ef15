#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace mw::sim {
namespace {

TEST(JournalScenario, HoldsUnderPowerCuts) {
  Report sum;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Report report = play_journal({seed});
    ASSERT_EQ(report.violation, "") << "seed " << seed;
    sum.acknowledged += report.acknowledged;
    sum.crashes += report.crashes;
    sum.sectors_lost += report.sectors_lost;
    sum.refused += report.refused;
  }
  EXPECT_GT(sum.acknowledged, 4'000u);
  EXPECT_GT(sum.crashes, 400u);
  EXPECT_GT(sum.sectors_lost, 400u);
  EXPECT_GT(sum.refused, 40u);
}

TEST(JournalScenario, FindsADiskThatAnswersBeforeItHasSynced) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    found += play_journal({seed, Plant::ack_before_sync}).violation.empty() ? 0 : 1;
  EXPECT_GE(found, 15);
}

TEST(JournalScenario, TheSameSeedGivesTheSameTrace) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Report first = play_journal({seed}), second = play_journal({seed});
    EXPECT_EQ(first.trace_hash, second.trace_hash);
    EXPECT_NE(first.trace_hash, play_journal({seed + 100}).trace_hash);
  }
}

}  // namespace
}  // namespace mw::sim
