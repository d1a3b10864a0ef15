#include "bench/link.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/format.h"
#include "base/limits.h"

namespace mw::bench {
namespace {

// One buffer for all links of the thread: what was read is consumed before the next read.
constexpr std::size_t kReadBytes = 256u << 10;
thread_local Byte read_buffer[kReadBytes];

constexpr Byte kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;

}  // namespace

Result<Address> parse_address(std::string_view url) {
  Address address;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    address.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  }
  rest = rest.substr(0, rest.find_first_of("/#?"));
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) {
    address.host = rest;
    address.port = address.tls ? 443 : 80;
    return address;
  }
  address.host = rest.substr(0, colon);
  const std::string_view port = rest.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size() || address.port < 1 || address.port > 65535)
    return invalid("url", format("expected a port from 1 to 65535, found \"{}\"", port));
  return address;
}

Link::~Link() {
  if (ssl_) SSL_free(ssl_);
  if (fd_ >= 0) ::close(fd_);
}

Status Link::connect(const Address& address, SSL_CTX* tls) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0)
    return failure(ErrorKind::not_found, format("no address for {}", address.host));
  fd_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int rc = fd_ < 0 ? -1 : ::connect(fd_, found->ai_addr, found->ai_addrlen);
  const int error = errno;
  freeaddrinfo(found);
  if (rc != 0 && error != EINPROGRESS)
    return failure(ErrorKind::unavailable, format("connect: {}", std::strerror(error)));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  address_ = address;
  state_ = State::connecting;
  if (tls) {
    ssl_ = SSL_new(tls);
    SSL_set_fd(ssl_, fd_);
    SSL_set_connect_state(ssl_);
  }
  return ok();
}

bool Link::wants_write() const { return state_ == State::connecting || !out_.empty(); }

void Link::close(std::string_view why) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  if (ssl_) SSL_free(ssl_);
  ssl_ = nullptr;
  ::close(fd_);
  fd_ = -1;
  if (events_->closed) events_->closed(*this, why);
}

void Link::begin_upgrade() {
  state_ = State::upgrading;
  std::string request = format(
      "GET {} HTTP/1.1\r\nHost: {}:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: bWFueXdvcmxkcyBiZW5jaA==\r\n",
      address_.path, address_.host, address_.port);
  if (!address_.protocol.empty()) request += format("Sec-WebSocket-Protocol: {}\r\n", address_.protocol);
  request += "\r\n";
  out_.insert(out_.end(), request.begin(), request.end());
  flush();
}

void Link::step_handshake() {
  const int rc = SSL_do_handshake(ssl_);
  if (rc == 1) return begin_upgrade();
  const int error = SSL_get_error(ssl_, rc);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) close("TLS handshake failed");
}

void Link::on_writable() {
  if (state_ == State::connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return close(std::strerror(error));
    if (!ssl_) return begin_upgrade();
    state_ = State::securing;
  }
  if (state_ == State::securing) return step_handshake();
  flush();
}

Link::Read Link::read_some(std::size_t& count) {
  if (ssl_) {
    const int n = SSL_read(ssl_, read_buffer, kReadBytes);
    if (n > 0) return count = static_cast<std::size_t>(n), Read::some;
    return SSL_get_error(ssl_, n) == SSL_ERROR_WANT_READ ? Read::nothing : Read::failed;
  }
  const ssize_t n = ::recv(fd_, read_buffer, kReadBytes, 0);
  if (n > 0) return count = static_cast<std::size_t>(n), Read::some;
  return n < 0 && (errno == EAGAIN || errno == EINTR) ? Read::nothing : Read::failed;
}

void Link::on_readable() {
  if (state_ == State::securing) step_handshake();
  while (state_ == State::upgrading || state_ == State::open) {
    std::size_t count = 0;
    switch (read_some(count)) {
      case Read::nothing: return;
      case Read::failed: return close("the host closed the connection");
      case Read::some: take({read_buffer, count}); break;
    }
    if (!ssl_ && count < kReadBytes) return;  // level-triggered: whatever comes later raises the event again
  }
}

