// A connection that this host opens to another one, for one exchange: blocking, under one deadline, plain or TLS. Names come from
// outside, so that the address is checked after the name was resolved, and the connection goes to the very address that
// was checked: whoever names a host cannot make this one reach into its own network.
// Source: RFC 6890 and the IANA registries of special-purpose addresses; RFC 6761 (localhost); RFC 6125 (names in certificates).
// Thread: any that may block; one at a time for each connection.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::platform {

// Is it an address that anybody on the Internet may be asked to reach? False for private, local, shared, documentation,
// multicast and translated ones, and for what is no address.
bool public_address(std::string_view address);
bool loopback_address(std::string_view address);
// A loopback address, "localhost" or a name under it.
bool names_this_machine(std::string_view host);

struct DialTarget {
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 443;
  bool tls = true;
  // For tests and hosts on one machine: 127.0.0.0/8 and ::1, and every name under "localhost", which is never looked up.
  bool loopback_allowed = false;
  std::string authorities;  // PEM file of the certificates that are believed; empty: the system's
  // So many bytes received move the deadline by a second, so that what is large may take longer, and what stands still may not. 0:
  // nothing moves it.
  std::size_t bytes_per_s = 0;
};

class Dialled {
 public:
  virtual ~Dialled() = default;
  // All of it. Errors: `unavailable` (broken, or the deadline).
  virtual Status send(ByteView bytes) = 0;
  // Some bytes; 0 when the peer has ended. Errors as above.
  virtual Result<std::size_t> receive(std::span<Byte> out) = 0;
};

// `deadline_ns` is monotonic (clock.h) and bounds connecting and all that follows, but for `bytes_per_s`; the look-up of a name alone is bounded by the
// system's resolver. Errors: `forbidden` when the name leads to no address that may be reached, `not_found` when it leads
// nowhere, `unavailable` (refused, time, a certificate that does not fit).
Result<std::unique_ptr<Dialled>> dial(const DialTarget& target, std::int64_t deadline_ns);

}  // namespace mw::platform
