#include <algorithm>
#include <iterator>

#include "base/limits.h"
#include "wire/frame.h"
#include "wire/poses.h"
#include "wire/poses_codes.h"
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

// A list of `members` as a keyframe has it; no room is made that the bits could not fill.
Status take_members(BitReader& bits, const LevelRule& rule, std::vector<MovingPose>& members) {
  KeyHeader header;
  if (!take_header(bits, header)) return invalid("header", "a width is out of range");
  std::uint32_t previous = 0;
  for (auto& member : members) {
    if (!take_member(bits, header, rule, previous, member))
      return invalid("member", "an entity or a place is out of range");
  }
  return ok();
}

// The codes of one frame as they are read.
class Readers {
 public:
  bool take_codes(BitReader& bits, unsigned codes, const Codes& trained) {
    const bool use_trained = bits.take(1) != 0;
    for (unsigned code = 0; code < codes; ++code) {
      CodeLengths own;
      if (!use_trained && !take_lengths(bits, own)) return false;
      readers_[code].set(use_trained ? trained[code] : own);
    }
    return true;
  }
  unsigned take(BitReader& bits, unsigned code) const { return readers_[code].take(bits); }

 private:
  PrefixReader readers_[kCodes];
};

// Reads what may stand before a member's first symbol, which is returned.
unsigned take_lead(BitReader& bits, const Readers& codes, unsigned lead, Pose& pose) {
  unsigned symbol = codes.take(bits, lead);
  if (symbol == kState) {
    pose.animation = static_cast<Animation>(bits.take(kAnimationBits));
    pose.speaking = bits.take(kSpeakingBits) != 0;
    symbol = codes.take(bits, lead);
  }
  if (symbol == kVertical) {
    std::uint32_t height = 0;
    if (!bits.take_golomb(kVerticalOrder, height) || height > 4u * space::kExtentCm) return PrefixReader::kNone;
    pose.y_cm += unzigzag(height);
    symbol = codes.take(bits, lead);
  }
  return symbol;
}

void turn_by(Pose& pose, std::int32_t turn, const LevelRule& rule) {
  pose.yaw = static_cast<std::uint8_t>((pose.yaw + static_cast<unsigned>(turn)) & ((1u << rule.yaw_bits) - 1));
}

bool take_standing(BitReader& bits, const Readers& codes, const LevelRule& rule, Pose& pose) {
  const unsigned symbol = take_lead(bits, codes, kPlace, pose);
  if (symbol > kPlaceClassMax + 1) return false;
  if (symbol == kAsPredicted) return true;
  if (symbol > kPlaceAsPredicted) take_place(bits, symbol - 1, pose.x_cm, pose.z_cm);
  const unsigned turn = codes.take(bits, kYaw);
  if (turn > kYawClassMax) return false;
  turn_by(pose, take_classed(bits, turn), rule);
  return true;
}

bool take_moving(BitReader& bits, const Readers& codes, const MovingPose& key, std::uint32_t dt, const LevelRule& rule,
                 Pose& pose) {
  const unsigned symbol = take_lead(bits, codes, kTurn, pose);
  Pair missing;  // along, aside
  std::int8_t turn = 0;
  if (symbol <= kYawClassMax) {
    const std::int32_t steps = take_classed(bits, symbol);
    turn = static_cast<std::int8_t>(static_cast<unsigned>(steps) << (8 - rule.yaw_bits));
    turn_by(pose, steps, rule);
    const unsigned aside = codes.take(bits, kAside + bucket(symbol));
    if (aside > kClassMax) return false;
    missing.second = take_classed(bits, aside);
    const unsigned along = codes.take(bits, kAlong + bucket(aside));
    if (along > kClassMax) return false;
    missing.first = take_classed(bits, along);
  } else if (symbol != kAllAsPredicted) {
    return false;
  }
  const Pair at = expected(key, dt, turn);
  if ((missing.first | missing.second) != 0) missing = along_to_place(missing, halfway(key, turn, rule));
  pose.x_cm = at.first + missing.first;
  pose.z_cm = at.second + missing.second;
  return true;
}

