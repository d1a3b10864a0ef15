// Street furniture.
#include <cmath>

#include "kit/things.h"

namespace mw::kit {

using gltf::kPi;

namespace {

void finish(Thing& thing, float reach = 0.6f) { bake_light(thing.shape, {}, reach, 24, true); }

}  // namespace

Thing bench() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::tint, 0xFFFFFF);
  for (int i = 0; i < 4; ++i)
    s.box({0, 0.435f, -0.175f + 0.125f * static_cast<float>(i)}, {1.90f, 0.032f, 0.105f}, 0.008f);
  for (int i = 0; i < 3; ++i) {
    const float t = static_cast<float>(i);
    s.place = {{0, 0.565f + 0.115f * t, -0.262f - 0.022f * t}, gltf::turn_x(-0.19f), {1, 1, 1}};
    s.box({0, 0, 0}, {1.90f, 0.092f, 0.028f}, 0.008f);
    s.place = {};
  }
  s.use(Finish::metal, tone::kInk);
  for (float x : {-0.72f, 0.72f}) {
    s.box({x, 0.400f, 0.0f}, {0.055f, 0.040f, 0.50f}, 0);
    s.box({x, 0.205f, 0.195f}, {0.055f, 0.41f, 0.05f}, 0);
    s.box({x, 0.205f, -0.195f}, {0.055f, 0.41f, 0.05f}, 0);
    s.box({x, 0.018f, 0.0f}, {0.060f, 0.036f, 0.50f}, 0.008f);
    s.place = {{x, 0.60f, -0.292f}, gltf::turn_x(-0.19f), {1, 1, 1}};
    s.box({0, 0, 0}, {0.045f, 0.46f, 0.035f}, 0.008f);
    s.place = {};
    const std::array<Vec3, 4> arm{{{x, 0.42f, 0.20f}, {x, 0.60f, 0.21f}, {x, 0.655f, 0.12f}, {x, 0.655f, -0.24f}}};
    const std::array<float, 4> radii{0.018f, 0.018f, 0.018f, 0.018f};
    s.tube(arm, radii, 6);
  }
  s.soft_shadow({0, 0.006f, -0.02f}, 0.92f, 0.22f, 0.34f, 0.30f);
  finish(out);
  out.solids.box({0, 0.2255f, 0}, {1.90f, 0.451f, 0.50f});
  out.solids.box({0, 0.63f, -0.28f}, {1.90f, 0.46f, 0.09f});
  return out;
}

Thing lamp() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::metal, tone::kInk);
  const std::array<Vec2, 12> post{{{0.17f, 0},
                                   {0.17f, 0.05f},
                                   {0.15f, 0.08f},
                                   {0.085f, 0.12f},
                                   {0.075f, 0.62f},
                                   {0.085f, 0.66f},
                                   {0.060f, 0.70f},
                                   {0.048f, 1.2f},
                                   {0.040f, 3.45f},
                                   {0.058f, 3.48f},
                                   {0.058f, 3.54f},
                                   {0.036f, 3.58f}}};
  s.turned({0, 0, 0}, post, 9);
  const std::array<Vec2, 5> cup{{{0.036f, 3.58f}, {0.06f, 3.62f}, {0.155f, 3.68f}, {0.165f, 3.70f}, {0.12f, 3.715f}}};
  s.turned({0, 0, 0}, cup, 12);
  s.use(Finish::glow, tone::kLamp);
  const std::array<Vec2, 7> globe{{{0.115f, 3.70f},
                                   {0.165f, 3.78f},
                                   {0.185f, 3.88f},
                                   {0.180f, 3.98f},
                                   {0.150f, 4.06f},
                                   {0.10f, 4.105f},
                                   {0.09f, 4.11f}}};
  s.turned({0, 0, 0}, globe, 12);
  s.use(Finish::metal, tone::kInk);
  const std::array<Vec2, 7> hat{{{0.20f, 4.075f},
                                 {0.215f, 4.09f},
                                 {0.20f, 4.115f},
                                 {0.13f, 4.165f},
                                 {0.045f, 4.20f},
                                 {0.03f, 4.25f},
                                 {0, 4.27f}}};
  s.turned({0, 0, 0}, hat, 12);
  s.soft_shadow({0, 0.006f, 0}, 0.16f, 0.16f, 0.38f, 0.26f);
  finish(out);
  out.solids.pillar({0, 0, 0}, 0.12f, 4.2f, 6);
  return out;
}

