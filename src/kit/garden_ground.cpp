#include <cmath>

#include "kit/garden.h"

namespace mw::kit::garden {

using gltf::kPi;
using gltf::lerp;
using gltf::smoothstep;

// Catmull and Rom's curve (1974) through the points, a sample every `step` metres or so.
std::vector<Vec2> smooth_curve(const std::vector<Vec2>& points, float step) {
  std::vector<Vec2> out;
  const auto at = [&](std::ptrdiff_t i) {
    const auto last = static_cast<std::ptrdiff_t>(points.size()) - 1;
    return points[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(i, 0, last))];
  };
  for (std::ptrdiff_t i = 0; i + 1 < static_cast<std::ptrdiff_t>(points.size()); ++i) {
    const Vec2 a = at(i - 1), b = at(i), c = at(i + 1), d = at(i + 2);
    const int pieces = std::max(1, static_cast<int>(std::hypot(c.x - b.x, c.y - b.y) / step));
    for (int k = 0; k < pieces; ++k) {
      const float t = static_cast<float>(k) / static_cast<float>(pieces);
      const auto blend = [t](float p, float q, float r, float s) {
        return 0.5f * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t * t + (3 * q - p - 3 * r + s) * t * t * t);
      };
      out.push_back({blend(a.x, b.x, c.x, d.x), blend(a.y, b.y, c.y, d.y)});
    }
  }
  out.push_back(points.back());
  return out;
}

Land::Land(std::uint64_t seed) {
  Dice dice(seed);
  for (float& shift : shift_) shift = dice.range(0, 6);
}

void Land::add_path(Path path) {
  for (Vec2 p : smooth_curve(path.points, 0.6f)) dots_.push_back({p, path.width / 2});
  paths_.push_back(std::move(path));
}

float Land::pond(float x, float z) const {
  const float angle = std::atan2(x, z + 2);
  const float wobble = 1 + 0.09f * std::sin(3 * angle + shift_[0]) + 0.05f * std::sin(5 * angle + shift_[1]);
  return std::hypot(x / 13.5f, (z + 2) / 8.2f) / wobble;
}

// The land as it was before paths and pond.
float Land::wild(float x, float z) const {
  const float hill = 5.6f * std::exp(-(x * x / (12.5f * 12.5f) + (z - kHill.z) * (z - kHill.z) / (9.5f * 9.5f)));
  const float far = std::hypot(x, z);
  const float rim = (8.5f + 2.2f * std::sin(0.16f * x + shift_[2]) + 1.8f * std::sin(0.19f * z + shift_[3])) *
                    smoothstep(29.5f, 47, far);
  const float roll =
      0.40f * std::sin(0.17f * x + shift_[1]) * std::sin(0.15f * z + shift_[0]) * smoothstep(13, 24, far);
  const float top = smoothstep(6.4f, 4.4f, std::hypot(x - kHill.x, z - kHill.z));  // level ground for the pavilion
  return lerp(hill + rim + roll, kHill.y, top);
}

Land::Near Land::nearest(float x, float z) const {
  Near best{1e9f, {}};
  for (const auto& [p, half] : dots_) {
    const float dx = x - p.x, dz = z - p.y, limit = best.off + half;
    if (dx > limit || dx < -limit || dz > limit || dz < -limit) continue;
    const float off = std::sqrt(dx * dx + dz * dz) - half;
    if (off < best.off) best = {off, p};
  }
  return best;
}

float Land::off_path(float x, float z) const { return nearest(x, z).off; }

float Land::shaped(float x, float z) const {
  const Near near = nearest(x, z);
  float y = wild(x, z);
  if (near.off < 1.8f) y = lerp(wild(near.point.x, near.point.y), y, smoothstep(0.25f, 1.8f, near.off));
  const float pond_here = pond(x, z);
  y = lerp(0.10f, y, smoothstep(1.10f, 1.45f, pond_here));
  return lerp(-0.85f, y, smoothstep(0.84f, 1.06f, pond_here));
}

void Land::settle() {
  grid_.clear();
  for (int k = 0; k <= kCells; ++k) {
    for (int i = 0; i <= kCells; ++i)
      grid_.push_back(
          shaped((static_cast<float>(i) - kCells / 2.f) * kCell, (static_cast<float>(k) - kCells / 2.f) * kCell));
  }
}

