#include "trust/keeper.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <filesystem>

#include "base/limits.h"
#include "crypto/crypto.h"

namespace mw::trust {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kNow = 1'700'000'000'000;

class KeeperTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "mw-trust-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    start(kNow);
  }
  void TearDown() override {
    keeper_.reset();
    store_.reset();
    fs::remove_all(folder_);
  }
  // As after a restart of the host.
  void start(std::int64_t now_ms, bool read_only = false) {
    keeper_.reset();
    store_.reset();
    auto journal = records::Journal::open({(folder_ / "journal.db").string(), "", 0, read_only});
    ASSERT_TRUE(journal.ok());
    auto keeper = Keeper::load(**journal, crypto::random_bytes, now_ms);
    ASSERT_TRUE(keeper.ok()) << keeper.error().text();
    keeper_ = *std::move(keeper);
    store_ = std::make_unique<records::InlineStore>(*std::move(journal), [this](std::function<void()> callback) {
      if (hold_) return held_.push_back(std::move(callback));
      callback();
    });
    keeper_->attach(*store_);
  }
  std::string link(std::int64_t now_ms = kNow) {
    std::string token;
    keeper_->issue_link(now_ms, [&token](Result<std::string> result) { token = *result; });
    return token;
  }
  Result<std::string> claim(const std::string& token, std::int64_t now_ms = kNow) {
    Result<std::string> answer = failure(ErrorKind::internal, "no answer");
    keeper_->claim_link(token, now_ms, [&answer](Result<std::string> result) { answer = std::move(result); });
    return answer;
  }

  fs::path folder_;
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<records::InlineStore> store_;
  bool hold_ = false;
  std::deque<std::function<void()>> held_;
};

TEST_F(KeeperTest, ResumesAfterARestart) {
  const VisitorId visitor = keeper_->new_visitor();
  EXPECT_LT(visitor.value, std::uint64_t{1} << 53);
  const std::string token = keeper_->resume_token(visitor, kNow);
  EXPECT_EQ(*keeper_->resume(token, kNow + 1000), visitor);
  const std::string host = keeper_->host_id();
  start(kNow);
  EXPECT_EQ(*keeper_->resume(token, kNow + 1000), visitor);
  EXPECT_EQ(keeper_->host_id(), host);
  EXPECT_EQ(keeper_->resume(token, kNow + limits::kResumeMs).error().kind, ErrorKind::forbidden);
}

TEST_F(KeeperTest, AnInvitationSaysWhoseItIsForADay) {
  const VisitorId visitor = keeper_->new_visitor();
  const std::string invitation = keeper_->invitation(visitor, kNow);
  EXPECT_LE(invitation.size(), 60u);
  EXPECT_EQ(*keeper_->invited(invitation, kNow + 1000), visitor);
  start(kNow);
  EXPECT_EQ(*keeper_->invited(invitation, kNow + Keeper::kInvitationMs - 1), visitor);
  EXPECT_EQ(keeper_->invited(invitation, kNow + Keeper::kInvitationMs).error().kind, ErrorKind::forbidden);
  for (std::size_t i = 0; i < invitation.size(); ++i) {
    std::string changed = invitation;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (const auto read = keeper_->invited(changed, kNow); read.ok()) {
      EXPECT_EQ(*read, visitor) << "but for the bits that base64 leaves unused";
    }
  }
  // Neither opens what the other does, also under the other's name.
  const std::string resume = keeper_->resume_token(visitor, kNow);
  EXPECT_FALSE(keeper_->resume(invitation, kNow).ok());
  EXPECT_FALSE(keeper_->invited(resume, kNow).ok());
  EXPECT_FALSE(keeper_->resume("v1." + invitation.substr(3), kNow).ok());
  EXPECT_FALSE(keeper_->invited("i1." + resume.substr(3), kNow).ok());
  for (const auto* text : {"", "i1.", "i1..", "i1.AAAA.BBBB", "hello"}) EXPECT_FALSE(keeper_->invited(text, kNow).ok());
}

