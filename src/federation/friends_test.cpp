#include "federation/friends.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "federation/friends_state.h"
#include "records/store_queue.h"

namespace mw::federation {
namespace {

constexpr const char* kAda = "did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:a.example:people:ada";
constexpr const char* kEve = "did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:b.example:people:eve";

// Answers for each batch what the test lets through, one after another, as a store with a thread of its own does.
class SlowStore final : public records::Store {
 public:
  explicit SlowStore(records::Store& disk) : disk_(disk) {}
  void commit(records::Batch batch, Done done) override {
    later_.emplace_back([this, batch = std::move(batch), done = std::move(done)]() mutable {
      if (failing) return done(failure(ErrorKind::unavailable, "the disk is gone"));
      disk_.commit(std::move(batch), std::move(done));
    });
  }
  void fold(std::string stream, records::Snapshot snapshot, std::size_t keep, Finished done) override {
    disk_.fold(std::move(stream), std::move(snapshot), keep, std::move(done));
  }
  void copy_to(std::string path, Finished done) override { disk_.copy_to(std::move(path), std::move(done)); }
  void run(std::function<void(records::Journal&)> work, std::function<void()> then) override {
    later_.emplace_back([this, work = std::move(work), then = std::move(then)] { disk_.run(work, then); });
  }
  std::size_t waiting() const override { return later_.size(); }
  void settle() {
    for (; !later_.empty(); later_.pop_front()) later_.front()();
  }
  bool failing = false;

