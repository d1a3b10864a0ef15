#include "bench/plot.h"

#include <gtest/gtest.h>

namespace mw::bench {
namespace {

TEST(Plot, DrawsEachRunAndLeavesGaps) {
  const std::vector<Json> runs = {
      {{"mode", "budget"}, {"trace", "walk"}, {"clients", 1000}, {"server_core", 0.5}, {"floor_core", nullptr}},
      {{"mode", "budget"}, {"trace", "walk"}, {"clients", 500}, {"server_core", 0.25}, {"floor_core", 0.125}}};
  const auto svg = plot_crowd(runs);
  ASSERT_TRUE(svg.ok());
  // 500 of 1,000 clients at half of the most: the middle of the panel, both ways; then its right top.
  EXPECT_NE(svg->find("M230.0 109.0L408.0 30.0"), std::string::npos) << *svg;
  EXPECT_NE(svg->find(">floor<"), std::string::npos);
  EXPECT_EQ(svg->find(">clients<"), std::string::npos) << "nobody told of it";
}

TEST(Plot, RefusesWhatIsNoRun) {
  EXPECT_FALSE(plot_crowd({}).ok());
  EXPECT_FALSE(plot_crowd({Json::array()}).ok());
  EXPECT_FALSE(plot_crowd({Json{{"mode", "all"}}}).ok());
}

}  // namespace
}  // namespace mw::bench
