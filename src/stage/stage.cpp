#include "stage/stage.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"

namespace mw::stage {

Stage::Stage(std::size_t capacity) : capacity_(capacity) {
  MW_ASSERT(capacity <= limits::kAvatarsPerWorld);
  entity_.reserve(capacity);
  position_.reserve(capacity);
  velocity_.reserve(capacity);
  yaw_.reserve(capacity);
  animation_.reserve(capacity);
  speaking_.reserve(capacity);
  simulated_.reserve(capacity);
}

std::size_t Stage::add(EntityId entity, const Placing& placing, bool simulated) {
  MW_ASSERT(size() < capacity_);
  MW_ASSERT(entity);
  const auto at = std::lower_bound(entity_.begin(), entity_.end(), entity) - entity_.begin();
  const auto row = static_cast<std::size_t>(at);
  MW_ASSERT(row == size() || entity_[row] != entity);
  entity_.insert(entity_.begin() + at, entity);
  position_.insert(position_.begin() + at, placing.position);
  velocity_.insert(velocity_.begin() + at, placing.velocity);
  yaw_.insert(yaw_.begin() + at, placing.yaw);
  animation_.insert(animation_.begin() + at, placing.animation);
  speaking_.insert(speaking_.begin() + at, 0);
  simulated_.insert(simulated_.begin() + at, simulated);
  ++membership_;
  return row;
}

void Stage::remove(EntityId entity) {
  const auto found = row(entity);
  if (!found) return;
  const auto at = static_cast<std::ptrdiff_t>(*found);
  entity_.erase(entity_.begin() + at);
  position_.erase(position_.begin() + at);
  velocity_.erase(velocity_.begin() + at);
  yaw_.erase(yaw_.begin() + at);
  animation_.erase(animation_.begin() + at);
  speaking_.erase(speaking_.begin() + at);
  simulated_.erase(simulated_.begin() + at);
  ++membership_;
}

void Stage::remove(std::span<const EntityId> leaving) {
  MW_ASSERT(std::is_sorted(leaving.begin(), leaving.end()));
  if (leaving.empty()) return;
  const auto first = std::lower_bound(entity_.begin(), entity_.end(), leaving.front());
  auto to = static_cast<std::size_t>(first - entity_.begin());
  auto next = leaving.begin();
  for (std::size_t from = to; from < size(); ++from) {
    while (next != leaving.end() && *next < entity_[from]) ++next;
    if (next != leaving.end() && *next == entity_[from]) continue;
    entity_[to] = entity_[from];
    position_[to] = position_[from];
    velocity_[to] = velocity_[from];
    yaw_[to] = yaw_[from];
    animation_[to] = animation_[from];
    speaking_[to] = speaking_[from];
    simulated_[to] = simulated_[from];
    ++to;
  }
  if (to == size()) return;
  entity_.resize(to);
  position_.resize(to);
  velocity_.resize(to);
  yaw_.resize(to);
  animation_.resize(to);
  speaking_.resize(to);
  simulated_.resize(to);
  ++membership_;
}

void Stage::set(std::size_t row, const Placing& placing) {
  MW_ASSERT(row < size());
  position_[row] = placing.position;
  velocity_[row] = placing.velocity;
  yaw_[row] = placing.yaw;
  animation_[row] = placing.animation;
}

void Stage::jump_to(std::size_t row, const Placing& placing) {
  set(row, placing);
  if (jumped_.size() == 2 * kJumpsKept) {
    jumped_.erase(jumped_.begin(), jumped_.begin() + kJumpsKept);
    jumps_before_ += kJumpsKept;
  }
  jumped_.push_back(entity_[row]);
}

std::optional<std::span<const EntityId>> Stage::jumps_since(std::uint64_t count) const {
  if (count < jumps_before_) return std::nullopt;
  MW_ASSERT(count <= jumps());
  return std::span(jumped_).subspan(static_cast<std::size_t>(count - jumps_before_));
}

std::optional<std::size_t> Stage::row(EntityId entity) const {
  const auto at = std::lower_bound(entity_.begin(), entity_.end(), entity);
  if (at == entity_.end() || *at != entity) return std::nullopt;
  return static_cast<std::size_t>(at - entity_.begin());
}

Placing Stage::at(std::size_t row) const {
  MW_ASSERT(row < size());
  return {position_[row], velocity_[row], yaw_[row], animation_[row]};
}

}  // namespace mw::stage
