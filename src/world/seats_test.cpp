#include "world/seats.h"

#include <gtest/gtest.h>

namespace mw::world {
namespace {

TEST(Seats, AStandOfTensOfThousandsIsSearchedNearby) {
  std::vector<kit::Place> places;
  places.reserve(68'000);
  for (int row = 0; row < 68; ++row)
    for (int seat = 0; seat < 1000; ++seat)
      places.push_back({{0.5f * static_cast<float>(seat) - 250, 0.45f, 0.8f * static_cast<float>(row)}, 0});
  Seats seats(places);
  EXPECT_EQ(seats.size(), 68'000u);
  int met = 0;
  float farthest = 0;
  const auto look = [&] {
    met = 0;
    farthest = 0;
    seats.each_free({-100.1f, 0, 20}, 1.5f, [&](std::uint32_t seat, float distance) {
      ++met;
      farthest = std::max(farthest, distance);
      EXPECT_NEAR(std::hypot(seats.place(seat).position.x + 100.1f, seats.place(seat).position.z - 20), distance, 1e-4);
    });
  };
  look();
  const int all = met;
  EXPECT_GT(all, 10);
  EXPECT_LT(all, 25);
  EXPECT_LE(farthest, 1.5f);
  const std::uint32_t nearest = 25 * 1000 + 300;
  seats.take(nearest);
  EXPECT_TRUE(seats.taken(nearest));
  look();
  EXPECT_EQ(met, all - 1);
  seats.release(nearest);
  look();
  EXPECT_EQ(met, all);
}

TEST(Seats, ASceneMayHaveNone) {
  Seats seats({});
  seats.each_free({0, 0, 0}, 9, [](std::uint32_t, float) { FAIL(); });
}

}  // namespace
}  // namespace mw::world
