// The geometry of movement. A person is an upright cylinder that floats: whatever is lower than a step does not stop it,
// what reaches into the rest of its height does, and only sideways. So walls are a problem of the plane: cut a triangle to
// the heights that matter, look down on it, and measure its distance from the axis. Ground and ceiling are heights over
// single points. Nothing in this scheme can catch on the seam of two triangles.
// Thread: pure functions.
#pragma once

#include "motion/collision.h"

namespace mw::motion {

// The part of a person that walls stop.
struct Cylinder {
  float radius = 0;
  float bottom = 0, top = 0;  // above the feet, m
  float slope_cos = 0;  // cosine of the steepest walkable slope
  float slope_tan = 0;  // its tangent
};

struct Contact {
  float depth = 0;  // how far inside, m; 0 is no contact
  float out_x = 0, out_z = 0;  // unit vector on the ground plane: the way out
};

// How a person with these feet touches one triangle.
Contact touch(const PlacedTriangle& triangle, Vec3 feet, const Cylinder& cylinder);

// The deepest contact of all; ties go to the triangle that comes first.
Contact deepest(const Nearby& nearby, Vec3 feet, const Cylinder& cylinder);

// Moves feet sideways out of all walls, the deepest first, and takes from the velocity what goes into them. Returns how deep
// they are still: more than kStuck says that between these walls there is no place.
inline constexpr float kStuck = 0.02f;  // m
float push_out(Vec3& feet, Vec3& velocity, const Nearby& nearby, const Cylinder& cylinder);
// How deep a person with these feet stays in walls, whatever one does.
float depth_left(Vec3 feet, const Nearby& nearby, const Cylinder& cylinder);
// Whether a gap carries: there is a place here, and `drop` lower the walls leave none, by more than a squeeze.
bool wedged(Vec3 feet, float drop, const Nearby& nearby, const Cylinder& cylinder);

// Height of a triangle's surface over (x, z); false outside of it and for walls.
bool height_at(const PlacedTriangle& triangle, float x, float z, float& y);

// Share (0 to 1) of the segment before it passes through the triangle; 2 when it does not.
float crossing(const PlacedTriangle& triangle, Vec3 from, Vec3 to);

// What carries a person: the highest surface between `y_min` and `y_max` over the axis or, when there is none, over
// points `reach` away from it in four directions (who stands half over an edge does not fall).
struct Support {
  bool found = false;
  bool walkable = false;
  float y = 0;
};
Support support(const Nearby& nearby, Vec3 feet, float y_max, float y_min, float reach, float slope_cos);

// The lowest surface between `y_min` and `y_max` over the axis and four points `reach` away; `y_max` when there is none.
float ceiling(const Nearby& nearby, Vec3 feet, float y_min, float y_max, float reach);

}  // namespace mw::motion
