// The floor: a program that only reads the same input and writes the same bytes on as many sockets, at the same rate, and
// does nothing else. What a real server costs above it is what the server does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace mw::bench {

struct FloorOptions {
  int hz = 20;
  // Payload bytes of the message in each tick, 0: none; repeated. Client i gets those of row i, modulo their number.
  std::vector<std::vector<std::uint32_t>> slots;
  std::string certificate, key;  // PEM files; empty without TLS
};

// Serves until it is killed; `listener` is a listening socket.
void serve_floor(int listener, const FloorOptions& options);

// A listening TCP socket on loopback, on a free port.
Result<int> listen_on_loopback(int& port);

// Makes a self-signed P-256 certificate for localhost, for ten days.
Status make_certificate(const std::string& certificate_file, const std::string& key_file);

}  // namespace mw::bench
