// TLS of one connection, sans I/O: ciphertext in, plaintext out, by OpenSSL with a BIO of ours instead of a socket, so that the
// stream keeps its one way of receiving and sending. Not for other folders.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "platform/tcp.h"

namespace mw::platform {

struct TlsServer::Impl {
  SSL_CTX* context = nullptr;
  ~Impl();
};

class TlsSession {
 public:
  // Where ciphertext goes: sends what it can and keeps the rest, always takes all.
  using Sink = std::function<void(ByteView)>;
  TlsSession(TlsServer::Impl& server, Sink sink);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  void give(ByteView ciphertext) { input_ = ciphertext; }
  enum class Outcome { done, more_needed, failed, ended };
  Outcome handshake();
  // Plaintext of what was given; `done` with bytes > 0, `more_needed` once all was taken.
  Outcome read(std::span<Byte> out, std::size_t& bytes);
  bool write(ByteView plaintext);  // false: the session is broken
  void end();  // close_notify
  bool established() const { return established_; }

 private:
  static int bio_read(BIO* bio, char* out, int size);
  static int bio_write(BIO* bio, const char* data, int size);
  static long bio_control(BIO* bio, int command, long number, void* pointer);
  static BIO_METHOD* method();

  SSL* ssl_ = nullptr;
  ByteView input_;
  Sink sink_;
  bool established_ = false;
};

}  // namespace mw::platform
