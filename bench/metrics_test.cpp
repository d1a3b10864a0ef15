#include "bench/metrics.h"

#include <gtest/gtest.h>

namespace mw::bench {
namespace {

TEST(Metrics, ReadsTheDifferenceOfAHistogram) {
  const Metrics before =
      parse_metrics("# HELP t\nt_bucket{le=\"0.01\"} 100\nt_bucket{le=\"0.02\"} 100\nt_bucket{le=\"+Inf\"} 100\nx 3\n");
  const Metrics after = parse_metrics(
      "t_bucket{le=\"0.001\"} 0\nt_bucket{le=\"0.01\"} 150\nt_bucket{le=\"0.02\"} 200\nt_bucket{le=\"+Inf\"} 200\n");
  EXPECT_EQ(before.at("x"), 3);
  EXPECT_NEAR(histogram_percentile(before, after, "t", 0.5), 0.01, 1e-9);
  EXPECT_NEAR(histogram_percentile(before, after, "t", 0.75), 0.015, 1e-9);
  EXPECT_EQ(histogram_percentile(before, after, "other", 0.5), -1);
  EXPECT_EQ(histogram_percentile(after, after, "t", 0.5), -1) << "nothing came between";
}

}  // namespace
}  // namespace mw::bench
