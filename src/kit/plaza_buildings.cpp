#include <cmath>

#include "kit/plaza.h"

namespace mw::kit::plaza {

using gltf::kPi;
using gltf::turn_y;

namespace {

constexpr float kGroundFloor = 4.2f, kFloor = 3.3f;

// A sash window, 1.25 by 1.9 m, its sill at the origin.
Thing window(bool lit) {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, 0xF1ECE3);
  s.box({0, 0.95f, 0.02f}, {1.42f, 2.06f, 0.14f}, 0);
  s.box({0, -0.06f, 0.08f}, {1.62f, 0.09f, 0.24f}, 0.02f);
  s.use(lit ? Finish::glow : Finish::glass, lit ? 0xE9BE83 : tone::kPane);
  for (float x : {-0.31f, 0.31f}) {
    for (float y : {0.48f, 1.42f})
      s.flat_quad({x - 0.27f, y - 0.43f, 0.094f}, {x + 0.27f, y - 0.43f, 0.094f}, {x + 0.27f, y + 0.43f, 0.094f},
                  {x - 0.27f, y + 0.43f, 0.094f});
  }
  return out;
}

// A shop: door, panes, fascia and awning; 4 m wide, 3.6 m high.
Thing shopfront(Srgb accent) {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, tone::kInk);
  s.box({0, 1.55f, 0.03f}, {3.5f, 3.1f, 0.16f}, 0.02f);
  s.use(Finish::glow, 0xE3BC86);
  for (float x : {-1.08f, 1.08f})
    s.flat_quad({x - 0.50f, 0.55f, 0.115f}, {x + 0.50f, 0.55f, 0.115f}, {x + 0.50f, 2.75f, 0.115f},
                {x - 0.50f, 2.75f, 0.115f});
  s.use(Finish::glass, tone::kPane);
  s.flat_quad({-0.38f, 0.28f, 0.115f}, {0.38f, 0.28f, 0.115f}, {0.38f, 2.25f, 0.115f}, {-0.38f, 2.25f, 0.115f});
  s.use(Finish::matt, accent);
  s.box({0, 3.22f, 0.10f}, {3.7f, 0.34f, 0.22f}, 0.03f);
  for (int i = 0; i < 9; ++i) {
    s.use(Finish::matt, i % 2 == 0 ? accent : 0xF4EEE4);
    const float a = -1.75f + 3.5f / 9 * static_cast<float>(i), b = a + 3.5f / 9;
    s.flat_quad({a, 2.55f, 1.05f}, {b, 2.55f, 1.05f}, {b, 3.05f, 0.15f}, {a, 3.05f, 0.15f});
    s.flat_quad({b, 2.54f, 1.05f}, {a, 2.54f, 1.05f}, {a, 3.03f, 0.15f}, {b, 3.03f, 0.15f});
    s.flat_quad({a, 2.36f, 1.06f}, {b, 2.36f, 1.06f}, {b, 2.55f, 1.05f}, {a, 2.55f, 1.05f});
    s.flat_quad({b, 2.36f, 1.06f}, {a, 2.36f, 1.06f}, {a, 2.55f, 1.05f}, {b, 2.55f, 1.05f});
  }
  bake_light(s, {}, 0.9f, 16, true);
  return out;
}

// An arched doorway with dark depth, 4 m wide, 4 m high.
Thing arcade() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, 0xE9E1D4);
  s.arch({0, 0, 0.30f}, {4.0f, 4.0f, 0.30f}, 2.5f, 2.2f, 9);
  s.use(Finish::matt, tone::kSand);
  s.box({-1.62f, 0.22f, 0.17f}, {0.76f, 0.44f, 0.36f}, 0.02f);
  s.box({1.62f, 0.22f, 0.17f}, {0.76f, 0.44f, 0.36f}, 0.02f);
  s.use(Finish::glass, 0x39434C);
  s.flat_quad({-1.3f, 0, 0.02f}, {1.3f, 0, 0.02f}, {1.3f, 3.5f, 0.02f}, {-1.3f, 3.5f, 0.02f});
  s.use(Finish::matt, tone::kDarkWood);
  s.box({0, 1.1f, 0.04f}, {1.3f, 2.2f, 0.08f}, 0.015f);
  s.use(Finish::glow, 0xE3BC86);
  s.flat_quad({-0.5f, 2.45f, 0.05f}, {0.5f, 2.45f, 0.05f}, {0.35f, 3.05f, 0.05f}, {-0.35f, 3.05f, 0.05f});
  bake_light(s, {}, 0.9f, 16, true);
  return out;
}

