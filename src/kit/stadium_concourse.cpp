// The concourse behind the lower tier: floor, outer wall, pillars, kiosks, lamps; and the stairs up to the upper tier.
#include <cmath>

#include "kit/stadium.h"

namespace mw::kit::stadium {
namespace {

using gltf::kPi;

constexpr float kSlab = 0.5f;        // thickness of the floor above
constexpr float kParapet = 1.0f;
constexpr float kLanding = 1.7f;     // along the ring
constexpr float kStairsFrom = 0.95f; // of the concourse's inner edge

// Stairs stand on the straight sides, before the upper tier. Where, as shares of the side, and which way they come up.
struct Stairs {
  int side;
  float share;
  float way;  // +1: the landing lies towards growing share
};
constexpr std::array<Stairs, 8> kStairs{{{0, 0.22f, -1},
                                         {0, 0.78f, 1},
                                         {2, 0.22f, -1},
                                         {2, 0.78f, 1},
                                         {4, 0.22f, -1},
                                         {4, 0.78f, 1},
                                         {6, 0.22f, -1},
                                         {6, 0.78f, 1}}};

// The shares of a side where its parapet stands: not at the landings.
std::vector<Part> parapet_parts(const Ring& ring, int side, float offset) {
  std::vector<Part> out;
  float from = 0;
  for (const Stairs& stairs : kStairs) {
    if (stairs.side != side) continue;
    const float half = kLanding / 2 / ring.length(side, offset);
    out.push_back({side, from, stairs.share - half});
    from = stairs.share + half;
  }
  out.push_back({side, from, 1});
  return out;
}

void add_stairs(Layout& layout, const Shape& shape, const Stairs& stairs) {
  constexpr float kTread = 0.30f;
  const float high = shape.walkway - shape.concourse;
  const int steps = static_cast<int>(std::lround(high / 0.167f));
  const float run = kTread * static_cast<float>(steps - 1), inner = shape.lower_end + kStairsFrom,
              wide = shape.upper_front - inner;
  Sculpture& s = layout.built;
  // +z looks at the field; `x` counts from the landing's middle down the stairs.
  const Transform at = frame(shape.ring, stairs.side, stairs.share, shape.upper_front, shape.concourse);
  const float turned = stairs.way;  // +x runs against the share
  s.place = at;
  s.use(Finish::matt, 0xC9C2B7);
  const auto x_of = [&](float along) { return turned * along; };
  const float half = kLanding / 2;
  s.box({0, high - 0.15f, wide / 2}, {kLanding, 0.3f, wide}, 0.02f);
  for (int i = 1; i < steps; ++i) {
    const float y = high * static_cast<float>(steps - i) / static_cast<float>(steps);
    s.box({x_of(half + kTread * (static_cast<float>(i) - 0.5f)), y - 0.11f, wide / 2}, {kTread + 0.03f, 0.22f, wide},
          0);
  }
  s.use(Finish::matt, tone::kStone);
  for (const float z : {0.25f, wide - 0.25f}) s.box({0, (high - 0.3f) / 2, z}, {0.35f, high - 0.3f, 0.35f}, 0.03f);
  s.use(Finish::metal, tone::kSlate);
  const auto p = [&](float along, float y, float z) { return Vec3{x_of(along), y, z}; };
  const auto rail = [&](Vec3 a, Vec3 b) {
    const std::array<Vec3, 2> path{a, b};
    const std::array<float, 2> radii{0.025f, 0.025f};
    s.tube(path, radii, 5);
  };
  const auto solid = [&](Vec3 a, Vec3 b, Vec3 c, Vec3 d) { layout.solids.quad(at(a), at(b), at(c), at(d)); };
  for (const float z : {0.03f, wide - 0.03f}) {
    for (const float up : {kParapet, 0.55f}) rail(p(half, high + up, z), p(half + run, up, z));
    for (const float k : {0.f, 0.5f, 1.f})
      rail(p(half + run * k, high * (1 - k), z), p(half + run * k, high * (1 - k) + kParapet, z));
    solid(p(half, high - 0.4f, z), p(half, high + kParapet, z), p(half + run, kParapet, z), p(half + run, -0.2f, z));
  }
  for (const float up : {kParapet, 0.55f}) {
    rail(p(-half, high + up, 0), p(-half, high + up, wide));
    rail(p(-half, high + up, wide), p(half, high + up, wide));
  }
  solid(p(-half, high - 0.3f, 0), p(-half, high + kParapet, 0), p(-half, high + kParapet, wide),
        p(-half, high - 0.3f, wide));
  solid(p(-half, high - 0.3f, wide), p(-half, high + kParapet, wide), p(half, high + kParapet, wide),
        p(half, high - 0.3f, wide));
  solid(p(-half, high, -0.1f), p(half, high, -0.1f), p(half, high, wide), p(-half, high, wide));
  solid(p(half, high, 0), p(half + run + kTread, 0, 0), p(half + run + kTread, 0, wide), p(half, high, wide));
  for (const float z : {0.25f, wide - 0.25f}) layout.solids.box(at(p(0, 1, z)), {0.35f, 2, 0.35f}, 0);
  s.place = {};
}

void add_floor_above(Layout& layout, const Shape& shape, Srgb accent) {
  const Ring& ring = shape.ring;
  const float under = shape.walkway - kSlab, front = shape.upper_front;
  Sculpture& s = layout.built;
  s.use(Finish::matt, tone::kChalk);
  const std::array<Edge, 2> ceiling{{{shape.concourse_end, under, 0.5f}, {front - 0.02f, under, 0.9f}}};
  sweep(s, ring, ceiling);
  const std::array<Edge, 2> fascia{{{front - 0.02f, under}, {front - 0.02f, shape.walkway}}};
  s.use(Finish::matt, 0xD9D2C7);
  sweep(s, ring, fascia);
  for (int side = 0; side < kRingSides; ++side) {
    for (const Part& part : parapet_parts(ring, side, front)) {
      s.use(Finish::board, 0x24262C);
      const std::array<Edge, 2> band{
          {{front - 0.04f, shape.walkway + 0.08f}, {front - 0.04f, shape.walkway + kParapet - 0.06f}}};
      sweep(s, ring, part, band);
      s.use(Finish::matt, tone::kChalk);
      const std::array<Edge, 4> wall{{{front - 0.05f, shape.walkway + kParapet - 0.06f},
                                      {front - 0.05f, shape.walkway + kParapet},
                                      {front + 0.12f, shape.walkway + kParapet},
                                      {front + 0.12f, shape.walkway, 0.7f}}};
      sweep(s, ring, part, wall);
      const std::array<Edge, 2> solid{{{front, under}, {front, shape.walkway + kParapet}}};
      sweep(layout.solids, ring, part, solid);
      // The ribbon: dashes of light that run round the house, longer and shorter.
      const float length = ring.length(side, front) * (part.to - part.from);
      const int dashes = std::max(1, static_cast<int>(length / 4.2f));
      for (int i = 0; i < dashes; ++i) {
        const float from = part.from +
                           (part.to - part.from) * (static_cast<float>(i) + 0.12f) / static_cast<float>(dashes),
                    to = from + (part.to - part.from) * (i % 3 == 0 ? 0.7f : 0.34f) / static_cast<float>(dashes);
        s.use(Finish::board, i % 3 == 0 ? accent : 0xE9E2D6);
        const std::array<Edge, 2> dash{
            {{front - 0.06f, shape.walkway + 0.38f}, {front - 0.06f, shape.walkway + 0.62f}}};
        sweep(s, ring, {side, from, to}, dash);
      }
    }
  }
}

Thing ceiling_lamp() {
  Thing out;
  out.shape.use(Finish::glow, tone::kLamp);
  out.shape.box({0, -0.06f, 0}, {1.8f, 0.08f, 0.24f}, 0.02f);
  return out;
}

Thing pillar() {
  Thing out;
  constexpr float kHigh = 3.5f;
  const std::array<Vec2, 6> profile{
      {{0.36f, 0}, {0.36f, 0.12f}, {0.28f, 0.16f}, {0.28f, kHigh - 0.3f}, {0.44f, kHigh}, {0.44f, kHigh + 0.1f}}};
  out.shape.use(Finish::matt, tone::kChalk);
  out.shape.turned({0, 0, 0}, profile, 14);
  out.solids.pillar({0, 0, 0}, 0.3f, 3, 6);
  return out;
}

// A doorway in the outer wall with its sector's bar of colour above.
Thing doorway(Srgb accent) {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, tone::kInk);
  s.box({0, 1.3f, 0.05f}, {2.6f, 2.6f, 0.1f}, 0.02f);
  s.use(Finish::glow, 0xE3BC86);
  for (const float x : {-0.6f, 0.6f})
    s.flat_quad({x - 0.52f, 0.1f, 0.11f}, {x + 0.52f, 0.1f, 0.11f}, {x + 0.52f, 2.2f, 0.11f}, {x - 0.52f, 2.2f, 0.11f});
  s.use(Finish::board, accent);
  s.box({0, 2.85f, 0.08f}, {2.6f, 0.22f, 0.1f}, 0.02f);
  return out;
}

void furnish(Layout& layout, const Shape& shape, Srgb accent) {
  const Ring& ring = shape.ring;
  const int lamps = layout.kind("ceiling_lamp", ceiling_lamp(), false), pillars = layout.kind("pillar", pillar()),
            doors = layout.kind("doorway", doorway(accent), false), kiosks = layout.kind("kiosk", kiosk(accent)),
            benches = layout.kind("bench", bench()), planters = layout.kind("planter", planter());
  const auto put = [&](int kind, int side, float share, float offset, float height, Vec3 tint = {1, 1, 1}) {
    const Transform at = frame(ring, side, share, offset, height);
    layout.put(kind, at, tint);
    return at;
  };
  const Vec3 wood = linear(tone::kWood), clay = linear(0xB9AFA2);
  for (int side = 0; side < kRingSides; ++side) {
    const int bays = std::max(2, static_cast<int>(ring.length(side, shape.lower_end + 8) / 7.5f) / 2 * 2);
    for (int i = 0; i < bays; ++i) {
      const float share = (static_cast<float>(i) + 0.5f) / static_cast<float>(bays);
      put(pillars, side, share, shape.lower_end + 3.7f, shape.concourse);
      const Transform lamp = put(lamps, side, share, shape.lower_end + 7, shape.walkway - kSlab);
      layout.scene.lamps.push_back({lamp.translation.x, lamp.translation.y - 0.3f, lamp.translation.z});
      const float between = static_cast<float>(i) / static_cast<float>(bays);
      const bool gate = side % 2 == 0 && i == bays / 2;  // the way in has the middle of the straight sides
      if (i > 0 && !gate)
        put(i % 2 == 0 ? kiosks : doors, side, between, shape.concourse_end - (i % 2 == 0 ? 1.9f : 0.02f),
            shape.concourse);
      if (gate) continue;
      if (i % 3 == 1) {
        const Transform seat = put(benches, side, between, shape.concourse_end - 0.7f, shape.concourse, wood);
        const Vec3 edge = seat(Vec3{0, 0.45f, 0.24f});
        if (i % 2 != 0) continue;
        layout.scene.seats.push_back({{edge.x, edge.y, edge.z}, ring.at(side, between, 0).yaw + kPi});
      }
      if (i % 4 == 2) put(planters, side, share, shape.concourse_end - 1.2f, shape.concourse, clay);
    }
  }
}

}  // namespace

