#include "kit/kit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "gltf/read.h"
#include "kit/figure.h"
#include "kit/palette.h"
#include "motion/player.h"

namespace mw::kit {
namespace {

Json json_of(const Bytes& glb) {
  const std::size_t length = glb[12] | glb[13] << 8 | glb[14] << 16;
  return Json::parse(glb.begin() + 20, glb.begin() + 20 + static_cast<std::ptrdiff_t>(length));
}

gltf::Scene read_back(const Bytes& glb, const char* name) {
  auto scene = gltf::read(glb, nullptr, {name});
  EXPECT_TRUE(scene) << scene.error().text();
  return scene ? *std::move(scene) : gltf::Scene{};
}

TEST(Person, IsWhatClientsExpect) {
  const Bytes glb = person_glb();
  EXPECT_LT(glb.size(), 600u << 10);
  const Json json = json_of(glb);
  std::set<std::string> clips, nodes;
  for (const Json& clip : json["animations"]) clips.insert(clip["name"]);
  for (const char* name : {"idle", "walk", "run", "jump", "sit", "wave", "cheer", "clap", "wave_scarf"})
    EXPECT_TRUE(clips.contains(name)) << name;
  for (const Json& node : json["nodes"]) nodes.insert(node["name"].get<std::string>());
  for (const char* name : {"person_lod0", "person_lod1", "person_lod2"}) EXPECT_TRUE(nodes.contains(name)) << name;
  EXPECT_EQ(json["skins"][0]["joints"].size(), 22u);
  for (const Json& mesh : json["meshes"]) EXPECT_TRUE(mesh["primitives"][0]["attributes"].contains("_PART"));
  const Json& ours = json["asset"]["extras"]["manyworlds"];
  EXPECT_EQ(ours["parts"]["hair"].size(), 6u);
  EXPECT_EQ(ours["parts"]["hair_under_hat"].size(), 6u);
  EXPECT_EQ(ours["palettes"]["clothes"].size(), 12u);
  EXPECT_EQ(ours["clip_speed"]["walk"], 1.4);
  EXPECT_EQ(read_back(glb, "person.glb").skins, 1u);
}

TEST(Person, OneAloneShowsOnlyWhatTheyWear) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Appearance look = appearance(seed);
    const Bytes glb = person_glb(look);
    const Json json = json_of(glb);
    const auto triangles = [&](std::size_t level) {
      return json["accessors"][json["meshes"][level]["primitives"][0]["indices"].get<std::size_t>()]["count"]
                 .get<int>() /
             3;
    };
    EXPECT_GT(triangles(0), 2500);
    EXPECT_LT(triangles(0), 6500);
    EXPECT_LT(triangles(1), 1400);
    EXPECT_LT(triangles(2), 450);
    EXPECT_TRUE(json["meshes"][0]["primitives"][0]["attributes"].contains("COLOR_0"));
    EXPECT_FALSE(json["meshes"][0]["primitives"][0]["attributes"].contains("_PART"));
    read_back(glb, "visitor.glb");
  }
}

// Where a joint stands in a pose: forward kinematics over the skeleton, as a renderer does it.
gltf::Vec3 place(const figure::ClipPose& pose, int joint, gltf::Quat& turn) {
  const auto& info = figure::skeleton()[static_cast<std::size_t>(joint)];
  if (info.parent < 0) {
    turn = {};
    return info.position;
  }
  gltf::Quat above;
  const gltf::Vec3 base = place(pose, info.parent, above);
  gltf::Vec3 offset = info.position - figure::skeleton()[static_cast<std::size_t>(info.parent)].position;
  if (joint == figure::hips) offset += pose.hips_move;
  turn = above * pose.turn[static_cast<std::size_t>(joint)];
  return base + gltf::rotate(above, offset);
}

// The lowest point of a foot: heel or ball.
gltf::Vec3 contact(const figure::ClipPose& pose, bool left) {
  gltf::Quat foot;
  const gltf::Vec3 ankle = place(pose, left ? figure::foot_l : figure::foot_r, foot);
  const gltf::Vec3 heel = ankle + gltf::rotate(foot, gltf::Vec3{0, -0.085f, -0.060f}),
                   ball = ankle + gltf::rotate(foot, gltf::Vec3{0, -0.085f, 0.105f});
  return heel.y < ball.y ? heel : ball;
}

