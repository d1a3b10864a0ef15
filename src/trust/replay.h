// What was used once and must not be used again, remembered until it would expire by itself. Bounded in all and for each
// source; when it is full, what is new is refused: forgetting would let a replay through, and a source that floods shuts out
// itself alone.
// Thread: that of its owner. Cost: a hash map and a tree, logarithmic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/limits.h"
#include "base/result.h"

namespace mw::trust {

class ReplayMemory {
 public:
  explicit ReplayMemory(std::size_t most = limits::kVisitNonces,
                        std::size_t most_per_source = limits::kVisitNoncesPerHome)
      : most_(most), most_per_source_(most_per_source) {}

  // Errors: `conflict` when it was spent before, `rate_limited` when there is no place for it. Times are Unix milliseconds;
  // what is over at `now_ms` is forgotten first.
  Status spend(std::string_view nonce, std::string_view source, std::int64_t expires_ms, std::int64_t now_ms);

  std::size_t size() const { return spent_.size(); }

 private:
  void forget(std::int64_t now_ms);

  std::size_t most_, most_per_source_;
  std::unordered_map<std::string, std::string> spent_;  // nonce -> source
  std::multimap<std::int64_t, std::string> by_expiry_;
  std::unordered_map<std::string, std::size_t> per_source_;
};

}  // namespace mw::trust
