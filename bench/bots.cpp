#include "bench/bots.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>

#include "bench/process.h"
#include "bench/swarm.h"

namespace mw::bench {
namespace {

std::atomic<bool> stopped{false};
void stop(int) { stopped = true; }

}  // namespace

int run_bots(const BotOptions& options) {
  const auto address = parse_address(options.url);
  if (!address.ok()) {
    std::fprintf(stderr, "%s\n", address.error().text().c_str());
    return 2;
  }
  if (options.count < 1 || options.hz < 1 || options.hz > 20) {
    std::fprintf(stderr, "%s\n", options.count < 1 ? "count: expected at least 1" : "hz: expected 1 to 20");
    return 2;
  }
  raise_file_limit();
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
  SwarmOptions swarm_options{.address = *address,
                             .world = options.world,
                             .clients = static_cast<std::size_t>(options.count),
                             .sampled = 1,
                             .claims_hz = options.hz,
                             .trace = options.player ? Trace::player : Trace::walk,
                             .side_m = options.side_m,
                             .seed = static_cast<std::uint64_t>(getpid())};
  Swarm swarm(swarm_options);
  if (const Status joined = swarm.join(200, 30 + options.count / 50.0); !joined.ok()) {
    std::fprintf(stderr, "bots: %s\n", joined.error().text().c_str());
    return 1;
  }
  std::printf("%zu bots walk in %s\n", swarm.inside(), options.world.c_str());
  const double start = monotonic_seconds();
  while (!stopped && swarm.inside() > 0 && (options.seconds <= 0 || monotonic_seconds() - start < options.seconds)) {
    const double left = options.seconds > 0 ? options.seconds - (monotonic_seconds() - start) : 5;
    const SwarmStats stats = swarm.walk(left < 5 ? left : 5);
    std::printf("%zu inside, %llu claims, %llu messages, %.1f MB in\n", swarm.inside(),
                static_cast<unsigned long long>(stats.claims), static_cast<unsigned long long>(stats.messages),
                static_cast<double>(stats.bytes) / 1e6);
    std::fflush(stdout);
  }
  if (swarm.lost() > 0) {
    std::fprintf(stderr, "bots: %zu lost their connection: %s\n", swarm.lost(), swarm.last_problem().c_str());
    return 1;
  }
  return 0;
}

}  // namespace mw::bench
