#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/ids.h"

namespace mw {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return invalid("number", "expected an even one");
  return number / 2;
}

Status twice_halvable(int number) {
  MW_TRY(half(number));
  MW_TRY(half(*half(number)));
  return ok();
}

TEST(Result, HoldsAValueOrAnError) {
  const auto good = half(4);
  ASSERT_TRUE(good.ok());
  EXPECT_TRUE(static_cast<bool>(good));
  EXPECT_EQ(*good, 2);
  const auto bad = half(3);
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().kind, ErrorKind::invalid);
  EXPECT_EQ(bad.error().text(), "number: expected an even one");
}

TEST(Result, TextWithoutAFieldIsTheMessage) { EXPECT_EQ(failure(ErrorKind::full, "no place").text(), "no place"); }

TEST(Result, TryReturnsTheErrorOfTheExpression) {
  EXPECT_TRUE(twice_halvable(8).ok());
  EXPECT_EQ(twice_halvable(6).error().field, "number");
}

TEST(Result, CarriesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  std::unique_ptr<int> owned = *std::move(result);
  EXPECT_EQ(*owned, 7);
}

TEST(ResultDeathTest, TheValueOfAnErrorIsAMistakeOfOurs) {
  auto bad = half(1);
  EXPECT_DEATH(static_cast<void>(bad.value()), "ok\\(\\)");
  auto good = half(2);
  EXPECT_DEATH(static_cast<void>(good.error()), "!ok\\(\\)");
}

TEST(Ids, ZeroIsNoneAndTypesAreDistinct) {
  EXPECT_FALSE(EntityId{});
  EXPECT_TRUE(EntityId{3});
  EXPECT_LT(EntityId{3}, EntityId{4});
  EXPECT_FALSE((std::is_convertible_v<EntityId, WorldId>));
  EXPECT_EQ(std::hash<EntityId>{}(EntityId{9}), std::hash<std::uint32_t>{}(9));
}

}  // namespace
}  // namespace mw
