#include "edge/policy.h"

#include <algorithm>

#include "base/format.h"

namespace mw::edge {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Letters, digits and what names, ports and IPv6 literals need: nothing that could end a header's directive.
bool plain_host(std::string_view host) {
  return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == ':' || c == '[' || c == ']' || c == '_';
  });
}

std::string without_default_port(std::string host, std::string_view scheme) {
  const std::string_view port = scheme == "https" ? ":443" : ":80";
  if (host.size() > port.size() && std::string_view(host).substr(host.size() - port.size()) == port)
    host.resize(host.size() - port.size());
  return host;
}

// An address in X-Forwarded-For may carry a port.
std::string address_of(std::string_view entry) {
  entry = trim(entry);
  if (auto address = platform::canonical_address(entry)) return *address;
  const auto colon = entry.rfind(':');
  if (colon != std::string_view::npos)
    if (auto address = platform::canonical_address(entry.substr(0, colon))) return *address;
  return {};
}

Result<std::vector<std::string>> origins_of(const std::vector<std::string>& list, std::string_view field, bool& any) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == "*") {
      any = true;
      continue;
    }
    auto origin = canonical_origin(list[i]);
    if (!origin) return invalid(mw::format("{}[{}]", field, i), origin.error().message);
    out.push_back(std::move(*origin));
  }
  return out;
}

}  // namespace

Result<std::string> canonical_origin(std::string_view text) {
  const std::string origin = lower(trim(text));
  const auto colon = origin.find("://");
  const std::string scheme = colon == std::string::npos ? std::string() : origin.substr(0, colon);
  if (scheme != "http" && scheme != "https") return invalid({}, "expected an origin such as https://example.org");
  const std::string host = origin.substr(colon + 3);
  if (!plain_host(host)) return invalid({}, "expected an origin such as https://example.org, without a path");
  return scheme + "://" + without_default_port(host, scheme);
}

Result<Policy> Policy::make(const EdgesConfig& config) {
  Policy policy;
  for (std::size_t i = 0; i < config.trusted_proxies.size(); ++i) {
    auto network = platform::Network::parse(config.trusted_proxies[i]);
    if (!network) return invalid(mw::format("trusted_proxies[{}]", i), network.error().message);
    policy.proxies_.push_back(*network);
  }
  auto origins = origins_of(config.allowed_origins, "allowed_origins", policy.any_origin_);
  if (!origins) return std::move(origins).error();
  policy.origins_ = std::move(*origins);
  bool anyone = false;
  const auto embedders = origins_of(config.embed_origins, "embed_origins", anyone);
  if (!embedders) return embedders.error();
  policy.frame_ancestors_ = anyone ? "*" : "'self'";
  if (!anyone)
    for (const std::string& origin : *embedders) policy.frame_ancestors_ += " " + origin;
  return policy;
}

bool Policy::trusted_proxy(std::string_view address) const {
  return std::any_of(proxies_.begin(), proxies_.end(), [&](const auto& network) { return network.contains(address); });
}

Policy::Origin Policy::peer_of(const platform::Endpoint& socket, bool tls, const Request& request) const {
  Origin peer{socket.address, tls, socket.loopback};
  if (!trusted_proxy(socket.address)) return peer;
  peer.loopback = false;  // the proxy may be here, the visitor is not
  if (request.forwarded_proto == "https") peer.secure = true;
  // From the right: the last entry was added by the proxy that we trust; every trusted one vouches for the one before it.
  std::string_view list = request.forwarded_for;
  while (!list.empty()) {
    const auto comma = list.rfind(',');
    const std::string address = address_of(comma == std::string_view::npos ? list : list.substr(comma + 1));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
    if (address.empty()) break;
    peer.address = address;
    if (!trusted_proxy(address)) break;
  }
  return peer;
}

bool Policy::origin_allowed(std::string_view origin, std::string_view host) const {
  if (origin.empty() || any_origin_) return true;
  const auto canonical = canonical_origin(origin);
  if (!canonical) return false;  // "null", for one: a sandboxed frame, a file
  const std::string scheme = canonical->substr(0, canonical->find(':'));
  if (plain_host(host) && *canonical == scheme + "://" + without_default_port(lower(host), scheme)) return true;
  return std::find(origins_.begin(), origins_.end(), *canonical) != origins_.end();
}

std::string Policy::content_security_policy(std::string_view host) const {
  // data: reaches nobody, and a glTF file may hold its buffers in itself.
  std::string connect = "'self' data:";
  if (plain_host(host)) connect += mw::format(" ws://{} wss://{}", host, host);
  return mw::format(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self'; img-src "
      "'self' data: "
      "blob:; font-src 'self'; manifest-src 'self'; connect-src {}; base-uri 'none'; form-action 'none'; "
      "frame-ancestors {}",
      connect, frame_ancestors_);
}

}  // namespace mw::edge
