#include "server/fetcher.h"

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
  };
  edge::FetchRules rules;
  Post post;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Wanted> queue;
  std::map<std::string, std::size_t> per_host;  // waiting and under way
  bool stop = false;
  std::vector<std::thread> threads;

  Result<edge::Fetched> fetch(const Wanted& wanted) const {
    auto own = rules;
    own.max_bytes = wanted.max_bytes;
    return edge::fetch(wanted.request, own);
  }

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return stop || !queue.empty(); });
      if (stop) return;
      Wanted wanted = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      auto result = fetch(wanted);
      lock.lock();
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