TEST_F(KeeperTest, RefusesEveryChangedToken) {
  const std::string token = keeper_->resume_token(VisitorId{77}, kNow);
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', '.', '_', '\0', '='}) {
      std::string changed = token;
      if (changed[i] == c) continue;
      changed[i] = c;
      EXPECT_FALSE(keeper_->resume(changed, kNow).ok()) << i;
    }
    EXPECT_FALSE(keeper_->resume(token.substr(0, i), kNow).ok());
  }
  EXPECT_FALSE(keeper_->resume(token + "A", kNow).ok());
  EXPECT_FALSE(keeper_->resume("", kNow).ok());
}

TEST_F(KeeperTest, AnotherHostsTokenIsForbidden) {
  const std::string token = keeper_->resume_token(VisitorId{77}, kNow);
  keeper_.reset();
  store_.reset();
  fs::remove_all(folder_);
  fs::create_directory(folder_);
  start(kNow);
  EXPECT_EQ(keeper_->resume(token, kNow).error().kind, ErrorKind::forbidden);
}

TEST_F(KeeperTest, ALinkWorksOnce) {
  const std::string token = link();
  EXPECT_EQ(token.size(), 43u);
  const auto bearer = claim(token);
  ASSERT_TRUE(bearer.ok());
  EXPECT_EQ(claim(token).error().kind, ErrorKind::forbidden);
  EXPECT_TRUE(keeper_->operator_of(*bearer, kNow).ok());
  EXPECT_EQ(keeper_->operator_of(token, kNow).error().kind, ErrorKind::forbidden);
  start(kNow);
  EXPECT_EQ(claim(token).error().kind, ErrorKind::forbidden);
  EXPECT_TRUE(keeper_->operator_of(*bearer, kNow).ok());
}

