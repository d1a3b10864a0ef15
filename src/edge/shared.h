// What the loops of one Edges share: configuration, policy, the other sides, and the few counts that span loops.
// Thread: immutable or atomic, but for Addresses, which has a lock of its own and is asked per connection, never per message.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "edge/content.h"
#include "edge/control.h"
#include "edge/edges.h"
#include "edge/policy.h"
#include "runtime/metrics.h"

namespace mw::edge {

// Connections per address.
class Addresses {
 public:
  explicit Addresses(std::size_t most) : most_(most) {}
  bool enter(const std::string& address) {
    const std::lock_guard lock(mutex_);
    std::size_t& count = counts_[address];
    if (count >= most_) return false;
    ++count;
    return true;
  }
  void leave(const std::string& address) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(address);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> counts_;  // bounded by the connections
};

// The newest tick in one atomic number: its number, and when it began in microseconds that wrap after 71 minutes.
class TickClock {
 public:
  void set(std::uint32_t tick, std::int64_t began_ns) {
    packed_.store(std::uint64_t{tick} << 32 | micros(began_ns), std::memory_order_release);
  }
  std::uint32_t tick(std::int64_t now_ns, std::uint32_t& since_us) const {
    const std::uint64_t packed = packed_.load(std::memory_order_acquire);
    const std::uint32_t since = micros(now_ns) - static_cast<std::uint32_t>(packed);
    since_us = since > 0x8000'0000U ? 0 : since;  // a tick that is said to begin in a moment
    return static_cast<std::uint32_t>(packed >> 32);
  }

 private:
  static std::uint32_t micros(std::int64_t ns) { return static_cast<std::uint32_t>(ns / 1000); }
  std::atomic<std::uint64_t> packed_{0};
};

struct Shared {
  Shared(EdgesConfig configuration, Policy rules, Control& control_side, const ContentSource& source,
         runtime::Metrics& numbers)
      : config(std::move(configuration)),
        policy(std::move(rules)),
        control(control_side),
        content(source),
        metrics(numbers),
        addresses(config.max_connections_per_address) {}

  const EdgesConfig config;
  const Policy policy;
  Control& control;
  const ContentSource& content;
  runtime::Metrics& metrics;
  Addresses addresses;
  TickClock tick_clock;
  std::atomic<std::size_t> connections{0}, sessions{0};
  std::atomic<float> busy{0};  // the busiest loop's share of a tick, since it was taken
  std::atomic<bool> draining{false};
};

}  // namespace mw::edge
