#include "sim/events.h"

#include <cstdio>

#include "base/format.h"

namespace mw::sim {

void Events::after(Micros delay, std::function<void()> event) {
  queue_.push({now_ + (delay > 0 ? delay : 0), ++order_, std::move(event)});
}

void Events::run_until(Micros end) {
  while (!queue_.empty() && queue_.top().at <= end) {
    // Moving out of top() would break the heap's order, if it were looked at again before pop().
    Event event = std::move(const_cast<Event&>(queue_.top()));
    queue_.pop();
    now_ = event.at;
    ++run_;
    event.run();
  }
  now_ = end;
}

void Events::trace(std::string_view who, std::string_view what) {
  const std::string line = format("{:>10.3f} ms {}: {}\n", static_cast<double>(now_) / kMillisecond, who, what);
  for (const char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001B3u;  // FNV-1a
  if (print_) std::fputs(line.c_str(), stdout);
}

}  // namespace mw::sim
