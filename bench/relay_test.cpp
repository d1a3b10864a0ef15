#include "bench/relay.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/process.h"

namespace mw::bench {
namespace {

// A UDP socket on one side of the line.
class Datagrams {
 public:
  explicit Datagrams(Relay& relay, Relay::Side side) {
    EXPECT_TRUE(relay.enter(side).ok());
    fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto own = at(side);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
  }
  ~Datagrams() { ::close(fd_); }
  void send(Relay::Side to, int number) const {
    const auto end = at(to);
    ::sendto(fd_, &number, sizeof number, 0, reinterpret_cast<const sockaddr*>(&end), sizeof end);
  }
  // The next one, or -1 after that time.
  int receive(int timeout_ms) const {
    pollfd watched{fd_, POLLIN, 0};
    int number = -1;
    if (::poll(&watched, 1, timeout_ms) == 1) ::recv(fd_, &number, sizeof number, 0);
    return number;
  }

 private:
  static sockaddr_in at(Relay::Side side) {
    sockaddr_in end{};
    end.sin_family = AF_INET;
    end.sin_port = htons(4000);
    ::inet_pton(AF_INET, Relay::kAddresses[static_cast<int>(side)], &end.sin_addr);
    return end;
  }
  int fd_ = -1;
};

TEST(Relay, HoldsBackAndLosesWhatItIsToldTo) {
  auto made = Relay::make(7);
  if (!made.ok() && made.error().kind == ErrorKind::forbidden) GTEST_SKIP() << "needs root: " << made.error().text();
  if (!made.ok()) GTEST_SKIP() << "the kernel has no TUN devices: " << made.error().text();
  Relay& relay = **made;
  const Datagrams host(relay, Relay::Side::host), visitor(relay, Relay::Side::visitors);

  relay.set(0.05, 0);
  const double sent = monotonic_seconds();
  for (int i = 0; i < 20; ++i) visitor.send(Relay::Side::host, i);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(host.receive(5'000), i) << "in order, and none is missing";
  EXPECT_GE(monotonic_seconds() - sent, 0.05);
  host.send(Relay::Side::visitors, 99);
  EXPECT_EQ(visitor.receive(5'000), 99);
  EXPECT_EQ(relay.lost(), 0u);

  relay.set(0, 0.25);
  int came = 0;
  for (int i = 0; i < 400; ++i) {  // one at a time: a burst would overflow the socket, which loses without telling
    const auto lost = relay.lost();
    visitor.send(Relay::Side::host, i);
    for (int k = 0; k < 5'000 && relay.lost() == lost; ++k)
      if (host.receive(1) == i) {
        ++came;
        break;
      }
  }
  EXPECT_EQ(static_cast<std::uint64_t>(came) + relay.lost(), 400u);
  EXPECT_GT(came, 250);
  EXPECT_LT(came, 350);
}

}  // namespace
}  // namespace mw::bench
