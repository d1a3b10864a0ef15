#include "crowd/cells.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "base/limits.h"

namespace mw::crowd {
namespace {

constexpr std::size_t kCapacity = 4'000;

class CellsTest : public ::testing::Test {
 protected:
  float between(float low, float high) { return std::uniform_real_distribution<float>(low, high)(random); }
  void add(std::uint32_t entity, float x, float z) { stage.add(EntityId{entity}, {{x, 0, z}, {}, 0, {}}, true); }
  void walk(float most) {
    for (std::size_t row = 0; row < stage.size(); ++row) {
      auto placing = stage.at(row);
      placing.position.x += between(-most, most);
      placing.position.z += between(-most, most);
      stage.set(row, placing);
    }
  }
  void step() { cells.step(++tick, stage); }

  // Everybody is a member of a cell that is in force; members ascend, their rows are right, and no cell is overfull for long.
  void check() {
    std::set<EntityId> seen;
    for (const auto leaf : cells.leaves()) {
      const Cell& cell = cells[leaf];
      EXPECT_TRUE(cell.used && !cell.retired);
      EXPECT_TRUE(std::ranges::is_sorted(cell.members));
      ASSERT_EQ(cell.members.size(), cell.rows.size());
      for (std::size_t i = 0; i < cell.members.size(); ++i) {
        if (cell.rows[i] == kNone) continue;
        ASSERT_EQ(stage.entities()[cell.rows[i]], cell.members[i]);
        seen.insert(cell.members[i]);
      }
      EXPECT_LT(tick - cell.regrouped, static_cast<unsigned>(limits::kGroupMaxTicks));
    }
    EXPECT_EQ(seen.size(), stage.size());
  }

  std::mt19937 random{11};
  stage::Stage stage{kCapacity};
  Cells cells{kCapacity};
  std::uint32_t tick = 0;
};

TEST_F(CellsTest, AFewAreOneCellWhereverTheyStand) {
  for (std::uint32_t e = 1; e <= limits::kCellSplit; ++e) add(e, between(-4'000, 4'000), between(-4'000, 4'000));
  for (int i = 0; i < 30; ++i, walk(1)) {
    step();
    ASSERT_EQ(cells.leaves().size(), 1u);
    check();
  }
}

TEST_F(CellsTest, SplitsWhereItIsDenseAndMergesWhenPeopleLeave) {
  for (std::uint32_t e = 1; e <= 2'000; ++e) add(e, between(0, 45), between(0, 45));
  for (int i = 0; i < 100; ++i, walk(0.1f)) {
    step();
    check();
  }
  EXPECT_GT(cells.leaves().size(), 12u);
  std::size_t most = 0;
  for (const auto leaf : cells.leaves()) most = std::max(most, cells[leaf].members.size());
  EXPECT_LE(most, limits::kCellSplit * 3 / 2);  // between two groupings some may come in
  for (std::uint32_t e = 1; e <= 1'960; ++e) stage.remove(EntityId{e});
  for (int i = 0; i < 20 * limits::kGroupMaxTicks; ++i) {
    step();
    const std::vector<CellIndex> retired(cells.retired().begin(), cells.retired().end());
    for (const auto cell : retired) cells.release(cell);
  }
  check();
  EXPECT_EQ(cells.leaves().size(), 1u);
}

TEST_F(CellsTest, EverybodyInOneSpotIsSplitByEntity) {
  for (std::uint32_t e = 1; e <= 3'000; ++e) add(e, 7, 7);
  for (int i = 0; i < 60; ++i) step();
  check();
  for (const auto leaf : cells.leaves()) EXPECT_LE(cells[leaf].members.size(), limits::kCellSplit);
}

// On each side of a border in turn, at every tick: nobody is lost, and nothing splits or merges for it.
TEST_F(CellsTest, ABorderCrossedBackAndForth) {
  for (std::uint32_t e = 1; e <= 400; ++e) add(e, between(-20, 20), between(-20, 20));
  for (int i = 0; i < 40; ++i) step();
  const auto layout = cells.layout();
  for (int i = 0; i < 200; ++i) {
    for (std::size_t row = 0; row < 60; ++row) {
      auto placing = stage.at(row);
      placing.position.x = i % 2 == 0 ? 0.01f : -0.01f;
      stage.set(row, placing);
    }
    step();
    check();
  }
  EXPECT_LE(cells.layout() - layout, 30u);
}

TEST_F(CellsTest, WhoComesIsTakenWithinATick) {
  for (std::uint32_t e = 1; e <= 20; ++e) add(e, between(-20, 20), between(-20, 20));
  for (int i = 0; i < 5; ++i) step();
  add(100, 3, 3);
  step();
  check();
}

TEST_F(CellsTest, AJumpGroupsBothCellsAnew) {
  for (std::uint32_t e = 1; e <= 600; ++e) add(e, between(0, 60), between(0, 60));
  for (int i = 0; i < 50; ++i) step();
  auto placing = stage.at(10);
  const auto from = cells.cell_of(10);
  placing.position = {1'000, 0, 1'000};
  stage.jump_to(10, placing);
  const auto epoch = cells[from].epoch;
  step();
  EXPECT_NE(cells[from].epoch, epoch);
  const Cell& to = cells[cells.cell_of(10)];
  EXPECT_TRUE(std::ranges::binary_search(to.members, stage.entities()[10]));
  check();
}

// Nobody waits for long, whatever happens: seeded random schedules of coming, leaving, jumping and walking.
TEST_F(CellsTest, RandomSchedules) {
  // A cell of m people waits for m / 32 ticks before it is sent whole for somebody who came; a full one has half as many guests again.
  constexpr int kMostTicks = limits::kCellSplit * 3 / 2 / 32 + 1;
  std::uint32_t next = 0;
  std::map<EntityId, int> missing;
  for (int i = 0; i < 1'500; ++i) {
    const auto kind = random() % 10;
    if (kind < 3 && stage.size() + 40 < kCapacity)
      for (int k = 0; k < 40; ++k) add(++next, between(-50, 50), between(-50, 50));
    if (kind == 4 && stage.size() > 300)
      for (int k = 0; k < 200; ++k) stage.remove(stage.entities()[random() % stage.size()]);
    if (kind == 5 && stage.size() > 0)
      for (int k = 0; k < 50; ++k) {
        const auto row = random() % stage.size();
        auto placing = stage.at(row);
        placing.position = {between(-500, 500), 0, between(-500, 500)};
        stage.jump_to(row, placing);
      }
    walk(0.3f);
    step();
    std::set<EntityId> seen;
    for (const auto leaf : cells.leaves()) seen.insert(cells[leaf].members.begin(), cells[leaf].members.end());
    for (const auto entity : stage.entities()) {
      int& ticks = missing[entity];
      ticks = seen.contains(entity) ? 0 : ticks + 1;
      ASSERT_LE(ticks, kMostTicks) << "entity " << entity.value << " at tick " << tick;
    }
    if (random() % 4 == 0) {
      const std::vector<CellIndex> retired(cells.retired().begin(), cells.retired().end());
      for (const auto cell : retired) cells.release(cell);
    }
  }
}

}  // namespace
}  // namespace mw::crowd
