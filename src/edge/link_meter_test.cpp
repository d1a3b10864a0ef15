#include "edge/link_meter.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/limits.h"

namespace mw::edge {
namespace {

// A link that carries so many bytes a second, and a sender that offers `wanted`, at most what the meter allows, 20 times a second.
struct Link {
  double carries = 0, wanted = 125'000, allowed = LinkMeter::kUnlimited, waiting = 0;
  std::int64_t now = 1'000;
  LinkMeter meter;

  void run(double seconds) {
    for (int i = 0; i < seconds * 100; ++i, now += 10) {
      if (i % 5 == 0 && waiting == 0) waiting = std::min(wanted, allowed) / 20;
      const double taken = std::min(waiting, carries / 100);
      meter.sent(static_cast<std::size_t>(taken));
      waiting -= taken;
      meter.blocked(waiting > 1, now);
      if (waiting <= 1) waiting = 0;
      if (const auto told = meter.measure(now)) allowed = *told;
    }
  }
};

TEST(LinkMeter, ALinkThatHoldsNothingUpIsNotLimited) {
  Link link{.carries = 1e9};
  link.run(20);
  EXPECT_EQ(link.allowed, LinkMeter::kUnlimited);
}

TEST(LinkMeter, AtMostThreeQuartersOfWhatANarrowLinkCarriesAreUsed) {
  for (const double carries : {20'000.0, 50'000.0, 100'000.0}) {
    Link link{.carries = carries};
    link.run(6);
    double most = 0;
    for (int i = 0; i < 60; ++i) {
      link.run(0.5);
      most = std::max(most, link.allowed);
    }
    EXPECT_LE(most, carries * 1.26) << "it is tried with more now and then, by a step";
    EXPECT_GE(link.allowed, carries * 0.4);
  }
}

TEST(LinkMeter, ALinkThatStandsStillIsGivenTheLeastAndRecovers) {
  Link link{.carries = 0};
  link.run(5);
  EXPECT_EQ(link.allowed, limits::kViewerBandwidthMin / 8.0);
  link.carries = 1e9;
  link.run(20);
  EXPECT_GE(link.allowed, link.wanted);
}

TEST(LinkMeter, ABurstIsNoLimit) {
  LinkMeter meter;
  for (std::int64_t now = 1'000; now < 30'000; now += 50) {
    meter.sent(6'000);
    meter.blocked(true, now);
    meter.blocked(false, now + 5);
    EXPECT_FALSE(meter.measure(now + 5).has_value());
  }
}

}  // namespace
}  // namespace mw::edge
