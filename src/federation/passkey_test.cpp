#include "federation/passkey.h"

#include <gtest/gtest.h>

#include "federation/attestation.h"
#include "federation/test_authenticator.h"

namespace mw::federation {
namespace {

const Ceremony kAsked{"c29tZSBjaGFsbGVuZ2U", "http://a.localhost:8080", "a.localhost"};

std::string refusal(const auto& result) { return result.ok() ? "" : result.error().field; }

TEST(Passkey, RegistersAndLogsIn) {
  TestAuthenticator device(7);
  const auto made = device.create(kAsked.challenge);
  const auto passkey = check_registration(kAsked, made.client_data, made.attestation);
  ASSERT_TRUE(passkey.ok()) << passkey.error().text();
  EXPECT_EQ(passkey->id, device.id);
  EXPECT_EQ(passkey->algorithm, -8);
  const auto& key = device.key.public_key().bytes;
  EXPECT_EQ(passkey->key, Bytes(key.begin(), key.end()));
  const auto login = device.get(kAsked.challenge);
  const auto counter = check_login(kAsked, *passkey, login.assertion);
  ASSERT_TRUE(counter.ok()) << counter.error().text();
  EXPECT_EQ(*counter, 1u);
  // An older counter is a copy's; none at all, on both sides, is an authenticator that does not count.
  Passkey later = *passkey;
  later.counter = 1;
  EXPECT_EQ(refusal(check_login(kAsked, later, login.assertion)), "signCount");
  TestAuthenticator uncounted(7);
  uncounted.counter = 0xFFFFFFFF;
  EXPECT_TRUE(check_login(kAsked, *passkey, uncounted.get(kAsked.challenge).assertion).ok());
}

TEST(Passkey, RefusesByName) {
  const TestAuthenticator good(7);
  const auto made = good.create(kAsked.challenge);
  const auto passkey = check_registration(kAsked, made.client_data, made.attestation).value();
  const auto both = [&](const Ceremony& asked, TestAuthenticator device) {
    const auto again = device.create(kAsked.challenge);
    const auto first = refusal(check_registration(asked, again.client_data, again.attestation));
    EXPECT_EQ(refusal(check_login(asked, passkey, device.get(kAsked.challenge).assertion)), first);
    return first;
  };
  EXPECT_EQ(both(kAsked, TestAuthenticator(7)), "");
  EXPECT_EQ(both({"b3RoZXI", kAsked.origin, kAsked.rp_id}, TestAuthenticator(7)), "clientDataJSON/challenge");
  EXPECT_EQ(both(kAsked, TestAuthenticator(7, "http://b.localhost:8080")), "clientDataJSON/origin");
  EXPECT_EQ(both(kAsked, TestAuthenticator(7, "http://a.localhost")), "clientDataJSON/origin");
  EXPECT_EQ(both(kAsked, TestAuthenticator(7, kAsked.origin, "localhost")), "authenticatorData/rpIdHash");
  TestAuthenticator nobody(7), unverified(7);
  nobody.flags = 0x04;
  unverified.flags = 0x01;
  EXPECT_EQ(both(kAsked, std::move(nobody)), "authenticatorData/flags");
  EXPECT_EQ(both(kAsked, std::move(unverified)), "authenticatorData/flags");
  // One ceremony's answer is none to the other.
  TestAuthenticator device(7);
  EXPECT_EQ(refusal(check_registration(kAsked, device.client_data("webauthn.get", kAsked.challenge), made.attestation)),
            "clientDataJSON/type");
  // Another's signature.
  TestAuthenticator other(8);
  EXPECT_EQ(refusal(check_login(kAsked, passkey, other.get(kAsked.challenge).assertion)), "signature");
  const auto crossing = bytes_from(
      R"({"type":"webauthn.create","challenge":"c29tZSBjaGFsbGVuZ2U","origin":"http://a.localhost:8080","crossOrigin":true})");
  EXPECT_EQ(refusal(check_registration(kAsked, crossing, made.attestation)), "clientDataJSON/crossOrigin");
}

TEST(Passkey, EveryChangedByteOfALoginIsRefused) {
  TestAuthenticator device(7);
  const auto made = device.create(kAsked.challenge);
  const auto passkey = check_registration(kAsked, made.client_data, made.attestation).value();
  const auto login = device.get(kAsked.challenge).assertion;
  ASSERT_TRUE(check_login(kAsked, passkey, login).ok());
  for (Bytes Assertion::* part : {&Assertion::client_data, &Assertion::authenticator_data, &Assertion::signature}) {
    for (std::size_t i = 0; i < (login.*part).size(); ++i) {
      for (const Byte bit : {Byte{1}, Byte{0x80}}) {
        auto changed = login;
        (changed.*part)[i] ^= bit;
        EXPECT_FALSE(check_login(kAsked, passkey, changed).ok()) << i;
      }
    }
    auto cut = login;
    (cut.*part).pop_back();
    EXPECT_FALSE(check_login(kAsked, passkey, cut).ok());
  }
}

TEST(Passkey, AnAttestationThatIsCutOrChangedNeverBecomesAnotherKey) {
  const TestAuthenticator device(7);
  const auto made = device.create(kAsked.challenge);
  const auto good = check_registration(kAsked, made.client_data, made.attestation).value();
  for (std::size_t i = 0; i < made.attestation.size(); ++i) {
    EXPECT_FALSE(check_registration(kAsked, made.client_data, ByteView(made.attestation).first(i)).ok()) << i;
    auto changed = made.attestation;
    changed[i] ^= 0x20;
    const auto read = check_registration(kAsked, made.client_data, changed);
    // "none" signs nothing: the id, the model, the counter and the key itself may differ, and no more.
    if (read.ok()) {
      EXPECT_TRUE(read->id.size() == good.id.size() && read->key.size() == good.key.size()) << i;
    }
  }
  auto longer = made.attestation;
  longer.push_back(0);
  EXPECT_EQ(refusal(check_registration(kAsked, made.client_data, longer)), "attestationObject");
}

TEST(Attestation, IsReadStrictly) {
  const auto field = [](std::string_view text) { return refusal(authenticator_data(bytes_from(text))); };
  const Bytes object = bytes_from(
      "\xa3\x68"
      "authData\x41x\x63"
      "fmt\x64none\x67"
      "attStmt\xa0");
  const auto order = authenticator_data(object);
  ASSERT_TRUE(order.ok()) << order.error().text();
  EXPECT_EQ(as_text(*order), "x");
  EXPECT_EQ(field(""), "attestationObject");
  EXPECT_EQ(field("\xa3\x63"
                  "fmt\x66packed"),
            "attestationObject");
  EXPECT_EQ(field("\xbf\x63"
                  "fmt\x64none\xff"),
            "attestationObject");  // an indefinite length
  // A length in a longer form than needed.
  EXPECT_EQ(field("\xa3\x78\x03"
                  "fmt\x64none\x67"
                  "attStmt\xa0\x68"
                  "authData\x41x"),
            "attestationObject");
  EXPECT_EQ(refusal(authenticator_data(Bytes(limits::kAttestationBytes + 1))), "attestationObject");
}

}  // namespace
}  // namespace mw::federation
