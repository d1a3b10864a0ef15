// Percentiles of many values in bounded memory: bins that grow by 1 % each, so an answer is off by at most 0.5 %.
// Thread: one.
#pragma once

#include <cstdint>
#include <vector>

namespace mw::bench {

class Distribution {
 public:
  void add(double value);  // negative values and what is no number count as 0
  double percentile(double share) const;  // of 0 to 1; 0 without values
  std::uint64_t count() const { return count_; }

 private:
  static constexpr double kLeast = 1e-5;
  static constexpr std::size_t kBins = 3'000;  // up to 1e-5 * 1.01^3000, about 9e7
  std::vector<std::uint32_t> bins_{};  // none before the first value
  std::uint64_t count_ = 0;
};

double rounded(double value, int digits);

}  // namespace mw::bench
