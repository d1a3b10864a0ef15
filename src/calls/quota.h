// Token buckets, one for each caller, refilled continuously. Bounded: when too many callers are known, the one that was idle
// longest is forgotten, which gives it a full bucket again.
// Thread: one. Time is given, in monotonic seconds.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mw::calls {

class Quota {
 public:
  Quota(double per_second, double burst, std::size_t max_keys);

  // True, and the cost is taken, when the caller has that much left. A cost over `burst` is asked as `burst`.
  bool take(std::string_view key, double cost, double now_s);
  void forget(std::string_view key);
  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::string key;
    double left = 0;
    double at_s = 0;
  };
  double per_second_, burst_;
  std::size_t max_keys_;
  std::list<Bucket> buckets_;  // the latest used first
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key_;  // views into the list's keys
};

}  // namespace mw::calls
