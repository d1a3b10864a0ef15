#include "trust/replay.h"

#include "base/format.h"

namespace mw::trust {

void ReplayMemory::forget(std::int64_t now_ms) {
  while (!by_expiry_.empty() && by_expiry_.begin()->first < now_ms) {
    const auto spent = spent_.find(by_expiry_.begin()->second);
    const auto source = per_source_.find(spent->second);
    if (--source->second == 0) per_source_.erase(source);
    spent_.erase(spent);
    by_expiry_.erase(by_expiry_.begin());
  }
}

Status ReplayMemory::spend(std::string_view nonce, std::string_view source, std::int64_t expires_ms,
                           std::int64_t now_ms) {
  forget(now_ms);
  std::string key(nonce);
  if (spent_.contains(key)) return failure(ErrorKind::conflict, "it was used before");
  if (spent_.size() >= most_) return failure(ErrorKind::rate_limited, "too many at once; later it will do");
  std::size_t& count = per_source_[std::string(source)];
  if (count >= most_per_source_)
    return failure(ErrorKind::rate_limited, format("too many at once from {}; later it will do", source));
  ++count;
  by_expiry_.emplace(expires_ms, key);
  spent_.emplace(std::move(key), source);
  return ok();
}

}  // namespace mw::trust
