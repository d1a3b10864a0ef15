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

constexpr std::size_t kKeyMemberBytesMax = 32;    // 63 + 60 + 12 + 1 + 49 bits
constexpr std::size_t kDeltaMemberBytesMax = 20;  // 7 + 4, 7 + 45, 3 * 7 + 8 + 2 * 13 bits, and some
constexpr std::size_t kRekeyMemberBytesMax = 30;  // those, 7 + 37, 2 * 7 + 2 * 13 bits
constexpr std::size_t kTablesBytesMax = 128;
constexpr std::size_t kVarintBytesMax = 5;
static_assert(kDeltaMemberBytesMax <= kKeyMemberBytesMax && kRekeyMemberBytesMax <= kKeyMemberBytesMax);
static_assert(limits::kPosesPerFrame * kKeyMemberBytesMax + 1024 <= limits::kDownstreamFrameBytes);

// Bits of a two's complement number.
unsigned signed_width(std::int16_t v) { return v == 0 ? 0 : bits_of(magnitude(v < 0 ? v + 1 : v)) + 1; }

struct Bounds {
  std::int32_t low[3] = {kOriginBias, kOriginBias, kOriginBias};
  std::int32_t high[3] = {-kOriginBias, -kOriginBias, -kOriginBias};
  unsigned velocity_width = 0;
  std::uint32_t largest_entity = 0;
};

void extend(Bounds& b, const MovingPose& m) {
  const auto& [pose, velocity] = m;
  const std::int32_t at[3] = {pose.x_cm, pose.y_cm, pose.z_cm};
  for (int axis = 0; axis < 3; ++axis) {
    b.low[axis] = std::min(b.low[axis], at[axis]);
    b.high[axis] = std::max(b.high[axis], at[axis]);
  }
  b.velocity_width =
      std::max({b.velocity_width, signed_width(velocity.x), signed_width(velocity.y), signed_width(velocity.z)});
  MW_ASSERT(pose.entity.value > b.largest_entity);
  b.largest_entity = pose.entity.value;
}

void put_signed(BitWriter& bits, std::int16_t value, unsigned width) {
  bits.put(static_cast<std::uint32_t>(value) & ((1u << width) - 1), width);
}

void put_velocity(BitWriter& bits, const PoseVelocity& v, unsigned width) {
  const bool moving = moves(v);
  bits.put(moving, 1);
  if (!moving) return;
  put_signed(bits, v.x, width);
  put_signed(bits, v.z, width);
  bits.put(v.y != 0, 1);
  if (v.y != 0) put_signed(bits, v.y, width);
}

// A list of members as a keyframe has it: `count` of them, at `which(i)`; at least one.
template <typename Which>
void put_members(BitWriter& bits, std::uint32_t count, const LevelRule& rule, Which&& which) {
  Bounds b;
  for (std::uint32_t i = 0; i < count; ++i) extend(b, which(i));
  // The mean gap costs about its own size.
  const unsigned gap_order = std::min(bits_of((b.largest_entity - count) / count), 30u);
  unsigned width[3];
  for (int axis = 0; axis < 3; ++axis) {
    width[axis] = bits_of(static_cast<std::uint32_t>(b.high[axis] - b.low[axis]));
    bits.put(static_cast<std::uint32_t>(b.low[axis] + kOriginBias), kOriginBits);
    bits.put(width[axis], kWidthBits);
  }
  bits.put(b.velocity_width, kWidthBits);
  bits.put(gap_order, kWidthBits);
  std::uint32_t previous = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto& [pose, velocity] = which(i);
    bits.put_golomb(pose.entity.value - previous - 1, gap_order);
    previous = pose.entity.value;
    bits.put(static_cast<std::uint32_t>(pose.x_cm - b.low[0]), width[0]);
    bits.put(static_cast<std::uint32_t>(pose.y_cm - b.low[1]), width[1]);
    bits.put(static_cast<std::uint32_t>(pose.z_cm - b.low[2]), width[2]);
    bits.put(pose.yaw, rule.yaw_bits);
    bits.put(static_cast<std::uint32_t>(pose.animation), kAnimationBits);
    bits.put(pose.speaking, kSpeakingBits);
    put_velocity(bits, velocity, b.velocity_width);
  }
}

