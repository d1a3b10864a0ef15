#include "bench/relay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <random>

#include "base/bytes.h"
#include "base/format.h"
#include "bench/process.h"

namespace mw::bench {
namespace {

constexpr const char* kOwnNetwork = "/proc/thread-self/ns/net";
constexpr const char* kDevice = "line0";
constexpr std::size_t kPacketBytes = 65'536;
constexpr int kReadsInTurn = 64;  // of one side, then the other has its turn
constexpr int kIdleMs = 20;

Error refused(const char* what) {
  const auto kind = errno == EPERM || errno == EACCES ? ErrorKind::forbidden : ErrorKind::unavailable;
  return Error{kind, "", format("{}: {}", what, std::strerror(errno))};
}

ifreq request_for(const char* device) {
  ifreq request{};
  std::strncpy(request.ifr_name, device, sizeof request.ifr_name - 1);
  return request;
}

Status set_address(int socket, unsigned long what, const char* address) {
  auto request = request_for(kDevice);
  sockaddr_in end{};
  end.sin_family = AF_INET;
  ::inet_pton(AF_INET, address, &end.sin_addr);
  std::memcpy(&request.ifr_addr, &end, sizeof end);
  if (::ioctl(socket, what, &request) != 0) return refused("an address of the line");
  return ok();
}

Status raise(int socket, const char* device) {
  auto request = request_for(device);
  if (::ioctl(socket, SIOCGIFFLAGS, &request) != 0) return refused(device);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
  if (::ioctl(socket, SIOCSIFFLAGS, &request) != 0) return refused(device);
  return ok();
}

// In the network of the calling thread.
Result<int> make_device(const char* address) {
  const int device = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) return refused("/dev/net/tun");
  auto request = request_for(kDevice);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const auto configure = [&]() -> Status {
    if (::ioctl(device, TUNSETIFF, &request) != 0) return refused("a TUN device");
    MW_TRY(set_address(socket, SIOCSIFADDR, address));
    MW_TRY(set_address(socket, SIOCSIFNETMASK, "255.255.255.0"));
    MW_TRY(raise(socket, kDevice));
    return raise(socket, "lo");
  };
  const Status status = configure();
  ::close(socket);
  if (status.ok()) return device;
  ::close(device);
  return status.error();
}

}  // namespace

// One direction.
struct Relay::Line {
  struct Packet {
    double due;
    Bytes bytes;
  };
  int from, to;
  std::deque<Packet> queue{};

  double wait(double now) const { return queue.empty() ? 1 : std::max(0.0, queue.front().due - now); }
  void deliver(double now) {
    while (!queue.empty() && queue.front().due <= now) {
      // A device that takes nothing just now loses the packet, as a full line does.
      [[maybe_unused]] const auto put = ::write(to, queue.front().bytes.data(), queue.front().bytes.size());
      queue.pop_front();
    }
  }
};

Result<std::unique_ptr<Relay>> Relay::make(std::uint64_t seed) {
  std::unique_ptr<Relay> relay(new Relay(seed));
  relay->origin_ = ::open(kOwnNetwork, O_RDONLY | O_CLOEXEC);
  if (relay->origin_ < 0) return refused(kOwnNetwork);
  for (const Side side : {Side::host, Side::visitors}) {
    const auto i = static_cast<std::size_t>(side);
    if (::unshare(CLONE_NEWNET) != 0) return refused("a network of its own");
    relay->networks_[i] = ::open(kOwnNetwork, O_RDONLY | O_CLOEXEC);
    if (relay->networks_[i] < 0) return refused(kOwnNetwork);
    const auto device = make_device(kAddresses[i]);
    MW_TRY(device);
    relay->devices_[i] = *device;
  }
  relay->thread_ = std::thread([raw = relay.get()] { raw->run(); });
  return relay;
}

Relay::~Relay() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  if (origin_ >= 0) ::setns(origin_, CLONE_NEWNET);
  for (const int descriptor : {origin_, networks_[0], networks_[1], devices_[0], devices_[1]})
    if (descriptor >= 0) ::close(descriptor);
}

Status Relay::enter(Side side) {
  if (::setns(networks_[static_cast<std::size_t>(side)], CLONE_NEWNET) != 0) return refused("a side of the line");
  return ok();
}

void Relay::set(double delay_s, double loss) {
  delay_s_ = delay_s;
  loss_ = loss;
}

void Relay::run() {
  std::mt19937_64 random(seed_);
  std::uniform_real_distribution<double> share(0, 1);
  std::array<Line, 2> lines{Line{devices_[0], devices_[1]}, Line{devices_[1], devices_[0]}};
  Bytes packet(kPacketBytes);
  while (!stop_) {
    double now = monotonic_seconds();
    const double wait = std::min({kIdleMs / 1000.0, lines[0].wait(now), lines[1].wait(now)});
    const timespec time{0, static_cast<long>(wait * 1e9)};
    std::array<pollfd, 2> watched{pollfd{devices_[0], POLLIN, 0}, pollfd{devices_[1], POLLIN, 0}};
    ::ppoll(watched.data(), watched.size(), &time, nullptr);
    now = monotonic_seconds();
    for (Line& line : lines) {
      for (int i = 0; i < kReadsInTurn; ++i) {
        const auto got = ::read(line.from, packet.data(), packet.size());
        if (got <= 0) break;
        if (share(random) < loss_ || line.queue.size() >= kQueue) {
          ++lost_;
          continue;
        }
        ++carried_;
        line.queue.push_back({now + delay_s_, Bytes(packet.begin(), packet.begin() + got)});
      }
      line.deliver(now);
    }
  }
}

}  // namespace mw::bench
