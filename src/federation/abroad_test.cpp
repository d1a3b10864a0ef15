#include "federation/abroad.h"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>

#include "base/limits.h"
#include "crypto/canonical.h"
#include "crypto/multibase.h"
#include "trust/carried.h"
#include "trust/test_titles.h"

namespace mw::federation {
namespace {

using trust::Party;

constexpr std::int64_t kNow = 1'800'000'000'000;
const VisitorId kEve{8}, kBo{9};
const Party kAda(1), kFar(99), kThere(50);

crypto::SigningKey kept_key(VisitorId visitor) {
  return crypto::SigningKey::from_seed(crypto::sha256(as_bytes(std::to_string(visitor.value))));
}

// Eve's home, and the host a.example, in whose log the titles are; answers come when the test lets them.
struct Scene {
  Scene() {
    std::filesystem::remove(path);
    start();
  }
  ~Scene() {
    abroad.reset();
    store.reset();
    std::filesystem::remove(path);
  }
  void start() {
    abroad.reset();
    store.reset();
    later.clear();
    auto journal = records::Journal::open({path, "", 0, false}).value();
    abroad =
        Abroad::load(*journal, {kept_key,
                                [this](LogQuestion question, auto answer) {
                                  ++followed;
                                  if (on_follow) on_follow(question.host);
                                  later.push_back([this, question, answer] { answer(standings(question)); });
                                },
                                [this](const std::string& host, const std::string& method, Json params, auto answer) {
                                  later.push_back([this, host, method, params = std::move(params), answer] {
                                    answer(call(host, method, params));
                                  });
                                },
                                [this](std::int64_t) { return clock; }})
            .value();
    store = std::make_unique<records::InlineStore>(
        std::move(journal), [this](std::function<void()> work) { later.push_back(std::move(work)); });
    abroad->attach(*store);
    abroad->on_change([this](VisitorId who) { changed.push_back(who); });
  }
  static Json bench() { return {{"type", "manyworlds thing 1"}, {"model", "bench"}}; }
  trust::AssetId make(Byte serial, const crypto::PublicKey& owner) {
    trust::TitleCreate form;
    form.content = crypto::sha256(as_bytes(*crypto::canonical_json(bench())));
    form.serial.fill(serial);
    form.owner = kAda.id();
    const auto made = trust::make_title(form, {kAda}, origin);
    EXPECT_EQ(log.apply(log.entries(), format_title(made)).verdict, trust::Judgement::Verdict::counts);
    const trust::TitleTransfer given{{made.hash, 1, made.hash, owner}};
    EXPECT_EQ(log.apply(log.entries(), format_title(trust::make_title(given, {kAda}, origin))).verdict,
              trust::Judgement::Verdict::counts);
    return made.hash;
  }
  Result<Standings> standings(const LogQuestion& question) const {
    if (down || question.host != "a.example") return failure(ErrorKind::unavailable, "it does not answer");
    EXPECT_EQ(question.host_key, kFar.id());
    Standings out;
    const auto add = [&](const trust::Title& title) {
      out.emplace_back(title.asset, trust::Standing{title, log.entries(), {}});
    };
    for (const auto& asset : question.assets)
      if (const auto* title = log.find(asset)) add(*title);
    for (const auto& [asset, title] : log.titles())
      if (question.owner && title.head().owner == *question.owner) add(title);
    return out;
  }
  Result<Json> call(const std::string& host, const std::string& method, const Json& params) {
    EXPECT_EQ(host, "a.example");
    if (method == "title.thing") return Json{{"thing", thing}};
    EXPECT_EQ(method, "title.record");
    last_params = params;
    const auto text = params["record"].get<std::string>();
    const auto judged = log.apply(log.entries(), as_bytes(text));
    if (judged.verdict != trust::Judgement::Verdict::counts) return failure(ErrorKind::conflict, judged.why);
    return Json::object();
  }
  void run() {
    while (!later.empty()) {
      const auto work = std::move(later.front());
      later.pop_front();
      work();
    }
  }
  Result<crypto::PublicKey> address(VisitorId who, const std::string& host, std::int64_t now_ms = kNow) {
    Result<crypto::PublicKey> key = failure(ErrorKind::internal, "no answer");
    abroad->address(who, host, kFar.id(), now_ms, [&](auto answer) { key = answer; });
    run();
    return key;
  }
  void look(std::int64_t now_ms) {
    abroad->look(kEve, now_ms);
    run();
  }
  Result<Json> wait(const std::function<void(Titles::Answer)>& what) {
    Result<Json> out = failure(ErrorKind::internal, "no answer");
    what([&](Result<Json> answer) { out = std::move(answer); });
    run();
    return out;
  }