Vec3 Land::corner(int i, int k) const {
  i = std::clamp(i, 0, kCells), k = std::clamp(k, 0, kCells);
  return {(static_cast<float>(i) - kCells / 2.f) * kCell,
          grid_[static_cast<std::size_t>(k) * (kCells + 1) + static_cast<std::size_t>(i)],
          (static_cast<float>(k) - kCells / 2.f) * kCell};
}

// On the very triangles that are drawn: each cell is cut from its low corner to its high one.
float Land::height(float x, float z) const {
  const float u = std::clamp(x / kCell + kCells / 2.f, 0.f, kCells - 0.001f),
              v = std::clamp(z / kCell + kCells / 2.f, 0.f, kCells - 0.001f);
  const int i = static_cast<int>(u), k = static_cast<int>(v);
  const float s = u - static_cast<float>(i), t = v - static_cast<float>(k);
  const float a = corner(i, k).y, b = corner(i, k + 1).y, c = corner(i + 1, k + 1).y, d = corner(i + 1, k).y;
  return t >= s ? a + (b - a) * t + (c - b) * s : a + (d - a) * s + (c - d) * t;
}

namespace {

// One smooth sheet of land, painted by slope, shore and chance.
void add_land(Layout& layout, const Land& land, Dice& dice) {
  Sculpture& s = layout.ground;
  constexpr int kCells = Land::kCells;
  const auto point = [&land](int i, int k) { return land.corner(i, k); };
  const auto first = static_cast<std::uint32_t>(s.layer(Finish::matt).positions.size());
  for (int k = 0; k <= kCells; ++k) {
    for (int i = 0; i <= kCells; ++i) {
      const Vec3 p = point(i, k);
      const Vec3 n =
          gltf::normalised(gltf::cross(point(i, k + 1) - point(i, k - 1), point(i + 1, k) - point(i - 1, k)));
      const float patch =
          0.5f + 0.5f * std::sin(0.31f * p.x + 1.7f * std::sin(0.23f * p.z)) * std::sin(0.27f * p.z + 0.8f);
      Srgb colour = mix(mix(0x7FA353, 0x98B75C, patch), 0x6D9150, smoothstep(2, 9, p.y));
      colour = mix(colour, 0xA69A7C, smoothstep(0.90f, 0.74f, n.y));
      colour = mix(0xB9AA86, colour, smoothstep(1.06f, 1.20f, land.pond(p.x, p.z)));
      colour = mix(colour, 0x6F8A5A, smoothstep(1.0f, 0.85f, land.pond(p.x, p.z)));
      s.use(Finish::matt, varied(colour, dice, 0.02f));
      s.vertex(p, n);
    }
  }
  const auto at = [&](int i, int k) { return first + static_cast<std::uint32_t>(k * (kCells + 1) + i); };
  for (int k = 0; k < kCells; ++k) {
    for (int i = 0; i < kCells; ++i) {
      s.quad(at(i, k), at(i, k + 1), at(i + 1, k + 1), at(i + 1, k));
      layout.solids.quad(point(i, k), point(i, k + 1), point(i + 1, k + 1), point(i + 1, k));
    }
  }
}

// Gravel between two rows of stones.
void add_path(Layout& layout, const Land& land, const Path& path, Dice& dice) {
  Sculpture& s = layout.ground;
  const std::vector<Vec2> line = smooth_curve(path.points, 0.55f);
  std::array<std::uint32_t, 5> before{};
  for (std::size_t i = 0; i < line.size(); ++i) {
    const Vec2 a = line[i > 0 ? i - 1 : 0], b = line[std::min(i + 1, line.size() - 1)];
    const float l = std::max(std::hypot(b.x - a.x, b.y - a.y), 1e-4f);
    const Vec3 side{(b.y - a.y) / l, 0, -(b.x - a.x) / l};
    std::array<std::uint32_t, 5> now{};
    const bool stones = i % 2 == 0;
    for (int k = 0; k < 5; ++k) {
      const float off = (static_cast<float>(k) / 2 - 1) * path.width / 2;
      const Vec3 p = Vec3{line[i].x, 0, line[i].y} + side * off;
      s.use(Finish::matt, varied(k == 0 || k == 4 ? 0xC6B899 : 0xDCCFB4, dice, 0.03f));
      now[static_cast<std::size_t>(k)] =
          s.vertex({p.x, land.height(p.x, p.z) + (k == 0 || k == 4 ? -0.01f : 0.05f), p.z}, {0, 1, 0});
    }
    if (i > 0) {
      for (std::size_t k = 0; k < 4; ++k) s.quad(before[k], now[k], now[k + 1], before[k + 1]);
    }
    before = now;
    for (float edge : {-1.f, 1.f}) {
      if (!stones) continue;
      const Vec3 p = Vec3{line[i].x, 0, line[i].y} + side * (edge * (path.width / 2 + 0.05f));
      if (land.off_path(p.x, p.z) < 0 || land.pond(p.x, p.z) < 1.02f)
        continue;  // where paths meet, and under the bridge
      s.use(Finish::matt, varied(0xA8A196, dice, 0.08f));
      const float w = dice.range(0.22f, 0.40f);
      s.box({p.x, land.height(p.x, p.z) + 0.02f, p.z}, {w, dice.range(0.12f, 0.20f), dice.range(0.2f, 0.3f)}, 0.05f,
            std::atan2(side.x, side.z) + dice.range(-0.3f, 0.3f) + kPi / 2);
    }
  }
}

}  // namespace

