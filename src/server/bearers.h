// Which bearer tokens are operators', for the edges: a copy that the control loop renews.
// Thread: any.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/clock.h"
#include "trust/keeper.h"

namespace mw::server {

class Bearers {
 public:
  void set(std::vector<std::pair<std::string, std::int64_t>> hashes) {
    const std::lock_guard lock(mutex_);
    hashes_ = {hashes.begin(), hashes.end()};
  }
  bool has(std::string_view bearer) const {
    const auto hash = trust::Keeper::token_hash(bearer);
    const std::lock_guard lock(mutex_);
    const auto at = hashes_.find(hash);
    return at != hashes_.end() && at->second > platform::wall_ms();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> hashes_;
};

}  // namespace mw::server