  std::string path = testing::TempDir() + "abroad-test.db";
  std::string origin = trust::log_origin(kFar.id());
  trust::TitleIndex log{origin};
  Json thing = bench(), last_params;
  Status clock = ok();
  bool down = false;
  int followed = 0;
  std::function<void(const std::string& host)> on_follow;
  std::deque<std::function<void()>> later;
  std::vector<VisitorId> changed;
  std::unique_ptr<records::InlineStore> store;
  std::unique_ptr<Abroad> abroad;
};

TEST(Abroad, WhatWasGivenElsewhereIsFoundInThatLogAndKeptThroughARestart) {
  Scene scene;
  const auto key = scene.address(kEve, "a.example");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(*key, kept_key(kEve).public_key());
  const auto asset = scene.make(1, *key);
  scene.make(2, Party(5).id());
  scene.look(kNow + 10'000);
  ASSERT_EQ(scene.abroad->of(kEve).size(), 1u);
  const auto* thing = scene.abroad->find(kEve, asset);
  ASSERT_NE(thing, nullptr);
  EXPECT_EQ(thing->host, "a.example");
  EXPECT_EQ(thing->log, scene.origin);
  EXPECT_EQ(thing->thing["model"], "bench");
  EXPECT_EQ(scene.changed, std::vector{kEve});
  scene.start();
  ASSERT_NE(scene.abroad->find(kEve, asset), nullptr);
  EXPECT_FALSE(scene.abroad->find(kEve, asset)->title) << "it is not known where it stands before the log was read";
  scene.look(kNow + 20'000);
  EXPECT_TRUE(scene.abroad->find(kEve, asset)->title);
  EXPECT_TRUE(scene.abroad->of(kBo).empty());
}

TEST(Abroad, AThingThatIsNotWhatTheTitleIsOverIsNotTaken) {
  Scene scene;
  const auto asset = scene.make(1, *scene.address(kEve, "a.example"));
  scene.thing["model"] = "palace";
  scene.look(kNow + 10'000);
  EXPECT_TRUE(scene.abroad->of(kEve).empty());
  scene.thing = Scene::bench();
  scene.look(kNow + 12'000);
  EXPECT_TRUE(scene.abroad->of(kEve).empty()) << "one log is looked at once in 5 s";
  scene.look(kNow + 15'000);
  EXPECT_NE(scene.abroad->find(kEve, asset), nullptr);
}

TEST(Abroad, ItIsLeasedByARecordInTheLogThatItLivesIn) {
  Scene scene;
  const auto asset = scene.make(1, *scene.address(kEve, "a.example"));
  scene.look(kNow + 10'000);
  const Titles::Tenant b{"did:web:b.example", kThere.id()};
  const auto lease = [&](const Titles::Tenant& to, std::int64_t now_ms) {
    return scene.wait([&](auto answer) { scene.abroad->lease(kEve, asset, to, now_ms, answer); });
  };
  scene.clock = failure(ErrorKind::unavailable, "this host's clock is wrong");
  EXPECT_EQ(lease(b, kNow + 20'000).error().kind, ErrorKind::unavailable);
  scene.clock = ok();
  ASSERT_TRUE(lease(b, kNow + 20'000).ok());
  EXPECT_EQ(scene.log.find(asset)->lease->host, "did:web:b.example");
  EXPECT_EQ(scene.abroad->find(kEve, asset)->title->lease->until_s, kNow / 1'000 + 620);
  const auto second = lease({"did:web:c.example", Party(51).id()}, kNow + 30'000);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().message.find("b.example"), std::string::npos);
  EXPECT_FALSE(scene.wait([&](auto answer) { scene.abroad->lease(kBo, asset, b, kNow + 30'000, answer); }).ok());
}

TEST(Abroad, ItIsGivenOnAndGone) {
  Scene scene;
  const auto asset = scene.make(1, *scene.address(kEve, "a.example"));
  scene.look(kNow + 10'000);
  const std::string bo = "did:webvh:QmScid:d.example:people:bo";
  const auto given = scene.wait([&](auto answer) { scene.abroad->give(kEve, asset, Party(6).id(), bo, answer); });
  ASSERT_TRUE(given.ok());
  EXPECT_EQ(scene.last_params["person"], bo);
  EXPECT_EQ(scene.log.find(asset)->head().owner, Party(6).id());
  EXPECT_TRUE(scene.abroad->of(kEve).empty());
  scene.start();
  EXPECT_TRUE(scene.abroad->of(kEve).empty());
}

TEST(Abroad, WhatTheLogGivesToSomebodyElseIsLost) {
  Scene scene;
  const auto asset = scene.make(1, *scene.address(kEve, "a.example"));
  scene.look(kNow + 10'000);
  const auto& title = *scene.log.find(asset);
  const trust::TitleTransfer form{{asset, 2, title.head().record, Party(6).id()}};
  const auto key = kept_key(kEve);
  const std::vector<trust::Sign> signers{[&](ByteView message) { return key.sign(message); }};
  scene.log.apply(scene.log.entries(), format_title(*trust::sign_title(scene.origin, form, signers)));
  scene.down = true;
  scene.look(kNow + 20'000);
  EXPECT_EQ(scene.abroad->of(kEve).size(), 1u) << "a host that is down takes nothing away";
  scene.down = false;
  scene.look(kNow + 30'000);
  EXPECT_TRUE(scene.abroad->of(kEve).empty());
  EXPECT_EQ(scene.changed.size(), 2u);
}

TEST(Abroad, HostsThatAskAndGiveNothingMakeRoomForOthers) {
  Scene scene;
  const auto asset = scene.make(1, *scene.address(kEve, "a.example"));
  scene.look(kNow + 10'000);
  for (int i = 0; i < 2 * static_cast<int>(Abroad::kLogs); ++i)
    EXPECT_TRUE(scene.address(kEve, format("h{}.example", i), kNow + 20'000 + i).ok());
  scene.start();
  EXPECT_NE(scene.abroad->find(kEve, asset), nullptr);
  std::size_t rows = 0;
  scene.store->run([&](records::Journal& journal) { rows = journal.list("abroad-log/", 1'000)->size(); }, [] {});
  scene.run();
  EXPECT_EQ(rows, Abroad::kLogs);
}

TEST(Abroad, LogsThatCannotBeReadAreTriedEverMoreRarely) {
  Scene scene;
  EXPECT_TRUE(scene.address(kEve, "a.example").ok());
  scene.down = true;
  scene.followed = 0;
  for (int s = 0; s < 3'600; ++s) scene.look(kNow + 1'000 * s);
  EXPECT_LE(scene.followed, 10) << "in an hour";
  EXPECT_GE(scene.followed, 8);
  scene.down = false;
  const auto asset = scene.make(1, kept_key(kEve).public_key());
  scene.look(kNow + 3 * 3'600'000);
  EXPECT_NE(scene.abroad->find(kEve, asset), nullptr);
}

TEST(Abroad, OfManyHostsThatAskedTheLastFewAreLookedAt) {
  Scene scene;
  for (int i = 0; i < static_cast<int>(Abroad::kLogs); ++i)
    EXPECT_TRUE(scene.address(kEve, i == 20 ? "a.example" : format("h{}.example", i), kNow + (i == 20 ? 99 : i)).ok());
  std::vector<std::string> asked;
  scene.on_follow = [&](const std::string& host) { asked.push_back(host); };
  scene.look(kNow + 10'000);
  EXPECT_EQ(asked, (std::vector<std::string>{"a.example", "h31.example", "h30.example", "h29.example"}));
}

}  // namespace
}  // namespace mw::federation