Thing bollard() {
  Thing out;
  out.shape.use(Finish::matt, tone::kSlate);
  const std::array<Vec2, 8> profile{{{0.14f, 0},
                                     {0.14f, 0.05f},
                                     {0.115f, 0.08f},
                                     {0.105f, 0.66f},
                                     {0.125f, 0.69f},
                                     {0.125f, 0.75f},
                                     {0.095f, 0.81f},
                                     {0, 0.835f}}};
  out.shape.turned({0, 0, 0}, profile, 14);
  out.shape.use(Finish::tint, 0xFFFFFF);
  const std::array<Vec2, 4> band{{{0.110f, 0.555f}, {0.116f, 0.565f}, {0.116f, 0.605f}, {0.110f, 0.615f}}};
  out.shape.turned({0, 0, 0}, band, 14);
  out.shape.soft_shadow({0, 0.006f, 0}, 0.13f, 0.13f, 0.36f, 0.2f);
  finish(out, 0.4f);
  out.solids.pillar({0, 0, 0}, 0.13f, 0.83f, 8);
  return out;
}

Thing sign() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::metal, tone::kInk);
  for (float x : {-0.46f, 0.46f}) s.box({x, 0.92f, 0}, {0.055f, 1.84f, 0.055f}, 0.010f);
  s.use(Finish::tint, 0xFFFFFF);
  s.box({0, 1.44f, 0}, {1.14f, 0.72f, 0.045f}, 0.014f);
  s.use(Finish::matt, tone::kChalk);
  s.box({0, 1.50f, 0.026f}, {0.92f, 0.30f, 0.012f}, 0.004f);
  s.box({-0.16f, 1.24f, 0.026f}, {0.60f, 0.06f, 0.010f}, 0.004f);
  s.box({-0.25f, 1.15f, 0.026f}, {0.42f, 0.05f, 0.010f}, 0.004f);
  s.use(Finish::matt, tone::kSlate);
  s.box({0, 0.04f, 0}, {1.12f, 0.08f, 0.30f}, 0.02f);
  s.soft_shadow({0, 0.006f, 0}, 0.55f, 0.14f, 0.32f, 0.2f);
  finish(out);
  out.solids.box({0, 0.9f, 0}, {1.14f, 1.8f, 0.12f});
  return out;
}

Thing crate() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::tint, 0xE4E0DA);
  s.box({0, 0.30f, 0}, {0.55f, 0.55f, 0.55f}, 0.006f);
  s.use(Finish::tint, 0xFFFFFF);
  for (float x : {-0.265f, 0.265f}) {
    for (float z : {-0.265f, 0.265f}) s.box({x, 0.30f, z}, {0.085f, 0.60f, 0.085f}, 0.010f);
  }
  for (float y : {0.045f, 0.555f}) {
    for (float side : {-0.27f, 0.27f}) {
      s.box({0, y, side}, {0.46f, 0.085f, 0.055f}, 0.010f);
      s.box({side, y, 0}, {0.055f, 0.085f, 0.46f}, 0.010f);
    }
  }
  for (int face = 0; face < 4; ++face) {
    s.place = {{}, gltf::turn_y(static_cast<float>(face) * kPi / 2), {1, 1, 1}};
    s.place.rotation = s.place.rotation * gltf::turn_z(0.72f);
    s.place.translation = {0, 0.30f, 0};
    s.box({0, 0, 0.275f}, {0.60f, 0.07f, 0.03f}, 0.008f);
    s.place = {};
  }
  s.soft_shadow({0, 0.006f, 0}, 0.29f, 0.29f, 0.40f, 0.24f);
  finish(out, 0.3f);
  out.solids.box({0, 0.30f, 0}, {0.61f, 0.60f, 0.61f});
  return out;
}

