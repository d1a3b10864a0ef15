// Figures made by program, for the tests of what people upload: tubes along the bones of a person, bound to them.
#pragma once

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "gltf/avatar.h"
#include "gltf/model.h"

namespace mw::gltf::test {

struct FigureShape {
  float height = 1.7f;
  int rings = 6, sides = 8;  // of each limb
  bool backwards = false;  // looks along -z, as VRM 0.x does
  std::function<std::string(std::string_view bone)> name;  // of a bone's joint; empty leaves the joint out
  bool picture = false;  // has a texture
};

// Places of a person of 1 m, in the order of kBones.
inline std::array<Vec3, kBoneCount> bone_places() {
  return {{{0, 0.53f, 0},      {0, 0.58f, 0},         {0, 0.65f, 0},         {0, 0.73f, 0},     {0, 0.83f, 0},
           {0, 0.88f, 0},      {0.03f, 0.8f, 0},      {0.1f, 0.8f, 0},       {0.26f, 0.8f, 0},  {0.4f, 0.8f, 0},
           {-0.03f, 0.8f, 0},  {-0.1f, 0.8f, 0},      {-0.26f, 0.8f, 0},     {-0.4f, 0.8f, 0},  {0.05f, 0.5f, 0},
           {0.05f, 0.27f, 0},  {0.05f, 0.05f, 0},     {0.05f, 0.01f, 0.07f}, {-0.05f, 0.5f, 0}, {-0.05f, 0.27f, 0},
           {-0.05f, 0.05f, 0}, {-0.05f, 0.01f, 0.07f}}};
}

// A tube from `from` to `to`, moved by one joint.
inline void add_tube(Primitive& out, Vec3 from, Vec3 to, float radius, std::uint8_t joint, const FigureShape& shape) {
  const Vec3 along = normalised(to - from);
  const Vec3 aside = normalised(cross(along, std::abs(along.y) < 0.9f ? Vec3{0, 1, 0} : Vec3{1, 0, 0}));
  const Vec3 other = cross(along, aside);
  const auto first = static_cast<std::uint32_t>(out.positions.size());
  for (int ring = 0; ring <= shape.rings; ++ring) {
    for (int side = 0; side < shape.sides; ++side) {
      const float t = static_cast<float>(ring) / static_cast<float>(shape.rings);
      const float angle = 2 * kPi * static_cast<float>(side) / static_cast<float>(shape.sides);
      const Vec3 n = aside * std::cos(angle) + other * std::sin(angle);
      out.positions.push_back(lerp(from, to, t) + n * radius);
      out.normals.push_back(n);
      out.uvs.push_back({static_cast<float>(side) / static_cast<float>(shape.sides), t});
      out.joints.push_back({joint, 0, 0, 0});
      out.weights.push_back({1, 0, 0, 0});
    }
  }
  const auto sides = static_cast<std::uint32_t>(shape.sides);
  for (std::uint32_t ring = 0; ring < static_cast<std::uint32_t>(shape.rings); ++ring) {
    for (std::uint32_t side = 0; side < sides; ++side) {
      const std::uint32_t a = first + ring * sides + side, b = first + ring * sides + (side + 1) % sides;
      for (const std::uint32_t index : {a, b, a + sides, b, b + sides, a + sides}) out.indices.push_back(index);
    }
  }
}

inline Model figure(const FigureShape& shape = {}) {
  Model model;
  Primitive body;
  Skin skin{"skin", {}, {}};
  auto places = bone_places();
  std::array<int, kBoneCount> nodes;
  for (std::size_t bone = 0; bone < kBoneCount; ++bone) {
    places[bone] = places[bone] * shape.height;
    if (shape.backwards) places[bone].x *= -1, places[bone].z *= -1;
    const int above = parent_of(static_cast<int>(bone));
    const Vec3 from = above < 0 ? Vec3{} : places[static_cast<std::size_t>(above)];
    Node node;
    node.name = shape.name ? shape.name(kBones[bone]) : std::string(kBones[bone]);
    node.transform.translation = places[bone] - from;
    nodes[bone] = static_cast<int>(model.nodes.size());
    if (above < 0)
      model.roots.push_back(nodes[bone]);
    else
      model.nodes[static_cast<std::size_t>(nodes[static_cast<std::size_t>(above)])].children.push_back(nodes[bone]);
    if (!node.name.empty()) {
      const auto joint = static_cast<std::uint8_t>(skin.joints.size());
      skin.joints.push_back(nodes[bone]);
      skin.inverse_bind.push_back(matrix({-places[bone], {}, {1, 1, 1}}));
      const Vec3 to = kBones[bone] == "head" ? places[bone] + Vec3{0, 0.12f * shape.height, 0} : from;
      if (above >= 0) add_tube(body, places[bone], to, 0.03f * shape.height, joint, shape);
    }
    model.nodes.push_back(std::move(node));
  }
  Material cloth;
  cloth.name = "cloth";
  cloth.base = {0.2f, 0.5f, 0.8f, 1};
  if (shape.picture) {
    Bytes pixels;
    for (int i = 0; i < 64 * 64; ++i) pixels.insert(pixels.end(), {200, static_cast<Byte>(i / 64 * 4), 40});
    model.images.push_back(png(64, 64, 3, pixels));
    cloth.texture = 0;
    cloth.base = {1, 1, 1, 1};
  }
  model.materials.push_back(cloth);
  body.material = 0;
  model.meshes.push_back({"body", {std::move(body)}});
  Node node;
  node.name = "surface";
  node.mesh = 0, node.skin = 0;
  model.roots.push_back(static_cast<int>(model.nodes.size()));
  model.nodes.push_back(std::move(node));
  model.skins.push_back(std::move(skin));
  return model;
}

inline std::uint32_t word_at(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, 4);
  return value;
}