TEST_F(KeeperTest, ALinkWorksAfterARestartUntilItExpires) {
  const std::string first = link(), second = link();
  start(kNow + 1000);
  EXPECT_TRUE(claim(first, kNow + 1000).ok());
  EXPECT_EQ(claim(second, kNow + limits::kOperatorLinkMs).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(claim("nonsense").error().text(), claim(first).error().text());  // the same words for all
}

TEST_F(KeeperTest, TwoClaimsAtOnceGiveOneToken) {
  const std::string token = link();
  hold_ = true;
  int good = 0, bad = 0;
  const auto note = [&](Result<std::string> result) { ++(result.ok() ? good : bad); };
  keeper_->claim_link(token, kNow, note);
  keeper_->claim_link(token, kNow, note);  // the first is not on disk yet
  for (auto& callback : held_) callback();
  EXPECT_EQ(good, 1);
  EXPECT_EQ(bad, 1);
}

TEST_F(KeeperTest, AStoreThatFailsLeavesTheLinkGood) {
  const std::string token = link();
  start(kNow, true);
  EXPECT_EQ(claim(token).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(claim(token).error().kind, ErrorKind::unavailable);  // not forbidden: it was not used up
  start(kNow);
  EXPECT_TRUE(claim(token).ok());
}

TEST_F(KeeperTest, RevokesOperators) {
  const auto bearer = claim(link());
  const auto who = keeper_->operator_of(*bearer, kNow);
  ASSERT_EQ(keeper_->operators().size(), 1u);
  EXPECT_EQ(keeper_->operators()[0].id, who->id);
  bool revoked = false;
  keeper_->revoke_operator(who->id, [&revoked](Status status) { revoked = status.ok(); });
  EXPECT_TRUE(revoked);
  EXPECT_EQ(keeper_->operator_of(*bearer, kNow).error().kind, ErrorKind::forbidden);
  keeper_->revoke_operator(who->id, [](Status status) { EXPECT_EQ(status.error().kind, ErrorKind::not_found); });
  start(kNow);
  EXPECT_FALSE(keeper_->operator_of(*bearer, kNow).ok());
}

TEST_F(KeeperTest, BearersExpire) {
  const auto bearer = claim(link());
  EXPECT_TRUE(keeper_->operator_of(*bearer, kNow + limits::kOperatorBearerMs - 1).ok());
  EXPECT_FALSE(keeper_->operator_of(*bearer, kNow + limits::kOperatorBearerMs).ok());
  start(kNow + limits::kOperatorBearerMs);
  EXPECT_TRUE(keeper_->operators().empty());
  EXPECT_FALSE(store_->journal().list("trust/bearer/", 10)->size());
}

TEST_F(KeeperTest, NoSecretIsStoredInClear) {
  const std::string token = link();
  const auto bearer = claim(link());
  const auto values = store_->journal().list("", 100);
  for (const auto& [key, value] : *values)
    for (const auto& secret : {token, *bearer}) {
      EXPECT_EQ(key.find(secret), std::string::npos);
      EXPECT_EQ(value.find(secret), std::string::npos);
    }
}

TEST_F(KeeperTest, BansByVisitorAndByAddress) {
  bool stored = false;
  keeper_->ban({VisitorId{5}, "192.0.2.9", kNow + 60'000, "line one\nline two"}, kNow,
               [&stored](Status status) { stored = status.ok(); });
  EXPECT_TRUE(stored);
  start(kNow);
  EXPECT_EQ(keeper_->banned(VisitorId{5}, "198.51.100.1", kNow)->reason, "line one\nline two");
  EXPECT_TRUE(keeper_->banned(VisitorId{6}, "192.0.2.9", kNow));
  EXPECT_FALSE(keeper_->banned(VisitorId{6}, "192.0.2.8", kNow));
  EXPECT_FALSE(keeper_->banned(VisitorId{5}, "192.0.2.9", kNow + 60'000));
  EXPECT_FALSE(keeper_->banned(VisitorId{}, "", kNow));
  keeper_->lift(VisitorId{5}, "", [](Status status) { EXPECT_TRUE(status.ok()); });
  EXPECT_FALSE(keeper_->banned(VisitorId{5}, "", kNow));
  EXPECT_TRUE(keeper_->banned(VisitorId{}, "192.0.2.9", kNow));
  keeper_->lift(VisitorId{5}, "", [](Status status) { EXPECT_EQ(status.error().kind, ErrorKind::not_found); });
  start(kNow + 60'000);
  EXPECT_TRUE(keeper_->bans().empty());
  keeper_->ban({}, kNow, [](Status status) { EXPECT_EQ(status.error().kind, ErrorKind::invalid); });
}

TEST_F(KeeperTest, ListsAreBounded) {
  const std::string first = link(kNow);
  for (std::size_t i = 0; i < limits::kOperatorLinks; ++i) link(kNow + 1);
  EXPECT_EQ(claim(first, kNow + 2).error().kind, ErrorKind::forbidden);  // the oldest went
  Result<std::string> last = claim(link());
  for (std::size_t i = 0; i < limits::kOperatorBearers && last.ok(); ++i) last = claim(link());
  EXPECT_EQ(last.error().kind, ErrorKind::full);
  EXPECT_EQ(keeper_->operators().size(), limits::kOperatorBearers);
}

TEST_F(KeeperTest, DamagedValuesAreSaidSo) {
  ASSERT_TRUE(store_->journal().put("trust/link/abc", "not a number").ok());
  EXPECT_EQ(Keeper::load(store_->journal(), crypto::random_bytes, kNow).error().kind, ErrorKind::damaged);
  ASSERT_TRUE(store_->journal().remove("trust/link/abc").ok());
  ASSERT_TRUE(store_->journal().put("trust/secret", "short").ok());
  EXPECT_EQ(Keeper::load(store_->journal(), crypto::random_bytes, kNow).error().field, "trust/secret");
}

TEST_F(KeeperTest, TheKeyIsReadWithoutStartingAHost) {
  const auto key = Keeper::stored_key(store_->journal());
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(Bytes(key->bytes.begin(), key->bytes.end()), keeper_->public_key());
  ASSERT_TRUE(store_->journal().put("trust/key", "short").ok());
  EXPECT_EQ(Keeper::stored_key(store_->journal()).error().kind, ErrorKind::damaged);
  ASSERT_TRUE(store_->journal().remove("trust/key").ok());
  EXPECT_EQ(Keeper::stored_key(store_->journal()).error().kind, ErrorKind::not_found);
}

TEST_F(KeeperTest, SignsWithTheHostKey) {
  const auto key = crypto::public_key(keeper_->public_key());
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(crypto::verify(*key, as_bytes("hello"), keeper_->sign(as_bytes("hello"))));
}

}  // namespace
}  // namespace mw::trust
