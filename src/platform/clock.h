// Time. Monotonic for durations, wall time for what people read.
#pragma once

#include <cstdint>

namespace mw::platform {

std::int64_t monotonic_ns();    // since some start; never goes back (CLOCK_MONOTONIC)
std::int64_t wall_ms();         // since 1970, UTC
std::int64_t thread_cpu_ns();   // processor time of the calling thread
std::int64_t process_cpu_ns();  // of all threads

}  // namespace mw::platform