TEST(Clips, FeetStandStillOnTheGroundThatMoves) {
  for (const auto& [name, speed] : {std::pair{"walk", 1.4f}, std::pair{"run", 4.0f}}) {
    for (const figure::ClipSource& clip : figure::clips()) {
      if (clip.name != name) continue;
      constexpr int kSteps = 200;
      float worst = 0;
      int standing = 0;
      for (int i = 0; i < kSteps; ++i) {
        const auto phase = [&](int k) { return static_cast<float>(k) / kSteps; };
        const float seconds = clip.seconds / kSteps;
        for (bool left : {true, false}) {
          const gltf::Vec3 a = contact(clip.pose(phase(i)), left), b = contact(clip.pose(phase(i + 1)), left);
          EXPECT_GT(a.y, -0.03f) << name << " " << i;
          if (a.y > 0.0005f || b.y > 0.0005f || std::abs(a.z - b.z) > 0.1f)
            continue;  // in the air, or rolling from heel to ball
          ++standing;
          worst = std::max(worst, std::abs(b.z - a.z + speed * seconds) / seconds);
        }
      }
      EXPECT_GT(standing, kSteps / 4) << name;
      EXPECT_LT(worst, 0.25f) << name << ": m/s of sliding";
    }
  }
}

TEST(Clips, LoopWithoutAJump) {
  for (const figure::ClipSource& clip : figure::clips()) {
    const figure::ClipPose first = clip.pose(0), last = clip.pose(1);
    for (int joint = 0; joint < figure::joint_count; ++joint) {
      gltf::Quat q;
      const float apart = gltf::length(place(first, joint, q) - place(last, joint, q));
      EXPECT_LT(apart, clip.name == "jump" ? 0.02f : 0.002f)
          << clip.name << " " << figure::skeleton()[static_cast<std::size_t>(joint)].name;
    }
  }
}

TEST(Clips, AScarfIsStraightBetweenTheHandsThatHoldItUp) {
  const gltf::Primitive scarf = figure::scarf_in_hands();
  const auto clip = std::ranges::find(figure::clips(), "wave_scarf", &figure::ClipSource::name);
  ASSERT_NE(clip, figure::clips().end());
  for (int i = 0; i <= 20; ++i) {
    const figure::ClipPose pose = clip->pose(static_cast<float>(i) / 20);
    float low = 9, high = 0, left = -9, right = 9;
    for (std::size_t v = 0; v < scarf.positions.size(); ++v) {
      const auto hand = static_cast<figure::Joint>(scarf.joints[v][0]);
      gltf::Quat turned;
      const gltf::Vec3 wrist = place(pose, hand, turned);
      const gltf::Vec3 p = wrist + gltf::rotate(turned, scarf.positions[v] - figure::place_of(hand));
      EXPECT_GT(p.y, 1.45f) << "over the shoulders, at " << i;
      if (scarf.custom[0].values[v][1] != static_cast<std::uint8_t>(figure::Slot::accent)) continue;
      low = std::min(low, p.y), high = std::max(high, p.y), left = std::max(left, p.x), right = std::min(right, p.x);
    }
    EXPECT_GT(left - right, 0.42f) << i;
    EXPECT_GT(low, 1.78f) << "over the head, at " << i;
    EXPECT_LT(high - low, i == 0 ? 0.19f : 0.32f) << i;
  }
}

TEST(Clips, NobodySinksIntoTheGround) {
  for (const figure::ClipSource& clip : figure::clips()) {
    for (int i = 0; i <= 60; ++i) {
      const figure::ClipPose pose = clip.pose(static_cast<float>(i) / 60);
      for (int joint = figure::hips; joint < figure::joint_count; ++joint) {
        gltf::Quat q;
        EXPECT_GT(place(pose, joint, q).y, 0.005f)
            << clip.name << " " << figure::skeleton()[static_cast<std::size_t>(joint)].name;
      }
    }
  }
}

TEST(Weights, SumToOneAndAreSmooth) {
  for (auto follow : {figure::Follow::upper, figure::Follow::legs, figure::Follow::skirt, figure::Follow::neck,
                      figure::Follow::foot}) {
    for (float y = 0.02f; y < 1.6f; y += 0.01f) {
      const auto shares = [&](gltf::Vec3 p) {
        gltf::Joints joints{};
        gltf::Weights weights{};
        figure::weigh(p, follow, joints, weights);
        std::map<int, float> out;
        for (std::size_t i = 0; i < 4; ++i) out[joints[i]] += weights[i];
        return out;
      };
      const gltf::Vec3 p{0.11f, y, 0.03f};
      auto here = shares(p), near = shares(p + gltf::Vec3{0, 0.004f, 0});
      float sum = 0, change = 0;
      for (int joint = 0; joint < figure::joint_count; ++joint)
        sum += here[joint], change += std::abs(here[joint] - near[joint]);
      EXPECT_NEAR(sum, 1, 0.01f);
      EXPECT_LT(change, 0.35f) << y;
    }
  }
}

