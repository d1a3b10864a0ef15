#include "base/limits.h"
#include "wire/frame.h"
#include "wire/poses.h"
#include "wire/poses_layout.h"
#include "wire/prefix_code.h"

namespace mw::wire {
namespace {

using namespace layout;

bool in_extent(const Pose& steps, const LevelRule& rule) {
  const Pose pose = from_steps(steps, rule);
  return layout::in_extent(pose.x_cm) && layout::in_extent(pose.y_cm) && layout::in_extent(pose.z_cm);
}

std::int16_t take_signed(BitReader& bits, unsigned width) {
  if (width == 0) return 0;
  const std::uint32_t value = bits.take(width);
  const std::uint32_t sign = 1u << (width - 1);
  return static_cast<std::int16_t>(static_cast<std::int32_t>(value ^ sign) - static_cast<std::int32_t>(sign));
}

// What a keyframe states for all its members.
struct KeyHeader {
  std::int32_t low[3] = {};
  unsigned width[3] = {};
  unsigned velocity_width = 0, gap_order = 0;
};

bool take_header(BitReader& bits, KeyHeader& h) {
  for (int axis = 0; axis < 3; ++axis) {
    h.low[axis] = static_cast<std::int32_t>(bits.take(kOriginBits)) - kOriginBias;
    h.width[axis] = bits.take(kWidthBits);
    if (h.width[axis] > kOriginBits) return false;
  }
  h.velocity_width = bits.take(kWidthBits);
  h.gap_order = bits.take(kWidthBits);
  return h.velocity_width <= kVelocityWidthMax && h.gap_order < 31;
}

bool take_member(BitReader& bits, const KeyHeader& h, const LevelRule& rule, std::uint32_t& previous,
                 MovingPose& member) {
  std::uint32_t gap = 0;
  if (!bits.take_golomb(h.gap_order, gap) || gap >= 0xFFFFFFFF - previous) return false;
  previous += gap + 1;
  Pose& pose = member.pose;
  pose.entity = EntityId{previous};
  pose.x_cm = h.low[0] + static_cast<std::int32_t>(bits.take(h.width[0]));
  pose.y_cm = h.low[1] + static_cast<std::int32_t>(bits.take(h.width[1]));
  pose.z_cm = h.low[2] + static_cast<std::int32_t>(bits.take(h.width[2]));
  pose.yaw = static_cast<std::uint8_t>(bits.take(rule.yaw_bits));
  pose.animation = static_cast<Animation>(bits.take(kAnimationBits));
  pose.speaking = bits.take(kSpeakingBits) != 0;
  member.velocity = {};
  if (bits.take(1) != 0) {
    member.velocity.x = take_signed(bits, h.velocity_width);
    member.velocity.z = take_signed(bits, h.velocity_width);
    if (bits.take(1) != 0) member.velocity.y = take_signed(bits, h.velocity_width);
  }
  return in_extent(pose, rule);
}

void take_residual(BitReader& bits, unsigned c, std::int32_t& x, std::int32_t& z) {
  if (c == 1) {
    std::uint32_t place = bits.take(3);
    if (place >= 4) ++place;
    x += static_cast<std::int32_t>(place / 3) - 1;
    z += static_cast<std::int32_t>(place % 3) - 1;
    return;
  }
  const std::int32_t bias = (1 << c) - 1;
  x += static_cast<std::int32_t>(bits.take(c + 1)) - bias;
  z += static_cast<std::int32_t>(bits.take(c + 1)) - bias;
}

std::uint8_t take_yaw(BitReader& bits, unsigned c) {
  if (c == 0) return 0;
  const std::uint32_t value = bits.take(c);
  const bool negative = (value >> (c - 1)) == 0;
  return static_cast<std::uint8_t>(negative ? value - ((1u << c) - 1) : value);
}

// One member of a delta. `pose` holds the prediction's entity, animation and speaking already.
bool take_delta(BitReader& bits, const PrefixReader* codes, unsigned moving, const LevelRule& rule, Pose& pose) {
  unsigned symbol = codes[moving].take(bits);
  if (symbol == kState) {
    pose.animation = static_cast<Animation>(bits.take(kAnimationBits));
    pose.speaking = bits.take(kSpeakingBits) != 0;
    symbol = codes[moving].take(bits);
  }
  if (symbol == kVertical) {
    std::uint32_t height = 0;
    if (!bits.take_golomb(kVerticalOrder, height) || height > 4u * space::kExtentCm) return false;
    pose.y_cm += unzigzag(height);
    symbol = codes[moving].take(bits);
  }
  if (symbol > kClassMax + 1) return false;
  if (symbol != kAsPredicted) {
    const unsigned c = symbol - 1;
    if (c > 0) take_residual(bits, c, pose.x_cm, pose.z_cm);
    const unsigned yaw_class = codes[kPositionAlphabets + yaw_alphabet(moving, c)].take(bits);
    if (yaw_class > kYawClassMax) return false;
    const unsigned turned = pose.yaw + unsigned{take_yaw(bits, yaw_class)};
    pose.yaw = static_cast<std::uint8_t>(turned & ((1u << rule.yaw_bits) - 1));
  }
  return in_extent(pose, rule);
}

}  // namespace

Status PoseDecoder::keyframe(std::uint32_t group, ByteView payload) {
  const auto tick = read_varint(payload);
  if (!tick) return invalid("tick", "expected a varint of at most 32 bits");
  const auto level = read_varint(payload);
  if (!level || *level >= kPoseLevels) return invalid("level", "expected 0 to 4");
  const LevelRule rule = level_rule(static_cast<PoseLevel>(*level));
  const auto count = read_varint(payload);
  if (!count || *count > limits::kPosesPerFrame) return invalid("count", "expected at most 12000 members");
  BitReader bits(payload);
  KeyHeader header;
  if (*count > 0 && !take_header(bits, header)) return invalid("header", "a width is over its bound");
  // A member has at least 14 bits: no count makes the decoder reserve more than the payload can fill.
  if (*count > payload.size()) return invalid("count", "more members than the payload can hold");
  next_key_.resize(*count);
  std::uint32_t previous = 0;
  for (auto& member : next_key_) {
    if (!take_member(bits, header, rule, previous, member))
      return invalid("member", "an entity or a place is out of range");
  }
  if (!bits.ended_well()) return invalid("length", "the payload is shorter or longer than its members");
  key_.swap(next_key_);
  poses_.resize(key_.size());
  for (std::size_t i = 0; i < key_.size(); ++i) poses_[i] = from_steps(key_[i].pose, rule);
  level_ = static_cast<PoseLevel>(*level);
  group_ = group;
  key_tick_ = tick_ = *tick;
  return ok();
}

Status PoseDecoder::delta(std::uint32_t group, ByteView payload) {
  if (group_ == 0 || group != group_) return failure(ErrorKind::conflict, "the delta's group is not the current one");
  const auto dt = read_varint(payload);
  if (!dt || *dt == 0 || *dt > kGroupTicksMax) return invalid("ticks", "expected 1 to 255 ticks since the keyframe");
  BitReader bits(payload);
  PrefixReader codes[kPositionAlphabets + kYawAlphabets];
  if (!key_.empty()) {
    const bool trained = bits.take(1) != 0;
    for (std::size_t code = 0; code < std::size(codes); ++code) {
      CodeLengths lengths = trained_codes(level_, *dt)[code];
      if (!trained && !take_lengths(bits, lengths)) return invalid("codes", "the lengths make no prefix code");
      codes[code].set(lengths);
    }
  }
  const LevelRule rule = level_rule(level_);
  next_.resize(key_.size());
  for (std::size_t i = 0; i < key_.size(); ++i) {
    const auto& [key, velocity] = key_[i];
    Pose& pose = next_[i];
    pose = key;
    pose.x_cm = predict(key.x_cm, velocity.x, *dt);
    pose.y_cm = predict(key.y_cm, velocity.y, *dt);
    pose.z_cm = predict(key.z_cm, velocity.z, *dt);
    if (!take_delta(bits, codes, position_alphabet(velocity), rule, pose)) {
      return invalid("member", "a symbol or a place is out of range");
    }
    pose = from_steps(pose, rule);
  }
  if (!bits.ended_well()) return invalid("length", "the payload is shorter or longer than its members");
  poses_.swap(next_);
  tick_ = key_tick_ + *dt;
  return ok();
}

}  // namespace mw::wire
