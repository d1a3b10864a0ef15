// Friends as people have them, between whole hosts: a.localhost is Ada's home, b.localhost Bo's and Cy's, evil.localhost Eve's.
#include <gtest/gtest.h>

#include "base/format.h"
#include "base/limits.h"
#include "server/test_travel.h"

namespace mw::server {
namespace {

class FriendsTest : public Travels {
 protected:
  struct Someone {
    Place* at = nullptr;
    SessionId session;
    std::string did;
  };
  FriendsTest() {
    one = {&a, ada, did};
    bo = someone(b, "Bo", 21);
    cy = someone(b, "Cy", 22);
    eve = someone(evil, "Eve", 23);
  }
  Someone someone(Place& at, const std::string& name, Byte seed) {
    Someone who{&at, at.visitor("flat", {{"name", name}}), ""};
    // A passkey is bound to the name of its host.
    TestAuthenticator key{seed, "http://" + at.authority, at.authority.substr(0, at.authority.find(':'))};
    const auto asked = at.call(
        who.session, "account.register.begin",
        {{"recovery_key", crypto::multikey(TestAuthenticator::key_of(static_cast<Byte>(seed + 100)).public_key())}});
    const auto made = key.create(asked["result"]["options"]["challenge"].get<std::string>());
    const auto done = at.call(
        who.session, "account.register.finish",
        {{"client_data", crypto::base64url(made.client_data)}, {"attestation", crypto::base64url(made.attestation)}});
    EXPECT_TRUE(done.contains("result")) << done;
    who.did = done["result"]["account"]["did"];
    return who;
  }
  Json call(const Someone& who, const std::string& method, Json params = Json::object()) {
    who.at->call(who.session, method, std::move(params), false);
    settle();
    return who.at->answer(who.session, who.at->last_id());
  }
  Json list(const Someone& who) { return call(who, "friend.list")["result"]; }
  // "state" of how `who` sees `other`; "none".
  std::string seen(const Someone& who, const Someone& other) {
    const Json all = list(who);
    for (const auto& one_of : all["friends"])
      if (one_of["did"] == other.did) return one_of["state"];
    return "none";
  }
  Json entry(const Someone& who, const Someone& other) {
    const Json all = list(who);
    for (const auto& one_of : all["friends"])
      if (one_of["did"] == other.did) return one_of;
    return nullptr;
  }
  void befriend(const Someone& who, const Someone& other) {
    EXPECT_EQ(call(who, "friend.ask", {{"did", other.did}})["result"]["state"], "asked");
    const auto accepted = call(other, "friend.answer", {{"did", who.did}, {"accept", true}});
    EXPECT_TRUE(accepted.contains("result")) << accepted;
  }
  Json say(const Someone& who, const Someone& other, const std::string& text) {
    return call(who, "friend.say", {{"did", other.did}, {"text", text}});
  }
  std::vector<std::string> talk(const Someone& who, const Someone& other) {
    std::vector<std::string> texts;
    const Json all = call(who, "friend.messages", {{"did", other.did}});
    for (const auto& message : all["result"]["messages"])
      texts.push_back((message["mine"].get<bool>() ? ">" : "<") + message["text"].get<std::string>());
    return texts;
  }
  static std::string why(const Json& answer) {
    return answer.contains("result") ? "done" : answer["error"]["message"].get<std::string>();
  }
  void seconds(int count) {
    for (int i = 0; i < count; ++i) {
      for (auto* host : {&a, &b, &evil}) host->tick(20);
      settle();
    }
  }
  void later(int count) {
    for (auto* host : {&a, &b, &evil}) {
      host->now.unix_ms += count * 1'000;
      host->now.s += count;
    }
    seconds(1);
  }
  // A call by a host itself, with its own key: what a dishonest one may try.
  std::string forged(Place& by, const std::string& method, Json params) {
    std::string got = "nothing";
    by.host_calls->send("b.localhost:2", method, std::move(params),
                        [&](const Result<Json>& result) { got = result.ok() ? "done" : result.error().text(); });
    settle();
    return got;
  }

