#include "crowd/ranking.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/limits.h"

namespace mw::crowd {
namespace {

// Cells of `side` metres in a square of n by n, the viewer's in the middle of it.
std::vector<RankedCell> square(int n, float side, std::uint32_t people) {
  std::vector<RankedCell> cells;
  for (int x = 0; x < n; ++x)
    for (int z = 0; z < n; ++z) {
      const float x0 = static_cast<float>(x) * side, z0 = static_cast<float>(z) * side;
      cells.push_back({static_cast<CellIndex>(cells.size()), {x0, z0, x0 + side, z0 + side}, people});
    }
  return cells;
}

LevelCosts costs() {
  LevelCosts c;
  for (unsigned level = 0; level < wire::kPoseLevels; ++level) {
    const auto period = wire::level_rule(static_cast<wire::PoseLevel>(level)).period_ticks;
    c.person[level] = (1.5f + 0.5f * static_cast<float>(level)) * 20 / static_cast<float>(period);
  }
  return c;
}

constexpr int kSide = 11;
constexpr float kCell = 8;
const Standpoint kMiddle{{40, 40, 48, 48}, 0, 110'000};

float distance(const RankedCell& cell) {
  const float x = (cell.bounds.x0 + cell.bounds.x1) / 2 - 44, z = (cell.bounds.z0 + cell.bounds.z1) / 2 - 44;
  return std::sqrt(x * x + z * z);
}

TEST(Ranking, WithBytesEnoughEverybodyIsAtLevelZero) {
  Ranking ranking;
  auto from = kMiddle;
  from.bytes_per_s = 1e7f;
  for (const auto level : ranking.rank(from, square(kSide, kCell, 64), {}, costs())) EXPECT_EQ(level, 0);
}

TEST(Ranking, KeepsToTheBudgetAndShowsEveryCell) {
  Ranking ranking;
  const auto cells = square(kSide, kCell, 64);
  const auto levels = ranking.rank(kMiddle, cells, {}, costs());
  ASSERT_EQ(levels.size(), cells.size());
  EXPECT_LE(ranking.planned(), kMiddle.bytes_per_s);
  EXPECT_GT(ranking.planned(), kMiddle.bytes_per_s * 0.9f) << "bytes are there to be used";
  for (const auto level : levels) EXPECT_LT(level, wire::kPoseLevels);
}

TEST(Ranking, WhoIsNearComesFirst) {
  Ranking ranking;
  const auto cells = square(kSide, kCell, 64);
  const auto levels = ranking.rank(kMiddle, cells, {}, costs());
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (distance(cells[i]) < 18) {
      EXPECT_EQ(levels[i], 0) << i;
    }
}

// A viewer stands anywhere in its cell: beyond each of its borders somebody may be at arm's length.
TEST(Ranking, WhatTouchesTheViewersCellIsFinerTogether) {
  Ranking ranking;
  const auto cells = square(kSide, 2 * kCell, 200);
  const Standpoint from{{80, 80, 96, 96}, 0, 165'000};
  float coarsest = 0;
  for (const auto& cell : cells) coarsest += static_cast<float>(cell.people) * costs().person[3];
  const auto levels = ranking.rank(from, cells, {}, costs());
  EXPECT_GT(coarsest + 9 * 200 * costs().person[0], from.bytes_per_s) << "or all of them could be at level 0";
  std::uint8_t finest = 3, worst = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto& b = cells[i].bounds;
    if (b.x1 < 80 || b.x0 > 96 || b.z1 < 80 || b.z0 > 96) continue;
    finest = std::min(finest, levels[i]);
    worst = std::max(worst, levels[i]);
  }
  EXPECT_LT(worst, 3);
  EXPECT_LE(worst - finest, 1);
}

TEST(Ranking, WhatIsInViewIsFinerThanWhatIsBehind) {
  Ranking ranking;
  const auto cells = square(kSide, kCell, 40);
  for (unsigned octant = 0; octant < kOctants; octant += 2) {
    auto from = kMiddle;
    from.octant = octant;
    from.bytes_per_s = 100'000;
    const auto levels = ranking.rank(from, cells, {}, costs());
    const float dx = octant == 2 ? 1.f : octant == 6 ? -1.f : 0.f, dz = octant == 0 ? 1.f : octant == 4 ? -1.f : 0.f;
    int before = 0, behind = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const float along = (cells[i].bounds.x0 + 4 - 44) * dx + (cells[i].bounds.z0 + 4 - 44) * dz;
      if (along > 25) before += levels[i];
      if (along < -25) behind += levels[i];
    }
    EXPECT_LT(before, behind) << octant;
  }
}

TEST(Ranking, WithTooFewBytesTheNearestKeepTheirLevelLongest) {
  Ranking ranking;
  const auto cells = square(kSide, kCell, 64);
  auto from = kMiddle;
  from.bytes_per_s = 60'000;
  const auto levels = ranking.rank(from, cells, {}, costs());
  float worst_fine = 0, best_coarse = 1e9f;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (levels[i] == 0) worst_fine = std::max(worst_fine, distance(cells[i]));
    if (levels[i] > 1) best_coarse = std::min(best_coarse, distance(cells[i]));
  }
  EXPECT_LE(worst_fine, best_coarse + 2 * kCell);
}

// Prices that waver by a few per cent, as measured ones do, change next to nothing.
TEST(Ranking, StaysWithWhatTheViewersHave) {
  Ranking ranking;
  const auto cells = square(kSide, kCell, 64);
  auto prices = costs();
  auto levels = ranking.rank(kMiddle, cells, {}, prices);
  std::vector<std::uint8_t> before(levels.begin(), levels.end());
  int switches = 0;
  for (int i = 0; i < 50; ++i) {
    for (auto& price : prices.person) price *= i % 2 == 0 ? 1.02f : 1 / 1.02f;
    levels = ranking.rank(kMiddle, cells, before, prices);
    for (std::size_t c = 0; c < cells.size(); ++c) switches += levels[c] != before[c];
    before.assign(levels.begin(), levels.end());
  }
  EXPECT_LE(switches, 50 * 4);
}

TEST(Ranking, OnlyWhatIsFarIsAnAggregateAndNotTooManyOfTheFarAreShown) {
  Ranking ranking;
  constexpr int kMany = 51;
  const auto cells = square(kMany, kCell, 100);
  Standpoint from{{200, 200, 208, 208}, 0, 1e7f};
  for (const float bytes : {2'000.f, 110'000.f, 1e7f}) {
    from.bytes_per_s = bytes;
    const auto levels = ranking.rank(from, cells, {}, costs());
    std::size_t far = 0, aggregates = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Rect& b = cells[i].bounds;
      const float dx = std::max({0.f, b.x0 - 208, 200 - b.x1}), dz = std::max({0.f, b.z0 - 208, 200 - b.z1});
      const bool beyond = std::hypot(dx, dz) >= static_cast<float>(limits::kAggregateM);
      aggregates += levels[i] == kAggregateLevel;
      EXPECT_TRUE(beyond || levels[i] < wire::kPoseLevels) << i;
      if (beyond && levels[i] < wire::kPoseLevels) far += cells[i].people;
    }
    EXPECT_GT(aggregates, 0u);
    EXPECT_LE(far, limits::kFarIndividuals);
  }
}

}  // namespace
}  // namespace mw::crowd