void add_ground(Layout& layout, const Land& land, Dice& dice) {
  add_land(layout, land, dice);
  for (const Path& path : land.paths()) add_path(layout, land, path, dice);
  Sculpture& s = layout.built;
  s.use(Finish::water, tone::kWater);
  constexpr int kSegments = 48;
  const auto hub = s.vertex({0, kWater, -2}, {0, 1, 0});
  std::uint32_t first = 0;
  for (int i = 0; i <= kSegments; ++i) {
    const float angle = 2 * kPi * static_cast<float>(i) / kSegments;
    const auto v = s.vertex({15.6f * std::sin(angle), kWater, -2 + 9.6f * std::cos(angle)}, {0, 1, 0});
    if (i == 0) first = v;
  }
  for (std::uint32_t i = 0; i < kSegments; ++i) s.triangle(hub, first + i, first + i + 1);
  for (int i = 0; i < 26; ++i) {  // water lilies
    const float angle = dice.range(0, 2 * kPi), r = dice.range(0.55f, 0.84f);
    const float x = 13.5f * r * std::sin(angle), z = -2 + 8.2f * r * std::cos(angle);
    if (std::abs(x) < 2.6f) continue;
    s.use(Finish::leaf, varied(0x5F8F55, dice, 0.1f));
    s.disc({x, kWater + 0.012f, z}, dice.range(0.14f, 0.30f), 9);
    if (i % 4 != 0) continue;
    s.use(Finish::matt, 0xF3C9D6);
    const std::array<Vec2, 4> bloom{{{0.02f, 0}, {0.09f, 0.03f}, {0.07f, 0.09f}, {0, 0.05f}}};
    s.turned({x + 0.08f, kWater + 0.015f, z}, bloom, 7);
  }
  for (int i = 0; i < 40; ++i) {  // nobody leaves over the rim
    const auto at = [&](int k, float y) {
      const float angle = 2 * kPi * static_cast<float>(k) / 40;
      return Vec3{kReach * std::sin(angle), y, kReach * std::cos(angle)};
    };
    layout.solids.quad(at(i + 1, -2), at(i, -2), at(i, 22), at(i + 1, 22));
  }
}

