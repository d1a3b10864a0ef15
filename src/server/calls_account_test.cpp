// The calls of accounts as a browser makes them, against the control side on a journal in memory; the ceremonies themselves are
// tested in federation/.
#include <gtest/gtest.h>

#include "crypto/multibase.h"
#include "federation/test_authenticator.h"
#include "platform/test_socket.h"
#include "server/test_harness.h"

namespace mw::server {
namespace {

using federation::TestAuthenticator;

std::string multikey(Byte number) { return crypto::multikey(TestAuthenticator::key_of(number).public_key()); }

struct Home : Harness {
  explicit Home(const std::string& path = ":memory:") : Harness(path, "http://a.localhost:8080") { add(flat_world()); }
  Json registered(SessionId session, const TestAuthenticator& device, Json begin) {
    const auto asked = call(session, "account.register.begin", std::move(begin));
    EXPECT_TRUE(asked.contains("result")) << asked;
    const auto made = device.create(asked["result"]["options"]["challenge"].get<std::string>());
    return call(session, "account.register.finish",
                {{"client_data", crypto::base64url(made.client_data)},
                 {"attestation", crypto::base64url(made.attestation)},
                 {"label", "Laptop"}});
  }
  Json logged_in(SessionId session, TestAuthenticator& device) {
    const auto asked = call(session, "account.login.begin");
    const auto login = device.get(asked["result"]["options"]["challenge"].get<std::string>());
    return call(session, "account.login.finish",
                {{"id", crypto::base64url(login.id)},
                 {"client_data", crypto::base64url(login.assertion.client_data)},
                 {"authenticator_data", crypto::base64url(login.assertion.authenticator_data)},
                 {"signature", crypto::base64url(login.assertion.signature)}});
  }
};

TEST(AccountCalls, AHostWithoutANameSaysSo) {
  Harness h;
  h.add(flat_world());
  const auto session = h.visitor();
  EXPECT_EQ(h.call(session, "account.describe")["result"]["available"], false);
  const auto refused = h.call(session, "account.login.begin");
  EXPECT_EQ(refused["error"]["code"], -32007) << refused;
  // And nobody at all who has not opened a session.
  EXPECT_EQ(h.call(h.connect(), "account.login.begin")["error"]["code"], -32001);
}

// A host that is killed at any moment knows what it has answered.
TEST(AccountCalls, WhatWasAnsweredIsThereAfterACrash) {
  const platform::TestFolder folder;
  Home h(folder.file("a.db"));
  TestAuthenticator device(1);
  const auto back = [&] {
    h.restart();
    h.add(flat_world());
    const auto guest = h.visitor();
    const auto token = h.logged_in(guest, device)["result"]["resume"];
    return h.open(h.connect(), {{"resume", token}})["result"]["visitor"];
  };
  const auto session = h.visitor("flat", {{"name", "Ada"}});
  ASSERT_TRUE(h.registered(session, device, {{"recovery_key", multikey(101)}}).contains("result"));
  EXPECT_EQ(back()["name"], "Ada");
  const auto again = h.connect();
  h.open(again, {{"resume", h.logged_in(h.visitor(), device)["result"]["resume"]}});
  ASSERT_TRUE(h.call(again, "visitor.change", {{"name", "Ada L"}, {"appearance", {{"hat", 1}}}}).contains("result"));
  const auto seen = back();
  EXPECT_EQ(seen["name"], "Ada L");
  EXPECT_EQ(seen["appearance"]["hat"], 1);
  // A full disk is told, not passed over.
  const auto last = h.connect();
  h.open(last, {{"resume", h.logged_in(h.visitor(), device)["result"]["resume"]}});
  h.store->refuse = true;
  EXPECT_FALSE(h.call(last, "visitor.change", {{"name", "Lost"}}).contains("result"));
}

TEST(AccountCalls, AGuestKeepsNameAndLooksAndComesBackElsewhere) {
  Home h;
  TestAuthenticator device(1);
  const auto session = h.visitor("flat", {{"name", "Ada"}});
  h.call(session, "visitor.change", {{"appearance", {{"hat", 2}}}});
  h.call(session, "visitor.outfit.keep", {{"name", "Sunday"}});
  EXPECT_FALSE(h.call(session, "account.describe")["result"].contains("account"));
  const auto made = h.registered(session, device, {{"recovery_key", multikey(101)}});
  ASSERT_TRUE(made.contains("result")) << made;
  EXPECT_EQ(h.call(session, "account.describe")["result"]["account"], made["result"]["account"]);
  h.tick(100);
  h.control->session_closed(session, edge::Parting::left, h.now);
  h.tick(400);
  // Another browser, another guest, who logs in and opens anew.
  const auto other = h.visitor();
  const auto back = h.logged_in(other, device);
  ASSERT_TRUE(back.contains("result")) << back;
  const auto home = h.connect();
  const auto again = h.open(home, {{"resume", back["result"]["resume"]}});
  EXPECT_EQ(again["result"]["visitor"]["name"], "Ada") << again;
  EXPECT_EQ(again["result"]["visitor"]["appearance"]["hat"], 2);
  EXPECT_EQ(h.call(home, "visitor.outfits")["result"]["outfits"][0]["name"], "Sunday");
  EXPECT_EQ(h.call(other, "account.passkeys")["result"]["passkeys"].size(), 0u);  // the guest has none
  // What is no ceremony is refused by name.
  const auto bad = h.call(other, "account.register.finish", {{"client_data", "e30"}, {"attestation", "oA"}});
  EXPECT_EQ(bad["error"]["data"]["field"], "clientDataJSON") << bad;
  EXPECT_EQ(
      h.call(
          other, "account.login.finish",
          {{"id", "!"}, {"client_data", ""}, {"authenticator_data", ""}, {"signature", ""}})["error"]["data"]["field"],
      "id");
}

TEST(AccountCalls, WhoeverHasAnAccountIsNotPruned) {
  Home h;
  TestAuthenticator device(1);
  const auto session = h.visitor("flat", {{"name", "Ada"}});
  const auto guest = h.visitor("flat", {{"name", "Bo"}});
  h.registered(session, device, {{"recovery_key", multikey(101)}});
  h.tick(100);
  for (const auto one : {session, guest}) h.control->session_closed(one, edge::Parting::left, h.now);
  h.tick(200);
  EXPECT_EQ(h.store->journal().list(kVisitorPrefix, 10)->size(), 2u);
  h.now.unix_ms += limits::kResumeMs + 60'000;
  h.now.s += 100'000;
  h.tick(400);
  EXPECT_EQ(h.store->journal().list(kVisitorPrefix, 10)->size(), 1u);
}

TEST(AccountCalls, RecoveryEndsOlderTokens) {
  Home h;
  TestAuthenticator device(1);
  const auto session = h.visitor("flat", {{"name", "Ada"}});
  const auto made = h.registered(session, device, {{"recovery_key", multikey(101)}});
  const auto old = made["result"]["resume"];
  h.tick(100);
  const auto other = h.visitor();
  const auto asked = h.call(other, "account.recover.begin", {{"key", multikey(101)}, {"next_key", multikey(102)}});
  ASSERT_TRUE(asked.contains("result")) << asked;
  const auto message = crypto::from_base64url(asked["result"]["message"].get<std::string>()).value();
  const auto signature = TestAuthenticator::key_of(101).sign(message);
  const Json answer{{"challenge", asked["result"]["challenge"]}, {"signature", crypto::base64url(signature)}};
  const auto recovered = h.call(other, "account.recover.finish", answer);
  ASSERT_TRUE(recovered.contains("result")) << recovered;
  EXPECT_EQ(recovered["result"]["account"]["passkeys"], 0);
  EXPECT_TRUE(h.call(other, "account.recover.finish", answer).contains("error"));
  const auto id = [&](const Json& token) {
    return h.open(h.connect(), {{"resume", token}})["result"]["visitor"]["name"];
  };
  EXPECT_NE(id(old), "Ada");
  EXPECT_EQ(id(recovered["result"]["resume"]), "Ada");
  EXPECT_EQ(h.logged_in(other, device)["error"]["data"]["field"], "id");
}

TEST(AccountCalls, LoggingOutEverywhereElseLeavesThisBrowserAlone) {
  const platform::TestFolder folder;
  Home h(folder.file("a.db"));
  TestAuthenticator device(1);
  const auto session = h.visitor("flat", {{"name", "Ada"}});
  const auto made = h.registered(session, device, {{"recovery_key", multikey(101)}});
  const auto lost = made["result"]["resume"];  // on a device that was lost
  h.tick(100);
  const auto again = h.connect();
  h.open(again, {{"resume", h.logged_in(h.visitor(), device)["result"]["resume"]}});
  const auto code = h.call(again, "account.invite")["result"]["code"];
  h.tick();
  // A guest has nothing to log out of.
  EXPECT_EQ(h.call(h.visitor(), "account.end_others")["error"]["code"], -32002);
  const auto ended = h.call(again, "account.end_others");
  ASSERT_TRUE(ended.contains("result")) << ended;
  h.tick();
  const auto name = [&](const Json& token) {
    return h.open(h.connect(), {{"resume", token}})["result"]["visitor"]["name"];
  };
  EXPECT_NE(name(lost), "Ada");
  EXPECT_EQ(h.call(h.visitor(), "account.register.begin", {{"code", code}})["error"]["data"]["field"], "code");
  EXPECT_EQ(h.call(again, "account.describe")["result"]["account"]["passkeys"], 1) << "the session goes on";
  h.tick(400);
  h.restart();
  h.add(flat_world());
  EXPECT_NE(name(lost), "Ada") << "also after a restart";
  EXPECT_EQ(name(ended["result"]["resume"]), "Ada");
}

// The token was good when the session began to open, and the account was logged out while the store was asked.
TEST(AccountCalls, ATokenThatEndsWhileASessionOpensOpensNothing) {
  const platform::TestFolder folder;
  Home h(folder.file("a.db"));
  TestAuthenticator device(1);
  const auto session = h.visitor("flat", {{"name", "Ada"}});
  const auto lost = h.registered(session, device, {{"recovery_key", multikey(101)}})["result"]["resume"];
  h.tick(100);
  h.restart();
  h.add(flat_world());
  h.tick();
  const auto thief = h.connect();
  h.call(thief, "session.open", {{"protocol", 1}, {"resume", lost}}, false);
  const auto id = h.last_id();
  h.accounts->end_tokens(h.accounts->visitors().front(), h.now.unix_ms, [](const auto&) {});
  h.pump();
  EXPECT_EQ(h.answer(thief, id)["error"]["code"], -32007) << h.answer(thief, id);
  EXPECT_NE(h.open(thief, {{"resume", lost}})["result"]["visitor"]["name"], "Ada");
}

// New connections give new quotas for sessions, and none for the address.
TEST(AccountCalls, AnAddressMakesSoManyCallsAndOthersGoOn) {
  Home h;
  const auto begin = [&](const std::string& address) {
    const auto session = h.connect(address);
    h.open(session);
    return h.call(session, "account.login.begin");
  };
  int good = 0;
  while (begin("10.0.0.66").contains("result") && good < 1'000) ++good;
  EXPECT_EQ(good, kAccountCostBurst / 5);
  EXPECT_EQ(begin("10.0.0.66")["error"]["code"], -32006) << begin("10.0.0.66");
  EXPECT_TRUE(begin("10.0.0.67").contains("result"));
  h.now.s += 60;
  EXPECT_TRUE(begin("10.0.0.66").contains("result"));
  // What shows one's own account is no such call.
  EXPECT_TRUE(h.call(h.visitor(), "account.describe").contains("result"));
}

}  // namespace
}  // namespace mw::server
