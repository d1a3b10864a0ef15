// A host under measurement: a temporary folder with one flat world, and the real server started on it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/link.h"
#include "bench/process.h"

namespace mw::bench {

struct HostOptions {
  std::string server;  // path of the program; empty: `manyworlds` beside this one
  std::size_t capacity = 1000;
  std::size_t walkers = 0;  // simulated by the server itself
  float side_m = 200;  // of the floor
  float spawn_radius_m = 50;
  bool stadium = false;  // the stadium of the kit instead of a floor; `walkers` are its spectators
  std::vector<std::string> arguments = {};  // further ones of `manyworlds serve`
  bool tls = false;
  int core = 0;
};

class Host {
 public:
  static constexpr const char* kWorld = "flat";
  static Result<Host> start(const HostOptions& options);
  Host(Host&&) noexcept = default;
  ~Host();

  const Address& address() const { return address_; }
  const Process& process() const { return *process_; }
  const std::string& folder() const { return folder_; }
  std::string certificate() const { return folder_ + "/certificate.pem"; }
  std::string key() const { return folder_ + "/key.pem"; }

 private:
  Host() = default;
  std::string folder_;
  Address address_;
  std::optional<Process> process_;
};

}  // namespace mw::bench
