#include "bench/trace.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mw::bench {
namespace {

class Traces : public testing::TestWithParam<Trace> {};

TEST_P(Traces, SameSeedSameSteps) {
  Walker a(GetParam(), 100, 7), b(GetParam(), 100, 7), other(GetParam(), 100, 8);
  for (int i = 0; i < 2000; ++i) {
    a.step(0.05f);
    b.step(0.05f);
    other.step(0.05f);
  }
  EXPECT_EQ(a.now().x, b.now().x);
  EXPECT_EQ(a.now().z, b.now().z);
  EXPECT_NE(a.now().x, other.now().x);
}

TEST_P(Traces, KeepsToSpeedAndPlace) {
  float moved = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Walker walker(GetParam(), 60, seed);
    for (int i = 0; i < 1200; ++i) {
      const Mover before = walker.now();
      walker.step(0.05f);
      const float distance = std::hypot(walker.now().x - before.x, walker.now().z - before.z);
      ASSERT_LE(distance, 0.05f * 4.0f);
      ASSERT_LT(std::abs(walker.now().x), 90.0f);
      ASSERT_LT(std::abs(walker.now().z), 90.0f);
      moved += distance;
    }
  }
  EXPECT_GT(moved / 50, 5.0f) << "a crowd that stands still measures nothing";
}

INSTANTIATE_TEST_SUITE_P(All, Traces, testing::Values(Trace::walk, Trace::player));

}  // namespace
}  // namespace mw::bench
