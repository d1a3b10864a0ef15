// Landmarks and garden architecture.
#include <cmath>

#include "kit/things.h"

namespace mw::kit {

using gltf::kPi;

namespace {

void finish(Thing& thing, float reach) { bake_light(thing.shape, {}, reach, 24, true); }

// A jet of water that rises, bends and falls, from `from` over `apex` to `to`.
void jet(Sculpture& s, Vec3 from, Vec3 apex, Vec3 to, float thick) {
  std::vector<Vec3> path;
  std::vector<float> radii;
  for (int i = 0; i <= 10; ++i) {
    const float t = static_cast<float>(i) / 10;
    const Vec3 control = apex * 2 - (from + to) * 0.5f;
    path.push_back(from * ((1 - t) * (1 - t)) + control * (2 * t * (1 - t)) + to * (t * t));
    radii.push_back(thick * (0.7f + 0.9f * t));
  }
  s.tube(path, radii, 5);
}

// Outlines of the fountain, radius and height, from the ground up.
constexpr std::array<Vec2, 13> kBasin{{{4.62f, 0},
                                       {4.62f, 0.06f},
                                       {4.54f, 0.10f},
                                       {4.50f, 0.34f},
                                       {4.58f, 0.37f},
                                       {4.62f, 0.40f},
                                       {4.62f, 0.44f},
                                       {4.58f, 0.47f},
                                       {4.06f, 0.47f},
                                       {4.02f, 0.44f},
                                       {4.00f, 0.40f},
                                       {4.00f, 0.20f},
                                       {3.98f, 0.10f}}};
constexpr std::array<Vec2, 16> kBowl{{{1.10f, 0.10f},
                                      {1.10f, 0.42f},
                                      {1.02f, 0.48f},
                                      {0.62f, 0.56f},
                                      {0.50f, 0.66f},
                                      {0.48f, 0.86f},
                                      {0.56f, 0.94f},
                                      {0.98f, 1.02f},
                                      {1.42f, 1.14f},
                                      {1.68f, 1.30f},
                                      {1.74f, 1.34f},
                                      {1.74f, 1.39f},
                                      {1.68f, 1.42f},
                                      {1.56f, 1.40f},
                                      {1.40f, 1.31f},
                                      {0.9f, 1.24f}}};

}  // namespace

// A basin one can sit on, a bowl, and over them a standing ring: seen from afar, it frames what lies behind it.
Thing fountain(Srgb accent) {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, tone::kSand);
  s.turned({0, 0, 0}, kBasin, 52);
  s.use(Finish::matt, 0x5E8F98);
  s.disc({0, 0.12f, 0}, 4.0f, 48);
  s.use(Finish::water, tone::kWater);
  s.disc({0, 0.36f, 0}, 4.01f, 48);
  s.use(Finish::matt, tone::kChalk);
  s.turned({0, 0, 0}, kBowl, 32);
  s.use(Finish::water, 0x5FA5BF);
  s.disc({0, 1.36f, 0}, 1.60f, 32);
  // The ring stands across the axis of the entrance.
  s.use(Finish::matt, tone::kChalk);
  const auto ring = [&](float radius, float tube, float flat, int segments, Srgb colour) {
    s.use(Finish::matt, colour);
    std::vector<Vec3> path;
    std::vector<float> radii;
    for (int i = 0; i <= 52; ++i) {
      const float angle = 2 * kPi * static_cast<float>(i) / 52 - kPi / 2;
      path.push_back({radius * std::cos(angle), 3.72f + radius * std::sin(angle), 0});
      radii.push_back(tube);
    }
    s.place = {{}, {}, {1, 1, flat}};
    s.tube(path, radii, segments);
    s.place = {};
  };
  ring(2.10f, 0.26f, 1.35f, 12, tone::kChalk);
  ring(1.835f, 0.040f, 4.2f, 6, accent);
  const std::array<Vec2, 5> neck{{{0.62f, 1.24f}, {0.50f, 1.36f}, {0.40f, 1.50f}, {0.38f, 1.58f}, {0.30f, 1.66f}}};
  s.use(Finish::matt, tone::kChalk);
  s.turned({0, 0, 0}, neck, 20);
  s.use(Finish::water, 0xD4EAF0);
  for (int i = 0; i < 12; ++i) {
    const float angle = 2 * kPi * (static_cast<float>(i) + 0.5f) / 12;
    const Vec3 way{std::sin(angle), 0, std::cos(angle)};
    jet(s, way * 1.66f + Vec3{0, 1.40f, 0}, way * 2.25f + Vec3{0, 1.62f, 0}, way * 2.85f + Vec3{0, 0.36f, 0}, 0.022f);
  }
  s.soft_shadow({0, 0.008f, 0}, 4.62f, 4.62f, 0.38f, 0.7f);
  finish(out, 1.2f);
  out.solids.pillar({0, 0, 0}, 4.60f, 0.47f, 24);
  out.solids.pillar({0, 0, 0}, 1.70f, 1.42f, 12);
  out.solids.box({0, 3.7f, 0}, {0.9f, 4.6f, 0.7f});
  return out;
}

