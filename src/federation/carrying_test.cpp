#include "federation/carrying.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/limits.h"
#include "crypto/canonical.h"
#include "trust/test_titles.h"

namespace mw::federation {
namespace {

using State = Carrying::State;
using trust::Party;

constexpr std::int64_t kNow = 1'800'000'000'000;
const Party kAdaKey(1), kHome(99), kHere(50);
const VisitorId kAda{7}, kEve{8};
const std::string kDid = "did:web:b.example";

// A destination, and the log of one home as a scan of it would show it; answers come when the test lets them.
struct Scene {
  Scene()
      : carrying({kDid, kHere.id(),
                  [this](Carrying::Ask ask, auto answer) {
                    ++asked;
                    later.push_back([this, ask = std::move(ask), answer] { answer(standings(ask)); });
                  },
                  [this](std::int64_t) { return clock; }}) {}
  static Json bench() { return {{"type", "manyworlds thing 1"}, {"model", "bench"}}; }
  trust::CarriedThing make(Byte serial) {
    trust::TitleCreate form;
    form.content = crypto::sha256(as_bytes(*crypto::canonical_json(bench())));
    form.serial.fill(serial);
    form.owner = kAdaKey.id();
    const auto made = trust::make_title(form, {kAdaKey}, origin);
    EXPECT_EQ(log.apply(log.entries(), format_title(made)).verdict, trust::Judgement::Verdict::counts);
    return {trust::title_hash_text(made.hash), origin, bench()};
  }
  void lease(const trust::CarriedThing& thing, const std::string& host = kDid, const Party& holder = kHere,
             std::int64_t from_s = kNow / 1'000) {
    const auto& title = *log.find(trust::parse_title_hash(thing.asset, "").value());
    const auto made =
        trust::make_title(trust::TitleLease{title.asset, title.head().record, title.lease ? title.lease->number + 1 : 1,
                                            host, holder.id(), from_s, from_s + limits::kLeaseMs / 1'000},
                          {kAdaKey}, origin);
    const auto judged = log.apply(log.entries(), format_title(made));
    EXPECT_EQ(judged.verdict, trust::Judgement::Verdict::counts) << judged.why;
  }
  Result<Carrying::Standings> standings(const Carrying::Ask& ask) const {
    if (down) return failure(ErrorKind::unavailable, "a.example does not answer");
    Carrying::Standings out;
    for (const auto& asset : ask.assets) {
      const auto* title = log.find(asset);
      if (title == nullptr)
        out.emplace_back(asset, failure(ErrorKind::not_found, "no record makes this title"));
      else
        out.emplace_back(asset, trust::Standing{*title, log.entries(), {}});
    }
    return out;
  }
  void arrive(VisitorId who, const std::vector<trust::CarriedThing>& things) {
    carrying.arrive(who, "a.example", kHome.id(), things, kNow + 1'000);
    run();
  }
  void run() {
    while (!later.empty()) {
      const auto work = std::move(later.front());
      later.pop_front();
      work();
    }
  }
  std::vector<VisitorId> tick(std::int64_t after_ms) {
    auto news = carrying.tick(kNow + after_ms);
    run();
    return news;
  }
  const Carrying::Item& item(VisitorId who = kAda, std::size_t i = 0) const { return carrying.of(who).at(i); }

  std::string origin = trust::log_origin(kHome.id());
  trust::TitleIndex log{origin};
  Status clock = ok();
  bool down = false;
  int asked = 0;
  std::deque<std::function<void()>> later;
  Carrying carrying;
};

TEST(Carrying, IsShownFromTheLeasesBeginToItsEnd) {
  Scene scene;
  const auto bench = scene.make(1);
  scene.lease(bench);
  scene.arrive(kAda, {bench});
  EXPECT_EQ(scene.item().state, State::waiting);
  EXPECT_EQ(scene.carrying.take(kAda, bench.asset).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(scene.tick(4'999), std::vector{kAda});
  EXPECT_EQ(scene.item().state, State::waiting);
  EXPECT_EQ(scene.tick(5'000), std::vector{kAda});
  EXPECT_EQ(scene.item().state, State::here);
  EXPECT_TRUE(scene.tick(6'000).empty()) << "no news";
  EXPECT_TRUE(scene.carrying.take(kAda, bench.asset).ok());
  EXPECT_TRUE(scene.item().in_hand);
  EXPECT_EQ(scene.tick(7'000), std::vector{kAda});
  EXPECT_TRUE(scene.carrying.take(kAda, "").ok());
  EXPECT_FALSE(scene.item().in_hand);
  EXPECT_TRUE(scene.carrying.take(kAda, bench.asset).ok());
  scene.tick(594'999);
  EXPECT_EQ(scene.item().state, State::here);
  EXPECT_EQ(scene.tick(595'000), std::vector{kAda});
  EXPECT_EQ(scene.item().state, State::over);
  EXPECT_FALSE(scene.item().in_hand);
  EXPECT_EQ(scene.asked, 1);
}

TEST(Carrying, NothingIsShownByAClockThatMayBeWrong) {
  Scene scene;
  const auto bench = scene.make(1);
  scene.lease(bench);
  scene.clock = failure(ErrorKind::unavailable, "this host's clock is ahead of its witnesses");
  scene.arrive(kAda, {bench});
  scene.tick(10'000);
  EXPECT_EQ(scene.item().state, State::waiting);
  EXPECT_NE(scene.item().why.find("clock"), std::string::npos);
  scene.clock = ok();
  scene.tick(11'000);
  EXPECT_EQ(scene.item().state, State::here);
  scene.clock = failure(ErrorKind::unavailable, "not held against witnesses of late");
  EXPECT_EQ(scene.tick(12'000), std::vector{kAda});
  EXPECT_EQ(scene.item().state, State::waiting);
}

TEST(Carrying, ALeaseThatIsNotPublishedYetIsWaitedForAndNotForEver) {
  Scene scene;
  const auto bench = scene.make(1), lamp = scene.make(2);
  scene.arrive(kAda, {bench, lamp});
  EXPECT_EQ(scene.item().state, State::checking);
  scene.lease(bench);
  for (int s = 2; s < 40; ++s) scene.tick(1'000 * s);
  EXPECT_EQ(scene.item(kAda, 0).state, State::here);
  EXPECT_EQ(scene.item(kAda, 1).state, State::refused);
  EXPECT_NE(scene.item(kAda, 1).why.find("no lease"), std::string::npos);
  EXPECT_LE(scene.asked, 9);
}

TEST(Carrying, WhatDoesNotHoldIsRefusedAndTheRestIsShown) {
  Scene scene;
  auto bench = scene.make(1), elsewhere = scene.make(2), changed = scene.make(3), foreign = scene.make(4);
  scene.lease(bench);
  scene.lease(elsewhere, "did:web:c.example", Party(51));
  scene.lease(changed);
  changed.thing["model"] = "palace";
  foreign.log = "manyworlds/another";
  scene.arrive(kAda, {bench, elsewhere, changed, foreign});
  scene.tick(5'000);
  EXPECT_EQ(scene.item(kAda, 0).state, State::here);
  EXPECT_EQ(scene.item(kAda, 1).state, State::refused);
  EXPECT_NE(scene.item(kAda, 1).why.find("did:web:c.example"), std::string::npos);
  EXPECT_EQ(scene.item(kAda, 2).state, State::refused);
  EXPECT_EQ(scene.item(kAda, 3).state, State::refused);
  EXPECT_NE(scene.item(kAda, 3).why.find("manyworlds/another"), std::string::npos);
}

TEST(Carrying, OneThingIsCarriedByOnePerson) {
  Scene scene;
  const auto bench = scene.make(1);
  scene.lease(bench);
  scene.arrive(kAda, {bench});
  scene.tick(5'000);
  scene.arrive(kEve, {bench});
  EXPECT_EQ(scene.item(kEve).state, State::refused);
  EXPECT_NE(scene.item(kEve).why.find("somebody else"), std::string::npos);
  EXPECT_EQ(scene.item(kAda).state, State::here);
  // Ada comes again, from another device: the same person.
  scene.arrive(kAda, {bench});
  scene.tick(6'000);
  EXPECT_EQ(scene.item(kAda).state, State::here);
  scene.carrying.forget(kAda);
  scene.arrive(kEve, {bench});
  scene.tick(7'000);
  EXPECT_EQ(scene.item(kEve).state, State::here);
}

TEST(Carrying, ALogThatDoesNotAnswerIsAskedAgainAndALateAnswerMeansNothing) {
  Scene scene;
  const auto bench = scene.make(1);
  scene.lease(bench);
  scene.down = true;
  scene.arrive(kAda, {bench});
  EXPECT_EQ(scene.item().state, State::checking);
  scene.down = false;
  scene.carrying.tick(kNow + 4'000);  // asks; the answer is on its way
  scene.carrying.arrive(kAda, "a.example", kHome.id(), {}, kNow + 5'000);
  scene.run();
  EXPECT_TRUE(scene.carrying.of(kAda).empty());
}

}  // namespace
}  // namespace mw::federation
