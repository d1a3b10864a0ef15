#include "wasm/agreement.h"

#include <vector>

#include "base/limits.h"
#include "motion/course.h"
#include "motion/motion.h"
#include "motion/player.h"
#include "wire/picture.h"
#include "wire/poses.h"

namespace mw::wasm {
namespace {

// FNV-1a (Fowler, Noll, Vo), 64 bits.
class Hash {
 public:
  void add(std::uint32_t word) {
    for (int shift = 0; shift < 32; shift += 8) add_byte(static_cast<std::uint8_t>(word >> shift));
  }
  void add_byte(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001B3u; }
  void add(float value) { add(__builtin_bit_cast(std::uint32_t, value)); }
  void add(const motion::State& s) {
    for (const auto& v : {s.position, s.velocity}) {
      add(v.x);
      add(v.y);
      add(v.z);
    }
    add_byte(s.grounded);
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325u;
};

constexpr std::uint32_t kStepsPerCourse = 20'000;
constexpr std::uint32_t kStepsPerClaim = limits::kMotionStepHz / limits::kTickHz;

void wander(wire::MovingPose& m, motion::Dice& dice) {
  if (dice.chance(0.02f)) {
    m.velocity.x = static_cast<std::int16_t>(dice.between(-900, 900));
    m.velocity.z = static_cast<std::int16_t>(dice.between(-900, 900));
  }
  if (dice.chance(0.01f)) m.velocity = {};
  m.pose.x_cm += m.velocity.x / wire::kVelocityParts + static_cast<std::int32_t>(dice.between(-2, 2));
  m.pose.z_cm += m.velocity.z / wire::kVelocityParts + static_cast<std::int32_t>(dice.between(-2, 2));
  if (dice.chance(0.05f)) m.pose.y_cm += static_cast<std::int32_t>(dice.between(-60, 60));
  if (dice.chance(0.3f)) m.pose.yaw = static_cast<std::uint8_t>(m.pose.yaw + dice.bits() % 9 - 4);
  if (dice.chance(0.02f)) m.pose.animation = static_cast<wire::Animation>(dice.bits() % 8);
  if (dice.chance(0.02f)) m.pose.speaking = !m.pose.speaking;
}

void come_and_go(std::vector<wire::MovingPose>& crowd, motion::Dice& dice) {
  crowd.resize(dice.bits() % 200);
  std::uint32_t entity = 0;
  for (auto& m : crowd) {
    entity += 1 + dice.bits() % 5;
    m = {};
    m.pose.entity = EntityId{entity};
    m.pose.x_cm = static_cast<std::int32_t>(dice.between(-5000, 5000));
    m.pose.z_cm = static_cast<std::int32_t>(dice.between(-5000, 5000));
    m.pose.yaw = static_cast<std::uint8_t>(dice.bits());
  }
}

// A second track of the same crowd at a coarse level, and what a client sees of it.
class Coarse {
 public:
  bool next(std::uint32_t tick, bool open, const std::vector<wire::MovingPose>& crowd, Hash& hash) {
    auto kind = wire::FrameKind::pose_delta;
    if (open || !encoder_.delta(tick, crowd, bytes_)) {
      kind = wire::FrameKind::pose_keyframe;
      encoder_.keyframe(tick, crowd, bytes_);
      if (++group_ % 4 != 1 && encoder_.rekey(bytes_.size(), rekey_)) {
        kind = wire::FrameKind::pose_rekey;
        bytes_.swap(rekey_);
      }
    }
    if (!picture_.take({{.kind = kind, .track = 1, .group = group_}, bytes_}).ok()) return false;
    for (const Byte byte : bytes_) hash.add_byte(byte);
    const auto& seen = picture_.columns();
    for (std::size_t row = 0; row < picture_.size(); ++row) {
      hash.add(seen.entity[row]);
      hash.add(static_cast<std::uint32_t>(seen.x[row]) ^ seen.tick[row]);
    }
    return true;
  }

 private:
  wire::PoseEncoder encoder_{0, wire::PoseLevel::distant};
  wire::Picture picture_;
  Bytes bytes_, rekey_;
  std::uint32_t group_ = 0;
};

}  // namespace

std::uint64_t agree_on_motion(std::uint32_t steps) {
  Hash hash;
  const motion::Rules rules;
  for (std::uint32_t done = 0; done < steps;) {
    const std::uint32_t seed = done / kStepsPerCourse + 1;
    motion::CollisionWorld world;
    world.set_body(0, motion::load_baked(motion::bake(motion::make_course(seed, 40))).value(), {});
    motion::Keys keys(seed);
    motion::State state;
    motion::Record record = motion::place({}, rules);
    for (std::uint32_t i = 0; i < kStepsPerCourse && done < steps; ++i, ++done) {
      state = motion::step(state, keys.next(), rules, world);
      hash.add(state);
      if (done % kStepsPerClaim != 0) continue;
      const auto judgement = motion::judge(record, state, 1.f / limits::kTickHz, rules, world);
      hash.add_byte(static_cast<std::uint8_t>(judgement.verdict));
      hash.add(judgement.state);
      hash.add(record.credit);
    }
  }
  return hash.value();
}

std::uint64_t agree_on_poses(std::uint32_t frames) {
  Hash hash;
  motion::Dice dice(11);
  wire::PoseEncoder encoder;
  wire::PoseDecoder decoder;
  Coarse coarse;
  std::vector<wire::MovingPose> crowd;
  Bytes bytes, other;
  std::uint32_t group = 0;
  for (std::uint32_t tick = 1; tick <= frames; ++tick) {
    if (dice.chance(0.01f)) crowd.clear();
    if (crowd.empty()) come_and_go(crowd, dice);
    for (auto& member : crowd) wander(member, dice);
    const bool open = crowd.size() != decoder.poses().size() || group == 0 || tick % limits::kGroupMaxTicks == 0 ||
                      (!crowd.empty() && crowd.back().pose.entity != decoder.poses().back().entity);
    if (open || !encoder.delta(tick, crowd, bytes)) {
      encoder.keyframe(tick, crowd, bytes);
      const bool rekey = ++group % 4 != 1 && encoder.rekey(bytes.size(), other);
      if (!(rekey ? decoder.rekey(group, other) : decoder.keyframe(group, bytes)).ok()) return 0;
      for (const Byte byte : other) hash.add_byte(byte);
    } else if (!decoder.delta(group, bytes).ok()) {
      return 0;
    }
    if (!coarse.next(tick, open, crowd, hash)) return 0;
    for (const Byte byte : bytes) hash.add_byte(byte);
    for (std::size_t i = 0; i < crowd.size(); ++i) {
      const wire::Pose& pose = decoder.poses()[i];
      if (pose != crowd[i].pose) return 0;
      hash.add(static_cast<std::uint32_t>(pose.x_cm));
      hash.add(static_cast<std::uint32_t>(pose.z_cm) ^ pose.yaw);
    }
  }
  return hash.value();
}

}  // namespace mw::wasm
