#include "platform/dial.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "platform/clock.h"
#include "platform/files.h"
#include "platform/test_socket.h"

namespace mw::platform {
namespace {

std::int64_t in_ms(std::int64_t ms) { return monotonic_ns() + ms * 1'000'000; }

TEST(PublicAddress, LeavesOutWhatLiesInsideNetworks) {
  for (const char* good : {"1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00::1", "::ffff:1.1.1.1"})
    EXPECT_TRUE(public_address(good)) << good;
  for (const char* bad : {"",
                          "example.org",
                          "0.0.0.0",
                          "10.1.2.3",
                          "100.64.0.1",
                          "127.0.0.1",
                          "127.255.0.1",
                          "169.254.169.254",
                          "172.16.0.1",
                          "172.31.255.255",
                          "192.0.0.1",
                          "192.0.2.1",
                          "192.88.99.1",
                          "192.168.1.1",
                          "198.18.0.1",
                          "198.19.255.255",
                          "198.51.100.1",
                          "203.0.113.1",
                          "224.0.0.1",
                          "255.255.255.255",
                          "::",
                          "::1",
                          "fe80::1",
                          "fc00::1",
                          "fd00::1",
                          "ff02::1",
                          "2001:db8::1",
                          "2001::1",
                          "2002:7f00:1::",
                          "64:ff9b::a00:1",
                          "::ffff:127.0.0.1",
                          "::ffff:10.0.0.1",
                          "::127.0.0.1",
                          "3fff::1",
                          "4000::1"})
    EXPECT_FALSE(public_address(bad)) << bad;
}

TEST(NamesThisMachine, ByAddressAndByName) {
  for (const char* name : {"127.0.0.1", "127.8.8.8", "::1", "localhost", "a.localhost"})
    EXPECT_TRUE(names_this_machine(name));
  for (const char* name : {"10.0.0.1", "localhost.example", "alocalhost", "", "example.org"})
    EXPECT_FALSE(names_this_machine(name)) << name;
}

// A server for one connection at a time: reads something, and does as it is told.
class Server {
 public:
  explicit Server(std::function<void(int)> serve) : serve_(std::move(serve)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      while (true) {
        const int socket = ::accept(listener_, nullptr, nullptr);
        if (socket < 0) return;
        ++accepted;
        serve_(socket);
        ::close(socket);
      }
    });
  }
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  std::uint16_t port = 0;
  std::atomic<int> accepted{0};

 private:
  std::function<void(int)> serve_;
  int listener_ = -1;
  std::thread thread_;
};

