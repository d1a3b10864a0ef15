#include "motion/collision.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"
#include "motion/geometry.h"
#include "motion/vector.h"

namespace mw::motion {
namespace {

constexpr float kReach = 2.f * limits::kWorldExtentM;
constexpr float kLeastAreaSquared = 1e-10f;

// A triangle lies in the cells of the finest level of which it touches few: a huge ground costs as little as a step.
constexpr int kLevels = 4;
constexpr float kCellSize[kLevels] = {2, 16, 128, 1024};
constexpr int kCellsAcross = 8;

std::int32_t cell_of(float v, int level) {
  const float q = v / kCellSize[level];
  const auto i = static_cast<std::int32_t>(q);
  return i - (q < static_cast<float>(i));
}

bool reachable(Vec3 v) {
  return v.x >= -kReach && v.x <= kReach && v.y >= -kReach && v.y <= kReach && v.z >= -kReach && v.z <= kReach;
}

Vec3 place(Vec3 v, const Placement& p) {
  return Vec3{p.cos_yaw * v.x + p.sin_yaw * v.z, v.y, p.cos_yaw * v.z - p.sin_yaw * v.x} * p.scale + p.position;
}

bool place_triangle(const Triangle& triangle, const Placement& placement, PlacedTriangle& out) {
  out.a = place(triangle.a, placement);
  out.b = place(triangle.b, placement);
  out.c = place(triangle.c, placement);
  if (!reachable(out.a) || !reachable(out.b) || !reachable(out.c)) return false;
  const Vec3 normal = cross(out.b - out.a, out.c - out.a);
  const float area_squared = dot(normal, normal);
  if (!(area_squared > kLeastAreaSquared)) return false;
  out.normal = normal * (1.f / root(area_squared));
  out.box.low = {least(out.a.x, least(out.b.x, out.c.x)), least(out.a.y, least(out.b.y, out.c.y)),
                 least(out.a.z, least(out.b.z, out.c.z))};
  out.box.high = {most(out.a.x, most(out.b.x, out.c.x)), most(out.a.y, most(out.b.y, out.c.y)),
                  most(out.a.z, most(out.b.z, out.c.z))};
  return true;
}

}  // namespace

struct CollisionWorld::Grid {
  struct Cell {
    std::uint64_t key = 0;
    std::vector<std::uint32_t> slots;
  };
  struct Body {
    std::uint32_t id = 0;
    std::vector<std::uint32_t> slots;
  };
  struct Range {
    std::int32_t x0, z0, x1, z1;
  };

  std::vector<PlacedTriangle> triangles;
  std::vector<std::uint32_t> free_slots;
  std::vector<Body> bodies;           // ascending by id
  std::vector<Cell> cells;            // emptied cells stay: the place may be built on again
  std::vector<std::uint32_t> table;   // open addressing over cells: index + 1, or 0
  std::size_t at_level[kLevels] = {};  // triangles

  static std::uint64_t key_of(int level, std::int32_t x, std::int32_t z) {
    return static_cast<std::uint64_t>(level) << 56 | static_cast<std::uint64_t>(x & 0xFFFFFF) << 24 |
           static_cast<std::uint64_t>(z & 0xFFFFFF);
  }
  struct CellPlace {
    int level;
    std::int32_t x, z;
  };
  static CellPlace place_of(std::uint64_t key) {  // coordinates are 24 bits with a sign
    const auto part = [&](int shift) {
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(key >> shift) << 8) >> 8;
    };
    return {static_cast<int>(key >> 56), part(24), part(0)};
  }
  std::size_t start_of(std::uint64_t key) const { return (key * 0x9E3779B97F4A7C15u >> 32) & (table.size() - 1); }

  const Cell* find(std::uint64_t key) const {
    if (table.empty()) return nullptr;
    for (std::size_t at = start_of(key);; at = (at + 1) & (table.size() - 1)) {
      if (table[at] == 0) return nullptr;
      if (cells[table[at] - 1].key == key) return &cells[table[at] - 1];
    }
  }

  Cell& find_or_add(std::uint64_t key) {
    if (const Cell* found = find(key)) return cells[static_cast<std::size_t>(found - cells.data())];
    if ((cells.size() + 1) * 2 > table.size()) grow();
    cells.push_back(Cell{key, {}});
    enter(cells.size());
    return cells.back();
  }

  void enter(std::size_t index_plus_one) {
    std::size_t at = start_of(cells[index_plus_one - 1].key);
    while (table[at] != 0) at = (at + 1) & (table.size() - 1);
    table[at] = static_cast<std::uint32_t>(index_plus_one);
  }

  void grow() {
    table.assign(table.empty() ? 64 : table.size() * 2, 0);
    for (std::size_t i = 1; i <= cells.size(); ++i) enter(i);
  }

  static Range range_of(const Box& box, int level) {
    return {cell_of(box.low.x, level), cell_of(box.low.z, level), cell_of(box.high.x, level),
            cell_of(box.high.z, level)};
  }

  static int level_of(const Box& box) {
    for (int level = 0; level < kLevels - 1; ++level) {
      const Range r = range_of(box, level);
      if (r.x1 - r.x0 < kCellsAcross && r.z1 - r.z0 < kCellsAcross) return level;
    }
    return kLevels - 1;
  }

