#include "federation/titles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>

#include "crypto/multibase.h"
#include "trust/lease.h"
#include "trust/test_titles.h"

namespace mw::federation {
namespace {

using trust::Party;

// A real log in memory, whose answers come when the test lets them; entries of others may stand between.
class SlowLog final : public TitleLog {
 public:
  explicit SlowLog(trust::TestLog& log) : log_(log) {}
  std::string origin() const override { return trust::kTestLog; }
  std::uint64_t final_size() const override { return final_entries; }
  void append(Bytes entry, std::function<void(Result<std::uint64_t>)> done) override {
    if (full) return later([done] { done(failure(ErrorKind::full, "the disk is full")); });
    if (noise) log_.add(Bytes{'x'});
    later([done, index = log_.add(entry)] { done(index); });
  }
  void read(std::uint64_t first, std::function<void(Result<std::vector<Bytes>>)> done) override {
    std::vector<Bytes> out;
    for (std::uint64_t i = first; i < std::min(first + 2, log_.log().size()); ++i) out.push_back(*log_.log().entry(i));
    later([done, out] { done(out); });
  }
  void prove(std::vector<std::uint64_t> indices, std::function<void(Result<trust::TitleProof>)> done) override {
    later([done, proof = log_.proof(indices, 3)] { done(proof); });
  }
  void run() {
    while (!later_.empty()) {
      const auto work = std::move(later_.front());
      later_.pop_front();
      work();
    }
  }
  void later(std::function<void()> work) { later_.push_back(std::move(work)); }
  Status clock(std::int64_t) const override { return clock_is; }
  Status clock_is = ok();
  std::uint64_t final_entries = 0;
  bool noise = false, full = false;

