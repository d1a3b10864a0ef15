// What a session's link was seen to carry, and so what may be sent of it: while bytes wait for the socket, what it takes is what
// the link carries. Of that kLinkShare may be used, so that a queue in the network never builds up (DESIGN.md, "The crowd"). A
// link that does not hold anything up is tried with more, step by step, until nothing limits it any more.
// Pure; units: bytes, milliseconds. Thread: its connection's loop. Tested in link_meter_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace mw::edge {

class LinkMeter {
 public:
  static constexpr double kUnlimited = std::numeric_limits<double>::infinity();
  static constexpr double kLinkShare = 0.75;
  static constexpr std::int64_t kIntervalMs = 1'000;

  void sent(std::size_t bytes) { bytes_ += static_cast<double>(bytes); }
  // Bytes began to wait, or wait no longer.
  void blocked(bool waiting, std::int64_t now_ms);
  // Called several times a second: bytes a second that may be sent, when that changed by more than a tenth.
  std::optional<double> measure(std::int64_t now_ms);

 private:
  double bytes_ = 0;  // in this interval
  double allowed_ = kUnlimited, told_ = kUnlimited;
  std::int64_t begun_ms_ = -1, blocked_ms_ = 0, since_ms_ = 0;
  bool waiting_ = false;
};

}  // namespace mw::edge
