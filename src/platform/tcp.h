// TCP streams and listeners, plain or TLS (OpenSSL). Receiving is asynchronous (poller.h) into the thread's one buffer; sending is a direct non-blocking call, so that what is sent to many is never copied in user
// space, and the caller learns at once how much the socket took. Nothing allocates per message (TLS: OpenSSL takes its
// record buffers from malloc and gives them back, SSL_MODE_RELEASE_BUFFERS, so that an idle connection stays small).
// Socket options: TCP_NODELAY, TCP_NOTSENT_LOWAT of 16 KiB (what waits in the kernel is what cannot be replaced by something
// newer), BBR where the kernel has it and the peer is not on this machine.
// Thread: everything on the reactor's thread, or before it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "platform/reactor.h"

namespace mw::platform {

struct Endpoint {
  std::string address;  // "127.0.0.1", "::1"; IPv4 mapped into IPv6 is shown as IPv4
  std::uint16_t port = 0;
  bool loopback = false;
};

// An IPv4 or IPv6 address, or a network of them ("10.0.0.0/8").
class Network {
 public:
  static Result<Network> parse(std::string_view text);
  bool contains(std::string_view address) const;  // false for what is no address

 private:
  unsigned char bytes_[16]{};  // IPv4 mapped into IPv6
  int bits_ = 128;
};
// The address in canonical form, or not_found when the text is none.
Result<std::string> canonical_address(std::string_view text);

// Certificate and key of a server. TLS 1.2 and 1.3, ALPN http/1.1. Thread: `load` and `reload` on any.
class TlsServer {
 public:
  // PEM files; the certificate first, then its chain. Errors name the file: invalid, not_found, conflict (key of another).
  static Result<std::shared_ptr<TlsServer>> load(const std::string& certificate, const std::string& key);
  // For connections that begin from now on. On an error (as of load) what was there stays.
  Status reload(const std::string& certificate, const std::string& key);
  ~TlsServer();
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  TlsServer();
  std::unique_ptr<Impl> impl_;
};

class Stream {
 public:
  class Events {
   public:
    // Bytes from the peer, valid during the call; the receiver may change them in place.
    virtual void received(std::span<Byte> bytes) = 0;
    // After a write that took less than it was given: more will be taken now.
    virtual void writable() = 0;
    // The peer ended or the connection broke; nothing is called afterwards. The receiver should close.
    virtual void ended() = 0;

   protected:
    ~Events() = default;
  };

  Stream() = default;  // none; assign one
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&& other) noexcept;
  ~Stream();  // closes

  // Begins to receive. With TLS the handshake runs by itself before the first bytes.
  void open(Events& events);
  // Sends what the socket takes and returns how many bytes that was. Less than all: writable() will be called. Never calls
  // back from within. `more`: another write follows at once, so that small pieces share a segment.
  std::size_t write(ByteView bytes, bool more = false);
  void pause();  // receives nothing for now; what is on its way already may still come
  void resume();
  void finish();  // no more writes: the peer sees the end after what was written; receiving goes on
  void close();  // at once; no event afterwards

  bool closed() const;
  bool secure() const;  // TLS
  bool ready() const;  // the TLS handshake is done, or there is none
  const Endpoint& peer() const;

  struct Impl;
  explicit Stream(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<Impl> impl_;
};

class Listener {
 public:
  using Accepted = std::function<void(Stream)>;
  // `port` 0 takes a free one. `share` lets other listeners of this process share the port (SO_REUSEPORT); the kernel spreads
  // connections over them. Errors: invalid (no address), unavailable (taken), forbidden.
  static Result<std::unique_ptr<Listener>> open(Reactor& reactor, const std::string& address, std::uint16_t port,
                                                bool share, std::shared_ptr<TlsServer> tls);
  ~Listener();
  void start(Accepted accepted);  // accepts from here on
  void close();
  std::uint16_t port() const;

 private:
  struct Impl;
  explicit Listener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace mw::platform