void add_roof(Sculpture& s, const House& house, float top) {
  const float w = house.width / 2 + 0.35f, back = -house.depth - 0.3f, front = 0.42f;
  if (!house.pitched) {
    s.use(Finish::matt, 0xD8CFC2);
    s.box({0, top + 0.45f, -0.10f}, {house.width, 0.9f, 0.30f}, 0.03f);
    s.use(Finish::matt, tone::kChalk);
    s.box({0, top + 0.93f, -0.06f}, {house.width + 0.3f, 0.12f, 0.46f}, 0.03f);
    s.use(Finish::matt, tone::kStone);
    s.flat_quad({-w, top + 0.1f, 0}, {w, top + 0.1f, 0}, {w, top + 0.1f, back}, {-w, top + 0.1f, back});
    return;
  }
  const float rise = house.depth * 0.34f, ridge = (front + back) / 2;
  s.use(Finish::matt, house.roof);
  constexpr int kCourses = 5;
  for (int i = 0; i < kCourses; ++i) {  // courses of tiles, each a little over the one below
    const float t0 = static_cast<float>(i) / kCourses, t1 = static_cast<float>(i + 1) / kCourses;
    for (float side : {1.f, -1.f}) {
      const float edge = side > 0 ? front : back;
      const float z0 = gltf::lerp(edge, ridge, t0), z1 = gltf::lerp(edge, ridge, t1), y0 = top + rise * t0 + 0.10f,
                  y1 = top + rise * t1 + 0.04f;
      const Vec3 a{-w, y0, z0}, b{w, y0, z0}, c{w, y1, z1}, d{-w, y1, z1}, low{0, -0.10f, 0};
      if (side > 0) {
        s.flat_quad(a, b, c, d), s.flat_quad(a + low, b + low, b, a);
      } else {
        s.flat_quad(b, a, d, c), s.flat_quad(b + low, a + low, a, b);
      }
    }
  }
  s.use(Finish::matt, house.wall);
  for (float side : {-1.f, 1.f}) {
    const float x = house.width / 2 * side;
    const Vec3 a{x, top, 0}, b{x, top, -house.depth}, c{x, top + rise * 0.93f, ridge};
    if (side > 0) {
      s.flat_quad(a, b, c, c);
    } else {
      s.flat_quad(b, a, c, c);
    }
  }
  s.use(Finish::matt, tone::kSand);
  s.box({house.width * 0.28f, top + rise + 0.15f, ridge + 0.6f}, {0.9f, 1.5f, 0.7f}, 0.03f);
  s.use(Finish::matt, tone::kSlate);
  s.box({house.width * 0.28f, top + rise + 0.95f, ridge + 0.6f}, {1.05f, 0.14f, 0.85f}, 0.03f);
}

}  // namespace

Kinds add_kinds(Layout& layout, Srgb accent) {
  return {layout.kind("window", window(false), false), layout.kind("window_lit", window(true), false),
          layout.kind("shopfront", shopfront(accent), false), layout.kind("arcade", arcade(), false)};
}