// The codes of one frame as they are written.
class Writers {
 public:
  // Writes the frame's own codes, or that the trained ones are meant: whichever makes the frame shorter.
  Writers(BitWriter& bits, const PoseEncoder::Counts& counts, unsigned codes, const Codes& trained) {
    Codes own;
    std::size_t own_bits = 0, trained_bits = 0;
    for (unsigned code = 0; code < codes; ++code) {
      own[code] = code_lengths(counts[code]);
      own_bits += lengths_bits(own[code]);
      for (unsigned s = 0; s < kSymbolsMax; ++s) {
        own_bits += counts[code][s] * own[code][s];
        trained_bits += counts[code][s] * trained[code][s];
      }
    }
    const bool use_trained = trained_bits <= own_bits;
    bits.put(use_trained, 1);
    for (unsigned code = 0; code < codes; ++code) {
      if (!use_trained) put_lengths(bits, own[code]);
      writers_[code] = PrefixWriter(use_trained ? trained[code] : own[code]);
    }
  }
  void put(BitWriter& bits, unsigned code, unsigned symbol) const { writers_[code].put(bits, symbol); }

 private:
  PrefixWriter writers_[kCodes];
};

// What is missing of a member, by its codes. `now` has its state.
template <typename Miss>
void put_miss(BitWriter& bits, const Writers& codes, const Miss& m, const Pose& now) {
  const unsigned lead = m.moved ? kTurn : kPlace;
  if (m.state) {
    codes.put(bits, lead, kState);
    bits.put(static_cast<std::uint32_t>(now.animation), kAnimationBits);
    bits.put(now.speaking, kSpeakingBits);
  }
  if (m.y != 0) {
    codes.put(bits, lead, kVertical);
    bits.put_golomb(zigzag(m.y), kVerticalOrder);
  }
  const unsigned turn = class_of(m.yaw);
  if (!m.moved) {
    const unsigned c = std::max(class_of(m.first), class_of(m.second));
    codes.put(bits, kPlace, c > 0 ? c + 1 : m.yaw != 0 ? kPlaceAsPredicted : kAsPredicted);
    if (c > 0) put_place(bits, m.first, m.second, c);
    if (c == 0 && m.yaw == 0) return;
    codes.put(bits, kYaw, turn);
    return put_classed(bits, m.yaw, turn);
  }
  if ((m.first | m.second | m.yaw) == 0) return codes.put(bits, kTurn, kAllAsPredicted);
  const unsigned aside = class_of(m.first), along = class_of(m.second);
  codes.put(bits, kTurn, turn);
  put_classed(bits, m.yaw, turn);
  codes.put(bits, kAside + bucket(turn), aside);
  put_classed(bits, m.first, aside);
  codes.put(bits, kAlong + bucket(aside), along);
  put_classed(bits, m.second, along);
}

template <typename Miss>
void put_velocity_miss(BitWriter& bits, const Writers& codes, const Miss& m, bool stands) {
  const unsigned moved = m.moved;
  if (stands) return codes.put(bits, kSpeed + moved, kStands);
  if (m.lift != 0) {
    codes.put(bits, kSpeed + moved, kVertical);
    bits.put_golomb(zigzag(m.lift), kVelocityVerticalOrder);
  }
  const unsigned speed = class_of(m.speed), drift = class_of(m.drift);
  codes.put(bits, kSpeed + moved, speed);
  put_classed(bits, m.speed, speed);
  codes.put(bits, kDrift + moved, drift);
  put_classed(bits, m.drift, drift);
}

}  // namespace

PoseEncoder::PoseEncoder(std::size_t capacity, PoseLevel level) : level_(level) {
  key_.reserve(capacity);
  before_.reserve(capacity);
  misses_.reserve(capacity);
  for (auto* places : {&left_, &came_, &stayed_}) places->reserve(capacity);
}

std::size_t PoseEncoder::bytes_max(std::size_t members) {
  return 3 * kVarintBytesMax + 2 * kTablesBytesMax + 2 * members * kKeyMemberBytesMax + BitWriter::kMargin;
}

