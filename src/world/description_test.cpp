#include "world/description.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mw::world {
namespace {

constexpr std::string_view kGood = R"(
name = "meadow"
capacity = 20
accent = "#6A994E"
walkers = 3
[title]
en = "Meadow"
zh = "草地"
[description]
en = "Grass"
zh = "草"
[scene]
kit = "garden"
seed = 5
[spawn]
position = [1, 0, 2.5]
yaw = 1.5
[movement]
run_speed = 6
[permissions]
edit = "everyone"
[[portal]]
id = "home"
to = "https://example.org/a?b=c"
position = [3, 0, 3]
[portal.title]
en = "Home"
zh = "家"
)";

std::vector<Problem> problems_of(std::string text, std::string_view from = {}, std::string_view to = {}) {
  if (!from.empty()) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }
  std::vector<Problem> problems;
  const bool read = read_description(text, "meadow/world.toml", "meadow", problems).has_value();
  EXPECT_EQ(read, problems.empty());
  return problems;
}

bool names(const std::vector<Problem>& problems, std::string_view field) {
  return std::ranges::any_of(problems, [&](const Problem& p) {
    return p.field == field && !p.reason.empty() && p.file == "meadow/world.toml";
  });
}

TEST(Description, ReadsWhatIsThere) {
  std::vector<Problem> problems;
  const auto read = read_description(kGood, "meadow/world.toml", "meadow", problems);
  ASSERT_TRUE(read.has_value()) << problems.front().text();
  EXPECT_EQ(read->title.zh, "草地");
  EXPECT_EQ(read->capacity, 20u);
  EXPECT_FLOAT_EQ(read->rules.run_speed, 6);
  EXPECT_FLOAT_EQ(read->rules.walk_speed, 1.8f);
  EXPECT_EQ(read->edit, trust::EditPolicy::everyone);
  ASSERT_EQ(read->portals.size(), 1u);
  EXPECT_EQ(read->portals[0].to_url, "https://example.org/a?b=c");
  EXPECT_FLOAT_EQ(read->spawn->position.z, 2.5f);
}

TEST(Description, NamesTheFieldOfWhateverIsWrong) {
  const std::string good(kGood);
  EXPECT_TRUE(names(problems_of(good, "\"meadow\"", "\"Meadow!\""), "name"));
  EXPECT_TRUE(names(problems_of(good, "\"meadow\"", "\"other\""), "name"));
  EXPECT_TRUE(names(problems_of(good, "#6A994E", "green"), "accent"));
  EXPECT_TRUE(names(problems_of(good, "capacity = 20", "capacity = 0"), "capacity"));
  EXPECT_TRUE(names(problems_of(good, "zh = \"草地\"", ""), "title.zh"));
  EXPECT_TRUE(names(problems_of(good, "kit = \"garden\"", ""), "scene"));
  EXPECT_TRUE(names(problems_of(good, "kit = \"garden\"\nseed = 5", "file = \"../secret.glb\""), "scene.file"));
  EXPECT_TRUE(names(problems_of(good, "[1, 0, 2.5]", "[1, 0]"), "spawn.position"));
  EXPECT_TRUE(names(problems_of(good, "run_speed = 6", "run_speed = 1"), "movement.run_speed"));
  EXPECT_TRUE(names(problems_of(good, "\"everyone\"", "\"anybody\""), "permissions.edit"));
  EXPECT_TRUE(names(problems_of(good, "https://example.org", "http://example.org"), "portal[0].to"));
  EXPECT_TRUE(names(problems_of(good, "https://example.org", "https://user@example.org"), "portal[0].to"));
  for (const char* other :
       {"http://localhost.example.org", "http://alocalhost", "http://u@b.localhost", "http://", "ftp://b.localhost"})
    EXPECT_TRUE(names(problems_of(good, "https://example.org", other), "portal[0].to")) << other;
  for (const char* own : {"http://localhost", "http://b.localhost:8082"})
    EXPECT_FALSE(names(problems_of(good, "https://example.org", own), "portal[0].to")) << own;
  EXPECT_TRUE(names(problems_of(good, "https://example.org/a?b=c", "meadow"), "portal[0].to"));
  EXPECT_TRUE(names(problems_of(good, "walkers = 3", "walkrs = 3"), "walkrs"));
  EXPECT_FALSE(problems_of("name = [").empty());
}

TEST(Description, ListsAllProblemsAtOnce) {
  std::string text(kGood);
  text.replace(text.find("#6A994E"), 7, "green");
  text.replace(text.find("capacity = 20"), 13, "capacity = 0 ");
  const auto problems = problems_of(text);
  EXPECT_TRUE(names(problems, "accent"));
  EXPECT_TRUE(names(problems, "capacity"));
}

TEST(Description, PortalsMustLeadSomewhere) {
  Description description;
  description.portals.push_back({"a", {"A", "A"}, "garden", "", {}, 0, 3, 3});
  std::vector<Problem> problems;
  check_portals(description, "plaza/world.toml", {{"plaza", "garden"}}, problems);
  EXPECT_TRUE(problems.empty());
  check_portals(description, "plaza/world.toml", {{"plaza"}}, problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].field, "portal[0].to");
}

TEST(Description, SpawnsMustStandOnGround) {
  motion::CollisionWorld collision;
  const float h = 20;
  const std::vector<motion::Triangle> floor{{{-h, 0, -h}, {-h, 0, h}, {h, 0, h}}, {{-h, 0, -h}, {h, 0, h}, {h, 0, -h}}};
  collision.set_body(0, floor, {});
  std::vector<Problem> problems;
  check_ground({}, "f", {{1, 0, 1}, 0, 2}, collision, problems);
  EXPECT_TRUE(problems.empty());
  check_ground({}, "f", {{100, 0, 1}, 0, 2}, collision, problems);
  check_ground({}, "f", {{1, 9, 1}, 0, 2}, collision, problems);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].field, "spawn.position");
}

TEST(Description, ThePromiseHasTheDefaultsOfItsTable) {
  const auto& properties = world_schema()["properties"]["promise"]["properties"];
  ASSERT_EQ(properties.size(), quality::kMeasures + 1);
  EXPECT_EQ(properties["good_minutes"]["default"], quality::Promise().good_minutes);
  for (const auto& rule : quality::measures()) {
    const auto& property = properties[std::string(rule.name)];
    EXPECT_EQ(property["default"], rule.bound) << rule.name;
    EXPECT_LE(property["maximum"].get<double>(), rule.absurd) << rule.name;
  }
}

}  // namespace
}  // namespace mw::world
