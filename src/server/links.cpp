#include "server/links.h"

#include <charconv>

#include "base/format.h"
#include "platform/process.h"

namespace mw::server {
namespace {

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

}  // namespace

edge::EdgesConfig edges_config(const HostOptions& options) {
  edge::EdgesConfig config;
  config.listen = options.listen;
  config.port = static_cast<std::uint16_t>(options.port);
  config.loops = static_cast<int>(options.edge_threads);
  for (const auto& core : options.cores) {
    int number = 0;
    std::from_chars(core.data(), core.data() + core.size(), number);
    config.cores.push_back(number);
  }
  config.tls_certificate = options.tls_certificate;
  config.tls_key = options.tls_key;
  config.trusted_proxies = options.trusted_proxies;
  config.allowed_origins = options.allowed_origins;
  config.embed_origins = options.embed_origins;
  config.max_connections = static_cast<std::size_t>(options.max_connections);
  config.max_connections_per_address = static_cast<std::size_t>(options.max_connections_per_address);
  config.metrics_open = options.metrics_open;
  return config;
}

AvatarRules avatar_rules(const HostOptions& options) {
  return {options.avatar_uploads, static_cast<std::size_t>(options.avatar_mb) << 20,
          static_cast<std::size_t>(options.avatars_per_visitor),
          static_cast<std::uint64_t>(options.avatars_total_mb) << 20};
}

std::string link_to(const HostOptions& options, std::uint16_t port, const std::string& address) {
  if (address.empty() && !options.public_url.empty())
    return options.public_url.ends_with('/') ? options.public_url : options.public_url + "/";
  std::string host = address.empty() ? options.listen : address;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return format("{}://{}:{}/", options.tls_certificate.empty() ? "http" : "https", host, port);
}

std::vector<std::string> network_links(const HostOptions& options, std::uint16_t port) {
  const auto& listen = options.listen;
  std::vector<std::string> links;
  if (is_loopback(listen) || !options.public_url.empty()) return links;
  if (listen != "0.0.0.0" && listen != "::") return {link_to(options, port, listen)};
  for (const auto& address : platform::addresses())
    if (listen == "::" || address.find(':') == std::string::npos) links.push_back(link_to(options, port, address));
  return links;
}

}  // namespace mw::server
