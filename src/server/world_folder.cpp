#include "server/world_folder.h"

#include <algorithm>
#include <filesystem>

#include "base/format.h"
#include "crypto/crypto.h"
#include "gltf/read.h"
#include "platform/files.h"
#include "world/ways.h"

namespace mw::server {
namespace {

constexpr std::size_t kTomlBytes = 256u << 10;

std::string base_name(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string content_type_of(std::string_view path) {
  const auto ends = [&](std::string_view suffix) { return path.ends_with(suffix); };
  if (ends(".glb")) return "model/gltf-binary";
  if (ends(".gltf")) return "model/gltf+json";
  if (ends(".png")) return "image/png";
  if (ends(".jpg") || ends(".jpeg")) return "image/jpeg";
  if (ends(".webp")) return "image/webp";
  if (ends(".ktx2")) return "image/ktx2";
  return "application/octet-stream";
}

std::uint64_t seed_of(std::string_view name) {
  const auto digest = crypto::sha256(as_bytes(name));
  std::uint64_t seed = 0;
  for (int i = 0; i < 6; ++i) seed = seed << 8 | digest[static_cast<std::size_t>(i)];
  return seed;
}

// What of a world is being read.
struct Reading {
  const WorldFolder& folder;
  world::World::Setup& setup;
  ReadWorld& out;
  Library& library;
  MadeCache& cache;

  std::string file() const { return folder.name + "/world.toml"; }
  void problem(std::string name, std::string field, std::string reason) const {
    out.problems.push_back({std::move(name), std::move(field), std::move(reason)});
  }
  std::string path(const char* what) const { return "/worlds/" + setup.description.name + "/" + what; }
};

void set_collision(const Reading& r, const std::vector<motion::Triangle>& triangles) {
  const auto baked = motion::bake(triangles);
  r.setup.links.collision =
      r.library.add(r.path("collision.bin"), std::string(as_text(baked)), "application/octet-stream");
  auto loaded = motion::load_baked(baked);
  if (!loaded.ok())
    return r.problem(r.file(), "scene", "its collision shapes cannot be used: " + loaded.error().text());
  r.setup.ground.collision.set_body(0, *loaded, {});
  r.out.collision_triangles = loaded->size();
}

std::optional<world::Spawn> read_kit(const Reading& r) {
  const auto& description = r.setup.description;
  auto scene = r.cache.scene(description.kit, description.seed, description.accent);
  if (!scene.ok()) {
    std::string known;
    for (const auto name : kit::scene_kits()) known += (known.empty() ? "" : ", ") + std::string(name);
    const bool unknown = scene.error().kind == ErrorKind::not_found;
    r.problem(r.file(), "scene.kit",
              unknown ? format("there is no kit '{}'; there are: {}", description.kit, known) : scene.error().text());
    return std::nullopt;
  }
  r.out.scene_bytes = scene->glb.size();
  r.out.triangles = scene->triangles;
  r.setup.links.scene = r.library.add(r.path("scene.glb"), std::string(as_text(scene->glb)), "model/gltf-binary");
  set_collision(r, scene->collision);
  r.setup.ground.walks = std::move(scene->walks);
  r.setup.ground.seats = std::move(scene->seats);
  r.setup.ground.stands = std::move(scene->stands);
  r.setup.ground.seating = std::move(scene->seating);
  return world::Spawn{scene->spawn.position, scene->spawn.yaw, scene->spawn_radius};
}

std::optional<world::Spawn> read_gltf(const Reading& r) {
  const auto& file = r.setup.description.file;
  const auto shown = r.folder.name + "/" + file;
  auto bytes = platform::read_file(r.folder.path + "/" + file, limits::kSceneFileBytes);
  if (!bytes.ok()) {
    r.problem(r.file(), "scene.file",
              bytes.error().kind == ErrorKind::not_found ? format("there is no file '{}' in this folder", file)
                                                         : bytes.error().text());
    return std::nullopt;
  }
  const auto slash = file.rfind('/');
  const auto beside = slash == std::string::npos ? std::string() : file.substr(0, slash + 1);
  const auto resolver = [&](std::string_view path) -> Result<Bytes> {
    auto content = platform::read_file(r.folder.path + "/" + beside + std::string(path), limits::kSceneFileBytes);
    MW_TRY(content);
    const auto view = as_bytes(*content);
    return Bytes(view.begin(), view.end());
  };
  auto scene = gltf::read(as_bytes(*bytes), resolver, {shown});
  if (!scene.ok()) {
    auto field = scene.error().field;
    if (field.starts_with(shown)) field.erase(0, std::min(field.size(), shown.size() + 2));
    r.problem(shown, field, scene.error().message);
    return std::nullopt;
  }
  r.out.scene_bytes = bytes->size();
  r.out.triangles = scene->triangles;
  for (const auto& other : scene->files) {
    auto content = platform::read_file(r.folder.path + "/" + beside + other, limits::kSceneFileBytes);
    if (content.ok())
      r.library.add(r.path("files/") + beside + other, std::move(content).value(), content_type_of(other));
  }
  const bool alone = scene->files.empty() && file.ends_with(".glb");
  r.setup.links.scene = r.library.add(alone ? r.path("scene.glb") : r.path("files/") + file, std::move(bytes).value(),
                                      content_type_of(file));
  set_collision(r, scene->collision);
  for (const auto& spawn : scene->spawns)
    r.setup.ground.spawns.emplace_back(spawn.name,
                                       kit::Place{{spawn.position.x, spawn.position.y, spawn.position.z}, spawn.yaw});
  if (scene->spawns.empty()) return std::nullopt;
  const auto& first = r.setup.ground.spawns.front().second;
  return world::Spawn{first.position, first.yaw, 1};
}

}  // namespace

Result<std::vector<WorldFolder>> find_worlds(const std::string& folder) {
  std::vector<WorldFolder> worlds;
  const auto has_world = [](const std::string& path) { return platform::file_info(path + "/world.toml").ok(); };
  if (has_world(folder)) {
    auto name = base_name(folder);
    if (name == "." || name == "..") {
      std::error_code none;
      name = base_name(std::filesystem::canonical(folder, none).string());
    }
    return std::vector<WorldFolder>{{name, folder}};
  }
  auto entries = platform::list_folder(folder);
  MW_TRY(entries);
  for (const auto& entry : *entries)
    if (entry.folder && has_world(folder + "/" + entry.name)) worlds.push_back({entry.name, folder + "/" + entry.name});
  if (worlds.empty())
    return Error{ErrorKind::not_found, folder, "holds no world: no world.toml here or in a folder within"};
  if (worlds.size() > limits::kWorldsPerHost)
    return Error{ErrorKind::too_large, folder, format("holds more than {} worlds", limits::kWorldsPerHost)};
  return worlds;
}

ReadWorld read_world(const WorldFolder& folder, const std::vector<std::string>& names, Library& library,
                     MadeCache& cache) {
  ReadWorld out;
  out.name = folder.name;
  out.folder = folder.path;
  const auto file = folder.name + "/world.toml";
  auto toml = platform::read_file(folder.path + "/world.toml", kTomlBytes);
  if (!toml.ok()) {
    out.problems.push_back({file, "", toml.error().message});
    return out;
  }
  auto description = world::read_description(*toml, file, folder.name, out.problems);
  if (!description) return out;
  world::World::Setup setup;
  setup.description = std::move(*description);
  setup.seed = seed_of(folder.name);
  world::check_portals(setup.description, file, {names}, out.problems);
  const Reading reading{folder, setup, out, library, cache};
  const auto own_spawn = setup.description.kit.empty() ? read_gltf(reading) : read_kit(reading);
  if (!setup.links.collision.empty()) {
    if (!setup.description.spawn && !own_spawn) {
      out.problems.push_back({file, "spawn", "is missing, and the scene has no OMI_spawn_point"});
      return out;
    }
    setup.ground.spawn = setup.description.spawn.value_or(own_spawn.value_or(world::Spawn{}));
    world::check_ground(setup.description, file, setup.ground.spawn, setup.ground.collision, out.problems);
    if (setup.description.walkers > 0 && setup.ground.walks.ways.empty())
      setup.ground.walks =
          world::find_ways(setup.ground.collision, setup.description.rules, setup.ground.spawn.position);
  }
  if (out.problems.empty()) out.setup = std::move(setup);
  return out;
}

}  // namespace mw::server
