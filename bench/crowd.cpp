#include "bench/crowd.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/format.h"
#include "base/limits.h"
#include "bench/floor.h"
#include "bench/host.h"
#include "bench/metrics.h"
#include "bench/peer.h"

namespace mw::bench {
namespace {

constexpr int kServerCore = 0, kClientCore = 1;
constexpr double kWarmUpSeconds = 3;
constexpr double kSettleSeconds = 40;
constexpr std::string_view kDetail = "manyworlds_detail_ratio";
constexpr double kJoinsPerSecond = 400;
constexpr double kFloorSeconds = 15;
constexpr std::size_t kStalledOneIn = 10;
constexpr double kNewcomerSeconds = 20;
constexpr float kStadiumSide = 8;
constexpr double kLateMs = limits::kTickMs / 2.0;

bool dense(CrowdMode mode) { return mode == CrowdMode::budget || mode == CrowdMode::stall; }

HostOptions host_options(const CrowdOptions& options) {
  HostOptions host{.server = options.server, .capacity = options.clients + 1, .tls = options.tls, .core = kServerCore};
  const float root = std::sqrt(static_cast<float>(options.clients));
  if (dense(options.mode)) {
    host.spawn_radius_m = root / std::sqrt(3.1416f);  // one person on each square metre from the start
    host.side_m = std::max(30.0f, 1.5f * root);
  } else {
    host.side_m = std::max(100.0f, 1.5f * root);
    host.spawn_radius_m = host.side_m / 4;
  }
  // Everybody at the full level: a budget that nobody reaches.
  if (options.mode == CrowdMode::all)
    host.arguments = {"--viewer-bandwidth", std::to_string(limits::kViewerBandwidthMax)};
  if (options.mode == CrowdMode::stadium) {
    host.stadium = true;
    host.walkers = std::min(options.spectators, limits::kWalkersPerWorld);
  }
  return host;
}

SwarmOptions swarm_options(const CrowdOptions& options, const HostOptions& host, const Address& address) {
  SwarmOptions swarm{.address = address,
                     .world = Host::kWorld,
                     .clients = options.clients,
                     .sampled = options.sampled,
                     .claims_hz = options.hz,
                     .input = options.input,
                     .trace = options.trace,
                     .side_m = host.side_m * 0.8f,
                     .spread = true,
                     .seed = options.seed};
  const double delay = options.delay_ms >= 0 ? options.delay_ms : options.mode == CrowdMode::budget ? 50 : 0;
  swarm.delay_s = delay / 1000;
  if (dense(options.mode)) swarm.side_m = std::sqrt(static_cast<float>(options.clients));
  if (options.mode == CrowdMode::stadium) {
    swarm.side_m = kStadiumSide;
    swarm.spread = false;
  }
  // A stalled client that nobody looks at tells nothing: let one in ten of the sampled be one.
  if (options.mode == CrowdMode::stall) swarm.sampled = std::max(options.sampled, 2 * kStalledOneIn);
  return swarm;
}

// Processor time per second of the floor with the same clients, input and bytes.
Result<double> measure_floor(const CrowdOptions& options, const Host& host, SwarmOptions load,
                             std::vector<std::vector<std::uint32_t>> slots) {
  int port = 0;
  const auto listener = listen_on_loopback(port);
  if (!listener.ok()) return listener.error();
  FloorOptions floor{.hz = limits::kTickHz, .slots = std::move(slots), .certificate = {}, .key = {}};
  if (options.tls) {
    floor.certificate = host.certificate();
    floor.key = host.key();
  }
  const auto process = Process::fork_into([&] { serve_floor(*listener, floor); }, kServerCore);
  ::close(*listener);
  if (!process.ok()) return process.error();
  load.address = {"127.0.0.1", port, options.tls};
  load.sampled = 0;
  load.delay_s = 0;
  load.raw = true;
  Swarm swarm(load);
  MW_TRY(swarm.join(kJoinsPerSecond * 4, 60));
  swarm.walk(kWarmUpSeconds);
  const double cpu = process->cpu_seconds(), start = monotonic_seconds();
  swarm.walk(std::min(options.seconds, kFloorSeconds));
  return (process->cpu_seconds() - cpu) / (monotonic_seconds() - start);
}

struct Measured {
  SwarmStats stats;
  double wall = 0, server_core = 0, client_core = 0, tick_p99_ms = -1, clock_error_ms = 0;
  std::uint64_t memory = 0, memory_before = 0;
  Json extra = Json::object();
};

void add_angles(Json& out, std::string_view prefix, const Sight& sight, Distribution Ring::* which) {
  const auto add = [&](std::string_view name, const Ring& ring, double share) {
    out[format("{}{}_deg", prefix, name)] = rounded((ring.*which).percentile(share), 3);
  };
  add("p50", sight.all, 0.5);
  add("p99", sight.all, 0.99);
  add("near_p99", sight.near, 0.99);
  add("mid_p99", sight.mid, 0.99);
  add("far_p99", sight.far, 0.99);
}

void add_sight(Json& out, const Sight& sight) {
  out["age_p50_ms"] = rounded(sight.age_all_ms.percentile(0.5), 1);
  out["age_p99_ms"] = rounded(sight.age_all_ms.percentile(0.99), 1);
  out["age_near_p99_ms"] = rounded(sight.age_20m_ms.percentile(0.99), 1);
  out["age_ring_p99_ms"] = {rounded(sight.near.age_ms.percentile(0.99), 1),
                            rounded(sight.mid.age_ms.percentile(0.99), 1),
                            rounded(sight.far.age_ms.percentile(0.99), 1)};
  add_angles(out, "angle_", sight, &Ring::drawn_deg);
  add_angles(out, "angle_host_", sight, &Ring::host_deg);
  add_angles(out, "angle_display_", sight, &Ring::display_deg);
  add_angles(out, "angle_ahead_", sight, &Ring::ahead_deg);
  out["lag_p50_ms"] = rounded(sight.lag_ms.percentile(0.5), 1);
  out["aggregate_share"] =
      rounded(static_cast<double>(sight.unseen) / std::max(1.0, static_cast<double>(sight.in_view)), 4);
}

double detail_of(const Metrics& metrics) {
  const auto found = metrics.find(kDetail);
  return found == metrics.end() ? -1 : found->second;
}

// The rush of arrivals loads a host more than what it then carries, and it gives detail back bit by bit: until that stands still.
// The host's metrics by then.
Result<Metrics> settle(const Host& host, Swarm& swarm, Json& extra) {
  const double start = monotonic_seconds();
  swarm.walk(kWarmUpSeconds);
  auto now = fetch_metrics(host.address());
  double detail = -2;
  while (now.ok() && detail_of(*now) != detail && monotonic_seconds() - start < kSettleSeconds) {
    detail = detail_of(*now);
    swarm.walk(kWarmUpSeconds);
    now = fetch_metrics(host.address());
  }
  extra["settled_s"] = rounded(monotonic_seconds() - start, 1);
  return now;
}

Result<Measured> measure(const CrowdOptions& options, const Host& host, Swarm& swarm) {
  Measured out;
  const auto before = settle(host, swarm, out.extra);
  if (!before.ok()) return before.error();
  const double cpu = host.process().cpu_seconds(), own = own_cpu_seconds(), start = monotonic_seconds();
  out.stats = swarm.walk(options.seconds, true);
  out.wall = monotonic_seconds() - start;
  out.server_core = (host.process().cpu_seconds() - cpu) / out.wall;
  out.client_core = (own_cpu_seconds() - own) / out.wall;
  out.memory = host.process().memory_bytes();
  const auto after = fetch_metrics(host.address());
  if (!after.ok()) return after.error();
  out.tick_p99_ms = 1000 * histogram_percentile(*before, *after, "manyworlds_tick_seconds", 0.99);
  out.clock_error_ms = swarm.clock_error_ms();
  out.extra["detail"] = rounded(detail_of(*after), 2);
  return out;
}

// The others' age with one viewer in ten not reading, against the same crowd before.
Json measure_stall(const CrowdOptions& options, Swarm& swarm, const Measured& before) {
  const double people = static_cast<double>(options.clients);
  swarm.stall(kStalledOneIn);
  swarm.walk(kWarmUpSeconds);
  const double start = monotonic_seconds();
  const SwarmStats stats = swarm.walk(options.seconds);
  const double wall = monotonic_seconds() - start;
  Json out;
  const double reading = people - std::floor(people / kStalledOneIn);
  out["stalled"] = people - reading;
  out["stall_delivered_hz"] = rounded(static_cast<double>(stats.messages) / reading / wall, 2);
  out["stall_age_p99_ms"] = rounded(stats.sight.age_all_ms.percentile(0.99), 1);
  out["stall_age_near_p99_ms"] = rounded(stats.sight.age_20m_ms.percentile(0.99), 1);
  out["stall_age_ratio"] = rounded(
      stats.sight.age_20m_ms.percentile(0.99) / std::max(1.0, before.stats.sight.age_20m_ms.percentile(0.99)), 3);
  out["stalled_age_p99_ms"] = rounded(stats.stalled.age_20m_ms.percentile(0.99), 1);
  out["recovered_s"] = rounded(swarm.recover(10), 2);
  return out;
}

// How long somebody who comes into the full stadium waits until everybody is there for them. A host that has no room without
// breaking its promise keeps them waiting: then it says so.
Result<Json> measure_newcomer(Swarm& swarm, SwarmOptions load, std::size_t everybody) {
  load.clients = load.sampled = 1;
  load.seed += 1'000'000;
  Swarm newcomer(load);
  const double start = monotonic_seconds();
  const Status joined = newcomer.join(1, kNewcomerSeconds, [&] { swarm.walk(0.002); });
  if (!joined.ok() && newcomer.lost() > 0) return joined.error();
  if (!joined.ok())
    return Json{{"newcomer_inside_s", nullptr}, {"newcomer_sees", 0}, {"newcomer_sees_everybody_s", nullptr}};
  const double inside = monotonic_seconds() - start;
  while (newcomer.seen() < everybody && monotonic_seconds() - start < kNewcomerSeconds) {
    newcomer.walk(0.002);
    swarm.walk(0.01);
  }
  const double all = monotonic_seconds() - start;
  return Json{{"newcomer_inside_s", rounded(inside, 2)},
              {"newcomer_sees", newcomer.seen()},
              {"newcomer_sees_everybody_s", newcomer.seen() < everybody ? Json() : Json(rounded(all, 2))}};
}

Json report_of(const CrowdOptions& options, const HostOptions& host, const Measured& measured,
               const std::optional<double>& floor) {
  const SwarmStats& stats = measured.stats;
  const double people = static_cast<double>(options.clients), wall = measured.wall;
  static constexpr const char* kModes[] = {"all", "budget", "stadium", "stall"};
  Json out{{"benchmark", "crowd"},
           {"mode", kModes[static_cast<int>(options.mode)]},
           {"trace", options.trace == Trace::walk ? "walk" : "player"},
           {"input", options.input == Input::every_step ? "every_step" : "reckoned"},
           {"tls", options.tls},
           {"clients", options.clients},
           {"simulated", host.walkers},
           {"seconds", rounded(wall, 1)},
           {"hz", limits::kTickHz},
           {"delivered_hz", rounded(static_cast<double>(stats.messages) / people / wall, 2)},
           {"upstream_hz", rounded(static_cast<double>(stats.claims) / people / wall, 2)},
           {"server_core", rounded(measured.server_core, 3)},
           {"floor_core", floor ? Json(rounded(*floor, 3)) : Json()},
           {"ratio", floor ? Json(rounded(measured.server_core / std::max(*floor, 1e-3), 2)) : Json()},
           {"client_core", rounded(measured.client_core, 3)}};
  const double poses = std::max(1.0, static_cast<double>(stats.sampled_poses));
  out["bytes_per_pose"] = rounded(static_cast<double>(stats.sampled_bytes) / poses, 3);
  out["bytes_per_head"] = Json();  // the wire carries no direction of the head
  out["poses_per_second"] = std::round(static_cast<double>(stats.sampled_poses) /
                                       static_cast<double>(std::max<std::size_t>(1, options.sampled)) / wall);
  out["mbit_per_client"] = rounded(static_cast<double>(stats.bytes) * 8e-6 / people / wall, 3);
  add_sight(out, stats.sight);
  out["clock_error_ms"] = rounded(measured.clock_error_ms, 2);
  out["load_late_p99_ms"] = rounded(stats.late_ms.percentile(0.99), 1);
  // Where the load itself was late by half a tick, ages and angles tell of the machine, not of the server.
  out["load_kept_up"] = stats.late_ms.percentile(0.99) < kLateMs;
  out["tick_p99_ms"] = measured.tick_p99_ms < 0 ? Json() : Json(rounded(measured.tick_p99_ms, 2));
  out["fanout_p99_ms"] = rounded(stats.arrival_ms.percentile(0.99), 1);
  out["memory_mb"] = rounded(static_cast<double>(measured.memory) / 1048576, 1);
  out["memory_kb_per_client"] =
      rounded((static_cast<double>(measured.memory) - static_cast<double>(measured.memory_before)) / 1024 / people, 1);
  out["corrections"] = stats.corrections;
  out["undecodable"] = stats.undecodable;
  out["peer"] = Json();
  out.update(measured.extra);
  return out;
}

}  // namespace

Result<Json> run_crowd(const CrowdOptions& options) {
  raise_file_limit();
  const HostOptions wanted = host_options(options);
  auto host = Host::start(wanted);
  if (!host.ok()) return std::move(host).error();
  pin_to_core(kClientCore);
  const SwarmOptions load = swarm_options(options, wanted, host->address());
  std::optional<Measured> measured;
  {
    const std::uint64_t memory_before = host->process().memory_bytes();
    Swarm swarm(load);
    MW_TRY(swarm.join(kJoinsPerSecond, 30 + static_cast<double>(options.clients) / 50));
    auto result = measure(options, *host, swarm);
    if (!result.ok()) return std::move(result).error();
    measured.emplace(std::move(*result));
    measured->memory_before = memory_before;
    if (options.mode == CrowdMode::stall) measured->extra.update(measure_stall(options, swarm, *measured));
    if (options.mode == CrowdMode::stadium) {
      auto newcomer = measure_newcomer(swarm, load, swarm.inside() + wanted.walkers + 1);
      if (!newcomer.ok()) return std::move(newcomer).error();
      measured->extra.update(*newcomer);
    }
    if (swarm.lost() > 0)
      return failure(ErrorKind::unavailable, format("{} clients were cut off: {}", swarm.lost(), swarm.last_problem()));
  }
  std::optional<double> floor;
  if (options.floor) {
    auto cores = measure_floor(options, *host, load, std::move(measured->stats.slots));
    if (!cores.ok()) return std::move(cores).error();
    floor = *cores;
  }
  Json out = report_of(options, wanted, *measured, floor);
  if (options.peer.empty()) return out;
  auto peer = run_colyseus(
      {.trace = options.trace, .side_m = load.side_m, .seed = options.seed, .patience_s = options.peer_patience_s});
  if (!peer.ok()) return std::move(peer).error();
  out["peer"] = std::move(*peer);
  return out;
}

}  // namespace mw::bench
