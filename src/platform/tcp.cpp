#include "platform/tcp.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "platform/process.h"
#include "platform/reactor_impl.h"
#include "platform/tls.h"

namespace mw::platform {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kReceiveBytes = 1024;      // per connection; a pose claim is 38 bytes with its header
constexpr std::size_t kScratchBytes = 64u << 10;  // per thread, for plaintext and for what comes in bulk
constexpr int kBulkReads = 8;                     // of scratch size in one turn, then the others have theirs
constexpr std::size_t kTlsRecordBytes = 16u << 10;
constexpr int kUnsentLowBytes = 16 << 10;
constexpr int kBacklog = 4096;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // when the process has no descriptor left

std::span<Byte> scratch() {
  thread_local std::unique_ptr<Byte[]> bytes = std::make_unique_for_overwrite<Byte[]>(kScratchBytes);
  return {bytes.get(), kScratchBytes};
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

struct Stream::Impl : std::enable_shared_from_this<Stream::Impl> {
  Impl(tcp::socket&& accepted, Endpoint from) : socket(std::move(accepted)), peer(std::move(from)) {}

  void receive();
  void on_received(const error_code& error, std::size_t bytes);
  bool deliver(std::span<Byte> bytes);        // plain or ciphertext; false: closed or broken meanwhile
  bool deliver_tls(ByteView ciphertext);
  bool read_bulk();
  std::size_t send_plain(ByteView bytes, bool more);
  std::size_t send_tls(ByteView bytes);
  void send_ciphertext(ByteView bytes);
  bool flush_ciphertext();
  void wait_writable();
  void on_writable(const error_code& error);
  void fail();  // broken: tells the receiver, once
  void close();
  int fd() { return socket.native_handle(); }

  tcp::socket socket;
  Endpoint peer;
  Events* events = nullptr;
  std::unique_ptr<TlsSession> tls;
  Bytes ciphertext;            // unsent; at most a few records
  std::size_t ciphertext_sent = 0;
  // While bytes are delivered nothing is received: the buffer is in use, and the order must stay.
  bool receiving = false, delivering = false, paused = false, waiting = false, wanted = false, broken = false,
       finished = false;
  OperationMemory receive_memory, write_memory;
  std::array<Byte, kReceiveBytes> buffer;
};

void Stream::Impl::receive() {
  if (receiving || delivering || paused || broken || !socket.is_open()) return;
  receiving = true;
  socket.async_receive(asio::buffer(buffer),
                       placed(receive_memory, [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                         self->receiving = false;
                         self->on_received(error, bytes);
                       }));
}

void Stream::Impl::on_received(const error_code& error, std::size_t bytes) {
  if (events == nullptr) return;
  if (error) return fail();
  delivering = true;
  const bool alive = deliver({buffer.data(), bytes}) && (bytes < buffer.size() || read_bulk());
  delivering = false;
  if (alive) receive();
}

// A full buffer means that there is more, an upload perhaps: that is read in larger pieces.
bool Stream::Impl::read_bulk() {
  for (int i = 0; i < kBulkReads && !paused; ++i) {
    // TLS decrypts into the scratch memory, so ciphertext in bulk goes through the stream's own buffer.
    const std::span<Byte> room = tls ? std::span<Byte>(buffer) : scratch();
    const ssize_t got = ::recv(fd(), room.data(), room.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return true;
    if (got <= 0) return fail(), false;
    if (!deliver(room.first(static_cast<std::size_t>(got)))) return false;
    if (static_cast<std::size_t>(got) < room.size()) return true;
  }
  return true;
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
    switch (tls->read(scratch(), bytes)) {
      case TlsSession::Outcome::done: break;
      case TlsSession::Outcome::more_needed: return !broken;
      default: return fail(), false;
    }
    events->received(scratch().first(bytes));
    if (events == nullptr || broken) return false;
  }
}

std::size_t Stream::Impl::send_plain(ByteView bytes, bool more) {
  const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));
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
  if (waiting || !socket.is_open()) return;
  waiting = true;
  socket.async_wait(tcp::socket::wait_write, placed(write_memory, [self = shared_from_this()](const error_code& error) {
                      self->waiting = false;
                      self->on_writable(error);
                    }));
}

void Stream::Impl::on_writable(const error_code& error) {
  if (events == nullptr) return;
  if (error || broken) return fail();
  if (!flush_ciphertext()) return broken ? fail() : wait_writable();
  if (finished) {
    error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    return;
  }
  if (!std::exchange(wanted, false)) return;
  events->writable();
}

void Stream::Impl::fail() {
  broken = true;
  if (Events* const told = std::exchange(events, nullptr)) told->ended();
}

void Stream::Impl::close() {
  events = nullptr;
  error_code ignored;
  socket.close(ignored);
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
  impl_->receive();
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
  if (impl_) impl_->paused = true;
}
void Stream::resume() {
  if (!impl_ || !impl_->paused) return;
  impl_->paused = false;
  if (impl_->events != nullptr) impl_->receive();
}
void Stream::finish() {
  if (closed() || impl_->finished) return;
  if (impl_->tls) impl_->tls->end();
  impl_->finished = true;
  if (!impl_->ciphertext.empty()) return;  // on_writable ends it
  error_code ignored;
  impl_->socket.shutdown(tcp::socket::shutdown_send, ignored);
}
void Stream::close() {
  if (impl_) std::exchange(impl_, nullptr)->close();
}
bool Stream::closed() const { return impl_ == nullptr || !impl_->socket.is_open(); }
bool Stream::secure() const { return impl_ != nullptr && impl_->tls != nullptr; }
bool Stream::ready() const { return impl_ != nullptr && (impl_->tls == nullptr || impl_->tls->established()); }
const Endpoint& Stream::peer() const {
  MW_ASSERT(impl_ != nullptr);
  return impl_->peer;
}

struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  Impl(Reactor& loop, std::shared_ptr<TlsServer> secure)
      : acceptor(loop.impl().context), tls(std::move(secure)), pause(loop, [this] { accept(); }) {}

  void accept();
  void on_accepted(const error_code& error, tcp::socket socket);

  tcp::acceptor acceptor;
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
    const int fd = socket.native_handle();
    if (!peer.loopback) ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "bbr", 3);
    auto impl = std::make_shared<Stream::Impl>(std::move(socket), std::move(peer));
    impl->socket.native_non_blocking(true, gone);
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