void add_concourse(Layout& layout, const Shape& shape, Srgb accent) {
  const Ring& ring = shape.ring;
  const float y = shape.concourse, end = shape.concourse_end;
  // Its floor, a step above the last row.
  const std::array<Edge, 3> floor{
      {{shape.lower_end, y - 0.4f, 0.8f}, {shape.lower_end, y}, {shape.lower_end + 0.6f, y}}};
  layout.ground.use(Finish::matt, tone::kChalk);
  sweep(layout.ground, ring, floor);
  layout.ground.use(Finish::paving, 0xDAD2C6);
  const std::array<Edge, 3> open{{{shape.lower_end + 0.6f, y}, {shape.upper_front + 1, y, 0.95f}, {end, y, 0.6f}}};
  sweep(layout.ground, ring, open);
  const std::array<Edge, 2> solid{{{shape.lower_end - 0.02f, y}, {end, y}}};
  sweep(layout.solids, ring, solid);
  layout.built.use(Finish::matt, 0xE2DACD);
  const std::array<Edge, 4> wall{
      {{end - 0.12f, y, 0.55f}, {end - 0.12f, y + 0.4f, 0.7f}, {end, y + 0.42f, 0.8f}, {end, shape.walkway, 0.6f}}};
  sweep(layout.built, ring, wall);
  const std::array<Edge, 2> shut{{{end - 0.06f, y}, {end - 0.06f, shape.walkway}}};
  sweep(layout.solids, ring, shut);
  add_floor_above(layout, shape, accent);
  for (const Stairs& stairs : kStairs) add_stairs(layout, shape, stairs);
  furnish(layout, shape, accent);
  layout.horizon.use(Finish::far, 0x8D9277);
  const std::array<Edge, 2> land{{{end, y - 0.1f}, {700, y - 0.1f}}};
  sweep(layout.horizon, ring, land);
}

}  // namespace mw::kit::stadium