Thing table() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, tone::kChalk);
  const std::array<Vec2, 6> top{
      {{0.30f, 0.695f}, {0.415f, 0.705f}, {0.425f, 0.72f}, {0.420f, 0.735f}, {0.405f, 0.742f}, {0, 0.742f}}};
  s.turned({0, 0, 0}, top, 24);
  s.use(Finish::metal, tone::kInk);
  const std::array<Vec2, 5> leg{{{0.24f, 0}, {0.235f, 0.022f}, {0.05f, 0.05f}, {0.03f, 0.09f}, {0.03f, 0.70f}}};
  s.turned({0, 0, 0}, leg, 14);
  const std::array<Vec2, 2> pole{{{0.021f, 0.74f}, {0.021f, 2.52f}}};
  s.turned({0, 0, 0}, pole, 8);
  for (float side : {-1.f, 1.f}) {
    const Vec3 at{0.66f * side, 0, 0.16f * side};
    s.use(Finish::matt, tone::kWood);
    const std::array<Vec2, 6> seat{
        {{0.12f, 0.425f}, {0.175f, 0.432f}, {0.185f, 0.445f}, {0.180f, 0.46f}, {0.165f, 0.466f}, {0, 0.462f}}};
    s.turned(at, seat, 16);
    s.use(Finish::metal, tone::kInk);
    for (int i = 0; i < 3; ++i) {
      const float angle = 2.1f * static_cast<float>(i) + 0.4f;
      const std::array<Vec3, 2> path{{at + Vec3{0.19f * std::sin(angle), 0, 0.19f * std::cos(angle)},
                                      at + Vec3{0.10f * std::sin(angle), 0.43f, 0.10f * std::cos(angle)}}};
      const std::array<float, 2> radii{0.014f, 0.016f};
      s.tube(path, radii, 6);
    }
  }
  constexpr int kRibs = 8;
  for (int i = 0; i < kRibs; ++i) {  // the parasol: alternating panels that sag between the ribs
    s.use(Finish::tint, i % 2 == 0 ? 0xFFFFFF : 0xF1E9DC);
    if (i % 2 != 0) s.use(Finish::matt, 0xF4EEE4);
    const auto rib = [&](float k, float r, float y) {
      const float angle = 2 * kPi * k / kRibs;
      return Vec3{r * std::sin(angle), y, r * std::cos(angle)};
    };
    const float a = static_cast<float>(i), b = a + 1, m = a + 0.5f;
    const Vec3 tip{0, 2.60f, 0};
    s.flat_quad(rib(a, 1.28f, 2.13f), rib(m, 1.20f, 2.145f), rib(m, 0.60f, 2.39f), rib(a, 0.64f, 2.40f));
    s.flat_quad(rib(m, 1.20f, 2.145f), rib(b, 1.28f, 2.13f), rib(b, 0.64f, 2.40f), rib(m, 0.60f, 2.39f));
    s.flat_quad(rib(a, 0.64f, 2.40f), rib(b, 0.64f, 2.40f), tip, tip);
    for (float side : {0.f, 0.5f}) {  // the valance, both sides
      const Vec3 c = rib(a + side, side == 0 ? 1.28f : 1.20f, side == 0 ? 2.13f : 2.145f);
      const Vec3 d = rib(a + side + 0.5f, side == 0 ? 1.20f : 1.28f, side == 0 ? 2.145f : 2.13f);
      const Vec3 low{0, -0.15f, 0};
      s.flat_quad(c + low, d + low, d, c);
      s.flat_quad(d + low, c + low, c, d);
    }
    s.flat_quad(rib(m, 1.20f, 2.14f), rib(a, 1.28f, 2.125f), tip + Vec3{0, -0.02f, 0}, tip + Vec3{0, -0.02f, 0});
    s.flat_quad(rib(b, 1.28f, 2.125f), rib(m, 1.20f, 2.14f), tip + Vec3{0, -0.02f, 0}, tip + Vec3{0, -0.02f, 0});
  }
  s.use(Finish::metal, tone::kInk);
  const std::array<Vec2, 4> knob{{{0.02f, 2.58f}, {0.035f, 2.62f}, {0.025f, 2.66f}, {0, 2.67f}}};
  s.turned({0, 0, 0}, knob, 8);
  s.soft_shadow({0, 0.006f, 0}, 0.5f, 0.4f, 0.22f, 0.5f);
  finish(out, 0.7f);
  out.solids.pillar({0, 0, 0}, 0.40f, 0.74f, 8);
  for (float side : {-1.f, 1.f}) out.solids.pillar({0.66f * side, 0, 0.16f * side}, 0.17f, 0.46f, 6);
  return out;
}

