#include "motion/geometry.h"

#include "motion/vector.h"

namespace mw::motion {
namespace {

constexpr float kSeam = 1e-3f;      // m: points this close to a triangle's edge still lie on it
constexpr float kUpright = 0.02f;   // a normal flatter than this belongs to a wall, which has no height over a point
constexpr float kTouching = 1e-4f;  // m
constexpr float kSqueeze = 0.08f;   // m
constexpr int kRounds = 6;
constexpr float kStairs = 0.8f;     // rise over run of the steepest stairs that are climbed

struct Polygon {
  Vec3 at
      [8];  // relative to the feet; a triangle cut by two planes has five corners, and rounding may not add more than this
  int size = 0;
};

// Keeps what is above (sign 1) or below (sign -1) of the height.
void cut(const Polygon& in, float height, float sign, Polygon& out) {
  out.size = 0;
  for (int i = 0; i < in.size; ++i) {
    const Vec3 p = in.at[i], q = in.at[i + 1 == in.size ? 0 : i + 1];
    const float dp = (p.y - height) * sign, dq = (q.y - height) * sign;
    if (dp >= 0) out.at[out.size++] = p;
    if ((dp > 0 && dq < 0) || (dp < 0 && dq > 0)) {
      const float t = dp / (dp - dq);
      out.at[out.size++] = p + (q - p) * t;
    }
  }
}

struct Nearest {
  float distance_squared = 0;
  Vec3 point;
  bool inside = false;
};

// Looking down: the polygon's point nearest to the axis.
Nearest nearest_flat(const Polygon& polygon) {
  Nearest best;
  best.distance_squared = 1e30f;
  bool left = false, right = false;
  for (int i = 0; i < polygon.size; ++i) {
    const Vec3 p = polygon.at[i], q = polygon.at[i + 1 == polygon.size ? 0 : i + 1];
    const Vec3 d = q - p;
    const float squared = d.x * d.x + d.z * d.z;
    const float along = squared > 1e-12f ? within(-(p.x * d.x + p.z * d.z) / squared, 0, 1) : 0;
    const Vec3 n = p + d * along;
    const float distance = n.x * n.x + n.z * n.z;
    if (distance < best.distance_squared) {
      best.distance_squared = distance;
      best.point = n;
    }
    const float side = d.x * p.z - d.z * p.x;
    left |= side > 1e-9f;
    right |= side < -1e-9f;
  }
  best.inside = left != right;
  return best;
}

float highest(const Polygon& polygon) {
  float y = polygon.at[0].y;
  for (int i = 1; i < polygon.size; ++i) y = most(y, polygon.at[i].y);
  return y;
}

// The axis passes through a slope too steep to walk: out is downhill, or under an overhang away from it.
Contact through_steep(const PlacedTriangle& t, Vec3 feet, const Cylinder& c) {
  const float flat = length_flat(t.normal.x, t.normal.z);
  float height = 0;
  if (absolute(t.normal.y) < kUpright || !height_at(t, feet.x, feet.z, height)) {
    return {c.radius, t.normal.x / flat, t.normal.z / flat};
  }
  height -= feet.y;
  const bool from_above = height < (c.bottom + c.top) * 0.5f;
  const float sign = (t.normal.y > 0) == from_above ? 1.f : -1.f;
  const float to_clear = from_above ? height - c.bottom : c.top - height;
  const float depth = to_clear * absolute(t.normal.y) / flat + c.radius;
  return {depth, sign * t.normal.x / flat, sign * t.normal.z / flat};
}

// The axis passes through a table or the underside of a ramp: out is the nearest edge.
Contact through_flat(const Nearest& nearest, const Cylinder& c) {
  const float distance = root(nearest.distance_squared);
  if (distance < kTouching) return {c.radius, 1, 0};
  return {distance + c.radius, nearest.point.x / distance, nearest.point.z / distance};
}

}  // namespace

Contact touch(const PlacedTriangle& t, Vec3 feet, const Cylinder& c) {
  if (t.box.low.x > feet.x + c.radius || t.box.high.x < feet.x - c.radius || t.box.low.z > feet.z + c.radius ||
      t.box.high.z < feet.z - c.radius || t.box.high.y <= feet.y + c.bottom || t.box.low.y >= feet.y + c.top) {
    return {};
  }
  Polygon whole, above, body;
  whole.at[0] = t.a - feet;
  whole.at[1] = t.b - feet;
  whole.at[2] = t.c - feet;
  whole.size = 3;
  cut(whole, c.bottom, 1, above);
  cut(above, c.top, -1, body);
  if (body.size == 0) return {};
  const Nearest nearest = nearest_flat(body);
  const bool walkable = absolute(t.normal.y) >= c.slope_cos;
  if (nearest.inside) return walkable ? through_flat(nearest, c) : through_steep(t, feet, c);
  if (nearest.distance_squared >= c.radius * c.radius) return {};

  // What a slope or stairs would reach at that distance is no wall: one is about to walk up it.
  const float distance = root(nearest.distance_squared);
  const float rise = (walkable ? nearest.point.y : highest(body)) - c.bottom;
  const float radius = least(c.radius, rise / (walkable ? c.slope_tan : kStairs));
  if (distance >= radius) return {};
  if (distance < 1e-5f) {
    const float flat = length_flat(t.normal.x, t.normal.z);
    if (flat < 1e-3f) return {};
    return {radius, t.normal.x / flat, t.normal.z / flat};
  }
  return {radius - distance, -nearest.point.x / distance, -nearest.point.z / distance};
}

Contact deepest(const Nearby& nearby, Vec3 feet, const Cylinder& cylinder) {
  Contact best;
  std::uint64_t best_order = 0;
  nearby.each([&](const PlacedTriangle& triangle) {
    const Contact contact = touch(triangle, feet, cylinder);
    if (contact.depth <= 0 || contact.depth < best.depth) return;
    if (contact.depth == best.depth && triangle.order > best_order) return;
    best = contact;
    best_order = triangle.order;
  });
  return best;
}

float push_out(Vec3& feet, Vec3& velocity, const Nearby& nearby, const Cylinder& cylinder) {
  for (int round = 0; round < kRounds; ++round) {
    const Contact contact = deepest(nearby, feet, cylinder);
    if (contact.depth < kTouching) return 0;
    feet.x += contact.out_x * contact.depth;
    feet.z += contact.out_z * contact.depth;
    const float into = velocity.x * contact.out_x + velocity.z * contact.out_z;
    if (into < 0) {
      velocity.x -= contact.out_x * into;
      velocity.z -= contact.out_z * into;
    }
  }
  return deepest(nearby, feet, cylinder).depth;
}

float depth_left(Vec3 feet, const Nearby& nearby, const Cylinder& cylinder) {
  Vec3 velocity;
  return push_out(feet, velocity, nearby, cylinder);
}

bool wedged(Vec3 feet, float drop, const Nearby& nearby, const Cylinder& cylinder) {
  const Vec3 lower{feet.x, feet.y - drop, feet.z};
  return depth_left(lower, nearby, cylinder) > kSqueeze && depth_left(feet, nearby, cylinder) <= kSqueeze;
}

bool height_at(const PlacedTriangle& t, float x, float z, float& y) {
  if (x < t.box.low.x - kSeam || x > t.box.high.x + kSeam || z < t.box.low.z - kSeam || z > t.box.high.z + kSeam) {
    return false;
  }
  if (absolute(t.normal.y) < kUpright) return false;
  const Vec3 corners[3] = {t.a, t.b, t.c};
  const float up = t.normal.y > 0 ? 1.f : -1.f;
  for (int i = 0; i < 3; ++i) {
    const Vec3 p = corners[i], q = corners[i == 2 ? 0 : i + 1];
    const float dx = q.x - p.x, dz = q.z - p.z;
    const float side = (dz * (x - p.x) - dx * (z - p.z)) * up;  // positive inside
    if (side < 0 && side * side > kSeam * kSeam * (dx * dx + dz * dz)) return false;
  }
  y = t.a.y - (t.normal.x * (x - t.a.x) + t.normal.z * (z - t.a.z)) / t.normal.y;
  y = within(y, t.box.low.y, t.box.high.y);
  return true;
}

float crossing(const PlacedTriangle& t, Vec3 from, Vec3 to) {
  constexpr float kNone = 2;
  const float a = dot(from - t.a, t.normal), b = dot(to - t.a, t.normal);
  if ((a > 0 && b > 0) || (a < 0 && b < 0) || a == b) return kNone;
  const float share = a / (a - b);
  const Vec3 p = from + (to - from) * share;
  const Vec3 corners[3] = {t.a, t.b, t.c};
  for (int i = 0; i < 3; ++i) {
    const Vec3 q = corners[i];
    if (dot(cross(corners[i == 2 ? 0 : i + 1] - q, p - q), t.normal) < 0) return kNone;
  }
  return share;
}

Support support(const Nearby& nearby, Vec3 feet, float y_max, float y_min, float reach, float slope_cos) {
  Support centre, side;
  const auto consider = [&](const PlacedTriangle& t, float x, float z, Support& best, bool walkable_only) {
    float y = 0;
    if (!height_at(t, x, z, y) || y > y_max || y < y_min) return;
    const bool walkable = absolute(t.normal.y) >= slope_cos;
    if (walkable_only && !walkable) return;
    if (best.found && (y < best.y || (y == best.y && !walkable))) return;
    best = {true, walkable, y};
  };
  nearby.each([&](const PlacedTriangle& t) { consider(t, feet.x, feet.z, centre, false); });
  if (centre.found) return centre;
  nearby.each([&](const PlacedTriangle& t) {
    consider(t, feet.x + reach, feet.z, side, true);
    consider(t, feet.x - reach, feet.z, side, true);
    consider(t, feet.x, feet.z + reach, side, true);
    consider(t, feet.x, feet.z - reach, side, true);
  });
  return side;
}

float ceiling(const Nearby& nearby, Vec3 feet, float y_min, float y_max, float reach) {
  float lowest = y_max;
  const auto consider = [&](const PlacedTriangle& t, float x, float z) {
    float y = 0;
    if (height_at(t, x, z, y) && y >= y_min && y < lowest) lowest = y;
  };
  nearby.each([&](const PlacedTriangle& t) {
    if (t.box.high.y < y_min || t.box.low.y > y_max) return;
    consider(t, feet.x, feet.z);
    consider(t, feet.x + reach, feet.z);
    consider(t, feet.x - reach, feet.z);
    consider(t, feet.x, feet.z + reach);
    consider(t, feet.x, feet.z - reach);
  });
  return lowest;
}

}  // namespace mw::motion
