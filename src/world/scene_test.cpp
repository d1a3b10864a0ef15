#include "world/scene.h"

#include <gtest/gtest.h>

#include <random>

namespace mw::world {
namespace {

// A scene on a journal in memory; callbacks of the store wait until the test pumps them.
struct Stand {
  std::deque<std::function<void()>> posted;
  records::InlineStore store;
  std::vector<Json> events;
  std::map<EntityId, Thing> seen;
  std::uint32_t last = 0;
  std::unique_ptr<Scene> scene;

  explicit Stand(std::unique_ptr<records::Journal> journal = fresh())
      : store(std::move(journal), [this](std::function<void()> work) { posted.push_back(std::move(work)); }) {
    open();
  }
  static std::unique_ptr<records::Journal> fresh() {
    auto journal = records::Journal::open({":memory:", "", 0, false});
    EXPECT_TRUE(journal.ok());
    return std::move(journal).value();
  }
  void open() {
    seen.clear();
    scene = std::make_unique<Scene>(
        "world/test/scene", store,
        Scene::Hooks{[](const std::string& model) { return model == "crate"; }, [this] { return EntityId{++last}; },
                     [this](EntityId entity, const Thing* after) {
                       if (after != nullptr)
                         seen.insert_or_assign(entity, *after);
                       else
                         seen.erase(entity);
                     },
                     [this](Json event) { events.push_back(std::move(event)); }});
    ASSERT_TRUE(scene->load(store.journal()).ok());
    last = scene->highest().value;
  }
  void pump() {
    while (!posted.empty()) {
      auto work = std::move(posted.front());
      posted.pop_front();
      work();
    }
  }
  Result<Json> add(double x, std::uint64_t by = 1) {
    Result<Json> got = failure(ErrorKind::internal, "no answer");
    scene->add({by}, {{"model", "crate"}, {"position", {x, 0, 0}}}, 1,
               [&](Result<Json> answer) { got = std::move(answer); });
    pump();
    return got;
  }
  Result<Json> ask(void (Scene::*edit)(VisitorId, const Json&, std::int64_t, Scene::Answer), const Json& params) {
    Result<Json> got = failure(ErrorKind::internal, "no answer");
    ((*scene).*edit)({1}, params, 1, [&](Result<Json> answer) { got = std::move(answer); });
    pump();
    return got;
  }
  Result<Json> step(void (Scene::*way)(VisitorId, std::int64_t, Scene::Answer), int& done, std::uint64_t by = 1) {
    Result<Json> got = failure(ErrorKind::internal, "no answer");
    ((*scene).*way)({by}, 1, [&](Result<Json> answer) { got = std::move(answer); });
    pump();
    if (got.ok()) ++done;
    return got;
  }
};

TEST(Scene, OneBatchIsOnItsWayAndTheRestGoesTogether) {
  Stand stand;
  int answers = 0;
  for (int i = 0; i < 10; ++i)
    stand.scene->add({1}, {{"model", "crate"}, {"position", {i, 0, 0}}}, 1,
                     [&](Result<Json> answer) { answers += answer.ok() ? 1 : 0; });
  EXPECT_EQ(answers, 0);
  EXPECT_TRUE(stand.scene->things().empty());
  EXPECT_EQ(stand.posted.size(), 1u);
  stand.pump();
  EXPECT_EQ(answers, 10);
  EXPECT_EQ(stand.scene->sequence(), 10u);
  EXPECT_EQ(stand.events.size(), 10u);
}

TEST(Scene, ReloadsToTheSame) {
  Stand stand;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(stand.add(i).ok());
  stand.scene->remove({1}, {{"entity", 3}}, 1, [](Result<Json> answer) { EXPECT_TRUE(answer.ok()); });
  stand.scene->change({1}, {{"entity", 4}, {"scale", 2}, {"name", " sign "}}, 1,
                      [](Result<Json> answer) { EXPECT_TRUE(answer.ok()); });
  stand.pump();
  const auto before = stand.scene->list();
  const auto seen = stand.seen;
  stand.open();
  EXPECT_EQ(stand.scene->list(), before);
  EXPECT_EQ(stand.seen, seen);
  EXPECT_EQ(stand.seen.at(EntityId{4}).name, "sign");
  const auto next = stand.add(1);
  ASSERT_TRUE(next.ok());
  EXPECT_GT((*next)["entity"].get<std::uint32_t>(), 20u);  // numbers of things that are gone are not used again
}

TEST(Scene, FoldsItsHistory) {
  Stand stand;
  for (int i = 0; i < 3500; ++i)
    stand.scene->add({1}, {{"model", "crate"}, {"position", {0, 0, 0}}}, 1,
                     [](Result<Json> answer) { EXPECT_TRUE(answer.ok()); });
  stand.pump();
  ASSERT_TRUE(stand.add(1).ok());
  const auto snapshot = stand.store.journal().snapshot("world/test/scene");
  ASSERT_TRUE(snapshot.ok() && snapshot->has_value());
  const auto entries = stand.store.journal().read("world/test/scene", 0, 100'000);
  ASSERT_TRUE(entries.ok());
  EXPECT_LT(entries->size(), 1000u);
  const auto before = stand.scene->list();
  stand.open();
  EXPECT_EQ(stand.scene->list(), before);
}

// Leased to another host: nobody sees it or bumps into it here, and it is back in its place, as it was edited meanwhile.
TEST(Scene, AThingMayBeAwayForAWhile) {
  Stand stand;
  const EntityId crate{(*stand.add(1))["entity"].get<std::uint32_t>()};
  stand.scene->set_away(crate, true);
  EXPECT_FALSE(stand.seen.contains(crate));
  EXPECT_EQ(stand.events.back()["type"], "removed");
  EXPECT_TRUE(stand.scene->list()["entities"].empty());
  EXPECT_EQ(stand.scene->things().size(), 1u);
  const auto told = stand.events.size();
  stand.scene->set_away(crate, true);
  EXPECT_TRUE(stand.ask(&Scene::change, {{"entity", crate.value}, {"colour", "#FF0000"}}).ok());
  EXPECT_EQ(stand.events.size(), told) << "nobody is told of what they do not see";
  for (int i = 0; i < 2'100; ++i) ASSERT_TRUE(stand.add(i).ok());
  ASSERT_TRUE(stand.store.journal().snapshot("world/test/scene")->has_value());
  stand.scene.reset();
  stand.open();
  EXPECT_TRUE(stand.seen.contains(crate)) << "a snapshot has it, too";
  stand.scene->set_away(crate, true);
  stand.scene->set_away(crate, false);
  EXPECT_EQ(stand.seen.at(crate).colour, "#FF0000");
  EXPECT_EQ(stand.events.back()["type"], "added");
  stand.scene->set_away(crate, true);
  EXPECT_TRUE(stand.ask(&Scene::remove, {{"entity", crate.value}}).ok());
  stand.scene->set_away(crate, false);
  EXPECT_FALSE(stand.seen.contains(crate)) << "what was removed does not come back";
}

TEST(Scene, UndoIsBoundedAndKeptByEditor) {
  Stand stand;
  for (std::size_t i = 0; i < limits::kUndoPerVisitor + 10; ++i) ASSERT_TRUE(stand.add(1, 1).ok());
  ASSERT_TRUE(stand.add(5, 2).ok());
  std::size_t undone = 0;
  for (bool more = true; more;) {
    stand.scene->undo({1}, 1, [&](Result<Json> answer) { more = answer.ok(); });
    stand.pump();
    undone += more ? 1 : 0;
  }
  EXPECT_EQ(undone, limits::kUndoPerVisitor);
  EXPECT_EQ(stand.scene->things().size(), 11u);
}

// One editor with restarts between, and one without, get the same answers and the same things.
TEST(Scene, UndoOutlivesARestart) {
  std::mt19937 random(11);
  Stand restarted, steady;
  int undone = 0, redone = 0;
  const auto both = [&](auto&& act) {
    const Result<Json> a = act(restarted), b = act(steady);
    ASSERT_EQ(a.ok(), b.ok()) << (a.ok() ? b.error().text() : a.error().text());
    ASSERT_EQ(a.ok() ? *a : Json(), b.ok() ? *b : Json());
  };
  for (int i = 0; i < 600; ++i) {
    const auto what = random() % 10;
    const std::uint32_t entity = 1 + random() % std::max(1u, steady.last);
    const double x = random() % 100;
    if (what < 3)
      both([&](Stand& stand) { return stand.add(x); });
    else if (what < 4)
      both([&](Stand& stand) { return stand.ask(&Scene::change, {{"entity", entity}, {"position", {x, 1, 0}}}); });
    else if (what < 5)
      both([&](Stand& stand) { return stand.ask(&Scene::remove, {{"entity", entity}}); });
    else if (what < 8)
      both([&](Stand& stand) { return stand.step(&Scene::undo, undone); });
    else
      both([&](Stand& stand) { return stand.step(&Scene::redo, redone); });
    if (random() % 20 == 0) restarted.open();
    ASSERT_EQ(restarted.scene->things(), steady.scene->things());
  }
  EXPECT_GT(undone, 100);
  EXPECT_GT(redone, 20);
}

// Entries of before the last fold serve undo as well, and an editor's work is not another's to take back.
TEST(Scene, UndoAfterARestartReachesBehindTheSnapshot) {
  Stand stand;
  for (int i = 0; i < 2'100; ++i) ASSERT_TRUE(stand.add(i % 50, i < 2'095 ? 1 : 2).ok());
  stand.open();
  int undone = 0;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(stand.step(&Scene::undo, undone, 2).ok());
  EXPECT_FALSE(stand.step(&Scene::undo, undone, 2).ok());
  EXPECT_EQ(stand.scene->things().size(), 2'095u);
  for (std::size_t i = 0; i < limits::kUndoPerVisitor; ++i) ASSERT_TRUE(stand.step(&Scene::undo, undone, 1).ok()) << i;
  EXPECT_EQ(stand.scene->things().size(), 2'095u - limits::kUndoPerVisitor);
}

TEST(Scene, RefusesDamage) {
  Stand stand;
  ASSERT_TRUE(stand.store.journal().append({{"world/test/scene", 1, "{\"kind\":\"add\"}"}}).ok());
  Scene scene("world/test/scene", stand.store,
              {[](const std::string&) { return true; }, [] { return EntityId{1}; }, [](EntityId, const Thing*) {},
               [](Json) {}});
  const auto loaded = scene.load(stand.store.journal());
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind, ErrorKind::damaged);
}

}  // namespace
}  // namespace mw::world