void Link::flush() {
  while (!out_.empty() && state_ != State::closed) {
    ssize_t sent = 0;
    if (ssl_) {
      const int n = SSL_write(ssl_, out_.data(), static_cast<int>(out_.size()));
      if (n <= 0) {
        if (SSL_get_error(ssl_, n) == SSL_ERROR_WANT_WRITE || SSL_get_error(ssl_, n) == SSL_ERROR_WANT_READ) return;
        return close("write failed");
      }
      sent = n;
    } else {
      sent = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno == EAGAIN) return;
        return close(std::strerror(errno));
      }
    }
    out_.erase(out_.begin(), out_.begin() + sent);
  }
}

void Link::queue(Byte opcode, ByteView payload) {
  if (state_ != State::open) return;
  // The mask is all zero: the payload stays as it is. RFC 6455 wants entropy against proxies that misread traffic; a load
  // client on loopback has none between.
  Byte header[14] = {static_cast<Byte>(0x80 | opcode)};
  std::size_t size = 2;
  if (payload.size() < 126) {
    header[1] = static_cast<Byte>(0x80 | payload.size());
  } else {
    MW_ASSERT(payload.size() <= 0xffff);
    header[1] = 0x80 | 126;
    header[2] = static_cast<Byte>(payload.size() >> 8);
    header[3] = static_cast<Byte>(payload.size());
    size = 4;
  }
  size += 4;
  out_.insert(out_.end(), header, header + size);
  out_.insert(out_.end(), payload.begin(), payload.end());
  flush();
}

void Link::send_text(std::string_view text) { queue(kText, as_bytes(text)); }
void Link::send_binary(ByteView payload) { queue(kBinary, payload); }

bool Link::take_upgrade(ByteView& bytes) {
  response_.append(as_text(bytes));
  const auto end = response_.find("\r\n\r\n");
  if (end == std::string::npos) {
    bytes = {};
    if (response_.size() > limits::kHttpHeaderBytes) close("the upgrade's answer is too long");
    return false;
  }
  if (!response_.starts_with("HTTP/1.1 101")) {
    close(format("upgrade refused: {}", response_.substr(0, response_.find("\r\n"))));
    return false;
  }
  bytes = bytes.subspan(bytes.size() - (response_.size() - end - 4));
  response_.clear();
  response_.shrink_to_fit();
  state_ = State::open;
  if (events_->opened) events_->opened(*this);
  return state_ == State::open;
}

bool Link::take_header(ByteView& bytes) {
  while (!bytes.empty()) {
    header_[header_size_++] = bytes.front();
    bytes = bytes.subspan(1);
    if (header_size_ < 2) continue;
    const Byte length = header_[1] & 0x7f;
    const std::size_t needed = length < 126 ? 2 : length == 126 ? 4 : 10;
    if (header_size_ < needed) continue;
    opcode_ = header_[0] & 0x0f;
    size_ = length < 126 ? length : 0;
    for (std::size_t i = 2; i < needed; ++i) size_ = size_ << 8 | header_[i];
    left_ = size_;
    header_size_ = 0;
    in_payload_ = true;
    payload_.clear();
    return true;
  }
  return false;
}

void Link::finish_message() {
  in_payload_ = false;
  switch (opcode_) {
    case kText: events_->text(*this, as_text(payload_)); break;
    case kBinary: events_->binary(*this, size_, payload_); break;
    case kPing: queue(kPong, payload_); break;
    case kClose:
      close(payload_.size() > 2 ? format("closed {}: {}", payload_[0] << 8 | payload_[1], as_text(payload_).substr(2))
                                : std::string("closed"));
      break;
    default: break;
  }
}

void Link::take(ByteView bytes) {
  if (state_ == State::upgrading && !take_upgrade(bytes)) return;
  while (state_ == State::open && (!bytes.empty() || (in_payload_ && left_ == 0))) {
    if (!in_payload_ && !take_header(bytes)) return;
    const std::size_t part = left_ < bytes.size() ? static_cast<std::size_t>(left_) : bytes.size();
    if (opcode_ != kBinary || keep_binary_ || size_ <= kSmallBytes)
      payload_.insert(payload_.end(), bytes.begin(), bytes.begin() + part);
    bytes = bytes.subspan(part);
    left_ -= part;
    if (left_ == 0) finish_message();
  }
}

}  // namespace mw::bench
