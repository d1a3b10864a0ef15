#include "bench/fanout.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "bench/floor.h"
#include "bench/host.h"
#include "bench/swarm.h"

namespace mw::bench {
namespace {

constexpr int kServerCore = 0, kClientCore = 1;
constexpr double kWarmUpSeconds = 3;
constexpr double kJoinsPerSecond = 400;

float percentile(std::vector<float>& values, double share) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double rounded(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}

// Processor time per second of the floor with the same clients, input and bytes.
Result<double> measure_floor(const FanoutOptions& options, const Host& host, std::vector<std::uint32_t> sizes) {
  int port = 0;
  const auto listener = listen_on_loopback(port);
  if (!listener.ok()) return listener.error();
  FloorOptions floor{.hz = 20, .frame_sizes = std::move(sizes)};
  if (options.tls) {
    floor.certificate = host.certificate();
    floor.key = host.key();
  }
  const auto process = Process::fork_into([&] { serve_floor(*listener, floor); }, kServerCore);
  ::close(*listener);
  if (!process.ok()) return process.error();
  SwarmOptions swarm_options{.address = {"127.0.0.1", port, options.tls},
                             .clients = options.clients,
                             .sampled = 0,
                             .claims_hz = options.hz,
                             .trace = options.trace,
                             .seed = options.seed,
                             .raw = true};
  Swarm swarm(swarm_options);
  MW_TRY(swarm.join(kJoinsPerSecond * 4, 60));
  swarm.walk(kWarmUpSeconds, false);
  const double cpu = process->cpu_seconds(), start = monotonic_seconds();
  swarm.walk(std::min(options.seconds, 15.0), true);
  return (process->cpu_seconds() - cpu) / (monotonic_seconds() - start);
}

}  // namespace

Result<Json> run_fanout(const FanoutOptions& options) {
  raise_file_limit();
  HostOptions host_options{
      .server = options.server, .capacity = options.clients, .tls = options.tls, .core = kServerCore};
  host_options.side_m = std::max(100.0f, 1.5f * std::sqrt(static_cast<float>(options.clients)));
  auto host = Host::start(host_options);
  if (!host.ok()) return std::move(host).error();
  pin_to_core(kClientCore);

  SwarmOptions swarm_options{.address = host->address(),
                             .world = Host::kWorld,
                             .clients = options.clients,
                             .claims_hz = options.hz,
                             .trace = options.trace,
                             .side_m = host_options.side_m * 0.8f,
                             .seed = options.seed};
  swarm_options.spread = true;
  const std::uint64_t memory_before = host->process().memory_bytes();
  double server_core = 0, wall = 0;
  SwarmStats stats;
  std::uint64_t memory = 0;
  {
    Swarm swarm(swarm_options);
    MW_TRY(swarm.join(kJoinsPerSecond, 30 + static_cast<double>(options.clients) / 50));
    swarm.walk(kWarmUpSeconds, false);
    const double cpu = host->process().cpu_seconds(), start = monotonic_seconds();
    stats = swarm.walk(options.seconds, true);
    wall = monotonic_seconds() - start;
    server_core = (host->process().cpu_seconds() - cpu) / wall;
    memory = host->process().memory_bytes() - memory_before;
    if (swarm.lost() > 0)
      return failure(ErrorKind::unavailable, format("{} clients were cut off: {}", swarm.lost(), swarm.last_problem()));
  }
  const auto floor = measure_floor(options, *host, stats.frame_sizes);
  if (!floor.ok()) return floor.error();

  const double people = static_cast<double>(options.clients);
  return Json{
      {"benchmark", "fanout"},
      {"clients", options.clients},
      {"trace", options.trace == Trace::walk ? "walk" : "player"},
      {"tls", options.tls},
      {"seconds", rounded(wall, 1)},
      {"delivered_hz", rounded(static_cast<double>(stats.pose_frames) / people / wall, 2)},
      {"upstream_hz", rounded(static_cast<double>(stats.claims) / people / wall, 2)},
      {"server_core", rounded(server_core, 3)},
      {"floor_core", rounded(*floor, 3)},
      {"ratio", rounded(server_core / std::max(*floor, 1e-3), 2)},
      {"bytes_per_pose",
       rounded(static_cast<double>(stats.sampled_bytes) / std::max<double>(1, static_cast<double>(stats.sampled_poses)),
               3)},
      {"mbit_per_client", rounded(static_cast<double>(stats.bytes) * 8e-6 / people / wall, 3)},
      {"age_p50_ms", rounded(percentile(stats.ages_ms, 0.5), 1)},
      {"age_p99_ms", rounded(percentile(stats.ages_ms, 0.99), 1)},
      {"memory_kb_per_client", rounded(static_cast<double>(memory) / 1024 / people, 1)},
      {"corrections", stats.corrections},
      {"undecodable", stats.undecodable},
      {"unmatched_share",
       rounded(static_cast<double>(stats.unmatched) / std::max<double>(1, static_cast<double>(stats.sampled_poses)),
               4)},
  };
}

}  // namespace mw::bench
