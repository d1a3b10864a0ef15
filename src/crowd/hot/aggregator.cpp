// Runs every tick: no allocation after warm-up, no lock, no exception, no log, no system call.
#include "crowd/aggregator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "base/limits.h"

namespace mw::crowd {
namespace {

constexpr float kParts = 4;  // of a metre
constexpr std::size_t kAnimations = 8;
constexpr std::uint32_t kWhole = 15;
// Between two groupings a frame goes out when people of so many fifteenths do something else: a wave that passes does that.
constexpr int kShareNews = 4;

template <class Integer>
Integer rounded(float value) {
  using Bounds = std::numeric_limits<Integer>;
  return static_cast<Integer>(
      std::lround(std::clamp(value, static_cast<float>(Bounds::min()), static_cast<float>(Bounds::max()))));
}

struct Sums {
  std::uint32_t count = 0;
  Rect box;
  // About the box's middle-to-be, `x0`, `z0`, so that single precision is enough.
  double x = 0, y = 0, z = 0, xx = 0, xz = 0, zz = 0, xy = 0, zy = 0;
  double vx = 0, vz = 0, speed = 0, speed2 = 0;
  std::array<std::uint32_t, kAnimations> doing{};
};

Sums sums_of(const Cell& cell, const stage::Stage& stage) {
  const auto positions = stage.positions();
  const auto velocities = stage.velocities();
  const auto animations = stage.animations();
  Sums s;
  for (const auto row : cell.rows) {
    if (row == kNone) continue;
    const auto& p = positions[row];
    if (s.count++ == 0) s.box = {p.x, p.z, p.x, p.z};
    s.box = {std::min(s.box.x0, p.x), std::min(s.box.z0, p.z), std::max(s.box.x1, p.x), std::max(s.box.z1, p.z)};
    const double x = p.x, y = p.y, z = p.z;
    s.x += x, s.y += y, s.z += z;
    s.xx += x * x, s.xz += x * z, s.zz += z * z, s.xy += x * y, s.zy += z * y;
    const double vx = velocities[row].x, vz = velocities[row].z, speed2 = vx * vx + vz * vz;
    s.vx += vx, s.vz += vz, s.speed2 += speed2, s.speed += speed2 > 0 ? std::sqrt(speed2) : 0;
    s.doing[static_cast<std::size_t>(animations[row]) % kAnimations]++;
  }
  return s;
}

// Largest remainders first, so that the fifteenths sum to fifteen.
void set_shares(wire::Aggregate& out, const Sums& s) {
  std::uint32_t left = kWhole;
  std::array<std::uint32_t, kAnimations> rest{};
  for (std::size_t i = 0; i < kAnimations; ++i) {
    const std::uint32_t parts = s.doing[i] * kWhole;
    out.shares[i] = static_cast<std::uint8_t>(parts / s.count);
    rest[i] = parts % s.count;
    left -= out.shares[i];
  }
  for (; left > 0; --left) {
    const auto most = std::max_element(rest.begin(), rest.end());
    ++out.shares[static_cast<std::size_t>(most - rest.begin())];
    *most = 0;
  }
}

// The height over the middle of the box is left in `out.y`.
void set_plane(wire::Aggregate& out, const Sums& s) {
  const double n = s.count, x = s.x / n, y = s.y / n, z = s.z / n;
  const double xx = s.xx / n - x * x, xz = s.xz / n - x * z, zz = s.zz / n - z * z;
  const double xy = s.xy / n - x * y, zy = s.zy / n - z * y, det = xx * zz - xz * xz;
  double slope_x = 0, slope_z = 0;
  if (det > 1e-3) slope_x = (xy * zz - zy * xz) / det, slope_z = (zy * xx - xy * xz) / det;
  const auto hundredths = [](double slope) { return rounded<std::int8_t>(static_cast<float>(slope * 100)); };
  out.slope_x = hundredths(slope_x);
  out.slope_z = hundredths(slope_z);
  const double middle_x = (static_cast<double>(s.box.x0) + static_cast<double>(s.box.x1)) / 2;
  const double middle_z = (static_cast<double>(s.box.z0) + static_cast<double>(s.box.z1)) / 2;
  const double height = y + out.slope_x / 100.0 * (middle_x - x) + out.slope_z / 100.0 * (middle_z - z);
  constexpr double kExtent = limits::kWorldExtentM;
  out.y = rounded<std::int16_t>(static_cast<float>(std::clamp(height, -kExtent, kExtent)) * kParts);
}

}  // namespace

wire::Aggregate aggregate_of(const Cell& cell, const stage::Stage& stage, std::uint32_t tick) {
  const Sums s = sums_of(cell, stage);
  wire::Aggregate out;
  out.tick = tick;
  out.count = s.count;
  if (s.count == 0) return out;
  out.x = rounded<std::int16_t>((s.box.x0 + s.box.x1) / 2 * kParts);
  out.z = rounded<std::int16_t>((s.box.z0 + s.box.z1) / 2 * kParts);
  // Rounded up: the box holds everybody.
  out.half_x = rounded<std::uint16_t>(std::ceil((s.box.x1 - s.box.x0) / 2 * kParts + 0.25f));
  out.half_z = rounded<std::uint16_t>(std::ceil((s.box.z1 - s.box.z0) / 2 * kParts + 0.25f));
  set_plane(out, s);
  set_shares(out, s);
  const double n = s.count, mean = s.speed / n;
  out.velocity_x = rounded<std::int8_t>(static_cast<float>(s.vx / n * 10));
  out.velocity_z = rounded<std::int8_t>(static_cast<float>(s.vz / n * 10));
  out.spread = rounded<std::uint8_t>(static_cast<float>(std::sqrt(std::max(0.0, s.speed2 / n - mean * mean)) * 10));
  return out;
}

bool Aggregator::news(const wire::Aggregate& now, bool regrouped) const {
  if (group_ == 0) return true;
  wire::Aggregate before = last_;
  before.tick = now.tick;
  if (now == before) return false;
  if (regrouped || now.count != before.count) return true;
  int moved = 0;
  for (std::size_t i = 0; i < kAnimations; ++i) moved += std::abs(now.shares[i] - before.shares[i]);
  return moved >= kShareNews;
}

tracks::FrameRef Aggregator::tick(std::uint32_t tick, const Cell& cell, const stage::Stage& stage, bool anew,
                                  PublisherStats& stats) {
  const wire::Aggregate now = aggregate_of(cell, stage, tick);
  const bool regrouped = cell.epoch != epoch_;
  epoch_ = cell.epoch;
  if (!anew && !news(now, regrouped)) return {};
  last_ = now;
  ++group_;
  wire::encode_aggregate(now, scratch_.payload);
  scratch_.frame.clear();
  wire::append_frame(scratch_.frame,
                     {.kind = wire::FrameKind::pose_aggregate, .track = track_.value, .group = group_, .sequence = 0},
                     scratch_.payload);
  stats.bytes += scratch_.frame.size();
  ++stats.keyframes;
  return pool_.make({track_, group_, 0, true}, scratch_.frame);
}

}  // namespace mw::crowd
