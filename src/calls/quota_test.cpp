#include "calls/quota.h"

#include <gtest/gtest.h>

namespace mw::calls {
namespace {

TEST(Quota, RefillsWithTimeUpToTheBurst) {
  Quota quota(10, 5, 100);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(quota.take("a", 1, 0));
  EXPECT_FALSE(quota.take("a", 1, 0));
  EXPECT_TRUE(quota.take("b", 1, 0));
  EXPECT_TRUE(quota.take("a", 1, 0.1));
  EXPECT_FALSE(quota.take("a", 1, 0.1));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(quota.take("a", 1, 100));
  EXPECT_FALSE(quota.take("a", 1, 100));
}

TEST(Quota, AClockThatGoesBackGivesNothing) {
  Quota quota(10, 1, 100);
  EXPECT_TRUE(quota.take("a", 1, 50));
  EXPECT_FALSE(quota.take("a", 1, 0));
  EXPECT_FALSE(quota.take("a", 1, 50));
  EXPECT_TRUE(quota.take("a", 1, 50.1));
}

TEST(Quota, ACostOverTheBurstNeedsAFullBucket) {
  Quota quota(10, 5, 100);
  EXPECT_TRUE(quota.take("a", 50, 0));
  EXPECT_FALSE(quota.take("a", 50, 0.4));
  EXPECT_TRUE(quota.take("a", 50, 0.5));
}

TEST(Quota, ForgetsTheOneIdleLongest) {
  Quota quota(0, 1, 3);
  EXPECT_TRUE(quota.take("a", 1, 0));
  EXPECT_TRUE(quota.take("b", 1, 0));
  EXPECT_TRUE(quota.take("c", 1, 0));
  EXPECT_FALSE(quota.take("a", 1, 0));  // used again
  EXPECT_TRUE(quota.take("d", 1, 0));   // b goes
  EXPECT_EQ(quota.size(), 3u);
  EXPECT_FALSE(quota.take("a", 1, 0));
  EXPECT_TRUE(quota.take("b", 1, 0));
}

TEST(Quota, Forgets) {
  Quota quota(0, 1, 3);
  EXPECT_TRUE(quota.take("a", 1, 0));
  quota.forget("a");
  quota.forget("nobody");
  EXPECT_EQ(quota.size(), 0u);
  EXPECT_TRUE(quota.take("a", 1, 0));
}

}  // namespace
}  // namespace mw::calls
