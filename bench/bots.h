// Simulated visitors for a running host, over real sockets: `manyworlds bots URL --count N`. They are named as bots.
#pragma once

#include <string>

#include "base/result.h"

namespace mw::bench {

struct BotOptions {
  std::string url = "http://127.0.0.1:8080";
  std::string world = "plaza";
  int count = 10;
  double seconds = 0;  // 0: until SIGINT or SIGTERM
  int hz = 10;         // claims a second, 1 to 20
  float side_m = 24;   // of the square around their entrance in which they walk
  bool player = false; // keyboard-like motion instead of a stroll
};

// Prints a line every few seconds. Returns the process's exit status. Errors are told on standard error.
int run_bots(const BotOptions& options);

}  // namespace mw::bench
