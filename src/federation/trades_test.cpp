#include "federation/trades.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

namespace mw::federation {
namespace {

const VisitorId kAda{7}, kEve{8}, kCy{9};
constexpr std::int64_t kNow = 1'800'000'000'000;

trust::AssetId asset(Byte number) {
  trust::AssetId out{};
  out.fill(number);
  return out;
}
const auto kLamp = asset(1), kChair = asset(2), kVase = asset(3), kDesk = asset(4);

// Whose what is, who sees what, and a log that answers when the test lets it.
class TradesTest : public ::testing::Test {
 protected:
  Trades::Setup setup() {
    Trades::Setup out;
    out.may_give = [this](VisitorId who, const trust::AssetId& thing) -> Status {
      if (away.contains(thing)) return failure(ErrorKind::conflict, "it is somewhere else");
      if (const auto at = owner.find(thing); at == owner.end() || at->second != who)
        return failure(ErrorKind::forbidden, "it is not theirs");
      return ok();
    };
    out.seen = [this](VisitorId whose, VisitorId, const trust::AssetId& thing) {
      const auto at = owner.find(thing);
      return at != owner.end() && at->second == whose && !unseen.contains(thing);
    };
    out.together = [this](VisitorId a, VisitorId b) { return here.contains(a) && here.contains(b); };
    out.blocks = [this](VisitorId who, VisitorId other) { return blocked.contains({who, other}); };
    out.signs = [](const Trades::Trade&, VisitorId, const std::optional<crypto::Signature>&) { return ok(); };
    out.record = [this](const Trades::Trade& trade, Titles::Answer done) {
      asked.push_back(trade);
      answer = std::move(done);
    };
    return out;
  }
  std::uint64_t offered(Trades::Pair pair = {kLamp, kChair}) {
    const auto made = trades.offer(kAda, kEve, pair, kNow);
    EXPECT_TRUE(made.ok()) << made.error().text();
    return made.ok() ? *made : 0;
  }
  ErrorKind agree(VisitorId by, std::uint64_t id, Trades::Pair pair) {
    // The answer may come later than this function returns.
    const auto out = std::make_shared<ErrorKind>(ErrorKind::internal);
    said = false;
    trades.agree(by, id, pair, {}, kNow, [this, out](const Status& status) {
      said = true;
      if (!status.ok()) *out = status.error().kind;
    });
    return *out;
  }
  Trades::Trade only(VisitorId who) {
    const auto list = trades.of(who);
    EXPECT_EQ(list.size(), 1u);
    return list.empty() ? Trades::Trade{} : list[0];
  }
  void log_says(Result<Json> result) {
    ASSERT_TRUE(answer) << "the log was not asked";
    std::exchange(answer, {})(std::move(result));
  }

  std::map<trust::AssetId, VisitorId> owner{{kLamp, kAda}, {kVase, kAda}, {kChair, kEve}, {kDesk, kEve}};
  std::set<trust::AssetId> away, unseen;
  std::set<VisitorId> here{kAda, kEve, kCy};
  std::set<std::pair<VisitorId, VisitorId>> blocked;
  std::vector<Trades::Trade> asked;
  Titles::Answer answer;
  bool said = false;
  Trades trades{setup()};
};

TEST_F(TradesTest, BothAgreeToTheSamePairAndTheLogIsAskedOnce) {
  const auto id = offered();
  EXPECT_EQ(trades.tick(kNow), (std::vector{kAda, kEve}));
  agree(kEve, id, {kChair, kLamp});
  EXPECT_TRUE(said);
  EXPECT_TRUE(asked.empty()) << "an offer is no agreement";
  EXPECT_TRUE(only(kAda).other(kAda).agrees);
  agree(kAda, id, {kLamp, kChair});
  EXPECT_FALSE(said) << "answered when the log has it";
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].of(kAda).gives, kLamp);
  EXPECT_EQ(asked[0].of(kEve).gives, kChair);
  EXPECT_EQ(agree(kAda, id, {kLamp, kChair}), ErrorKind::conflict);
  EXPECT_EQ(trades.decline(kEve, id).error().kind, ErrorKind::conflict) << "too late";
  EXPECT_EQ(asked.size(), 1u);
  log_says(Json{{"index", 12}});
  EXPECT_EQ(only(kEve).state, Trades::State::traded);
  EXPECT_EQ(only(kEve).index, 12u);
  EXPECT_EQ(trades.tick(kNow), (std::vector{kAda, kEve})) << "told";
  trades.tick(kNow);
  EXPECT_TRUE(trades.of(kAda).empty()) << "and forgotten";
}

