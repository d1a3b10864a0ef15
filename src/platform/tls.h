// TLS of one connection, sans I/O: ciphertext in, plaintext out, by OpenSSL with a BIO of ours instead of a socket, so that the
// stream keeps its one way of receiving and sending. Not for other folders.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include "base/bytes.h"
#include "platform/tcp.h"

namespace mw::platform {

struct ContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextFree>;

struct TlsServer::Impl {
  std::mutex mutex;  // connections begin on every loop, and a reload comes from another thread
  Context context;
  SSL* begin() {
    const std::lock_guard lock(mutex);
    return SSL_new(context.get());  // holds the context it began with
  }
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
