// What grows, and what it grows in.
#include <cmath>

#include "kit/things.h"

namespace mw::kit {

using gltf::kPi;

namespace {

struct Trunk {
  float height, radius, lean;
  Srgb colour = tone::kDarkWood;
};

void add_trunk(Sculpture& s, const Trunk& trunk, std::span<const Vec3> branch_ends) {
  s.use(Finish::matt, trunk.colour);
  std::vector<Vec3> path;
  std::vector<float> radii;
  for (int i = 0; i <= 5; ++i) {
    const float t = static_cast<float>(i) / 5;
    path.push_back({trunk.lean * t * t, trunk.height * t, 0.3f * trunk.lean * std::sin(3 * t)});
    radii.push_back(trunk.radius * (1 - 0.5f * t) + (i == 0   ? trunk.radius * 0.55f
                                                     : i == 1 ? trunk.radius * 0.06f
                                                              : 0));
  }
  s.tube(path, radii, 9);
  for (Vec3 end : branch_ends) {
    const Vec3 from = path[4];
    const std::array<Vec3, 3> way{from, gltf::lerp(from, end, 0.5f) + Vec3{0, 0.12f, 0}, end};
    const std::array<float, 3> thick{trunk.radius * 0.52f, trunk.radius * 0.38f, trunk.radius * 0.2f};
    s.tube(way, thick, 6);
  }
}

void finish(Thing& thing, float reach) { bake_light(thing.shape, {}, reach, 24, true); }

// A tree on its own: trunk, branches, crown, shadow at the foot.
Thing grown(const Trunk& trunk, const Crown& crown, std::span<const Vec3> branches) {
  Thing out;
  add_trunk(out.shape, trunk, branches);
  add_crown(out.shape, crown);
  out.shape.soft_shadow({0, 0.006f, 0}, trunk.radius * 1.4f, trunk.radius * 1.4f, 0.42f, 0.45f);
  finish(out, 1.6f);
  out.solids.pillar({0, 0, 0}, trunk.radius * 1.15f, 2.6f, 6);
  return out;
}

}  // namespace

Thing tree() {
  Crown crown;
  crown.middles = {{0.05f, 4.35f, 0.0f},   {0.95f, 3.75f, 0.35f},  {-0.90f, 3.85f, 0.30f},  {0.15f, 3.70f, -0.95f},
                   {-0.15f, 3.60f, 0.95f}, {0.55f, 4.75f, -0.35f}, {-0.50f, 4.85f, -0.10f}, {0.10f, 5.25f, 0.15f}};
  crown.radii = {1.15f, 0.85f, 0.90f, 0.80f, 0.78f, 0.85f, 0.85f, 0.72f};
  const std::array<Vec3, 3> branches{{{0.8f, 3.4f, 0.3f}, {-0.7f, 3.5f, 0.3f}, {0.05f, 3.5f, -0.7f}}};
  return grown({2.9f, 0.15f, 0.10f}, crown, branches);
}

Thing tree_round() {
  Crown crown;
  crown.middles = {{0, 3.35f, 0}, {0.35f, 3.75f, 0.2f}, {-0.35f, 3.15f, -0.15f}};
  crown.radii = {1.25f, 0.85f, 0.95f};
  crown.dark = 0x567F3F, crown.light = 0x95BB52, crown.lumps = 0.07f, crown.per_metre = 6.5f, crown.step = 0.33f;
  const std::array<Vec3, 0> none{};
  return grown({2.6f, 0.115f, 0}, crown, none);
}

Thing tree_tall() {
  Crown crown;
  crown.middles = {{0, 1.6f, 0}, {0, 2.6f, 0}, {0, 3.7f, 0}, {0, 4.8f, 0}, {0, 5.7f, 0}, {0, 6.4f, 0}};
  crown.radii = {0.62f, 0.82f, 0.82f, 0.68f, 0.48f, 0.30f};
  crown.dark = 0x3F6B45, crown.light = 0x76A04E, crown.lumps = 0.06f, crown.per_metre = 6.5f, crown.step = 0.31f;
  const std::array<Vec3, 0> none{};
  return grown({1.8f, 0.12f, 0}, crown, none);
}

Thing cherry() {
  Crown crown;
  crown.middles = {{0.1f, 3.55f, 0.0f},    {1.25f, 3.15f, 0.35f},  {-1.20f, 3.25f, 0.25f}, {0.25f, 3.05f, -1.20f},
                   {-0.25f, 3.00f, 1.20f}, {0.55f, 3.95f, -0.30f}, {-0.50f, 3.95f, 0.2f}};
  crown.radii = {1.05f, 0.80f, 0.82f, 0.75f, 0.75f, 0.70f, 0.70f};
  crown.dark = 0xD98AA6, crown.light = 0xFBDDE3, crown.lumps = 0.12f, crown.per_metre = 5.2f, crown.step = 0.32f;
  const std::array<Vec3, 4> branches{
      {{1.1f, 2.9f, 0.3f}, {-1.0f, 2.9f, 0.2f}, {0.2f, 2.8f, -1.0f}, {-0.2f, 2.8f, 1.0f}}};
  return grown({2.1f, 0.16f, 0.22f, 0x5A4038}, crown, branches);
}

Thing maple() {
  Crown crown;
  crown.middles = {{0, 3.1f, 0},         {0.95f, 2.75f, 0.25f},  {-0.95f, 2.85f, -0.10f},
                   {0.1f, 2.65f, 0.90f}, {-0.1f, 2.65f, -0.90f}, {0.2f, 3.75f, 0.05f}};
  crown.radii = {0.95f, 0.70f, 0.72f, 0.66f, 0.66f, 0.70f};
  crown.dark = 0xA63D22, crown.light = 0xEE9A3E, crown.lumps = 0.12f, crown.per_metre = 5.6f, crown.step = 0.29f;
  const std::array<Vec3, 3> branches{{{0.8f, 2.5f, 0.2f}, {-0.8f, 2.6f, -0.1f}, {0.0f, 2.4f, 0.8f}}};
  return grown({2.0f, 0.13f, -0.16f, 0x6B4A3A}, crown, branches);
}

Thing bush() {
  Thing out;
  Crown crown;
  crown.middles = {{0, 0.32f, 0}, {0.38f, 0.26f, 0.1f}, {-0.34f, 0.28f, -0.08f}, {0.05f, 0.48f, 0.02f}};
  crown.radii = {0.40f, 0.30f, 0.32f, 0.26f};
  crown.lumps = 0.035f, crown.per_metre = 11, crown.step = 0.17f;
  add_crown(out.shape, crown);
  out.shape.soft_shadow({0, 0.006f, 0}, 0.55f, 0.40f, 0.4f, 0.25f);
  finish(out, 0.5f);
  out.solids.pillar({0, 0, 0}, 0.45f, 0.65f, 6);
  return out;
}

Thing hedge() {
  Thing out;
  const Field field = [](Vec3 p) {
    const float bumps =
        std::sin(15 * p.x + std::sin(9 * p.y)) * std::sin(14 * p.y + 1) * std::sin(15 * p.z + std::sin(8 * p.x));
    return round_box(p, {0, 0.45f, 0}, {1.02f, 0.45f, 0.30f}, 0.10f) + 0.022f * bumps;
  };
  const Surface surface = surface_of(field, {{-1.2f, -0.15f, -0.5f}, {1.2f, 1.1f, 0.5f}}, 0.17f);
  const Vec3 dark = linear(0x4F7A3C), light = linear(0x86AE4C);
  out.shape.use(Finish::leaf, tone::kLeaf);
  out.shape.surface(surface, [&](Vec3 p, Vec3 n) {
    return gltf::lerp(dark, light, gltf::clamp01(0.5f * p.y + 0.35f * n.y + 0.15f * std::sin(7 * p.x + 9 * p.z)));
  });
  finish(out, 0.5f);
  out.solids.box({0, 0.45f, 0}, {2.04f, 0.9f, 0.60f});
  return out;
}

Thing planter() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::tint, 0xFFFFFF);
  const std::array<Vec2, 10> pot{{{0.34f, 0},
                                  {0.36f, 0.02f},
                                  {0.50f, 0.50f},
                                  {0.545f, 0.53f},
                                  {0.555f, 0.56f},
                                  {0.55f, 0.61f},
                                  {0.535f, 0.625f},
                                  {0.49f, 0.625f},
                                  {0.475f, 0.61f},
                                  {0.465f, 0.55f}}};
  s.turned({0, 0, 0}, pot, 18);
  s.use(Finish::matt, tone::kSoil);
  s.disc({0, 0.565f, 0}, 0.475f, 16);
  Crown crown;
  crown.middles = {{0, 0.72f, 0}, {0.24f, 0.66f, 0.10f}, {-0.22f, 0.68f, -0.08f}, {0.02f, 0.95f, 0.0f}};
  crown.radii = {0.32f, 0.22f, 0.23f, 0.24f};
  crown.lumps = 0.03f, crown.per_metre = 13, crown.step = 0.14f;
  add_crown(s, crown);
  s.soft_shadow({0, 0.006f, 0}, 0.36f, 0.36f, 0.40f, 0.28f);
  finish(out, 0.5f);
  out.solids.pillar({0, 0, 0}, 0.52f, 0.62f, 10);
  return out;
}