namespace {

// The corners of the pavilion's octagon; `i` counts on past 8.
Vec3 corner(int i, float r, float y) {
  const float angle = 2 * kPi * (static_cast<float>(i) + 0.5f) / 8;
  return {r * std::sin(angle), y, r * std::cos(angle)};
}

void pavilion_columns(Thing& out) {
  Sculpture& s = out.shape;
  for (int i = 0; i < 8; ++i) {
    const Vec3 foot = corner(i, 2.55f, 0.34f);
    s.use(Finish::matt, tone::kStone);
    const std::array<Vec2, 4> base{{{0.22f, 0}, {0.22f, 0.10f}, {0.19f, 0.13f}, {0.12f, 0.15f}}};
    s.turned(foot, base, 12);
    s.use(Finish::tint, 0xFFFFFF);
    const std::array<Vec2, 4> shaft{{{0.125f, 0.14f}, {0.115f, 2.45f}, {0.16f, 2.52f}, {0.16f, 2.60f}}};
    s.turned(foot, shaft, 12);
    const Vec3 a = corner(i, 2.55f, 0), b = corner(i + 1, 2.55f, 0);
    const Vec3 mid = (a + b) * 0.5f;
    const float yaw = std::atan2(mid.x, mid.z), length = gltf::length(b - a);
    s.use(Finish::tint, 0xFFFFFF);
    s.box(mid + Vec3{0, 3.02f, 0}, {length + 0.16f, 0.22f, 0.20f}, 0.02f, yaw);
    s.use(Finish::matt, tone::kWood);
    s.box(mid + Vec3{0, 2.66f, 0}, {length, 0.09f, 0.09f}, 0.015f, yaw);
    for (int k = -3; k <= 3; ++k) {
      const Vec3 along = gltf::normalised(b - a) * (static_cast<float>(k) * length / 8);
      s.box(mid + along + Vec3{0, 2.79f, 0}, {0.05f, 0.20f, 0.05f}, 0.008f, yaw);
    }
    out.solids.pillar(foot, 0.18f, 2.6f, 6);
  }
}

// The roof sweeps up at its eaves.
void pavilion_roof(Sculpture& s) {
  const std::array<Vec2, 6> sweep{
      {{3.62f, 3.22f}, {2.90f, 3.34f}, {2.10f, 3.66f}, {1.35f, 4.12f}, {0.75f, 4.58f}, {0.30f, 4.86f}}};
  for (int i = 0; i < 8; ++i) {
    for (std::size_t k = 0; k + 1 < sweep.size(); ++k) {
      const float lift0 = k == 0 ? 0.16f : 0, lift1 = 0;
      const Vec3 a = corner(i, sweep[k].x, sweep[k].y + lift0), b = corner(i + 1, sweep[k].x, sweep[k].y + lift0);
      const Vec3 c = corner(i + 1, sweep[k + 1].x, sweep[k + 1].y + lift1),
                 d = corner(i, sweep[k + 1].x, sweep[k + 1].y + lift1);
      const Vec3 low = (a + b) * 0.5f - Vec3{0, k == 0 ? 0.12f : 0.f, 0}, high = (c + d) * 0.5f;
      s.use(Finish::matt, 0x54616B);
      s.flat_quad(a, low, high, d), s.flat_quad(low, b, c, high);
      if (k == 0) {
        s.use(Finish::matt, tone::kWood);
        const Vec3 under{0, -0.10f, 0};
        s.flat_quad(a + under, low + under, low, a), s.flat_quad(low + under, b + under, b, low);
        s.flat_quad(low + under, a + under, corner(i, 2.3f, 3.10f), corner(i + 1, 2.3f, 3.10f));
        s.flat_quad(b + under, low + under, corner(i + 1, 2.3f, 3.10f), corner(i + 1, 2.3f, 3.10f));
      }
    }
    s.use(Finish::matt, 0x454F57);
    std::vector<Vec3> ridge;
    std::vector<float> thick;
    for (std::size_t k = 0; k < sweep.size(); ++k) {
      ridge.push_back(corner(i, sweep[k].x + (k == 0 ? 0.06f : 0), sweep[k].y + (k == 0 ? 0.19f : 0.03f)));
      thick.push_back(0.055f);
    }
    s.tube(ridge, thick, 6);
  }
}

}  // namespace

