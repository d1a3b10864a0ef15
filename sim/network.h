// Links between clients and hosts, as WebSocket connections are: messages of one direction arrive in order, or the link breaks
// and the rest is lost. Between links there is no order. A break is seen by each side at its own time; a partition holds
// messages back. Everything that is not a break is delay, since TCP hides loss.
// Thread: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "sim/events.h"
#include "sim/random.h"

namespace mw::sim {

struct Message {
  bool binary = false;
  std::string bytes;
};

using LinkId = std::uint64_t;  // also the session's id at the host

// Whoever sits at an end. Calls come by the event queue, never from within send().
class Endpoint {
 public:
  virtual ~Endpoint() = default;
  virtual void link_opened(LinkId link) = 0;
  virtual void received(LinkId link, const Message& message) = 0;
  virtual void link_closed(LinkId link) = 0;
};

struct NetworkStats {
  std::uint64_t messages = 0, lost = 0, breaks = 0;
};

class Network {
 public:
  Network(Events& events, Random random) : events_(events), random_(random) {}

  // Both ends learn that it is open, each at its own time; or `from` learns that it is closed, when `to` is not there.
  LinkId connect(Endpoint& from, Endpoint& to, bool reachable);
  void send(LinkId link, const Endpoint& from, Message message);
  void close(LinkId link);  // in order: what was sent before still arrives
  void break_link(LinkId link);  // what is on its way is lost
  void vanish(const Endpoint& end);  // a crash: its links break, and it is told nothing
  void break_some(double share);  // of all links, by chance
  void hold(Micros for_how_long);  // a partition: nothing arrives anywhere for so long
  void be_calm() { calm_ = true; }  // short delays, and no breaks, from now on
  const NetworkStats& stats() const { return stats_; }

 private:
  struct Direction {
    Endpoint* to = nullptr;
    Micros last = 0;  // arrival of the newest message
  };
  struct Link {
    Direction forward, back;
    bool broken = false;
  };
  Micros delay();
  void deliver(LinkId id, Direction& direction, std::function<void(Endpoint&)> event);
  void tell_closed(LinkId id, Endpoint* end, Micros delay);

  Events& events_;
  Random random_;
  std::map<LinkId, Link> links_;
  LinkId last_ = 0;
  Micros held_until_ = 0;
  bool calm_ = false;
  NetworkStats stats_;
};

}  // namespace mw::sim
