#include "platform/clock.h"

#include <time.h>

#include <utility>

namespace mw::platform {
namespace {
std::int64_t read_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}
}  // namespace

std::int64_t monotonic_ns() { return read_ns(CLOCK_MONOTONIC); }
std::int64_t wall_ms() { return read_ns(CLOCK_REALTIME) / 1'000'000; }
std::int64_t thread_cpu_ns() { return read_ns(CLOCK_THREAD_CPUTIME_ID); }
std::int64_t process_cpu_ns() { return read_ns(CLOCK_PROCESS_CPUTIME_ID); }

double BusyShare::since_last(std::int64_t now_ns, std::int64_t cpu_ns) {
  const std::int64_t passed = now_ns - std::exchange(now_ns_, now_ns);
  const std::int64_t worked = cpu_ns - std::exchange(cpu_ns_, cpu_ns);
  return passed == now_ns || passed <= 0 ? 0 : static_cast<double>(worked) / static_cast<double>(passed);
}

}  // namespace mw::platform
