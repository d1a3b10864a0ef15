// The calls of accounts as a browser makes them, against the control side on a journal in memory; the ceremonies themselves are
// tested in federation/.
#include <gtest/gtest.h>

#include "crypto/multibase.h"
#include "federation/test_authenticator.h"
#include "server/test_harness.h"

namespace mw::server {
namespace {

using federation::TestAuthenticator;

std::string multikey(Byte number) { return crypto::multikey(TestAuthenticator::key_of(number).public_key()); }

struct Home : Harness {
  Home() : Harness(":memory:", "http://a.localhost:8080") { add(flat_world()); }
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

TEST(AccountCalls, AGuestKeepsNameAndLooksAndComesBackElsewhere) {
  Home h;
  TestAuthenticator device(1);
  const auto session = h.visitor("flat", {{"name", "Ada"}});
  h.call(session, "visitor.change", {{"appearance", {{"hat", 2}}}});
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
  const auto again = h.open(h.connect(), {{"resume", back["result"]["resume"]}});
  EXPECT_EQ(again["result"]["visitor"]["name"], "Ada") << again;
  EXPECT_EQ(again["result"]["visitor"]["appearance"]["hat"], 2);
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

}  // namespace
}  // namespace mw::server
