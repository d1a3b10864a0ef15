#include "space/units.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mw::space {
namespace {

TEST(Units, RoundToTheNearestAwayFromZero) {
  EXPECT_EQ(to_cm(1.234f), 123);
  EXPECT_EQ(to_cm(0.005f), 1);
  EXPECT_EQ(to_cm(-0.005f), -1);
  EXPECT_EQ(to_mm(-1.2345f), -1235);
  EXPECT_EQ(nearest(0.4f, 10), 0);
}

TEST(Units, ClampToTheExtentAndSurviveNan) {
  EXPECT_EQ(to_cm(1e9f), kExtentCm);
  EXPECT_EQ(to_mm(-1e9f), -kExtentMm);
  EXPECT_EQ(to_cm(std::numeric_limits<float>::infinity()), kExtentCm);
  EXPECT_EQ(to_cm(std::numeric_limits<float>::quiet_NaN()), 0);
  EXPECT_EQ(to_mm_s(1e6f), 32'767);
}

TEST(Units, MillimetresSurviveTheRoundTrip) {
  for (std::int32_t mm = -kExtentMm; mm <= kExtentMm; mm += 977) EXPECT_EQ(to_mm(from_mm(mm)), mm);
}

TEST(Units, DirectionsWrap) {
  EXPECT_EQ(yaw_from_radians(0), 0);
  EXPECT_EQ(yaw_from_radians(kTurn / 4), 16384);
  EXPECT_EQ(yaw_from_radians(-kTurn / 4), 49152);
  EXPECT_EQ(yaw_from_radians(5 * kTurn + 0.1), yaw_from_radians(0.1));
  EXPECT_EQ(yaw_from_radians(std::nan("")), 0);
  EXPECT_EQ(yaw_to_8(65535), 0) << "the nearest of 256 steps is straight ahead again";
  for (int yaw = 0; yaw < 65536; yaw += 13) {
    EXPECT_EQ(yaw_from_radians(radians_from_yaw(static_cast<std::uint16_t>(yaw))), yaw);
  }
}

}  // namespace
}  // namespace mw::space
