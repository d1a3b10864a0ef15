#include "platform/tcp.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/format.h"
#include "platform/process.h"
#include "platform/reactor_impl.h"
#include "platform/tls.h"

namespace mw::platform {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kRoomBytes = 64u << 10;  // of a thread, for what comes; once more for the plaintext of it
constexpr int kBulkReads = 8;                  // of that size in one turn, then the others have theirs
constexpr std::size_t kTlsRecordBytes = 16u << 10;
constexpr int kUnsentLowBytes = 16 << 10;
constexpr int kBacklog = 4096;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // when the process has no descriptor left

// All streams of a thread read into the same place, which stays in its cache.
struct Rooms {
  std::unique_ptr<Byte[]> received = std::make_unique_for_overwrite<Byte[]>(kRoomBytes);
  std::unique_ptr<Byte[]> plain = std::make_unique_for_overwrite<Byte[]>(kRoomBytes);
};
Rooms& rooms() {
  thread_local Rooms rooms;
  return rooms;
}

void set_option(int socket, int level, int name, int value) { ::setsockopt(socket, level, name, &value, sizeof value); }

Endpoint endpoint_of(const tcp::endpoint& from) {
  Endpoint endpoint;
  asio::ip::address address = from.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  endpoint.address = address.to_string();
  endpoint.port = from.port();
  endpoint.loopback = address.is_loopback();
  return endpoint;
}

}  // namespace

struct Stream::Impl final : std::enable_shared_from_this<Stream::Impl>, Poller::Watcher {
  Impl(Poller& set, int descriptor, Endpoint from) : poller(set), fd(descriptor), peer(std::move(from)) {}
  ~Impl() { close(); }

  void ready(std::uint32_t reported) override;
  void watch();  // asks the poller for what is wanted now
  void read();   // what came
  bool deliver(std::span<Byte> bytes);        // plain or ciphertext; false: closed or broken meanwhile
  bool deliver_tls(ByteView ciphertext);
  std::size_t send_plain(ByteView bytes, bool more);
  std::size_t send_tls(ByteView bytes);
  void send_ciphertext(ByteView bytes);
  bool flush_ciphertext();
  void wait_writable();
  void on_writable();
  void shut_down() { ::shutdown(fd, SHUT_WR); }
  void fail();  // broken: tells the receiver, once
  void close();

  Poller& poller;
  int fd;  // -1: closed
  Endpoint peer;
  Events* events = nullptr;
  std::unique_ptr<TlsSession> tls;
  Bytes ciphertext;            // unsent; at most a few records
  std::size_t ciphertext_sent = 0;
  std::optional<Poller::Slot> slot;
  std::uint32_t watched = 0;  // what the poller was asked for
  bool paused = false, waiting = false, wanted = false, broken = false, finished = false;
};

void Stream::Impl::watch() {
  if (fd < 0) return;
  const std::uint32_t wish = (events != nullptr && !paused ? EPOLLIN : 0U) | (waiting ? EPOLLOUT : 0U);
  if (slot && wish == watched) return;
  watched = wish;
  if (slot)
    poller.change(*slot, fd, wish);
  else
    slot = poller.add(fd, *this, wish);
}

