#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace mw::sim {
namespace {

TEST(EditsScenario, HoldsUnderCrashesBrokenLinksAndFullDisks) {
  Report sum;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Report report = play_edits({seed});
    ASSERT_EQ(report.violation, "") << "manyworlds-sim --from " << seed << " --seeds 1 --verbose shows how";
    sum.acknowledged += report.acknowledged;
    sum.crashes += report.crashes;
    sum.sectors_lost += report.sectors_lost;
    sum.refused += report.refused;
    sum.reconnects += report.reconnects;
  }
  // A run in which nothing happens proves nothing.
  EXPECT_GT(sum.acknowledged, 2'000u);
  EXPECT_GT(sum.crashes, 150u);
  EXPECT_GT(sum.sectors_lost, 50u);
  EXPECT_GT(sum.refused, 200u);
  EXPECT_GT(sum.reconnects, 300u);
}

TEST(EditsScenario, FindsAnAcknowledgementThatComesBeforeTheSync) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 100 && found < 3; ++seed) {
    const Report report = play_edits({seed, Plant::ack_before_sync});
    if (report.violation.find("is lost") != std::string::npos) ++found;
  }
  EXPECT_GE(found, 3);
}

TEST(EditsScenario, TheSameSeedGivesTheSameTrace) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const Report first = play_edits({seed}), second = play_edits({seed});
    EXPECT_EQ(first.trace_hash, second.trace_hash) << seed;
    EXPECT_EQ(first.events, second.events) << seed;
    EXPECT_NE(first.trace_hash, play_edits({seed + 1'000}).trace_hash);
  }
}

}  // namespace
}  // namespace mw::sim
