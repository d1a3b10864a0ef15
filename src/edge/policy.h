// Who may do what before any session exists: origins, proxies, embedding; and the security headers that say so to browsers.
// Thread: immutable after construction; any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "edge/edges.h"
#include "edge/request.h"
#include "platform/tcp.h"

namespace mw::edge {

class Policy {
 public:
  static Result<Policy> make(const EdgesConfig& config);  // errors name the field: "trusted_proxies[1]"

  // Who is at the other end, and whether their way here is encrypted: the socket's, or what a trusted proxy says.
  struct Origin {
    std::string address;
    bool secure = false;
    bool loopback = false;  // reached from this machine, and not through a proxy
  };
  Origin peer_of(const platform::Endpoint& socket, bool tls, const Request& request) const;
  bool trusted_proxy(std::string_view address) const;

  // A page of this origin may connect: none is no browser; the host itself by its Host header; or a configured one.
  bool origin_allowed(std::string_view origin, std::string_view host) const;

  // Content-Security-Policy of every answer. `host` of the request, so that older browsers let the page connect.
  std::string content_security_policy(std::string_view host) const;

 private:
  std::vector<platform::Network> proxies_;
  std::vector<std::string> origins_;
  bool any_origin_ = false;
  std::string frame_ancestors_;
};

// "https://example.org:8443" in lower case, without a default port or a path. Error: invalid.
Result<std::string> canonical_origin(std::string_view text);

}  // namespace mw::edge
