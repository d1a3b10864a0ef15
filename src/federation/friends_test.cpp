#include "federation/friends.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

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
    Friends::Links links;
    links.account = [](const std::string& did) { return did == kAda ? "ada" : ""; };
    links.call = [](const auto&, const auto&, const Json&, const auto& done) { done(Json::object()); };
    friends->connect(std::move(links));
    friends->ask({"ada", kAda, "Ada"}, kEve, 0, [](const auto&) {});
    store.settle();
    friends->receive("friend.answer", "b.example", {{"from", kEve}, {"to", kAda}, {"accepted", true}}, 0,
                     [](const auto& answered) { EXPECT_TRUE(answered.ok()); });
    store.settle();
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
};

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
