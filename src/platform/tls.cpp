#include "platform/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstring>

#include "base/format.h"

namespace mw::platform {
namespace {

// Only HTTP/1.1 is spoken here; a client that offers other protocols alone gets no choice made for it.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                    void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Error tls_error(const std::string& file, std::string_view what) {
  char reason[160]{};
  const unsigned long code = ERR_peek_last_error();
  ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  return Error{ErrorKind::invalid, file, mw::format("{}: {}", what, reason)};
}

Result<Context> make_context(const std::string& certificate, const std::string& key) {
  Context owned(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = owned.get();
  MW_ASSERT(context != nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets resume sessions; the server remembers none
  SSL_CTX_set_num_tickets(context, 1);
  // AES first: where the processor does AES itself it is several times cheaper than ChaCha20.
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return tls_error(certificate, "not a certificate chain in PEM");
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return tls_error(key, "not a private key in PEM, or the key of another certificate");
  if (SSL_CTX_check_private_key(context) != 1) return tls_error(key, "the key of another certificate");
  return owned;
}

}  // namespace

TlsServer::TlsServer() : impl_(std::make_unique<Impl>()) {}
TlsServer::~TlsServer() = default;

Result<std::shared_ptr<TlsServer>> TlsServer::load(const std::string& certificate, const std::string& key) {
  std::shared_ptr<TlsServer> server(new TlsServer());
  MW_TRY(server->reload(certificate, key));
  return server;
}

Status TlsServer::reload(const std::string& certificate, const std::string& key) {
  auto context = make_context(certificate, key);
  if (!context) return std::move(context).error();
  const std::lock_guard lock(impl_->mutex);
  impl_->context = std::move(*context);
  return ok();
}

TlsSession::TlsSession(TlsServer::Impl& server, Sink sink) : ssl_(server.begin()), sink_(std::move(sink)) {
  MW_ASSERT(ssl_ != nullptr);
  BIO* bio = BIO_new(method());
  MW_ASSERT(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}
TlsSession::~TlsSession() { SSL_free(ssl_); }

BIO_METHOD* TlsSession::method() {
  static BIO_METHOD* const shared = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "manyworlds stream");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return shared;
}

int TlsSession::bio_read(BIO* bio, char* out, int size) {
  auto& self = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (self.input_.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(self.input_.size(), static_cast<std::size_t>(size));
  std::memcpy(out, self.input_.data(), count);
  self.input_ = self.input_.subspan(count);
  return static_cast<int>(count);
}

int TlsSession::bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  static_cast<TlsSession*>(BIO_get_data(bio))
      ->sink_(ByteView(reinterpret_cast<const Byte*>(data), static_cast<std::size_t>(size)));
  return size;
}

long TlsSession::bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

TlsSession::Outcome TlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) {
    established_ = true;
    return Outcome::done;
  }
  return SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ ? Outcome::more_needed : Outcome::failed;
}

TlsSession::Outcome TlsSession::read(std::span<Byte> out, std::size_t& bytes) {
  ERR_clear_error();
  bytes = 0;
  const int result = SSL_read_ex(ssl_, out.data(), out.size(), &bytes);
  if (result == 1) return Outcome::done;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: return Outcome::more_needed;
    case SSL_ERROR_ZERO_RETURN: return Outcome::ended;
    default: return Outcome::failed;
  }
}

bool TlsSession::write(ByteView plaintext) {
  ERR_clear_error();
  std::size_t written = 0;
  return SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &written) == 1 && written == plaintext.size();
}

void TlsSession::end() {
  ERR_clear_error();
  if (established_) SSL_shutdown(ssl_);
}

}  // namespace mw::platform