 private:
  records::Store& disk_;
  std::deque<std::function<void()>> later_;
};

class FriendsTest : public ::testing::Test {
 protected:
  FriendsTest() {
    friends = Friends::load(disk.journal(), {"a.example", [](std::span<Byte>) {}}).value();
    friends->attach(store);
    links.account = [](const std::string& did) { return did == kAda ? "ada" : ""; };
    links.call = [this](const auto& host, const auto& method, const Json& params, const auto& done) {
      EXPECT_EQ(host, "b.example");
      EXPECT_EQ(params["to"], kEve);
      told.push_back(method);
      away ? done(failure(ErrorKind::unavailable, "no answer in time")) : done(Json::object());
    };
    friends->connect(links);
    friends->ask({"ada", kAda, "Ada"}, kEve, 0, [](const auto&) {});
    store.settle();
    friends->receive("friend.answer", "b.example", {{"from", kEve}, {"to", kAda}, {"accepted", true}}, 0,
                     [](const auto& answered) { EXPECT_TRUE(answered.ok()); });
    store.settle();
  }
  // An hour, told every ten seconds.
  void hour() {
    for (int i = 0; i < 360; ++i) {
      friends->tick(now_ms += 10'000);
      store.settle();
    }
  }
  std::size_t ends() const { return static_cast<std::size_t>(std::ranges::count(told, "friend.end")); }
  void restart() {
    friends = Friends::load(disk.journal(), {"a.example", [](std::span<Byte>) {}}).value();
    friends->attach(store);
    friends->connect(links);
  }
  void message(const char* id) {
    const Json params{{"from", kEve}, {"to", kAda}, {"id", id}, {"text", "Hello"}};
    friends->receive("friend.message", "b.example", params, 1'000,
                     [this](const Result<Json>& answer) { answers.push_back(answer.ok()); });
  }

  records::InlineStore disk{records::Journal::open({":memory:", "", 0, false}).value(),
                            [](const std::function<void()>& work) { work(); }};
  SlowStore store{disk};
  std::unique_ptr<Friends> friends;
  std::vector<bool> answers;
  Friends::Links links;
  std::vector<std::string> told;  // to the home of Eve, method by method
  bool away = false;  // it does not answer
  std::int64_t now_ms = 1'000;
  const Friends::Me ada{"ada", kAda, "Ada"};
};

TEST_F(FriendsTest, TheOtherHomeIsToldOfAnEndUntilItHears) {
  away = true;
  friends->end(ada, kEve, [](const auto& ended) { EXPECT_TRUE(ended.ok() && *ended); });
  store.settle();
  hour();
  EXPECT_TRUE(friends->list("ada", now_ms).empty());
  EXPECT_GT(ends(), 5u);
  EXPECT_LT(ends(), 15u) << "the pauses grow";
  restart();
  away = false;
  const auto before = ends();
  hour();
  hour();
  EXPECT_EQ(ends(), before + 1) << "heard once, never told again";
  restart();
  hour();
  EXPECT_EQ(ends(), before + 1);
}

TEST(FriendEnds, AreHeardByAHomeThatAnswersWhateverItSays) {
  const auto said = [](ErrorKind kind, const char* field) { return unheard(Result<Json>(Error{kind, field, ""})); };
  EXPECT_TRUE(said(ErrorKind::unavailable, ""));
  EXPECT_TRUE(said(ErrorKind::rate_limited, ""));
  EXPECT_TRUE(said(ErrorKind::not_found, "b.example")) << "its name leads nowhere just now";
  EXPECT_FALSE(said(ErrorKind::not_found, "to")) << "they do not live there any more";
  EXPECT_FALSE(said(ErrorKind::forbidden, "from"));
  EXPECT_FALSE(unheard(Result<Json>(Json::object())));
}

TEST_F(FriendsTest, AnEndThatNobodyHearsIsGivenUpAtSomeTime) {
  away = true;
  friends->block(ada, {kEve, "Eve", now_ms}, [](const auto& blocked) { EXPECT_TRUE(blocked.ok() && *blocked); });
  store.settle();
  for (int i = 0; i < 24 * 10; ++i) hour();
  EXPECT_EQ(ends(), static_cast<std::size_t>(kFriendEndTells));
  restart();
  hour();
  EXPECT_EQ(ends(), static_cast<std::size_t>(kFriendEndTells));
}

TEST_F(FriendsTest, WhoeverAsksAgainHasNotEndedIt) {
  away = true;
  friends->end(ada, kEve, [](const auto&) {});
  store.settle();
  away = false;
  friends->ask(ada, kEve, now_ms, [](const auto& asked) { EXPECT_EQ(asked.value(), FriendState::asked); });
  store.settle();
  const auto before = ends();
  hour();
  EXPECT_EQ(ends(), before);
  restart();
  hour();
  EXPECT_EQ(ends(), before);
}

TEST_F(FriendsTest, ARequestWhoseAnswerDidNotComeIsTakenBack) {
  friends->end(ada, kEve, [](const auto&) {});
  store.settle();
  const auto before = ends();
  away = true;
  friends->ask(ada, kEve, now_ms, [](const auto& asked) { EXPECT_EQ(asked.error().kind, ErrorKind::unavailable); });
  store.settle();
  away = false;
  hour();
  EXPECT_TRUE(friends->list("ada", now_ms).empty());
  EXPECT_EQ(ends(), before + 2) << "at once, in vain, and later";
}

TEST_F(FriendsTest, WhoeverWasNotToldOfTheEndIsAFriendAgainByAsking) {
  // Eve has ended it, which this home never heard, and asks anew: Ada has never been anything but a friend.
  friends->receive("friend.ask", "b.example", {{"from", kEve}, {"to", kAda}, {"name", "Eve"}}, now_ms,
                   [](const auto& asked) { EXPECT_TRUE(asked.ok()); });
  store.settle();
  EXPECT_EQ(told.back(), "friend.answer");
  EXPECT_EQ(friends->list("ada", now_ms).front().state, FriendState::friends);
}

TEST_F(FriendsTest, ANoAfterAYesThatGotLostEndsIt) {
  friends->receive("friend.answer", "b.example", {{"from", kEve}, {"to", kAda}, {"accepted", false}}, now_ms,
                   [](const auto& answered) { EXPECT_TRUE(answered.ok()); });
  store.settle();
  EXPECT_TRUE(friends->list("ada", now_ms).empty());
}

TEST_F(FriendsTest, AMessageThatIsToldAgainIsAnsweredWhenTheFirstIsOnDisk) {
  message("one");
  message("one");
  EXPECT_TRUE(answers.empty()) << "nothing is on disk yet";
  store.settle();
  EXPECT_EQ(answers, (std::vector<bool>{true, true}));
  EXPECT_EQ(friends->messages("ada", kEve).size(), 1u);
  message("one");
  store.settle();
  EXPECT_EQ(answers.size(), 3u);
  EXPECT_EQ(friends->messages("ada", kEve).size(), 1u);
}

TEST_F(FriendsTest, AMessageThatCouldNotBeKeptIsKeptForNobodyWhoTellsItAgain) {
  store.failing = true;
  message("one");
  message("one");
  store.settle();
  EXPECT_EQ(answers, (std::vector<bool>{false, false}));
  EXPECT_TRUE(friends->messages("ada", kEve).empty());
  store.failing = false;
  message("one");
  store.settle();
  EXPECT_TRUE(answers.back()) << "their home tries again";
  EXPECT_EQ(friends->messages("ada", kEve).size(), 1u);
}

}  // namespace
}  // namespace mw::federation