 private:
  trust::TestLog& log_;
  std::deque<std::function<void()>> later_;
};

const VisitorId kAda{7}, kBo{8};

struct Desk {
  Desk() { start(); }
  void start() {
    titles.reset();
    store = std::make_unique<records::InlineStore>(records::Journal::open({path, "", 0, false}).value(),
                                                   [this](std::function<void()> work) { log.later(std::move(work)); });
    titles = std::make_unique<Titles>(log, *store, [](VisitorId visitor) {
      return crypto::SigningKey::from_seed(crypto::sha256(as_bytes(std::to_string(visitor.value))));
    });
    Status status = failure(ErrorKind::internal, "not started");
    titles->start([&](const Status& done) { status = done; });
    log.run();
    EXPECT_TRUE(status.ok());
  }
  static Json description() { return {{"model", "bench"}, {"scale", 1.5}}; }
  static crypto::Digest content() { return *Titles::content_of(description()); }
  Result<Json> wait(const std::function<void(Titles::Answer)>& call) {
    Result<Json> out = failure(ErrorKind::internal, "no answer");
    call([&](Result<Json> answer) { out = std::move(answer); });
    log.run();
    return out;
  }
  Result<Json> create(VisitorId by, std::uint32_t entity, const std::string& record = "") {
    return wait([&](auto answer) { titles->create(by, "plaza", EntityId{entity}, description(), record, answer); });
  }
  trust::AssetId asset(const Json& answer) const {
    return trust::parse_title_hash(answer["asset"].get<std::string>(), "asset").value();
  }
  std::string path = ":memory:";
  trust::TestLog bytes;
  SlowLog log{bytes};
  std::unique_ptr<records::InlineStore> store;
  std::unique_ptr<Titles> titles;
};

TEST(Titles, AreMadeGivenAndShownWithProofs) {
  Desk desk;
  for (const bool noise : {false, true}) {
    desk.log.noise = noise;
    const auto made = desk.create(kAda, noise ? 2 : 1);
    ASSERT_TRUE(made.ok()) << made.error().text();
    EXPECT_EQ((*made)["custody"], "home");
    EXPECT_EQ((*made)["final"], false);
    const auto asset = desk.asset(*made);
    const auto given = desk.wait([&](auto answer) { desk.titles->give(kAda, asset, kBo, answer); });
    ASSERT_TRUE(given.ok()) << given.error().text();
    EXPECT_EQ((*given)["sequence"], 1);
    const auto again = desk.wait([&](auto answer) { desk.titles->give(kAda, asset, kBo, answer); });
    EXPECT_EQ(again.error().kind, ErrorKind::forbidden);
    const auto shown = desk.wait([&](auto answer) { desk.titles->show(asset, answer); });
    ASSERT_TRUE(shown.ok()) << shown.error().text();
    ASSERT_EQ((*shown)["history"].size(), 2u);
    EXPECT_EQ((*shown)["history"][1]["kind"], "transfer");
    // What is shown is a proof that others check.
    trust::TitleProof proof{(*shown)["checkpoint"], {}};
    for (const auto& step : (*shown)["history"]) {
      const std::string record = step["record"];
      proof.history.push_back({step["index"], Bytes(record.begin(), record.end()), {}});
      for (const auto& hash : step["inclusion"])
        proof.history.back().inclusion.push_back(*records::parse_hash(hash.get<std::string>(), "hash"));
    }
    EXPECT_TRUE(trust::verify_presence(desk.bytes.policy(3), asset, proof).ok());
  }
}

TEST(Titles, OneThingHasOneTitleAlsoAfterARestart) {
  Desk desk;
  desk.path = testing::TempDir() + "titles-test.db";
  std::remove(desk.path.c_str());
  desk.start();
  const auto made = desk.create(kAda, 1);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(desk.create(kAda, 1).error().kind, ErrorKind::conflict);
  desk.start();
  EXPECT_EQ(desk.titles->asset_of("plaza", EntityId{1}), desk.asset(*made));
  ASSERT_TRUE(desk.titles->description_of(desk.asset(*made)).ok())
      << "what it is over is kept, whatever becomes of the thing";
  EXPECT_EQ(*desk.titles->description_of(desk.asset(*made)), Desk::description());
  EXPECT_EQ(desk.titles->description_of({}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(desk.create(kAda, 1).error().kind, ErrorKind::conflict);
  const auto shown = desk.wait([&](auto answer) { desk.titles->show(desk.asset(*made), answer); });
  EXPECT_EQ((*shown)["custody"], "home");
  std::remove(desk.path.c_str());
}

TEST(Titles, WhoKeepsTheirOwnKeySignsThemselves) {
  Desk desk;
  const Party ada(1), bo(2);
  trust::TitleCreate form;
  form.content = Desk::content();
  form.owner = ada.id();
  const auto text = [](const trust::TitleRecord& record) { return std::string(as_text(format_title(record))); };
  const auto made = desk.create(kAda, 1, text(trust::make_title(form, {ada})));
  ASSERT_TRUE(made.ok()) << made.error().text();
  EXPECT_EQ((*made)["custody"], "holder");
  const auto asset = desk.asset(*made);
  EXPECT_EQ(desk.wait([&](auto answer) { desk.titles->give(kAda, asset, bo.id(), answer); }).error().kind,
            ErrorKind::forbidden);
  const auto say = [&](const trust::TitleRecord& record) {
    return desk.wait([&](auto answer) { desk.titles->record(kAda, text(record), answer); });
  };
  const auto sale = trust::make_title(trust::TitleTransfer{move_of(desk.titles->index(), asset, bo)}, {ada});
  const auto forged = trust::make_title(trust::TitleTransfer{move_of(desk.titles->index(), asset, bo)}, {bo});
  EXPECT_EQ(say(forged).error().kind, ErrorKind::forbidden);
  EXPECT_TRUE(say(sale).ok());
  EXPECT_EQ(say(sale).error().kind, ErrorKind::conflict);
  EXPECT_EQ(say(trust::make_title(form, {ada})).error().kind, ErrorKind::invalid);  // not this way
  form.content.fill(1);
  EXPECT_EQ(desk.create(kAda, 2, text(trust::make_title(form, {ada}))).error().kind, ErrorKind::invalid);
}

// Both are good when they are asked for; the log decides, and the second is told so.
TEST(Titles, TwoSalesAtOnceAreDecidedByTheLog) {
  Desk desk;
  const auto asset = desk.asset(*desk.create(kAda, 1));
  Result<Json> first = failure(ErrorKind::internal, ""), second = first;
  desk.titles->give(kAda, asset, Party(1).id(), [&](Result<Json> answer) { first = std::move(answer); });
  desk.titles->give(kAda, asset, Party(2).id(), [&](Result<Json> answer) { second = std::move(answer); });
  desk.log.run();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ((*first)["owner"], crypto::multikey(Party(1).id()));
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
}

TEST(Titles, FinalIsToldWhenWitnessesHaveSeenIt) {
  Desk desk;
  const auto made = desk.create(kAda, 1);
  EXPECT_TRUE(desk.titles->take_final().empty());
  desk.log.final_entries = desk.bytes.log().size();
  const auto told = desk.titles->take_final();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].by, kAda);
  EXPECT_TRUE(desk.titles->take_final().empty());
  const auto shown = desk.wait([&](auto answer) { desk.titles->show(desk.asset(*made), answer); });
  EXPECT_EQ((*shown)["final"], true);
}

// Carried to another host: out of its own world until the lease and the skew are over, and at one host at a time.
TEST(Titles, AreLeasedToOneHostAtATime) {
  Desk desk;
  const auto asset = desk.asset(*desk.create(kAda, 1));
  const Titles::Tenant b{"did:web:b.example", Party(50).id()}, c{"did:web:c.example", Party(51).id()};
  constexpr std::int64_t now = 1'800'000'000'000;
  const auto lease = [&](VisitorId by, const Titles::Tenant& to, std::int64_t at) {
    return desk.wait([&](auto answer) { desk.titles->lease(by, asset, to, at, answer); });
  };
  const auto away = [&](std::int64_t at) {
    std::vector<bool> told;
    desk.titles->each_away(at, [&](const Titles::Place& place, bool back) {
      EXPECT_EQ(place.world, "plaza");
      EXPECT_EQ(place.entity, EntityId{1});
      told.push_back(back);
    });
    return told;
  };
  EXPECT_EQ(desk.titles->kept_for(kAda), std::vector{asset});
  EXPECT_TRUE(desk.titles->at_home(asset, now));
  EXPECT_EQ(lease(kBo, b, now).error().kind, ErrorKind::forbidden);
  desk.log.clock_is = failure(ErrorKind::unavailable, "wrong");
  EXPECT_EQ(lease(kAda, b, now).error().kind, ErrorKind::unavailable);
  desk.log.clock_is = ok();
  const auto made = lease(kAda, b, now);
  ASSERT_TRUE(made.ok()) << made.error().text();
  EXPECT_EQ((*made)["lease"]["host"], b.host);
  EXPECT_EQ((*made)["lease"]["until_s"], now / 1'000 + 600);
  const auto twice = lease(kAda, c, now + 60'000);
  EXPECT_EQ(twice.error().kind, ErrorKind::conflict);
  EXPECT_NE(twice.error().message.find(b.host), std::string::npos) << "says where it is";
  EXPECT_TRUE(lease(kAda, b, now + 60'000).ok()) << "the same host may have it longer";
  EXPECT_EQ(away(now + 664'999), std::vector{false});
  desk.log.clock_is = failure(ErrorKind::unavailable, "wrong");
  EXPECT_EQ(away(now + 665'000), std::vector{false}) << "by a clock that may be wrong nothing is taken back";
  desk.log.clock_is = ok();
  EXPECT_EQ(away(now + 665'000), std::vector{true});
  EXPECT_TRUE(away(now + 665'000).empty()) << "told once";
  EXPECT_TRUE(lease(kAda, c, now + 665'000).ok());
  // Whoever it was given to has it to carry, and nobody else.
  EXPECT_TRUE(desk.wait([&](auto answer) { desk.titles->give(kAda, asset, kBo, answer); }).ok());
  EXPECT_TRUE(desk.titles->kept_for(kAda).empty());
  EXPECT_EQ(desk.titles->kept_for(kBo), std::vector{asset});
  EXPECT_EQ(lease(kAda, c, now + 700'000).error().kind, ErrorKind::forbidden);
}

// What other hosts bring: whose record it is decides, and of times those of now.
TEST(Titles, TakeWhatOtherHostsBringByItsSignatureAndItsTime) {
  Desk desk;
  const std::int64_t now = 1'800'000'000'000;
  const std::string eve = "did:webvh:QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE:c.example:people:abcdefghij234567";
  const Party owner(31), holder(50);
  trust::TitleCreate form;
  form.content = Desk::content();
  form.owner = owner.id();
  const auto text = [](const trust::TitleRecord& record) { return std::string(as_text(format_title(record))); };
  const auto asset = desk.asset(*desk.create(kAda, 5, text(trust::make_title(form, {owner}))));
  const auto bring = [&](const trust::TitleForm& what, const Party& by, std::int64_t at) {
    return desk.wait(
        [&](auto answer) { desk.titles->record_from_host(text(trust::make_title(what, {by})), eve, at, answer); });
  };
  const auto& title = *desk.titles->index().find(asset);
  form.serial.fill(9);
  EXPECT_EQ(bring(form, owner, now).error().field, "/params/record") << "titles are made where their things are";
  const auto lease = [&](std::int64_t from_s) {
    return trust::TitleLease{asset, title.head().record, 1, "did:web:b.example", holder.id(), from_s, from_s + 600};
  };
  EXPECT_EQ(bring(lease(now / 1'000 - 60), owner, now).error().field, "from");
  EXPECT_EQ(bring(lease(now / 1'000), holder, now).error().kind, ErrorKind::forbidden);
  desk.log.clock_is = failure(ErrorKind::unavailable, "this host's clock is wrong");
  EXPECT_EQ(bring(lease(now / 1'000), owner, now).error().kind, ErrorKind::unavailable);
  desk.log.clock_is = ok();
  ASSERT_TRUE(bring(lease(now / 1'000 + 2), owner, now).ok());
  // Given back: by the holder alone, and now. A clock that is ahead makes the next lease begin where this one ends.
  const auto back = [&](std::int64_t at_s) { return trust::TitleReturn{asset, 1, at_s}; };
  EXPECT_EQ(bring(back(now / 1'000 + 300), holder, now + 60'000).error().field, "at");
  EXPECT_EQ(bring(back(now / 1'000 + 63), owner, now + 60'000).error().kind, ErrorKind::forbidden);
  ASSERT_TRUE(bring(back(now / 1'000 + 63), holder, now + 60'000).ok());
  EXPECT_FALSE(desk.titles->at_home(asset, now + 67'000));
  EXPECT_TRUE(desk.titles->at_home(asset, now + 68'000));
  const auto next = trust::lease_from_now(title, "did:web:c.example", holder.id(), now + 60'000);
  EXPECT_EQ(next.from_s, now / 1'000 + 63);
  EXPECT_TRUE(bring(next, owner, now + 60'000).ok());
  // Given to somebody of another home, who keeps that key for them: so it is shown, also after a restart.
  const auto given = bring(trust::TitleTransfer{{asset, 1, title.head().record, Party(32).id()}}, owner, now + 90'000);
  ASSERT_TRUE(given.ok()) << given.error().text();
  EXPECT_EQ((*given)["custody"], "home");
  EXPECT_EQ((*given)["kept_by"], "c.example");
}

TEST(Titles, WhatIsAwayIsStillAwayAfterARestart) {
  Desk desk;
  desk.path = testing::TempDir() + "titles-away-test.db";
  std::remove(desk.path.c_str());
  desk.start();
  const auto asset = desk.asset(*desk.create(kAda, 1));
  constexpr std::int64_t now = 1'800'000'000'000;
  EXPECT_TRUE(desk.wait([&](auto answer) {
                    desk.titles->lease(kAda, asset, {"did:web:b.example", Party(50).id()}, now, answer);
                  })
                  .ok());
  desk.start();
  EXPECT_FALSE(desk.titles->at_home(asset, now + 1'000));
  EXPECT_EQ(desk.titles->kept_for(kAda), std::vector{asset});
  bool back = true;
  desk.titles->each_away(now + 1'000, [&](const Titles::Place&, bool at_home) { back = at_home; });
  EXPECT_FALSE(back);
  std::remove(desk.path.c_str());
}

TEST(Titles, ALogThatTakesNothingLosesNothing) {
  Desk desk;
  desk.log.full = true;
  EXPECT_EQ(desk.create(kAda, 1).error().kind, ErrorKind::full);
  desk.log.full = false;
  EXPECT_TRUE(desk.create(kAda, 1).ok());
}

TEST(Titles, ATradeMovesBothOrNeither) {
  Desk desk;
  const auto lamp = desk.asset(*desk.create(kAda, 1)), chair = desk.asset(*desk.create(kBo, 2));
  const auto trade = [&](VisitorId a, const trust::AssetId& x, VisitorId b, const trust::AssetId& y) {
    return desk.wait([&](auto answer) { desk.titles->trade({a, x, {}}, {b, y, {}}, answer); });
  };
  const auto owner = [&](const trust::AssetId& asset) { return desk.titles->index().find(asset)->head().owner; };
  EXPECT_EQ(trade(kAda, chair, kBo, lamp).error().kind, ErrorKind::forbidden) << "the wrong way round";
  EXPECT_EQ(trade(kAda, lamp, kBo, lamp).ok(), false);
  desk.log.full = true;
  EXPECT_EQ(trade(kAda, lamp, kBo, chair).error().kind, ErrorKind::full);
  desk.log.full = false;
  EXPECT_EQ(owner(lamp), desk.titles->key_for(kAda)) << "neither has moved";
  const auto done = trade(kAda, lamp, kBo, chair);
  ASSERT_TRUE(done.ok()) << done.error().text();
  EXPECT_EQ((*done)["custody"], "home");
  EXPECT_EQ(owner(lamp), desk.titles->key_for(kBo));
  EXPECT_EQ(owner(chair), desk.titles->key_for(kAda));
  EXPECT_EQ(trade(kAda, lamp, kBo, chair).error().kind, ErrorKind::forbidden) << "not theirs any more";
  // Both are told when it is final.
  desk.log.final_entries = 100;
  std::map<std::uint64_t, int> told;
  for (const auto& one : desk.titles->take_final())
    if (one.index == (*done)["index"]) ++told[one.by.value];
  EXPECT_EQ(told, (std::map<std::uint64_t, int>{{kAda.value, 2}, {kBo.value, 2}}));
  desk.start();
  EXPECT_EQ(owner(lamp), desk.titles->key_for(kBo)) << "after a restart";
}

TEST(Titles, AThingIsNotTradedTwiceNorTradedAndGivenAtOnce) {
  Desk desk;
  const VisitorId cy{9};
  const auto lamp = desk.asset(*desk.create(kAda, 1)), chair = desk.asset(*desk.create(kBo, 2)),
             vase = desk.asset(*desk.create(cy, 3));
  std::vector<std::string> said;
  const auto note = [&](const char* what) {
    return [&said, what](const Result<Json>& answer) {
      said.push_back(std::string(what) + (answer.ok() ? " done" : " refused"));
    };
  };
  // All before the log has said anything.
  desk.titles->trade({kAda, lamp, {}}, {kBo, chair, {}}, note("first"));
  desk.titles->trade({kAda, lamp, {}}, {cy, vase, {}}, note("second"));
  desk.titles->give(kBo, chair, desk.titles->key_for(cy), note("gift"));
  desk.log.run();
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(std::ranges::count(said, "first refused"), 1) << "the chair was given, and so the lamp stayed";
  for (const auto& asset : {lamp, chair, vase})
    EXPECT_EQ(desk.titles->index().find(asset)->sequence, 1u) << "each has moved once";
}

// --- Whose key people hold themselves --------------------------------------------------------------------------------

// Ada has given the host a key of her own, and has chosen to hold it.
struct Holding : Desk {
  Holding() {
    const std::vector<Wrapping> ways{{"", "AgID"}};
    const auto proof = own.key->sign(as_bytes(held_statement("a.example", "did:webvh:ada", own.id(), ways)));
    Status kept = failure(ErrorKind::internal, "");
    titles->held().keep(kAda, {own.id(), false, ways}, proof, "a.example", "did:webvh:ada", false,
                        [&](const Status& status) { kept = status; });
    log.run();
    EXPECT_TRUE(kept.ok());
  }
  void choose(bool holds) {
    titles->held().choose(kAda, holds, [](const Status& status) { EXPECT_TRUE(status.ok()); });
    log.run();
  }
  crypto::Signature sign(const trust::TitleForm& form, const Party& by) const {
    return by.key->sign(as_bytes(trust::title_statement(trust::kTestLog, form).value()));
  }
  Result<Json> rotate(const trust::AssetId& asset, bool to_holder, const Party& by) {
    const auto form = titles->rotate_form(kAda, asset, to_holder, kNow);
    if (!form.ok()) return form.error();
    return wait([&](auto answer) { titles->rotate(kAda, asset, to_holder, sign(*form, by), kNow, answer); });
  }
  static constexpr std::int64_t kNow = trust::kTestNow * 1'000;
  Party own{41}, thief{42};
};

TEST(HeldTitles, GoToTheHoldersKeyAndBackByBothSignatures) {
  Holding desk;
  const auto asset = desk.asset(*desk.create(kAda, 1));
  EXPECT_EQ(desk.rotate(asset, true, desk.thief).error().kind, ErrorKind::forbidden);
  const auto moved = desk.rotate(asset, true, desk.own);
  ASSERT_TRUE(moved.ok()) << moved.error().text();
  EXPECT_EQ((*moved)["custody"], "holder");
  EXPECT_EQ((*moved)["owner"], crypto::multikey(desk.own.id()));
  EXPECT_TRUE(desk.titles->index().find(asset)->head().rotation);
  EXPECT_TRUE(desk.titles->kept_for(kAda).empty());
  EXPECT_EQ(desk.titles->held_for(kAda), std::vector{asset});
  EXPECT_EQ(*desk.titles->held_by(kAda), 1u);
  EXPECT_EQ(desk.rotate(asset, true, desk.own).error().kind, ErrorKind::conflict) << "it is there already";
  // The host alone does not get it back.
  EXPECT_EQ(desk.rotate(asset, false, desk.thief).error().kind, ErrorKind::forbidden);
  const auto back = desk.rotate(asset, false, desk.own);
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ((*back)["custody"], "home");
  EXPECT_EQ(desk.titles->kept_for(kAda), std::vector{asset});
}

TEST(HeldTitles, AreGivenByTheirHoldersSignatureOverThisVeryForm) {
  Holding desk;
  const auto asset = desk.asset(*desk.create(kAda, 1)), other = desk.asset(*desk.create(kAda, 2));
  for (const auto& one : {asset, other}) ASSERT_TRUE(desk.rotate(one, true, desk.own).ok());
  const auto to = desk.titles->receives(kBo);
  const auto give = [&](const Titles::Signed& signature) {
    return desk.wait([&](auto answer) { desk.titles->give(kAda, asset, kBo, answer, signature); });
  };
  EXPECT_EQ(give({}).error().field, "signature") << "the host does not sign for them";
  const auto form = *desk.titles->give_form(kAda, asset, to);
  EXPECT_EQ(give(desk.sign(form, desk.thief)).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(give(desk.sign(*desk.titles->give_form(kAda, other, to), desk.own)).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(give(desk.sign(*desk.titles->give_form(kAda, asset, desk.thief.id()), desk.own)).error().kind,
            ErrorKind::forbidden);
  EXPECT_EQ(desk.titles->give_form(kBo, asset, to).error().kind, ErrorKind::forbidden) << "not theirs";
  EXPECT_EQ(desk.titles->index().find(asset)->sequence, 1u);
  const auto given = give(desk.sign(form, desk.own));
  ASSERT_TRUE(given.ok()) << given.error().text();
  EXPECT_EQ((*given)["custody"], "home");
  EXPECT_EQ(desk.titles->kept_for(kBo), std::vector{asset});
}

TEST(HeldTitles, ComeToTheHoldersKeyWhileTheyChooseSo) {
  Holding desk;
  const auto lamp = desk.asset(*desk.create(kBo, 1)), chair = desk.asset(*desk.create(kBo, 2));
  const auto give = [&](const trust::AssetId& asset) {
    return desk.wait([&](auto answer) { desk.titles->give(kBo, asset, kAda, answer); });
  };
  EXPECT_EQ((*give(lamp))["custody"], "home");
  desk.choose(true);
  EXPECT_EQ((*give(chair))["custody"], "holder");
  EXPECT_EQ(desk.titles->kept_for(kAda), std::vector{lamp});
  EXPECT_EQ(desk.titles->held_for(kAda), std::vector{chair});
  // Another host's word about a key that somebody here holds does not count.
  const auto form = *desk.titles->give_form(kAda, chair, desk.thief.id());
  const auto record = trust::make_title(form, {desk.own});
  EXPECT_EQ(desk.titles->custody_of(desk.own.id()), "holder");
  const auto told = desk.wait([&](auto answer) {
    desk.titles->record_from_host(as_text(trust::format_title(record)), "did:webvh:Q:b.example:people:x", Holding::kNow,
                                  answer);
  });
  EXPECT_EQ((*told)["custody"], "home") << "the home of whoever gets it says that it keeps the key";
}

TEST(HeldTitles, AreTradedWithTheirHoldersSignature) {
  Holding desk;
  const auto lamp = desk.asset(*desk.create(kAda, 1)), chair = desk.asset(*desk.create(kBo, 2));
  ASSERT_TRUE(desk.rotate(lamp, true, desk.own).ok());
  desk.choose(true);
  const auto form = *desk.titles->trade_form({kAda, lamp, {}}, {kBo, chair, {}});
  const auto trade = [&](const Titles::Signed& signature) {
    return desk.wait([&](auto answer) { desk.titles->trade({kAda, lamp, signature}, {kBo, chair, {}}, answer); });
  };
  EXPECT_EQ(desk.titles->signs({kAda, lamp, {}}, {kBo, chair, {}}).error().field, "signature");
  EXPECT_FALSE(desk.titles->signs({kAda, lamp, desk.sign(form, desk.thief)}, {kBo, chair, {}}).ok());
  EXPECT_FALSE(trade({}).ok());
  EXPECT_FALSE(trade(desk.sign(form, desk.thief)).ok());
  EXPECT_EQ(desk.titles->index().find(chair)->sequence, 0u) << "neither has moved";
  EXPECT_TRUE(desk.titles->signs({kAda, lamp, desk.sign(form, desk.own)}, {kBo, chair, {}}).ok());
  EXPECT_TRUE(desk.titles->signs({kBo, chair, {}}, {kAda, lamp, {}}).ok()) << "the host signs for who lets it";
  ASSERT_TRUE(trade(desk.sign(form, desk.own)).ok());
  EXPECT_EQ(desk.titles->held_for(kAda), std::vector{chair});
  EXPECT_EQ(desk.titles->kept_for(kBo), std::vector{lamp});
}

TEST(HeldTitles, AreLeasedByASignatureOfNow) {
  Holding desk;
  const auto asset = desk.asset(*desk.create(kAda, 1));
  ASSERT_TRUE(desk.rotate(asset, true, desk.own).ok());
  const Titles::Tenant tenant{"did:web:b.example", desk.thief.id()};
  const auto lease = [&](const std::optional<Titles::SignedLease>& held, std::int64_t now_ms) {
    return desk.wait([&](auto answer) { desk.titles->lease(kAda, asset, tenant, now_ms, answer, held); });
  };
  const auto form = *desk.titles->lease_form(kAda, asset, tenant, Holding::kNow);
  const Titles::SignedLease made{form.from_s, form.until_s, desk.sign(form, desk.own)};
  EXPECT_EQ(lease({}, Holding::kNow).error().field, "signature");
  EXPECT_FALSE(lease(made, Holding::kNow + 60'000).ok()) << "a minute later it would begin in the past";
  auto longer = made;
  longer.until_s += 60;
  EXPECT_FALSE(lease(longer, Holding::kNow).ok());
  const auto leased = lease(made, Holding::kNow + 3'000);
  ASSERT_TRUE(leased.ok()) << leased.error().text();
  EXPECT_EQ((*leased)["lease"]["host"], "did:web:b.example");
  EXPECT_EQ(desk.titles->rotate_form(kAda, asset, false, Holding::kNow).error().kind, ErrorKind::conflict)
      << "while it is away";
}

TEST(HeldTitles, TellWhatTheyWereMadeAs) {
  Holding desk;
  ASSERT_TRUE(desk.create(kBo, 5).ok());
  const auto asset = desk.asset(*desk.create(kAda, 1));
  ASSERT_TRUE(desk.rotate(asset, true, desk.own).ok());
  for (const bool restarted : {false, true}) {
    if (restarted) desk.start();
    Result<std::string> made = failure(ErrorKind::internal, "");
    desk.titles->creation(asset, [&](Result<std::string> record) { made = std::move(record); });
    desk.log.run();
    ASSERT_TRUE(made.ok()) << made.error().text();
    EXPECT_EQ(trust::parse_title(as_bytes(*made))->hash, asset);
  }
  Result<std::string> none = failure(ErrorKind::internal, "");
  desk.titles->creation(trust::AssetId{}, [&](Result<std::string> record) { none = std::move(record); });
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace mw::federation
