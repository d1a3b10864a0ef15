#include "bench/network.h"

#include <cmath>

#include "base/format.h"
#include "bench/host.h"
#include "bench/relay.h"
#include "bench/swarm.h"

namespace mw::bench {
namespace {

constexpr double kJoinsPerSecond = 20, kJoinSeconds = 30, kWarmUpSeconds = 3;
constexpr float kSideM = 20;  // of the square that they walk in: everybody is near everybody

double rounded(double value, int digits) {
  const double scale = std::pow(10, digits);
  return std::round(value * scale) / scale;
}

Result<Json> measure(const NetworkOptions& options, const SwarmOptions& load, Relay& relay, double loss_percent) {
  relay.set(options.round_trip_ms / 2000, loss_percent / 100);
  Swarm swarm(load);
  MW_TRY(swarm.join(kJoinsPerSecond, kJoinSeconds));
  swarm.walk(kWarmUpSeconds);
  const auto carried = relay.carried(), lost = relay.lost();
  const SwarmStats stats = swarm.walk(options.seconds);
  const auto packets = static_cast<double>(relay.carried() - carried + relay.lost() - lost);
  if (swarm.lost() > 0)
    return failure(ErrorKind::unavailable, format("{} clients were cut off: {}", swarm.lost(), swarm.last_problem()));
  const double people = static_cast<double>(options.clients);
  return Json{
      {"loss_percent", loss_percent},
      {"packets_lost_percent", rounded(100 * static_cast<double>(relay.lost() - lost) / std::max(1.0, packets), 2)},
      {"delivered_hz", rounded(static_cast<double>(stats.messages) / people / options.seconds, 2)},
      {"age_p50_ms", rounded(stats.sight.age_all_ms.percentile(0.5), 1)},
      {"age_p99_ms", rounded(stats.sight.age_all_ms.percentile(0.99), 1)},
      {"lag_p50_ms", rounded(stats.sight.lag_ms.percentile(0.5), 1)},
      {"corrections", stats.corrections},
      {"undecodable", stats.undecodable},
      {"load_late_p99_ms", rounded(stats.late_ms.percentile(0.99), 1)},
      {"clock_error_ms", rounded(swarm.clock_error_ms(), 1)}};
}

}  // namespace

Result<Json> run_network(const NetworkOptions& options) {
  auto relay = Relay::make(options.seed);
  if (!relay.ok()) return std::move(relay).error();
  MW_TRY((*relay)->enter(Relay::Side::host));
  const std::string address = Relay::kAddresses[static_cast<int>(Relay::Side::host)];
  HostOptions wanted;
  wanted.server = options.server;
  // Whoever left a moment ago keeps a place for a while.
  wanted.capacity = options.clients * (options.loss_percent.size() + 1);
  wanted.arguments = {"--listen", address, "--max-connections-per-address", format("{}", wanted.capacity)};
  wanted.core = -1;
  const auto host = Host::start(wanted);
  if (!host.ok()) return host.error();
  MW_TRY((*relay)->enter(Relay::Side::visitors));
  SwarmOptions load;
  load.address = {address, host->address().port, false};
  load.world = Host::kWorld;
  load.clients = load.sampled = options.clients;
  load.side_m = kSideM;
  load.spread = true;
  load.seed = options.seed;
  Json runs = Json::array();
  for (const double loss : options.loss_percent) {
    auto run = measure(options, load, **relay, loss);
    if (!run.ok()) return std::move(run).error();
    runs.push_back(*std::move(run));
  }
  return Json{{"benchmark", "network"},
              {"clients", options.clients},
              {"round_trip_ms", options.round_trip_ms},
              {"seconds", options.seconds},
              {"runs", std::move(runs)}};
}

}  // namespace mw::bench
