// Virtual time: a queue of events, run in order of time and, at the same time, in the order in which they were asked for. Also
// the trace: a line for everything that happens, and its running hash, by which two runs are compared.
// Thread: one.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <string_view>
#include <vector>

namespace mw::sim {

using Micros = std::int64_t;
inline constexpr Micros kMillisecond = 1'000;
inline constexpr Micros kSecond = 1'000'000;

class Events {
 public:
  explicit Events(bool print) : print_(print) {}

  Micros now() const { return now_; }
  double seconds() const { return static_cast<double>(now_) / kSecond; }
  std::int64_t unix_ms() const { return kEpochMs + now_ / kMillisecond; }

  void after(Micros delay, std::function<void()> event);
  // Runs what is due until `end`, and stands at `end` afterwards.
  void run_until(Micros end);

  void trace(std::string_view who, std::string_view what);
  std::uint64_t trace_hash() const { return hash_; }
  std::uint64_t events_run() const { return run_; }

 private:
  static constexpr std::int64_t kEpochMs = 1'800'000'000'000;
  struct Event {
    Micros at;
    std::uint64_t order;
    std::function<void()> run;
    bool operator>(const Event& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  std::priority_queue<Event, std::vector<Event>, std::greater<>> queue_;
  Micros now_ = 0;
  std::uint64_t order_ = 0, run_ = 0;
  std::uint64_t hash_ = 0xCBF29CE484222325u;
  bool print_;
};

}  // namespace mw::sim
