#include "bench/floor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <unordered_map>

#include "base/bytes.h"
#include "base/format.h"
#include "bench/process.h"

namespace mw::bench {
namespace {

struct Peer {
  int fd = -1;
  SSL* ssl = nullptr;
  bool upgraded = false;
  std::size_t left = 0;  // bytes of a message that has started
};

class Floor {
 public:
  Floor(int listener, const FloorOptions& options) : listener_(listener), options_(options) {
    epoll_ = epoll_create1(0);
    watch(listener_, nullptr, EPOLLIN);
    std::uint32_t largest = 0;
    for (const auto& row : options_.slots)
      for (const std::uint32_t size : row) largest = std::max(largest, size);
    bytes_.assign(largest + 32, 0);
    if (options_.certificate.empty()) return;
    tls_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate_chain_file(tls_, options_.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(tls_, options_.key.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }

  void serve() {
    const double start = monotonic_seconds();
    for (std::uint64_t tick = 1;; ++tick) {
      for (;;) {
        const double wait = start + static_cast<double>(tick) / options_.hz - monotonic_seconds();
        if (wait <= 0) break;
        poll(static_cast<int>(wait * 1000) + 1);
      }
      if (!options_.slots.empty()) write_all(tick);
    }
  }

 private:
  void watch(int fd, Peer* peer, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = peer;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void poll(int timeout_ms) {
    epoll_event events[512];
    const int count = epoll_wait(epoll_, events, 512, timeout_ms);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.ptr) {
        read(*static_cast<Peer*>(events[i].data.ptr));
      } else {
        accept();
      }
    }
  }

  void accept() {
    for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto peer = std::make_unique<Peer>();
      peer->fd = fd;
      if (tls_) {
        peer->ssl = SSL_new(tls_);
        SSL_set_fd(peer->ssl, fd);
        SSL_set_accept_state(peer->ssl);
      }
      watch(fd, peer.get(), EPOLLIN);
      peers_.push_back(std::move(peer));
    }
  }

  void read(Peer& peer) {
    Byte buffer[4096];
    const ssize_t n = peer.ssl ? SSL_read(peer.ssl, buffer, sizeof buffer) : recv(peer.fd, buffer, sizeof buffer, 0);
    if (n == 0 || (n < 0 && !peer.ssl && errno != EAGAIN)) {
      epoll_ctl(epoll_, EPOLL_CTL_DEL, peer.fd, nullptr);
      peer.upgraded = false;
      return;
    }
    if (n <= 0 || peer.upgraded) return;
    static constexpr std::string_view kAnswer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    write_some(peer, as_bytes(kAnswer));
    peer.upgraded = true;
  }

  // Writes until the socket takes no more; TLS takes at most one record (16 KiB) at a time.
  std::size_t write_some(Peer& peer, ByteView bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ByteView rest = bytes.subspan(sent);
      const ssize_t n = peer.ssl ? SSL_write(peer.ssl, rest.data(), static_cast<int>(rest.size()))
                                 : send(peer.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += static_cast<std::size_t>(n);
    }
    return sent;
  }

  std::size_t write_header(std::uint32_t size) {
    const std::size_t header = size < 126 ? 2 : size <= 0xffff ? 4 : 10;
    bytes_[0] = 0x82;
    bytes_[1] = static_cast<Byte>(header == 2 ? size : header == 4 ? 126 : 127);
    for (std::size_t i = 2; i < 10; ++i) bytes_[i] = 0;
    for (std::size_t i = 2; i < header; ++i)
      bytes_[i] = static_cast<Byte>(std::uint64_t{size} >> (8 * (header - 1 - i)));
    return header;
  }

  void write_all(std::uint64_t tick) {
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      Peer& peer = *peers_[i];
      const auto& row = options_.slots[i % options_.slots.size()];
      if (!peer.upgraded || row.empty()) continue;
      if (peer.left > 0) {  // the rest of the message before; its bytes are all zero
        peer.left -= write_some(peer, ByteView(bytes_).subspan(10, peer.left));
        continue;
      }
      const std::uint32_t size = row[tick % row.size()];
      if (size == 0) continue;
      const std::size_t total = write_header(size) + size;
      peer.left = total - write_some(peer, {bytes_.data(), total});
      // Nothing went: this one misses a frame. A TLS record that was made must go first, whatever is written next.
      if (peer.left == total && !peer.ssl) peer.left = 0;
    }
  }

  int listener_;
  FloorOptions options_;
  int epoll_ = -1;
  SSL_CTX* tls_ = nullptr;
  std::vector<std::unique_ptr<Peer>> peers_;
  Bytes bytes_;
};

}  // namespace

void serve_floor(int listener, const FloorOptions& options) { Floor(listener, options).serve(); }

Result<int> listen_on_loopback(int& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 4096) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return failure(ErrorKind::unavailable, format("listen: {}", std::strerror(errno)));
  port = ntohs(address.sin_port);
  return fd;
}

Status make_certificate(const std::string& certificate_file, const std::string& key_file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 10 * 24 * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  FILE* out = std::fopen(certificate_file.c_str(), "w");
  FILE* secret = std::fopen(key_file.c_str(), "w");
  const bool written = out && secret && PEM_write_X509(out, certificate) == 1 &&
                       PEM_write_PrivateKey(secret, key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (out) std::fclose(out);
  if (secret) std::fclose(secret);
  X509_free(certificate);
  EVP_PKEY_free(key);
  if (!written) return failure(ErrorKind::unavailable, format("cannot write {}", certificate_file));
  return ok();
}

}  // namespace mw::bench
