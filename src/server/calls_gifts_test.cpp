// Things that change hands between people of different homes, over the calls of three hosts and the log of one.
#include <gtest/gtest.h>

#include "server/test_travel.h"

namespace mw::server {
namespace {

// Ada of a and Eve of c meet at b; a and c know one another by nothing but their names.
class Gifts : public Carries {
 protected:
  Gifts() {
    join(c);
    eve = c.visitor("flat", {{"name", "Eve"}});
    eve_did = make_account(c, eve, eves_device, 102);
  }
  // Somebody at `to`, with these things of theirs.
  SessionId visit(Place& home, SessionId person, Place& to, const std::vector<std::string>& carry, Byte seed) {
    const auto asked = challenge(to, home.authority, seed);
    EXPECT_TRUE(asked.contains("result")) << asked;
    const auto told =
        ask(home, person, "travel.answer", {{"challenge", asked["result"]["challenge"]}, {"carry", carry}});
    EXPECT_TRUE(told.contains("result")) << told;
    left = told["result"]["left_behind"];
    const auto came = arrive(to, to.visitor(), told["result"]["credential"], seed);
    EXPECT_TRUE(came.contains("result")) << came;
    const auto session = to.connect();
    to.open(session, {{"resume", came["result"]["resume"]}});
    to.enter(session);
    return session;
  }
  static std::string id_of(Place& at, SessionId session) {
    for (const auto& text : at.outlet.peers[session].texts)
      if (text.contains("result") && text["result"].contains("resume")) return text["result"]["visitor"]["id"];
    return "";
  }
  // Ada and Eve at b, Ada with the crate, which is offered.
  void meet() {
    asset = crate();
    ada_b = visit(a, ada, b, {asset}, 9);
    eve_b = visit(c, eve, b, {}, 10);
    wait(8);
    ASSERT_EQ(brought(ada_b)[0]["state"], "here") << brought(ada_b);
    const auto offered = b.call(ada_b, "travel.give", {{"asset", asset}, {"visitor", id_of(b, eve_b)}});
    ASSERT_TRUE(offered.contains("result")) << offered;
    gift = offered["result"]["gifts"][0]["id"];
  }
  Json accept() { return ask(b, eve_b, "travel.accept", {{"gift", gift}}); }
  // What Ada's own page at home does with the link that b gave her.
  Json confirm() {
    const std::string link = b.notification(ada_b, "travel.gift")["gifts"][0]["confirm"];
    EXPECT_TRUE(link.starts_with("http://a.localhost:8080/give#asset=" + asset + "&to=")) << link;
    return ask(a, ada, "title.transfer", {{"asset", asset}, {"person", eve_did}});
  }
  Json owned(Place& at, SessionId session) { return ask(at, session, "title.mine")["result"]["things"]; }

