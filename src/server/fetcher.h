// Requests to other hosts, made on threads of their own, a few at once: a host that hangs, or a thousand that are named to us,
// hold up nobody else, and files (more than limits::kFetchBytes) take at most half of the threads. Overflow: what does not fit (limits::kFetchQueue, kFetchQueuePerHost) is refused at once.
// Thread: any; answers come by `post`.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "edge/fetch.h"

namespace mw::server {

class Fetcher {
 public:
  using Post = std::function<void(std::function<void()>)>;  // to the thread that wants the answers
  Fetcher(edge::FetchRules rules, Post post);
  ~Fetcher();
  // Within the time that a host may be silent (limits::kFetchMs). Nothing is fetched and no answer of a host is posted afterwards, so
  // whoever waits for answers may go once what was posted before has run. A second call does nothing.
  void stop();

  // The body of a 200. Errors: those of edge::fetch, `unavailable` for another status, `rate_limited` when too many wait,
  // `unavailable` after `stop`.
  void get(std::string url, std::size_t max_bytes, std::function<void(Result<std::string>)> answer);
  // Any request, and the answer whatever its status. Errors: those of edge::fetch, and as `get` when too many wait or it has stopped.
  void ask(edge::FetchRequest request, std::size_t max_bytes, std::function<void(Result<edge::Fetched>)> answer);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mw::server