// Eight columns, a ring beam, a shallow tiled roof with a lantern; open on all sides.
Thing pavilion() {
  Thing out;
  Sculpture& s = out.shape;
  const auto octagon = [](float r) {
    std::vector<Vec2> points;
    for (int i = 0; i < 8; ++i) {
      const float angle = -2 * kPi * (static_cast<float>(i) + 0.5f) / 8;
      points.push_back({r * std::sin(angle) * -1, r * std::cos(angle)});
    }
    return points;
  };
  auto outline = octagon(3.3f);
  std::reverse(outline.begin(), outline.end());
  s.use(Finish::matt, tone::kStone);
  s.prism(outline, 0, 0.17f, 0.03f);
  outline = octagon(2.95f);
  std::reverse(outline.begin(), outline.end());
  s.use(Finish::matt, tone::kSand);
  s.prism(outline, 0.15f, 0.34f, 0.03f);
  pavilion_columns(out);
  pavilion_roof(s);
  s.use(Finish::matt, 0x454F57);
  const std::array<Vec2, 8> finial{{{0.36f, 4.80f},
                                    {0.34f, 4.92f},
                                    {0.16f, 5.00f},
                                    {0.20f, 5.12f},
                                    {0.24f, 5.24f},
                                    {0.16f, 5.40f},
                                    {0.05f, 5.52f},
                                    {0, 5.74f}}};
  s.turned({0, 0, 0}, finial, 12);
  s.soft_shadow({0, 0.006f, 0}, 3.3f, 3.3f, 0.36f, 0.6f);
  finish(out, 1.8f);
  out.solids.pillar({0, 0, 0}, 3.2f, 0.17f, 8);
  out.solids.pillar({0, 0, 0}, 2.9f, 0.34f, 8);
  return out;
}

Thing stone_lantern() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, tone::kStone);
  const std::array<Vec2, 11> post{{{0.30f, 0},
                                   {0.30f, 0.10f},
                                   {0.27f, 0.14f},
                                   {0.13f, 0.19f},
                                   {0.105f, 0.30f},
                                   {0.115f, 0.52f},
                                   {0.105f, 0.76f},
                                   {0.13f, 0.84f},
                                   {0.27f, 0.90f},
                                   {0.28f, 0.98f},
                                   {0.20f, 1.0f}}};
  s.turned({0, 0, 0}, post, 6);
  s.use(Finish::glow, tone::kLamp);
  s.box({0, 1.14f, 0}, {0.24f, 0.22f, 0.24f}, 0.01f);
  s.use(Finish::matt, tone::kStone);
  for (float x : {-0.15f, 0.15f}) {
    for (float z : {-0.15f, 0.15f}) s.box({x, 1.14f, z}, {0.08f, 0.30f, 0.08f}, 0.012f);
  }
  const std::array<Vec2, 8> roof{{{0.30f, 1.26f},
                                  {0.44f, 1.29f},
                                  {0.46f, 1.33f},
                                  {0.34f, 1.39f},
                                  {0.18f, 1.50f},
                                  {0.10f, 1.56f},
                                  {0.11f, 1.63f},
                                  {0, 1.76f}}};
  s.turned({0, 0, 0}, roof, 6);
  s.soft_shadow({0, 0.006f, 0}, 0.30f, 0.30f, 0.4f, 0.22f);
  finish(out, 0.5f);
  out.solids.pillar({0, 0, 0}, 0.28f, 1.7f, 6);
  return out;
}

}  // namespace mw::kit
