// Requests between hosts, as HTTP over TCP carries them: a request or its answer may be lost, which the caller learns by a timeout;
// answers come late and in any order; the network parts; and somebody who has recorded a request sends it again. What is on its way
// to a host that crashes is lost.
// Thread: one.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "edge/control.h"
#include "edge/fetch.h"
#include "sim/events.h"
#include "sim/random.h"

namespace mw::sim {

// A host that others reach by its name.
class Site {
 public:
  virtual ~Site() = default;
  virtual bool reachable() const = 0;
  // `answer` is called at once, later or never.
  virtual void serve(const edge::PublicRequest& request, std::function<void(edge::HttpReply)> answer) = 0;
  // What is served without waiting for anything, as the tiles of a log are. Error `unavailable`.
  virtual Result<std::string> document(const std::string& path) = 0;
};

struct InternetStats {
  std::uint64_t requests = 0, lost = 0, replayed = 0;
};

class Internet {
 public:
  using Answer = std::function<void(Result<edge::Fetched>)>;
  Internet(Events& events, Random random) : events_(events), random_(random) {}

  void join(const std::string& authority, Site& site) { sites_[authority] = &site; }
  // Answers once, within the timeout. `from` and the site in the address are authorities.
  void ask(const std::string& from, const edge::FetchRequest& request, Answer answer);
  // A document, now: reading a log takes many of them, and what happens in between does not matter to it.
  Result<std::string> get(const std::string& from, const std::string& url);

  // Until it is healed, no host of one side reaches one of the other.
  void part(std::set<std::string> side) { side_ = std::move(side); }
  void heal() { side_.clear(); }
  void be_calm();  // nothing is lost, doubled or late any more
  // The planted bug: calls are answered with a yes that reach nobody, so often.
  void swallow(double share) { swallowed_ = share; }
  const InternetStats& stats() const { return stats_; }

 private:
  Site* site_of(const std::string& from, const std::string& authority);
  bool lose(double share) { return !calm_ && random_.chance(share); }
  Micros delay() { return random_.between(1, calm_ ? 20 : 400) * kMillisecond; }

  Events& events_;
  Random random_;
  std::map<std::string, Site*> sites_;
  std::set<std::string> side_;
  bool calm_ = false;
  double swallowed_ = 0;
  InternetStats stats_;
};

}  // namespace mw::sim
