#include <algorithm>
#include <bit>

#include "base/limits.h"
#include "wire/frame.h"
#include "wire/poses.h"
#include "wire/poses_layout.h"
#include "wire/prefix_code.h"

namespace mw::wire {
namespace {

using namespace layout;

constexpr std::size_t kKeyMemberBytesMax = 32;    // 63 + 60 + 12 + 1 + 49 bits
constexpr std::size_t kDeltaMemberBytesMax = 20;  // 3 * 7 + 4 + 45 + 26 + 15 bits
constexpr std::size_t kTablesBytesMax = 64;
constexpr std::size_t kVarintBytesMax = 5;
static_assert(kDeltaMemberBytesMax <= kKeyMemberBytesMax);
static_assert(limits::kPosesPerFrame * kKeyMemberBytesMax + 1024 <= limits::kDownstreamFrameBytes);

unsigned bits_of(std::uint32_t value) { return static_cast<unsigned>(std::bit_width(value)); }
std::uint32_t magnitude(std::int32_t value) { return static_cast<std::uint32_t>(value < 0 ? -value : value); }

// Bits of a two's complement number.
unsigned signed_width(std::int16_t v) { return v == 0 ? 0 : bits_of(magnitude(v < 0 ? v + 1 : v)) + 1; }

struct Bounds {
  std::int32_t low[3] = {kOriginBias, kOriginBias, kOriginBias};
  std::int32_t high[3] = {-kOriginBias, -kOriginBias, -kOriginBias};
  unsigned velocity_width = 0;
  std::uint32_t largest_entity = 0;
};

Bounds bounds_of(std::span<const MovingPose> poses) {
  Bounds b;
  for (const auto& [pose, velocity] : poses) {
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
  return b;
}

void put_signed(BitWriter& bits, std::int16_t value, unsigned width) {
  bits.put(static_cast<std::uint32_t>(value) & ((1u << width) - 1), width);
}

void put_velocity(BitWriter& bits, const PoseVelocity& v, unsigned width) {
  const bool moving = position_alphabet(v) != 0;
  bits.put(moving, 1);
  if (!moving) return;
  put_signed(bits, v.x, width);
  put_signed(bits, v.z, width);
  bits.put(v.y != 0, 1);
  if (v.y != 0) put_signed(bits, v.y, width);
}

// Class 1 numbers the eight neighbours in reading order; the others write both residuals plus 2^c - 1 in c + 1 bits.
void put_residual(BitWriter& bits, std::int32_t x, std::int32_t z, unsigned c) {
  if (c == 1) {
    const auto place = static_cast<std::uint32_t>((x + 1) * 3 + z + 1);
    bits.put(place > 4 ? place - 1 : place, 3);
    return;
  }
  const std::int32_t bias = (1 << c) - 1;
  bits.put(static_cast<std::uint32_t>(x + bias), c + 1);
  bits.put(static_cast<std::uint32_t>(z + bias), c + 1);
}

// Writes the frame's own codes, or that the trained ones are meant: whichever makes the frame shorter.
Codes put_codes(BitWriter& bits, const PoseEncoder::Counts& counts, const Codes& trained) {
  Codes own;
  std::size_t own_bits = 0, trained_bits = 0;
  for (std::size_t code = 0; code < own.size(); ++code) {
    own[code] = code_lengths(counts[code]);
    own_bits += lengths_bits(own[code]);
    for (unsigned s = 0; s < kSymbolsMax; ++s) {
      own_bits += counts[code][s] * own[code][s];
      trained_bits += counts[code][s] * trained[code][s];
    }
  }
  const bool use_trained = trained_bits <= own_bits;
  bits.put(use_trained, 1);
  if (use_trained) return trained;
  for (const auto& lengths : own) put_lengths(bits, lengths);
  return own;
}

}  // namespace

PoseEncoder::PoseEncoder(std::size_t capacity, PoseLevel level) : level_(level) {
  key_.reserve(capacity);
  residuals_.reserve(capacity);
}

std::size_t PoseEncoder::bytes_max(std::size_t members) {
  return 3 * kVarintBytesMax + kTablesBytesMax + members * kKeyMemberBytesMax + BitWriter::kMargin;
}

void PoseEncoder::keyframe(std::uint32_t tick, std::span<const MovingPose> poses, Bytes& out) {
  MW_ASSERT(poses.size() <= limits::kPosesPerFrame);
  const LevelRule rule = level_rule(level_);
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

  const Bounds b = bounds_of(key_);
  const auto count = static_cast<std::uint32_t>(poses.size());
  const unsigned gap_order = bits_of((b.largest_entity - count) / count);  // the mean gap costs about its own size
  BitWriter bits(out, kTablesBytesMax + poses.size() * kKeyMemberBytesMax);
  unsigned width[3];
  for (int axis = 0; axis < 3; ++axis) {
    width[axis] = bits_of(static_cast<std::uint32_t>(b.high[axis] - b.low[axis]));
    bits.put(static_cast<std::uint32_t>(b.low[axis] + kOriginBias), kOriginBits);
    bits.put(width[axis], kWidthBits);
  }
  bits.put(b.velocity_width, kWidthBits);
  bits.put(std::min(gap_order, 30u), kWidthBits);
  std::uint32_t previous = 0;
  for (const auto& [pose, velocity] : key_) {
    bits.put_golomb(pose.entity.value - previous - 1, std::min(gap_order, 30u));
    previous = pose.entity.value;
    bits.put(static_cast<std::uint32_t>(pose.x_cm - b.low[0]), width[0]);
    bits.put(static_cast<std::uint32_t>(pose.y_cm - b.low[1]), width[1]);
    bits.put(static_cast<std::uint32_t>(pose.z_cm - b.low[2]), width[2]);
    bits.put(pose.yaw, rule.yaw_bits);
    bits.put(static_cast<std::uint32_t>(pose.animation), kAnimationBits);
    bits.put(pose.speaking, kSpeakingBits);
    put_velocity(bits, velocity, b.velocity_width);
  }
  bits.finish();
}

bool PoseEncoder::delta(std::uint32_t tick, std::span<const MovingPose> poses, Bytes& out) {
  MW_ASSERT(poses.size() == key_.size());
  const std::uint32_t dt = tick - key_tick_;
  if (dt == 0 || dt > kGroupTicksMax) return false;
  const LevelRule rule = level_rule(level_);
  const unsigned yaw_spare = 8 - rule.yaw_bits;

  // First pass: what the prediction missed, and how often each symbol occurs.
  Counts& counts = counts_;
  counts = {};
  residuals_.resize(poses.size());
  for (std::size_t i = 0; i < poses.size(); ++i) {
    const Pose pose = to_steps(poses[i], rule).pose;
    const auto& [key, velocity] = key_[i];
    MW_ASSERT(pose.entity == key.entity);
    Residual r;
    r.x = pose.x_cm - predict(key.x_cm, velocity.x, dt);
    r.y = pose.y_cm - predict(key.y_cm, velocity.y, dt);
    r.z = pose.z_cm - predict(key.z_cm, velocity.z, dt);
    // The shorter way round: the difference's highest bit becomes a byte's sign, and comes down again with it.
    r.yaw = static_cast<std::int8_t>(static_cast<std::int8_t>((pose.yaw - key.yaw) << yaw_spare) >> yaw_spare);
    r.state = pose.animation != key.animation || pose.speaking != key.speaking;
    const unsigned c = bits_of(std::max(magnitude(r.x), magnitude(r.z)));
    if (c > kClassMax) return false;
    const unsigned moving = position_alphabet(velocity);
    r.alphabet = static_cast<std::uint8_t>(moving);
    r.position = static_cast<std::uint8_t>(c > 0 ? c + 1 : r.yaw != 0 ? kPlaceAsPredicted : kAsPredicted);
    r.yaw_alphabet = static_cast<std::uint8_t>(kPositionAlphabets + yaw_alphabet(moving, c));
    r.yaw_class = static_cast<std::uint8_t>(bits_of(magnitude(r.yaw)));
    auto& position_counts = counts[moving];
    position_counts[r.position]++;
    position_counts[kState] += r.state;
    position_counts[kVertical] += r.y != 0;
    if (r.position != kAsPredicted) counts[r.yaw_alphabet][r.yaw_class]++;
    residuals_[i] = r;
  }

  // Second pass: the codes, then the members.
  out.clear();
  append_varint(out, dt);
  if (poses.empty()) return true;
  BitWriter bits(out, kTablesBytesMax + poses.size() * kDeltaMemberBytesMax);
  const Codes lengths = put_codes(bits, counts, trained_codes(level_, dt));
  static_assert(std::tuple_size_v<Codes> == 6);
  const PrefixWriter codes[] = {PrefixWriter(lengths[0]), PrefixWriter(lengths[1]), PrefixWriter(lengths[2]),
                                PrefixWriter(lengths[3]), PrefixWriter(lengths[4]), PrefixWriter(lengths[5])};
  for (std::size_t i = 0; i < poses.size(); ++i) {
    const Residual& r = residuals_[i];
    const Pose& pose = poses[i].pose;
    if (r.state) {
      codes[r.alphabet].put(bits, kState);
      bits.put(static_cast<std::uint32_t>(pose.animation), kAnimationBits);
      bits.put(pose.speaking, kSpeakingBits);
    }
    if (r.y != 0) {
      codes[r.alphabet].put(bits, kVertical);
      bits.put_golomb(zigzag(r.y), kVerticalOrder);
    }
    codes[r.alphabet].put(bits, r.position);
    if (r.position == kAsPredicted) continue;
    if (r.position > kPlaceAsPredicted) put_residual(bits, r.x, r.z, r.position - 1u);
    codes[r.yaw_alphabet].put(bits, r.yaw_class);
    const std::int32_t below = r.yaw < 0 ? (1 << r.yaw_class) - 1 : 0;
    bits.put(static_cast<std::uint32_t>(r.yaw + below), r.yaw_class);
  }
  bits.finish();
  return true;
}

}  // namespace mw::wire
