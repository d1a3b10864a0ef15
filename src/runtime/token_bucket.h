// A rate limit: `rate` tokens a second, at most `burst` saved up. Small enough for one per session and kind. The time is
// given (monotonic milliseconds), so that it behaves the same in the simulation.
// Thread: its owner's.
#pragma once

#include <algorithm>
#include <cstdint>

namespace mw::runtime {

class TokenBucket {
 public:
  TokenBucket(double rate, double burst)
      : rate_(static_cast<float>(rate)), burst_(static_cast<float>(burst)), tokens_(burst_) {}

  // Takes `cost` tokens if they are there.
  bool take(std::int64_t now_ms, double cost = 1) {
    if (last_ms_ >= 0 && now_ms > last_ms_)
      tokens_ = std::min(burst_, tokens_ + rate_ * static_cast<float>(now_ms - last_ms_) * 0.001F);
    last_ms_ = std::max(last_ms_, now_ms);
    if (tokens_ < static_cast<float>(cost)) return false;
    tokens_ -= static_cast<float>(cost);
    return true;
  }
  // Would be full by then: nothing to remember.
  bool idle(std::int64_t now_ms) const {
    return last_ms_ < 0 || tokens_ + rate_ * static_cast<float>(now_ms - last_ms_) * 0.001F >= burst_;
  }

 private:
  float rate_, burst_, tokens_;
  std::int64_t last_ms_ = -1;
};

}  // namespace mw::runtime
