#include "wire/poses.h"

#include <gtest/gtest.h>

#include <random>

#include "base/limits.h"
#include "space/units.h"
#include "wire/bits.h"
#include "wire/poses_layout.h"
#include "wire/prefix_code.h"
#include "wire/walking_trace.h"

namespace mw::wire {
namespace {

std::vector<Pose> poses_of(const std::vector<MovingPose>& moving) {
  std::vector<Pose> poses;
  for (const auto& m : moving) poses.push_back(m.pose);
  return poses;
}

MovingPose wild_pose(std::mt19937& random, std::uint32_t entity) {
  const auto coordinate = [&] {
    const std::int32_t span = random() % 3 == 0 ? space::kExtentCm : 2'000;
    return static_cast<std::int32_t>(random() % (2u * static_cast<std::uint32_t>(span) + 1)) - span;
  };
  MovingPose m;
  m.pose = {EntityId{entity},
            coordinate(),
            random() % 2 == 0 ? 0 : coordinate(),
            coordinate(),
            static_cast<std::uint8_t>(random()),
            static_cast<Animation>(random() % 8),
            random() % 2 == 0};
  if (random() % 2 == 0) {
    const std::uint32_t span = random() % 4 == 0 ? 65'536 : 1'600;
    const auto part = [&] { return static_cast<std::int16_t>(random() % span - span / 2); };
    m.velocity = {part(), static_cast<std::int16_t>(random() % 3 == 0 ? part() : 0), part()};
  }
  return m;
}

std::vector<MovingPose> wild_crowd(std::mt19937& random) {
  std::vector<MovingPose> crowd(random() % 40);
  std::uint32_t entity = 0;
  for (auto& m : crowd) {
    entity += 1 + (random() % 5 == 0 ? random() % 50'000'000 : random() % 3);
    m = wild_pose(random, entity);
  }
  return crowd;
}

// Anything that can be said is said exactly, whatever the velocity claims.
TEST(Poses, RoundTripOfWildCrowds) {
  std::mt19937 random(5);
  PoseEncoder encoder;
  PoseDecoder decoder;
  Bytes bytes;
  int deltas = 0;
  for (std::uint32_t group = 1; group <= 2'000; ++group) {
    auto crowd = wild_crowd(random);
    const auto tick = static_cast<std::uint32_t>(random());
    encoder.keyframe(tick, crowd, bytes);
    ASSERT_LE(bytes.size(), PoseEncoder::bytes_max(crowd.size()));
    const auto opened = decoder.keyframe(group, bytes);
    ASSERT_TRUE(opened.ok()) << opened.error().text();
    ASSERT_EQ(decoder.poses(), poses_of(crowd));
    const std::uint32_t dt = 1 + random() % 40;
    for (auto& [pose, velocity] : crowd) {
      if (random() % 3 == 0) pose.yaw = static_cast<std::uint8_t>(random());
      if (random() % 3 == 0) pose.animation = static_cast<Animation>(random() % 8);
      const std::int32_t span = 1 << random() % 13;
      const auto near = [&](std::int32_t key, std::int16_t v) {
        const std::int32_t moved = key + v * static_cast<std::int32_t>(dt) / kVelocityParts;
        const std::int32_t there =
            moved + static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(2 * span)) - span;
        return std::clamp(there, -space::kExtentCm, space::kExtentCm);
      };
      pose.x_cm = near(pose.x_cm, velocity.x);
      pose.z_cm = near(pose.z_cm, velocity.z);
      if (random() % 4 == 0) pose.y_cm = near(pose.y_cm, velocity.y);
    }
    if (!encoder.delta(tick + dt, crowd, bytes)) continue;
    ++deltas;
    ASSERT_LE(bytes.size(), PoseEncoder::bytes_max(crowd.size()));
    const auto read = decoder.delta(group, bytes);
    ASSERT_TRUE(read.ok()) << read.error().text();
    ASSERT_EQ(decoder.tick(), tick + dt) << "modulo 2^32";
    ASSERT_EQ(decoder.poses(), poses_of(crowd));
  }
  EXPECT_GT(deltas, 500);
}

// The goal of this codec, on a walking crowd, keyframes included: who misses none gets them as rekeys.
TEST(Poses, WalkersCostAtMost1_1Bytes) {
  for (const std::size_t people : {std::size_t{100}, std::size_t{1'000}}) {
    WalkingTrace trace(people, 5);
    PoseEncoder encoder;
    PoseDecoder decoder;
    Bytes bytes, plain;
    std::size_t total = 0;
    constexpr std::uint32_t kTicks = 60 * limits::kTickHz, kGroup = level_rule(PoseLevel::full).group_ticks;
    for (std::uint32_t tick = 0; tick < kTicks; ++tick, trace.step()) {
      const auto crowd = trace.poses();
      const std::uint32_t group = tick / kGroup + 1;
      if (tick % kGroup != 0) {
        ASSERT_TRUE(encoder.delta(tick, crowd, bytes));
        ASSERT_TRUE(decoder.delta(group, bytes).ok());
      } else {
        encoder.keyframe(tick, crowd, plain);
        const bool rekey = encoder.rekey(plain.size(), bytes);
        ASSERT_EQ(rekey, group > 1);
        ASSERT_TRUE((rekey ? decoder.rekey(group, bytes) : decoder.keyframe(group, plain)).ok());
      }
      ASSERT_EQ(decoder.poses(), poses_of(crowd));
      total += bytes.size();
    }
    const double bytes_per_pose = static_cast<double>(total) / static_cast<double>(people * kTicks);
    RecordProperty("bytes_per_pose_" + std::to_string(people), std::to_string(bytes_per_pose));
    EXPECT_LE(bytes_per_pose, 1.1) << people << " people";
    EXPECT_GT(bytes_per_pose, 0.5) << "the trace has come to a stand";
  }
}

TEST(Poses, AnyDeltaDecodesFromTheKeyframeAlone) {
  WalkingTrace trace(50, 9);
  PoseEncoder encoder;
  Bytes key, bytes;
  encoder.keyframe(0, trace.poses(), key);
  for (std::uint32_t dt = 1; dt <= 60; ++dt) {
    trace.step();
    ASSERT_TRUE(encoder.delta(dt, trace.poses(), bytes));
    PoseDecoder late;
    ASSERT_TRUE(late.keyframe(3, key).ok());
    ASSERT_TRUE(late.delta(3, bytes).ok());
    ASSERT_EQ(late.poses(), poses_of(trace.poses()));
  }
}

TEST(Poses, TheEncoderAsksForAKeyframeWhenItCannotSayIt) {
  std::vector<MovingPose> crowd(1);
  crowd[0].pose.entity = EntityId{1};
  PoseEncoder encoder;
  Bytes bytes;
  encoder.keyframe(10, crowd, bytes);
  EXPECT_FALSE(encoder.delta(10, crowd, bytes)) << "the keyframe's own tick";
  EXPECT_FALSE(encoder.delta(10 + kGroupTicksMax + 1, crowd, bytes));
  EXPECT_TRUE(encoder.delta(10 + kGroupTicksMax, crowd, bytes));
  crowd[0].pose.x_cm = 4'095;
  EXPECT_TRUE(encoder.delta(11, crowd, bytes));
  crowd[0].pose.x_cm = 4'096;
  EXPECT_FALSE(encoder.delta(11, crowd, bytes));
}

// At each level nobody is drawn further from the truth than half a step, on walks and on wild leaps within a group.
TEST(Poses, TheErrorOfALevelIsAtMostHalfAStep) {
  std::mt19937 random(17);
  for (unsigned index = 0; index < kPoseLevels; ++index) {
    const auto level = static_cast<PoseLevel>(index);
    const LevelRule rule = level_rule(level);
    const std::int32_t half = (1 << rule.position_shift) / 2, turn = (1 << (8 - rule.yaw_bits)) / 2;
    WalkingTrace trace(100, 7);
    PoseEncoder encoder(100, level);
    PoseDecoder decoder;
    Bytes bytes;
    for (std::uint32_t tick = 0; tick < 400; ++tick) {
      trace.step();
      auto crowd = trace.poses();
      for (auto& m : crowd) {  // from the second half on, everybody leaps and spins
        if (tick < 200) continue;
        m.pose.x_cm = static_cast<std::int32_t>(random() % 4'000) - 2'000;
        m.pose.y_cm = static_cast<std::int32_t>(random() % 4'000) - 2'000;
        m.pose.z_cm = (random() % 2 == 0 ? 1 : -1) * (space::kExtentCm - static_cast<std::int32_t>(random() % 3));
        if (tick % 20 != 0) m.pose.z_cm = decoder.poses()[m.pose.entity.value - 1].z_cm;
        m.pose.yaw = static_cast<std::uint8_t>(random());
      }
      if (tick % 20 == 0) {
        encoder.keyframe(tick, crowd, bytes);
        ASSERT_TRUE(decoder.keyframe(tick / 20 + 1, bytes).ok());
      } else {
        if (!encoder.delta(tick, crowd, bytes)) continue;
        ASSERT_TRUE(decoder.delta(tick / 20 + 1, bytes).ok());
      }
      ASSERT_EQ(decoder.level(), level);
      for (std::size_t i = 0; i < crowd.size(); ++i) {
        const Pose &truth = crowd[i].pose, &drawn = decoder.poses()[i];
        ASSERT_EQ(drawn.entity, truth.entity);
        ASSERT_LE(std::abs(drawn.x_cm - truth.x_cm), half);
        ASSERT_LE(std::abs(drawn.y_cm - truth.y_cm), half);
        ASSERT_LE(std::abs(drawn.z_cm - truth.z_cm), half);
        ASSERT_LE(std::abs(static_cast<std::int8_t>(drawn.yaw - truth.yaw)), turn);
        ASSERT_EQ(drawn.animation, truth.animation);
      }
    }
  }
}

// Both encodings of a keyframe lead to the same: poses and velocities, which the deltas after them show. Walkers, and people
// who leap, spin, gesture, come and go; at each level; a decoder that lost a group takes the plain one.
TEST(Poses, ARekeyIsTheKeyframeItself) {
  std::mt19937 random(23);
  std::size_t rekeys = 0;
  for (unsigned run = 0; run < 4 * kPoseLevels; ++run) {
    const auto level = static_cast<PoseLevel>(run % kPoseLevels);
    const bool wild = run >= 2 * kPoseLevels;
    WalkingTrace trace(60, run);
    PoseEncoder encoder(0, level);
    PoseDecoder by_rekey, by_plain;
    Bytes plain, rekey, delta;
    std::uint32_t tick = 1;
    for (std::uint32_t group = 1; group < 60; ++group) {
      const std::uint32_t ticks = 1 + random() % 30;
      for (std::uint32_t i = 0; i < ticks; ++i) trace.step();
      tick += ticks;
      auto crowd = trace.poses();
      std::erase_if(crowd, [&](const auto&) { return random() % 10 == 0; });
      for (auto& m : crowd) {
        if (wild && random() % 3 == 0) m = wild_pose(random, m.pose.entity.value);
        if (wild && random() % 3 == 0) m.velocity.x = static_cast<std::int16_t>(random());
      }
      if (random() % 20 == 0) crowd.clear();
      encoder.keyframe(tick, crowd, plain);
      const bool has = encoder.rekey(~std::size_t{0}, rekey);
      ASSERT_EQ(has, group > 1);
      ASSERT_LE(rekey.size(), PoseEncoder::bytes_max(66));
      ASSERT_TRUE(by_plain.keyframe(group, plain).ok());
      const bool lost = random() % 8 == 0;
      const bool holds = by_rekey.group() != 0 && by_rekey.group() + 1 == group;
      if (has && !holds) {
        ASSERT_EQ(by_rekey.rekey(group, rekey).error().kind, ErrorKind::conflict);
      }
      if (lost) continue;
      const auto status = has && holds ? by_rekey.rekey(group, rekey) : by_rekey.keyframe(group, plain);
      ASSERT_TRUE(status.ok()) << status.error().text();
      rekeys += has && holds;
      ASSERT_EQ(by_rekey.poses(), by_plain.poses());
      ASSERT_EQ(by_rekey.tick(), by_plain.tick());
      trace.step();
      if (!encoder.delta(tick + 1, crowd, delta)) continue;
      ASSERT_TRUE(by_rekey.delta(group, delta).ok());
      ASSERT_TRUE(by_plain.delta(group, delta).ok());
      ASSERT_EQ(by_rekey.poses(), by_plain.poses());
      for (std::size_t length = 0; length < rekey.size() && group % 10 == 0 && has; ++length) {
        PoseDecoder cut = by_rekey;
        ASSERT_FALSE(cut.rekey(group + 1, ByteView(rekey).first(length)).ok() && length == 0);
        ASSERT_EQ(cut.level(), level);
      }
    }
  }
  EXPECT_GT(rekeys, 600u);
}

TEST(Poses, TurnsLoseNothing) {
  for (unsigned angle = 0; angle < 256; ++angle) {
    for (std::int32_t x = -4'096; x <= 4'096; x += 37) {
      const layout::Pair told = layout::place_to_along({x, 411 - x / 3}, angle);
      const layout::Pair back = layout::along_to_place(told, angle);
      ASSERT_EQ(back.first, x);
      ASSERT_EQ(back.second, 411 - x / 3);
      const layout::Pair along = layout::turned(0, x, angle);
      const layout::Pair place = layout::along_to_place({x, 0}, angle);
      ASSERT_NEAR(along.first, place.first, 2);
      ASSERT_NEAR(along.second, place.second, 2);
    }
  }
}

TEST(Poses, DamageIsRefusedAndTheLastGoodStateStays) {
  WalkingTrace trace(20, 1);
  PoseEncoder encoder;
  PoseDecoder decoder;
  Bytes key, delta;
  encoder.keyframe(100, trace.poses(), key);
  EXPECT_EQ(decoder.delta(1, key).error().kind, ErrorKind::conflict) << "before any keyframe";
  ASSERT_TRUE(decoder.keyframe(1, key).ok());
  trace.step();
  ASSERT_TRUE(encoder.delta(101, trace.poses(), delta));
  ASSERT_TRUE(decoder.delta(1, delta).ok());
  const auto good = decoder.poses();
  EXPECT_EQ(decoder.delta(2, delta).error().kind, ErrorKind::conflict);
  for (std::size_t length = 0; length < key.size(); ++length) {
    EXPECT_FALSE(decoder.keyframe(2, ByteView(key).first(length)).ok()) << length;
  }
  for (std::size_t length = 0; length < delta.size(); ++length) {
    EXPECT_FALSE(decoder.delta(1, ByteView(delta).first(length)).ok()) << length;
  }
  key.push_back(0);
  EXPECT_FALSE(decoder.keyframe(2, key).ok()) << "a byte too many";
  const Bytes many{0x00, 0x00, 0xE0, 0x5D};  // tick 0, level 0, 12,000 members, no byte for them
  EXPECT_EQ(decoder.keyframe(2, many).error().field, "count");
  const Bytes level{0x00, kPoseLevels, 0x00};
  EXPECT_EQ(decoder.keyframe(2, level).error().field, "level");
  EXPECT_EQ(decoder.poses(), good);
  EXPECT_EQ(decoder.tick(), 101u);
  EXPECT_EQ(decoder.group(), 1u);
}

TEST(Bits, GolombCodesOfEveryOrder) {
  std::mt19937 random(3);
  for (unsigned k = 0; k <= 30; ++k) {
    Bytes bytes;
    BitWriter out(bytes, 2'000);
    std::vector<std::uint32_t> values;
    for (int i = 0; i < 100; ++i) {
      const auto spare = k > 12 ? 0u : 20u - k;  // codes of far larger values would have thousands of bits
      values.push_back(static_cast<std::uint32_t>(random()) >> spare);
    }
    values.push_back(0xFFFFFFFF);
    for (const auto value : values) out.put_golomb(value, k);
    out.finish();
    BitReader in(bytes);
    for (const auto value : values) {
      std::uint32_t read = 0;
      ASSERT_TRUE(in.take_golomb(k, read));
      ASSERT_EQ(read, value);
    }
    EXPECT_TRUE(in.ended_well());
  }
}

TEST(PrefixCode, RoundTripsAndIsShort) {
  std::mt19937 random(8);
  for (int round = 0; round < 200; ++round) {
    std::array<std::uint32_t, kSymbolsMax> counts{};
    std::vector<unsigned> symbols;
    const unsigned used = 1 + random() % kSymbolsMax;
    for (int i = 0; i < 300; ++i) {
      unsigned symbol = 0;
      while (symbol + 1 < used && random() % 3 != 0) ++symbol;
      symbols.push_back(symbol);
      counts[symbol]++;
    }
    const CodeLengths lengths = code_lengths(counts);
    Bytes bytes;
    BitWriter out(bytes, 1'000);
    put_lengths(out, lengths);
    const PrefixWriter writer(lengths);
    for (const auto symbol : symbols) writer.put(out, symbol);
    out.finish();
    BitReader in(bytes);
    CodeLengths read;
    ASSERT_TRUE(take_lengths(in, read));
    ASSERT_EQ(read, lengths);
    PrefixReader reader;
    reader.set(read);
    for (const auto symbol : symbols) ASSERT_EQ(reader.take(in), symbol);
    EXPECT_TRUE(in.ended_well());
  }
}

TEST(PrefixCode, RefusesLengthsThatMakeNoCode) {
  Bytes bytes;
  BitWriter out(bytes, 10);
  put_lengths(out, {1, 1, 1});
  out.finish();
  BitReader in(bytes);
  CodeLengths lengths;
  EXPECT_FALSE(take_lengths(in, lengths));
  const Bytes too_many{0xFF, 0xFF};  // 31 symbols
  BitReader other(too_many);
  EXPECT_FALSE(take_lengths(other, lengths));
}

}  // namespace
}  // namespace mw::wire
