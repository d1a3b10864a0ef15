// Visits as a browser makes them, between whole control sides: a home, a destination and others, with a network of their documents.
// What a credential must say is tested in trust/; here is who arrives, and who is refused.
#include <gtest/gtest.h>

#include "server/test_travel.h"

namespace mw::server {
namespace {

TEST_F(Travels, ArrivesAsThemselvesAndIsTheSameEachTime) {
  const auto asked = challenge(b)["result"];
  EXPECT_EQ(asked["go"], "http://a.localhost:8080/visit");
  const auto told = a.call(ada, "travel.asked", {{"challenge", asked["challenge"]}})["result"];
  EXPECT_EQ(told["destination"]["host"], "b.localhost:2");
  EXPECT_EQ(told["told"]["name"], "Ada");
  EXPECT_EQ(told["remembered"], false);
  const auto answered = a.call(ada, "travel.answer", {{"challenge", asked["challenge"]}, {"remember", true}})["result"];
  EXPECT_EQ(answered["return_to"], "http://b.localhost:2/w/flat");
  const auto guest = b.visitor();
  const auto arrived = arrive(b, guest, answered["credential"]);
  ASSERT_TRUE(arrived.contains("result")) << arrived;
  EXPECT_EQ(arrived["result"]["person"], (Json{{"did", did}, {"home", "a.localhost:8080"}}));

  const auto session = b.connect();
  const auto opened = b.open(session, {{"resume", arrived["result"]["resume"]}})["result"]["visitor"];
  EXPECT_EQ(opened["name"], "Ada");
  EXPECT_EQ(opened["language"], "zh");
  EXPECT_EQ(opened["home"], "a.localhost:8080");
  EXPECT_EQ(opened["appearance"]["hat"], 2);
  EXPECT_EQ(opened["id"], arrived["result"]["visitor"]);

  // Next month, from another device: the same visitor, also after a restart of the destination.
  b.restart();
  b.add(flat_world());
  const auto again = arrive(b, b.visitor(), credential(b, 10), 10);
  EXPECT_EQ(again["result"]["visitor"], arrived["result"]["visitor"]);
  EXPECT_EQ(a.call(ada, "travel.asked", {{"challenge", challenge(b)["result"]["challenge"]}})["result"]["remembered"],
            true);
  EXPECT_EQ(a.call(ada, "travel.remembered")["result"]["hosts"][0]["host"], "b.localhost:2");
  EXPECT_EQ(a.call(ada, "travel.revoke", {{"host", "b.localhost:2"}})["result"]["revoked"], true);
  EXPECT_EQ(a.call(ada, "travel.asked", {{"challenge", challenge(b)["result"]["challenge"]}})["result"]["remembered"],
            false);
}

TEST_F(Travels, OthersSeeTheHomeAndItIsForgottenOnDemand) {
  const auto guest = b.visitor();
  const auto arrived = arrive(b, guest, credential(b))["result"];
  const auto session = b.connect();
  b.open(session, {{"resume", arrived["resume"]}});
  b.enter(session);
  b.tick(5);
  const auto learned = b.call(session, "travel.learned")["result"]["learned"];
  EXPECT_GE(learned.size(), 5u);
  EXPECT_EQ(learned[0]["value"], did);
  EXPECT_EQ(b.call(session, "travel.forget")["result"]["forgotten"], true);
  EXPECT_TRUE(b.call(session, "travel.learned")["result"]["learned"].empty());
  EXPECT_EQ(b.call(session, "travel.forget")["result"]["forgotten"], false);
  const auto again = arrive(b, b.visitor(), credential(b))["result"];
  EXPECT_NE(again["visitor"], arrived["visitor"]) << "nobody remembers";
}

TEST_F(Travels, WhoeverOwnsThingsHereIsNotForgotten) {
  const auto arrived = arrive(b, b.visitor(), credential(b))["result"];
  const auto session = b.connect();
  b.open(session, {{"resume", arrived["resume"]}});
  b.enter(session);
  const auto added = b.call(session, "entity.add", {{"model", "crate"}, {"position", {1, 0, 1}}});
  b.tick(5);
  ASSERT_TRUE(added.contains("result")) << added;
  const auto title = b.call(session, "title.create", {{"entity", added["result"]["entity"]}})["result"]["asset"];
  const auto refused = b.call(session, "travel.forget");
  EXPECT_EQ(refused["error"]["code"], -32003) << refused;
  EXPECT_NE(refusal(refused).find("you own a thing here"), std::string::npos) << refused;
  EXPECT_NE(refusal(refused).find("title.transfer"), std::string::npos) << refused;
  EXPECT_FALSE(b.call(session, "travel.learned")["result"]["learned"].empty()) << "nothing was forgotten";
  // As it says: given to a key of their own, the title needs this host no more.
  const auto own = crypto::multikey(session_key(77).public_key());
  ASSERT_TRUE(b.call(session, "title.transfer", {{"asset", title}, {"to", own}}).contains("result"));
  EXPECT_EQ(b.call(session, "travel.forget")["result"]["forgotten"], true);
}

TEST_F(Travels, TheOperatorSeesWhoWasRefusedAndWhy) {
  const auto status = [&](Place& at) {
    return at.call(at.make_operator(at.visitor()), "host.status")["result"]["travel"];
  };
  EXPECT_EQ(status(b), (Json{{"policy", "open"},
                             {"issued", 0},
                             {"arrived", 0},
                             {"refused", 0},
                             {"last_refusal", ""},
                             {"known", 0},
                             {"bans", 0}}));
  down = "a.localhost:8080";
  challenge(b);
  EXPECT_EQ(status(b)["refused"], 1) << "a home that is down";
  EXPECT_NE(status(b)["last_refusal"].get<std::string>().find("a.localhost:8080"), std::string::npos);
  down.clear();
  b.options.travel_hosts.clear();
  b.options.travel_visitors_per_host = 1;
  b.restart();
  b.add(flat_world());
  const auto first = arrive(b, b.visitor(), credential(b))["result"];
  const auto session = b.connect();
  b.open(session, {{"resume", first["resume"]}});
  b.enter(session);
  EXPECT_EQ(status(b)["arrived"], 1);
  EXPECT_EQ(status(b)["known"], 1);
  EXPECT_GE(status(a)["issued"].get<int>(), 1);
  // A reason from outside is cut, and stays text.
  b.travel->refused(failure(ErrorKind::forbidden, std::string(299, 'x') + "界界"));
  const auto last = status(b)["last_refusal"].get<std::string>();
  EXPECT_LE(last.size(), 300u);
  EXPECT_TRUE(last.starts_with("xxx")) << last;
  b.travel->refused(failure(ErrorKind::forbidden, "\xff\xff\xff\xff\xff"));
  EXPECT_EQ(status(b)["last_refusal"], "a reason that is no text");
}

TEST_F(Travels, RefusesEveryAttackByName) {
  const Json good = credential(b);
  // Replayed: the nonce counts once, whoever brings it.
  EXPECT_EQ(refusal(arrive(b, b.visitor(), good)), "arrived");
  EXPECT_NE(refusal(arrive(b, b.visitor(), good)).find("nonce"), std::string::npos);
  // Re-bound to another session key.
  EXPECT_NE(refusal(arrive(b, b.visitor(), credential(b), 11)).find("sessionKey"), std::string::npos);
  // Made for another host.
  EXPECT_NE(refusal(arrive(evil, evil.visitor(), credential(b))).find("audience"), std::string::npos);
  // Changed on the way.
  Json forged = credential(b);
  forged["credentialSubject"]["profile"]["name"] = "Somebody";
  EXPECT_NE(refusal(arrive(b, b.visitor(), forged)).find("proof"), std::string::npos);
  // A home that speaks for a person of another: the parties do not fit.
  Json foreign = credential(b);
  foreign["issuer"] = evil.travel->did();
  EXPECT_NE(refusal(arrive(b, b.visitor(), foreign)), "arrived");
  // Expired.
  const Json late = credential(b);
  b.now.unix_ms += 10 * 60'000;
  EXPECT_NE(refusal(arrive(b, b.visitor(), late)).find("valid"), std::string::npos);
  b.now.unix_ms -= 10 * 60'000;
  // Without a nonce of this session.
  const auto session = b.visitor();
  const auto without = b.call(session, "travel.arrive",
                              {{"credential", credential(b)},
                               {"session_key", encoded(session_key().public_key())},
                               {"signature", crypto::base64url(Bytes(64))}});
  EXPECT_NE(refusal(without).find("nonce"), std::string::npos);
  EXPECT_GE(b.travel->stats().refused, 6u);
  EXPECT_FALSE(b.travel->stats().last_refusal.empty());
  EXPECT_EQ(b.travel->stats().arrived, 1u);
}

TEST_F(Travels, AChallengeIsAnsweredToItsSignerAlone) {
  // A destination that names another's address: the answer would go to evil, in the name of b.
  Json challenge = this->challenge(b)["result"]["challenge"];
  challenge["returnTo"] = "http://evil.localhost:3/collect";
  EXPECT_NE(refusal(a.call(ada, "travel.asked", {{"challenge", challenge}})), "arrived");
  Json borrowed = this->challenge(evil)["result"]["challenge"];
  borrowed["audience"] = b.travel->did();
  EXPECT_NE(refusal(a.call(ada, "travel.answer", {{"challenge", borrowed}})), "arrived");
  // A guest of the home has nothing to tell.
  EXPECT_NE(refusal(a.call(a.visitor(), "travel.asked", {{"challenge", this->challenge(b)["result"]["challenge"]}}))
                .find("account"),
            std::string::npos);
}

TEST_F(Travels, TheDestinationDecidesWhoComes) {
  b.call(b.visitor(), "travel.nonce");
  down = "a.localhost:8080";
  EXPECT_NE(refusal(challenge(b)).find("a.localhost:8080"), std::string::npos)
      << "a home that is down is told before the way there";
  down.clear();
  bool done = false;
  b.travel->ban({"a.localhost:8080", "spam", b.now.unix_ms}, [&](const Result<bool>& banned) { done = *banned; });
  b.pump();
  EXPECT_TRUE(done);
  EXPECT_NE(refusal(challenge(b)).find("spam"), std::string::npos);
  b.restart();
  b.add(flat_world());
  EXPECT_NE(refusal(challenge(b)).find("spam"), std::string::npos) << "a ban outlives a restart";
  b.travel->unban("a.localhost:8080", [](const Result<bool>&) {});
  const Json before = credential(b);
  b.travel->ban({did, "rude", b.now.unix_ms}, [](const Result<bool>&) {});
  b.pump();
  EXPECT_NE(refusal(arrive(b, b.visitor(), before)).find("rude"), std::string::npos);
  b.travel->unban(did, [](const Result<bool>&) {});
  b.pump();
  // Who was here before and kept a token is bound, too.
  const auto arrived = arrive(b, b.visitor(), credential(b))["result"];
  b.travel->ban({did, "rude", b.now.unix_ms}, [](const Result<bool>&) {});
  b.pump();
  EXPECT_NE(refusal(b.open(b.connect(), {{"resume", arrived["resume"]}})).find("rude"), std::string::npos);
  b.travel->unban(did, [](const Result<bool>&) {});
  b.pump();
  b.options.travel = "list";
  b.options.travel_hosts = {"c.localhost:4"};
  b.restart();
  b.add(flat_world());
  EXPECT_NE(refusal(challenge(b)).find("certain homes"), std::string::npos);
  b.options.travel_hosts = {"a.localhost:8080"};
  b.restart();
  b.add(flat_world());
  EXPECT_EQ(refusal(arrive(b, b.visitor(), credential(b))), "arrived");
  b.options.travel = "off";
  b.restart();
  b.add(flat_world());
  EXPECT_NE(refusal(challenge(b)).find("nobody"), std::string::npos);
}

// b trusts evil.localhost, whatever its name; what counts is whom that host vouches for.
TEST_F(Travels, WhoeverATrustedHostVouchesForIsLetIn) {
  const auto later = [&] {
    for (auto* place : {&a, &b, &evil}) place->now.unix_ms += 61'000;
  };
  const auto introduce = [&](Place& by, std::vector<std::string> homes) {
    by.options.travel_introduces = std::move(homes);
    by.restart();
    by.add(flat_world());
    later();
  };
  b.options.travel = "introduction";
  b.options.travel_hosts = {"evil.localhost:3"};
  b.restart();
  b.add(flat_world());
  EXPECT_NE(refusal(challenge(b)).find("vouches"), std::string::npos);
  introduce(evil, {"a.localhost:8080"});
  const auto arrived = arrive(b, b.visitor(), credential(b));
  EXPECT_EQ(refusal(arrived), "arrived");
  const Json resume{{"resume", arrived["result"]["resume"]}};
  // A host that does not answer is believed for what it said last.
  down = "evil.localhost:3";
  later();
  EXPECT_EQ(refusal(arrive(b, b.visitor(), credential(b))), "arrived");
  // After a restart nobody new is let in while it is silent; who was here before is.
  b.restart();
  b.add(flat_world());
  EXPECT_NE(refusal(challenge(b)).find("vouches"), std::string::npos);
  EXPECT_TRUE(b.open(b.connect(), resume).contains("result"));
  down.clear();
  later();
  EXPECT_EQ(refusal(arrive(b, b.visitor(), credential(b))), "arrived");
  // Who is introduced introduces nobody.
  a.options.travel_introduces = {"x.localhost:9"};
  a.restart();
  a.add(flat_world());
  EXPECT_NE(refusal(challenge(b, "x.localhost:9")).find("vouches"), std::string::npos);
  // Taken back: that binds also those who were here before.
  introduce(evil, {});
  b.travel->keep_up(b.now.unix_ms);
  b.pump();
  EXPECT_NE(refusal(challenge(b)).find("vouches"), std::string::npos);
  EXPECT_NE(refusal(b.open(b.connect(), resume)).find("vouches"), std::string::npos);
  // The trusted host's own people come without anybody's word.
  EXPECT_TRUE(b.travel->admits("evil.localhost:3").ok());
}

TEST_F(Travels, DocumentsAreKeptForAMinute) {
  challenge(b);
  const int first = fetched;
  for (int i = 0; i < 20; ++i) challenge(b);
  EXPECT_EQ(fetched, first);
  b.now.unix_ms += 61'000;
  challenge(b);
  EXPECT_EQ(fetched, first + 1);
}

}  // namespace
}  // namespace mw::server
