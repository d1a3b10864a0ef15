#include "server/fetcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/limits.h"
#include "edge/test_edges.h"

namespace mw::server {
namespace {

// Runs nothing: keeps what was posted until the test asks.
class Posted {
 public:
  void operator()(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    works_.push_back(std::move(work));
    changed_.notify_all();
  }
  void run_one() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !works_.empty(); });
    const auto work = std::move(works_.back());
    works_.pop_back();
    lock.unlock();
    work();
  }
  bool empty() {
    const std::lock_guard lock(mutex_);
    return works_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> works_;
};

TEST(Fetcher, AnswersByPostWithWhatWasWrong) {
  Posted posted;
  Fetcher fetcher({}, [&](auto work) { posted(std::move(work)); });
  std::vector<ErrorKind> kinds;
  for (const char* url : {"ftp://a.example/", "http://a.example/", "https://127.0.0.1:9/"}) {
    fetcher.get(url, 100, [&](const auto& result) { kinds.push_back(result.error().kind); });
    posted.run_one();
  }
  EXPECT_EQ(kinds, (std::vector{ErrorKind::invalid, ErrorKind::forbidden, ErrorKind::forbidden}));
}

TEST(Fetcher, PostsNothingMoreOfHostsOnceItHasStopped) {
  Posted posted;
  Fetcher fetcher({}, [&](auto work) { posted(std::move(work)); });
  for (int i = 0; i < 4; ++i) fetcher.get("https://127.0.0.1:9/", 100, [](const auto&) {});
  fetcher.stop();
  while (!posted.empty()) posted.run_one();
  ErrorKind kind = ErrorKind::internal;
  fetcher.get("https://127.0.0.1:9/", 100, [&](const auto& result) { kind = result.error().kind; });
  posted.run_one();
  EXPECT_EQ(kind, ErrorKind::unavailable);
  fetcher.stop();
  EXPECT_TRUE(posted.empty());
}

class FetcherFiles : public edge::EdgesTest {};

TEST_F(FetcherFiles, LeaveThreadsForDocuments) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::function<void(edge::HttpReply)>> held;
  edge::EdgesConfig config;
  bool holding = true;
  config.on_public = [&](const edge::PublicRequest& request, const std::function<void(edge::HttpReply)>& reply) {
    const std::lock_guard lock(mutex);
    if (!holding || request.path != "/log/file") return reply({200, "text/plain", request.path, ""});
    held.push_back(reply);
    changed.notify_all();
  };
  start(std::move(config));
  Posted posted;
  edge::FetchRules rules;
  rules.loopback = true;
  Fetcher fetcher(rules, [&](auto work) { posted(std::move(work)); });
  const auto url = [&](const char* path) { return format("http://a.localhost:{}{}", edges_->port(), path); };
  std::vector<std::string> answers;
  const auto answered = [&](const Result<std::string>& answer) {
    answers.push_back(answer.ok() ? *answer : answer.error().text());
  };
  constexpr std::size_t kFiles = limits::kFetchThreads;
  for (std::size_t i = 0; i < kFiles; ++i) fetcher.get(url("/log/file"), limits::kFetchBytes + 1, answered);
  for (int i = 0; i < 2; ++i) {
    fetcher.get(url("/log/document"), limits::kFetchBytes, answered);
    posted.run_one();
  }
  EXPECT_EQ(answers, (std::vector<std::string>{"/log/document", "/log/document"}));
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return held.size() >= kFiles / 2; });
  EXPECT_EQ(held.size(), kFiles / 2);
  holding = false;
  const auto late = std::exchange(held, {});
  lock.unlock();
  for (const auto& reply : late) reply({200, "text/plain", "late", ""});
  for (std::size_t i = 0; i < kFiles; ++i) posted.run_one();
  EXPECT_EQ(std::ranges::count(answers, "late"), kFiles / 2);
  EXPECT_EQ(std::ranges::count(answers, "/log/file"), kFiles - kFiles / 2);
}

}  // namespace
}  // namespace mw::server