TEST(Dial, ReachesThisMachineByFlagAlone) {
  Server server([](int socket) { (void)::send(socket, "hello", 5, MSG_NOSIGNAL); });
  for (const char* host : {"127.0.0.1", "localhost", "a.localhost"}) {
    EXPECT_EQ(dial({host, server.port, false, false, {}}, in_ms(2'000)).error().kind, ErrorKind::forbidden) << host;
    EXPECT_EQ(server.accepted, 0);
  }
  for (const char* host : {"127.0.0.1", "localhost", "a.localhost"}) {
    auto connection = dial({host, server.port, false, true, {}}, in_ms(5'000));
    ASSERT_TRUE(connection.ok()) << connection.error().text();
    std::array<Byte, 16> bytes{};
    EXPECT_EQ((*connection)->receive(bytes).value(), 5u);
    EXPECT_EQ((*connection)->receive(bytes).value(), 0u);
  }
  // The flag does not open the networks around.
  EXPECT_EQ(dial({"10.0.0.1", 80, false, true, {}}, in_ms(2'000)).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(dial({"169.254.169.254", 80, false, true, {}}, in_ms(2'000)).error().kind, ErrorKind::forbidden);
}

TEST(Dial, KeepsToItsDeadlineAlsoWhenBytesTrickle) {
  std::atomic<bool> ending{false};
  Server server([&](int socket) {
    while (!ending && ::send(socket, "x", 1, MSG_NOSIGNAL) == 1)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  const auto began = monotonic_ns();
  auto connection = dial({"127.0.0.1", server.port, false, true, {}}, in_ms(200));
  ASSERT_TRUE(connection.ok());
  std::array<Byte, 16> bytes{};
  Result<std::size_t> got = std::size_t{1};
  while (got.ok()) got = (*connection)->receive(bytes);
  EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
  EXPECT_LT(monotonic_ns() - began, 3'000'000'000);
  ending = true;
  connection->reset();
}

TEST(Dial, TakesLongerForWhatGoesOnComing) {
  Server server([&](int socket) {
    for (int i = 0; i < 12 && ::send(socket, "0123456789", 10, MSG_NOSIGNAL) == 10; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
  });
  const auto all = [&](std::size_t bytes_per_s) {
    auto connection = dial({"127.0.0.1", server.port, false, true, {}, bytes_per_s}, in_ms(2'000));
    std::array<Byte, 16> bytes{};
    std::size_t sum = 0;
    for (auto got = (*connection)->receive(bytes); got.ok() && *got > 0; got = (*connection)->receive(bytes))
      sum += *got;
    return sum;
  };
  EXPECT_EQ(all(1), 120u) << "each ten bytes buy ten seconds";
  EXPECT_LT(all(0), 120u);
}

TEST(Dial, IsNotHeldUpByWhatCameFastAndStandsStill) {
  std::atomic<bool> ending{false};
  Server server([&](int socket) {
    (void)::send(socket, "0123456789", 10, MSG_NOSIGNAL);
    while (!ending) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  const auto began = monotonic_ns();
  auto connection = dial({"127.0.0.1", server.port, false, true, {}, 1}, in_ms(500));
  std::array<Byte, 16> bytes{};
  EXPECT_EQ((*connection)->receive(bytes).value(), 10u);
  EXPECT_EQ((*connection)->receive(bytes).error().kind, ErrorKind::unavailable);
  EXPECT_LT(monotonic_ns() - began, 5'000'000'000) << "and not the ten seconds that ten bytes would buy";
  ending = true;
}

TEST(Dial, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  {
    Server server([](int) {});
    port = server.port;
  }
  EXPECT_EQ(dial({"127.0.0.1", port, false, true, {}}, in_ms(2'000)).error().kind, ErrorKind::unavailable);
}

TEST(Dial, BelievesOnlyTheCertificatesThatItShould) {
  const TestFolder folder;
  make_test_certificate(folder.file("cert.pem"), folder.file("key.pem"));
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  ASSERT_EQ(SSL_CTX_use_certificate_file(context, folder.file("cert.pem").c_str(), SSL_FILETYPE_PEM), 1);
  ASSERT_EQ(SSL_CTX_use_PrivateKey_file(context, folder.file("key.pem").c_str(), SSL_FILETYPE_PEM), 1);
  {
    Server server([context](int socket) {
      SSL* ssl = SSL_new(context);
      SSL_set_fd(ssl, socket);
      char bytes[16];
      if (SSL_accept(ssl) == 1 && SSL_read(ssl, bytes, sizeof bytes) == 4) SSL_write(ssl, "pong", 4);
      SSL_shutdown(ssl);
      SSL_free(ssl);
    });
    auto good = dial({"localhost", server.port, true, true, folder.file("cert.pem")}, in_ms(5'000));
    ASSERT_TRUE(good.ok()) << good.error().text();
    ASSERT_TRUE((*good)->send(as_bytes("ping")).ok());
    std::array<Byte, 16> bytes{};
    EXPECT_EQ((*good)->receive(bytes).value(), 4u);
    // Not by the system's authorities, and not for another name.
    EXPECT_EQ(dial({"localhost", server.port, true, true, {}}, in_ms(5'000)).error().kind, ErrorKind::unavailable);
    const auto other = dial({"a.localhost", server.port, true, true, folder.file("cert.pem")}, in_ms(5'000));
    ASSERT_FALSE(other.ok());
    EXPECT_NE(other.error().text().find("certificate"), std::string::npos) << other.error().text();
  }
  SSL_CTX_free(context);
}

}  // namespace
}  // namespace mw::platform
