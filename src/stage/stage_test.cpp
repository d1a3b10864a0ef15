#include "stage/stage.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace mw::stage {
namespace {

Placing somewhere(float x) {
  Placing placing;
  placing.position.x = x;
  placing.yaw = static_cast<std::uint16_t>(static_cast<std::uint32_t>(x));
  return placing;
}

TEST(Stage, KeepsRowsInOrderOfEntity) {
  Stage stage(10);
  EXPECT_EQ(stage.add(EntityId{5}, somewhere(5), false), 0u);
  EXPECT_EQ(stage.add(EntityId{9}, somewhere(9), true), 1u);
  EXPECT_EQ(stage.add(EntityId{7}, somewhere(7), false), 1u);
  ASSERT_EQ(stage.size(), 3u);
  EXPECT_EQ(stage.entities()[1], EntityId{7});
  EXPECT_EQ(stage.row(EntityId{9}), 2u);
  EXPECT_EQ(stage.row(EntityId{8}), std::nullopt);
  EXPECT_EQ(stage.simulated()[2], 1);
  EXPECT_FLOAT_EQ(stage.positions()[1].x, 7);
}

TEST(Stage, MembershipChangesWithComingAndGoingOnly) {
  Stage stage(4);
  stage.add(EntityId{1}, somewhere(1), false);
  const auto after_add = stage.membership();
  stage.set(0, somewhere(2));
  stage.set_speaking(0, true);
  EXPECT_EQ(stage.membership(), after_add);
  EXPECT_EQ(stage.speaking()[0], 1);
  stage.jump_to(0, somewhere(100));
  stage.remove(EntityId{2});
  EXPECT_EQ(stage.membership(), after_add) << "nobody left";
  stage.remove(EntityId{1});
  EXPECT_NE(stage.membership(), after_add);
}

TEST(Stage, TellsWhoJumpedSince) {
  Stage stage(4);
  for (std::uint32_t e = 1; e <= 4; ++e) stage.add(EntityId{e}, somewhere(1), false);
  EXPECT_TRUE(stage.jumps_since(0)->empty());
  stage.jump_to(2, somewhere(9));
  const auto before = stage.jumps();
  stage.jump_to(0, somewhere(5));
  ASSERT_EQ(stage.jumps_since(before)->size(), 1u);
  EXPECT_EQ(stage.jumps_since(before)->front(), EntityId{1});
  EXPECT_EQ(stage.jumps_since(0)->size(), 2u);
  for (std::size_t i = 0; i < 2 * Stage::kJumpsKept; ++i) stage.jump_to(1, somewhere(3));
  EXPECT_EQ(stage.jumps(), 2 * Stage::kJumpsKept + 2);
  EXPECT_FALSE(stage.jumps_since(before).has_value()) << "too long ago to tell";
  EXPECT_LE(stage.jumps_since(stage.jumps() - Stage::kJumpsKept)->size(), Stage::kJumpsKept);
}

// Against a map that does the same in the plainest way.
TEST(Stage, AgreesWithAMap) {
  std::mt19937 random(3);
  Stage stage(64);
  std::map<std::uint32_t, float> model;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t entity = random() % 100 + 1;
    const float x = static_cast<float>(random() % 1000);
    const auto row = stage.row(EntityId{entity});
    ASSERT_EQ(row.has_value(), model.contains(entity));
    if (row && random() % 2 == 0) {
      stage.remove(EntityId{entity});
      model.erase(entity);
    } else if (row) {
      stage.set(*row, somewhere(x));
      model[entity] = x;
    } else if (model.size() < stage.capacity()) {
      stage.add(EntityId{entity}, somewhere(x), false);
      model[entity] = x;
    }
    ASSERT_EQ(stage.size(), model.size());
  }
  std::size_t row = 0;
  for (const auto& [entity, x] : model) {
    EXPECT_EQ(stage.entities()[row].value, entity);
    EXPECT_FLOAT_EQ(stage.at(row).position.x, x);
    EXPECT_EQ(stage.at(row).yaw, static_cast<std::uint16_t>(x));
    ++row;
  }
}

// A random half leaves at once: the same as one by one, in time that grows with the columns, not with their square.
TEST(Stage, ManyLeaveAtOnce) {
  constexpr std::uint32_t kPeople = 68'000;
  std::mt19937 random(4);
  Stage at_once(kPeople), one_by_one(2'000);
  std::vector<EntityId> leaving, few;
  for (std::uint32_t e = 1; e <= kPeople; ++e) {
    at_once.add(EntityId{e}, somewhere(static_cast<float>(e)), e % 3 == 0);
    if (e <= 2'000) one_by_one.add(EntityId{e}, somewhere(static_cast<float>(e)), e % 3 == 0);
    if (random() % 2 == 0) leaving.push_back(EntityId{e});
  }
  leaving.push_back(EntityId{kPeople + 7});  // was never there
  const auto membership = at_once.membership();
  at_once.remove(leaving);
  EXPECT_EQ(at_once.membership(), membership + 1);
  EXPECT_EQ(at_once.size(), kPeople - leaving.size() + 1);
  for (const EntityId entity : leaving) one_by_one.remove(entity);
  for (std::size_t row = 0; row < one_by_one.size(); ++row) {
    ASSERT_EQ(at_once.entities()[row], one_by_one.entities()[row]);
    ASSERT_EQ(at_once.at(row).position.x, one_by_one.at(row).position.x);
    ASSERT_EQ(at_once.at(row).yaw, one_by_one.at(row).yaw);
    ASSERT_EQ(at_once.simulated()[row], one_by_one.simulated()[row]);
  }
  at_once.remove(leaving);
  EXPECT_EQ(at_once.membership(), membership + 1) << "nobody left";
}

}  // namespace
}  // namespace mw::stage
