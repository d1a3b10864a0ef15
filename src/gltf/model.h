// A model before it is bytes: meshes, materials, nodes, skins, clips, lights. Made by kit/, written as a binary glTF 2.0 file
// that Khronos's validator accepts. Vertices are quantised on the way (KHR_mesh_quantization): positions to 16 bits of the
// mesh's own bounds (of all meshes of a skin together), normals and weights to 8 bits.
// Thread: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "data/json.h"
#include "gltf/vec.h"

namespace mw::gltf {

using Rgba8 = std::array<std::uint8_t, 4>;
using Joints = std::array<std::uint8_t, 4>;
using Weights = std::array<float, 4>;  // sum is 1; written as bytes that sum to 255

// An attribute of our own, four unsigned bytes a vertex; the name starts with an underscore.
struct CustomAttribute {
  std::string name;
  std::vector<Rgba8> values;
};

// Triangles. Every attribute is empty or as long as `positions`.
struct Primitive {
  std::vector<Vec3> positions, normals;
  std::vector<Vec2> uvs;
  std::vector<Rgba8> colours;  // COLOR_0, linear
  std::vector<Joints> joints;
  std::vector<Weights> weights;
  std::vector<CustomAttribute> custom;
  std::vector<std::uint32_t> indices;
  int material = -1;
};

struct Mesh {
  std::string name;
  std::vector<Primitive> primitives;
};

struct Material {
  std::string name;
  std::array<float, 4> base{1, 1, 1, 1};
  Vec3 emissive;
  float emissive_strength = 1;  // above 1: KHR_materials_emissive_strength
  float roughness = 1, metallic = 0;
  int texture = -1;  // of the base colour: index into Model::images
  bool double_sided = false;
  bool unlit = false;  // KHR_materials_unlit: shows its colour whatever the light
  bool blend = false;  // alpha of COLOR_0 and base blends
  float alpha_cutoff = 0;  // above 0: what is less opaque is not drawn
};

struct PunctualLight {
  std::string kind;  // "point", "spot", "directional"
  Vec3 colour{1, 1, 1};
  float intensity = 1;  // candela, or lux for directional
  float range = 0;  // 0 is unlimited
};

// An instance of a node's mesh (EXT_mesh_gpu_instancing); `tint` multiplies the colours (attribute _COLOR_0).
struct Instance {
  Transform place;
  Vec3 tint{1, 1, 1};
};

struct Node {
  std::string name;
  Transform transform;
  int mesh = -1, skin = -1, light = -1;
  std::vector<int> children;
  std::vector<Instance> instances;
  Json extras;  // null or an object
  Json extensions;  // null or an object of complete extensions of this node; their names are added to extensionsUsed
};

struct Skin {
  std::string name;
  std::vector<int> joints;  // nodes
  std::vector<Mat4> inverse_bind;
};

struct Channel {
  enum class Path : std::uint8_t { translation, rotation, scale };
  int node = 0;
  Path path = Path::rotation;
  std::vector<float> values;  // three or four per time
};

struct Clip {
  std::string name;
  std::vector<float> times;  // seconds, ascending from 0; shared by the channels
  std::vector<Channel> channels;
};

struct Model {
  std::vector<Mesh> meshes;
  std::vector<Material> materials;
  std::vector<Bytes> images;  // PNG; sampled repeating
  std::vector<Node> nodes;
  std::vector<int> roots;  // nodes of the scene
  std::vector<Skin> skins;
  std::vector<Clip> clips;
  std::vector<PunctualLight> lights;
  Json extras;  // of the asset
};

struct WriteOptions {
  bool compress = false;  // EXT_meshopt_compression, then required to read the file
};

// Asserts that indices and attributes fit together: a model is made by us.
Bytes write_glb(const Model& model, const WriteOptions& options = {});

// Triangles drawn, instances counted.
std::uint64_t triangles(const Model& model);

// A greyscale or colour image (channels 1, 3 or 4; rows from the top) as PNG.
Bytes png(int width, int height, int channels, ByteView pixels);

}  // namespace mw::gltf
