// Keys that people hold themselves, over the calls of their home; the browser's part is done here.
#include <gtest/gtest.h>

#include "server/test_travel.h"

namespace mw::server {
namespace {

class HeldCalls : public Carries {
 protected:
  HeldCalls() { passkey = a.call(ada, "account.passkeys")["result"]["passkeys"][0]["id"]; }

  Json key(SessionId who) { return a.call(who, "title.key")["result"]; }
  Json keep(const crypto::SigningKey& by, std::string person, const std::vector<federation::Wrapping>& ways) {
    Json list = Json::array();
    for (const auto& one : ways) list.push_back({{"passkey", one.passkey}, {"wrapped", one.wrapped}});
    const auto text = federation::held_statement("a.localhost:8080", person, own.public_key(), ways);
    return a.call(ada, "title.key.keep",
                  {{"key", crypto::multikey(own.public_key())},
                   {"wrappings", list},
                   {"proof", crypto::base64url(by.sign(as_bytes(text)))}});
  }
  trust::TitleMove move_of(const Json& move) {
    return {trust::parse_title_hash(move["asset"].get<std::string>(), "").value(), move["sequence"],
            trust::parse_title_hash(move["previous"].get<std::string>(), "").value(),
            crypto::from_multikey(move["to"].get<std::string>()).value()};
  }
  std::string sign(const trust::TitleForm& form) {
    const auto text = trust::title_statement(a.titles->index().log(), form).value();
    return crypto::base64url(own.sign(as_bytes(text)));
  }
  // As the browser does it.
  Json move_all(const std::string& custody) {
    const auto form = a.call(ada, "title.key.moves", {{"custody", custody}});
    EXPECT_TRUE(form.contains("result")) << form;
    Json moves = Json::array();
    for (const auto& move : form["result"]["moves"])
      moves.push_back({{"asset", move["asset"]}, {"signature", sign(trust::TitleRotate{move_of(move)})}});
    stay = form["result"]["stay"];
    return ask(a, ada, "title.key.move", {{"custody", custody}, {"moves", moves}});
  }
  void hold() {
    ASSERT_TRUE(keep(own, did, {{passkey, "AQID"}, {"", "AgID"}}).contains("result"));
    const auto moved = move_all("holder");
    ASSERT_TRUE(moved.contains("result")) << moved;
  }
  std::string custody(const std::string& asset) {
    const Json mine = a.call(ada, "title.mine");
    for (const auto& thing : mine["result"]["things"])
      if (thing["asset"] == asset) return thing["custody"];
    return "not hers";
  }

