#include "crowd/engine.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"

namespace mw::crowd {

Engine::Engine(TrackId base, std::size_t capacity, double viewer_bytes_per_s, Services services)
    : base_(base),
      viewer_bytes_per_s_(viewer_bytes_per_s),
      outlet_(services.outlet),
      pool_(services.pool),
      new_track_(std::move(services.new_track)),
      cells_(capacity),
      base_publisher_(base, wire::PoseLevel::full, pool_, scratch_, std::min(capacity, limits::kCellSplit)) {
  // What a person costs until it is measured, bytes a second.
  for (unsigned level = 0; level < wire::kPoseLevels; ++level) {
    const auto period = wire::level_rule(static_cast<wire::PoseLevel>(level)).period_ticks;
    costs_.person[level] = (1.5f + 0.5f * static_cast<float>(level)) * limits::kTickHz / static_cast<float>(period);
  }
}

Engine::~Engine() {
  for (Held& held : held_)
    for (Lane& lane : held.lanes) close_lane(lane);
}

void Engine::add_viewer(SessionId session, EntityId self) {
  remove_viewer(session);
  by_session_[session] = static_cast<std::uint32_t>(viewers_.size());
  viewers_.push_back({.session = session, .self = self, .bytes_per_s = viewer_bytes_per_s_, .told = {}});
  ++untold_;
}

void Engine::remove_viewer(SessionId session) {
  const auto at = by_session_.find(session);
  if (at == by_session_.end()) return;
  const std::uint32_t index = at->second;
  by_session_.erase(at);
  part(index);
  if (!viewers_[index].told) --untold_;
  if (index + 1 != viewers_.size()) {
    Viewer& moved = viewers_[index] = std::move(viewers_.back());
    by_session_[moved.session] = index;
    if (moved.audience != nullptr) moved.audience->viewers[moved.place] = index;
  }
  viewers_.pop_back();
}

void Engine::set_budget(SessionId session, double bytes_per_s) {
  const auto at = by_session_.find(session);
  if (at != by_session_.end()) viewers_[at->second].bytes_per_s = std::min(bytes_per_s, viewer_bytes_per_s_);
}

std::uint64_t Engine::key_of(CellIndex cell, unsigned octant, unsigned budget) {
  return std::uint64_t{cell} << 16 | octant << 8 | budget;
}

Engine::Audience* Engine::find(CellIndex cell, unsigned octant, unsigned budget) const {
  const auto at = audiences_.find(key_of(cell, octant, budget));
  return at == audiences_.end() ? nullptr : at->second.get();
}

Engine::Audience& Engine::create(CellIndex cell, unsigned octant, unsigned budget) {
  auto& audience = audiences_[key_of(cell, octant, budget)];
  audience = std::make_unique<Audience>();
  audience->cell = cell;
  audience->octant = static_cast<std::uint8_t>(octant);
  audience->budget = static_cast<std::uint8_t>(budget);
  audience_order_.push_back(audience.get());
  return *audience;
}

void Engine::join(std::uint32_t index, Audience& audience) {
  Viewer& viewer = viewers_[index];
  viewer.audience = &audience;
  viewer.place = static_cast<std::uint32_t>(audience.viewers.size());
  audience.viewers.push_back(index);
}

// An audience without viewers is given up.
void Engine::part(std::uint32_t index) {
  Viewer& viewer = viewers_[index];
  Audience* audience = viewer.audience;
  if (audience == nullptr) return;
  viewer.audience = nullptr;
  const std::uint32_t last = audience->viewers.back();
  audience->viewers[viewer.place] = last;
  viewers_[last].place = viewer.place;
  audience->viewers.pop_back();
  if (audience->viewers.empty()) drop(*audience);
}

void Engine::drop(Audience& audience) {
  for (CellIndex cell = 0; cell < audience.levels.size(); ++cell)
    if (audience.levels[cell] != kNoLevel) unwant(cell, audience.levels[cell]);
  std::erase(audience_order_, &audience);
  audiences_.erase(key_of(audience.cell, audience.octant, audience.budget));
}

void Engine::close_lane(Lane& lane) {
  if (lane.publisher == nullptr && lane.aggregator == nullptr) return;
  outlet_.close_track(lane.publisher ? lane.publisher->track() : lane.aggregator->track());
  lane.publisher.reset();
  lane.aggregator.reset();
  --open_tracks_;
}

// A retired cell that nobody is shown any more.
void Engine::give_up(CellIndex cell) {
  for (Lane& lane : held_[cell].lanes) close_lane(lane);
  if (cell == base_cell_) {
    base_cell_ = kNone;
    // Who subscribes to the base track now must not be shown who stood here.
    auto frames = base_publisher_.tick(tick_, {}, --base_epoch_, stats_);
    if (frames) outlet_.publish(std::move(frames.frame), std::move(frames.rekey));
  }
  cells_.release(cell);
}

}  // namespace mw::crowd
