#include "crypto/multibase.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/canonical.h"
#include "crypto/vectors_test.h"

namespace mw::crypto {
namespace {

// draft-msporny-base58, section 5.
TEST(Base58, MatchesPublishedVectors) {
  EXPECT_EQ(base58btc(as_bytes("Hello World!")), "2NEpo7TZRRrLZSi2U");
  EXPECT_EQ(base58btc(as_bytes("The quick brown fox jumps over the lazy dog.")),
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z");
  EXPECT_EQ(base58btc(from_hex("0000287fb4cd")), "11233QC4");
  EXPECT_EQ(base58btc({}), "");
}

TEST(Base58, RoundTripsAndIsStrict) {
  for (std::size_t size = 0; size < 80; ++size) {
    Bytes data(size);
    random_bytes(data);
    if (size > 4 && size % 3 == 0) data[0] = data[1] = 0;
    const auto back = from_base58btc(base58btc(data), size);
    ASSERT_TRUE(back.ok()) << size;
    EXPECT_EQ(*back, data);
    if (size > 0) {
      EXPECT_FALSE(from_base58btc(base58btc(data), size - 1).ok());
    }
  }
  for (const char* bad : {"0", "O", "I", "l", " ", "2g ", "2g\n", "\xC3\xA9"})
    EXPECT_FALSE(from_base58btc(bad, 64).ok()) << bad;
  EXPECT_EQ(from_base58btc(std::string(1'000'000, 'z'), 64).error().kind, ErrorKind::too_large);
}

TEST(Multikey, NamesAnEd25519KeyAndNothingElse) {
  const auto key = SigningKey::from_seed(Digest{});
  EXPECT_EQ(multikey(key.public_key()), "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp");
  const auto back = from_multikey(multikey(key.public_key()));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, key.public_key());

  // Of X25519 and of P-256, of another base, too short, and of a point of small order.
  Bytes identity(34, 0);
  identity[0] = 0xED;
  identity[1] = identity[2] = 1;
  for (const std::string& bad :
       {std::string("z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW"),
        std::string("zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"),
        std::string("u6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"), std::string("z6Mk"), std::string("z"),
        std::string(), multikey(key.public_key()) + "1", multibase(identity)})
    EXPECT_FALSE(from_multikey(bad).ok()) << bad;
}

// The example of did:webvh 1.0, "Generate Entry Hash".
TEST(Multihash, AgreesWithTheExampleOfDidWebvh) {
  const auto file = published("did-webvh/entry_hash_example.json");
  MW_SKIP_WITHOUT(file);
  const Json example = Json::parse(*file);
  EXPECT_EQ(multihash(as_bytes(*canonical_json(example["entry"]))), example["expected_entry_hash"].get<std::string>());
}

TEST(Multihash, IsASha256) {
  const auto bytes = from_base58btc(multihash(as_bytes("abc")), 34);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(hex(*bytes), "1220ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace mw::crypto
