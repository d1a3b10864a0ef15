#include "bench/metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/format.h"

namespace mw::bench {
namespace {

// The whole answer to one request; the host closes after it.
std::string exchange(int fd, SSL* ssl, const std::string& request) {
  std::string answer;
  char buffer[16 << 10];
  if (ssl != nullptr) {
    SSL_set_fd(ssl, fd);
    if (SSL_connect(ssl) != 1 || SSL_write(ssl, request.data(), static_cast<int>(request.size())) <= 0) return answer;
    for (int n; (n = SSL_read(ssl, buffer, sizeof buffer)) > 0;) answer.append(buffer, static_cast<std::size_t>(n));
  } else {
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) return answer;
    for (ssize_t n; (n = recv(fd, buffer, sizeof buffer, 0)) > 0;) answer.append(buffer, static_cast<std::size_t>(n));
  }
  return answer;
}

}  // namespace

Metrics parse_metrics(std::string_view text) {
  Metrics metrics;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t space = line.rfind(' ');
    if (line.empty() || line.front() == '#' || space == std::string_view::npos) continue;
    metrics.emplace(line.substr(0, space), std::strtod(std::string(line.substr(space + 1)).c_str(), nullptr));
  }
  return metrics;
}

Result<Metrics> fetch_metrics(const Address& address) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(address.port));
  inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
  const timeval patience{5, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  SSL_CTX* context = address.tls ? SSL_CTX_new(TLS_client_method()) : nullptr;
  SSL* ssl = context != nullptr ? SSL_new(context) : nullptr;
  std::string answer;
  if (fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0)
    answer = exchange(
        fd, ssl,
        format("GET /metrics HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n", address.host, address.port));
  if (ssl != nullptr) SSL_free(ssl);
  if (context != nullptr) SSL_CTX_free(context);
  if (fd >= 0) ::close(fd);
  if (!answer.starts_with("HTTP/1.1 200"))
    return failure(ErrorKind::unavailable, format("/metrics: expected 200, found \"{}\"", answer.substr(0, 40)));
  return parse_metrics(answer);
}

double histogram_percentile(const Metrics& before, const Metrics& after, std::string_view name, double share) {
  const std::string prefix = format("{}_bucket{{le=\"", name);
  std::vector<std::pair<double, double>> buckets;  // upper bound, count up to it
  for (auto line = after.lower_bound(prefix); line != after.end() && line->first.starts_with(prefix); ++line) {
    const auto old = before.find(line->first);
    buckets.emplace_back(std::strtod(line->first.c_str() + prefix.size(), nullptr),
                         line->second - (old == before.end() ? 0 : old->second));
  }
  std::sort(buckets.begin(), buckets.end());
  if (buckets.empty() || buckets.back().second <= 0) return -1;
  const double wanted = share * buckets.back().second;
  double low = 0, below = 0;
  for (const auto& [bound, count] : buckets) {
    // Beyond the last bound nothing is known but that.
    if (count >= wanted) return bound > 1e9 ? low : low + (bound - low) * (wanted - below) / (count - below);
    low = bound;
    below = count;
  }
  return low;
}

}  // namespace mw::bench
