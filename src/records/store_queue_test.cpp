#include "records/store_queue.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "base/limits.h"

namespace mw::records {
namespace {

namespace fs = std::filesystem;

// A control loop in miniature: callbacks are run by the test's own thread.
class Loop {
 public:
  Store::Post post() {
    return [this](std::function<void()> callback) {
      const std::lock_guard lock(mutex_);
      callbacks_.push_back(std::move(callback));
      wake_.notify_one();
    };
  }
  void run_one() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(wake_.wait_for(lock, std::chrono::seconds(20), [this] { return !callbacks_.empty(); }));
    auto callback = std::move(callbacks_.front());
    callbacks_.pop_front();
    lock.unlock();
    callback();
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return callbacks_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> callbacks_;
};

class StoreQueueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "mw-store-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    options_.path = (folder_ / "journal.db").string();
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::unique_ptr<Journal> open() { return *Journal::open(options_); }
  // Holds the store thread until the returned promise is set.
  static std::promise<void> hold(StoreQueue& store) {
    std::promise<void> release;
    auto released = release.get_future().share();
    std::promise<void> held;
    auto is_held = held.get_future();
    store.run(
        [released, &held](Journal&) {
          held.set_value();
          released.wait();
        },
        [] {});
    is_held.wait();
    return release;
  }

  fs::path folder_;
  Options options_;
  Loop loop_;
};

TEST_F(StoreQueueTest, CommitsTogetherAndAnswersEachInOrder) {
  StoreQueue store(open(), loop_.post());
  auto release = hold(store);
  std::vector<std::uint64_t> answers;
  for (int i = 0; i < 100; ++i)
    store.append({{"a", 0, "x"}},
                 [&answers](Result<std::vector<std::uint64_t>> result) { answers.push_back(result->at(0)); });
  EXPECT_EQ(store.waiting(), 100u);
  release.set_value();
  for (int i = 0; i < 101; ++i) loop_.run_one();
  ASSERT_EQ(answers.size(), 100u);
  for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i], i + 1);
  EXPECT_EQ(store.stats().batches, 100u);
  EXPECT_EQ(store.stats().commits, 1u);  // a hundred batches, one sync
}

TEST_F(StoreQueueTest, ABadBatchFailsAlone) {
  StoreQueue store(open(), loop_.post());
  auto release = hold(store);
  std::vector<bool> succeeded;
  const auto note = [&succeeded](Result<std::vector<std::uint64_t>> result) { succeeded.push_back(result.ok()); };
  store.append({{"a", 0, "good"}}, note);
  store.append({{"a", 0, std::string(limits::kEditBytes + 1, 'x')}}, note);
  store.append({{"a", 0, "good"}}, note);
  release.set_value();
  for (int i = 0; i < 4; ++i) loop_.run_one();
  EXPECT_EQ(succeeded, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(store.stats().failed, 1u);
}

TEST_F(StoreQueueTest, IsBoundedAndSaysSo) {
  StoreQueue store(open(), loop_.post());
  auto release = hold(store);
  std::size_t good = 0, refused = 0;
  const auto note = [&](Result<std::vector<std::uint64_t>> result) {
    if (result.ok()) return static_cast<void>(++good);
    EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
    ++refused;
  };
  for (std::size_t i = 0; i < limits::kStoreQueueBatches + 10; ++i) store.append({{"a", 0, "x"}}, note);
  release.set_value();
  for (std::size_t i = 0; i < limits::kStoreQueueBatches + 11; ++i) loop_.run_one();
  EXPECT_EQ(good, limits::kStoreQueueBatches);
  EXPECT_EQ(refused, 10u);
  EXPECT_EQ(store.stats().refused, 10u);
}

TEST_F(StoreQueueTest, IsBoundedInBytes) {
  StoreQueue store(open(), loop_.post());
  auto release = hold(store);
  std::size_t calls = 0, refused = 0;
  const std::string value(limits::kValueBytes, 'x');
  for (std::size_t bytes = 0; bytes < limits::kStoreQueueBytes + 10 * value.size(); bytes += value.size(), ++calls)
    store.put({{"k", value}}, [&refused](Status status) { refused += status.ok() ? 0 : 1; });
  EXPECT_LT(store.waiting() * value.size(), limits::kStoreQueueBytes + value.size());
  release.set_value();
  for (std::size_t i = 0; i < calls + 1; ++i) loop_.run_one();
  EXPECT_GE(refused, 10u);
}

TEST_F(StoreQueueTest, RemovesAndPutsKeepTheirOrder) {
  StoreQueue store(open(), loop_.post());
  auto release = hold(store);
  const auto nothing = [](Result<std::vector<std::uint64_t>> result) { EXPECT_TRUE(result.ok()); };
  store.commit({{}, {{"k", "first"}}, {}}, nothing);
  store.commit({{}, {}, {"k"}}, nothing);
  std::optional<std::string> seen = "not looked";
  store.run([&seen](Journal& journal) { seen = *journal.get("k"); }, [] {});
  release.set_value();
  for (int i = 0; i < 4; ++i) loop_.run_one();
  EXPECT_FALSE(seen.has_value());
}

TEST_F(StoreQueueTest, FoldsAndCopiesInTurn) {
  StoreQueue store(open(), loop_.post());
  int steps = 0;
  store.append({{"a", 0, "1"}, {"a", 0, "2"}}, [&steps](auto result) { steps += result.ok(); });
  store.fold("a", {2, "state"}, 0, [&steps](Status status) { steps += status.ok(); });
  loop_.run_one();
  loop_.run_one();
  store.copy_to((folder_ / "copy.db").string(), [&steps](Status status) { steps += status.ok(); });
  loop_.run_one();
  EXPECT_EQ(steps, 3);
  auto copy = *Journal::open({(folder_ / "copy.db").string()});
  EXPECT_EQ((*copy->snapshot("a"))->body, "state");
}

TEST_F(StoreQueueTest, StoppingCommitsWhatWaits) {
  {
    StoreQueue store(open(), loop_.post());
    for (int i = 0; i < 50; ++i) store.append({{"a", 0, "x"}}, [](auto result) { EXPECT_TRUE(result.ok()); });
  }
  EXPECT_EQ(loop_.size(), 50u);
  EXPECT_EQ(open()->extent("a")->last, 50u);
}

TEST_F(StoreQueueTest, InlineAnswersThroughPostToo) {
  InlineStore store(open(), loop_.post());
  bool answered = false;
  store.append({{"a", 0, "x"}}, [&answered](auto result) { answered = result.ok() && result->at(0) == 1; });
  EXPECT_FALSE(answered);
  loop_.run_one();
  EXPECT_TRUE(answered);
}

}  // namespace
}  // namespace mw::records
