#include "trust/identity.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"
#include "trust/capability.h"

namespace mw::trust {
namespace {

TEST(SuggestedNames, AreNamesInBothLanguages) {
  std::set<std::string> english, chinese;
  for (std::uint64_t seed = 0; seed < 50'000; ++seed) {
    for (const auto language : {Language::en, Language::zh}) {
      const std::string name = suggest_name(seed, language);
      const auto clean = clean_name(name);
      ASSERT_TRUE(clean.ok()) << name;
      ASSERT_EQ(*clean, name);
      (language == Language::en ? english : chinese).insert(name);
    }
  }
  EXPECT_EQ(english.size(), 64u * 64u);  // every pair comes up, and all differ
  EXPECT_EQ(chinese.size(), 64u * 64u);
}

TEST(SuggestedNames, ASeedNamesTheSameAnimalInBoth) {
  std::set<std::pair<std::string, std::string>> pairs;
  for (std::uint64_t seed = 0; seed < 50'000; ++seed)
    pairs.emplace(suggest_name(seed, Language::en), suggest_name(seed, Language::zh));
  EXPECT_EQ(pairs.size(), 64u * 64u);
  EXPECT_TRUE(pairs.contains({"Calm Otter", "安静的水獭"}));
}

TEST(VisitorNumbers, FitAJsonNumberAndAreNeverNone) {
  EXPECT_EQ(visitor_from(~std::uint64_t{0}).value, (std::uint64_t{1} << 53) - 1);
  EXPECT_TRUE(visitor_from(0));
  EXPECT_TRUE(visitor_from(std::uint64_t{1} << 60));
}

TEST(Capabilities, FollowRoleAndPolicy) {
  using enum Capability;
  EXPECT_TRUE(may(Role::none, none));
  EXPECT_FALSE(may(Role::none, visit));
  EXPECT_TRUE(may(Role::guest, visit));
  EXPECT_FALSE(may(Role::guest, operate));
  EXPECT_TRUE(may(Role::host_operator, operate));
  EXPECT_FALSE(may(Role::host_operator, edit));  // stands in no world
  EXPECT_FALSE(may(Role::host_operator, edit, EditPolicy::nobody));
  EXPECT_TRUE(may(Role::host_operator, edit, EditPolicy::operators));
  EXPECT_FALSE(may(Role::guest, edit, EditPolicy::operators));
  EXPECT_TRUE(may(Role::guest, edit, EditPolicy::everyone));
  EXPECT_FALSE(may(Role::none, edit, EditPolicy::everyone));
}

TEST(Capabilities, HaveNames) {
  EXPECT_EQ(edit_policy("everyone"), EditPolicy::everyone);
  EXPECT_FALSE(edit_policy("anyone"));
  EXPECT_EQ(name_of(Role::host_operator), "operator");
  EXPECT_EQ(name_of(Capability::operate), "operate");
}

}  // namespace
}  // namespace mw::trust