Thing flowerbed() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, tone::kSand);
  std::vector<Vec2> outline, inside;
  for (int i = 0; i < 20; ++i) {
    const float angle = -2 * kPi * static_cast<float>(i) / 20;
    outline.push_back({1.20f * std::cos(angle), 0.72f * std::sin(angle)});
    inside.push_back({1.06f * std::cos(angle), 0.58f * std::sin(angle)});
  }
  s.prism(outline, 0, 0.16f, 0.025f);
  s.use(Finish::matt, tone::kSoil);
  s.prism(inside, 0.15f, 0.20f, 0.03f);
  Dice dice(11);
  const std::array<Srgb, 4> petals{0xFFFFFF, 0xFFFFFF, 0xF6E7B8, 0xF9F4EC};
  for (int i = 0; i < 38; ++i) {
    const float angle = 2.39996f * static_cast<float>(i), r = std::sqrt((static_cast<float>(i) + 0.5f) / 38);
    const Vec3 at{0.98f * r * std::cos(angle) + dice.range(-0.03f, 0.03f), 0.19f,
                  0.50f * r * std::sin(angle) + dice.range(-0.03f, 0.03f)};
    const float high = dice.range(0.14f, 0.26f), wide = dice.range(0.06f, 0.095f);
    s.use(Finish::leaf, i % 3 == 0 ? tone::kLeafDark : tone::kLeaf);
    const std::array<Vec2, 3> tuft{{{wide * 0.7f, 0}, {wide * 1.15f, high * 0.45f}, {0, high * 0.9f}}};
    s.turned(at, tuft, 5);
    const Srgb petal = petals[static_cast<std::size_t>(dice.below(4))];
    s.use(petal == 0xFFFFFF ? Finish::tint : Finish::matt, petal);
    const std::array<Vec2, 3> bloom{{{0.02f, high * 0.8f}, {0.062f, high * 0.97f}, {0, high + 0.05f}}};
    s.turned(at, bloom, 5);
  }
  s.soft_shadow({0, 0.006f, 0}, 1.2f, 0.72f, 0.34f, 0.25f);
  finish(out, 0.4f);
  out.solids.box({0, 0.09f, 0}, {2.1f, 0.18f, 1.2f});
  return out;
}

