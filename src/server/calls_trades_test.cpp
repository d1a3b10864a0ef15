// Trades between two people of one world, over the calls and the log of their host.
#include <gtest/gtest.h>

#include "server/test_travel.h"

namespace mw::server {
namespace {

// Ada has an account at a and a lamp there, Bo is a guest with a chair.
class TradeCalls : public Carries {
 protected:
  TradeCalls() {
    bo = a.visitor("flat", {{"name", "Bo"}});
    lamp = crate();
    chair = thing_of(bo, "The old chair");
  }
  std::string thing_of(SessionId who, const std::string& name, double x = -4) {
    const auto made = a.call(who, "entity.add", {{"model", "crate"}, {"position", {x, 0, 2}}, {"name", name}});
    EXPECT_TRUE(made.contains("result")) << made;
    entities[name] = made["result"]["entity"];
    return a.call(who, "title.create", {{"entity", made["result"]["entity"]}})["result"]["asset"];
  }
  std::string id_of(SessionId session) {
    for (const auto& text : a.outlet.peers[session].texts)
      if (text.contains("result") && text["result"].contains("resume")) return text["result"]["visitor"]["id"];
    return "";
  }
  Json offer(const std::string& gives, const std::string& gets) {
    return a.call(ada, "title.trade.offer", {{"visitor", id_of(bo)}, {"gives", gives}, {"gets", gets}});
  }
  std::uint64_t offered() {
    const auto made = offer(lamp, chair);
    EXPECT_TRUE(made.contains("result")) << made;
    return made["result"]["trades"][0]["id"];
  }
  Json agree(SessionId who, std::uint64_t trade, const std::string& gives, const std::string& gets) {
    return a.call(who, "title.trade.agree", {{"trade", trade}, {"gives", gives}, {"gets", gets}});
  }
  std::set<std::string> owned(SessionId who) {
    std::set<std::string> out;
    const Json mine = a.call(who, "title.mine");
    for (const auto& thing : mine["result"]["things"]) out.insert(thing["asset"]);
    return out;
  }
  const trust::Title& title(const std::string& asset) {
    return *a.titles->index().find(trust::parse_title_hash(asset, "").value());
  }
  Json trade_of(SessionId who) { return a.notification(who, "title.trade")["trades"][0]; }
  // Nothing has moved.
  void unmoved() {
    EXPECT_EQ(title(lamp).sequence, 0u);
    EXPECT_EQ(title(chair).sequence, 0u);
  }