void PoseEncoder::keyframe(std::uint32_t tick, std::span<const MovingPose> poses, Bytes& out) {
  MW_ASSERT(poses.size() <= limits::kPosesPerFrame);
  const LevelRule rule = level_rule(level_);
  key_.swap(before_);
  before_tick_ = key_tick_;
  keyframes_ = std::min(keyframes_ + 1, 2u);
  key_.clear();
  key_.reserve(poses.size());
  for (const auto& m : poses) {
    MW_ASSERT(in_extent(m.pose.x_cm) && in_extent(m.pose.y_cm) && in_extent(m.pose.z_cm));
    key_.push_back(to_steps(m, rule));
  }
  key_tick_ = tick;
  out.clear();
  append_varint(out, tick);
  append_varint(out, static_cast<std::uint32_t>(level_));
  append_varint(out, static_cast<std::uint32_t>(poses.size()));
  if (poses.empty()) return;

  BitWriter bits(out, kTablesBytesMax + poses.size() * kKeyMemberBytesMax);
  put_members(bits, static_cast<std::uint32_t>(key_.size()), rule,
              [&](std::uint32_t i) -> const MovingPose& { return key_[i]; });
  bits.finish();
}

// False when the member is too far from where it is expected.
bool PoseEncoder::miss(const MovingPose& key, const Pose& now, std::uint32_t dt, Miss& m) const {
  const LevelRule rule = level_rule(level_);
  const unsigned spare = 8 - rule.yaw_bits;
  // The shorter way round: the difference's highest bit becomes a byte's sign, and comes down again with it.
  const auto turn = static_cast<std::int8_t>((now.yaw - key.pose.yaw) << spare);
  m.yaw = static_cast<std::int8_t>(turn >> spare);
  m.moved = moves(key.velocity);
  m.state = now.animation != key.pose.animation || now.speaking != key.pose.speaking;
  m.y = now.y_cm - predict(key.pose.y_cm, key.velocity.y, dt);
  const Pair at = m.moved ? expected(key, dt, turn) : Pair{key.pose.x_cm, key.pose.z_cm};
  Pair missing{now.x_cm - at.first, now.z_cm - at.second};
  if (magnitude(missing.first) > kMissMax || magnitude(missing.second) > kMissMax) return false;
  if (m.moved) missing = place_to_along(missing, halfway(key, turn, rule));
  m.first = static_cast<std::int16_t>(m.moved ? missing.second : missing.first);
  m.second = static_cast<std::int16_t>(m.moved ? missing.first : missing.second);
  return true;
}

bool PoseEncoder::miss_velocity(const MovingPose& key, const MovingPose& now, Miss& m) const {
  const LevelRule rule = level_rule(level_);
  const unsigned yaw = full_yaw(now.pose.yaw, rule);
  const Pair likely = turned(key.velocity.x, key.velocity.z, yaw - full_yaw(key.pose.yaw, rule));
  const Pair missing{now.velocity.x - likely.first, now.velocity.z - likely.second};
  if (magnitude(missing.first) > kMissMax || magnitude(missing.second) > kMissMax) return !moves(now.velocity);
  const Pair told = place_to_along(missing, yaw);
  m.speed = static_cast<std::int16_t>(told.first);
  m.drift = static_cast<std::int16_t>(told.second);
  m.lift = now.velocity.y - key.velocity.y;
  return true;
}

void PoseEncoder::count(const Miss& m) {
  const unsigned lead = m.moved ? kTurn : kPlace;
  counts_[lead][kState] += m.state;
  counts_[lead][kVertical] += m.y != 0;
  const unsigned turn = class_of(m.yaw), first = class_of(m.first), second = class_of(m.second);
  if (m.moved && (first | second | turn) == 0) {
    counts_[kTurn][kAllAsPredicted]++;
  } else if (m.moved) {
    counts_[kTurn][turn]++;
    counts_[kAside + bucket(turn)][first]++;
    counts_[kAlong + bucket(first)][second]++;
  } else {
    const unsigned c = std::max(first, second);
    counts_[kPlace][c > 0 ? c + 1 : turn != 0 ? kPlaceAsPredicted : kAsPredicted]++;
    if (c > 0 || turn != 0) counts_[kYaw][turn]++;
  }
}

