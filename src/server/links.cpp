#include "server/links.h"

#include "base/format.h"
#include "platform/process.h"

namespace mw::server {
namespace {

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

}  // namespace

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