// One member of a delta or rekey. `pose` becomes the key's, then what it is now, in steps.
bool take_miss(BitReader& bits, const Readers& codes, const MovingPose& key, std::uint32_t dt, const LevelRule& rule,
               Pose& pose) {
  pose = key.pose;
  if (!moves(key.velocity)) return take_standing(bits, codes, rule, pose) && in_extent(pose, rule);
  pose.y_cm = predict(pose.y_cm, key.velocity.y, dt);
  return take_moving(bits, codes, key, dt, rule, pose) && in_extent(pose, rule);
}

bool fits(std::int32_t v) { return v == static_cast<std::int16_t>(v); }

bool take_velocity(BitReader& bits, const Readers& codes, const MovingPose& key, const LevelRule& rule,
                   MovingPose& member) {
  const unsigned moved = moves(key.velocity);
  unsigned symbol = codes.take(bits, kSpeed + moved);
  member.velocity = {};
  if (symbol == kStands) return true;
  std::int32_t y = key.velocity.y;
  if (symbol == kVertical) {
    std::uint32_t lift = 0;
    if (!bits.take_golomb(kVelocityVerticalOrder, lift) || lift > 0x1FFFF) return false;
    y += unzigzag(lift);
    symbol = codes.take(bits, kSpeed + moved);
  }
  if (symbol > kClassMax) return false;
  const std::int32_t along = take_classed(bits, symbol);
  const unsigned drift = codes.take(bits, kDrift + moved);
  if (drift > kClassMax) return false;
  const unsigned yaw = full_yaw(member.pose.yaw, rule);
  const Pair likely = turned(key.velocity.x, key.velocity.z, yaw - full_yaw(key.pose.yaw, rule));
  const Pair missing = along_to_place({along, take_classed(bits, drift)}, yaw);
  const std::int32_t x = likely.first + missing.first, z = likely.second + missing.second;
  if (!fits(x) || !fits(y) || !fits(z)) return false;
  member.velocity = {static_cast<std::int16_t>(x), static_cast<std::int16_t>(y), static_cast<std::int16_t>(z)};
  return true;
}

// Places of those who left, ascending, all below `count`.
bool take_left(BitReader& bits, std::size_t count, std::vector<std::uint32_t>& left) {
  if (left.empty()) return true;
  const unsigned order = bits.take(kWidthBits);
  if (order >= 31) return false;
  std::uint64_t next = 0;
  for (auto& place : left) {
    std::uint32_t gap = 0;
    if (!bits.take_golomb(order, gap) || next + gap >= count) return false;
    place = static_cast<std::uint32_t>(next + gap);
    next = std::uint64_t{place} + 1;
  }
  return true;
}

bool by_entity(const MovingPose& a, const MovingPose& b) { return a.pose.entity < b.pose.entity; }

}  // namespace

void PoseDecoder::open(std::uint32_t group, std::uint32_t tick) {
  key_.swap(next_key_);
  const LevelRule rule = level_rule(level_);
  poses_.resize(key_.size());
  for (std::size_t i = 0; i < key_.size(); ++i) poses_[i] = from_steps(key_[i].pose, rule);
  group_ = group;
  key_tick_ = tick_ = tick;
}

Status PoseDecoder::keyframe(std::uint32_t group, ByteView payload) {
  const auto tick = read_varint(payload);
  if (!tick) return invalid("tick", "expected a varint of at most 32 bits");
  const auto level = read_varint(payload);
  if (!level || *level >= kPoseLevels) return invalid("level", "expected 0 to 4");
  const LevelRule rule = level_rule(static_cast<PoseLevel>(*level));
  const auto count = read_varint(payload);
  if (!count || *count > limits::kPosesPerFrame) return invalid("count", "expected at most 12000 members");
  // A member has at least 14 bits: no count makes the decoder reserve more than the payload can fill.
  if (*count > payload.size()) return invalid("count", "more members than the payload can hold");
  BitReader bits(payload);
  next_key_.resize(*count);
  if (*count > 0) MW_TRY(take_members(bits, rule, next_key_));
  if (!bits.ended_well()) return invalid("length", "the payload is shorter or longer than its members");
  level_ = static_cast<PoseLevel>(*level);
  open(group, *tick);
  return ok();
}

