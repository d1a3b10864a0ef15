#include "calls/quota.h"

#include <algorithm>

namespace mw::calls {

Quota::Quota(double per_second, double burst, std::size_t max_keys)
    : per_second_(per_second), burst_(burst), max_keys_(max_keys) {}

bool Quota::take(std::string_view key, double cost, double now_s) {
  auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    if (buckets_.size() >= max_keys_) {
      by_key_.erase(buckets_.back().key);
      buckets_.pop_back();
    }
    buckets_.push_front({std::string(key), burst_, now_s});
    found = by_key_.emplace(buckets_.front().key, buckets_.begin()).first;
  } else {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  }
  Bucket& bucket = *found->second;
  bucket.left = std::min(burst_, bucket.left + std::max(0.0, now_s - bucket.at_s) * per_second_);
  bucket.at_s = std::max(bucket.at_s, now_s);
  cost = std::min(cost, burst_);
  if (bucket.left < cost) return false;
  bucket.left -= cost;
  return true;
}

void Quota::forget(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  const auto bucket = found->second;
  by_key_.erase(found);
  buckets_.erase(bucket);
}

}  // namespace mw::calls
