// A town square: a paved promenade leads from the entrance through an avenue to the fountain, whose standing ring frames the
// tower behind the terrace. Houses close it on all sides.
#include "kit/plaza.h"

#include <array>
#include <cmath>

namespace mw::kit {

using gltf::kPi;
using gltf::turn_y;
using namespace plaza;

namespace {

constexpr float kTerrace = 0.85f, kTerraceFront = -22.4f, kStepsFront = -20.6f, kEdge = 34;

// What a paved square metre is made of: ring about the fountain, promenade, cross way, or plain.
Srgb paving_at(float x, float z, Dice& dice) {
  const float r = std::sqrt(x * x + z * z), across = std::abs(x), along = std::abs(z);
  if (r < 13.2f) return 0xE4DCD0;
  if (across < 5.2f) {
    if (across > 4.2f) return 0xA39C93;
    return static_cast<int>(std::floor((z + 100) / 4)) % 2 == 0 && std::fmod(z + 100, 4.f) < 1
               ? 0xB9B1A6
               : varied(0xE6DED2, dice, 0.02f);
  }
  if (along < 3.2f) return along > 2.2f ? 0xA39C93 : varied(0xE0D8CB, dice, 0.02f);
  return varied(0xCFC7BB, dice, 0.035f);
}

// Well within a lawn, where no paving shows.
bool on_lawn(float x, float z) {
  const float ax = std::abs(x), az = std::abs(z);
  return ax > 10.5f && ax < 22.2f && az > 7.5f && az < (z > 0 ? 24.8f : 16.4f) && ax * ax + az * az > 330;
}

void pave(Layout& layout, Dice& dice) {
  Sculpture& s = layout.ground;
  constexpr int kReach = 37;
  for (int z = -36; z < kReach; ++z) {
    for (int x = -kReach; x < kReach; ++x) {
      const auto fx = static_cast<float>(x), fz = static_cast<float>(z);
      if (fz < kTerraceFront + 1 && std::abs(fx + 0.5f) < 23) continue;  // under the terrace
      if (on_lawn(fx + 0.5f, fz + 0.5f)) continue;
      s.use(Finish::paving, paving_at(fx + 0.5f, fz + 0.5f, dice));
      s.sheet({fx, 0, fz}, {1, 0, 0}, {0, 0, 1}, 1, 1);
    }
  }
  // Rings about the fountain.
  const std::array<std::array<float, 2>, 3> rings{{{12.7f, 13.5f}, {9.3f, 9.7f}, {5.6f, 6.3f}}};
  for (const auto& ring : rings) {
    s.use(Finish::matt, 0x9E978E);
    s.disc({0, 0.008f, 0}, ring[1], 72, ring[0]);
  }
  s.use(Finish::matt, 0xB7AFA4);
  for (int i = 0; i < 24; ++i) {
    const float angle = 2 * kPi * (static_cast<float>(i) + 0.5f) / 24;
    s.place = {{}, turn_y(angle), {1, 1, 1}};
    s.flat_quad({-0.11f, 0.006f, 12.7f}, {0.11f, 0.006f, 12.7f}, {0.11f, 0.006f, 6.3f}, {-0.11f, 0.006f, 6.3f});
    s.place = {};
  }
  // Streets that lead away.
  for (const std::array<float, 4>& street : {std::array<float, 4>{-6, 37, 12, 45}, {-75, -4, 38, 8}, {37, -4, 38, 8}}) {
    s.use(Finish::paving, 0xC3BBAF);
    s.sheet({street[0], -0.01f, street[1]}, {street[2], 0, 0}, {0, 0, street[3]}, 6, 6);
  }
  const std::array<Vec3, 4> rim{Vec3{-80, 0, 90}, Vec3{80, 0, 90}, Vec3{80, 0, -60}, Vec3{-80, 0, -60}};
  layout.solids.quad(rim[0], rim[1], rim[2], rim[3]);
  // Behind the last house fronts the ground ends, and whoever found a way there must not fall off the world.
  for (std::size_t i = 0; i < rim.size(); ++i) {
    const Vec3 a = rim[i], b = rim[(i + 1) % rim.size()], up{0, 4, 0};
    layout.solids.quad(a, b, b + up, a + up);
  }
}

// A lawn with a kerb; its corner towards the fountain is cut off.
void lawn(Layout& layout, float sx, float sz, Dice& dice) {
  const float x0 = 9.2f, x1 = 23.5f, z0 = 6.2f, z1 = sz > 0 ? 26.0f : 17.6f;
  const auto outline = [&](float inset) {
    std::vector<Vec2> points{{x1 - inset, z0 + inset},
                             {x1 - inset, z1 - inset},
                             {x0 + inset, z1 - inset},
                             {x0 + inset, 13.6f + inset * 0.4f}};
    for (int i = 1; i <= 5; ++i) {  // a quarter of a ring about the fountain
      const float angle = gltf::lerp(std::atan2(13.6f, 9.2f), std::atan2(6.2f, 15.2f), static_cast<float>(i) / 5);
      const float r = 16.42f + inset;
      points.push_back({std::max(r * std::cos(angle), x0 + inset), std::max(r * std::sin(angle), z0 + inset)});
    }
    for (Vec2& p : points) p = {p.x * sx, p.y * sz};
    if (sx * sz > 0) std::reverse(points.begin(), points.end());
    return points;
  };
  Sculpture& s = layout.ground;
  s.use(Finish::matt, 0xBFB7AC);
  const auto kerb = outline(0);
  s.prism(kerb, 0, 0.16f, 0.03f);
  s.use(Finish::matt, 0x86A955);
  const auto grass = outline(0.26f);
  s.prism(grass, 0.15f, 0.20f, 0.05f);
  // Mown stripes over it, so that the grass is lit in detail.
  for (float x = x0 + 1.5f; x < x1 - 1.5f; x += 1.5f) {
    for (float z = z0 + 1; z < z1 - 1.0f; z += 1.5f) {
      const float mx = x + 0.75f, mz = z + 0.75f;
      if (std::sqrt(mx * mx + mz * mz) < 18.4f || x + 1.5f > x1 - 0.5f || z + 1.5f > z1 - 0.5f) continue;
      s.use(Finish::matt, varied(static_cast<int>((x - x0) / 1.5f) % 2 == 0 ? 0x8FB25C : 0x7FA24F, dice, 0.03f));
      const float ax = sx > 0 ? x : -x - 1.5f, az = sz > 0 ? z : -z - 1.5f;
      s.sheet({ax, 0.204f, az}, {1.5f, 0, 0}, {0, 0, 1.5f}, 2, 2);
    }
  }
  for (std::size_t i = 0; i < kerb.size(); ++i) {
    const Vec2 a = kerb[i], b = kerb[(i + 1) % kerb.size()];
    layout.solids.quad({b.x, 0, b.y}, {a.x, 0, a.y}, {a.x, 0.2f, a.y}, {b.x, 0.2f, b.y});
    layout.solids.triangle({(x0 + x1) / 2 * sx, 0.2f, (z0 + z1) / 2 * sz}, {a.x, 0.2f, a.y}, {b.x, 0.2f, b.y});
  }
}

struct Props {
  int bench, lamp, tree, round, tall, planter, bollard, kiosk, table, flowers, hedge, bush, sign;
};

Props add_props(Layout& l, Srgb accent) {
  return {l.kind("bench", bench()),
          l.kind("lamp", lamp()),
          l.kind("tree", tree()),
          l.kind("tree_round", tree_round()),
          l.kind("tree_tall", tree_tall()),
          l.kind("planter", planter()),
          l.kind("bollard", bollard()),
          l.kind("kiosk", kiosk(accent)),
          l.kind("table", table()),
          l.kind("flowerbed", flowerbed()),
          l.kind("hedge", hedge()),
          l.kind("bush", bush(), false),
          l.kind("sign", sign())};
}

Vec3 leaf_tint(Dice& dice) { return Vec3{dice.range(0.86f, 1.08f), dice.range(0.90f, 1.06f), dice.range(0.80f, 1.0f)}; }

void put_tree(Layout& layout, int kind, Vec3 at, Dice& dice, float low = 0.9f, float high = 1.15f) {
  const Vec3 tint = leaf_tint(dice);
  layout.put(kind, at, dice.range(0, 2 * kPi), dice.range(low, high), tint);
}

void put_lamp(Layout& layout, const Props& props, Vec3 at) {
  layout.put(props.lamp, at);
  layout.scene.lamps.push_back({at.x, at.y + 3.9f, at.z});
}

void put_bench(Layout& layout, const Props& props, Vec3 at, float yaw) {
  const Vec3 wood = linear(tone::kWood);
  layout.put(props.bench, at, yaw, 1, wood);
  for (float x : {-0.5f, 0.5f}) {
    const Vec3 seat = at + gltf::rotate(turn_y(yaw), Vec3{x, 0.45f, 0.24f});
    layout.scene.seats.push_back({{seat.x, seat.y, seat.z}, yaw});
  }
}

// A square of earth with a grate's edge around a tree in the paving.
void tree_pit(Layout& layout, Vec3 at) {
  Sculpture& s = layout.ground;
  s.use(Finish::matt, tone::kSlate);
  s.box(at + Vec3{0, 0.012f, 0}, {1.7f, 0.03f, 1.7f}, 0.01f);
  s.use(Finish::matt, 0x6B5645);
  s.box(at + Vec3{0, 0.022f, 0}, {1.42f, 0.03f, 1.42f}, 0.01f);
}

void avenue(Layout& layout, const Props& props, Dice& dice) {
  for (float side : {-1.f, 1.f}) {
    for (float z : {16.5f, 22.5f, 28.5f, 34.5f}) {
      const Vec3 at{7.2f * side, 0, z};
      if (z < 30) {
        tree_pit(layout, at);
        put_tree(layout, props.tree, at, dice, 0.95f, 1.1f);
      }
      if (z < 30) put_lamp(layout, props, {5.7f * side, 0, z - 3});
    }
    for (float z : {19.5f, 25.5f}) put_bench(layout, props, {7.3f * side, 0, z}, -kPi / 2 * side);
    for (float z : {-15.6f}) put_lamp(layout, props, {5.7f * side, 0, z});
    layout.put(props.planter, {7.2f * side, 0, -14.0f}, 0, 1.15f, linear(0xB9AFA2));
    layout.put(props.planter, {7.2f * side, 0, -17.2f}, 0, 1.15f, linear(0xB9AFA2));
  }
  for (int i = 0; i < 8; ++i) {  // benches and flowers look at the fountain
    const float angle = kPi / 4 * static_cast<float>(i) + kPi / 8;
    const Vec3 way{std::sin(angle), 0, std::cos(angle)};
    put_bench(layout, props, way * 11.2f, angle + kPi);
    if (i % 2 == 0)
      put_lamp(layout, props, Vec3{std::sin(angle + kPi / 8 + 0.36f), 0, std::cos(angle + kPi / 8 + 0.36f)} * 12.0f);
  }
  for (float side : {-1.f, 1.f}) {
    for (int i = 0; i < 2; ++i)
      layout.put(props.bollard, {side * (1.6f + 2.2f * static_cast<float>(i)), 0, 35.6f}, 0, 1, linear(tone::kTeal));
  }
}

void lawns(Layout& layout, const Props& props, Dice& dice) {
  for (float sx : {-1.f, 1.f}) {
    for (float sz : {-1.f, 1.f}) {
      lawn(layout, sx, sz, dice);
      const float z1 = sz > 0 ? 26.f : 17.6f;
      for (float z = 8.0f; z < z1 - 1; z += 2.06f)
        layout.put(props.hedge, {22.7f * sx, 0.18f, z * sz}, kPi / 2, 1, leaf_tint(dice));
      put_tree(layout, props.round, {20.2f * sx, 0.2f, 8.6f * sz}, dice);
      put_tree(layout, props.round, {17.0f * sx, 0.2f, 9.8f * sz}, dice, 0.8f, 0.95f);
      put_tree(layout, props.tree, {17.5f * sx, 0.2f, (z1 - 3.2f) * sz}, dice, 1.0f, 1.2f);
      if (sz > 0) put_tree(layout, props.round, {12.4f * sx, 0.2f, 22.5f}, dice);
      if (sz > 0) put_tree(layout, props.tree, {20.2f * sx, 0.2f, 16.0f}, dice, 0.95f, 1.1f);
      for (int i = 0; i < 4; ++i) {
        layout.put(props.bush, {dice.range(18.5f, 21.5f) * sx, 0.18f, dice.range(11.5f, z1 - 2) * sz}, dice.range(0, 6),
                   dice.range(0.8f, 1.2f), leaf_tint(dice));
      }
      const std::array<Srgb, 4> flowers{0xE4572E, 0xF2C14E, 0xC9548A, 0xF4F1EA};
      layout.put(props.flowers, {11.6f * sx, 0.18f, (z1 - 2.6f) * sz}, 0, 1.15f,
                 linear(flowers[static_cast<std::size_t>(dice.below(4))]));
      layout.put(props.flowers, {14.2f * sx, 0.18f, 11.2f * sz}, 0.75f * sx * sz, 1.15f,
                 linear(flowers[static_cast<std::size_t>(dice.below(4))]));
    }
  }
}

void market(Layout& layout, const Props& props, Srgb accent, Dice& dice) {
  layout.put(props.kiosk, {13.5f, 0, 30.6f}, kPi + 0.25f);
  layout.put(props.kiosk, {-13.5f, 0, 30.6f}, kPi - 0.25f);
  layout.put(props.kiosk, {28.4f, 0, -13.5f}, -kPi / 2);
  const std::array<Srgb, 3> cloths{accent, 0xE9C46A, 0xF1E9DC};
  const std::array<Vec2, 11> tables{{{-27.4f, 9.0f},
                                     {-30.0f, 11.5f},
                                     {-27.2f, 14.0f},
                                     {-30.2f, 16.5f},
                                     {-27.5f, 19.0f},
                                     {18.6f, 30.8f},
                                     {22.0f, 29.2f},
                                     {-18.8f, 30.6f},
                                     {27.0f, -8.6f},
                                     {29.6f, -6.6f},
                                     {26.4f, -18.4f}}};
  for (Vec2 at : tables) {
    layout.put(props.table, {at.x, 0, at.y}, dice.range(0, 6), 1,
               linear(cloths[static_cast<std::size_t>(dice.below(3))]));
  }
  layout.put(props.sign, {8.6f, 0, 31.5f}, 0.35f, 1, linear(accent));
  for (float z : {8.f, 22.f}) put_lamp(layout, props, {25.2f, 0, z});
  for (float z : {8.f, 22.f}) put_lamp(layout, props, {-25.2f, 0, z});
  for (float x : {-25.2f, 25.2f}) put_lamp(layout, props, {x, 0, -10.5f});
  for (float z : {7.6f, 21.4f}) layout.put(props.planter, {-25.4f, 0, z + 1.6f}, 0, 1.1f, linear(0xB9AFA2));
}

void terrace(Layout& layout, const Props& props, Dice& dice) {
  Sculpture& s = layout.built;
  s.use(Finish::matt, 0xDDD5C8);
  for (int i = 0; i < 5; ++i) {
    const float y = 0.17f * static_cast<float>(i), z = kStepsFront - 0.36f * static_cast<float>(i);
    s.box({0, y + 0.085f, z - 0.9f}, {24, 0.17f, 1.8f}, 0.018f);
  }
  Sculpture& g = layout.ground;
  for (int x = -24; x < 24; ++x) {
    for (int z = -39; z < -22; ++z) {
      const auto fx = static_cast<float>(x), fz = static_cast<float>(z);
      g.use(Finish::paving, std::abs(fx + 0.5f) < 3 ? 0xE6DED2 : varied(0xD2CABE, dice, 0.03f));
      g.sheet({fx, kTerrace, fz - 0.4f}, {1, 0, 0}, {0, 0, 1}, 1, 1);
    }
  }
  for (float side : {-1.f, 1.f}) {
    s.use(Finish::matt, 0xD3CABC);
    s.box({18 * side, kTerrace / 2, kTerraceFront - 0.15f}, {12, kTerrace + 0.02f, 0.5f}, 0.03f);
    s.box({12.25f * side, 0.62f, -21.3f}, {0.7f, 1.24f, 2.4f}, 0.04f);
    s.use(Finish::matt, tone::kChalk);
    s.box({18.2f * side, kTerrace + 0.86f, kTerraceFront - 0.2f}, {11.5f, 0.12f, 0.34f}, 0.03f);
    for (int i = 0; i < 24; ++i)
      s.box({(12.9f + 0.47f * static_cast<float>(i)) * side, kTerrace + 0.4f, kTerraceFront - 0.2f},
            {0.15f, 0.82f, 0.15f}, 0);
    layout.put(props.planter, {12.25f * side, 1.24f, -20.7f}, 0, 0.85f, linear(0xB9AFA2));
    layout.solids.box({18 * side, 0.85f, kTerraceFront - 0.2f}, {12.2f, 1.8f, 0.5f});
    layout.solids.box({12.25f * side, 0.62f, -21.3f}, {0.7f, 1.24f, 2.4f});
    for (float x : {15.5f, 20.5f}) {
      tree_pit(layout, {x * side, kTerrace, -25.2f});
      put_tree(layout, props.tall, {x * side, kTerrace, -25.2f}, dice, 0.95f, 1.1f);
    }
    put_bench(layout, props, {17.9f * side, kTerrace, -24.4f}, 0);
    put_lamp(layout, props, {9.0f * side, kTerrace, -24.2f});
  }
  layout.solids.quad({-12, 0, kStepsFront + 0.1f}, {12, 0, kStepsFront + 0.1f}, {12, kTerrace, kTerraceFront + 0.1f},
                     {-12, kTerrace, kTerraceFront + 0.1f});
  layout.solids.quad({-24, kTerrace, kTerraceFront + 0.1f}, {24, kTerrace, kTerraceFront + 0.1f}, {24, kTerrace, -40},
                     {-24, kTerrace, -40});
  add_loggia(layout, kTerrace, -33.5f, 11, 4.0f);
}

void houses(Layout& layout, const Kinds& kinds, Dice& dice) {
  const std::array<Srgb, 7> walls{0xE9DDCB, 0xE3CFB6, 0xEFE6D8, 0xD9C6AE, 0xE6D6C4, 0xDDD2C4, 0xEBD9C0};
  const std::array<Srgb, 3> roofs{0x9C6F58, 0x8A6F60, 0x7D6A62};
  int wall = dice.below(7);
  const auto add = [&](float x, float z, float yaw, float width, int floors, bool arcade) {
    House house;
    house.place = {{x, 0, z}, turn_y(yaw), {1, 1, 1}};
    house.width = width, house.floors = floors, house.arcade = arcade;
    house.wall = walls[static_cast<std::size_t>(wall++ % 7)];
    house.roof = roofs[static_cast<std::size_t>(dice.below(3))];
    house.pitched = dice.unit() < 0.72f;
    add_house(layout, kinds, house, dice);
  };
  for (float side : {-1.f, 1.f}) {
    const float yaw = -kPi / 2 * side, x = kEdge * side;
    add(x, -26.5f, yaw, 13, side > 0 ? 2 : 1, true);
    add(x, -13.0f, yaw, 14, side > 0 ? 3 : 2, side > 0);
    add(x, 13.0f, yaw, 14, 2, side < 0);
    add(x, 27.5f, yaw, 15, side > 0 ? 3 : 2, false);
    add_gatehouse(layout, {{x, 0, 0}, turn_y(yaw), {1, 1, 1}}, 0xDFD2BF);
    add(14.0f * side, 37.5f, kPi, 16, 2, false);
    add(29.0f * side, 37.5f, kPi, 13, 2, true);
    add(29.6f * side, -35.0f, 0, 11, 2, true);
    add(6.5f * side, 60.0f, -kPi / 2 * side, 24, 2, false);  // the street behind the entrance
  }
  add(0, 84, kPi, 20, 2, true);
}

void places(Layout& layout) {
  Scene& scene = layout.scene;
  scene.spawn = {{0, 0, 26}, kPi};
  scene.spawn_radius = 3;
  const auto gate = [&](float x, float y, float z, float yaw) {
    scene.gates.push_back({{{x, y, z}, yaw}, 2.6f, 3.0f});
  };
  gate(-7.6f, 0, 13.4f, 0.52f);
  gate(7.6f, 0, 13.4f, -0.52f);
  gate(-31.5f, 0, 0, kPi / 2);
  gate(31.5f, 0, 0, -kPi / 2);
  gate(-9.8f, kTerrace, -28.5f, 0);
  gate(9.8f, kTerrace, -28.5f, 0);
  const auto stand = [&](float x, float y, float z, float yaw) { scene.stands.push_back({{x, y, z}, yaw}); };
  for (int i = 0; i < 10; ++i) {
    const float angle = 2 * kPi * (static_cast<float>(i) + 0.3f) / 10;
    stand(6.6f * std::sin(angle), 0, 6.6f * std::cos(angle), angle + kPi);
  }
  stand(-26.5f, 0, 11, 1.9f), stand(-28.6f, 0, 14.6f, 0.4f), stand(20.2f, 0, 31, -2.2f), stand(13.2f, 0, 28.0f, 0.2f),
      stand(-13.2f, 0, 28.0f, -0.2f);
  stand(0, kTerrace, -23.6f, 0), stand(3.5f, kTerrace, -23.4f, 0.1f), stand(26.2f, 0, -13.2f, kPi / 2),
      stand(26.3f, 0, -14.3f, kPi / 2 - 0.3f);
  scene.low = {-33, -1, -36}, scene.high = {33, 20, 37};
}

void walks(Layout& layout) {
  const auto at = [&](float x, float z, float y = 0) { return layout.point({x, y, z}); };
  const auto link = [&](std::initializer_list<std::uint16_t> points, float width) {
    for (auto it = points.begin(); it + 1 != points.end(); ++it) layout.way(*it, *(it + 1), width);
  };
  std::array<std::uint16_t, 8> ring{};
  for (std::size_t i = 0; i < 8; ++i) {
    const float angle = kPi / 4 * static_cast<float>(i);  // 0 is towards the entrance, then east
    ring[i] = at(8.2f * std::sin(angle), 8.2f * std::cos(angle));
  }
  for (std::size_t i = 0; i < 8; ++i) layout.way(ring[i], ring[(i + 1) % 8], 2.4f);
  const auto south = at(0, 20), entrance = at(0, 33), north = at(0, -14), steps = at(0, -19.8f),
             top = at(0, -23.6f, kTerrace), hall = at(0, -31, kTerrace);
  link({ring[0], south, entrance}, 6);
  link({ring[4], north, steps, top, hall}, 4);
  for (float side : {-1.f, 1.f}) {
    const auto gate_way = at(15 * side, 0), edge = at(26.5f * side, 0), far = at(30 * side, 0);
    link({ring[side > 0 ? 2 : 6], gate_way, edge, far}, 3.4f);
    const auto se = at(24.6f * side, 27.6f), mid = at(24.6f * side, 5), kiosk = at(10 * side, 27.6f);
    link({edge, mid}, 1.5f);
    link({mid, se, kiosk}, 1.2f);
    link({kiosk, entrance}, 2);
    const auto ne = at(24.6f * side, -19), nm = at(24.6f * side, -5), by_steps = at(10 * side, -19.4f);
    link({edge, nm, ne}, 1.4f);
    link({ne, by_steps, steps}, 1.2f);
    const auto terrace_side = at(20 * side, -30.5f, kTerrace), terrace_mid = at(6 * side, -26.6f, kTerrace);
    link({top, terrace_mid, terrace_side}, 1.6f);
    link({hall, terrace_side}, 1.4f);
  }
}

}  // namespace

Scene make_plaza(const SceneParameters& parameters) {
  Dice dice(parameters.seed);
  Layout layout;
  const Kinds kinds = add_kinds(layout, parameters.accent);
  const Props props = add_props(layout, parameters.accent);
  pave(layout, dice);
  layout.put(layout.kind("fountain", fountain(parameters.accent)), Vec3{0, 0, 0});
  avenue(layout, props, dice);
  lawns(layout, props, dice);
  market(layout, props, parameters.accent, dice);
  terrace(layout, props, dice);
  add_tower(layout, {0, kTerrace, -42}, parameters.accent);
  houses(layout, kinds, dice);
  add_horizon(layout, dice);
  for (int i = 0; i < 6; ++i) {
    put_tree(layout, i % 2 == 0 ? props.tall : props.tree,
             {(static_cast<float>(i) - 2.5f) * 2.1f, 0, 78.f + dice.range(-2, 2)}, dice);
  }
  places(layout);
  walks(layout);
  return layout.finish({0xFFFFFF, true});
}

}  // namespace mw::kit
