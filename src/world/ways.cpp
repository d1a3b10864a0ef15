#include "world/ways.h"

#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "world/standing.h"

namespace mw::world {
namespace {

constexpr float kSpacing = 2.5f;
constexpr std::size_t kPoints = 600;

// Whether one walks straight from a to b: by small steps, each on ground that is not much higher and free to stand on.
bool walkable(const motion::CollisionWorld& collision, const motion::Rules& rules, motion::Vec3 a, motion::Vec3 b) {
  constexpr int parts = 8;
  float y = a.y;
  for (int i = 1; i <= parts; ++i) {
    const float t = static_cast<float>(i) / parts;
    const auto ground =
        ground_at(collision, {a.x + (b.x - a.x) * t, y, a.z + (b.z - a.z) * t}, rules.step_height + 0.3f);
    if (!ground || std::fabs(*ground - y) > rules.step_height) return false;
    y = *ground;
    if (!is_free(collision, rules, {a.x + (b.x - a.x) * t, y, a.z + (b.z - a.z) * t})) return false;
  }
  return true;
}

// Walkers keep to a side of the way, so there must be ground there too.
bool has_margin(const motion::CollisionWorld& collision, const motion::Rules& rules, motion::Vec3 at) {
  constexpr float margin = 0.9f;
  for (const auto& [dx, dz] :
       {std::pair{margin, 0.f}, std::pair{-margin, 0.f}, std::pair{0.f, margin}, std::pair{0.f, -margin}})
    if (!ground_at(collision, {at.x + dx, at.y, at.z + dz}, rules.step_height + 0.3f)) return false;
  return true;
}

}  // namespace

kit::WalkGraph find_ways(const motion::CollisionWorld& collision, const motion::Rules& rules, motion::Vec3 from) {
  kit::WalkGraph graph;
  const auto ground = ground_at(collision, from, 3.f);
  if (!ground) return graph;
  std::map<std::pair<int, int>, std::uint16_t> known{{{0, 0}, 0}};
  std::vector<std::pair<int, int>> cells{{0, 0}};
  graph.points.push_back({from.x, *ground, from.z});
  for (std::size_t i = 0; i < graph.points.size(); ++i) {
    for (const auto& [dx, dz] : {std::pair{1, 0}, std::pair{0, 1}, std::pair{-1, 0}, std::pair{0, -1}}) {
      const std::pair<int, int> cell{cells[i].first + dx, cells[i].second + dz};
      const auto a = graph.points[i];
      motion::Vec3 b{from.x + static_cast<float>(cell.first) * kSpacing, a.y,
                     from.z + static_cast<float>(cell.second) * kSpacing};
      const auto at = known.find(cell);
      // Each pair once, from its later point; a known point is joined when the way there is free too.
      if (at != known.end() && at->second >= i) continue;
      if (at == known.end() && graph.points.size() >= kPoints) continue;
      if (const auto y = ground_at(collision, b, rules.step_height * 8))
        b.y = *y;
      else
        continue;
      if (!has_margin(collision, rules, b) || !walkable(collision, rules, a, b)) continue;
      const auto to = at != known.end() ? at->second : static_cast<std::uint16_t>(graph.points.size());
      if (at == known.end()) {
        known.emplace(cell, to);
        cells.push_back(cell);
        graph.points.push_back(b);
      }
      graph.ways.push_back({static_cast<std::uint16_t>(i), to, 1.6f});
    }
  }
  return graph;
}

}  // namespace mw::world
