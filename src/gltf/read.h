// Reads creators' glTF 2.0 files (.glb or .gltf) and says what is wrong with them. Nothing is believed: every count,
// offset, index and length is checked before it is used, and what an extension would need to be drawn is checked by name.
// Sources: glTF 2.0 specification (Khronos, 2021); EXT_meshopt_compression; KHR_mesh_quantization; KHR_lights_punctual;
// KHR_texture_basisu; OMI_spawn_point; OMI_collider; OMI_physics_shape and OMI_physics_body.
// Thread: any; nothing is shared. Cost: bounded by limits::kSceneFileBytes and the limits below.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "data/json.h"
#include "gltf/vec.h"
#include "motion/collision.h"

namespace mw::gltf {

// Gives the bytes of a file that stands beside the glTF, by its relative path ("textures/wall.png"): already percent-decoded,
// and checked to stay inside the folder. An error is passed on with the field that named it.
using Resolver = std::function<Result<Bytes>(std::string_view path)>;

struct SpawnPoint {
  Vec3 position;
  float yaw = 0;
  std::string name;
};

struct Light {
  std::string kind;  // "point", "spot", "directional"
  Vec3 position, direction, colour{1, 1, 1};
  float intensity = 1, range = 0;
};

// What the host wants to know of a scene.
struct Scene {
  std::vector<motion::Triangle> collision;  // of colliders where the file has any, else of its meshes, simplified
  bool has_colliders = false;
  std::vector<SpawnPoint> spawns;  // OMI_spawn_point, in the order of the nodes
  std::vector<Light> lights;
  Bounds bounds;  // of what is drawn, less skinned meshes
  std::uint64_t triangles = 0;  // drawn, instances counted
  std::uint64_t meshes = 0, materials = 0, images = 0, animations = 0, skins = 0;
  std::vector<std::string> files;  // relative paths of the files beside it that a client needs
  Json extras;  // asset.extras
};

struct ReadOptions {
  std::string name;  // of the file, for errors: "scene.glb"
  std::size_t max_collision_triangles = 200'000;  // meshes without colliders are simplified down to this
};

// Errors: `invalid` or `too_large`; the field is the file's name and the path within ("scene.glb: accessors[3].count"), the
// message says what was expected and what was found.
Result<Scene> read(ByteView bytes, const Resolver& resolver, const ReadOptions& options);

}  // namespace mw::gltf
