#include "server/fetcher.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/limits.h"

namespace mw::server {

struct Fetcher::State {
  struct Wanted {
    edge::FetchRequest request;
    std::string host;
    std::size_t max_bytes = 0;
    std::function<void(Result<edge::Fetched>)> answer;
    bool file() const { return max_bytes > limits::kFetchBytes; }
  };
  edge::FetchRules rules;
  Post post;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Wanted> queue;
  std::map<std::string, std::size_t> per_host;  // waiting and under way
  std::size_t files = 0;  // under way
  std::atomic<bool> stop = false;  // changed under the mutex
  std::vector<std::thread> threads;

  Result<edge::Fetched> fetch(const Wanted& wanted) const {
    auto own = rules;
    own.max_bytes = wanted.max_bytes;
    own.stopped = &stop;
    return edge::fetch(wanted.request, own);
  }

  // The first that may be asked for now.
  std::deque<Wanted>::iterator next() {
    return std::ranges::find_if(
        queue, [this](const Wanted& wanted) { return !wanted.file() || files < limits::kFetchThreads / 2; });
  }

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      auto first = queue.end();
      changed.wait(lock, [&] { return stop || (first = next()) != queue.end(); });
      if (stop) return;
      Wanted wanted = std::move(*first);
      queue.erase(first);
      const bool file = wanted.file();
      if (file) ++files;
      lock.unlock();
      auto result = fetch(wanted);
      lock.lock();
      if (file) {
        --files;
        changed.notify_one();
      }
      if (const auto at = per_host.find(wanted.host); --at->second == 0) per_host.erase(at);
      if (stop) return;
      post([answer = std::move(wanted.answer), result = std::move(result)]() mutable { answer(std::move(result)); });
    }
  }
};

Fetcher::Fetcher(edge::FetchRules rules, Post post) : state_(std::make_unique<State>()) {
  state_->rules = std::move(rules);
  state_->post = std::move(post);
  for (std::size_t i = 0; i < limits::kFetchThreads; ++i)
    state_->threads.emplace_back([s = state_.get()] { s->run(); });
}

Fetcher::~Fetcher() { stop(); }

void Fetcher::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  for (auto& thread : state_->threads)
    if (thread.joinable()) thread.join();
}

void Fetcher::get(std::string url, std::size_t max_bytes, std::function<void(Result<std::string>)> answer) {
  edge::FetchRequest request{"GET", url, {{"Accept", "*/*"}}, ""};
  ask(std::move(request), max_bytes, [url, answer = std::move(answer)](Result<edge::Fetched> got) {
    if (!got.ok()) return answer(got.error());
    if (got->status != 200) return answer(failure(ErrorKind::unavailable, format("{} answered {}", url, got->status)));
    answer(std::move(got->body));
  });
}

void Fetcher::ask(edge::FetchRequest request, std::size_t max_bytes,
                  std::function<void(Result<edge::Fetched>)> answer) {
  auto& s = *state_;
  const auto parsed = edge::parse_url(request.url);
  Error problem = parsed.ok() ? Error{ErrorKind::rate_limited, "", "too many hosts are being asked at once; try again"}
                              : Error{ErrorKind::invalid, "", parsed.error().text()};
  if (parsed.ok()) {
    const std::lock_guard lock(s.mutex);
    if (s.stop) problem = {ErrorKind::unavailable, "", "the host stops"};
    auto& at_host = s.per_host[parsed->authority()];
    if (!s.stop && s.queue.size() < limits::kFetchQueue && at_host < limits::kFetchQueuePerHost) {
      ++at_host;
      s.queue.push_back({std::move(request), parsed->authority(), max_bytes, std::move(answer)});
      s.changed.notify_one();
      return;
    }
    if (at_host == 0) s.per_host.erase(parsed->authority());
  }
  s.post([answer = std::move(answer), problem = std::move(problem)] { answer(problem); });
}

}  // namespace mw::server