void Stream::Impl::ready(std::uint32_t reported) {
  const auto self = shared_from_this();  // the receiver may close
  if ((reported & EPOLLOUT) != 0 && waiting) {
    waiting = false;
    on_writable();
  }
  // A break is told at once to whoever does not read; whoever reads gets what came before it.
  if (events != nullptr && !paused && (reported & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
    read();
  else if ((reported & (EPOLLERR | EPOLLHUP)) != 0)
    fail();
  if (broken) fail();
  watch();
}

// A full room means that there is more, an upload perhaps.
void Stream::Impl::read() {
  const std::span<Byte> room(rooms().received.get(), kRoomBytes);
  for (int i = 0; i < kBulkReads && !paused; ++i) {
    const ssize_t got = ::recv(fd, room.data(), room.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
    if (got <= 0) return fail();
    const auto bytes = static_cast<std::size_t>(got);
    if (!deliver(room.first(bytes)) || bytes < room.size()) return;
  }
}

bool Stream::Impl::deliver(std::span<Byte> bytes) {
  if (tls) return deliver_tls(bytes);
  events->received(bytes);
  return events != nullptr && !broken;
}

bool Stream::Impl::deliver_tls(ByteView input) {
  tls->give(input);
  if (!tls->established()) {
    switch (tls->handshake()) {
      case TlsSession::Outcome::done: break;
      case TlsSession::Outcome::more_needed: return true;
      default: return fail(), false;
    }
  }
  while (true) {
    std::size_t bytes = 0;
    const std::span<Byte> plain(rooms().plain.get(), kRoomBytes);
    switch (tls->read(plain, bytes)) {
      case TlsSession::Outcome::done: break;
      case TlsSession::Outcome::more_needed: return !broken;
      default: return fail(), false;
    }
    events->received(plain.first(bytes));
    if (events == nullptr || broken) return false;
  }
}

std::size_t Stream::Impl::send_plain(ByteView bytes, bool more) {
  const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) broken = true;
  return 0;
}

// OpenSSL gives whole records; what the socket does not take of them waits in `ciphertext`, and until it is gone nothing more is
// encrypted, so that at most one record's worth of bytes is out of the caller's reach.
std::size_t Stream::Impl::send_tls(ByteView bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && ciphertext.empty() && !broken) {
    const ByteView piece = bytes.subspan(taken, std::min(kTlsRecordBytes, bytes.size() - taken));
    if (!tls->write(piece)) {
      broken = true;
      break;
    }
    taken += piece.size();
  }
  if (!ciphertext.empty()) wait_writable();
  return taken;
}

void Stream::Impl::send_ciphertext(ByteView bytes) {
  if (broken) return;
  if (ciphertext.empty()) bytes = bytes.subspan(send_plain(bytes, false));
  if (bytes.empty()) return;
  ciphertext.insert(ciphertext.end(), bytes.begin(), bytes.end());
  wait_writable();
}

bool Stream::Impl::flush_ciphertext() {
  const ByteView rest = ByteView(ciphertext).subspan(ciphertext_sent);
  if (rest.empty()) return true;
  const std::size_t sent = send_plain(rest, false);
  ciphertext_sent += sent;
  if (sent < rest.size()) return false;
  ciphertext = Bytes();  // not kept: most connections never need it again
  ciphertext_sent = 0;
  return true;
}

void Stream::Impl::wait_writable() {
  waiting = true;
  watch();
}

void Stream::Impl::on_writable() {
  if (events == nullptr || broken) return;
  if (!flush_ciphertext()) return broken ? fail() : wait_writable();
  if (finished) return shut_down();
  if (!std::exchange(wanted, false)) return;
  events->writable();
}

// The poller would tell of a break for ever.
void Stream::Impl::fail() {
  broken = true;
  if (slot) poller.remove(*std::exchange(slot, std::nullopt), fd);
  if (Events* const told = std::exchange(events, nullptr)) told->ended();
}

void Stream::Impl::close() {
  events = nullptr;
  if (fd < 0) return;
  if (slot) poller.remove(*std::exchange(slot, std::nullopt), fd);
  ::close(std::exchange(fd, -1));
  tls.reset();
  ciphertext = Bytes();
}

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this != &other) {
    close();
    impl_ = std::move(other.impl_);
  }
  return *this;
}
Stream::~Stream() { close(); }

void Stream::open(Events& events) {
  MW_ASSERT(impl_ != nullptr);
  impl_->events = &events;
  impl_->watch();
}

std::size_t Stream::write(ByteView bytes, bool more) {
  if (closed() || bytes.empty() || impl_->finished) return 0;
  std::size_t taken = 0;
  if (!impl_->broken) {
    if (!impl_->tls)
      taken = impl_->send_plain(bytes, more);
    else if (impl_->tls->established())
      taken = impl_->send_tls(bytes);
  }
  if (taken < bytes.size()) {
    impl_->wanted = true;
    impl_->wait_writable();  // a broken socket is always ready, and the end is told from there
  }
  return taken;
}

