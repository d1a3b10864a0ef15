// Holds the host's side of the wire to schema/vectors/frames.json, as web/packages/protocol/src/vectors.test.ts holds the
// browser's. MW_WRITE_VECTORS=1 writes the file anew after a deliberate change of the protocol.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "data/json.h"
#include "wire/claim.h"
#include "wire/frame.h"
#include "wire/poses.h"

namespace mw::wire {
namespace {

constexpr const char* kPath = "schema/vectors/frames.json";

std::string hex(ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const Byte b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

Bytes unhex(const std::string& text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<Byte>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return out;
}

Json json_of(const PoseClaim& c) {
  return {{"epoch", c.epoch},     {"sequence", c.sequence}, {"time_ms", c.time_ms}, {"x_mm", c.x_mm},
          {"y_mm", c.y_mm},       {"z_mm", c.z_mm},         {"vx_mm_s", c.vx_mm_s}, {"vy_mm_s", c.vy_mm_s},
          {"vz_mm_s", c.vz_mm_s}, {"yaw", c.yaw},           {"gesture", c.gesture}, {"grounded", c.grounded}};
}

Json json_of(const Correction& c) {
  return {{"epoch", c.epoch}, {"sequence", c.sequence}, {"reason", c.reason}, {"x_mm", c.x_mm},
          {"y_mm", c.y_mm},   {"z_mm", c.z_mm},         {"yaw", c.yaw}};
}

Json json_of(const ClockAnswer& a) {
  return {{"time_ms", a.time_ms}, {"tick", a.tick}, {"since_tick_us", a.since_tick_us}};
}

Json json_of(const std::vector<Pose>& poses) {
  Json out = Json::array();
  for (const Pose& p : poses) {
    out.push_back({p.entity.value, p.x_cm, p.y_cm, p.z_cm, p.yaw, static_cast<int>(p.animation), p.speaking});
  }
  return out;
}

const PoseClaim kClaims[] = {
    {},
    {255, 65535, 4294967295, 4096000, -4096000, 1, -32768, 32767, 0, 65535, Gesture::clap, false},
    {3, 1000, 123456, -12345, 678, 90123, 1400, -20, -1400, 16384, Gesture::wave, true},
};
const Correction kCorrections[] = {{1, 2, CorrectionReason::wall, -1000, 250, 1000000, 49152},
                                   {200, 65535, CorrectionReason::placed, 0, 0, 0, 0}};
const ClockAnswer kAnswers[] = {{1, 2, 3}, {4294967295, 72000, 49999}};

MovingPose member(std::uint32_t entity, Pose pose, PoseVelocity velocity) {
  pose.entity = EntityId{entity};
  return {pose, velocity};
}

// A group that uses every symbol class: standing, walking, turning, jumping, gestures, far residuals, gaps of entities.
std::vector<std::vector<MovingPose>> crowd() {
  std::vector<MovingPose> key = {
      member(1, {{}, 0, 0, 0, 0, Animation::idle, false}, {}),
      member(2, {{}, -1250, 0, 3300, 64, Animation::walk, false}, {224, 0, -10}),
      member(9, {{}, 409600, -409600, 12, 255, Animation::sit, true}, {}),
      member(70000, {{}, 77, 120, -8, 128, Animation::jump, false}, {-800, 600, 31}),
      member(4000000000u, {{}, -3, 0, 4, 1, Animation::wave, false}, {0, 0, -224}),
  };
  auto same = key;
  auto moved = key;
  for (auto& [pose, velocity] : moved) {
    pose.x_cm += velocity.x * 2 / kVelocityParts;
    pose.y_cm += velocity.y * 2 / kVelocityParts;
    pose.z_cm += velocity.z * 2 / kVelocityParts + (velocity.z != 0);
  }
  auto far = moved;
  far[0].pose.x_cm = 4095;
  far[0].pose.yaw = 128;
  far[0].pose.animation = Animation::walk;
  far[1].pose.z_cm -= 30;
  far[1].pose.yaw = 50;
  far[1].pose.speaking = true;
  far[2].pose.yaw = 0;
  far[3].pose.y_cm = 0;
  far[3].pose.animation = Animation::idle;
  far[4].pose.x_cm -= 300;
  far[4].pose.z_cm += 200;
  far[4].pose.yaw = 101;
  return {key, same, moved, far};
}

// Where they are when the next group opens: one left, two came, one went too far to be told as a difference, and all but
// one move on otherwise than before.
std::vector<MovingPose> regrouped() {
  auto key = crowd()[0];
  key[0].velocity = {0, 0, 208};
  key[1].pose.x_cm += 120, key[1].pose.z_cm += 40, key[1].pose.yaw = 20;
  key[1].velocity = {93, 0, 180};
  key[3].pose = {EntityId{70001}, 900, -12, 35, 7, Animation::run, true};
  key[3].velocity = {};
  key[4].pose.z_cm -= 140, key[4].pose.x_cm += 3;
  key[4].velocity = {0, -20, -190};
  auto far = key[2];
  far.pose.entity = EntityId{10};
  key[2].pose.x_cm = -409'600;
  key.insert(key.begin() + 3, far);
  return key;
}

// A keyframe and its deltas, then the next group's keyframe as a rekey, and a delta of it. What is drawn is rounded to the
// level's steps.
void add_group(Json& out, PoseLevel level) {
  PoseEncoder encoder(0, level);
  PoseDecoder decoder;
  Bytes payload, frame;
  std::uint32_t tick = 1'000'000;
  const auto add = [&](FrameKind kind, std::uint32_t group, std::uint32_t sequence) {
    const auto status = kind == FrameKind::pose_keyframe ? decoder.keyframe(group, payload)
                        : kind == FrameKind::pose_rekey  ? decoder.rekey(group, payload)
                                                         : decoder.delta(group, payload);
    EXPECT_TRUE(status.ok()) << status.error().text();
    frame.clear();
    const std::uint32_t track = 300 + static_cast<unsigned>(level);
    append_frame(frame, {.kind = kind, .track = track, .group = group, .sequence = sequence}, payload);
    out.push_back({{"hex", hex(frame)}, {"tick", tick}, {"poses", json_of(decoder.poses())}});
  };
  const auto frames = crowd();
  for (std::uint32_t i = 0; i < frames.size(); ++i, tick += level_rule(level).period_ticks) {
    if (i == 0) {
      encoder.keyframe(tick, frames[i], payload);
    } else {
      EXPECT_TRUE(encoder.delta(tick, frames[i], payload));
    }
    add(i == 0 ? FrameKind::pose_keyframe : FrameKind::pose_delta, 5, i);
  }
  tick = std::max(tick, 1'000'020u);
  auto next = regrouped();
  encoder.keyframe(tick, next, payload);
  const auto plain = payload;
  EXPECT_TRUE(encoder.rekey(plain.size() + 100, payload));
  add(FrameKind::pose_rekey, 6, 0);
  PoseDecoder other;
  EXPECT_TRUE(other.keyframe(6, plain).ok());
  EXPECT_EQ(other.poses(), decoder.poses());
  tick += level_rule(level).period_ticks;
  for (auto& m : next) m.pose.z_cm += 11, m.pose.yaw = static_cast<std::uint8_t>(m.pose.yaw + 9);
  EXPECT_TRUE(encoder.delta(tick, next, payload));
  add(FrameKind::pose_delta, 6, 1);
}

Json poses_vectors() {
  Json out = Json::array();
  add_group(out, PoseLevel::full);
  PoseEncoder encoder;
  Bytes payload;
  const auto add = [&](FrameKind kind, std::uint32_t sequence, std::uint32_t tick) {
    Bytes frame;
    append_frame(frame, {.kind = kind, .track = 300, .group = 5, .sequence = sequence}, payload);
    out.push_back({{"hex", hex(frame)}, {"tick", tick}, {"poses", Json::array()}});
  };
  encoder.keyframe(7, {}, payload);
  add(FrameKind::pose_keyframe, 0, 7);
  EXPECT_TRUE(encoder.delta(9, {}, payload));
  add(FrameKind::pose_delta, 1, 9);
  for (unsigned level = 1; level < kPoseLevels; ++level) add_group(out, static_cast<PoseLevel>(level));
  return out;
}

Json made() {
  Json out;
  out["about"] = "schema/frames.md in examples. Members of poses: entity, x, y, z (cm), yaw, animation, speaking.";
  for (const auto& c : kClaims) out["claims"].push_back({{"hex", hex(encode(c))}, {"claim", json_of(c)}});
  for (const auto& c : kCorrections)
    out["corrections"].push_back({{"hex", hex(encode(c))}, {"correction", json_of(c)}});
  for (const auto& a : kAnswers) out["clocks"].push_back({{"hex", hex(encode(a))}, {"clock", json_of(a)}});
  out["pings"].push_back({{"hex", hex(encode(ClockPing{305419896}))}, {"time_ms", 305419896}});
  Bytes events;
  const std::string json =
      R"([{"type":"left","entity":12},{"type":"said","id":3,"entity":7,"name":"梅","text":"hi","time_ms":5}])";
  append_frame(events, {.kind = FrameKind::events, .track = 4294967295, .group = 0, .sequence = 128}, as_bytes(json));
  out["events"].push_back(
      {{"hex", hex(events)}, {"track", 4294967295}, {"sequence", 128}, {"events", Json::parse(json)}});
  out["poses"] = poses_vectors();
  out["refused_messages"] = {"11", "1101020304050607", "10", hex(Bytes(30, 0xFF)), hex(Bytes(29, 0x10)), "00"};
  out["refused_frames"] = {"01", "01ffffffffff0000", "0180808080100000", "0301000005aabb"};
  return out;
}

Json read_vectors() {
  std::ifstream file(kPath);
  std::stringstream text;
  text << file.rdbuf();
  auto parsed = data::parse_json(text.str());
  EXPECT_TRUE(parsed.ok()) << kPath;
  return parsed ? *parsed : Json::object();
}

TEST(Vectors, EncodersWriteTheGoldenBytes) {
  const Json now = made();
  if (std::getenv("MW_WRITE_VECTORS") != nullptr) {
    std::ofstream(kPath) << now.dump(1) << "\n";
  }
  const Json golden = read_vectors();
  for (const auto& [key, value] : now.items()) EXPECT_EQ(golden.value(key, Json()), value) << key;
  EXPECT_EQ(golden.size(), now.size());
}

TEST(Vectors, DecodersReadTheGoldenBytes) {
  const Json golden = read_vectors();
  for (const auto& v : golden.at("claims")) {
    const auto claim = decode_claim(unhex(v.at("hex")));
    ASSERT_TRUE(claim.ok()) << claim.error().text();
    EXPECT_EQ(json_of(*claim), v.at("claim"));
  }
  for (const auto& v : golden.at("corrections")) {
    const auto correction = decode_correction(unhex(v.at("hex")));
    ASSERT_TRUE(correction.ok());
    EXPECT_EQ(json_of(*correction), v.at("correction"));
  }
  for (const auto& v : golden.at("clocks")) {
    const auto answer = decode_clock_answer(unhex(v.at("hex")));
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(json_of(*answer), v.at("clock"));
  }
  PoseDecoder decoder;
  for (const auto& v : golden.at("poses")) {
    const Bytes bytes = unhex(v.at("hex"));
    ByteView rest = bytes;
    const auto frame = read_frame(rest);
    ASSERT_TRUE(frame.ok());
    const auto& [header, payload] = *frame;
    const auto status = header.kind == FrameKind::pose_keyframe ? decoder.keyframe(header.group, payload)
                        : header.kind == FrameKind::pose_rekey  ? decoder.rekey(header.group, payload)
                                                                : decoder.delta(header.group, payload);
    ASSERT_TRUE(status.ok()) << status.error().text();
    EXPECT_EQ(decoder.tick(), v.at("tick"));
    EXPECT_EQ(json_of(decoder.poses()), v.at("poses"));
  }
}

TEST(Vectors, WhatMustBeRefusedIs) {
  const Json golden = read_vectors();
  for (const auto& v : golden.at("refused_messages")) {
    const Bytes bytes = unhex(v);
    EXPECT_FALSE(decode_claim(bytes).ok()) << v;
    EXPECT_FALSE(decode_clock_ping(bytes).ok()) << v;
  }
  for (const auto& v : golden.at("refused_frames")) {
    const Bytes bytes = unhex(v);
    ByteView rest = bytes;
    EXPECT_FALSE(read_frame(rest).ok()) << v;
    EXPECT_EQ(rest.size(), bytes.size());
  }
}

}  // namespace
}  // namespace mw::wire
