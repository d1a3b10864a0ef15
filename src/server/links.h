// Where a host is reached: the links that it prints and gives out.
// Thread: pure functions, apart from `network_links`, which asks the kernel for this machine's addresses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "edge/edges.h"
#include "server/avatars.h"
#include "server/options.h"

namespace mw::server {

// What the options say of the edges, and of figures that people bring.
edge::EdgesConfig edges_config(const HostOptions& options);
AvatarRules avatar_rules(const HostOptions& options);

// "http://127.0.0.1:8080/"; with an empty address the option public_url, or else where it listens.
std::string link_to(const HostOptions& options, std::uint16_t port, const std::string& address = "");

// For other devices of the same network; none where the host is for this machine alone or has a public address.
std::vector<std::string> network_links(const HostOptions& options, std::uint16_t port);

}  // namespace mw::server
