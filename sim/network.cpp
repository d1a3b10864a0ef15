#include "sim/network.h"

#include <algorithm>
#include <vector>

namespace mw::sim {

// Mostly a few milliseconds; now and then a second, as when a packet is lost and sent again.
Micros Network::delay() {
  if (calm_) return random_.between(1, 5) * kMillisecond;
  if (random_.chance(0.02)) return random_.between(200, 1'500) * kMillisecond;
  return random_.between(500, 40'000);
}

void Network::deliver(LinkId id, Direction& direction, std::function<void(Endpoint&)> event) {
  const Micros wanted = std::max({events_.now() + delay(), held_until_, direction.last + 1});
  direction.last = wanted;
  events_.after(wanted - events_.now(), [this, id, &direction, event = std::move(event)] {
    const auto link = links_.find(id);
    if (link == links_.end() || link->second.broken || direction.to == nullptr) {
      ++stats_.lost;
      return;
    }
    event(*direction.to);
  });
}

LinkId Network::connect(Endpoint& from, Endpoint& to, bool reachable) {
  const LinkId id = ++last_;
  Link& link = links_[id];
  link.forward.to = &to;
  link.back.to = &from;
  if (!reachable) {
    break_link(id);
    return id;
  }
  deliver(id, link.forward, [id](Endpoint& end) { end.link_opened(id); });
  deliver(id, link.back, [id](Endpoint& end) { end.link_opened(id); });
  return id;
}

void Network::send(LinkId id, const Endpoint& from, Message message) {
  const auto found = links_.find(id);
  if (found == links_.end() || found->second.broken) return;
  Link& link = found->second;
  ++stats_.messages;
  Direction& direction = link.back.to == &from ? link.forward : link.back;
  deliver(id, direction, [id, message = std::move(message)](Endpoint& end) { end.received(id, message); });
}

void Network::tell_closed(LinkId id, Endpoint* end, Micros delay) {
  events_.after(delay, [this, id, end] {
    const auto found = links_.find(id);
    if (found == links_.end()) return;
    Link& link = found->second;
    for (Direction* direction : {&link.forward, &link.back}) {
      if (direction->to != end || end == nullptr) continue;
      direction->to = nullptr;
      end->link_closed(id);
    }
  });
}

void Network::close(LinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end() || found->second.broken) return;
  for (Direction* direction : {&found->second.forward, &found->second.back})
    tell_closed(id, direction->to, std::max(direction->last - events_.now(), Micros{0}) + 1);
}

void Network::break_link(LinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end() || found->second.broken) return;
  ++stats_.breaks;
  found->second.broken = true;
  tell_closed(id, found->second.forward.to, random_.between(1, 3'000) * kMillisecond);
  tell_closed(id, found->second.back.to, random_.between(1, 3'000) * kMillisecond);
}

void Network::vanish(const Endpoint& end) {
  for (auto& [id, link] : links_) {
    if (link.forward.to != &end && link.back.to != &end) continue;
    for (Direction* direction : {&link.forward, &link.back})
      if (direction->to == &end) direction->to = nullptr;
    break_link(id);
  }
}

void Network::break_some(double share) {
  std::vector<LinkId> open;
  for (const auto& [id, link] : links_)
    if (!link.broken) open.push_back(id);
  for (const LinkId id : open)
    if (random_.chance(share)) break_link(id);
}

void Network::hold(Micros for_how_long) { held_until_ = std::max(held_until_, events_.now() + for_how_long); }

}  // namespace mw::sim