void add_house(Layout& layout, const Kinds& kinds, const House& house, Dice& dice) {
  Sculpture& s = layout.built;
  s.place = house.place;
  const float top = kGroundFloor + kFloor * static_cast<float>(house.floors);
  s.use(Finish::matt, house.wall);
  s.walls({0, top / 2, -house.depth / 2}, {house.width, top, house.depth}, 1.9f);
  s.use(Finish::matt, tone::kStone);
  s.box({0, 0.25f, -house.depth / 2}, {house.width + 0.12f, 0.5f, house.depth + 0.12f}, 0.03f);
  s.use(Finish::matt, mix(house.wall, 0xFFFFFF, 0.35f));
  s.box({0, kGroundFloor, 0.02f}, {house.width + 0.10f, 0.24f, 0.26f}, 0.03f);
  s.box({0, top - 0.12f, 0.08f}, {house.width + 0.30f, 0.30f, 0.46f}, 0.04f);
  for (float side : {-1.f, 1.f})
    s.box({(house.width / 2 - 0.16f) * side, (top + 0.5f) / 2, 0.03f}, {0.36f, top - 0.5f, 0.12f}, 0.02f);
  add_roof(s, house, top);
  s.use(Finish::shade, 0x1A1613);
  const float w = house.width / 2;
  const auto dark = [&](float x, float z, float alpha) { return s.vertex({x, 0.01f, z}, {0, 1, 0}, alpha); };
  const auto a = dark(-w, 0.05f, 0.42f), b = dark(w, 0.05f, 0.42f), c = dark(w, 0.5f, 0.16f), d = dark(-w, 0.5f, 0.16f);
  const auto e = dark(w, 1.5f, 0), f = dark(-w, 1.5f, 0);
  s.quad(d, c, b, a), s.quad(f, e, c, d);
  s.place = {};
  const auto at = [&](Vec3 p) { return Transform{house.place(p), house.place.rotation, {1, 1, 1}}; };
  const int bays = static_cast<int>(house.width / 4.05f);
  for (int i = 0; i < bays; ++i) {
    const float x =
        (static_cast<float>(i) - static_cast<float>(bays - 1) / 2) * (house.width - 0.8f) / static_cast<float>(bays);
    layout.put(house.arcade || (i + bays) % 3 == 1 ? kinds.arcade : kinds.shopfront, at({x, 0, 0}));
  }
  const int columns = static_cast<int>(house.width / 2.5f);
  for (int floor = 0; floor < house.floors; ++floor) {
    for (int i = 0; i < columns; ++i) {
      const float x = (static_cast<float>(i) - static_cast<float>(columns - 1) / 2) * (house.width - 1.2f) /
                      static_cast<float>(columns);
      layout.put(dice.unit() < 0.24f ? kinds.window_lit : kinds.window,
                 at({x, kGroundFloor + 0.85f + kFloor * static_cast<float>(floor), 0}));
    }
  }
  const Vec3 middle = house.place({0, top / 2, -house.depth / 2});
  const gltf::Quat q = house.place.rotation;
  layout.solids.box(middle, {house.width, top, house.depth + 0.1f}, 2 * std::atan2(q.y, q.w));
}

void add_loggia(Layout& layout, float y, float z, int bays, float bay) {
  Sculpture& s = layout.built;
  const float width = bay * static_cast<float>(bays), depth = 3.4f, high = 5.4f;
  for (int i = 0; i < bays; ++i) {
    const float x = (static_cast<float>(i) - static_cast<float>(bays - 1) / 2) * bay;
    s.use(Finish::matt, tone::kChalk);
    s.arch({x, y, z}, {bay, high, 0.55f}, bay - 0.9f, 2.75f, 14);
    s.use(Finish::matt, tone::kSand);
    for (float side : {-1.f, 1.f}) {
      if (side < 0 && i > 0) continue;
      const float px = x + bay / 2 * side;
      s.box({px, y + 0.20f, z - 0.275f}, {1.02f, 0.40f, 0.68f}, 0.03f);
      s.box({px, y + 2.72f, z - 0.275f}, {1.00f, 0.16f, 0.66f}, 0.03f);
      layout.solids.box({px, y + 1.6f, z - 0.275f}, {0.95f, 3.2f, 0.6f});
    }
    s.use(Finish::matt, 0xE3D9CA);  // a door in the back wall
    s.box({x, y + 1.55f, z - depth + 0.03f}, {1.7f, 3.1f, 0.12f}, 0.03f);
    s.use(Finish::matt, tone::kDarkWood);
    s.box({x, y + 1.35f, z - depth + 0.09f}, {1.3f, 2.7f, 0.06f}, 0.02f);
  }
  s.use(Finish::matt, 0xDCCFBD);
  s.walls({0, y + high / 2, z - depth - 0.2f}, {width + 1, high, 0.4f}, 1.4f);
  s.use(Finish::matt, tone::kChalk);
  s.box({0, y + high - 0.5f, z - depth / 2 - 0.3f}, {width, 0.3f, depth - 0.4f}, 0.02f);
  s.box({0, y + high + 0.14f, z - depth / 2 + 0.05f}, {width + 0.6f, 0.30f, depth + 0.9f}, 0.05f);
  for (float side : {-1.f, 1.f})
    s.box({(width / 2 + 0.3f) * side, y + high / 2, z - depth / 2}, {0.7f, high, depth + 0.6f}, 0.03f);
  const int posts = bays * 3;
  for (int i = 0; i <= posts; ++i) {  // a balustrade over it
    const float x = (static_cast<float>(i) / static_cast<float>(posts) - 0.5f) * width;
    const bool pier = i % 3 == 0;
    s.box({x, y + high + 0.62f, z - 0.1f}, {pier ? 0.42f : 0.16f, pier ? 0.84f : 0.66f, pier ? 0.42f : 0.16f},
          pier ? 0.02f : 0.f);
  }
  s.box({0, y + high + 0.98f, z - 0.1f}, {width + 0.4f, 0.12f, 0.32f}, 0.02f);
  layout.solids.box({0, y + high / 2, z - depth - 0.2f}, {width + 1, high, 0.5f});
  for (float side : {-1.f, 1.f})
    layout.solids.box({(width / 2 + 0.3f) * side, y + high / 2, z - depth / 2}, {0.7f, high, depth + 0.6f});
}

