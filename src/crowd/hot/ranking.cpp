// Runs every tick: no allocation after warm-up, no lock, no exception, no log, no system call.
#include "crowd/ranking.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/limits.h"
#include "wire/picture.h"

namespace mw::crowd {
namespace {

// The coarsest level that is shown. Whoever crosses from one cell to another just before both of their frames is as old as two
// periods of it, and viewers take for gone whom they have not heard of for wire::Picture::kOrphanTicks.
constexpr unsigned kWorst = std::min(3u, wire::kPoseLevels - 1);
static_assert(2 * wire::level_rule(static_cast<wire::PoseLevel>(kWorst)).period_ticks <= wire::Picture::kOrphanTicks);
// Between two frames people go on as they went; what they do otherwise grows with the square of the time, and is drawn wrong
// by this much (rms, m) at a level: half a step of its rounding, and what strollers do within its period. Measured on the
// traces of bench/ (spikes/crowd has the same shape); only their order and ratios matter.
constexpr float error_of(unsigned level) {
  const auto rule = wire::level_rule(static_cast<wire::PoseLevel>(level));
  const float period = static_cast<float>(rule.period_ticks) / limits::kTickHz;
  const float step = 0.01f * static_cast<float>(1u << rule.position_shift);
  return 0.29f * step + 0.006f + 0.16f * period * period;
}

// Who is a part of an aggregate sits or walks about where they are, and does what they do a second late, each at another moment.
constexpr float kAggregateError = 0.5f;
constexpr auto kErrors = [] {
  std::array<float, kCellLevels> errors{};
  for (unsigned level = 0; level < wire::kPoseLevels; ++level) errors[level] = error_of(level);
  errors[kAggregateLevel] = kAggregateError;
  return errors;
}();
// A cell that is shown as poses becomes an aggregate only this much farther, so that it does not change back and forth.
constexpr float kAggregateSlackM = 8;

// Nobody is looked at more closely than this.
constexpr float kClosestM = 0.7f;
// Who is behind one's back counts this much: one may turn round.
constexpr float kBehind = 0.25f;
constexpr float kAlwaysInViewM = 6;
constexpr float kTouchingM = 1;
// What the viewers have already is worth this much more: a switch of level costs a keyframe.
constexpr float kStickiness = 1.5f;

// Steps that do not fit, as a part of all: then the others are looked at, too.
constexpr std::size_t kMissesPerSort = 16;

float gap(float low_a, float high_a, float low_b, float high_b) {
  return std::max({0.f, low_a - high_b, low_b - high_a});
}

}  // namespace

void Ranking::look(const Standpoint& from, std::span<const RankedCell> cells) {
  constexpr float kHalf = 0.70710678f;
  static constexpr float kSin[kOctants] = {0, kHalf, 1, kHalf, 0, -kHalf, -1, -kHalf};
  const float sin = kSin[from.octant], cos = kSin[(from.octant + 2) % kOctants];
  const Rect& a = from.region;
  const float x = (a.x0 + a.x1) / 2, z = (a.z0 + a.z1) / 2;
  const float size = std::max(a.x1 - a.x0, a.z1 - a.z0) / 2;
  views_.resize(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Rect& b = cells[i].bounds;
    const float near_x = gap(a.x0, a.x1, b.x0, b.x1), near_z = gap(a.z0, a.z1, b.z0, b.z1);
    const float dx = (b.x0 + b.x1) / 2 - x, dz = (b.z0 + b.z1) / 2 - z;
    const float distance = std::sqrt(dx * dx + dz * dz);
    views_[i].near = std::sqrt(near_x * near_x + near_z * near_z);
    // A screen shows some 45 degrees to each side, the octant leaves 22 open, and the cells have a size.
    const float spread = size + std::max(b.x1 - b.x0, b.z1 - b.z0) / 2;
    const bool in_view = dx * sin + dz * cos + spread > 0.38f * distance || views_[i].near < kAlwaysInViewM;
    views_[i].weight = (in_view ? 1 : kBehind) / std::max(kClosestM, (distance + views_[i].near) / 2);
  }
}

void Ranking::price(const LevelCosts& costs) {
  for (unsigned level = 0; level < wire::kPoseLevels; ++level) {
    const auto period = wire::level_rule(static_cast<wire::PoseLevel>(level)).period_ticks;
    person_[level] = costs.person[level];
    frame_[level] = costs.frame * limits::kTickHz / static_cast<float>(period);
  }
  person_[kAggregateLevel] = 0;
  frame_[kAggregateLevel] = costs.aggregate;
}

float Ranking::cost(std::uint32_t cell, unsigned level) const {
  return static_cast<float>(cells_[cell].people) * person_[level] + frame_[level];
}

// Whether it may be an aggregate.
bool Ranking::far(std::uint32_t cell, std::span<const std::uint8_t> before) const {
  const CellIndex index = cells_[cell].cell;
  const bool posed = index < before.size() && before[index] < kAggregateLevel;
  return views_[cell].near >= static_cast<float>(limits::kAggregateM) + (posed ? kAggregateSlackM : 0);
}

// What comes next for the cell; its level is not the finest.
Ranking::Step Ranking::next(std::uint32_t cell, std::uint8_t have, std::span<const std::uint8_t> before) const {
  const auto level = static_cast<std::uint8_t>(have == kAggregateLevel ? kWorst : have - 1);
  const float bytes = cost(cell, level) - cost(cell, have);
  const float better = kErrors[have] - kErrors[level];
  float gain = better * views_[cell].weight * static_cast<float>(cells_[cell].people) / std::max(1e-3f, bytes);
  const CellIndex index = cells_[cell].cell;
  if (index < before.size() && before[index] <= level) gain *= kStickiness;
  return {gain, cell, level};
}

// A viewer stands anywhere in its cell, so whoever is in a cell that touches it may be at arm's length: these become finer together,
// a level at a time, and where the budget ends none of them is left at the coarsest.
void Ranking::rank_near(float bytes_per_s) {
  std::sort(nearest_.begin(), nearest_.end(),
            [&](auto a, auto b) { return views_[a].near != views_[b].near ? views_[a].near < views_[b].near : a < b; });
  const auto touching = std::ranges::find_if(nearest_, [&](auto i) { return views_[i].near > kTouchingM; });
  for (std::uint8_t level = kWorst; level-- > 0;)
    for (const auto i : std::span(nearest_.begin(), touching)) refine(i, level, bytes_per_s);
  for (const auto i : std::span(touching, nearest_.end())) refine(i, 0, bytes_per_s);
}

void Ranking::refine(std::uint32_t cell, std::uint8_t level, float bytes_per_s) {
  const float more = cost(cell, level) - cost(cell, levels_[cell]);
  if (used_ + more > bytes_per_s) return;
  used_ += more;
  levels_[cell] = level;
}

bool Ranking::fits(const Step& step, float bytes_per_s) const {
  const std::uint8_t have = levels_[step.cell];
  return used_ + (cost(step.cell, step.level) - cost(step.cell, have)) <= bytes_per_s &&
         (have != kAggregateLevel || far_people_ + cells_[step.cell].people <= limits::kFarIndividuals);
}

// The best step first, until none fits. What does not fit will not fit later either: once that is true of many of the steps they
// are sorted out together, since to take each of them from the heap is what costs most.
void Ranking::take_steps(float bytes_per_s, std::span<const std::uint8_t> before) {
  std::make_heap(steps_.begin(), steps_.end());
  far_people_ = 0;
  for (std::size_t misses = 0; !steps_.empty();) {
    std::pop_heap(steps_.begin(), steps_.end());
    const Step step = steps_.back();
    steps_.pop_back();
    if (!fits(step, bytes_per_s)) {
      if (++misses * kMissesPerSort < steps_.size()) continue;
      std::erase_if(steps_, [&](const Step& other) { return !fits(other, bytes_per_s); });
      std::make_heap(steps_.begin(), steps_.end());
      misses = 0;
      continue;
    }
    if (levels_[step.cell] == kAggregateLevel) far_people_ += cells_[step.cell].people;
    refine(step.cell, step.level, bytes_per_s);
    if (step.level == 0) continue;
    steps_.push_back(next(step.cell, step.level, before));
    std::push_heap(steps_.begin(), steps_.end());
  }
}

std::span<const std::uint8_t> Ranking::rank(const Standpoint& from, std::span<const RankedCell> cells,
                                            std::span<const std::uint8_t> before, const LevelCosts& costs) {
  cells_ = cells;
  price(costs);
  look(from, cells);
  levels_.assign(cells.size(), kWorst);
  steps_.clear();
  nearest_.clear();
  used_ = 0;
  for (std::uint32_t i = 0; i < cells.size(); ++i) {
    if (far(i, before)) levels_[i] = kAggregateLevel;
    used_ += cost(i, levels_[i]);
    if (views_[i].near < limits::kNearM) nearest_.push_back(i);
  }
  rank_near(from.bytes_per_s);
  for (std::uint32_t i = 0; i < cells.size(); ++i)
    if (levels_[i] != 0) steps_.push_back(next(i, levels_[i], before));
  take_steps(from.bytes_per_s, before);
  return levels_;
}

}  // namespace mw::crowd