Thing rock() {
  Thing out;
  const Field field = [](Vec3 p) {
    float d = ellipsoid(p, {0, 0.22f, 0}, {0.62f, 0.42f, 0.46f});
    d = join(d, ellipsoid(p, {0.30f, 0.12f, 0.18f}, {0.38f, 0.26f, 0.32f}), 0.10f);
    d = meet(d, p.y * 0.94f + p.x * 0.34f - 0.50f, 0.06f);
    return meet(d, -p.x * 0.8f + p.z * 0.6f - 0.50f, 0.08f) + 0.012f * std::sin(9 * p.x) * std::sin(11 * p.z + p.y * 7);
  };
  const Surface surface = surface_of(field, {{-0.8f, -0.3f, -0.65f}, {0.85f, 0.8f, 0.7f}}, 0.165f);
  const Vec3 dark = linear(0x7C7872), light = linear(0xB9B2A6), moss = linear(0x7F9455);
  out.shape.use(Finish::matt, tone::kStone);
  out.shape.surface(surface, [&](Vec3 p, Vec3 n) {
    const Vec3 stone = gltf::lerp(dark, light, gltf::clamp01(p.y * 1.6f + 0.3f * n.y));
    return gltf::lerp(
        stone, moss,
        0.55f * gltf::smoothstep(0.55f, 0.95f, n.y) * gltf::clamp01(0.5f + 0.5f * std::sin(6 * p.x + 5 * p.z)));
  });
  finish(out, 0.5f);
  out.solids.pillar({0.05f, 0, 0.03f}, 0.52f, 0.52f, 7);
  return out;
}

}  // namespace mw::kit
