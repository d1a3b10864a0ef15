// For tests: a plain blocking client socket with time-outs, TCP or TLS, and a certificate to serve with. It shares no code with
// the streams that it tests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace mw::platform {

class TestSocket {
 public:
  TestSocket() = default;
  explicit TestSocket(std::uint16_t port, bool tls = false, int receive_bytes = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (receive_bytes != 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      shut();
    else if (tls)
      start_tls();
  }
  TestSocket(TestSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        ssl_(std::exchange(other.ssl_, nullptr)),
        context_(std::exchange(other.context_, nullptr)) {}
  TestSocket& operator=(TestSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(ssl_, other.ssl_);
    std::swap(context_, other.context_);
    return *this;
  }
  ~TestSocket() { shut(); }

  bool connected() const { return fd_ >= 0; }

  // False when the peer does not take it all within the time.
  bool send(std::string_view bytes, int timeout_ms = 5000) {
    while (!bytes.empty()) {
      if (!wait(POLLOUT, timeout_ms)) return false;
      const long put = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                       : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (put < 0 && ssl_ == nullptr && errno == EAGAIN) continue;
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

  // What is there, at most `most` bytes; empty at the end, an error, or after the time (then timed_out()).
  std::string receive(std::size_t most = 65536, int timeout_ms = 5000) {
    timed_out_ = false;
    std::string out(most, '\0');
    if ((ssl_ == nullptr || SSL_pending(ssl_) == 0) && !wait(POLLIN, timeout_ms)) {
      timed_out_ = true;
      return {};
    }
    const long got =
        ssl_ != nullptr ? SSL_read(ssl_, out.data(), static_cast<int>(most)) : ::recv(fd_, out.data(), most, 0);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }
  bool timed_out() const { return timed_out_; }

  // What the peer shows, in DER; empty without TLS.
  std::string certificate() const {
    X509* peer = ssl_ != nullptr ? SSL_get1_peer_certificate(ssl_) : nullptr;
    if (peer == nullptr) return {};
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(peer, &bytes);
    std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    X509_free(peer);
    return der;
  }

  // All until the peer ends.
  std::string receive_all(int timeout_ms = 5000) {
    std::string out;
    while (true) {
      std::string piece = receive(65536, timeout_ms);
      if (piece.empty()) return out;
      out += piece;
    }
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }
  void shut() {
    if (ssl_ != nullptr) SSL_free(std::exchange(ssl_, nullptr));
    if (context_ != nullptr) SSL_CTX_free(std::exchange(context_, nullptr));
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  bool wait(short events, int timeout_ms) {
    pollfd poll{fd_, events, 0};
    return ::poll(&poll, 1, timeout_ms) == 1;
  }
  void start_tls() {
    context_ = SSL_CTX_new(TLS_client_method());
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    if (SSL_connect(ssl_) != 1) shut();
  }

  int fd_ = -1;
  SSL* ssl_ = nullptr;
  SSL_CTX* context_ = nullptr;
  bool timed_out_ = false;
};

// A folder that is removed with what is in it.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "manyworlds-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

// Writes a self-signed certificate for localhost and its key.
inline void make_test_certificate(const std::string& certificate_file, const std::string& key_file) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen(certificate_file.c_str(), "we");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "we");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

}  // namespace mw::platform