  crypto::SigningKey own = TestAuthenticator::key_of(77), thief = TestAuthenticator::key_of(78);
  std::string passkey;
  Json stay;
};

TEST_F(HeldCalls, AKeyIsGivenByWhoeverHasItForThisPersonAlone) {
  EXPECT_EQ(key(ada)["custody"], "home");
  EXPECT_FALSE(key(ada).contains("key"));
  const std::vector<federation::Wrapping> ways{{passkey, "AQID"}, {"", "AgID"}};
  EXPECT_NE(refusal(keep(thief, did, ways)).find("proof"), std::string::npos);
  EXPECT_NE(refusal(keep(own, "did:webvh:eve", ways)).find("proof"), std::string::npos);
  EXPECT_NE(refusal(keep(own, did, {{"AAAA", "AQID"}, {"", "AgID"}})).find("passkeys of this account"),
            std::string::npos);
  EXPECT_NE(refusal(keep(own, did, {{passkey, "AQID"}})).find("code"), std::string::npos);
  EXPECT_FALSE(key(ada).contains("key"));
  const auto kept = keep(own, did, ways);
  ASSERT_TRUE(kept.contains("result")) << kept;
  EXPECT_EQ(kept["result"]["key"], crypto::multikey(own.public_key()));
  EXPECT_EQ(kept["result"]["wrappings"][0]["wrapped"], "AQID");
  EXPECT_EQ(kept["result"]["custody"], "home") << "nothing was chosen yet";
  const auto bo = a.visitor("flat", {{"name", "Bo"}});
  EXPECT_TRUE(a.call(bo, "title.key").contains("error")) << "a guest has none";
}

TEST_F(HeldCalls, ThingsGoToTheKeyAndBack) {
  const auto asset = crate();
  EXPECT_EQ(custody(asset), "home");
  hold();
  EXPECT_EQ(custody(asset), "holder");
  EXPECT_EQ(key(ada)["custody"], "holder");
  EXPECT_EQ(key(ada)["held"], 1);
  EXPECT_EQ(key(ada)["kept"], 0);
  const auto later = crate(5);
  EXPECT_EQ(custody(later), "home") << "what is made here is signed here, until it is taken over";
  const auto taken = move_all("holder");
  ASSERT_TRUE(taken.contains("result")) << taken;
  EXPECT_EQ(taken["result"]["moved"], 1);
  EXPECT_EQ(custody(later), "holder");
  wait(10);  // or the calls are too many
  const auto back = move_all("home");
  ASSERT_TRUE(back.contains("result")) << back;
  EXPECT_EQ(back["result"]["moved"], 2);
  EXPECT_EQ(custody(asset), "home");
  EXPECT_EQ(key(ada)["custody"], "home");
}

TEST_F(HeldCalls, WhatIsAwayStaysAndSaysWhy) {
  const auto asset = crate(), other = crate(5);
  answer(b, {asset});
  hold();
  ASSERT_EQ(stay.size(), 1u) << stay;
  EXPECT_EQ(stay[0]["asset"], asset);
  EXPECT_EQ(stay[0]["thing"]["name"], "The red crate");
  EXPECT_NE(stay[0]["why"].get<std::string>().find("another host"), std::string::npos);
  EXPECT_EQ(custody(other), "holder");
  EXPECT_EQ(custody(asset), "home");
}

TEST_F(HeldCalls, AGiftNeedsTheHoldersSignature) {
  const auto asset = crate();
  hold();
  const auto bo = a.visitor("flat", {{"name", "Bo"}});
  std::string to;
  for (const auto& text : a.outlet.peers[bo].texts)
    if (text.contains("result") && text["result"].contains("resume")) to = text["result"]["visitor"]["id"];
  const auto form = ask(a, ada, "title.form", {{"asset", asset}, {"visitor", to}});
  ASSERT_TRUE(form.contains("result")) << form;
  EXPECT_EQ(form["result"]["recipient"]["name"], "Bo");
  const std::string made = form["result"]["things"][0]["creation"];
  EXPECT_EQ(trust::title_hash_text(trust::parse_title(as_bytes(made))->hash), asset);
  EXPECT_EQ(form["result"]["things"][0]["thing"]["name"], "The red crate");
  const Json give{{"asset", asset}, {"visitor", to}};
  EXPECT_TRUE(ask(a, ada, "title.transfer", give).contains("error")) << "not by the host alone";
  Json signed_one = give;
  signed_one["signature"] = sign(trust::TitleTransfer{move_of(form["result"]["moves"][0])});
  const auto given = ask(a, ada, "title.transfer", signed_one);
  ASSERT_TRUE(given.contains("result")) << given;
  EXPECT_EQ(given["result"]["custody"], "home");
  EXPECT_EQ(custody(asset), "not hers");
  EXPECT_TRUE(ask(a, bo, "title.form", {{"asset", asset}, {"visitor", to}}).contains("error"));
}

TEST_F(HeldCalls, ATradeIsAgreedToByTheHoldersSignature) {
  const auto lamp = crate();
  hold();
  const auto bo = a.visitor("flat", {{"name", "Bo"}});
  const auto made = a.call(bo, "entity.add", {{"model", "crate"}, {"position", {-4, 0, 2}}, {"name", "The old chair"}});
  const std::string chair = a.call(bo, "title.create", {{"entity", made["result"]["entity"]}})["result"]["asset"];
  std::string to;
  for (const auto& text : a.outlet.peers[bo].texts)
    if (text.contains("result") && text["result"].contains("resume")) to = text["result"]["visitor"]["id"];
  const auto offered = a.call(ada, "title.trade.offer", {{"visitor", to}, {"gives", lamp}, {"gets", chair}});
  ASSERT_TRUE(offered.contains("result")) << offered;
  const auto trade = offered["result"]["trades"][0];
  EXPECT_EQ(trade["gives"]["custody"], "holder");
  EXPECT_EQ(trade["gets"]["custody"], "home");
  Json agree{{"trade", trade["id"]}, {"gives", lamp}, {"gets", chair}};
  EXPECT_TRUE(a.call(ada, "title.trade.agree", agree).contains("error"));
  const auto form = ask(a, ada, "title.trade.form", {{"trade", trade["id"]}});
  ASSERT_TRUE(form.contains("result")) << form;
  ASSERT_EQ(form["result"]["things"].size(), 2u);
  agree["signature"] =
      sign(trust::TitleTrade{move_of(form["result"]["moves"][0]), move_of(form["result"]["moves"][1])});
  ASSERT_TRUE(a.call(ada, "title.trade.agree", agree).contains("result"));
  const auto done = a.call(bo, "title.trade.agree", {{"trade", trade["id"]}, {"gives", chair}, {"gets", lamp}});
  ASSERT_TRUE(done.contains("result")) << done;
  EXPECT_EQ(custody(chair), "holder") << "what comes to her is hers to sign for";
  EXPECT_EQ(custody(lamp), "not hers");
}

TEST_F(HeldCalls, AThingComesAlongByALeaseThatTheHolderSigns) {
  const auto asset = crate();
  hold();
  const auto asked = challenge(b)["result"]["challenge"];
  const auto without = ask(a, ada, "travel.answer", {{"challenge", asked}, {"carry", {asset}}});
  ASSERT_EQ(without["result"]["left_behind"].size(), 1u) << without;
  const auto form = ask(a, ada, "title.lease.form", {{"challenge", asked}, {"asset", asset}});
  ASSERT_TRUE(form.contains("result")) << form;
  const auto& told = form["result"]["lease"];
  EXPECT_EQ(told["host"], b.travel->did());
  const trust::TitleLease lease{trust::parse_title_hash(asset, "").value(),
                                trust::parse_title_hash(told["previous"].get<std::string>(), "").value(),
                                told["number"],
                                told["host"],
                                crypto::from_multikey(told["holder"].get<std::string>()).value(),
                                told["from"],
                                told["until"]};
  const Json leases = Json::array(
      {{{"asset", asset}, {"from_s", told["from"]}, {"until_s", told["until"]}, {"signature", sign(lease)}}});
  const auto went = ask(a, ada, "travel.answer",
                        {{"challenge", challenge(b)["result"]["challenge"]}, {"carry", {asset}}, {"leases", leases}});
  ASSERT_TRUE(went.contains("result")) << went;
  EXPECT_TRUE(went["result"]["left_behind"].empty()) << went;
  const auto session = arrived(went["result"]["credential"]);
  wait(8);
  EXPECT_EQ(brought(session)[0]["state"], "here") << brought(session);
  EXPECT_EQ(brought(session)[0]["custody"], "holder");
}

TEST_F(HeldCalls, APasskeyThatGoesTakesItsWrappingAlong) {
  TestAuthenticator second{2};
  const auto asked = a.call(ada, "account.register.begin");
  const auto made = second.create(asked["result"]["options"]["challenge"].get<std::string>());
  ASSERT_TRUE(a.call(ada, "account.register.finish",
                     {{"client_data", crypto::base64url(made.client_data)},
                      {"attestation", crypto::base64url(made.attestation)}})
                  .contains("result"));
  hold();
  EXPECT_EQ(key(ada)["wrappings"].size(), 2u);
  ASSERT_TRUE(a.call(ada, "account.passkey.remove", {{"id", passkey}}).contains("result"));
  ASSERT_EQ(key(ada)["wrappings"].size(), 1u);
  EXPECT_EQ(key(ada)["wrappings"][0]["passkey"], "") << "the code's stays";
}

}  // namespace
}  // namespace mw::server