namespace {

// Striped cloth that falls from `y` at the wall to `drop` lower, `out` metres in front, with a scalloped edge.
void awning(Sculpture& s, float x, float width, float y, float z, float out, float drop, Srgb accent) {
  const int stripes = std::max(2, static_cast<int>(width / 0.26f) / 2 * 2 + 1);
  const float w = width / static_cast<float>(stripes);
  for (int i = 0; i < stripes; ++i) {
    s.use(Finish::matt, i % 2 == 0 ? accent : 0xF4EEE4);
    const float a = x - width / 2 + w * static_cast<float>(i), b = a + w, m = (a + b) / 2;
    const Vec3 front{0, -drop, out};
    const Vec3 p{a, y, z}, q{b, y, z};
    s.flat_quad(p + front, q + front, q, p);
    s.flat_quad(q + front + Vec3{0, -0.015f, 0}, p + front + Vec3{0, -0.015f, 0}, p + Vec3{0, -0.015f, 0},
                q + Vec3{0, -0.015f, 0});
    const Vec3 low{m, y - drop - 0.20f, z + out};
    const Vec3 c = p + front + Vec3{0, -0.13f, 0}, d = q + front + Vec3{0, -0.13f, 0};
    s.flat_quad(c, d, q + front, p + front), s.flat_quad(c, low, d, d);
    s.flat_quad(d, c, p + front, q + front), s.flat_quad(d, low, c, c);
  }
}

}  // namespace

