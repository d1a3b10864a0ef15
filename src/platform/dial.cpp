#include "platform/dial.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/format.h"
#include "platform/clock.h"
#include "platform/tcp.h"

namespace mw::platform {
namespace {

Error unreachable(std::string why) { return failure(ErrorKind::unavailable, std::move(why)); }

template <std::size_t N>
bool in_one_of(const std::array<const char*, N>& networks, std::string_view address) {
  return std::any_of(networks.begin(), networks.end(), [&](const char* network) {
    const auto parsed = Network::parse(network);
    MW_ASSERT(parsed.ok());
    return parsed->contains(address);
  });
}

bool is_v4(std::string_view canonical) { return canonical.find(':') == std::string_view::npos; }

bool under_localhost(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  return host == kName ||
         (host.ends_with(kName) && host.size() > kName.size() && host[host.size() - kName.size() - 1] == '.');
}

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string text;
};

Endpoint endpoint_of(const sockaddr* address, socklen_t size) {
  Endpoint end;
  std::memcpy(&end.address, address, size);
  end.size = size;
  char text[INET6_ADDRSTRLEN]{};
  if (address->sa_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  else
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
  end.text = text;
  return end;
}

// The addresses of a name, only those that may be reached.
Result<std::vector<Endpoint>> resolve(const DialTarget& target) {
  const bool local_name = under_localhost(target.host);
  if (local_name && !target.loopback_allowed)
    return Error{ErrorKind::forbidden, target.host, "this machine itself may not be reached"};
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (local_name ? AI_NUMERICHOST : 0);
  const std::string name = local_name ? "127.0.0.1" : target.host, port = mw::format("{}", target.port);
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(name.c_str(), port.c_str(), &hints, &found); code != 0)
    return Error{ErrorKind::not_found, target.host, mw::format("cannot be found: {}", ::gai_strerror(code))};
  std::vector<Endpoint> ends;
  std::size_t refused = 0;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
    Endpoint end = endpoint_of(one->ai_addr, one->ai_addrlen);
    if (public_address(end.text) || (target.loopback_allowed && loopback_address(end.text)))
      ends.push_back(std::move(end));
    else
      ++refused;
  }
  ::freeaddrinfo(found);
  if (!ends.empty()) return ends;
  if (refused > 0)
    return Error{ErrorKind::forbidden, target.host, "leads to an address inside a network, which may not be reached"};
  return Error{ErrorKind::not_found, target.host, "has no address"};
}

