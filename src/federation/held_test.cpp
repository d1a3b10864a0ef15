#include "federation/held.h"

#include <gtest/gtest.h>

#include "crypto/multibase.h"

namespace mw::federation {
namespace {

constexpr std::string_view kHost = "a.example", kPerson = "did:webvh:QmScid:a.example:people:ada";
const VisitorId kAda{7}, kBo{8};

crypto::SigningKey key_of(Byte seed) {
  return crypto::SigningKey::from_seed(std::span<const Byte, 32>(Bytes(32, seed).data(), 32));
}

struct Desk {
  Desk() { start(); }
  void start() {
    held.reset();
    store = std::make_unique<records::InlineStore>(records::Journal::open({path, "", 0, false}).value(),
                                                   [](const std::function<void()>& work) { work(); });
    held = std::make_unique<HeldKeys>(*store);
    store->run(
        [this](records::Journal& journal) {
          const auto found = journal.list(HeldKeys::kPrefix, 100).value();
          for (const auto& [key, text] : found) EXPECT_TRUE(held->read(key, text).ok());
        },
        [] {});
  }
  Status keep(VisitorId visitor, const crypto::SigningKey& key, const std::vector<Wrapping>& wrappings,
              const crypto::Signature& proof, bool replace = false) {
    Status out = failure(ErrorKind::internal, "no answer");
    held->keep(visitor, {key.public_key(), true, wrappings}, proof, kHost, kPerson, replace,
               [&](const Status& status) { out = status; });
    return out;
  }
  Status keep(VisitorId visitor, const crypto::SigningKey& key, const std::vector<Wrapping>& wrappings,
              bool replace = false) {
    return keep(visitor, key, wrappings,
                key.sign(as_bytes(held_statement(kHost, kPerson, key.public_key(), wrappings))), replace);
  }
  std::string path = ":memory:";
  std::unique_ptr<records::InlineStore> store;
  std::unique_ptr<HeldKeys> held;
};

const std::vector<Wrapping> kWays{{"cGFzcw", "AQID"}, {"", "AgID"}};

TEST(Held, IsKeptWithItsWrappingsThroughARestart) {
  Desk desk;
  desk.path = testing::TempDir() + "held-test.db";
  std::remove(desk.path.c_str());
  desk.start();
  ASSERT_TRUE(desk.keep(kAda, key_of(1), kWays).ok());
  EXPECT_FALSE(desk.held->of(kAda)->holds) << "a key that is given is not chosen yet";
  Status chosen = failure(ErrorKind::internal, "");
  desk.held->choose(kAda, true, [&](const Status& status) { chosen = status; });
  ASSERT_TRUE(chosen.ok());
  desk.start();
  ASSERT_NE(desk.held->of(kAda), nullptr);
  EXPECT_TRUE(desk.held->of(kAda)->holds);
  EXPECT_EQ(desk.held->of(kAda)->wrappings, kWays);
  EXPECT_EQ(desk.held->owner_of(key_of(1).public_key()), kAda);
  EXPECT_EQ(desk.held->of(kBo), nullptr);
  std::remove(desk.path.c_str());
}

TEST(Held, IsTakenFromWhoeverHasItAndFromNobodyElse) {
  Desk desk;
  const auto key = key_of(1), other = key_of(2);
  const auto said = [&](std::string_view host, std::string_view person, const crypto::PublicKey& about,
                        const std::vector<Wrapping>& ways) {
    return key.sign(as_bytes(held_statement(host, person, about, ways)));
  };
  for (const auto& proof :
       {said("b.example", kPerson, key.public_key(), kWays), said(kHost, "did:webvh:eve", key.public_key(), kWays),
        said(kHost, kPerson, other.public_key(), kWays), said(kHost, kPerson, key.public_key(), {{"", "AgID"}}),
        other.sign(as_bytes(held_statement(kHost, kPerson, key.public_key(), kWays)))}) {
    const auto kept = desk.keep(kAda, key, kWays, proof);
    EXPECT_EQ(kept.error().kind, ErrorKind::forbidden);
    EXPECT_EQ(kept.error().field, "proof");
  }
  EXPECT_EQ(desk.held->of(kAda), nullptr);
  ASSERT_TRUE(desk.keep(kAda, key, kWays).ok());
  EXPECT_EQ(desk.keep(kBo, key, kWays).error().kind, ErrorKind::conflict) << "one key, one person";
  EXPECT_EQ(desk.keep(kAda, other, kWays).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(desk.keep(kAda, other, kWays, true).ok()) << "where nothing belongs to the one before";
  EXPECT_FALSE(desk.held->owner_of(key.public_key()));
}

TEST(Held, HasWrappingsThatAreBoundedAndOneByTheCode) {
  Desk desk;
  const std::string long_one = crypto::base64url(Bytes(HeldKeys::kWrappedBytes + 1, 1));
  std::vector<Wrapping> many{{"", "AgID"}};
  for (std::size_t i = 0; i < HeldKeys::kWrappings; ++i)
    many.push_back({crypto::base64url(Bytes(3, static_cast<Byte>(i))), "AQID"});
  for (const auto& ways : std::vector<std::vector<Wrapping>>{{},
                                                             {{"cGFzcw", "AQID"}},
                                                             {{"", "AgID"}, {"", "AgIE"}},
                                                             {{"", ""}},
                                                             {{"", "not base64!"}},
                                                             {{"", long_one}},
                                                             {{"", "AgID"}, {"not base64!", "AQID"}},
                                                             many})
    EXPECT_EQ(desk.keep(kAda, key_of(1), ways).error().kind, ErrorKind::invalid);
  EXPECT_EQ(desk.held->of(kAda), nullptr);
}

TEST(Held, LosesTheWrappingOfAPasskeyThatIsGone) {
  Desk desk;
  const std::vector<Wrapping> three{{"cGFzcw", "AQID"}, {"b3RoZXI", "AQIE"}, {"", "AgID"}};
  ASSERT_TRUE(desk.keep(kAda, key_of(1), three).ok());
  desk.held->keep_passkeys(kAda, {"b3RoZXI"});
  EXPECT_EQ(desk.held->of(kAda)->wrappings, (std::vector<Wrapping>{{"b3RoZXI", "AQIE"}, {"", "AgID"}}));
  desk.held->keep_passkeys(kAda, {});
  EXPECT_EQ(desk.held->of(kAda)->wrappings, (std::vector<Wrapping>{{"", "AgID"}})) << "the code's stays";
  desk.held->keep_passkeys(kBo, {});
}

TEST(Held, IsNotReadFromWhatIsDamaged) {
  Desk desk;
  for (const std::string text :
       {"", "{}", "[]", R"({"key":"z6Mk","holds":false,"wrappings":[]})", R"({"key":7,"holds":false,"wrappings":[]})"})
    EXPECT_EQ(desk.held->read("title-held/7", text).error().kind, ErrorKind::damaged) << text;
  EXPECT_FALSE(desk.held->read("title-held/x", "{}").ok());
}

}  // namespace
}  // namespace mw::federation