  void add(PlacedTriangle triangle, Body& body) {
    const int level = level_of(triangle.box);
    const Range r = range_of(triangle.box, level);
    triangle.level = static_cast<std::uint8_t>(level);
    triangle.cell_x = r.x0;
    triangle.cell_z = r.z0;
    std::uint32_t slot;
    if (free_slots.empty()) {
      slot = static_cast<std::uint32_t>(triangles.size());
      triangles.push_back(triangle);
    } else {
      slot = free_slots.back();
      free_slots.pop_back();
      triangles[slot] = triangle;
    }
    body.slots.push_back(slot);
    for (std::int32_t x = r.x0; x <= r.x1; ++x) {
      for (std::int32_t z = r.z0; z <= r.z1; ++z) find_or_add(key_of(level, x, z)).slots.push_back(slot);
    }
    ++at_level[level];
  }

  void drop(std::uint32_t slot) {
    const PlacedTriangle& triangle = triangles[slot];
    const Range r = range_of(triangle.box, triangle.level);
    for (std::int32_t x = r.x0; x <= r.x1; ++x) {
      for (std::int32_t z = r.z0; z <= r.z1; ++z) {
        auto& slots = find_or_add(key_of(triangle.level, x, z)).slots;
        slots.erase(std::find(slots.begin(), slots.end(), slot));
      }
    }
    --at_level[triangle.level];
    free_slots.push_back(slot);
  }

  std::vector<Body>::iterator body_at(std::uint32_t id) {
    return std::lower_bound(bodies.begin(), bodies.end(), id, [](const Body& b, std::uint32_t i) { return b.id < i; });
  }
};

CollisionWorld::CollisionWorld() : grid_(std::make_unique<Grid>()) {}
CollisionWorld::~CollisionWorld() = default;
CollisionWorld::CollisionWorld(CollisionWorld&&) noexcept = default;
CollisionWorld& CollisionWorld::operator=(CollisionWorld&&) noexcept = default;

void CollisionWorld::set_body(std::uint32_t body, std::span<const Triangle> triangles, const Placement& placement) {
  remove_body(body);
  const auto entry = grid_->bodies.insert(grid_->body_at(body), Grid::Body{body, {}});
  std::uint64_t order = static_cast<std::uint64_t>(body) << 32;
  for (const Triangle& triangle : triangles) {
    PlacedTriangle placed;
    placed.order = order++;
    if (place_triangle(triangle, placement, placed)) grid_->add(placed, *entry);
  }
}

void CollisionWorld::remove_body(std::uint32_t body) {
  const auto entry = grid_->body_at(body);
  if (entry == grid_->bodies.end() || entry->id != body) return;
  for (const auto slot : entry->slots) grid_->drop(slot);
  grid_->bodies.erase(entry);
}

std::size_t CollisionWorld::triangle_count() const { return grid_->triangles.size() - grid_->free_slots.size(); }

void CollisionWorld::gather(const Box& box, Nearby& nearby) const {
  if (!reachable(box.low) || !reachable(box.high)) return;
  for (int level = 0; level < kLevels; ++level) {
    if (grid_->at_level[level] == 0) continue;
    const auto r = Grid::range_of(box, level);
    // Of the cells that a triangle and the box share, only the lowest reports it: each comes once, and nobody keeps a list.
    const auto report = [&](const Grid::Cell& cell, std::int32_t x, std::int32_t z) {
      for (const auto slot : cell.slots) {
        const PlacedTriangle& triangle = grid_->triangles[slot];
        if (x != std::max(r.x0, triangle.cell_x) || z != std::max(r.z0, triangle.cell_z)) continue;
        if (overlap(box, triangle.box)) nearby.add(&triangle);
      }
    };
    const auto across = static_cast<std::size_t>(r.x1 - r.x0 + 1) * static_cast<std::size_t>(r.z1 - r.z0 + 1);
    if (across > grid_->cells.size()) {  // a box larger than what is built on
      for (const Grid::Cell& cell : grid_->cells) {
        const auto [cell_level, x, z] = Grid::place_of(cell.key);
        if (cell_level == level && x >= r.x0 && x <= r.x1 && z >= r.z0 && z <= r.z1) report(cell, x, z);
      }
      continue;
    }
    for (std::int32_t x = r.x0; x <= r.x1; ++x) {
      for (std::int32_t z = r.z0; z <= r.z1; ++z) {
        if (const Grid::Cell* cell = grid_->find(Grid::key_of(level, x, z))) report(*cell, x, z);
      }
    }
  }
}

bool CollisionWorld::ground_below(float x, float z, float y_max, float y_min, float& y) const {
  Nearby nearby;
  gather({{x, y_min, z}, {x, y_max, z}}, nearby);
  bool found = false;
  nearby.each([&](const PlacedTriangle& triangle) {
    float height = 0;
    if (!height_at(triangle, x, z, height) || height > y_max || height < y_min) return;
    if (!found || height > y) y = height;
    found = true;
  });
  return found;
}

float CollisionWorld::ray(Vec3 from, Vec3 to) const {
  Nearby nearby;
  gather({{least(from.x, to.x), least(from.y, to.y), least(from.z, to.z)},
          {most(from.x, to.x), most(from.y, to.y), most(from.z, to.z)}},
         nearby);
  float share = 1;
  nearby.each([&](const PlacedTriangle& triangle) { share = least(share, crossing(triangle, from, to)); });
  return share;
}

}  // namespace mw::motion
