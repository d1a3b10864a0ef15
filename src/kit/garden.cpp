// A garden in a hollow: from the entrance the path leads over a red bridge and up to a pavilion, with the mountains behind it.
#include "kit/garden.h"

#include <cmath>

namespace mw::kit {

using gltf::kPi;
using gltf::turn_y;
using namespace garden;

namespace {

constexpr float kBridgeFrom = 8.6f, kBridgeTo = -12.6f;

std::vector<Vec2> shore_ring(float grow) {
  std::vector<Vec2> ring;
  for (int i = 0; i <= 24; ++i) {
    const float angle = 2 * kPi * static_cast<float>(i) / 24;
    ring.push_back({13.5f * grow * std::sin(angle), -2 + 8.2f * (grow + 0.10f) * std::cos(angle)});
  }
  return ring;
}

Land make_land(std::uint64_t seed) {
  Land land(seed);
  land.add_path({{{0, 40}, {0, 30}, {0.6f, 22}, {-0.3f, 15}, {0, kBridgeFrom - 0.4f}}, 3.0f});
  land.add_path({{{0, kBridgeTo + 0.4f}, {0.8f, -15.5f}, {-0.8f, -18.6f}, {0, -21.5f}, {0, -24}}, 2.4f});
  land.add_path({shore_ring(1.36f), 2.2f});
  land.add_path({{{18.2f, -2}, {23, 0.5f}, {29, -1}, {34, 2.5f}}, 2.0f});
  land.add_path({{{-18.2f, -2}, {-23, -3.5f}, {-29, 0}, {-34, -2}}, 2.0f});
  land.settle();
  return land;
}

struct Props {
  int cherry, maple, pine, round, lantern, rock, bush, bench, lamp, hedge, pavilion, stone;
};

Thing stepping_stone() {
  Thing out;
  std::vector<Vec2> outline;
  for (int i = 0; i < 11; ++i) {
    const float angle = -2 * kPi * static_cast<float>(i) / 11, r = 0.48f + 0.05f * std::sin(3 * angle + 1);
    outline.push_back({r * std::cos(angle), 0.85f * r * std::sin(angle)});
  }
  out.shape.use(Finish::matt, 0x9C968C);
  out.shape.prism(outline, -0.9f, 0.10f, 0.05f);
  out.solids.pillar({0, -0.9f, 0}, 0.5f, 1.0f, 8);
  return out;
}

Props add_props(Layout& l) {
  return {l.kind("cherry", cherry()),
          l.kind("maple", maple()),
          l.kind("pine", tree_tall()),
          l.kind("tree_round", tree_round()),
          l.kind("stone_lantern", stone_lantern()),
          l.kind("rock", rock()),
          l.kind("bush", bush(), false),
          l.kind("bench", bench()),
          l.kind("lamp", lamp()),
          l.kind("hedge", hedge()),
          l.kind("pavilion", pavilion()),
          l.kind("stepping_stone", stepping_stone())};
}

void lantern(Layout& layout, const Props& props, Vec3 at) {
  layout.put(props.lantern, at);
  layout.scene.lamps.push_back({at.x, at.y + 1.15f, at.z});
}

void seat(Layout& layout, const Props& props, Vec3 at, float yaw) {
  layout.put(props.bench, at, yaw, 1, linear(tone::kWood));
  const Vec3 edge = at + gltf::rotate(turn_y(yaw), Vec3{0, 0.45f, 0.24f});
  layout.scene.seats.push_back({{edge.x, edge.y, edge.z}, yaw});
}

// A tree where nothing stands in the way; false when something does.
bool plant(Layout& layout, const Land& land, int kind, float x, float z, Dice& dice, std::vector<Vec2>& taken,
           float apart) {
  if (land.pond(x, z) < 1.16f || land.off_path(x, z) < 1.1f || std::hypot(x - kHill.x, z - kHill.z) < 6.0f)
    return false;
  for (Vec2 other : taken) {
    if (std::hypot(x - other.x, z - other.y) < apart) return false;
  }
  taken.push_back({x, z});
  const Vec3 ground = land.at(x, z);
  const Vec3 tint{dice.range(0.90f, 1.06f), dice.range(0.90f, 1.05f), dice.range(0.88f, 1.04f)};
  const float yaw = dice.range(0, 2 * kPi), size = dice.range(0.88f, 1.22f);
  layout.put(kind, ground - Vec3{0, 0.04f, 0}, yaw, size, tint);
  return true;
}

void plants(Layout& layout, const Land& land, const Props& props, Dice& dice) {
  std::vector<Vec2> taken;
  // Cherries to the west of the pond, maples to the east, both near enough to mirror in it.
  for (const Vec2& p : {Vec2{-14.0f, 9.4f}, Vec2{-19.6f, 5.2f}, Vec2{-9.0f, 13.2f}, Vec2{-21.0f, -8.0f},
                        Vec2{-13.6f, -14.6f}, Vec2{-5.2f, 19.5f}, Vec2{-24.5f, 10.0f}, Vec2{-6.4f, -17.6f}}) {
    plant(layout, land, props.cherry, p.x, p.y, dice, taken, 3);
  }
  for (const Vec2& p : {Vec2{14.2f, 9.2f}, Vec2{20.4f, 4.8f}, Vec2{9.4f, 13.6f}, Vec2{21.4f, -8.4f},
                        Vec2{13.4f, -14.8f}, Vec2{5.6f, 20.0f}, Vec2{25.0f, 9.4f}, Vec2{6.6f, -17.8f}}) {
    plant(layout, land, props.maple, p.x, p.y, dice, taken, 3);
  }
  int planted = 0;
  for (int i = 0; i < 400 && planted < 46; ++i) {  // the wood on the rim
    const float angle = dice.range(0, 2 * kPi), r = dice.range(29.5f, 46);
    const int kind = i % 5 < 3    ? props.pine
                     : i % 5 == 3 ? props.round
                                  : (std::sin(angle) < 0 ? props.cherry : props.maple);
    planted += plant(layout, land, kind, r * std::sin(angle), r * std::cos(angle), dice, taken, 3.6f);
  }
  for (int i = 0; i < 44; ++i) {
    const float angle = dice.range(0, 2 * kPi), r = dice.range(12, 33);
    const float x = r * std::sin(angle), z = -2 + r * std::cos(angle);
    if (land.pond(x, z) < 1.14f || land.off_path(x, z) < 0.7f || std::hypot(x - kHill.x, z - kHill.z) < 4.6f) continue;
    const Vec3 tint{dice.range(0.85f, 1.1f), dice.range(0.9f, 1.05f), dice.range(0.8f, 1)};
    layout.put(i % 3 == 0 ? props.rock : props.bush, land.at(x, z) - Vec3{0, 0.05f, 0}, dice.range(0, 6),
               dice.range(0.7f, 1.25f), i % 3 == 0 ? Vec3{1, 1, 1} : tint);
  }
  for (int i = 0; i < 30; ++i) {  // stones along the shore
    const float angle = 2 * kPi * (static_cast<float>(i) + dice.range(-0.35f, 0.35f)) / 30;
    const float x = 13.5f * std::sin(angle), z = -2 + 8.2f * std::cos(angle);
    if (std::abs(x) < 2.8f) continue;
    layout.put(props.rock, {x, kWater - 0.12f, z}, dice.range(0, 6), dice.range(0.45f, 1.05f));
  }
}

void petals(Layout& layout, const Land& land, Dice& dice) {
  Sculpture& s = layout.ground;
  for (int i = 0; i < 260; ++i) {
    const bool west = i % 2 == 0;
    const float x = (west ? -1.f : 1.f) * dice.range(5, 25), z = dice.range(-15, 18);
    if (land.pond(x, z) < 1.1f) continue;
    s.use(Finish::matt, west ? varied(0xF0BCCB, dice, 0.08f) : varied(0xD9692F, dice, 0.15f));
    const float turn = dice.range(0, 6), size = dice.range(0.05f, 0.10f);
    s.place = {land.at(x, z) + Vec3{0, 0.045f, 0}, turn_y(turn), {size, 1, size}};
    s.flat_quad({-1, 0, 0.3f}, {0, 0, 0.7f}, {1, 0, -0.2f}, {0, 0, -0.7f});
    s.place = {};
  }
}

void furnish(Layout& layout, const Land& land, const Props& props, Srgb accent) {
  layout.put(props.pavilion, kHill, 0, 1, linear(accent));
  for (float side : {-1.f, 1.f}) {
    for (float z : {26.f, 18.f, 11.f}) lantern(layout, props, land.at(2.4f * side, z));
    lantern(layout, props, land.at(2.3f * side, -14.2f));
    lantern(layout, props, land.at(2.4f * side, -21.6f));
    lantern(layout, props, land.at(17.0f * side, 4.6f));
    lantern(layout, props, land.at(16.6f * side, -9.6f));
    seat(layout, props, land.at(12.6f * side, 11.0f), kPi + 0.75f * side);
    seat(layout, props, land.at(20.4f * side, -5.2f), -kPi / 2 * side);
    seat(layout, props, kHill + Vec3{1.5f * side, 0.34f, -1.2f}, 0);
    seat(layout, props, land.at(4.6f * side, 23.4f), kPi);
  }
  for (int i = 0; i < 9; ++i) {  // across the east end of the pond
    const float t = static_cast<float>(i) / 8;
    layout.put(props.stone, {9.6f + 0.7f * std::sin(5 * t), kWater + 0.02f, gltf::lerp(5.2f, -9.0f, t)},
               2.1f * static_cast<float>(i), 0.95f + 0.1f * std::sin(3.f * static_cast<float>(i)));
  }
}

void places(Layout& layout, const Land& land) {
  Scene& scene = layout.scene;
  const Vec3 start = land.at(0, 27);
  scene.spawn = {{start.x, start.y, start.z}, kPi};
  scene.spawn_radius = 2;
  const auto gate = [&](float x, float z, float yaw) {
    const Vec3 p = land.at(x, z);
    scene.gates.push_back({{{p.x, p.y, p.z}, yaw}, 2.6f, 3.0f});
  };
  gate(31.0f, -0.2f, -kPi / 2), gate(-31.0f, -0.6f, kPi / 2), gate(0, 33.5f, kPi), gate(5.4f, 16.2f, -0.9f);
  const auto stand = [&](float x, float z, float yaw) {
    const Vec3 p = land.at(x, z);
    scene.stands.push_back({{p.x, p.y, p.z}, yaw});
  };
  stand(-6.5f, 9.4f, 2.8f), stand(6.8f, 9.2f, -2.8f), stand(17.4f, -1.0f, -kPi / 2), stand(-17.6f, -2.6f, kPi / 2),
      stand(3.0f, 13.4f, 2.6f), stand(-3.2f, 14.2f, -2.8f);
  for (float x : {-0.9f, 0.2f, 1.0f}) scene.stands.push_back({{x, kHill.y + 0.34f, kHill.z + 1.4f}, 0.3f * x});
  scene.low = {-kReach, -2, -kReach}, scene.high = {kReach, 16, kReach};
}

// Along a curve, with every point on the ground.
std::uint16_t follow(Layout& layout, const Land& land, const std::vector<Vec2>& points, std::uint16_t from,
                     float width) {
  std::uint16_t last = from;
  for (Vec2 p : points) {
    const std::uint16_t next = layout.point(land.at(p.x, p.y) + Vec3{0, 0.04f, 0});
    layout.way(last, next, width);
    last = next;
  }
  return last;
}

void walks(Layout& layout, const Land& land) {
  const auto ring = shore_ring(1.36f);
  std::vector<std::uint16_t> shore;
  for (std::size_t i = 0; i + 1 < ring.size(); ++i)
    shore.push_back(layout.point(land.at(ring[i].x, ring[i].y) + Vec3{0, 0.04f, 0}));
  for (std::size_t i = 0; i < shore.size(); ++i) layout.way(shore[i], shore[(i + 1) % shore.size()], 1.6f);
  const std::uint16_t south = shore[0], north = shore[12];
  follow(layout, land, {{-0.3f, 15}, {0.6f, 22}, {0, 29}}, south, 2.2f);
  std::uint16_t last = south;
  for (int i = 0; i <= 8; ++i) {
    const float t = static_cast<float>(i) / 8;
    const std::uint16_t next =
        layout.point({0, 0.16f + 1.55f * std::sin(kPi * t), gltf::lerp(kBridgeFrom, kBridgeTo, t)});
    layout.way(last, next, 1.6f);
    last = next;
  }
  layout.way(last, north, 1.4f);
  follow(layout, land, {{0.8f, -15.5f}, {-0.8f, -18.6f}, {0, -21.5f}, {0, -23.2f}}, north, 1.4f);
  follow(layout, land, {{23, 0.5f}, {28.0f, -0.8f}}, shore[6], 1.2f);
  follow(layout, land, {{-23, -3.5f}, {-28.4f, -0.4f}}, shore[18], 1.2f);
}

}  // namespace

Scene make_garden(const SceneParameters& parameters) {
  Dice dice(parameters.seed);
  const Srgb accent = parameters.accent == tone::kTeal ? tone::kVermilion : parameters.accent;
  const Land land = make_land(parameters.seed);
  Layout layout;
  const Props props = add_props(layout);
  add_ground(layout, land, dice);
  add_bridge(layout, kBridgeFrom, kBridgeTo, accent);
  plants(layout, land, props, dice);
  petals(layout, land, dice);
  furnish(layout, land, props, accent);
  add_mountains(layout, dice);
  places(layout, land);
  walks(layout, land);
  return layout.finish({});
}

}  // namespace mw::kit
