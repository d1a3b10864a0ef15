#include "bench/distribution.h"

#include <algorithm>
#include <cmath>

namespace mw::bench {
namespace {

const double kGrowth = std::log(1.01);

}  // namespace

void Distribution::add(double value) {
  std::size_t bin = 0;
  if (value > kLeast)
    bin = std::min(kBins - 1, 1 + static_cast<std::size_t>(std::log(std::min(value, 1e8) / kLeast) / kGrowth));
  if (bins_.empty()) bins_.resize(kBins);
  ++bins_[bin];
  ++count_;
}

double Distribution::percentile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_ - 1));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kBins; ++i) {
    below += bins_[i];
    if (below > wanted) return i == 0 ? 0 : kLeast * std::exp(kGrowth * (static_cast<double>(i) - 0.5));
  }
  return 0;
}

double rounded(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}

}  // namespace mw::bench