Status PoseDecoder::rekey(std::uint32_t group, ByteView payload) {
  if (group_ == 0 || group - 1 != group_)
    return failure(ErrorKind::conflict, "the rekey's group does not follow the current one");
  const auto dt = read_varint(payload);
  if (!dt || *dt == 0 || *dt > kGroupTicksMax) return invalid("ticks", "expected 1 to 255 ticks since the keyframe");
  const auto left = read_varint(payload);
  if (!left || *left > key_.size()) return invalid("left", "more members left than there were");
  const auto came = read_varint(payload);
  const std::size_t stayed = key_.size() - *left;
  if (!came || *came > payload.size() || stayed + *came > limits::kPosesPerFrame)
    return invalid("came", "more members than the payload can hold, or than 12000");
  BitReader bits(payload);
  left_.resize(*left);
  if (!take_left(bits, key_.size(), left_)) return invalid("left", "no such member");
  const LevelRule rule = level_rule(level_);
  Readers codes;
  if (stayed > 0 && !codes.take_codes(bits, kCodes, trained_codes(level_, *dt)))
    return invalid("codes", "the lengths make no prefix code");
  next_key_.resize(stayed);
  std::size_t at = 0, gone = 0;
  for (std::size_t i = 0; i < key_.size(); ++i) {
    if (gone < left_.size() && left_[gone] == i) {
      ++gone;
      continue;
    }
    MovingPose& member = next_key_[at++];
    if (!take_miss(bits, codes, key_[i], *dt, rule, member.pose) || !take_velocity(bits, codes, key_[i], rule, member))
      return invalid("member", "a symbol, a place or a velocity is out of range");
  }
  came_.resize(*came);
  if (*came > 0) MW_TRY(take_members(bits, rule, came_));
  if (!bits.ended_well()) return invalid("length", "the payload is shorter or longer than its members");
  if (*came > 0) {
    next_key_.insert(next_key_.end(), came_.begin(), came_.end());
    std::sort(next_key_.begin(), next_key_.end(), by_entity);
    const auto same = [](const MovingPose& a, const MovingPose& b) { return a.pose.entity == b.pose.entity; };
    if (std::adjacent_find(next_key_.begin(), next_key_.end(), same) != next_key_.end())
      return invalid("came", "somebody came who is there");
  }
  open(group, key_tick_ + *dt);
  return ok();
}

Status PoseDecoder::delta(std::uint32_t group, ByteView payload) {
  if (group_ == 0 || group != group_) return failure(ErrorKind::conflict, "the delta's group is not the current one");
  const auto dt = read_varint(payload);
  if (!dt || *dt == 0 || *dt > kGroupTicksMax) return invalid("ticks", "expected 1 to 255 ticks since the keyframe");
  BitReader bits(payload);
  Readers codes;
  if (!key_.empty() && !codes.take_codes(bits, kDeltaCodes, trained_codes(level_, *dt)))
    return invalid("codes", "the lengths make no prefix code");
  const LevelRule rule = level_rule(level_);
  next_.resize(key_.size());
  for (std::size_t i = 0; i < key_.size(); ++i) {
    if (!take_miss(bits, codes, key_[i], *dt, rule, next_[i]))
      return invalid("member", "a symbol or a place is out of range");
    next_[i] = from_steps(next_[i], rule);
  }
  if (!bits.ended_well()) return invalid("length", "the payload is shorter or longer than its members");
  poses_.swap(next_);
  tick_ = key_tick_ + *dt;
  return ok();
}

}  // namespace mw::wire
