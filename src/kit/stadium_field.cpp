// The field of 105 by 68 metres with its markings and goals, and the boards round it.
// Source of the measures: IFAB, "Laws of the Game", law 1.
#include <cmath>

#include "kit/stadium.h"

namespace mw::kit::stadium {
namespace {

using gltf::kPi;

constexpr float kHalfLength = 52.5f, kHalfWidth = 34;
constexpr float kLine = 0.13f, kLineHeight = 0.025f;
constexpr Srgb kTurfDark = 0x567F3C, kTurfLight = 0x66924A, kWhite = 0xF3F1EA;

// Mown stripes up to the boards. Nothing lies under anything, so nothing flickers from afar.
void turf(Sculpture& s, const Ring& ring) {
  constexpr float kStripe = 5.25f;
  const float radius = ring.radius + kBoards, end = ring.half_x + radius;
  const auto width = [&](float x) {
    const float in = std::max(std::abs(x) - ring.half_x, 0.f);
    return ring.half_z + std::sqrt(std::max(radius * radius - in * in, 0.f));
  };
  const int stripes = static_cast<int>(std::ceil(end / kStripe));
  for (int i = -stripes; i < stripes; ++i) {
    s.use(Finish::matt, (i & 1) != 0 ? kTurfLight : kTurfDark);
    const float from = std::max(static_cast<float>(i) * kStripe, -end),
                to = std::min(static_cast<float>(i + 1) * kStripe, end);
    const int cuts = std::max(std::abs(from), std::abs(to)) > ring.half_x ? 5 : 1;
    for (int k = 0; k < cuts; ++k) {
      const float a = from + (to - from) * static_cast<float>(k) / static_cast<float>(cuts),
                  b = from + (to - from) * static_cast<float>(k + 1) / static_cast<float>(cuts);
      s.flat_quad({a, 0, width(a)}, {b, 0, width(b)}, {b, 0, -width(b)}, {a, 0, -width(a)});
    }
  }
}

void line(Sculpture& s, Vec2 from, Vec2 to) {
  const float dx = to.x - from.x, dz = to.y - from.y, length = std::hypot(dx, dz);
  const Vec3 along{dx / length * kLine / 2, 0, dz / length * kLine / 2}, side{-along.z, 0, along.x};
  const Vec3 a = Vec3{from.x, kLineHeight, from.y} - along, b = Vec3{to.x, kLineHeight, to.y} + along;
  s.flat_quad(a + side, b + side, b - side, a - side);
}

void box(Sculpture& s, float x0, float x1, float half) {
  line(s, {x0, -half}, {x1, -half}), line(s, {x0, half}, {x1, half}), line(s, {x1, -half}, {x1, half});
}

void arc(Sculpture& s, Vec2 middle, float radius, float from, float to, int segments) {
  for (int i = 0; i < segments; ++i) {
    const auto at = [&](int k, float r) {
      const float angle = from + (to - from) * static_cast<float>(k) / static_cast<float>(segments);
      return Vec3{middle.x + r * std::cos(angle), kLineHeight, middle.y - r * std::sin(angle)};
    };
    s.flat_quad(at(i, radius - kLine / 2), at(i, radius + kLine / 2), at(i + 1, radius + kLine / 2),
                at(i + 1, radius - kLine / 2));
  }
}

void markings(Sculpture& s) {
  s.use(Finish::matt, kWhite);
  line(s, {-kHalfLength, -kHalfWidth}, {kHalfLength, -kHalfWidth});
  line(s, {-kHalfLength, kHalfWidth}, {kHalfLength, kHalfWidth});
  for (const float x : {-kHalfLength, 0.f, kHalfLength}) line(s, {x, -kHalfWidth}, {x, kHalfWidth});
  arc(s, {0, 0}, 9.15f, 0, 2 * kPi, 64);
  arc(s, {0, 0}, 0.1f, 0, 2 * kPi, 12);
  for (const float side : {-1.f, 1.f}) {
    box(s, side * kHalfLength, side * (kHalfLength - 16.5f), 20.16f);
    box(s, side * kHalfLength, side * (kHalfLength - 5.5f), 9.16f);
    const Vec2 spot{side * (kHalfLength - 11), 0};
    arc(s, spot, 0.1f, 0, 2 * kPi, 12);
    const float open = std::acos(5.5f / 9.15f), middle = side > 0 ? kPi : 0;
    arc(s, spot, 9.15f, middle - open, middle + open, 20);
    for (const float edge : {-1.f, 1.f}) {
      const float from = side > 0 ? (edge > 0 ? kPi / 2 : kPi) : (edge > 0 ? 0 : -kPi / 2);
      arc(s, {side * kHalfLength, edge * kHalfWidth}, 1, from, from + kPi / 2, 8);
    }
  }
}

Thing goal() {
  constexpr float kHalf = 3.66f + 0.06f, kHigh = 2.44f + 0.06f, kDeep = 2.0f, kPost = 0.06f;
  Thing out;
  Sculpture& s = out.shape;
  const auto bar = [&](Vec3 a, Vec3 b, float r, int sides) {
    const std::array<Vec3, 2> path{a, b};
    const std::array<float, 2> radii{r, r};
    s.tube(path, radii, sides);
  };
  s.use(Finish::metal, 0xF7F5EF);
  bar({-kHalf, 0, 0}, {-kHalf, kHigh + kPost, 0}, kPost, 10), bar({kHalf, 0, 0}, {kHalf, kHigh + kPost, 0}, kPost, 10);
  bar({-kHalf, kHigh, 0}, {kHalf, kHigh, 0}, kPost, 10);
  // The net: threads, which read as a net and let one see through.
  s.use(Finish::matt, 0xDAD7CF);
  const auto fall = [&](float t) {  // from the bar back and down to the ground
    return Vec3{0, kHigh * (1 - t * t), -kDeep * std::pow(t, 0.65f)};
  };
  constexpr int kAcross = 18, kDown = 9;
  for (int i = 0; i <= kAcross; ++i) {
    const Vec3 x{-kHalf + 2 * kHalf * static_cast<float>(i) / kAcross, 0, 0};
    for (int k = 0; k < kDown; k += 3)
      bar(x + fall(static_cast<float>(k) / kDown), x + fall(static_cast<float>(k + 3) / kDown), 0.011f, 3);
  }
  for (int k = 1; k <= kDown; ++k) {
    const Vec3 p = fall(static_cast<float>(k) / kDown);
    bar(p + Vec3{-kHalf, 0, 0}, p + Vec3{kHalf, 0, 0}, 0.011f, 3);
    for (const float x : {-kHalf, kHalf}) {
      bar({x, p.y, 0}, {x, p.y, p.z}, 0.011f, 3);
      bar({x, 0, p.z}, {x, p.y, p.z}, 0.011f, 3);
    }
  }
  for (const float x : {-kHalf, kHalf}) out.solids.pillar({x, 0, 0}, kPost, kHigh, 6);
  out.solids.box({0, 0.6f, -kDeep}, {2 * kHalf, 1.2f, 0.05f});
  for (const float x : {-kHalf, kHalf}) out.solids.box({x, 0.6f, -kDeep / 2}, {0.05f, 1.2f, kDeep});
  return out;
}

Thing corner_flag(Srgb accent) {
  Thing out;
  const std::array<Vec3, 2> path{{{0, 0, 0}, {0, 1.5f, 0}}};
  const std::array<float, 2> radii{0.02f, 0.02f};
  out.shape.use(Finish::matt, 0xF3F1EA);
  out.shape.tube(path, radii, 6);
  out.shape.use(Finish::matt, accent);
  for (const float z : {0.004f, -0.004f}) {
    const Vec3 a{0, 1.5f, z}, b{0, 1.14f, z}, c{0.45f, 1.32f, z};
    if (z > 0) {
      out.shape.flat_quad(a, b, c, c);
    } else {
      out.shape.flat_quad(b, a, c, c);
    }
  }
  return out;
}

// Boards of light with plain shapes on them: what runs there in a real ground is advertising, here it is rhythm.
void boards(Layout& layout, const Ring& ring, Srgb accent) {
  constexpr float kHigh = 0.9f;
  const std::array<Srgb, 4> tones{accent, 0xE9E2D6, mix(accent, 0x2A1512, 0.55f), 0x2E3038};
  int panel = 0;
  for (int side = 0; side < kRingSides; ++side) {
    const float length = ring.length(side, kBoards), gap = side % 2 == 0 ? 1.3f / length : 0;
    for (const Part& half : {Part{side, 0, 0.5f - gap}, Part{side, 0.5f + gap, 1}}) {
      const int panels = std::max(1, static_cast<int>(std::lround((half.to - half.from) * length / 3.2f)));
      for (int i = 0; i < panels; ++i, ++panel) {
        const auto share = [&](float k) { return half.from + (half.to - half.from) * k / static_cast<float>(panels); };
        const Part part{side, share(static_cast<float>(i)), share(static_cast<float>(i + 1))};
        // The field is on the inside: boards look at it, and over it at the other stand.
        const std::array<Edge, 2> face{{{kBoards, 0.06f}, {kBoards, kHigh}}};
        layout.built.use(Finish::board, tones[static_cast<std::size_t>(panel % 7 == 3   ? 1
                                                                       : panel % 3 == 0 ? 2
                                                                       : panel % 2 == 0 ? 0
                                                                                        : 3)]);
        sweep(layout.built, ring, part, face);
      }
      const std::array<Edge, 4> body{
          {{kBoards, kHigh}, {kBoards + 0.16f, kHigh}, {kBoards + 0.35f, 0, 0.6f}, {kBoards + 0.36f, 0, 0.6f}}};
      layout.built.use(Finish::matt, 0x4A4B50);
      sweep(layout.built, ring, half, body);
      const std::array<Edge, 2> solid{{{kBoards + 0.05f, 0}, {kBoards + 0.05f, kHigh}}};
      sweep(layout.solids, ring, half, solid);
    }
  }
}

}  // namespace

void add_field(Layout& layout, const Shape& shape, Srgb accent) {
  const Ring& ring = shape.ring;
  turf(layout.ground, ring);
  markings(layout.ground);
  layout.ground.use(Finish::matt, 0x8F8981);
  const std::array<Edge, 2> track{{{kBoards, 0}, {0, 0, 0.7f}}};
  sweep(layout.ground, ring, track);
  const float x = ring.half_x + ring.radius + 2, z = ring.half_z + ring.radius + 2;
  layout.solids.quad({-x, 0, z}, {x, 0, z}, {x, 0, -z}, {-x, 0, -z});
  boards(layout, ring, accent);
  const int goals = layout.kind("goal", goal());
  for (const float side : {-1.f, 1.f}) layout.put(goals, {kHalfLength * side, 0, 0}, -kPi / 2 * side);
  const int flags = layout.kind("corner_flag", corner_flag(accent), false);
  for (const float sx : {-1.f, 1.f}) {
    for (const float sz : {-1.f, 1.f}) layout.put(flags, {kHalfLength * sx, 0, kHalfWidth * sz}, sx > 0 ? 0 : kPi);
  }
}

}  // namespace mw::kit::stadium