class Connection final : public Dialled {
 public:
  Connection(std::int64_t deadline_ns, std::size_t bytes_per_s)
      : deadline_ns_(deadline_ns),
        silence_ns_(deadline_ns - monotonic_ns()),
        bytes_per_s_(static_cast<std::int64_t>(bytes_per_s)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override {
    if (ssl_ != nullptr) SSL_free(ssl_);
    if (context_ != nullptr) SSL_CTX_free(context_);
    if (socket_ >= 0) ::close(socket_);
  }

  Status connect_to(const Endpoint& end) {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    socket_ = ::socket(end.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_ < 0) return unreachable("no socket");
    const int one = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&end.address), end.size) == 0) return ok();
    if (errno != EINPROGRESS) return unreachable(mw::format("{}: {}", end.text, std::strerror(errno)));
    MW_TRY(wait(POLLOUT));
    int code = 0;
    socklen_t size = sizeof code;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &code, &size);
    if (code != 0) return unreachable(mw::format("{}: {}", end.text, std::strerror(code)));
    return ok();
  }

  Status start_tls(const DialTarget& target) {
    context_ = SSL_CTX_new(TLS_client_method());
    MW_ASSERT(context_ != nullptr);
    SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    const bool loaded = target.authorities.empty()
                            ? SSL_CTX_set_default_verify_paths(context_) == 1
                            : SSL_CTX_load_verify_locations(context_, target.authorities.c_str(), nullptr) == 1;
    if (!loaded) return Error{ErrorKind::unavailable, target.authorities, "no certificates to believe"};
    ssl_ = SSL_new(context_);
    MW_ASSERT(ssl_ != nullptr);
    const bool address = canonical_address(target.host).ok();
    if (address)
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), target.host.c_str());
    else if (SSL_set1_host(ssl_, target.host.c_str()) != 1 || SSL_set_tlsext_host_name(ssl_, target.host.c_str()) != 1)
      return invalid(target.host, "is no name of a host");
    SSL_set_fd(ssl_, socket_);
    while (true) {
      const int result = SSL_connect(ssl_);
      if (result == 1) return ok();
      const auto again = wait_for_tls(result);
      if (again.ok()) continue;
      const long verified = SSL_get_verify_result(ssl_);
      if (verified != X509_V_OK)
        return unreachable(mw::format("{}: its certificate: {}", target.host, X509_verify_cert_error_string(verified)));
      return again.error();
    }
  }

  Status send(ByteView bytes) override {
    while (!bytes.empty()) {
      if (ssl_ != nullptr) {
        const int part = static_cast<int>(std::min<std::size_t>(bytes.size(), 16'384));
        const int put = SSL_write(ssl_, bytes.data(), part);
        if (put > 0)
          bytes = bytes.subspan(static_cast<std::size_t>(put));
        else
          MW_TRY(wait_for_tls(put));
        continue;
      }
      const ssize_t put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put > 0)
        bytes = bytes.subspan(static_cast<std::size_t>(put));
      else if (errno == EAGAIN || errno == EINTR)
        MW_TRY(wait(POLLOUT));
      else
        return unreachable(mw::format("the connection broke: {}", std::strerror(errno)));
    }
    return ok();
  }

  Result<std::size_t> receive(std::span<Byte> out) override {
    while (true) {
      // Bytes that trickle in must not outlive the deadline.
      if (monotonic_ns() >= deadline_ns_) return unreachable("it took too long");
      if (ssl_ != nullptr) {
        const int got = SSL_read(ssl_, out.data(), static_cast<int>(std::min<std::size_t>(out.size(), 1u << 20)));
        if (got > 0) return came(got);
        if (SSL_get_error(ssl_, got) == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
        MW_TRY(wait_for_tls(got));
        continue;
      }
      const ssize_t got = ::recv(socket_, out.data(), out.size(), 0);
      if (got >= 0) return came(got);
      if (errno != EAGAIN && errno != EINTR)
        return unreachable(mw::format("the connection broke: {}", std::strerror(errno)));
      MW_TRY(wait(POLLIN));
    }
  }

 private:
  std::size_t came(std::int64_t bytes) {
    if (bytes_per_s_ > 0) {
      // What came fast buys no long silence afterwards.
      const std::int64_t bought = deadline_ns_ + bytes * 1'000'000'000 / bytes_per_s_;
      deadline_ns_ = std::max(deadline_ns_, std::min(bought, monotonic_ns() + silence_ns_));
    }
    return static_cast<std::size_t>(bytes);
  }

  Status wait(short events) {
    const std::int64_t left_ms = (deadline_ns_ - monotonic_ns()) / 1'000'000;
    if (left_ms <= 0) return unreachable("it took too long");
    pollfd poll{socket_, events, 0};
    const int ready = ::poll(&poll, 1, static_cast<int>(std::min<std::int64_t>(left_ms + 1, 1'000'000)));
    if (ready < 0 && errno != EINTR) return unreachable("the connection broke");
    if (ready == 0) return unreachable("it took too long");
    return ok();
  }

  Status wait_for_tls(int result) {
    const int code = SSL_get_error(ssl_, result);
    if (code == SSL_ERROR_WANT_READ) return wait(POLLIN);
    if (code == SSL_ERROR_WANT_WRITE) return wait(POLLOUT);
    ERR_clear_error();
    return unreachable("the TLS connection broke");
  }

  std::int64_t deadline_ns_, silence_ns_, bytes_per_s_;
  int socket_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
};

}  // namespace

bool loopback_address(std::string_view address) {
  const auto canonical = canonical_address(address);
  static constexpr std::array<const char*, 2> kLoopback = {"127.0.0.0/8", "::1"};
  return canonical.ok() && in_one_of(kLoopback, *canonical);
}

bool names_this_machine(std::string_view host) { return under_localhost(host) || loopback_address(host); }

bool public_address(std::string_view address) {
  const auto canonical = canonical_address(address);
  if (!canonical.ok()) return false;
  static constexpr std::array<const char*, 16> kInside4 = {
      "0.0.0.0/8",      "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",       "169.254.0.0/16", "172.16.0.0/12",
      "192.0.0.0/24",   "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",    "198.18.0.0/15",  "198.51.100.0/24",
      "203.0.113.0/24", "224.0.0.0/4",  "240.0.0.0/4",    "255.255.255.255/32"};
  if (is_v4(*canonical)) return !in_one_of(kInside4, *canonical);
  // Of IPv6 only what is given out as global unicast, without tunnels, documentation and protocol assignments.
  static constexpr std::array<const char*, 1> kGlobal6 = {"2000::/3"};
  static constexpr std::array<const char*, 4> kInside6 = {"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"};
  return in_one_of(kGlobal6, *canonical) && !in_one_of(kInside6, *canonical);
}

Result<std::unique_ptr<Dialled>> dial(const DialTarget& target, std::int64_t deadline_ns) {
  const auto ends = resolve(target);
  MW_TRY(ends);
  auto connection = std::make_unique<Connection>(deadline_ns, target.bytes_per_s);
  Status status = unreachable("no address");
  for (const auto& end : *ends) {
    status = connection->connect_to(end);
    if (status.ok()) break;
  }
  MW_TRY(status);
  if (target.tls) MW_TRY(connection->start_tls(target));
  return std::unique_ptr<Dialled>(std::move(connection));
}

}  // namespace mw::platform