void add_tower(Layout& layout, Vec3 foot, Srgb accent) {
  Sculpture& s = layout.built;
  s.place.translation = foot;
  s.use(Finish::matt, 0xE6DCCB);
  s.walls({0, 9, 0}, {5.4f, 18, 5.4f}, 1.35f);
  for (float x : {-2.45f, 2.45f}) {
    for (float z : {-2.45f, 2.45f}) s.box({x, 9, z}, {0.8f, 18.1f, 0.8f}, 0.05f);
  }
  s.use(Finish::matt, tone::kChalk);
  for (float y : {7.6f, 12.6f, 18.0f}) s.box({0, y, 0}, {6.1f, 0.34f, 6.1f}, 0.06f);
  s.use(Finish::glow, 0xFFF0D2);
  s.place.rotation = gltf::turn_x(kPi / 2);
  s.place.translation = foot + Vec3{0, 15.3f, 2.74f};
  s.disc({0, 0, 0}, 1.45f, 32);
  s.use(Finish::matt, accent);
  s.disc({0, 0.02f, 0}, 1.62f, 32, 1.42f);
  s.use(Finish::matt, tone::kInk);
  for (int hour = 0; hour < 12; ++hour) {
    const float angle = kPi / 6 * static_cast<float>(hour);
    s.box({1.22f * std::sin(angle), 0.03f, -1.22f * std::cos(angle)}, {0.07f, 0.03f, 0.24f}, 0, -angle);
  }
  s.box({0.24f, 0.05f, -0.30f}, {0.11f, 0.03f, 0.85f}, 0.01f, -0.68f);
  s.box({-0.30f, 0.06f, -0.42f}, {0.08f, 0.03f, 1.15f}, 0.01f, 0.62f);
  s.place = {foot, {}, {1, 1, 1}};
  s.use(Finish::matt, tone::kChalk);
  for (int face = 0; face < 4; ++face) {  // the belfry
    s.place.rotation = turn_y(kPi / 2 * static_cast<float>(face));
    for (float x : {-1.25f, 1.25f}) s.arch({x, 18.2f, 2.6f}, {2.5f, 3.6f, 0.4f}, 1.5f, 2.0f, 10);
  }
  s.place.rotation = {};
  s.box({0, 21.95f, 0}, {6.0f, 0.36f, 6.0f}, 0.06f);
  s.use(Finish::matt, mix(accent, 0x8A8F86, 0.35f));
  const std::array<Vec2, 5> spire{{{3.9f, 22.1f}, {3.0f, 22.9f}, {1.6f, 25.2f}, {0.45f, 28.4f}, {0.0f, 29.6f}}};
  s.place.rotation = turn_y(kPi / 4);
  s.turned({0, 0, 0}, spire, 4);
  s.use(Finish::metal, 0xD9A441);
  const std::array<Vec2, 5> ball{{{0.06f, 29.3f}, {0.28f, 29.7f}, {0.28f, 29.95f}, {0.06f, 30.3f}, {0, 31.4f}}};
  s.turned({0, 0, 0}, ball, 12);
  s.place = {};
}

