#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>
#include <optional>

#include "platform/tcp.h"

namespace mw::platform {
namespace {

struct Address {
  unsigned char bytes[16]{};
  bool v4 = false;
};

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  if (text.empty() || text.size() > 45) return std::nullopt;
  const std::string terminated(text);
  Address address;
  in_addr v4{};
  if (::inet_pton(AF_INET, terminated.c_str(), &v4) == 1) {
    address.bytes[10] = address.bytes[11] = 0xff;
    std::memcpy(address.bytes + 12, &v4, 4);
    address.v4 = true;
    return address;
  }
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes) != 1) return std::nullopt;
  in6_addr v6{};
  std::memcpy(&v6, address.bytes, 16);
  address.v4 = IN6_IS_ADDR_V4MAPPED(&v6);
  return address;
}

}  // namespace

Result<std::string> canonical_address(std::string_view text) {
  const auto address = parse_address(text);
  if (!address) return failure(ErrorKind::not_found, "not an IP address");
  char out[INET6_ADDRSTRLEN]{};
  ::inet_ntop(address->v4 ? AF_INET : AF_INET6, address->v4 ? address->bytes + 12 : address->bytes, out, sizeof out);
  return std::string(out);
}

Result<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return invalid({}, "expected an address such as 10.0.0.1 or a network such as 10.0.0.0/8");
  Network network;
  std::memcpy(network.bytes_, address->bytes, 16);
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    int bits = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const int most = address->v4 ? 32 : 128;
    if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 || bits > most)
      return invalid({}, "the length after the slash is not one of this kind of network");
    network.bits_ = address->v4 ? bits + 96 : bits;
  }
  return network;
}

bool Network::contains(std::string_view text) const {
  const auto address = parse_address(text);
  if (!address) return false;
  const int whole = bits_ / 8, rest = bits_ % 8;
  if (std::memcmp(bytes_, address->bytes, static_cast<std::size_t>(whole)) != 0) return false;
  if (rest == 0) return true;
  const int mask = 0xff << (8 - rest) & 0xff;
  return ((bytes_[whole] ^ address->bytes[whole]) & mask) == 0;
}

}  // namespace mw::platform