void Stream::pause() {
  if (impl_) impl_->paused = true;  // the poller hears of it when something comes meanwhile, which is rare
}
void Stream::resume() {
  if (!impl_ || !impl_->paused) return;
  impl_->paused = false;
  impl_->watch();
}
void Stream::finish() {
  if (closed() || impl_->finished) return;
  if (impl_->tls) impl_->tls->end();
  impl_->finished = true;
  if (!impl_->ciphertext.empty()) return;  // on_writable ends it
  impl_->shut_down();
}
void Stream::close() {
  if (impl_) std::exchange(impl_, nullptr)->close();
}
bool Stream::closed() const { return impl_ == nullptr || impl_->fd < 0; }
bool Stream::secure() const { return impl_ != nullptr && impl_->tls != nullptr; }
bool Stream::ready() const { return impl_ != nullptr && (impl_->tls == nullptr || impl_->tls->established()); }
const Endpoint& Stream::peer() const {
  MW_ASSERT(impl_ != nullptr);
  return impl_->peer;
}

struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  Impl(Reactor& loop, std::shared_ptr<TlsServer> secure)
      : acceptor(loop.impl().context),
        poller(loop.impl().poller),
        tls(std::move(secure)),
        pause(loop, [this] { accept(); }) {}

  void accept();
  void on_accepted(const error_code& error, tcp::socket socket);

  tcp::acceptor acceptor;
  Poller& poller;
  std::shared_ptr<TlsServer> tls;
  Accepted accepted;
  Timer pause;
};

void Listener::Impl::accept() {
  if (!acceptor.is_open()) return;
  acceptor.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
    self->on_accepted(error, std::move(socket));
  });
}

void Listener::Impl::on_accepted(const error_code& error, tcp::socket socket) {
  if (!acceptor.is_open() || !accepted) return;
  if (error == asio::error::no_descriptors || error.value() == ENFILE || error.value() == ENOMEM) {
    pause.after(kAcceptPause);
    return;
  }
  if (error) return accept();  // that client is gone already
  error_code gone;
  const tcp::endpoint from = socket.remote_endpoint(gone);
  if (!gone) {
    Endpoint peer = endpoint_of(from);
    if (!peer.loopback) ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_CONGESTION, "bbr", 3);
    auto impl = std::make_shared<Stream::Impl>(poller, socket.release(), std::move(peer));
    if (tls)
      impl->tls = std::make_unique<TlsSession>(tls->impl(),
                                               [raw = impl.get()](ByteView bytes) { raw->send_ciphertext(bytes); });
    accepted(Stream(std::move(impl)));
  }
  accept();
}

Listener::Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Listener>> Listener::open(Reactor& reactor, const std::string& address, std::uint16_t port,
                                                 bool share, std::shared_ptr<TlsServer> tls) {
  ignore_broken_pipes();
  error_code error;
  const asio::ip::address parsed = asio::ip::make_address(address, error);
  if (error) return invalid("listen", mw::format("\"{}\" is no IP address", address));
  const tcp::endpoint endpoint(parsed, port);
  auto impl = std::make_shared<Impl>(reactor, std::move(tls));
  const auto failed = [&](std::string_view doing) {
    const ErrorKind kind = error == asio::error::access_denied ? ErrorKind::forbidden : ErrorKind::unavailable;
    return Error{kind, "port", mw::format("cannot {} {} port {}: {}", doing, address, port, error.message())};
  };
  if (impl->acceptor.open(endpoint.protocol(), error)) return failed("open");
  const int fd = impl->acceptor.native_handle();
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (share) set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (parsed.is_v6()) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, parsed.is_unspecified() ? 0 : 1);
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);  // accepted sockets inherit both
  set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentLowBytes);
  if (impl->acceptor.bind(endpoint, error)) return failed("bind");
  if (impl->acceptor.listen(kBacklog, error)) return failed("listen on");
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Listener::~Listener() { close(); }

void Listener::start(Accepted accepted) {
  impl_->accepted = std::move(accepted);
  impl_->accept();
}

void Listener::close() {
  impl_->accepted = nullptr;
  impl_->pause.cancel();
  error_code ignored;
  impl_->acceptor.close(ignored);
}

std::uint16_t Listener::port() const {
  error_code ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

}  // namespace mw::platform
