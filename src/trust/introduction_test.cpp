#include "trust/introduction.h"

#include <gtest/gtest.h>

#include "crypto/multibase.h"

namespace mw::trust {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;

struct Host {
  explicit Host(const std::string& name, Byte seed)
      : key(crypto::SigningKey::from_seed([&] {
          std::array<Byte, 32> bytes{};
          bytes.fill(seed);
          return bytes;
        }())) {
    document.id = did_web(name).value();
    method = document.id + "#" + crypto::multikey(key.public_key());
    document.keys.push_back({method, key.public_key(), true, true});
  }
  Json list(const std::vector<std::string>& hosts, std::int64_t now = kNow) const {
    return make_introductions(
               document.id, hosts, method, [this](ByteView message) { return key.sign(message); }, now)
        .value();
  }
  crypto::SigningKey key;
  DidDocument document;
  std::string method;
};

std::string refusal(const Json& list, const Host& introducer, std::int64_t now = kNow) {
  const auto read = read_introductions(list, introducer.document, now);
  if (read.ok()) return "read";
  EXPECT_EQ(read.error().kind, ErrorKind::forbidden);
  EXPECT_FALSE(read.error().message.empty());
  return read.error().field;
}

TEST(Introductions, AreReadAsTheyWereMade) {
  const Host b("b.example", 1);
  const auto read = read_introductions(b.list({"c.example", "d.localhost:8083"}), b.document, kNow);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->hosts, (std::vector<std::string>{"c.example", "d.localhost:8083"}));
  EXPECT_EQ(read->until_ms, kNow + kIntroductionsMs);
  EXPECT_TRUE(read_introductions(b.list({}), b.document, kNow).ok()) << "nobody is vouched for";
}

TEST(Introductions, CountWhileTheyLastAndNoLonger) {
  const Host b("b.example", 1);
  const Json list = b.list({"c.example"});
  EXPECT_EQ(refusal(list, b, kNow + kIntroductionsMs - 1), "read");
  EXPECT_EQ(refusal(list, b, kNow + kIntroductionsMs + 10'000), "validUntil");
  EXPECT_EQ(refusal(list, b, kNow - 10'000), "validFrom");
}

TEST(Introductions, OfOthersAndChangedOnesAreRefused) {
  const Host b("b.example", 1), evil("evil.example", 2);
  EXPECT_EQ(refusal(evil.list({"evil.example"}), b), "issuer");
  Json list = b.list({"c.example"});
  list["hosts"].push_back("did:web:evil.example");
  EXPECT_EQ(refusal(list, b), "proof");
  // Another's signature under this host's name.
  list = evil.list({"evil.example"});
  list["issuer"] = b.document.id;
  EXPECT_EQ(refusal(list, b), "proof");
  list = b.list({"c.example"});
  list.erase("proof");
  EXPECT_EQ(refusal(list, b), "proof");
  list = b.list({"c.example"});
  list["validUntil"] = "2099-01-01T00:00:00Z";
  EXPECT_EQ(refusal(list, b), "validUntil");
  for (const Json& hosts :
       {Json("did:web:c.example"), Json{7}, Json{"did:web:c.example:people:ada"}, Json{"c.example"}}) {
    list = b.list({});
    list["hosts"] = hosts;
    EXPECT_EQ(refusal(list, b), "hosts") << hosts;
  }
  EXPECT_EQ(refusal(Json::array(), b), "type");
  EXPECT_EQ(refusal(b.list(std::vector<std::string>(kIntroductions, "c.example")), b), "read");
  const auto many = make_introductions(
      b.document.id, std::vector<std::string>(kIntroductions + 1, "c.example"), b.method,
      [&](ByteView message) { return b.key.sign(message); }, kNow);
  EXPECT_EQ(many.error().field, "hosts");
}

}  // namespace
}  // namespace mw::trust
