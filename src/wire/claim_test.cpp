#include "wire/claim.h"

#include <gtest/gtest.h>

#include <random>

#include "space/units.h"

namespace mw::wire {
namespace {

PoseClaim any_claim(std::mt19937& random) {
  const auto coordinate = [&] {
    return static_cast<std::int32_t>(random() % (2u * space::kExtentMm + 1)) - space::kExtentMm;
  };
  PoseClaim c;
  c.epoch = static_cast<std::uint8_t>(random());
  c.sequence = static_cast<std::uint16_t>(random());
  c.time_ms = static_cast<std::uint32_t>(random());
  c.x_mm = coordinate();
  c.y_mm = coordinate();
  c.z_mm = coordinate();
  c.vx_mm_s = static_cast<std::int16_t>(random());
  c.vy_mm_s = static_cast<std::int16_t>(random());
  c.vz_mm_s = static_cast<std::int16_t>(random());
  c.yaw = static_cast<std::uint16_t>(random());
  c.gesture = static_cast<Gesture>(random() % static_cast<unsigned>(Gesture::count));
  c.grounded = random() % 2 == 0;
  return c;
}

TEST(Claim, RoundTrips) {
  std::mt19937 random(1);
  for (int i = 0; i < 2'000; ++i) {
    const PoseClaim claim = any_claim(random);
    const Bytes bytes = encode(claim);
    ASSERT_EQ(bytes.size(), kPoseClaimBytes);
    const auto read = decode_claim(bytes);
    ASSERT_TRUE(read.ok()) << read.error().text();
    EXPECT_EQ(*read, claim);
  }
}

// Sets `count` bytes from `at` of a good claim, and expects the field to be blamed.
void expect_blamed(std::size_t at, Bytes bytes_there, const char* field) {
  Bytes bytes = encode(PoseClaim{});
  std::copy(bytes_there.begin(), bytes_there.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  const auto read = decode_claim(bytes);
  ASSERT_FALSE(read.ok()) << field;
  EXPECT_EQ(read.error().field, field);
}

TEST(Claim, RefusesWhatIsOutOfRangeAndSaysWhat) {
  expect_blamed(0, {17}, "kind");
  expect_blamed(8, {0x01, 0x80, 0x3E, 0x00}, "x");  // 4,096,001 mm
  expect_blamed(12, {0x00, 0x00, 0x00, 0x80}, "y");
  expect_blamed(16, {0xFF, 0xFF, 0xFF, 0x7F}, "z");
  expect_blamed(28, {5}, "gesture");
  expect_blamed(29, {2}, "flags");
}

TEST(Claim, RefusesEveryOtherLength) {
  const Bytes bytes = encode(PoseClaim{});
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(decode_claim(ByteView(bytes).first(length)).ok());
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode_claim(longer).ok());
}

TEST(Clock, RoundTrips) {
  const auto ping = decode_clock_ping(encode(ClockPing{0xDEADBEEF}));
  ASSERT_TRUE(ping.ok());
  EXPECT_EQ(ping->time_ms, 0xDEADBEEF);
  const ClockAnswer answer{1, 0xFFFFFFFF, 49'999};
  const auto read = decode_clock_answer(encode(answer));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, answer);
  EXPECT_FALSE(decode_clock_ping(encode(answer)).ok());
  EXPECT_FALSE(decode_clock_answer(encode(ClockPing{})).ok());
}

TEST(Correction, RoundTripsAndKnowsItsReasons) {
  const Correction correction{255, 65535, CorrectionReason::bounds, -4'096'000, 1, 4'096'000, 65535};
  Bytes bytes = encode(correction);
  const auto read = decode_correction(bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, correction);
  constexpr std::size_t kReasonAt = 5 + 3;  // behind the header of five bytes
  for (const Byte reason : {Byte{0}, Byte{6}, Byte{255}}) {
    bytes[kReasonAt] = reason;
    const auto refused = decode_correction(bytes);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().field, "reason");
  }
}

TEST(Correction, StandsAlone) {
  Bytes two = encode(Correction{});
  const Bytes second = two;
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_FALSE(decode_correction(two).ok());
}

}  // namespace
}  // namespace mw::wire