  Place c{folder, "c.localhost:4"};
  TestAuthenticator eves_device{2, "http://c.localhost:4", "c.localhost"};
  SessionId eve, ada_b, eve_b;
  std::string eve_did, asset;
  Json gift, left;
};

TEST_F(Gifts, AThingOfOneHomeIsGivenToAPersonOfAnother) {
  meet();
  EXPECT_EQ(b.notification(eve_b, "travel.gift")["gifts"][0]["thing"]["name"], "The red crate");
  EXPECT_EQ(b.notification(eve_b, "travel.gift")["gifts"][0]["from"]["home"], "a.localhost:8080");
  ASSERT_TRUE(accept().contains("result"));
  const auto who = ask(a, ada, "title.recipient", {{"asset", asset}, {"person", eve_did}});
  EXPECT_EQ(who["result"]["name"], "Eve") << who;
  EXPECT_EQ(who["result"]["home"], "c.localhost:4");
  const auto standing = confirm();
  ASSERT_TRUE(standing.contains("result")) << standing;
  EXPECT_EQ(standing["result"]["custody"], "home");
  EXPECT_EQ(standing["result"]["kept_by"], "c.localhost:4");
  wait(4);
  settle();
  wait(2);
  EXPECT_TRUE(brought(ada_b).empty()) << brought(ada_b);
  ASSERT_EQ(brought(eve_b).size(), 1u);
  EXPECT_EQ(brought(eve_b)[0]["state"], "here");
  EXPECT_EQ(brought(eve_b)[0]["host"], "a.localhost:8080") << "its title stays in the log that it was made in";
  EXPECT_EQ(brought(eve_b)[0]["keeper"], "c.localhost:4");
  EXPECT_TRUE(b.call(eve_b, "travel.hand", {{"asset", asset}}).contains("result"));
  EXPECT_NE(refusal(b.call(ada_b, "travel.hand", {{"asset", asset}})), "arrived");
  // Her own home has found it, and Ada's knows that it is not Ada's any more.
  EXPECT_EQ(c.notification(eve, "title.owned")["things"][0]["name"], "The red crate");
  EXPECT_EQ(owned(c, eve)[0]["log_host"], "a.localhost:8080");
  EXPECT_TRUE(owned(a, ada).empty());
}

TEST_F(Gifts, WhatWasGivenGoesOnWithItsNewOwner) {
  meet();
  ASSERT_TRUE(accept().contains("result"));
  ASSERT_TRUE(confirm().contains("result"));
  wait(6);
  settle();
  wait(1);
  ASSERT_EQ(owned(c, eve).size(), 1u);
  c.restart();
  eve = c.connect();
  const auto token = c.keeper->resume_token(c.accounts->visitors().front(), c.now.unix_ms);
  c.open(eve, {{"resume", token}});
  wait(6);
  owned(c, eve);
  ASSERT_EQ(owned(c, eve).size(), 1u) << "through a restart";
  // It is at b by Ada's lease; Eve's home calls it from there, and it goes along to the next host.
  wait(6);
  const auto there = visit(c, eve, evil, {asset}, 11);
  EXPECT_TRUE(left.empty()) << left;
  EXPECT_TRUE(brought(eve_b).empty() || brought(eve_b)[0]["state"] == "over") << brought(eve_b);
  wait(8);
  settle();
  wait(8);
  const auto seen = evil.call(there, "travel.carried")["result"]["carried"];
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0]["state"], "here") << seen;
  EXPECT_EQ(seen[0]["host"], "a.localhost:8080");
  // And she gives it on, by a record that her home signs and a's log takes.
  const auto bo = evil.visitor("flat", {{"name", "Bo"}});
  TestAuthenticator bos_device(3, "http://evil.localhost:3", "evil.localhost");
  const auto bo_did = make_account(evil, bo, bos_device, 103);
  const auto given = ask(c, eve, "title.transfer", {{"asset", asset}, {"person", bo_did}});
  ASSERT_TRUE(given.contains("result")) << given;
  EXPECT_EQ(given["result"]["kept_by"], "evil.localhost:3");
  EXPECT_TRUE(owned(c, eve).empty());
  EXPECT_EQ(a.titles->index().find(trust::parse_title_hash(asset, "").value())->sequence, 2u);
}

TEST_F(Gifts, AThingOfAThirdHostIsGivenOnWithinOneHome) {
  asset = crate();
  ASSERT_TRUE(ask(a, ada, "title.transfer", {{"asset", asset}, {"person", eve_did}}).contains("result"));
  wait(6);
  ASSERT_EQ(owned(c, eve).size(), 1u);
  const auto fay = c.visitor("flat", {{"name", "Fay"}});
  TestAuthenticator fays_device(4, "http://c.localhost:4", "c.localhost");
  const auto fay_did = make_account(c, fay, fays_device, 104);
  const auto given = ask(c, eve, "title.transfer", {{"asset", asset}, {"person", fay_did}});
  ASSERT_TRUE(given.contains("result")) << given;
  wait(6);
  EXPECT_TRUE(owned(c, eve).empty());
  ASSERT_EQ(owned(c, fay).size(), 1u) << "her home looks at the log of a, where nothing of hers was before";
  EXPECT_EQ(owned(c, fay)[0]["log_host"], "a.localhost:8080");
}

TEST_F(Gifts, AtHomeAThingIsGivenToWhoeverIsThere) {
  asset = crate();
  const auto second = crate(3);
  const auto guest = a.visitor();
  const auto eve_a = visit(c, eve, a, {}, 15);
  const auto to_guest = a.call(ada, "title.transfer", {{"asset", asset}, {"visitor", id_of(a, guest)}});
  ASSERT_TRUE(to_guest.contains("result")) << to_guest;
  EXPECT_EQ(a.notification(guest, "title.given")["from"]["name"], "Ada");
  EXPECT_EQ(a.notification(guest, "title.given")["thing"]["name"], "The red crate");
  EXPECT_EQ(owned(a, guest).size(), 1u);
  // Somebody from elsewhere gets it at their home, and not at this host alone.
  const auto to_eve = ask(a, ada, "title.transfer", {{"asset", second}, {"visitor", id_of(a, eve_a)}});
  ASSERT_TRUE(to_eve.contains("result")) << to_eve;
  EXPECT_EQ(to_eve["result"]["kept_by"], "c.localhost:4");
  EXPECT_EQ(a.notification(eve_a, "title.given")["from"]["name"], "Ada");
  wait(6);
  EXPECT_EQ(owned(c, eve).size(), 1u);
  EXPECT_TRUE(owned(a, ada).empty());
}

