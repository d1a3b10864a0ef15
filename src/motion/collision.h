// What one bumps into: triangles in bodies, found through a uniform grid over the ground plane. A world is one static body
// (from the scene) and one body for each entity that edits have added. The host bakes the bytes once
// (schema/frames.md, "Collision file"); the client loads the same bytes, so that both see the same walls.
// Deterministic: bodies and triangles are visited in ascending order, whatever the order of insertion.
#pragma once

#include <cstdint>
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

class CollisionWorld {
 public:
  CollisionWorld();
  ~CollisionWorld();
  CollisionWorld(CollisionWorld&&) noexcept;
  CollisionWorld& operator=(CollisionWorld&&) noexcept;

  // Body 0 is the scene. Setting a body that exists replaces it. Degenerate triangles are left out.
  void set_body(std::uint32_t body, std::span<const Triangle> triangles, const Placement& placement);
  void remove_body(std::uint32_t body);
  std::size_t triangle_count() const;

  // Pushes a vertical capsule (feet at `feet`) out of all it penetrates, in at most `rounds` rounds; returns the move made.
  // `ground` is set when some contact carries: its normal's y is at least `slope_cos`.
  Vec3 push_out(Vec3 feet, float radius, float height, float slope_cos, int rounds, bool& ground) const;
  // Share (0 to 1) of the way from `from` to `to` that a capsule goes before it penetrates more than 1 cm.
  float sweep(Vec3 from, Vec3 to, float radius, float height) const;
  // Highest ground at (x, z) not above `y_max`; false when there is none above `y_min`.
  bool ground_below(float x, float z, float y_max, float y_min, float& y) const;

 private:
  struct Grid;
  Grid* grid_;
};

// The baked file: header, then triangles in millimetres.
Bytes bake(std::span<const Triangle> triangles);
Result<std::vector<Triangle>> load_baked(ByteView bytes);

}  // namespace mw::motion
