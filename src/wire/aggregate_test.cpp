#include "wire/aggregate.h"

#include <gtest/gtest.h>

#include <random>

#include "base/limits.h"

namespace mw::wire {
namespace {

TEST(Aggregate, RoundTripsAnythingInRange) {
  std::mt19937 random(6);
  const auto between = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
  };
  Bytes bytes;
  for (int round = 0; round < 2'000; ++round) {
    Aggregate a;
    a.tick = static_cast<std::uint32_t>(random());
    a.count = static_cast<std::uint32_t>(random() % (limits::kAvatarsPerWorld + 1));
    for (auto* at : {&a.x, &a.y, &a.z}) *at = static_cast<std::int16_t>(between(-16'384, 16'384));
    for (auto* half : {&a.half_x, &a.half_z}) *half = static_cast<std::uint16_t>(between(0, 16'384));
    for (auto* part : {&a.slope_x, &a.slope_z, &a.velocity_x, &a.velocity_z})
      *part = static_cast<std::int8_t>(between(-128, 127));
    a.spread = static_cast<std::uint8_t>(random());
    a.shares = {};
    for (int i = 0; i < 15; ++i) a.shares[random() % 8]++;
    encode_aggregate(a, bytes);
    ASSERT_EQ(bytes.size(), kAggregateBytes);
    const auto read = decode_aggregate(bytes);
    ASSERT_TRUE(read.ok()) << read.error().text();
    ASSERT_EQ(*read, a);
  }
}

TEST(Aggregate, RefusesWhatIsOutOfRange) {
  Bytes good;
  encode_aggregate({.tick = 5, .count = 70'000}, good);
  ASSERT_TRUE(decode_aggregate(good).ok());
  const auto changed = [&](std::size_t at, Byte value) {
    Bytes bytes = good;
    bytes[at] = value;
    const auto read = decode_aggregate(bytes);
    return read.ok() ? std::string() : read.error().field;
  };
  EXPECT_EQ(changed(4, 0x71), "count") << "70,001";
  EXPECT_EQ(changed(9, 0x41), "place");
  EXPECT_EQ(changed(15, 0xFF), "place");
  EXPECT_EQ(changed(23, 14), "shares");
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_EQ(decode_aggregate(ByteView(good).first(length)).error().field, "length");
  }
  good.push_back(0);
  EXPECT_FALSE(decode_aggregate(good).ok());
}

}  // namespace
}  // namespace mw::wire
