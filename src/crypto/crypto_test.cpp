#include "crypto/crypto.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

#include "crypto/vectors_test.h"

namespace mw::crypto {
namespace {

// FIPS 180-4 examples, RFC 4231 case 2, RFC 6455 section 1.3.
TEST(Hash, MatchesPublishedVectors) {
  EXPECT_EQ(hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha512(as_bytes("abc"))),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  EXPECT_EQ(hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(base64(sha1(as_bytes("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

// RFC 8032, section 7.1, test 2.
TEST(Ed25519, MatchesRfc8032) {
  const Bytes seed = from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const auto key = SigningKey::from_seed(std::span<const Byte, 32>(seed.data(), 32));
  EXPECT_EQ(hex(key.public_key().bytes), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Bytes message = {0x72};
  const auto signature = key.sign(message);
  EXPECT_EQ(hex(signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(verify(key.public_key(), message, signature));
  Signature wrong = signature;
  wrong[5] ^= 1;
  EXPECT_FALSE(verify(key.public_key(), message, wrong));
  EXPECT_FALSE(verify(key.public_key(), Bytes{0x73}, signature));
  EXPECT_FALSE(verify(key.public_key(), message, ByteView(signature).first(63)));
}

TEST(Ed25519, RefusesKeysThatAreNoPoints) {
  Bytes identity(32, 0);
  identity[0] = 1;
  EXPECT_FALSE(public_key(identity).ok());  // of small order
  EXPECT_FALSE(public_key(Bytes(32, 0xFF)).ok());
  EXPECT_FALSE(public_key(Bytes(31, 1)).ok());
  EXPECT_TRUE(public_key(from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")).ok());
}

// RFC 8032, section 7.1, and the 1,024 of its first implementation ("secret public : public : message : signature message").
TEST(Ed25519, SignsAndVerifiesThePublishedVectors) {
  const auto rfc = published("ed25519/rfc8032_section7_1.json");
  const auto lines = published("ed25519/sign.input");
  MW_SKIP_WITHOUT(rfc && lines);
  int count = 0;
  const auto check = [&count](const Bytes& seed, const Bytes& message, const std::string& expected) {
    const auto key = SigningKey::from_seed(std::span<const Byte, 32>(seed.data(), 32));
    EXPECT_EQ(hex(key.sign(message)), expected);
    EXPECT_TRUE(verify(*public_key(key.public_key().bytes), message, from_hex(expected)));
    Bytes changed = message;
    changed.push_back(0);
    EXPECT_FALSE(verify(key.public_key(), changed, from_hex(expected)));
    ++count;
  };
  for (const Json& test : Json::parse(*rfc))
    check(from_hex(test["secret_key"].get<std::string>()), from_hex(test["message"].get<std::string>()),
          test["signature"].get<std::string>());
  std::stringstream file(*lines);
  for (std::string line; std::getline(file, line);) {
    std::stringstream fields(line);
    std::string secret, key, message, signed_message;
    std::getline(fields, secret, ':');
    std::getline(fields, key, ':');
    std::getline(fields, message, ':');
    std::getline(fields, signed_message, ':');
    check(from_hex(secret.substr(0, 64)), from_hex(message), signed_message.substr(0, 128));
  }
  EXPECT_EQ(count, 5 + 1'024);
}

// Section 5 of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020): what some verifiers in the field accept.
TEST(Ed25519, RefusesWhatVerifiersDisagreeOn) {
  const Bytes order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  const auto key = SigningKey::from_seed(Digest{});
  auto signature = key.sign(as_bytes("m"));
  // The same signature with S + L: cofactored or careless verifiers take it for another valid one.
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned>(signature[32 + i]) + order[i];
    signature[32 + i] = static_cast<Byte>(carry & 0xFF);
    carry >>= 8;
  }
  EXPECT_FALSE(verify(key.public_key(), as_bytes("m"), signature));

  // Every encoding of a point of small order, canonical or not: as a key it signs everything with S = 0.
  for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000080",
                            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    const Bytes bytes = from_hex(point);
    EXPECT_FALSE(public_key(bytes).ok()) << point;
    PublicKey unchecked;
    std::copy(bytes.begin(), bytes.end(), unchecked.bytes.begin());
    Signature forged{};
    std::copy(bytes.begin(), bytes.end(), forged.begin());
    EXPECT_FALSE(verify(unchecked, as_bytes("anything"), forged)) << point;
    // And as the commitment R of an honest key's signature.
    EXPECT_FALSE(verify(key.public_key(), as_bytes("anything"), forged)) << point;
  }
}

TEST(Ed25519, AMovedKeyStillSignsAndTheSourceIsWiped) {
  const Bytes seed(32, 7);
  auto first = SigningKey::from_seed(std::span<const Byte, 32>(seed.data(), 32));
  const auto expected = first.sign(as_bytes("m"));
  auto second = std::move(first);
  EXPECT_EQ(second.sign(as_bytes("m")), expected);
}

TEST(Base64url, RoundTripsAndIsStrict) {
  for (std::size_t size = 0; size < 70; ++size) {
    Bytes data(size);
    random_bytes(data);
    const std::string text = base64url(data);
    EXPECT_EQ(text.find_first_of("+/="), std::string::npos);
    const auto back = from_base64url(text);
    ASSERT_TRUE(back.ok()) << text;
    EXPECT_EQ(*back, data);
  }
  for (const char* bad : {"A", "AA==", "A A", "AB", "AA\n", "a+b/", "\xFF\xFF"})
    EXPECT_FALSE(from_base64url(bad).ok()) << bad;
}

TEST(Base64, RoundTripsAndIsStrict) {
  for (std::size_t size = 0; size < 70; ++size) {
    Bytes data(size);
    random_bytes(data);
    const auto back = from_base64(base64(data));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, data);
  }
  for (const char* bad : {"A", "AA", "AA=", "AB==", "A A=", "AA==\n", "AA==AA==", "a-b_"})
    EXPECT_FALSE(from_base64(bad).ok()) << bad;
}

TEST(Base64, TakesNothingBeyondAscii) {
  for (int c = 0; c < 256; ++c) {
    const std::string text = std::string("AAA") + static_cast<char>(c) + "AAAA";
    const bool digit = c < 128 && (std::isalnum(c) != 0);
    EXPECT_EQ(from_base64(text).ok(), digit || c == '+' || c == '/') << c;
    EXPECT_EQ(from_base64url(text).ok(), digit || c == '-' || c == '_') << c;
  }
}

TEST(Entropy, DoesNotRepeat) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_number());
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Secrets, CompareByContentAndLength) {
  EXPECT_TRUE(same_secret(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(same_secret(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(same_secret(as_bytes("abc"), as_bytes("abcd")));
  EXPECT_TRUE(same_secret({}, {}));
}

TEST(HostId, IsShortAndStable) {
  const Bytes seed(32, 1);
  const auto key = SigningKey::from_seed(std::span<const Byte, 32>(seed.data(), 32));
  EXPECT_EQ(host_id(key.public_key()).size(), 22u);
  EXPECT_EQ(host_id(key.public_key()),
            host_id(SigningKey::from_seed(std::span<const Byte, 32>(seed.data(), 32)).public_key()));
}

}  // namespace
}  // namespace mw::crypto
