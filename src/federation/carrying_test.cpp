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
                  [this](LogQuestion question, auto answer) {
                    ++asked;
                    later.push_back([this, question = std::move(question), answer] { answer(standings(question)); });
                  },
                  [this](const std::string& host, const std::string& named, auto answer) {
                    later.push_back([this, host, named, answer] {
                      if (host == "a.example" && named == origin) return answer(kHome.id());
                      answer(Error{ErrorKind::forbidden, "carried/log", host + " has no such log"});
                    });
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
  Result<Standings> standings(const LogQuestion& question) const {
    if (down) return failure(ErrorKind::unavailable, "a.example does not answer");
    Standings out;
    for (const auto& asset : question.assets) {
      const auto* title = log.find(asset);
      if (title == nullptr)
        out.emplace_back(asset, failure(ErrorKind::not_found, "no record makes this title"));
      else
        out.emplace_back(asset, trust::Standing{*title, log.entries(), {}});
    }
    return out;
  }
  void give(const trust::CarriedThing& thing, const Party& to) {
    const auto& title = *log.find(trust::parse_title_hash(thing.asset, "").value());
    const auto made = trust::make_title(
        trust::TitleTransfer{{title.asset, title.sequence + 1, title.head().record, to.id()}}, {kAdaKey}, origin);
    EXPECT_EQ(log.apply(log.entries(), format_title(made)).verdict, trust::Judgement::Verdict::counts);
  }
  void arrive(VisitorId who, const std::vector<trust::CarriedThing>& things, const std::string& home = "a.example",
              const Party& home_key = kHome) {
    carrying.arrive(who, home, home_key.id(), things, kNow + 1'000);
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

TEST(Carrying, IsHereAgainAfterARestartAsTheLogHasIt) {
  Scene before, after;
  const auto bench = before.make(1), lost = before.make(2);
  for (const auto& thing : {bench, lost}) before.lease(thing);
  before.arrive(kAda, {bench, lost});
  before.tick(5'000);
  ASSERT_TRUE(before.carrying.take(kAda, bench.asset).ok());
  const Json stored = before.carrying.to_store(kAda);
  ASSERT_EQ(stored["things"].size(), 2u);
  EXPECT_TRUE(before.carrying.to_store(kEve).is_null());

  // The second log does not know of the other's lease: what is stored proves nothing.
  after.lease(after.make(1));
  after.make(2);
  after.carrying.restore(kAda, stored, kNow + 20'000);
  EXPECT_EQ(after.carrying.to_store(kAda), [&] {
    Json asked = stored;
    for (auto& one : asked["things"]) one["until_s"] = 0;
    return asked;
  }()) << "until the logs have answered";
  after.run();
  EXPECT_EQ(after.item().state, State::here);
  EXPECT_TRUE(after.item().in_hand);
  EXPECT_EQ(after.item().host, "a.example");
  EXPECT_EQ(after.item(kAda, 1).state, State::checking);
  for (int i = 0; i < 8; ++i) after.tick(30'000 + 2'500 * i);
  EXPECT_EQ(after.item(kAda, 1).state, State::refused);
  EXPECT_FALSE(after.item(kAda, 1).in_hand);
  EXPECT_EQ(after.carrying.to_store(kAda)["things"].size(), 1u);
  EXPECT_TRUE(after.carrying.release("a.example", after.item().asset).ok()) << "its home may call it back";
}

TEST(Carrying, WhatIsStoredAndOverOrDoesNotReadIsLeftOut) {
  Scene scene;
  const auto bench = scene.make(1);
  scene.lease(bench);
  scene.arrive(kAda, {bench});
  const Json stored = scene.carrying.to_store(kAda);
  scene.carrying.forget(kAda);
  EXPECT_EQ(scene.tick(2'000), std::vector{kAda}) << "nothing is news, too";
  scene.carrying.restore(kAda, stored, kNow + limits::kLeaseMs);
  EXPECT_TRUE(scene.carrying.of(kAda).empty());
  for (const char* member : {"home", "things"}) {
    Json broken = stored;
    broken.erase(member);
    scene.carrying.restore(kAda, broken, kNow + 2'000);
    EXPECT_TRUE(scene.carrying.of(kAda).empty()) << member;
  }
  for (const auto& [member, value] : stored["things"][0].items()) {
    Json broken = stored;
    broken["things"][0].erase(member);
    scene.carrying.restore(kAda, broken, kNow + 2'000);
    EXPECT_TRUE(scene.carrying.of(kAda).empty()) << member;
  }
  scene.carrying.restore(kAda, stored, kNow + 2'000);
  EXPECT_EQ(scene.carrying.of(kAda).size(), 1u);
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

TEST(Carrying, AThirdHostsLogIsReadWhenThatHostHasIt) {
  Scene scene;
  auto bench = scene.make(1), false_host = scene.make(2), no_host = scene.make(3);
  for (const auto* thing : {&bench, &false_host, &no_host}) scene.lease(*thing);
  bench.host = "a.example";
  false_host.host = "evil.example";
  const Party home_of_eve(77);
  scene.arrive(kEve, {bench, false_host, no_host}, "c.example", home_of_eve);
  scene.tick(5'000);
  EXPECT_EQ(scene.item(kEve, 0).state, State::here) << scene.item(kEve, 0).why;
  EXPECT_EQ(scene.item(kEve, 0).host, "a.example");
  EXPECT_EQ(scene.item(kEve, 1).state, State::refused);
  EXPECT_NE(scene.item(kEve, 1).why.find("evil.example"), std::string::npos);
  EXPECT_EQ(scene.item(kEve, 2).state, State::refused) << "not in the log of the home";
}

TEST(Carrying, WhatIsGivenAwayChangesHandsWhenTheLogSaysSo) {
  Scene scene;
  const Party eve_key(2);
  const auto bench = scene.make(1);
  scene.lease(bench);
  scene.arrive(kAda, {bench});
  const auto asset = scene.item().asset;
  const Carrying::Promise promise{kEve, "c.example", eve_key.id(), kNow + 60'000};
  EXPECT_EQ(scene.carrying.promise(kAda, asset, promise).error().kind, ErrorKind::not_found) << "not here yet";
  scene.tick(5'000);
  EXPECT_TRUE(scene.carrying.take(kAda, bench.asset).ok());
  ASSERT_TRUE(scene.carrying.promise(kAda, asset, promise).ok());
  scene.tick(6'000);
  EXPECT_EQ(scene.item().state, State::here) << "a promise moves nothing";
  scene.give(bench, eve_key);
  scene.tick(9'000);
  EXPECT_EQ(scene.tick(10'000), (std::vector{kAda, kEve}));
  EXPECT_TRUE(scene.carrying.of(kAda).empty());
  ASSERT_EQ(scene.carrying.of(kEve).size(), 1u);
  EXPECT_EQ(scene.item(kEve).state, State::here);
  EXPECT_FALSE(scene.item(kEve).in_hand);
  EXPECT_TRUE(scene.carrying.take(kEve, bench.asset).ok());
  EXPECT_EQ(scene.carrying.take(kAda, bench.asset).error().kind, ErrorKind::not_found);
  scene.tick(595'000);
  EXPECT_EQ(scene.item(kEve).state, State::over) << "under the same lease";
}

TEST(Carrying, APromiseThatIsNotKeptIsForgottenAndAnotherKeyIsNobody) {
  Scene scene;
  const auto bench = scene.make(1);
  scene.lease(bench);
  scene.arrive(kAda, {bench});
  scene.tick(5'000);
  ASSERT_TRUE(scene.carrying.promise(kAda, scene.item().asset, {kEve, "", Party(2).id(), kNow + 20'000}).ok());
  scene.give(bench, Party(3));
  for (int s = 6; s < 30; ++s) scene.tick(1'000 * s);
  EXPECT_TRUE(scene.carrying.of(kEve).empty());
  EXPECT_FALSE(scene.item().promise);
  const int asked = scene.asked;
  scene.tick(40'000);
  EXPECT_EQ(scene.asked, asked);
}

TEST(Carrying, ItIsReleasedToTheHomeOfWhoHasItAndToNobodyElse) {
  Scene scene;
  const auto bench = scene.make(1);
  scene.lease(bench);
  scene.arrive(kAda, {bench});
  scene.tick(5'000);
  const auto asset = scene.item().asset;
  EXPECT_EQ(scene.carrying.release("evil.example", asset).error().kind, ErrorKind::not_found);
  EXPECT_EQ(scene.item().state, State::here);
  const auto lease = scene.carrying.release("a.example", asset);
  ASSERT_TRUE(lease.ok());
  EXPECT_EQ(lease->lease.number, 1u);
  EXPECT_EQ(lease->log, scene.origin);
  EXPECT_EQ(scene.tick(6'000), std::vector{kAda});
  EXPECT_EQ(scene.item().state, State::over);
  EXPECT_EQ(scene.carrying.release("a.example", asset).error().kind, ErrorKind::not_found) << "once";
  EXPECT_TRUE(scene.carrying.release(kAda).empty());
}

}  // namespace
}  // namespace mw::federation