Thing kiosk(Srgb accent) {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, tone::kSlate);
  s.box({0, 0.06f, 0}, {2.9f, 0.12f, 2.3f}, 0.02f);
  s.use(Finish::matt, tone::kChalk);
  s.box({0, 1.30f, -0.98f}, {2.6f, 2.4f, 0.10f}, 0.02f);
  for (float side : {-1.f, 1.f}) {
    s.box({1.25f * side, 1.30f, -0.45f}, {0.10f, 2.4f, 1.0f}, 0.02f);
    s.box({1.25f * side, 0.62f, 0.45f}, {0.10f, 1.0f, 0.9f}, 0.02f);
    s.box({1.25f * side, 1.30f, 0.93f}, {0.12f, 2.4f, 0.12f}, 0.02f);
  }
  s.box({0, 0.60f, 0.94f}, {2.44f, 0.96f, 0.09f}, 0.02f);
  s.use(Finish::matt, accent);
  for (int i = 0; i < 9; ++i)
    s.box({-1.08f + 0.27f * static_cast<float>(i), 0.60f, 0.995f}, {0.20f, 0.84f, 0.03f}, 0.010f);
  s.use(Finish::matt, tone::kWood);
  s.box({0, 1.10f, 1.00f}, {2.72f, 0.055f, 0.42f}, 0.015f);
  s.box({0, 1.55f, -0.84f}, {2.3f, 0.04f, 0.24f}, 0.01f);
  s.box({0, 1.95f, -0.84f}, {2.3f, 0.04f, 0.24f}, 0.01f);
  Dice dice(5);
  for (float y : {1.57f, 1.97f}) {  // wares on the shelves
    for (int i = 0; i < 9; ++i) {
      const std::array<Srgb, 5> wares{0xE9C46A, 0xE76F51, 0xF1E9DC, 0x8AB17D, 0x5FA8B8};
      s.use(Finish::matt, wares[static_cast<std::size_t>(dice.below(5))]);
      const float h = dice.range(0.10f, 0.24f);
      s.box({-1.0f + 0.25f * static_cast<float>(i), y + h / 2, -0.84f}, {dice.range(0.10f, 0.17f), h, 0.13f}, 0.02f);
    }
  }
  s.use(Finish::matt, tone::kChalk);
  s.box({0, 2.60f, 0}, {3.0f, 0.16f, 2.4f}, 0.03f);
  s.use(Finish::matt, tone::kInk);
  s.box({0, 2.71f, 0}, {2.8f, 0.08f, 2.2f}, 0.03f);
  s.use(Finish::matt, accent);
  s.box({0, 2.83f, 1.02f}, {1.7f, 0.36f, 0.08f}, 0.03f);
  s.use(Finish::glow, tone::kLamp);
  s.box({0, 2.83f, 1.065f}, {1.45f, 0.16f, 0.02f}, 0.006f);
  for (float x : {-0.7f, 0.f, 0.7f}) s.box({x, 2.44f, 0.1f}, {0.26f, 0.05f, 0.26f}, 0.02f);
  awning(s, 0, 2.86f, 2.50f, 1.12f, 0.82f, 0.34f, accent);
  s.soft_shadow({0, 0.006f, 0.05f}, 1.45f, 1.25f, 0.36f, 0.5f);
  finish(out, 1.4f);
  out.solids.box({0, 1.35f, 0}, {2.72f, 2.7f, 2.22f});
  return out;
}

Thing gate() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, tone::kStone);
  s.box({0, 0.03f, 0}, {4.0f, 0.06f, 1.5f}, 0.025f);
  for (float side : {-1.f, 1.f}) {
    s.use(Finish::matt, tone::kSand);
    s.box({1.56f * side, 0.24f, 0}, {0.66f, 0.40f, 0.80f}, 0.03f);
    s.use(Finish::matt, tone::kChalk);
    s.box({1.54f * side, 1.72f, 0}, {0.48f, 2.62f, 0.58f}, 0.03f);
    s.use(Finish::tint, 0xFFFFFF);
    s.box({1.308f * side, 1.60f, 0}, {0.024f, 2.70f, 0.30f}, 0.008f);
    s.use(Finish::glow, tone::kLamp);
    s.box({1.54f * side, 2.55f, 0.295f}, {0.12f, 0.34f, 0.02f}, 0.006f);
  }
  s.use(Finish::matt, tone::kChalk);
  s.box({0, 3.26f, 0}, {3.72f, 0.46f, 0.64f}, 0.03f);
  s.use(Finish::matt, tone::kSand);
  s.box({0, 3.54f, 0}, {3.98f, 0.12f, 0.80f}, 0.03f);
  s.use(Finish::tint, 0xFFFFFF);
  s.box({0, 3.26f, 0.325f}, {2.4f, 0.30f, 0.03f}, 0.010f);
  s.box({0, 3.012f, 0}, {2.60f, 0.024f, 0.30f}, 0.008f);
  s.soft_shadow({0, 0.006f, 0}, 2.0f, 0.75f, 0.30f, 0.4f);
  finish(out, 1.0f);
  for (float side : {-1.f, 1.f}) out.solids.box({1.58f * side, 1.7f, 0}, {0.56f, 3.4f, 0.62f});
  out.solids.box({0, 3.32f, 0}, {3.8f, 0.6f, 0.7f});
  return out;
}

}  // namespace mw::kit