TEST_F(TradesTest, AChangeTakesBothAgreementsAway) {
  const auto id = offered();
  agree(kEve, id, {kChair, kLamp});
  ASSERT_TRUE(trades.change(kAda, id, {kVase, kChair}, kNow).ok());
  EXPECT_FALSE(only(kEve).of(kEve).agrees);
  agree(kAda, id, {kVase, kChair});
  EXPECT_TRUE(asked.empty());
  EXPECT_EQ(agree(kEve, id, {kChair, kLamp}), ErrorKind::conflict) << "the pair that she saw before";
  EXPECT_EQ(agree(kEve, id, {kDesk, kVase}), ErrorKind::conflict);
  EXPECT_EQ(agree(kEve, id, {kChair, {}}), ErrorKind::conflict);
  EXPECT_TRUE(asked.empty());
  agree(kEve, id, {kChair, kVase});
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(TradesTest, NobodyPutsUpWhatIsNotTheirs) {
  EXPECT_EQ(trades.offer(kAda, kEve, {kChair, kLamp}, kNow).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(trades.offer(kAda, kEve, {kLamp, kVase}, kNow).error().kind, ErrorKind::not_found) << "it is her own";
  EXPECT_EQ(trades.offer(kAda, kEve, {kLamp, kLamp}, kNow).error().kind, ErrorKind::invalid);
  EXPECT_EQ(trades.offer(kAda, kEve, {}, kNow).error().kind, ErrorKind::invalid);
  EXPECT_EQ(trades.offer(kAda, kAda, {kLamp, kVase}, kNow).error().kind, ErrorKind::invalid);
  const auto id = offered();
  EXPECT_EQ(agree(kCy, id, {kLamp, kChair}), ErrorKind::not_found) << "somebody else's trade";
  EXPECT_EQ(trades.change(kCy, id, {kLamp, kChair}, kNow).error().kind, ErrorKind::not_found);
  EXPECT_EQ(trades.decline(kCy, id).error().kind, ErrorKind::not_found);
  EXPECT_EQ(trades.change(kEve, id, {kLamp, kChair}, kNow).error().kind, ErrorKind::forbidden);
}

TEST_F(TradesTest, WhatTheOtherDoesNotShowIsAskedForOnlyOnceTheyPutItUp) {
  unseen = {kDesk};
  EXPECT_EQ(trades.offer(kAda, kEve, {kLamp, kDesk}, kNow).error().kind, ErrorKind::not_found);
  const auto id = offered({kLamp, {}});
  EXPECT_EQ(agree(kAda, id, {kLamp, {}}), ErrorKind::conflict) << "half a trade is a gift";
  ASSERT_TRUE(trades.change(kEve, id, {kDesk, kLamp}, kNow).ok());
  ASSERT_TRUE(trades.change(kAda, id, {kVase, kDesk}, kNow).ok());
  EXPECT_EQ(only(kEve).of(kEve).gives, kDesk);
}

TEST_F(TradesTest, EndWhenAThingIsGivenLeasedOrGoneOrSomebodyLeaves) {
  const auto over = [&](auto before, const std::function<void()>& after) {
    const auto id = offered();
    agree(kEve, id, {kChair, kLamp});
    before();
    EXPECT_NE(agree(kAda, id, {kLamp, kChair}), ErrorKind::internal);
    EXPECT_TRUE(said);
    EXPECT_EQ(only(kAda).state, Trades::State::over);
    EXPECT_FALSE(only(kAda).why.empty());
    after();
    trades.tick(kNow);
    trades.tick(kNow);
  };
  over([&] { owner[kLamp] = kCy; }, [&] { owner[kLamp] = kAda; });
  over([&] { owner[kChair] = kCy; }, [&] { owner[kChair] = kEve; });
  over([&] { away = {kChair}; }, [&] { away.clear(); });
  over([&] { owner.erase(kLamp); }, [&] { owner[kLamp] = kAda; });
  over([&] { here.erase(kEve); }, [&] { here.insert(kEve); });
  EXPECT_TRUE(asked.empty());
  // Also without anybody saying anything.
  offered();
  away = {kLamp};
  trades.tick(kNow);
  EXPECT_EQ(only(kEve).state, Trades::State::over);
}

TEST_F(TradesTest, EndWhenNobodySaysAnything) {
  const auto id = offered();
  trades.tick(kNow + Trades::kOpenMs - 1);
  EXPECT_EQ(only(kAda).state, Trades::State::open);
  trades.tick(kNow + Trades::kOpenMs);
  EXPECT_EQ(only(kAda).state, Trades::State::over);
  EXPECT_EQ(agree(kAda, id, {kLamp, kChair}), ErrorKind::conflict);
  trades.tick(kNow + Trades::kOpenMs);
  EXPECT_EQ(agree(kAda, id, {kLamp, kChair}), ErrorKind::not_found);
}

TEST_F(TradesTest, WhatTheLogRefusesIsOver) {
  const auto id = offered();
  agree(kEve, id, {kChair, kLamp});
  agree(kAda, id, {kLamp, kChair});
  trades.tick(kNow + 2 * Trades::kOpenMs);
  EXPECT_EQ(only(kAda).state, Trades::State::recording) << "the log is waited for";
  log_says(failure(ErrorKind::conflict, "taken: something came first"));
  EXPECT_TRUE(said);
  EXPECT_EQ(only(kEve).state, Trades::State::over);
  EXPECT_NE(only(kEve).why.find("taken"), std::string::npos);
}

TEST_F(TradesTest, WhoIsBlockedIsNeitherHeardNorTold) {
  blocked = {{kEve, kAda}};
  const auto id = offered();
  EXPECT_TRUE(trades.of(kEve).empty());
  EXPECT_EQ(only(kAda).state, Trades::State::open) << "it seems to wait";
  EXPECT_EQ(agree(kEve, id, {kChair, kLamp}), ErrorKind::not_found);
  EXPECT_EQ(trades.offer(kEve, kAda, {kChair, kLamp}, kNow).error().kind, ErrorKind::forbidden);
  // Blocked after she had agreed: the log is not asked.
  blocked.clear();
  agree(kEve, id, {kChair, kLamp});
  blocked = {{kEve, kAda}};
  agree(kAda, id, {kLamp, kChair});
  EXPECT_TRUE(said);
  EXPECT_TRUE(asked.empty());
  trades.tick(kNow + Trades::kOpenMs);
  EXPECT_EQ(only(kAda).state, Trades::State::over);
}

TEST_F(TradesTest, AreBounded) {
  for (std::uint64_t i = 0; i < Trades::kFromOne; ++i) {
    here.insert(VisitorId{100 + i});
    EXPECT_TRUE(trades.offer(kAda, VisitorId{100 + i}, {kLamp, {}}, kNow).ok());
  }
  EXPECT_EQ(trades.offer(kAda, kEve, {kLamp, {}}, kNow).error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(trades.offer(kAda, VisitorId{100}, {kLamp, {}}, kNow).error().kind, ErrorKind::conflict) << "one with each";
  // Who is blocked takes nobody's place.
  for (Byte i = 0; i < Trades::kToOne; ++i) {
    const VisitorId from{200U + i};
    here.insert(from);
    owner[asset(100 + i)] = from;
    blocked.insert({kEve, from});
    EXPECT_TRUE(trades.offer(from, kEve, {asset(100 + i), {}}, kNow).ok());
  }
  owner[asset(50)] = kCy;
  EXPECT_TRUE(trades.offer(kCy, kEve, {asset(50), {}}, kNow).ok());
  blocked.clear();
  const VisitorId late{300};
  here.insert(late);
  owner[asset(51)] = late;
  EXPECT_EQ(trades.offer(late, kEve, {asset(51), {}}, kNow).error().kind, ErrorKind::rate_limited);
}

TEST_F(TradesTest, TheFirstTradeOfAThingEndsTheOthers) {
  const auto with_eve = offered();
  owner[asset(50)] = kCy;
  const auto with_cy = trades.offer(kAda, kCy, {kLamp, asset(50)}, kNow).value();
  agree(kEve, with_eve, {kChair, kLamp});
  agree(kCy, with_cy, {asset(50), kLamp});
  agree(kAda, with_eve, {kLamp, kChair});
  owner[kLamp] = kEve;
  owner[kChair] = kAda;
  log_says(Json{{"index", 3}});
  EXPECT_EQ(agree(kAda, with_cy, {kLamp, asset(50)}), ErrorKind::forbidden);
  EXPECT_EQ(asked.size(), 1u);
}

}  // namespace
}  // namespace mw::federation