void PoseEncoder::count_velocity(const Miss& m, bool stands) {
  const unsigned moved = m.moved;
  if (stands) return void(counts_[kSpeed + moved][kStands]++);
  counts_[kSpeed + moved][kVertical] += m.lift != 0;
  counts_[kSpeed + moved][class_of(m.speed)]++;
  counts_[kDrift + moved][class_of(m.drift)]++;
}

// Who is in both keyframes and near what was expected goes to misses_ and stayed_; the others to left_ and came_.
bool PoseEncoder::match() {
  const std::uint32_t dt = key_tick_ - before_tick_;
  if (keyframes_ < 2 || dt == 0 || dt > kGroupTicksMax) return false;
  misses_.clear();
  left_.clear();
  came_.clear();
  stayed_.clear();
  counts_ = {};
  std::uint32_t b = 0, k = 0;
  while (b < before_.size() || k < key_.size()) {
    const bool gone = k == key_.size() || (b < before_.size() && before_[b].pose.entity < key_[k].pose.entity);
    const bool fresh = !gone && (b == before_.size() || key_[k].pose.entity < before_[b].pose.entity);
    Miss m;
    if (!gone && !fresh && miss(before_[b], key_[k].pose, dt, m) && miss_velocity(before_[b], key_[k], m)) {
      count(m);
      count_velocity(m, !moves(key_[k].velocity));
      misses_.push_back(m);
      stayed_.push_back(k);
    } else {
      if (!fresh) left_.push_back(b);
      if (!gone) came_.push_back(k);
    }
    b += !fresh;
    k += !gone;
  }
  return true;
}

bool PoseEncoder::rekey(std::size_t shorter_than, Bytes& out) {
  if (!match()) return false;
  const LevelRule rule = level_rule(level_);
  const std::uint32_t dt = key_tick_ - before_tick_;
  out.clear();
  append_varint(out, dt);
  append_varint(out, static_cast<std::uint32_t>(left_.size()));
  append_varint(out, static_cast<std::uint32_t>(came_.size()));
  BitWriter bits(out, 2 * kTablesBytesMax + (before_.size() + key_.size()) * kKeyMemberBytesMax);
  if (!left_.empty()) {
    const auto count = static_cast<std::uint32_t>(left_.size());
    const unsigned gap_order = bits_of((left_.back() + 1 - count) / count);
    bits.put(gap_order, kWidthBits);
    std::uint32_t next = 0;
    for (const auto place : left_) {
      bits.put_golomb(place - next, gap_order);
      next = place + 1;
    }
  }
  if (!stayed_.empty()) {
    const Writers codes(bits, counts_, kCodes, trained_codes(level_, dt));
    for (std::size_t i = 0; i < stayed_.size(); ++i) {
      const auto& [pose, velocity] = key_[stayed_[i]];
      put_miss(bits, codes, misses_[i], pose);
      put_velocity_miss(bits, codes, misses_[i], !moves(velocity));
    }
  }
  if (!came_.empty()) {
    put_members(bits, static_cast<std::uint32_t>(came_.size()), rule,
                [&](std::uint32_t i) -> const MovingPose& { return key_[came_[i]]; });
  }
  bits.finish();
  return out.size() < shorter_than;
}

bool PoseEncoder::delta(std::uint32_t tick, std::span<const MovingPose> poses, Bytes& out) {
  MW_ASSERT(poses.size() == key_.size());
  const std::uint32_t dt = tick - key_tick_;
  if (dt == 0 || dt > kGroupTicksMax) return false;
  const LevelRule rule = level_rule(level_);
  counts_ = {};
  misses_.resize(poses.size());
  for (std::size_t i = 0; i < poses.size(); ++i) {
    const Pose pose = to_steps(poses[i], rule).pose;
    MW_ASSERT(pose.entity == key_[i].pose.entity);
    if (!miss(key_[i], pose, dt, misses_[i])) return false;
    count(misses_[i]);
  }
  out.clear();
  append_varint(out, dt);
  if (poses.empty()) return true;
  BitWriter bits(out, kTablesBytesMax + poses.size() * kDeltaMemberBytesMax);
  const Writers codes(bits, counts_, kDeltaCodes, trained_codes(level_, dt));
  for (std::size_t i = 0; i < poses.size(); ++i) put_miss(bits, codes, misses_[i], poses[i].pose);
  bits.finish();
  return true;
}

}  // namespace mw::wire
