// Time. Monotonic for durations, wall time for what people read.
#pragma once

#include <cstdint>

namespace mw::platform {

std::int64_t monotonic_ns();    // since some start; never goes back (CLOCK_MONOTONIC)
std::int64_t wall_ms();         // since 1970, UTC
std::int64_t thread_cpu_ns();   // processor time of the calling thread
std::int64_t process_cpu_ns();  // of all threads

// The share of the time that was worked: processor time against time, each between two calls. 0 for the first.
class BusyShare {
 public:
  double since_last(std::int64_t now_ns, std::int64_t cpu_ns);

 private:
  std::int64_t now_ns_ = 0, cpu_ns_ = 0;
};

}  // namespace mw::platform
