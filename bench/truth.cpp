#include "bench/truth.h"

#include <cmath>

namespace mw::bench {
namespace {

constexpr float kJump = 1.0f;  // m in one step: put elsewhere, which no trace does by itself

}  // namespace

void Truth::add(std::uint32_t entity, double time, float x, float z, float yaw) {
  const auto [found, fresh] = index_.try_emplace(entity, people_.size());
  if (fresh) {
    people_.emplace_back();
    people_.back().entity = entity;
    for (auto* ring : {&people_.back().x, &people_.back().z, &people_.back().yaw}) ring->resize(kKept);
    people_.back().time.resize(kKept);
  }
  Person& person = people_[found->second];
  if (person.count > 0) {
    const std::size_t last = (person.count - 1) % kKept;
    if (std::hypot(x - person.x[last], z - person.z[last]) > kJump) person.count = 0;
  }
  const std::size_t slot = person.count++ % kKept;
  person.time[slot] = time;
  person.x[slot] = x;
  person.z[slot] = z;
  person.yaw[slot] = yaw;
}

void Truth::remove(std::uint32_t entity) {
  const auto found = index_.find(entity);
  if (found == index_.end()) return;
  const std::size_t row = found->second;
  index_.erase(found);
  if (row + 1 < people_.size()) {
    people_[row] = std::move(people_.back());
    index_[people_[row].entity] = row;
  }
  people_.pop_back();
}

bool Truth::at(std::uint32_t entity, double time, Place& out) const {
  const auto found = index_.find(entity);
  return found != index_.end() && at(people_[found->second], time, out);
}

bool Truth::at(const Person& person, double time, Place& out) const {
  const std::uint64_t kept = person.count < kKept ? person.count : kKept;
  for (std::uint64_t back = 1; back < kept; ++back) {
    const std::size_t a = (person.count - back - 1) % kKept, b = (person.count - back) % kKept;
    if (person.time[a] > time) continue;
    if (person.time[b] < time) return false;
    const auto span = static_cast<float>(person.time[b] - person.time[a]);
    const float share = span > 0 ? static_cast<float>(time - person.time[a]) / span : 0;
    const float dx = person.x[b] - person.x[a], dz = person.z[b] - person.z[a];
    out = {person.x[a] + dx * share, person.z[a] + dz * share, span > 0 ? dx / span : 0, span > 0 ? dz / span : 0,
           person.yaw[b]};
    return true;
  }
  return false;
}

}  // namespace mw::bench
