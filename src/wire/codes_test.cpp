// Trains the codes of deltas on walkers and on players (keys: stops, runs and turns in steps), half a minute of each, and
// holds what is committed to it. MW_WRITE_VECTORS=1 writes schema/vectors/pose_codes.json and src/wire/trained_codes.inc.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>

#include "data/json.h"
#include "wire/poses_layout.h"
#include "wire/walking_trace.h"

namespace mw::wire {
namespace {

using layout::Codes;
using layout::kAges;

class PlayerTrace {
 public:
  PlayerTrace(std::size_t people, std::uint32_t seed) : players_(people), random_(seed) {
    for (auto& p : players_) p.x = uniform(0, 30), p.z = uniform(0, 30);
    for (int i = 0; i < 100; ++i) step();
  }
  void step() {
    constexpr float kTick = 1.f / limits::kTickHz;
    for (auto& p : players_) {
      p.key_s -= kTick;
      if (p.key_s < 0) {
        p.key_s = -1.5f * std::log(uniform(1e-6f, 1));
        const float choice = uniform(0, 1);
        p.speed = choice < 0.3f ? 0.f : choice < 0.5f ? 3.5f : 1.4f;
        p.heading += 0.785398f * std::floor(uniform(-2, 3));
      }
      p.x += p.speed * std::sin(p.heading) * kTick;
      p.z += p.speed * std::cos(p.heading) * kTick;
    }
  }
  std::vector<MovingPose> poses() const {
    constexpr float kParts = space::kCentimetresPerMetre * kVelocityParts / static_cast<float>(limits::kTickHz);
    std::vector<MovingPose> out(players_.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto& p = players_[i];
      Pose& pose = out[i].pose;
      pose.entity = EntityId{static_cast<std::uint32_t>(i) + 1};
      pose.x_cm = space::to_cm(p.x);
      pose.z_cm = space::to_cm(p.z);
      pose.yaw = space::yaw_to_8(space::yaw_from_radians(p.heading));
      pose.animation = p.speed > 2 ? Animation::run : p.speed > 0 ? Animation::walk : Animation::idle;
      out[i].velocity.x = static_cast<std::int16_t>(space::nearest(p.speed * std::sin(p.heading) * kParts, 32'767));
      out[i].velocity.z = static_cast<std::int16_t>(space::nearest(p.speed * std::cos(p.heading) * kParts, 32'767));
    }
    return out;
  }

 private:
  struct Player {
    float x = 0, z = 0, heading = 0, speed = 0, key_s = 0;
  };
  float uniform(float low, float high) { return low + (high - low) * static_cast<float>(random_() >> 8) / 16777216.f; }
  std::vector<Player> players_;
  std::mt19937 random_;
};

using Counts = std::array<PoseEncoder::Counts, kPoseLevels * kAges>;

// Groups of each length in turn, as cells have them that open another when somebody comes.
template <typename Trace>
void count(Trace trace, unsigned level, Counts& into) {
  constexpr std::uint32_t kGroups[] = {20, 10, 8, 12, 5, 40, 10, 3, 2, 20, 7, 1, 10, 15, 4, 10};
  PoseEncoder encoder(0, static_cast<PoseLevel>(level));
  Bytes bytes;
  std::uint32_t tick = 0;
  for (std::size_t group = 0; tick < 1'000; ++group) {
    const std::uint32_t ticks = kGroups[group % std::size(kGroups)];
    encoder.keyframe(tick, trace.poses(), bytes);
    for (std::uint32_t dt = 1; dt <= ticks; ++dt) {
      trace.step();
      const auto poses = trace.poses();
      if (dt < ticks) {
        ASSERT_TRUE(encoder.delta(tick + dt, poses, bytes));
      } else {
        encoder.keyframe(tick + dt, poses, bytes);
        ASSERT_TRUE(encoder.rekey(bytes.size(), bytes));
      }
      auto& sum = into[level * kAges + layout::age_of(dt)];
      for (std::size_t code = 0; code < sum.size(); ++code) {
        for (unsigned s = 0; s < kSymbolsMax; ++s) sum[code][s] += encoder.counts()[code][s];
      }
    }
    tick += ticks;
  }
}

std::size_t cost(const PoseEncoder::Counts& counts, const Codes& codes) {
  std::size_t bits = 0;
  for (std::size_t code = 0; code < codes.size(); ++code) {
    for (unsigned s = 0; s < kSymbolsMax; ++s) bits += counts[code][s] * codes[code][s];
  }
  return bits;
}

// Every symbol that can occur has a codeword, so that any frame may use these codes.
Codes trained(PoseEncoder::Counts counts) {
  Codes codes;
  for (std::size_t code = 0; code < codes.size(); ++code) {
    const unsigned symbols = layout::symbols_of(static_cast<unsigned>(code));
    for (unsigned s = 0; s < symbols; ++s) counts[code][s] = counts[code][s] * 16 + 1;
    codes[code] = code_lengths(counts[code]);
  }
  return codes;
}

std::string digits(const CodeLengths& lengths) {
  std::string out;
  for (const auto length : lengths) out += static_cast<char>('0' + length);
  return out;
}

void write(const std::array<Codes, kPoseLevels * kAges>& all) {
  Json rows = Json::array();
  std::ofstream source("src/wire/trained_codes.inc");
  for (const Codes& codes : all) {
    Json row = Json::array();
    for (const auto& lengths : codes) row.push_back(digits(lengths));
    std::string line = row.dump();
    line.front() = '{', line.back() = '}';
    source << line << ",\n";
    rows.push_back(std::move(row));
  }
  std::ofstream("schema/vectors/pose_codes.json")
      << Json{{"about", "The trained codes of schema/frames.md, \"Delta\": a row for each level and age."},
              {"codes", rows}}
             .dump(1)
      << "\n";
}

TEST(TrainedCodes, AreWhatTheTracesAskFor) {
  auto counts = std::make_unique<Counts>();
  for (unsigned level = 0; level < kPoseLevels; ++level) {
    count(WalkingTrace(300, 21), level, *counts);
    count(PlayerTrace(100, 22), level, *counts);
  }
  std::array<Codes, kPoseLevels * kAges> now;
  for (std::size_t i = 0; i < now.size(); ++i) now[i] = trained((*counts)[i]);
  if (std::getenv("MW_WRITE_VECTORS") != nullptr) return write(now);
  std::ifstream file("schema/vectors/pose_codes.json");
  const Json stated = Json::parse(file);
  constexpr std::uint32_t kTicks[kAges] = {1, 2, 3, 4, 6, 9, 13, 21};
  for (std::size_t i = 0; i < now.size(); ++i) {
    const Codes& held = layout::trained_codes(static_cast<PoseLevel>(i / kAges), kTicks[i % kAges]);
    EXPECT_LE(static_cast<double>(cost((*counts)[i], held)), 1.01 * static_cast<double>(cost((*counts)[i], now[i])))
        << i;
    for (std::size_t code = 0; code < held.size(); ++code) {
      EXPECT_EQ(stated.at("codes").at(i).at(code), digits(held[code]));
      unsigned room = 0;
      for (const auto length : held[code]) room += length > 0 ? 1u << (kCodeBitsMax - length) : 0;
      EXPECT_LE(room, 1u << kCodeBitsMax) << "no prefix code";
    }
  }
}

}  // namespace
}  // namespace mw::wire
