// The wardrobe: as calls make it, and what comes back from the store.
#include <gtest/gtest.h>

#include "server/test_travel.h"

namespace mw::server {
namespace {

Json numbers(const Json& answer) {
  Json list = Json::array();
  for (const Json& outfit : answer["result"]["outfits"]) list.push_back(outfit["number"]);
  return list;
}

TEST(Outfits, AreKeptChangedAndDropped) {
  Harness h;
  h.add(flat_world());
  const auto session = h.visitor();
  EXPECT_EQ(h.call(session, "visitor.outfits")["result"], (Json{{"outfits", Json::array()}, {"most", kMostOutfits}}));
  h.call(session, "visitor.change", {{"appearance", {{"hat", 2}}}});
  const auto first = h.call(session, "visitor.outfit.keep", {{"name", "  Sunday\u202E "}});
  ASSERT_TRUE(first.contains("result")) << first;
  EXPECT_EQ(first["result"]["outfits"][0]["name"], "Sunday");
  EXPECT_EQ(first["result"]["outfits"][0]["appearance"]["hat"], 2) << "what is worn";
  const Json other = kit::to_json(kit::appearance(9));
  const auto second = h.call(session, "visitor.outfit.keep", {{"appearance", other}});
  EXPECT_EQ(second["result"]["outfits"][1], (Json{{"number", 2}, {"appearance", other}}));
  const auto changed = h.call(session, "visitor.outfit.keep", {{"number", 1}, {"name", ""}, {"appearance", other}});
  EXPECT_EQ(changed["result"]["outfits"][0], (Json{{"number", 1}, {"appearance", other}}));
  EXPECT_EQ(numbers(h.call(session, "visitor.outfit.drop", {{"number", 1}})), Json::array({2}));
  EXPECT_EQ(numbers(h.call(session, "visitor.outfit.keep")), Json::array({1, 2})) << "the lowest free number";
}

TEST(Outfits, ThatCannotBeAreRefusedByName) {
  Harness h;
  h.add(flat_world());
  const auto session = h.visitor();
  EXPECT_EQ(h.call(h.connect(), "visitor.outfits")["error"]["code"], -32001);
  for (const auto* method : {"visitor.outfit.drop", "visitor.outfit.keep"}) {
    const auto missing = h.call(session, method, {{"number", 3}});
    EXPECT_EQ(missing["error"]["data"]["field"], "number") << missing;
  }
  const auto long_name = h.call(session, "visitor.outfit.keep", {{"name", std::string(60, 'x')}});
  EXPECT_EQ(long_name["error"]["data"]["field"], "name") << long_name;
  Json naked = kit::to_json(kit::appearance(1));
  naked["top"] = 9;
  EXPECT_TRUE(h.call(session, "visitor.outfit.keep", {{"appearance", naked}}).contains("error"));
  EXPECT_TRUE(h.call(session, "visitor.outfits")["result"]["outfits"].empty());
  for (int i = 0; i < kMostOutfits; ++i) EXPECT_TRUE(h.call(session, "visitor.outfit.keep").contains("result")) << i;
  h.tick(200);  // the quota of calls is full again
  const auto more = h.call(session, "visitor.outfit.keep");
  ASSERT_TRUE(more.contains("error")) << more;
  EXPECT_NE(more["error"]["message"].get<std::string>().find("8 outfits"), std::string::npos) << more;
}

TEST(Outfits, OutlastARestartForGuestsToo) {
  const platform::TestFolder folder;
  Harness h(folder.file("a.db"));
  h.add(flat_world());
  const auto session = h.connect();
  const auto opened = h.open(session)["result"];
  h.enter(session);
  const auto kept = h.call(session, "visitor.outfit.keep", {{"name", "Rain"}})["result"];
  h.tick(100);
  h.restart();
  h.add(flat_world());
  const auto again = h.connect();
  h.open(again, {{"resume", opened["resume"]}});
  EXPECT_EQ(h.call(again, "visitor.outfits")["result"], kept);
  EXPECT_TRUE(h.call(h.visitor(), "visitor.outfits")["result"]["outfits"].empty()) << "they are one visitor's";
}

TEST(Outfits, WhatDoesNotReadIsLeftOut) {
  Outfits outfits;
  const Json look = kit::to_json(kit::appearance(4));
  outfits.restore({{{"number", 3}, {"appearance", look}, {"name", "\u202E"}},
                   {{"number", 3}, {"appearance", look}},
                   {{"number", 9}, {"appearance", look}},
                   {{"number", 0}, {"appearance", look}},
                   {{"number", "1"}, {"appearance", look}},
                   {{"number", 1}, {"appearance", {{"skin", 99}}}},
                   {{"number", 2}, {"appearance", look}, {"name", "Two"}},
                   7});
  EXPECT_EQ(outfits.to_json(),
            (Json{{{"number", 2}, {"appearance", look}, {"name", "Two"}}, {{"number", 3}, {"appearance", look}}}));
  outfits.restore("nothing");
  EXPECT_TRUE(outfits.empty());
}

TEST_F(Travels, TheWardrobeStaysAtHome) {
  const auto kept = a.call(ada, "visitor.outfit.keep", {{"name", "Home"}});
  EXPECT_EQ(kept["result"]["outfits"].size(), 1u) << kept;
  const auto arrived = arrive(b, b.visitor(), credential(b))["result"];
  const auto session = b.connect();
  b.open(session, {{"resume", arrived["resume"]}});
  EXPECT_EQ(b.call(session, "visitor.outfits")["result"], (Json{{"outfits", Json::array()}, {"most", 0}}));
  const auto refused = b.call(session, "visitor.outfit.keep");
  ASSERT_TRUE(refused.contains("error")) << refused;
  EXPECT_NE(refused["error"]["message"].get<std::string>().find("a.localhost"), std::string::npos) << refused;
}

}  // namespace
}  // namespace mw::server
