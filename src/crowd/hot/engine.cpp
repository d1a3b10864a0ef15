// Runs every tick: no lock, no exception, no log, no system call; no allocation while nobody comes, leaves or turns.
#include "crowd/engine.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"
#include "space/units.h"

namespace mw::crowd {
namespace {

constexpr std::uint32_t kSeatTicks = 5;  // each viewer's place is looked at so often
constexpr std::uint32_t kTurnTicks = 10;  // and an octant of gaze lasts at least so long
constexpr std::uint32_t kIdleTicks = 40;  // a track that nobody wants is closed after that
constexpr std::uint32_t kRankings = 64;  // in a tick at most
constexpr std::size_t kAudienceTurns = 10;  // a tick looks at one of so many
constexpr unsigned kBudgets = 16;
// Of a viewer's bytes what is planned; the rest is for switches of level and for what comes between two measurements.
constexpr double kPlannedShare = 0.88;
constexpr std::uint32_t kMeasureTicks = 20;
constexpr std::uint32_t kFew = limits::kCellSplit / 8;
constexpr float kStrideM = 1.5f;  // how far people go between two groupings of their cell
constexpr std::uint64_t kMeasuredPoses = 1'000;

// m/s as the codec's velocity, which is per tick.
constexpr float kVelocityScale = space::kCentimetresPerMetre * wire::kVelocityParts / limits::kTickHz;

std::int16_t per_tick(float metres_per_second) {
  return static_cast<std::int16_t>(space::nearest(metres_per_second * kVelocityScale, 32'767));
}

}  // namespace

void Engine::adopt() {
  held_.resize(cells_.size());
  if (cells_.leaves().size() == 1) base_cell_ = cells_.leaves().front();
  layout_ = cells_.layout();
}

// Classes lie half an octave apart, so that viewers with links alike share what is chosen.
double Engine::planned(unsigned budget) const {
  double bytes = viewer_bytes_per_s_ * kPlannedShare;
  for (; budget >= 2; budget -= 2) bytes /= 2;
  return budget == 1 ? bytes * 0.70710678 : bytes;
}

std::uint8_t Engine::class_of(double bytes_per_s) const {
  unsigned budget = 0;
  while (budget + 1 < kBudgets && planned(budget) > bytes_per_s * kPlannedShare * 1.001) ++budget;
  return static_cast<std::uint8_t>(budget);
}

// Empty cells are listed too, so that whoever walks into one is shown. Where few are, the next to come may stand anywhere in
// the cell's place.
void Engine::list_cells() {
  ranked_.clear();
  for (const CellIndex cell : cells_.leaves()) {
    const auto people = static_cast<std::uint32_t>(cells_[cell].members.size());
    const Rect& b = cells_[cell].bounds;
    const Rect wider{b.x0 - kStrideM, b.z0 - kStrideM, b.x1 + kStrideM, b.z1 + kStrideM};
    ranked_.push_back({cell, people < kFew ? cells_.region(cell) : wider, people});
  }
}

// Who needs a ranking of its own when there were kRankings in this tick comes next time, and keeps what it has.
void Engine::seat(std::uint32_t index, const stage::Stage& stage) {
  Viewer& viewer = viewers_[index];
  const auto row = stage.row(viewer.self);
  if (!row) return;  // left, or not there yet: what is shown stays
  const unsigned octant = octant_of(stage.yaws()[*row]);
  const Audience* old = viewer.audience;
  if (old == nullptr || (octant != viewer.octant && tick_ - viewer.turned >= kTurnTicks)) {
    viewer.octant = static_cast<std::uint8_t>(octant);
    viewer.turned = tick_;
  }
  const unsigned budget = class_of(viewer.bytes_per_s * detail_);
  const CellIndex cell = cells_.cell_of(*row);
  if (old != nullptr && old->cell == cell && old->octant == viewer.octant && old->budget == budget) return;
  Audience* audience = find(cell, viewer.octant, budget);
  if (audience == nullptr) {
    if (rankings_ >= kRankings) return;
    audience = &create(cell, viewer.octant, budget);
    if (old != nullptr) {  // what the viewer has is where its new choice starts from
      audience->levels = old->levels;
      for (CellIndex c = 0; c < audience->levels.size(); ++c)
        if (audience->levels[c] != kNoLevel) want(c, audience->levels[c]);
    }
    rank(*audience);
  }
  part(index);
  join(index, *audience);
  tell(viewer, audience->choice);
}

void Engine::seat_viewers(const stage::Stage& stage) {
  const bool single = cells_.leaves().size() == 1;
  for (std::uint32_t i = 0; i < viewers_.size(); ++i) {
    const Viewer& viewer = viewers_[i];
    if (single && !viewer.told) continue;
    if (viewer.audience == nullptr || (i + tick_) % kSeatTicks == 0) seat(i, stage);
  }
}

void Engine::rank_audiences() {
  const std::size_t turns = (audience_order_.size() + kAudienceTurns - 1) / kAudienceTurns;
  for (std::size_t i = 0; i < turns && rankings_ < kRankings; ++i) {
    next_audience_ = next_audience_ + 1 < audience_order_.size() ? next_audience_ + 1 : 0;
    rank(*audience_order_[next_audience_]);
  }
}

void Engine::rank(Audience& audience) {
  ++rankings_;
  ++stats_.rankings;
  const Standpoint from{
      cells_[audience.cell].members.empty() ? cells_.region(audience.cell) : cells_[audience.cell].bounds,
      audience.octant, static_cast<float>(planned(audience.budget))};
  const auto levels = ranking_.rank(from, ranked_, audience.levels, costs_);
  next_levels_.assign(cells_.size(), kNoLevel);
  chosen_.clear();
  for (std::size_t i = 0; i < ranked_.size(); ++i) {
    next_levels_[ranked_[i].cell] = levels[i];
    chosen_.push_back(want(ranked_[i].cell, levels[i]));
  }
  for (CellIndex cell = 0; cell < audience.levels.size(); ++cell)
    if (audience.levels[cell] != kNoLevel) unwant(cell, audience.levels[cell]);
  audience.levels.swap(next_levels_);
  std::sort(chosen_.begin(), chosen_.end());
  if (audience.choice && std::ranges::equal(audience.choice->tracks(), chosen_)) return;
  audience.choice = std::make_shared<tracks::Choice>(chosen_);
  for (const auto viewer : audience.viewers) tell(viewers_[viewer], audience.choice);
}

void Engine::tell(Viewer& viewer, const tracks::ChoiceRef& choice) {
  if (viewer.told == choice) return;
  if (!viewer.told) --untold_;
  viewer.told = choice;
  ++stats_.choices;
  outlet_.choose(viewer.session, base_, choice);
}

TrackId Engine::open_track() {
  const TrackId track = new_track_();
  outlet_.open_track(track, tracks::TrackKind::latest);
  ++open_tracks_;
  return track;
}

TrackId Engine::want(CellIndex cell, unsigned level) {
  Held& held = held_[cell];
  Lane& lane = held.lanes[level];
  ++held.wanted;
  if (lane.wanted++ == 0) lane.fresh = true;
  if (cell == base_cell_ && level == 0) return base_;
  if (level == kAggregateLevel) {
    if (lane.aggregator == nullptr) lane.aggregator = std::make_unique<Aggregator>(open_track(), pool_, scratch_);
    return lane.aggregator->track();
  }
  if (lane.publisher == nullptr)
    lane.publisher = std::make_unique<Publisher>(open_track(), static_cast<wire::PoseLevel>(level), pool_, scratch_,
                                                 std::max(cells_[cell].members.size(), limits::kCellSplit));
  return lane.publisher->track();
}

void Engine::unwant(CellIndex cell, unsigned level) {
  Held& held = held_[cell];
  --held.wanted;
  if (--held.lanes[level].wanted == 0) held.lanes[level].idle_since = tick_;
}

// The poses of the cell's members now. False when somebody left before any pose of theirs was read: the cell groups anew soon.
bool Engine::read(CellIndex index, const stage::Stage& stage) {
  const Cell& cell = cells_[index];
  Held& held = held_[index];
  const bool known = held.epoch == cell.epoch;
  held.poses.resize(cell.members.size());
  const auto positions = stage.positions();
  const auto velocities = stage.velocities();
  for (std::size_t i = 0; i < cell.members.size(); ++i) {
    auto& [pose, velocity] = held.poses[i];
    const auto row = cell.rows[i];
    if (row == kNone) {
      if (!known) return false;
      velocity = {};
      continue;
    }
    pose.entity = cell.members[i];
    pose.x_cm = space::to_cm(positions[row].x);
    pose.y_cm = space::to_cm(positions[row].y);
    pose.z_cm = space::to_cm(positions[row].z);
    pose.yaw = space::yaw_to_8(stage.yaws()[row]);
    pose.animation = stage.animations()[row];
    pose.speaking = stage.speaking()[row] != 0;
    velocity = {per_tick(velocities[row].x), per_tick(velocities[row].y), per_tick(velocities[row].z)};
  }
  held.epoch = cell.epoch;
  return true;
}

void Engine::publish(Publisher& publisher, unsigned level, CellIndex cell) {
  const auto bytes = stats_.bytes, poses = stats_.poses;
  auto frames = publisher.tick(tick_, held_[cell].poses, held_[cell].epoch, stats_);
  if (!frames) return;
  ++stats_.level_frames[level];
  stats_.level_poses[level] += stats_.poses - poses;
  stats_.level_bytes[level] += stats_.bytes - bytes;
  outlet_.publish(std::move(frames.frame), std::move(frames.rekey));
}

void Engine::publish_aggregate(CellIndex cell, const stage::Stage& stage) {
  Lane& lane = held_[cell].lanes[kAggregateLevel];
  if (lane.wanted == 0 || !(lane.fresh || lane.aggregator->due(tick_, cell, cells_[cell]))) return;
  const auto bytes = stats_.bytes;
  auto frame = lane.aggregator->tick(tick_, cells_[cell], stage, lane.fresh, stats_);
  lane.fresh = false;
  if (!frame) return;
  ++stats_.level_frames[kAggregateLevel];
  stats_.level_bytes[kAggregateLevel] += stats_.bytes - bytes;
  outlet_.publish(std::move(frame));
}

void Engine::publish(CellIndex cell, const stage::Stage& stage) {
  publish_aggregate(cell, stage);
  Held& held = held_[cell];
  bool read_already = false;
  for (unsigned level = 0; level < wire::kPoseLevels; ++level) {
    Lane& lane = held.lanes[level];
    const bool base = level == 0 && cell == base_cell_;
    if (lane.wanted == 0 && !(base && !viewers_.empty())) continue;
    const auto period = std::max(wire::level_rule(static_cast<wire::PoseLevel>(level)).period_ticks, rate_divisor_);
    if (!lane.fresh && (tick_ + cell) % period != 0) continue;
    if (!read_already && !read(cell, stage)) return;
    read_already = true;
    Publisher& publisher = base ? base_publisher_ : *lane.publisher;
    if (lane.fresh) publisher.reopen();
    lane.fresh = false;
    publish(publisher, level, cell);
  }
}

// Closes tracks that nobody has wanted for a while, and gives up retired cells that nobody is shown.
void Engine::sweep() {
  for (std::size_t i = tick_ % kMeasureTicks; i < held_.size(); i += kMeasureTicks)
    for (Lane& lane : held_[i].lanes)
      if (lane.wanted == 0 && tick_ - lane.idle_since > kIdleTicks) close_lane(lane);
  unwanted_.clear();
  for (const CellIndex cell : cells_.retired())
    if (held_[cell].wanted == 0 && (cell != base_cell_ || untold_ == 0)) unwanted_.push_back(cell);
  for (const CellIndex cell : unwanted_) give_up(cell);
}

// What a person costs at each level: of the last second, beside what a frame costs by itself.
void Engine::measure() {
  if (tick_ % kMeasureTicks != 0) return;
  for (unsigned level = 0; level < wire::kPoseLevels; ++level) {
    const auto poses = stats_.level_poses[level] - measured_.level_poses[level];
    if (poses < kMeasuredPoses) continue;
    const auto frames = static_cast<float>(stats_.level_frames[level] - measured_.level_frames[level]);
    const auto bytes = static_cast<float>(stats_.level_bytes[level] - measured_.level_bytes[level]);
    const auto period = wire::level_rule(static_cast<wire::PoseLevel>(level)).period_ticks;
    const float a_pose = std::max(0.1f, (bytes - frames * costs_.frame) / static_cast<float>(poses));
    costs_.person[level] = 0.7f * costs_.person[level] + 0.3f * a_pose * limits::kTickHz / static_cast<float>(period);
  }
  measured_ = stats_;
}

void Engine::tick(std::uint32_t tick, const stage::Stage& stage) {
  tick_ = tick;
  // Nobody looks: the cells are only kept from growing apart from the stage.
  if (viewers_.empty() && open_tracks_ == 0 && tick % limits::kGroupMaxTicks != 0) return;
  rankings_ = 0;
  cells_.step(tick, stage);
  if (layout_ != cells_.layout()) adopt();
  list_cells();
  seat_viewers(stage);
  rank_audiences();
  for (const CellIndex cell : cells_.leaves()) publish(cell, stage);
  for (const CellIndex cell : cells_.retired()) publish(cell, stage);
  sweep();
  measure();
}

}  // namespace mw::crowd
