// What one bumps into: triangles in bodies, found through a uniform grid over the ground plane. A world is one static body
// (from the scene) and one body for each entity that edits have added. The host bakes the bytes once
// (schema/frames.md, "Collision file"); the client loads the same bytes, so that both see the same walls.
// Triangles have two sides: winding does not matter. Deterministic: what a query answers does not depend on the order in
// which bodies were set.
// Units: metres, glTF's axes (y up). Basic IEEE single precision without libm, as in motion.h.
// Thread: read by many at once, changed by its owner when nobody reads.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::motion {

struct Vec3 {
  float x = 0, y = 0, z = 0;
};

struct Triangle {
  Vec3 a, b, c;
};

// A turn about the vertical, then a uniform scale, then a move. Unit vector (cos, sin) instead of an angle: no libm.
struct Placement {
  Vec3 position;
  float cos_yaw = 1, sin_yaw = 0;
  float scale = 1;
};

struct Box {
  Vec3 low, high;
};
inline bool overlap(const Box& a, const Box& b) {
  return a.low.x <= b.high.x && a.high.x >= b.low.x && a.low.y <= b.high.y && a.high.y >= b.low.y &&
         a.low.z <= b.high.z && a.high.z >= b.low.z;
}

// A triangle in its place, with what every query needs.
struct PlacedTriangle {
  Vec3 a, b, c;
  Vec3 normal;  // unit
  Box box;
  std::uint64_t order = 0;  // body, then index: breaks ties, so that answers do not depend on history
  std::int32_t cell_x = 0, cell_z = 0;  // lowest cell, at its level of the grid
  std::uint8_t level = 0;
};

// The triangles near a place. Ordinary places fit the fixed part; only where geometry is very dense it allocates.
class Nearby {
 public:
  void add(const PlacedTriangle* triangle) {
    if (size_ < kFixed) {
      fixed_[size_++] = triangle;
    } else {
      more_.push_back(triangle);
    }
  }
  template <class Visit>
  void each(Visit&& visit) const {
    for (std::size_t i = 0; i < size_; ++i) visit(*fixed_[i]);
    for (const auto* triangle : more_) visit(*triangle);
  }
  std::size_t size() const { return size_ + more_.size(); }

 private:
  static constexpr std::size_t kFixed = 256;
  std::array<const PlacedTriangle*, kFixed> fixed_;  // uninitialised beyond size_
  std::size_t size_ = 0;
  std::vector<const PlacedTriangle*> more_;
};

class CollisionWorld {
 public:
  CollisionWorld();
  ~CollisionWorld();
  CollisionWorld(CollisionWorld&&) noexcept;
  CollisionWorld& operator=(CollisionWorld&&) noexcept;

  // Body 0 is the scene. Setting a body that exists replaces it. Left out are triangles that have no area or lie more than
  // twice the extent of a world away.
  void set_body(std::uint32_t body, std::span<const Triangle> triangles, const Placement& placement);
  void remove_body(std::uint32_t body);  // no effect when there is none
  std::size_t triangle_count() const;

  // All triangles whose bounding boxes meet `box`, each once. Valid until the world changes.
  void gather(const Box& box, Nearby& nearby) const;

  // Highest surface at (x, z) between `y_min` and `y_max`; false when there is none.
  bool ground_below(float x, float z, float y_max, float y_min, float& y) const;

  // Share (0 to 1) of the way from `from` to `to` before the first surface: a camera's view, a pointer's ray.
  float ray(Vec3 from, Vec3 to) const;

 private:
  struct Grid;
  std::unique_ptr<Grid> grid_;
};

// The baked file: vertices in millimetres, each once, and triangles of indices. Errors of load_baked: `damaged`, with the
// field, and `too_large`. Loading gives the very floats that any other loader gets.
Bytes bake(std::span<const Triangle> triangles);
Result<std::vector<Triangle>> load_baked(ByteView bytes);

}  // namespace mw::motion