TEST_F(Gifts, NothingMovesBeforeTheOwnerHasSaidSoAtHome) {
  meet();
  ASSERT_TRUE(accept().contains("result"));
  wait(10);
  settle();
  EXPECT_EQ(brought(ada_b).size(), 1u);
  EXPECT_TRUE(brought(eve_b).empty());
  EXPECT_EQ(owned(a, ada).size(), 1u);
  // Neither the destination nor the other's home can say it for her.
  const auto transfer = [&](Place& by, const std::string& record) {
    Json out;
    by.host_calls->send(a.authority, "title.record", {{"record", record}}, [&](const Result<Json>& answer) {
      out = answer.ok() ? Json("recorded") : Json(answer.error().text());
    });
    settle();
    return out.get<std::string>();
  };
  const auto& title = *a.titles->index().find(trust::parse_title_hash(asset, "").value());
  const auto forger = TestAuthenticator::key_of(77);
  const std::vector<trust::Sign> signers{[&](ByteView message) { return forger.sign(message); }};
  const auto forged =
      trust::sign_title(a.titles->index().log(),
                        trust::TitleTransfer{{title.asset, 1, title.head().record, forger.public_key()}}, signers);
  EXPECT_NE(transfer(evil, std::string(as_text(format_title(*forged)))).find("forged"), std::string::npos);
  EXPECT_NE(transfer(evil, "nonsense").find("record"), std::string::npos);
  EXPECT_EQ(a.titles->index().find(title.asset)->sequence, 0u);
}

TEST_F(Gifts, AGuestOwnsNothingAndAStrangerIsNobody) {
  meet();
  const auto guest = b.visitor();
  b.call(ada_b, "travel.decline", {{"gift", gift}});
  const auto offered = b.call(ada_b, "travel.give", {{"asset", asset}, {"visitor", id_of(b, guest)}});
  ASSERT_TRUE(offered.contains("result")) << offered;
  const auto refused = ask(b, guest, "travel.accept", {{"gift", offered["result"]["gifts"].back()["id"]}});
  EXPECT_NE(refusal(refused).find("account"), std::string::npos) << refused;
  const auto nobody = ask(a, ada, "title.recipient",
                          {{"asset", asset}, {"person", eve_did.substr(0, eve_did.size() - 16) + "abcdefghij234567"}});
  EXPECT_NE(refusal(nobody).find("nobody of that name"), std::string::npos) << nobody;
  // A home that says whose key it keeps says so of its own people alone.
  const auto foreign = ask(evil, evil.visitor(), "title.recipient", {{"asset", asset}, {"person", eve_did}});
  EXPECT_NE(refusal(foreign), "arrived") << "only somebody with an account asks";
}

TEST_F(Gifts, ThingsAreGivenBackWhenTheirPersonGoesHomeAndCalledBackAtHome) {
  meet();
  const auto id = trust::parse_title_hash(asset, "").value();
  EXPECT_TRUE(things(a, ada).empty());
  const auto returned = ask(b, ada_b, "travel.return");
  EXPECT_EQ(returned["result"]["carried"][0]["state"], "over");
  EXPECT_LE(a.titles->index().find(id)->lease->until_s, a.now.unix_ms / 1'000);
  wait(6);
  EXPECT_EQ(things(a, ada).size(), 1u) << "at home again, minutes before the lease would have ended";
  // To b again, and called back from home.
  ada_b = visit(a, ada, b, {asset}, 12);
  EXPECT_TRUE(left.empty()) << left;
  wait(8);
  ASSERT_EQ(brought(ada_b)[0]["state"], "here");
  const auto stranger = ask(evil, evil.visitor(), "title.recall", {{"asset", asset}});
  EXPECT_NE(refusal(stranger), "arrived");
  const auto recalled = ask(a, ada, "title.recall", {{"asset", asset}});
  ASSERT_TRUE(recalled.contains("result")) << recalled;
  wait(6);
  EXPECT_EQ(things(a, ada).size(), 1u);
  EXPECT_EQ(brought(ada_b)[0]["state"], "over");
  // A host that does not answer keeps it until the lease ends: it stays behind, with the reason.
  ada_b = visit(a, ada, b, {asset}, 13);
  down = b.authority;
  const auto asked = challenge(evil, a.authority, 14);
  const auto told = ask(a, ada, "travel.answer", {{"challenge", asked["result"]["challenge"]}, {"carry", {asset}}});
  EXPECT_NE(told["result"]["left_behind"].dump().find("b.localhost"), std::string::npos) << told;
}

}  // namespace
}  // namespace mw::server