  SessionId bo;
  std::string lamp, chair;
  std::map<std::string, Json> entities;
};

TEST_F(TradeCalls, BothThingsChangeHandsByOneRecord) {
  const auto choice = a.call(ada, "title.trade.things", {{"visitor", id_of(bo)}})["result"];
  EXPECT_EQ(choice["gives"][0]["thing"]["name"], "The red crate") << choice;
  EXPECT_EQ(choice["gets"][0]["thing"]["name"], "The old chair");
  EXPECT_EQ(choice["gets"][0]["entity"], entities["The old chair"]);
  const auto id = offered();
  EXPECT_EQ(trade_of(bo)["gives"]["asset"], chair) << "as Bo sees it";
  EXPECT_EQ(trade_of(bo)["gets"]["asset"], lamp);
  EXPECT_EQ(trade_of(bo)["with"]["name"], "Ada");
  EXPECT_EQ(trade_of(bo)["begun"], false);
  ASSERT_TRUE(agree(bo, id, chair, lamp).contains("result"));
  EXPECT_EQ(trade_of(ada)["they_agree"], true);
  unmoved();
  const auto entries = a.titles->index().entries();
  const auto done = agree(ada, id, lamp, chair);
  ASSERT_TRUE(done.contains("result")) << done;
  EXPECT_EQ(done["result"]["trades"][0]["state"], "traded");
  EXPECT_EQ(done["result"]["trades"][0]["index"], entries);
  EXPECT_EQ(a.titles->index().entries(), entries + 1) << "one record";
  EXPECT_EQ(trade_of(bo)["state"], "traded");
  EXPECT_EQ(owned(ada), std::set{chair});
  EXPECT_EQ(owned(bo), std::set{lamp});
  EXPECT_EQ(a.notification(bo, "title.owned")["things"][0]["name"], "The red crate");
  EXPECT_EQ(title(lamp).head().record, title(chair).head().record);
  // It goes on with its new owner, and is not traded a second time by the same words.
  EXPECT_NE(refusal(agree(ada, id, lamp, chair)), "arrived");
  EXPECT_NE(refusal(offer(lamp, chair)), "arrived");
  EXPECT_TRUE(a.call(bo, "title.transfer", {{"asset", lamp}, {"visitor", id_of(ada)}}).contains("result"));
  a.restart();
  a.pump();
  EXPECT_EQ(title(lamp).sequence, 2u);
  EXPECT_EQ(title(chair).sequence, 1u);
}

TEST_F(TradeCalls, APairThatWasSwappedMeanwhileIsNotAgreedTo) {
  const auto vase = thing_of(ada, "The cracked vase", 5);
  const auto id = offered();
  // Bo is about to agree to the lamp; Ada puts the vase in its place.
  ASSERT_TRUE(a.call(ada, "title.trade.change", {{"trade", id}, {"gives", vase}, {"gets", chair}}).contains("result"));
  ASSERT_TRUE(agree(ada, id, vase, chair).contains("result"));
  EXPECT_NE(refusal(agree(bo, id, chair, lamp)), "arrived");
  unmoved();
  EXPECT_EQ(trade_of(bo)["gets"]["thing"]["name"], "The cracked vase");
  // And the other way round: an agreement ends with the change.
  ASSERT_TRUE(agree(bo, id, chair, vase).contains("result"));
  EXPECT_EQ(owned(bo), std::set{vase}) << "that is what both have said";
}

TEST_F(TradeCalls, WhatIsGivenLeasedOrChangedMeanwhileIsNotTraded) {
  auto id = offered();
  ASSERT_TRUE(agree(bo, id, chair, lamp).contains("result"));
  const auto guest = a.visitor();
  ASSERT_TRUE(a.call(ada, "title.transfer", {{"asset", lamp}, {"visitor", id_of(guest)}}).contains("result"));
  EXPECT_NE(refusal(agree(ada, id, lamp, chair)), "arrived");
  EXPECT_EQ(owned(bo), std::set{chair});
  EXPECT_EQ(owned(guest), std::set{lamp});
  // Leased to another host.
  lamp = crate(6);
  wait(2);
  id = offered();
  ASSERT_TRUE(agree(bo, id, chair, lamp).contains("result"));
  answer(b, {lamp});
  const auto away = refusal(agree(ada, id, lamp, chair));
  EXPECT_NE(away.find("another host"), std::string::npos) << away;
  unmoved();
  // Gone.
  const auto vase = thing_of(ada, "The vase", 7);
  wait(2);
  lamp = vase;
  id = offered();
  ASSERT_TRUE(agree(bo, id, chair, lamp).contains("result"));
  a.call(ada, "entity.remove", {{"entity", entities["The vase"]}});
  EXPECT_NE(refusal(agree(ada, id, lamp, chair)), "arrived");
  unmoved();
  EXPECT_EQ(trade_of(bo)["state"], "over");
}

TEST_F(TradeCalls, ALeaseAndATradeAtOnceAreNotBoth) {
  const auto id = offered();
  ASSERT_TRUE(agree(bo, id, chair, lamp).contains("result"));
  // The lease's record is with the log when the second agreement comes.
  const auto asset = trust::parse_title_hash(lamp, "").value();
  const auto host = crypto::public_key(b.keeper->public_key()).value();
  bool leased = false;
  VisitorId own{std::stoull(id_of(ada))};
  a.titles->lease(own, asset, {b.travel->did(), host}, a.now.unix_ms,
                  [&](const Result<Json>& answer) { leased = answer.ok(); });
  const auto refused = refusal(agree(ada, id, lamp, chair));
  EXPECT_TRUE(leased);
  EXPECT_NE(refused, "arrived");
  unmoved();
}

TEST_F(TradeCalls, SomebodyElsesThingsAndTradesAreNotTouched) {
  const auto id = offered();
  const auto cy = a.visitor();
  EXPECT_NE(refusal(agree(cy, id, lamp, chair)), "arrived");
  EXPECT_NE(refusal(a.call(cy, "title.trade.decline", {{"trade", id}})), "arrived");
  EXPECT_NE(refusal(a.call(cy, "title.trade.change", {{"trade", id}, {"gives", lamp}})), "arrived");
  EXPECT_NE(refusal(offer(chair, lamp)), "arrived");
  EXPECT_NE(refusal(a.call(cy, "title.trade.offer", {{"visitor", id_of(bo)}, {"gives", lamp}, {"gets", chair}})),
            "arrived");
  EXPECT_NE(refusal(a.call(cy, "title.trade.offer", {{"visitor", id_of(bo)}})), "arrived");
  EXPECT_TRUE(a.call(cy, "title.trade.list")["result"]["trades"].empty());
  unmoved();
}

TEST_F(TradeCalls, EndWithWhoLeavesAndWithANo) {
  auto id = offered();
  ASSERT_TRUE(a.call(bo, "title.trade.decline", {{"trade", id}}).contains("result"));
  EXPECT_EQ(trade_of(ada)["state"], "declined");
  wait(2);
  id = offered();
  ASSERT_TRUE(agree(ada, id, lamp, chair).contains("result"));
  a.control->session_closed(bo, {}, a.now);
  wait(2);
  EXPECT_EQ(trade_of(ada)["state"], "over");
  unmoved();
}

TEST_F(TradeCalls, WhomOneHasBlockedOneDoesNotHear) {
  ASSERT_TRUE(a.call(ada, "friend.block", {{"visitor", id_of(bo)}}).contains("result"));
  const auto offered = a.call(bo, "title.trade.offer", {{"visitor", id_of(ada)}, {"gives", chair}});
  ASSERT_TRUE(offered.contains("result")) << offered;
  EXPECT_TRUE(a.call(ada, "title.trade.list")["result"]["trades"].empty());
  EXPECT_NE(refusal(offer(lamp, chair)), "arrived");
  EXPECT_TRUE(a.call(bo, "title.trade.things", {{"visitor", id_of(ada)}})["result"]["gets"].empty());
}

TEST_F(TradeCalls, ARecordThatWasReadIsNotTradedAgain) {
  const auto id = offered();
  ASSERT_TRUE(agree(bo, id, chair, lamp).contains("result"));
  ASSERT_TRUE(agree(ada, id, lamp, chair).contains("result"));
  const auto index = title(lamp).head().index;
  Result<std::vector<Bytes>> entries = failure(ErrorKind::internal, "");
  a.title_log->read(index, [&](Result<std::vector<Bytes>> got) { entries = std::move(got); });
  a.pump();
  const std::string record(as_text(entries->front()));
  const auto again = a.call(bo, "title.transfer", {{"record", record}});
  EXPECT_NE(refusal(again).find("replayed"), std::string::npos) << again;
  // Half of it, for oneself alone, is nothing that anybody has signed.
  auto half = record;
  half.replace(half.find(chair), chair.size(), crate(8));
  EXPECT_NE(refusal(a.call(bo, "title.transfer", {{"record", half}})), "arrived");
  EXPECT_EQ(title(lamp).sequence, 1u);
}

}  // namespace
}  // namespace mw::server
