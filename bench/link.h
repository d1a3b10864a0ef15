// One WebSocket connection of a load client (RFC 6455, client side): non-blocking, over TCP or TLS, made for thousands in
// one process: no allocation per message, and the payload of binary messages is only kept when somebody wants to look at it.
// Thread: one.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::bench {

struct Address {
  std::string host = "127.0.0.1";
  int port = 0;
  bool tls = false;
  std::string path = "/connect";
  std::string protocol = "manyworlds.1";  // the subprotocol; empty: none
};

// "http://host:port/...", "https://..." or "host:port".
Result<Address> parse_address(std::string_view url);

class Link {
 public:
  static constexpr std::size_t kSmallBytes = 64;
  enum class State { connecting, securing, upgrading, open, closed };

  struct Events {
    std::function<void(Link&)> opened;
    std::function<void(Link&, std::string_view)> text;
    // A binary message of `size` bytes; `payload` is empty when it is longer than kSmallBytes, unless keep_binary(true).
    std::function<void(Link&, std::size_t size, ByteView payload)> binary;
    std::function<void(Link&, std::string_view why)> closed;
  };

  Link(const Events& events, std::size_t index) : events_(&events), index_(index) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link();

  std::size_t index() const { return index_; }
  State state() const { return state_; }
  int fd() const { return fd_; }
  bool wants_write() const;
  void keep_binary(bool keep) { keep_binary_ = keep; }

  Status connect(const Address& address, SSL_CTX* tls);
  void on_readable();  // reads until there is nothing more, and raises events
  void on_writable();
  void send_text(std::string_view text);
  void send_binary(ByteView payload);
  void close(std::string_view why);

 private:
  enum class Read { some, nothing, failed };
  Read read_some(std::size_t& count);
  void queue(Byte opcode, ByteView payload);
  void flush();
  void begin_upgrade();
  void step_handshake();
  void take(ByteView bytes);
  bool take_upgrade(ByteView& bytes);
  bool take_header(ByteView& bytes);
  void finish_message();

  const Events* events_;
  std::size_t index_;
  State state_ = State::closed;
  int fd_ = -1;
  SSL* ssl_ = nullptr;
  Address address_;
  bool keep_binary_ = false;
  Bytes out_;  // not yet sent
  std::string response_;  // of the upgrade
  Byte header_[10];
  std::size_t header_size_ = 0;
  Byte opcode_ = 0;
  std::uint64_t size_ = 0, left_ = 0;
  bool in_payload_ = false;
  Bytes payload_;
};

}  // namespace mw::bench
