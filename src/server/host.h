// A running host: reads the worlds, opens the store, starts the edges and the control loop, and ends in good order.
// Threads: the caller's (start, wait, stop), the control loop, the store's, the edge loops.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "edge/content.h"
#include "server/options.h"
#include "world/description.h"

namespace mw::server {

struct HostStart {
  HostOptions options;
  std::string worlds;  // folder
  std::shared_ptr<const edge::ContentSource> client;  // the browser client; may be null
  bool handle_signals = false;  // SIGTERM and SIGINT end wait()
};

class Host {
 public:
  // Returns when it listens. Errors name the option, file or folder that is to blame.
  static Result<std::unique_ptr<Host>> start(HostStart start);
  ~Host();  // stops

  std::uint16_t port() const;
  std::string visitor_link() const;                  // "http://127.0.0.1:8080/"
  std::vector<std::string> network_links() const;    // by the machine's addresses, when it listens to them
  const std::string& operator_link() const;          // empty when none was asked for
  const std::vector<world::Problem>& problems() const;  // of the worlds
  std::vector<std::string> open_worlds() const;
  double start_seconds() const;

  void wait();          // until a signal, or request_stop
  void request_stop();  // any thread
  // Graceful end: tells the visitors, saves, closes, within limits::kDrainMs and a little.
  void stop();

 private:
  struct State;
  explicit Host(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

std::string_view version();  // of this program

}  // namespace mw::server
