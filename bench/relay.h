// Two networks of their own (Linux network namespaces), joined by a relay in user space that holds every packet back for a while and
// loses some: a long and bad line on one machine, where the kernel has no netem. Each side has one TUN device.
// Needs the right to make namespaces and devices (root). Thread: the owner's; the relay has one of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/result.h"

namespace mw::bench {

class Relay {
 public:
  enum class Side : std::uint8_t { host, visitors };
  static constexpr const char* kAddresses[] = {"10.77.0.1", "10.77.0.2"};  // by side

  // Errors: `forbidden` without the right, `unavailable` where the kernel has no namespaces or no TUN.
  static Result<std::unique_ptr<Relay>> make(std::uint64_t seed);
  ~Relay();  // the calling thread goes back to the network that it came from
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // The calling thread, and every process that it starts from now on, is on this side.
  Status enter(Side side);
  // For packets that come from now on: `delay_s` each way, of at most kQueue packets each way (more are lost), and the share of
  // them, 0 to 1, that is lost at random.
  void set(double delay_s, double loss);

  std::uint64_t carried() const { return carried_.load(std::memory_order_relaxed); }
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kQueue = 50'000;
  struct Line;
  explicit Relay(std::uint64_t seed) : seed_(seed) {}
  void run();

  const std::uint64_t seed_;
  int origin_ = -1;
  int networks_[2] = {-1, -1}, devices_[2] = {-1, -1};
  std::atomic<double> delay_s_{0}, loss_{0};
  std::atomic<std::uint64_t> carried_{0}, lost_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace mw::bench
