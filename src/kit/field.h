// Shapes as signed distance fields (negative inside), joined with smooth blends, and their surfaces as triangles: soft organic
// forms with exact normals. Sources: J. Hart, "Sphere tracing" (1996) for distance bounds; I. Quilez, "Smooth minimum"
// (2013) for the blends; S. Gibson, "Constrained elastic surface nets" (1998) for the polygons.
// Distances may be approximate away from the surface; they must be right in sign and smooth near zero.
// Thread: pure functions.
#pragma once

#include <functional>
#include <vector>

#include "gltf/vec.h"

namespace mw::kit {

using gltf::Bounds;
using gltf::Vec2;
using gltf::Vec3;

using Field = std::function<float(Vec3)>;

float ellipsoid(Vec3 p, Vec3 middle, Vec3 radii);
float sphere(Vec3 p, Vec3 middle, float radius);
// A capsule whose radius goes from ra at a to rb at b.
float cone(Vec3 p, Vec3 a, Vec3 b, float ra, float rb);
// A box with half extents and rounded edges.
float round_box(Vec3 p, Vec3 middle, Vec3 half, float radius);
float torus(Vec3 p, Vec3 middle, float ring, float tube);  // lies flat

float join(float a, float b, float soft);  // union, blended over `soft` metres
float carve(float a, float cutter, float soft);  // a without the cutter
float meet(float a, float b, float soft);  // intersection

struct Surface {
  std::vector<Vec3> positions, normals;
  std::vector<std::uint32_t> indices;
};

Vec3 gradient(const Field& field, Vec3 p, float step);

// The zero surface within `bounds`, on a grid of `step` metres; vertices are then moved onto the surface. Closed where the
// field is positive on the bounds' border.
Surface surface_of(const Field& field, const Bounds& bounds, float step);

}  // namespace mw::kit