// An arched footbridge along z: planks over two bows, posts with caps, two rails.
void add_bridge(Layout& layout, float z_from, float z_to, Srgb colour) {
  Sculpture& s = layout.built;
  constexpr int kPlanks = 44;
  constexpr float kHalf = 1.35f, kRise = 1.55f;
  const auto deck = [&](float t) { return 0.16f + kRise * std::sin(kPi * t); };
  const auto along = [&](float t) { return lerp(z_from, z_to, t); };
  const float way = z_to > z_from ? 1.f : -1.f;
  for (int i = 0; i < kPlanks; ++i) {
    const float t0 = static_cast<float>(i) / kPlanks, t1 = static_cast<float>(i + 1) / kPlanks, t = (t0 + t1) / 2;
    const float slope = std::atan2(deck(t1) - deck(t0), std::abs(along(t1) - along(t0)));
    s.place = {{0, deck(t) - 0.03f, along(t)}, gltf::turn_x(-slope * way), {1, 1, 1}};
    s.use(Finish::matt, i % 2 == 0 ? 0xB58A5F : 0xAB8056);
    s.box({0, 0, 0}, {2 * kHalf, 0.06f, std::abs(along(t1) - along(t0)) / std::cos(slope) - 0.02f}, 0.012f);
    s.place = {};
    layout.solids.quad({-kHalf, deck(t0), along(t0)}, {kHalf, deck(t0), along(t0)}, {kHalf, deck(t1), along(t1)},
                       {-kHalf, deck(t1), along(t1)});
  }
  for (float side : {-1.f, 1.f}) {
    const float x = side * (kHalf + 0.02f);
    for (float up : {-0.16f, 0.55f, 0.98f}) {  // a bow and two rails
      std::vector<Vec3> path;
      std::vector<float> radii;
      for (int i = 0; i <= 22; ++i) {
        const float t = static_cast<float>(i) / 22;
        path.push_back({x, deck(t) + up, along(t)});
        radii.push_back(up < 0 ? 0.115f : up > 0.9f ? 0.062f : 0.042f);
      }
      s.use(Finish::matt, colour);
      s.tube(path, radii, 8);
    }
    for (int i = 0; i <= 10; ++i) {
      const float t = static_cast<float>(i) / 10, z = along(t);
      const bool end = i == 0 || i == 10;
      s.use(Finish::matt, colour);
      s.box({x, deck(t) + (end ? 0.45f : 0.42f), z}, {end ? 0.20f : 0.12f, end ? 1.35f : 1.12f, end ? 0.20f : 0.12f},
            0.02f);
      if (!end) continue;
      s.use(Finish::metal, 0x3C4246);
      const std::array<Vec2, 6> cap{
          {{0.13f, 0}, {0.13f, 0.05f}, {0.07f, 0.09f}, {0.10f, 0.15f}, {0.06f, 0.23f}, {0, 0.27f}}};
      s.turned({x, deck(t) + 1.12f, z}, cap, 10);
    }
    for (int i = 0; i < 12; ++i) {
      const float t0 = static_cast<float>(i) / 12, t1 = static_cast<float>(i + 1) / 12;
      const Vec3 a{x, deck(t0) - 0.1f, along(t0)}, b{x, deck(t1) - 0.1f, along(t1)}, up{0, 1.15f, 0};
      layout.solids.quad(a, b, b + up, a + up);
      layout.solids.quad(b, a, a + up, b + up);
    }
  }
}

void add_mountains(Layout& layout, Dice& dice) {
  Sculpture& s = layout.horizon;
  s.use(Finish::far, 0x8FA67A);
  s.disc({0, 1.5f, 0}, 460, 48, 46);
  struct Range {
    float radius, high, deep;
    Srgb foot, crest;
  };
  for (const Range& range : {Range{92, 22, 46, 0x6F8F5C, 0x7F9C66}, Range{190, 62, 90, 0x7E9A80, 0x8CA58E},
                             Range{330, 150, 150, 0x8FA6AE, 0xB4C3CB}}) {
    constexpr int kSegments = 96, kRows = 4;
    const float p1 = dice.range(0, 6), p2 = dice.range(0, 6), p3 = dice.range(0, 6);
    const auto at = [&](int i, int row) {
      const float angle = 2 * kPi * static_cast<float>(i % kSegments) / kSegments;
      const float crest = 0.52f + 0.26f * std::sin(2 * angle + p1) + 0.16f * std::sin(5 * angle + p2) +
                          0.10f * std::sin(11 * angle + p3);
      const float t = static_cast<float>(row) / kRows;
      const float r = range.radius + range.deep * t + 4 * std::sin(9 * angle + 2 * t + p2);
      return Vec3{r * std::sin(angle), range.high * std::max(crest, 0.12f) * std::pow(t, 1.4f) - 1,
                  r * std::cos(angle)};
    };
    const auto first = static_cast<std::uint32_t>(s.layer(Finish::far).positions.size());
    for (int row = 0; row <= kRows; ++row) {
      for (int i = 0; i < kSegments; ++i) {
        s.use(Finish::far, mix(range.foot, range.crest, static_cast<float>(row) / kRows));
        const Vec3 n = gltf::normalised(
            gltf::cross(at(i + 1, row) - at(i + kSegments - 1, row), at(i, row + 1) - at(i, std::max(row - 1, 0))));
        s.vertex(at(i, row), n.y < 0 ? -n : n);
      }
    }
    const auto index = [&](int i, int row) {
      return first + static_cast<std::uint32_t>(row * kSegments + i % kSegments);
    };
    for (int row = 0; row < kRows; ++row) {
      for (int i = 0; i < kSegments; ++i)
        s.quad(index(i + 1, row), index(i, row), index(i, row + 1), index(i + 1, row + 1));
    }
  }
}

}  // namespace mw::kit::garden
