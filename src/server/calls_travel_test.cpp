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
