#include "wire/frame.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace mw::wire {
namespace {

TEST(Varint, RoundTripsAtEveryLength) {
  for (const std::uint32_t value :
       {0u, 1u, 127u, 128u, 16383u, 16384u, 2097151u, 2097152u, 268435455u, 268435456u, 4294967295u}) {
    Bytes bytes;
    append_varint(bytes, value);
    ByteView rest = bytes;
    EXPECT_EQ(read_varint(rest), value);
    EXPECT_TRUE(rest.empty());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      ByteView part(bytes.data(), cut);
      EXPECT_EQ(read_varint(part), std::nullopt);
      EXPECT_EQ(part.size(), cut) << "an error leaves the bytes alone";
    }
  }
}

TEST(Varint, RefusesMoreThan32Bits) {
  for (const Bytes& bytes : {Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x10}, Bytes{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}}) {
    ByteView rest = bytes;
    EXPECT_EQ(read_varint(rest), std::nullopt);
  }
}

TEST(Frame, SeveralInOneMessage) {
  Bytes message;
  const Bytes payload{1, 2, 3};
  append_frame(message, {.kind = FrameKind::events, .track = 300, .group = 0, .sequence = 70'000}, payload);
  append_frame(message, {.kind = static_cast<FrameKind>(200)}, {});
  ByteView rest = message;
  const auto first = read_frame(rest);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->header.kind, FrameKind::events);
  EXPECT_EQ(first->header.track, 300u);
  EXPECT_EQ(first->header.sequence, 70'000u);
  EXPECT_EQ(first->header.length, 3u);
  EXPECT_TRUE(std::equal(payload.begin(), payload.end(), first->payload.begin(), first->payload.end()));
  const auto second = read_frame(rest);
  ASSERT_TRUE(second.ok()) << "a kind that nobody knows has a length, too";
  EXPECT_TRUE(second->payload.empty());
  EXPECT_TRUE(rest.empty());
}

TEST(Frame, EveryCutNamesWhatIsMissing) {
  Bytes message;
  append_frame(message, {.kind = FrameKind::events, .track = 1, .group = 2, .sequence = 3}, Bytes{9});
  const char* fields[] = {"kind", "track", "group", "sequence", "length", "length"};
  for (std::size_t cut = 0; cut < message.size(); ++cut) {
    ByteView rest(message.data(), cut);
    const auto read = read_frame(rest);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().field, fields[cut]);
    EXPECT_EQ(rest.size(), cut);
  }
}

TEST(Frame, RefusesALengthOverTheLimitBeforeLookingForTheBytes) {
  Bytes message{3, 0, 0, 0};
  append_varint(message, limits::kDownstreamFrameBytes + 1);
  ByteView rest = message;
  const auto read = read_frame(rest);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::too_large);
}

}  // namespace
}  // namespace mw::wire
