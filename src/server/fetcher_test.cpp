#include "server/fetcher.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <vector>

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

}  // namespace
}  // namespace mw::server