TEST(Appearance, NeverTwoAlikeSideBySide) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const Appearance a = appearance(seed), b = appearance(seed + 1);
    const int apart = (a.hair != b.hair) + (a.skin != b.skin) + (a.top_colour != b.top_colour) +
                      (a.bottom_colour != b.bottom_colour) + (a.accent_colour != b.accent_colour);
    ASSERT_GE(apart, 3) << seed;
    ASSERT_NE(a.top_colour, a.bottom_colour) << seed;
    ASSERT_EQ(appearance(seed), a);
  }
}

TEST(Appearance, GoesThroughJson) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Appearance a = appearance(seed * 7919);
    const auto back = appearance_from_json(to_json(a));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(to_json(*back), to_json(a));
  }
  EXPECT_EQ(appearance_from_json(Json::object())->top, 0);
  const auto error = [](Json json) { return appearance_from_json(json).error().text(); };
  EXPECT_EQ(error({{"hair", 6}}), "appearance.hair: expected a whole number from 0 to 5");
  EXPECT_EQ(error({{"height", 3}}), "appearance.height: expected a number from 1.55 to 1.95");
  EXPECT_EQ(error({{"wings", 1}}), "appearance.wings: no such part of an appearance");
  EXPECT_EQ(error(Json::array()), "appearance: expected an object");
  EXPECT_EQ(error({{"skin", -1}}), "appearance.skin: expected a whole number from 0 to 7");
}

// F. Vienot, H. Brettel and J. Mollon, "Digital video colourmaps for checking the legibility of displays by dichromats" (1999),
// and distances in CIE L*a*b*.
std::array<double, 3> lab(gltf::Vec3 rgb) {
  const double r = rgb.x, g = rgb.y, b = rgb.z;
  const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
  const double x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505), y = f(0.2126 * r + 0.7152 * g + 0.0722 * b),
               z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

TEST(Palette, StaysApartUnderColourBlindness) {
  const auto seen = [](gltf::Vec3 c, int kind) -> gltf::Vec3 {
    if (kind == 1)
      return {0.11238f * c.x + 0.88762f * c.y, 0.11238f * c.x + 0.88762f * c.y, 0.00401f * c.x - 0.00401f * c.y + c.z};
    if (kind == 2)
      return {0.29275f * c.x + 0.70725f * c.y, 0.29275f * c.x + 0.70725f * c.y, -0.02234f * c.x + 0.02234f * c.y + c.z};
    return c;
  };
  const auto clothes = clothes_palette();
  ASSERT_EQ(clothes.size(), 12u);
  for (int kind = 0; kind < 3; ++kind) {
    for (std::size_t i = 0; i < clothes.size(); ++i) {
      for (std::size_t k = i + 1; k < clothes.size(); ++k) {
        const auto a = lab(seen(linear(clothes[i]), kind)), b = lab(seen(linear(clothes[k]), kind));
        const double apart =
            std::sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
        EXPECT_GT(apart, 9) << hex(clothes[i]) << " and " << hex(clothes[k]) << ", kind " << kind;
      }
    }
  }
}

// Is there ground within reach under a point, among the triangles one walks on?
bool has_ground(const std::vector<motion::Triangle>& triangles, motion::Vec3 p) {
  for (const motion::Triangle& t : triangles) {
    const double d = (t.b.z - t.c.z) * (t.a.x - t.c.x) + (t.c.x - t.b.x) * (t.a.z - t.c.z);
    if (std::abs(d) < 1e-9) continue;
    const double u = ((t.b.z - t.c.z) * (p.x - t.c.x) + (t.c.x - t.b.x) * (p.z - t.c.z)) / d,
                 v = ((t.c.z - t.a.z) * (p.x - t.c.x) + (t.a.x - t.c.x) * (p.z - t.c.z)) / d;
    if (u < -1e-4 || v < -1e-4 || u + v > 1.0001) continue;
    const double y = u * t.a.y + v * t.b.y + (1 - u - v) * t.c.y;
    if (std::abs(y - p.y) < 0.2) return true;
  }
  return false;
}