  Someone one, bo, cy, eve;
};

TEST_F(FriendsTest, AskedAcceptedAndEndedBetweenTwoHomes) {
  EXPECT_EQ(call(one, "friend.ask", {{"did", bo.did}})["result"]["state"], "asked");
  EXPECT_EQ(seen(one, bo), "asked");
  EXPECT_EQ(seen(bo, one), "asks");
  EXPECT_EQ(entry(bo, one)["name"], "Ada");
  EXPECT_EQ(entry(bo, one)["home"], "a.localhost:8080");
  EXPECT_EQ(call(bo, "friend.answer", {{"did", one.did}, {"accept", true}})["result"]["done"], true);
  EXPECT_EQ(seen(one, bo), "friends");
  EXPECT_EQ(seen(bo, one), "friends");
  EXPECT_EQ(entry(one, bo)["name"], "Bo");
  EXPECT_EQ(why(call(one, "friend.ask", {{"did", bo.did}})), "you are friends already");
  EXPECT_EQ(call(one, "friend.end", {{"did", bo.did}})["result"]["done"], true);
  EXPECT_EQ(seen(one, bo), "none");
  EXPECT_EQ(seen(bo, one), "none");
  EXPECT_EQ(call(one, "friend.end", {{"did", bo.did}})["result"]["done"], false);
}

TEST_F(FriendsTest, OneWhoIsRefusedMayAskAgainAndPeopleOfOneHomeNeedNoNetwork) {
  const auto before = b.host_calls->stats().received;
  call(cy, "friend.ask", {{"did", bo.did}});
  EXPECT_EQ(call(bo, "friend.answer", {{"did", cy.did}, {"accept", false}})["result"]["done"], true);
  EXPECT_EQ(seen(bo, cy), "none");
  EXPECT_EQ(seen(cy, bo), "none");
  // Both ask: that is a yes.
  call(cy, "friend.ask", {{"did", bo.did}});
  EXPECT_EQ(call(bo, "friend.ask", {{"did", cy.did}})["result"]["state"], "friends");
  EXPECT_EQ(seen(cy, bo), "friends");
  EXPECT_EQ(b.host_calls->stats().received, before);
}

TEST_F(FriendsTest, WhatIsNoPersonOrNotThereIsSaid) {
  EXPECT_EQ(why(call(one, "friend.ask", {{"did", "did:web:b.localhost%3A2"}})),
            "did: expected the did:webvh of a person");
  EXPECT_EQ(why(call(one, "friend.ask", {{"did", one.did}})), "did: this is you");
  auto nobody = bo.did;
  nobody.replace(nobody.rfind(':') + 1, 3, "zzz");
  EXPECT_EQ(why(call(one, "friend.ask", {{"did", nobody}})), "to: nobody of that name lives here");
  EXPECT_EQ(list(one)["friends"].size(), 0u);
  down = "b.localhost:2";
  EXPECT_EQ(why(call(one, "friend.ask", {{"did", bo.did}})), "nothing answers there");
  EXPECT_EQ(list(one)["friends"].size(), 0u);
  EXPECT_EQ(why(call(one, "friend.answer", {{"did", bo.did}, {"accept", true}})), "did: they do not ask");
  const auto guest = a.visitor();
  EXPECT_TRUE(why(a.call(guest, "friend.list")).starts_with("friends are kept at one's home"));
}

TEST_F(FriendsTest, MessagesArriveAndStayUntilTheyAreRead) {
  befriend(one, bo);
  EXPECT_EQ(why(say(one, bo, "Come over!")), "done");
  EXPECT_EQ(entry(bo, one)["unread"], 1);
  seconds(1);
  EXPECT_FALSE(b.notification(bo.session, "friend.changed").is_null());
  EXPECT_EQ(why(say(bo, one, "On my way")), "done");
  EXPECT_EQ(talk(bo, one), (std::vector<std::string>{"<Come over!", ">On my way"}));
  EXPECT_EQ(talk(one, bo), (std::vector<std::string>{">Come over!", "<On my way"}));
  EXPECT_EQ(call(bo, "friend.read", {{"did", one.did}})["result"]["done"], true);
  EXPECT_EQ(entry(bo, one)["unread"], 0);
  EXPECT_EQ(why(say(one, cy, "hello")), "did: you are not friends");
  EXPECT_EQ(why(say(one, bo, " \n ")), "text: expected text that can be seen, found none");
  EXPECT_NE(why(say(one, bo, std::string(1'001, 'x'))), "done");
}

TEST_F(FriendsTest, OfMessagesTheOldestGoesAndOneFriendCannotFlood) {
  befriend(one, bo);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(why(say(one, bo, format("{}", i))), "done");
  EXPECT_EQ(why(say(one, bo, "too many")), "at most 20 messages a minute to one friend");
  for (int minute = 0; minute < 5; ++minute) {
    later(61);
    for (int i = 0; i < 18; ++i) EXPECT_EQ(why(say(one, bo, format("{} {}", minute, i))), "done");
  }
  later(61);
  ASSERT_EQ(talk(bo, one).size(), federation::kFriendMessages);
  EXPECT_EQ(list(bo)["dropped"], 10);
  EXPECT_EQ(talk(bo, one).front(), "<10");
}

TEST_F(FriendsTest, WhatWasAnsweredIsThereAfterARestart) {
  befriend(one, bo);
  say(one, bo, "before");
  call(bo, "friend.share", {{"place", true}});
  call(bo, "friend.block", {{"who", eve.did}});
  call(eve, "friend.ask", {{"did", cy.did}});
  const auto resume_of = [](Place& at, const Someone& who) {
    return at.keeper->resume_token(at.accounts->find(who.did.substr(who.did.rfind(':') + 1))->visitor, at.now.unix_ms);
  };
  const auto bo_token = resume_of(b, bo), cy_token = resume_of(b, cy);
  b.restart();
  b.add(flat_world());
  bo.session = b.connect();
  b.open(bo.session, {{"resume", bo_token}});
  cy.session = b.connect();
  b.open(cy.session, {{"resume", cy_token}});
  EXPECT_EQ(seen(bo, one), "friends");
  EXPECT_EQ(entry(bo, one)["unread"], 1);
  EXPECT_EQ(talk(bo, one), (std::vector<std::string>{"<before"}));
  EXPECT_EQ(list(bo)["shares_place"], true);
  EXPECT_EQ(list(bo)["blocks"][0]["who"], eve.did);
  EXPECT_EQ(seen(cy, eve), "asks");
  EXPECT_EQ(why(say(bo, one, "after")), "done");
  EXPECT_EQ(talk(one, bo).back(), "<after");
}

TEST_F(FriendsTest, ADiskThatIsFullChangesNothing) {
  befriend(one, bo);
  b.store->refuse = true;
  EXPECT_EQ(why(say(one, bo, "lost?")), "the disk is full");
  EXPECT_EQ(why(call(bo, "friend.end", {{"did", one.did}})), "the disk is full");
  b.store->refuse = false;
  EXPECT_EQ(talk(bo, one).size(), 0u);
  EXPECT_EQ(seen(bo, one), "friends");
  EXPECT_EQ(talk(one, bo).size(), 0u);
}

TEST_F(FriendsTest, ADishonestHomeSpeaksForNobodyElse) {
  befriend(one, bo);
  // Of Ada, who lives at a.
  for (const char* method : {"friend.ask", "friend.message", "friend.end", "friend.place"}) {
    const Json params{{"from", one.did}, {"to", bo.did}, {"name", "Ada"}, {"id", "x"}, {"text", "give me your key"}};
    EXPECT_EQ(forged(evil, method, params),
              "from: evil.localhost:3 speaks for its own people, and a.localhost:8080 is the home of this one")
        << method;
  }
  // A yes to nobody's question, and a message of no friend.
  EXPECT_EQ(forged(evil, "friend.answer", {{"from", eve.did}, {"to", bo.did}, {"accepted", true}}),
            "from: nobody here has asked them");
  EXPECT_EQ(seen(bo, eve), "none");
  EXPECT_EQ(forged(evil, "friend.message", {{"from", eve.did}, {"to", bo.did}, {"id", "x"}, {"text", "hi"}}),
            "from: they are not friends");
  EXPECT_EQ(forged(evil, "friend.place",
                   {{"from", eve.did},
                    {"to", {bo.did}},
                    {"host", "evil.localhost:3"},
                    {"world", "trap"},
                    {"until_ms", b.now.unix_ms + 60'000}}),
            "done");
  EXPECT_EQ(seen(bo, eve), "none");
  EXPECT_EQ(talk(bo, one).size(), 0u);
  for (const Json& params : {Json::object(), Json{{"from", 1}}, Json{{"from", eve.did}}, Json{{"from", "evil"}}})
    EXPECT_NE(forged(evil, "friend.ask", params), "done") << params;
}

TEST_F(FriendsTest, OneHomeCannotFillTheRequestsOfAPerson) {
  const auto scid = eve.did.substr(0, eve.did.rfind(':') + 1);
  int kept = 0;
  std::string last;
  for (int i = 0; i < 40; ++i) {
    last = forged(evil, "friend.ask", {{"from", format("{}abcdefghij2345{:02}", scid, i)}, {"to", bo.did}});
    if (last == "done") ++kept;
  }
  EXPECT_EQ(kept, 20);
  EXPECT_EQ(last, "too many requests wait for an answer of this person");
  EXPECT_EQ(call(one, "friend.ask", {{"did", bo.did}})["result"]["state"], "asked");
}

TEST_F(FriendsTest, WhoeverIsBlockedHearsNothingOfIt) {
  befriend(one, bo);
  say(one, bo, "hello");
  EXPECT_EQ(call(bo, "friend.block", {{"who", one.did}})["result"]["done"], true);
  EXPECT_EQ(list(bo)["blocks"][0]["name"], "Ada");
  EXPECT_EQ(seen(bo, one), "none");
  EXPECT_EQ(seen(one, bo), "none");
  EXPECT_EQ(talk(bo, one).size(), 0u);
  EXPECT_EQ(call(one, "friend.ask", {{"did", bo.did}})["result"]["state"], "asked");
  EXPECT_EQ(seen(bo, one), "none");
  EXPECT_EQ(why(call(bo, "friend.ask", {{"did", one.did}})), "you have blocked them; unblock them first");
  EXPECT_EQ(call(bo, "friend.unblock", {{"who", one.did}})["result"]["done"], true);
  // A host as a whole.
  EXPECT_EQ(call(cy, "friend.block", {{"who", "evil.localhost:3"}})["result"]["done"], true);
  call(eve, "friend.ask", {{"did", cy.did}});
  EXPECT_EQ(seen(cy, eve), "none");
  // A guest of this host, by the number that everybody sees.
  const auto guest = b.connect();
  const auto number = b.open(guest, {{"name", "Pest"}})["result"]["visitor"]["id"].get<std::string>();
  EXPECT_EQ(call(cy, "friend.block", {{"visitor", number}})["result"]["done"], true);
  const Json blocks = list(cy)["blocks"];
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[1]["who"], "visitor:" + number);
  EXPECT_EQ(blocks[1]["visitor"], number);
  EXPECT_EQ(blocks[1]["name"], "Pest");
  EXPECT_EQ(why(call(cy, "friend.block", {{"visitor", "99"}})), "/params/visitor: nobody here has that number");
  EXPECT_NE(why(call(cy, "friend.block")), "done");
}

TEST_F(FriendsTest, FriendsSeeWhereOneIsOnlyIfOneSaysSo) {
  befriend(one, bo);
  seconds(12);
  EXPECT_FALSE(entry(bo, one).contains("place")) << "not unless one says so";
  call(one, "friend.share", {{"place", true}});
  seconds(12);
  EXPECT_EQ(entry(bo, one)["place"],
            (Json{{"host", "a.localhost:8080"}, {"world", "flat"}, {"url", "http://a.localhost:8080/w/flat"}}));
  EXPECT_FALSE(entry(one, bo).contains("place")) << "the other has not said so";
  // It is told again before it is over, and is over when it is not.
  seconds(130);
  EXPECT_TRUE(entry(bo, one).contains("place"));
  down = "b.localhost:2";
  a.control->session_closed(one.session, edge::Parting::left, a.now);
  seconds(310);
  EXPECT_FALSE(entry(bo, one).contains("place"));
  down.clear();
}

TEST_F(FriendsTest, WhereOneGoesByAVisitIsSeenUntilOneIsBack) {
  befriend(one, bo);
  call(one, "friend.share", {{"place", true}});
  seconds(12);
  credential(b);
  seconds(12);
  EXPECT_EQ(entry(bo, one)["place"]["host"], "b.localhost:2");
  EXPECT_EQ(entry(bo, one)["place"]["url"], "http://b.localhost:2/w/flat");
  a.tick(20);
  EXPECT_TRUE(a.call(one.session, "world.leave").contains("result"));
  a.enter(one.session);
  seconds(12);
  EXPECT_EQ(entry(bo, one)["place"]["host"], "a.localhost:8080");
  call(one, "friend.share", {{"place", false}});
  seconds(12);
  EXPECT_FALSE(entry(bo, one).contains("place"));
}

TEST_F(FriendsTest, AnEndThatWasNotHeardIsFoundOut) {
  befriend(one, bo);
  down = "a.localhost:8080";
  EXPECT_EQ(call(bo, "friend.end", {{"did", one.did}})["result"]["done"], true);
  down.clear();
  EXPECT_EQ(seen(one, bo), "friends");
  EXPECT_EQ(why(say(one, bo, "hello?")), "did: you are not friends any more");
  EXPECT_EQ(seen(one, bo), "none");
}

TEST_F(FriendsTest, WhoIsHereIsAskedWithoutACode) {
  const auto dot = someone(a, "Dot", 24);
  const auto guest = a.visitor();
  const auto id_of = [&](SessionId session) -> std::string {
    for (const auto& text : a.outlet.peers[session].texts)
      if (text.contains("result") && text["result"].contains("resume")) return text["result"]["visitor"]["id"];
    return "";
  };
  EXPECT_EQ(call(one, "friend.ask", {{"visitor", id_of(dot.session)}})["result"]["state"], "asked");
  EXPECT_EQ(seen(dot, one), "asks");
  EXPECT_EQ(call(dot, "friend.ask", {{"visitor", id_of(one.session)}})["result"]["state"], "friends");
  EXPECT_NE(why(call(one, "friend.ask", {{"visitor", id_of(guest)}})).find("guest"), std::string::npos);
  EXPECT_NE(why(call(one, "friend.ask", {{"visitor", "99999"}})), "done");
  EXPECT_NE(why(call(one, "friend.ask")), "done");
  EXPECT_NE(why(call(one, "friend.ask", {{"visitor", id_of(dot.session)}, {"did", dot.did}})), "done");
  // Who is blocked is named by the number that they have in the worlds of this host, so that its page can leave them out.
  ASSERT_EQ(why(call(one, "friend.block", {{"visitor", id_of(dot.session)}})), "done");
  EXPECT_EQ(list(one)["blocks"][0]["visitor"], id_of(dot.session));
  EXPECT_EQ(seen(dot, one), "none");
}

}  // namespace
}  // namespace mw::server