void add_gatehouse(Layout& layout, const Transform& place, Srgb wall) {
  Sculpture& s = layout.built;
  s.place = place;
  s.use(Finish::matt, wall);
  s.arch({0, 0, 0}, {12, 7.4f, 2.6f}, 4.6f, 2.6f, 18);
  s.use(Finish::matt, tone::kChalk);
  s.box({0, 7.5f, -1.3f}, {12.4f, 0.34f, 3.1f}, 0.05f);
  s.box({0, 5.6f, -1.3f}, {12.1f, 0.20f, 2.8f}, 0.03f);
  for (int i = 0; i < 9; ++i) s.box({-4.8f + 1.2f * static_cast<float>(i), 7.95f, -0.15f}, {0.7f, 0.6f, 0.4f}, 0.03f);
  for (float side : {-1.f, 1.f}) s.box({4.15f * side, 0.3f, -1.3f}, {3.8f, 0.6f, 2.8f}, 0.04f);
  s.place = {};
  const float yaw = 2 * std::atan2(place.rotation.y, place.rotation.w);
  for (float side : {-1.f, 1.f}) layout.solids.box(place({4.15f * side, 3.7f, -1.3f}), {3.75f, 7.4f, 2.6f}, yaw);
  layout.solids.box(place({0, 3, -6}), {12, 6, 0.5f}, yaw);
}

void add_horizon(Layout& layout, Dice& dice) {
  Sculpture& s = layout.horizon;
  s.use(Finish::far, 0xC9C0B2);
  s.disc({0, -0.25f, 0}, 420, 48, 30);
  for (int i = 0; i < 64; ++i) {  // the town beyond, as blocks
    const float angle = 2 * kPi * (static_cast<float>(i) + dice.range(-0.3f, 0.3f)) / 64, r = dice.range(66, 128);
    const float w = dice.range(9, 20), h = dice.range(7, 15) + (i % 9 == 0 ? 7.f : 0.f);
    const Vec3 at{r * std::sin(angle), 0, r * std::cos(angle)};
    s.use(Finish::far, varied(0xD9CFC0, dice, 0.08f));
    s.box(at + Vec3{0, h / 2, 0}, {w, h, w * 0.8f}, 0, angle);
    s.use(Finish::far, varied(0x9A7C69, dice, 0.1f));
    s.place = {at + Vec3{0, h, 0}, turn_y(angle), {1, 1, 1}};
    const float x = w / 2 + 0.4f, z = w * 0.4f + 0.4f, y = w * 0.22f;
    s.flat_quad({-x, 0, z}, {x, 0, z}, {x, y, 0}, {-x, y, 0});
    s.flat_quad({x, 0, -z}, {-x, 0, -z}, {-x, y, 0}, {x, y, 0});
    s.flat_quad({x, 0, z}, {x, 0, -z}, {x, y, 0}, {x, y, 0});
    s.flat_quad({-x, 0, -z}, {-x, 0, z}, {-x, y, 0}, {-x, y, 0});
    s.place = {};
  }
  for (int ring = 0; ring < 2; ++ring) {  // hills
    s.use(Finish::far, ring == 0 ? 0x8FA085 : 0x94A6B0);
    const float r = ring == 0 ? 240.f : 380.f, high = ring == 0 ? 26.f : 62.f;
    constexpr int kSegments = 72;
    const float p1 = dice.range(0, 6), p2 = dice.range(0, 6);
    const auto crest = [&](int i) {
      const float angle = 2 * kPi * static_cast<float>(i) / kSegments;
      return high * (0.62f + 0.24f * std::sin(3 * angle + p1) + 0.14f * std::sin(8 * angle + p2));
    };
    const auto at = [&](int i, float far, float y) {
      const float angle = 2 * kPi * static_cast<float>(i) / kSegments;
      return Vec3{far * std::sin(angle), y, far * std::cos(angle)};
    };
    for (int i = 0; i < kSegments; ++i)
      s.flat_quad(at(i + 1, r, -2), at(i, r, -2), at(i, r + 50, crest(i)), at(i + 1, r + 50, crest(i + 1)));
  }
}

}  // namespace mw::kit::plaza