TEST(Scenes, AreWhole) {
  for (std::string_view name : scene_kits()) {
    const auto scene = make_scene(name, {{"seed", 7}});
    ASSERT_TRUE(scene) << scene.error().text();
    EXPECT_LT(scene->glb.size(), name == "stadium" ? 2'200'000u : 1'500'000u) << name;
    // A stadium counts every seat up close; what is drawn at once is in stadium_test.cpp.
    EXPECT_LT(scene->triangles, name == "stadium" ? 1'200'000u : 180'000u) << name;
    EXPECT_GT(scene->collision.size(), 100u);
    EXPECT_GE(scene->gates.size(), 3u);
    EXPECT_GT(scene->lamps.size(), 3u);
    EXPECT_TRUE(has_ground(scene->collision, scene->spawn.position)) << name;
    for (const Gate& gate : scene->gates)
      EXPECT_TRUE(has_ground(scene->collision, gate.place.position)) << name << " " << gate.place.position.x;
    for (const Place& stand : scene->stands)
      EXPECT_TRUE(has_ground(scene->collision, stand.position)) << name << " " << stand.position.x;
    const gltf::Scene back = read_back(scene->glb, "scene.glb");
    EXPECT_EQ(back.triangles, scene->triangles);
    // Every point of the walks stands on ground, and all of them hang together.
    std::vector<int> group(scene->walks.points.size());
    for (std::size_t i = 0; i < group.size(); ++i) group[i] = static_cast<int>(i);
    for (std::size_t round = 0; round < group.size(); ++round) {
      for (const auto& way : scene->walks.ways)
        group[way.from] = group[way.to] = std::min(group[way.from], group[way.to]);
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
      EXPECT_EQ(group[i], 0) << name << " point " << i;
      EXPECT_TRUE(has_ground(scene->collision, scene->walks.points[i]))
          << name << " point " << i << " at " << scene->walks.points[i].x << " " << scene->walks.points[i].z;
    }
  }
}

// Whoever runs and jumps about at random for a while has not fallen off the scene, nor through it.
TEST(Scenes, HoldWhoeverRunsAbout) {
  const motion::Rules rules;
  for (std::string_view name : scene_kits()) {
    const auto scene = make_scene(name, {{"seed", 1}});
    ASSERT_TRUE(scene) << scene.error().text();
    motion::CollisionWorld world;
    world.set_body(0, scene->collision, {});
    for (std::uint64_t player = 0; player < 60; ++player) {
      motion::Keys keys(player);
      motion::State state;
      const auto& points = scene->walks.points;
      state.position = points[player * 7919 % points.size()];
      state.position.y += 0.05f;
      for (int i = 0; i < 180 * limits::kMotionStepHz; ++i) state = motion::step(state, keys.next(), rules, world);
      const motion::Vec3 p = state.position;
      EXPECT_GT(p.y, scene->low.y - 1) << name << ", player " << player << " got to " << p.x << " " << p.y << " "
                                       << p.z;
    }
  }
}

TEST(Scenes, AreTheSameForTheSameSeed) {
  EXPECT_EQ(make_scene("garden", {{"seed", 3}})->glb, make_scene("garden", {{"seed", 3}})->glb);
  EXPECT_NE(make_scene("garden", {{"seed", 3}})->glb, make_scene("garden", {{"seed", 4}})->glb);
}

TEST(Scenes, SayWhichParameterIsWrong) {
  EXPECT_EQ(make_scene("moon", Json::object()).error().kind, ErrorKind::not_found);
  EXPECT_EQ(make_scene("plaza", {{"seed", -1}}).error().text(), "seed: expected a whole number from 0 to 4294967295");
  EXPECT_EQ(make_scene("plaza", {{"accent", "red"}}).error().text(), "accent: expected a colour such as \"#2A9D8F\"");
  EXPECT_EQ(make_scene("plaza", {{"rows", 40}}).error().field, "rows");
}

TEST(Catalogue, MakesEveryModel) {
  std::set<std::string_view> names;
  for (const CatalogueEntry& entry : catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second);
    EXPECT_FALSE(entry.title_en.empty() || entry.title_zh.empty());
    const auto model = catalogue_model(entry.name);
    ASSERT_TRUE(model) << entry.name;
    EXPECT_EQ(model->collision.empty(), !entry.solid);
    EXPECT_LT(model->glb.size(), 200u << 10) << entry.name;
    const gltf::Scene scene = read_back(model->glb, "model.glb");
    EXPECT_NEAR(scene.bounds.low.y, 0, 0.35) << entry.name;
    EXPECT_LT(std::abs(scene.bounds.middle().x), 0.5f) << entry.name;
    const bool takes_colour = as_text(model->glb).find("baseColorFactor") != std::string_view::npos;
    EXPECT_EQ(takes_colour, !entry.colour.empty()) << entry.name;
  }
  EXPECT_EQ(catalogue_model("throne").error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace mw::kit
