#include "federation/gifts.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/limits.h"
#include "crypto/canonical.h"
#include "trust/test_titles.h"

namespace mw::federation {
namespace {

using State = Gifts::State;
using trust::Party;

constexpr std::int64_t kNow = 1'800'000'000'000;
const Party kAdaKey(1), kEveKey(2), kHome(99), kHere(50);
const VisitorId kAda{7}, kEve{8}, kGuest{9};
const std::string kDid = "did:web:b.example", kEveDid = "did:webvh:QmScid:c.example:people:eve";

// Ada is at b.example with five benches, Eve is there with her own home, and a guest with none.
struct Scene {
  Scene()
      : carrying({kDid, kHere.id(),
                  [this](const LogQuestion& question, auto answer) {
                    later.push_back([this, question, answer] {
                      Standings out;
                      for (const auto& asset : question.assets)
                        out.emplace_back(asset, trust::Standing{*log.find(asset), log.entries(), {}});
                      answer(out);
                    });
                  },
                  [](const std::string&, const std::string&, auto) { FAIL(); }, [](std::int64_t) { return ok(); }}),
        gifts(carrying, [this](VisitorId to, const Carrying::Item& thing, auto answer) {
          EXPECT_EQ(thing.host, "a.example");
          later.push_back([to, answer] {
            if (to != kEve) return answer(failure(ErrorKind::forbidden, "only somebody with an account can own it"));
            answer(Gifts::Recipient{kEveDid, "c.example", kEveKey.id()});
          });
        }) {
    std::vector<trust::CarriedThing> things;
    for (const Byte serial : {1, 2, 3, 4, 5}) things.push_back(make(serial));
    carrying.arrive(kAda, "a.example", kHome.id(), things, kNow + 1'000);
    run();
    tick(6'000);
    for (const auto& item : carrying.of(kAda)) EXPECT_EQ(item.state, Carrying::State::here) << item.why;
  }
  trust::CarriedThing make(Byte serial) {
    const Json bench{{"type", "manyworlds thing 1"}, {"model", "bench"}};
    trust::TitleCreate form;
    form.content = crypto::sha256(as_bytes(*crypto::canonical_json(bench)));
    form.serial.fill(serial);
    form.owner = kAdaKey.id();
    const auto made = trust::make_title(form, {kAdaKey}, origin);
    record(made);
    assets.push_back(made.hash);
    record(trust::make_title(
        trust::TitleLease{made.hash, made.hash, 1, kDid, kHere.id(), kNow / 1'000, kNow / 1'000 + 600}, {kAdaKey},
        origin));
    return {trust::title_hash_text(made.hash), origin, bench, ""};
  }
  void record(const trust::TitleRecord& made) {
    const auto judged = log.apply(log.entries(), format_title(made));
    EXPECT_EQ(judged.verdict, trust::Judgement::Verdict::counts) << judged.why;
  }
  void transfer(std::size_t which) {
    const auto& title = *log.find(assets[which]);
    record(trust::make_title(trust::TitleTransfer{{title.asset, title.sequence + 1, title.head().record, kEveKey.id()}},
                             {kAdaKey}, origin));
  }
  void run() {
    while (!later.empty()) {
      const auto work = std::move(later.front());
      later.pop_front();
      work();
    }
  }
  std::vector<VisitorId> tick(std::int64_t after_ms) {
    carrying.tick(kNow + after_ms);
    run();
    return gifts.tick(kNow + after_ms);
  }
  Status accept(VisitorId by, std::uint64_t id, std::int64_t after_ms = 8'000) {
    Status status = failure(ErrorKind::internal, "no answer");
    gifts.accept(by, id, kNow + after_ms, [&](Status answer) { status = std::move(answer); });
    run();
    return status;
  }
  std::uint64_t offer(std::size_t which = 0, VisitorId to = kEve) {
    const auto id = gifts.offer(kAda, to, assets[which], kNow + 7'000);
    EXPECT_TRUE(id.ok());
    return id.ok() ? *id : 0;
  }

  std::string origin = trust::log_origin(kHome.id());
  trust::TitleIndex log{origin};
  std::vector<trust::AssetId> assets;
  std::deque<std::function<void()>> later;
  Carrying carrying;
  Gifts gifts;
};

const std::vector kBoth{kAda, kEve};

TEST(Gifts, IsOfferedAcceptedAndGivenWhenTheLogSaysSo) {
  Scene scene;
  const auto id = scene.offer();
  EXPECT_EQ(scene.tick(7'000), kBoth);
  EXPECT_EQ(scene.gifts.of(kEve).at(0).state, State::offered);
  EXPECT_EQ(scene.gifts.of(kEve).at(0).person, "") << "nobody learns who Eve is before she says yes";
  ASSERT_TRUE(scene.accept(kEve, id).ok());
  EXPECT_EQ(scene.tick(8'000), kBoth);
  EXPECT_EQ(scene.gifts.of(kAda).at(0).state, State::accepted);
  EXPECT_EQ(scene.gifts.of(kAda).at(0).person, kEveDid);
  scene.tick(12'000);
  EXPECT_EQ(scene.gifts.of(kAda).at(0).state, State::accepted) << "Ada has not said so at home";
  scene.transfer(0);
  scene.tick(16'000);
  EXPECT_EQ(scene.carrying.of(kEve).size(), 1u);
  EXPECT_EQ(scene.carrying.of(kAda).size(), 4u);
  EXPECT_EQ(scene.gifts.of(kAda).at(0).state, State::given);
  scene.tick(17'000);
  EXPECT_TRUE(scene.gifts.of(kAda).empty()) << "what was told is forgotten";
}

TEST(Gifts, EitherCanSayNoAndTimeDoesToo) {
  Scene scene;
  const auto first = scene.offer(), second = scene.offer(1);
  EXPECT_EQ(scene.gifts.decline(kGuest, first).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(scene.gifts.decline(kEve, first).ok());
  EXPECT_EQ(scene.accept(kEve, first).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(scene.accept(kEve, second).ok());
  ASSERT_TRUE(scene.gifts.decline(kAda, second).ok());
  EXPECT_FALSE(scene.carrying.of(kAda).at(1).promise) << "a gift that was taken back moves nothing";
  scene.transfer(1);
  scene.tick(16'000);
  EXPECT_EQ(scene.carrying.of(kAda).size(), 5u);
  scene.tick(17'000);
  scene.offer(2);
  EXPECT_EQ(scene.tick(8'000 + Gifts::kOfferedMs), kBoth);
  EXPECT_EQ(scene.gifts.of(kEve).at(0).state, State::over);
  scene.tick(9'000 + Gifts::kOfferedMs);
  EXPECT_TRUE(scene.gifts.of(kEve).empty());
}

TEST(Gifts, WhoCanOwnNothingIsToldWhyAndTheOfferStands) {
  Scene scene;
  const auto id = scene.offer(0, kGuest);
  const auto refused = scene.accept(kGuest, id);
  EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
  EXPECT_NE(refused.error().message.find("account"), std::string::npos);
  EXPECT_EQ(scene.gifts.of(kGuest).at(0).state, State::offered);
}

TEST(Gifts, WhatIsNotThereOrOfferedTwiceOrTooOftenIsRefused) {
  Scene scene;
  EXPECT_EQ(scene.gifts.offer(kAda, kAda, scene.assets[0], kNow).error().kind, ErrorKind::invalid);
  EXPECT_EQ(scene.gifts.offer(kEve, kAda, scene.assets[0], kNow).error().kind, ErrorKind::not_found);
  scene.offer();
  EXPECT_EQ(scene.gifts.offer(kAda, kGuest, scene.assets[0], kNow).error().kind, ErrorKind::conflict);
  EXPECT_EQ(scene.accept(kAda, 1).error().kind, ErrorKind::not_found) << "nobody accepts for another";
  EXPECT_EQ(scene.accept(kEve, 99).error().kind, ErrorKind::not_found);
}

TEST(Gifts, AThingThatGoesHomeIsGivenToNobody) {
  Scene scene;
  const auto id = scene.offer();
  scene.tick(7'000);
  ASSERT_TRUE(scene.carrying.release("a.example", scene.assets[0]).ok());
  EXPECT_EQ(scene.accept(kEve, id).error().kind, ErrorKind::not_found);
  EXPECT_EQ(scene.gifts.of(kEve).at(0).state, State::over);
}

TEST(Gifts, NobodyIsFloodedWithThem) {
  Scene scene;
  std::vector<std::uint64_t> ids;
  for (std::size_t i = 0; i < Gifts::kFromOne; ++i) ids.push_back(scene.offer(i));
  const auto more = scene.gifts.offer(kAda, kGuest, scene.assets[Gifts::kFromOne], kNow + 7'000);
  EXPECT_EQ(more.error().kind, ErrorKind::rate_limited) << "of one person, whomever they are for";
  ASSERT_TRUE(scene.gifts.decline(kEve, ids[0]).ok());
  EXPECT_TRUE(scene.gifts.offer(kAda, kGuest, scene.assets[Gifts::kFromOne], kNow + 7'000).ok())
      << "an answer makes room";
}

}  // namespace
}  // namespace mw::federation