// The same .glb with its JSON changed.
inline Bytes changed(const Bytes& glb, const std::function<void(Json&)>& change) {
  const std::size_t length = word_at(glb, 12);
  Json json = Json::parse(glb.begin() + 20, glb.begin() + 20 + static_cast<std::ptrdiff_t>(length));
  change(json);
  std::string text = json.dump();
  while (text.size() % 4 != 0) text += ' ';
  Bytes out(glb.begin(), glb.begin() + 12);
  const auto put = [&](std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<Byte>(value >> shift));
  };
  put(static_cast<std::uint32_t>(text.size()));
  put(0x4E4F534A);
  out.insert(out.end(), text.begin(), text.end());
  out.insert(out.end(), glb.begin() + 20 + static_cast<std::ptrdiff_t>(length), glb.end());
  const auto size = static_cast<std::uint32_t>(out.size());
  std::memcpy(out.data() + 8, &size, 4);
  return out;
}

// VRM 1.0 with these conditions, or VRM 0.x. The nodes of `figure` stand in the order of kBones.
inline Bytes vrm1(const Bytes& glb, const Json& meta = Json::object()) {
  return changed(glb, [&](Json& json) {
    Json human = Json::object();
    for (std::size_t bone = 0; bone < kBoneCount; ++bone) human[std::string(kBones[bone])] = {{"node", bone}};
    json["extensionsUsed"].push_back("VRMC_vrm");
    json["extensions"]["VRMC_vrm"] = {{"specVersion", "1.0"}, {"meta", meta}, {"humanoid", {{"humanBones", human}}}};
  });
}
inline Bytes vrm0(const Bytes& glb, const Json& meta = Json::object()) {
  return changed(glb, [&](Json& json) {
    Json human = Json::array();
    for (std::size_t bone = 0; bone < kBoneCount; ++bone) human.push_back({{"bone", kBones[bone]}, {"node", bone}});
    json["extensionsUsed"].push_back("VRM");
    json["extensions"]["VRM"] = {{"meta", meta}, {"humanoid", {{"humanBones", human}}}};
  });
}

}  // namespace mw::gltf::test
