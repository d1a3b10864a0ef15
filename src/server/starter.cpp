#include "server/starter.h"

#include <algorithm>

#include "base/format.h"
#include "kit/kit.h"
#include "platform/files.h"

namespace mw::server {
namespace {

std::string world_toml(const std::string& name, const std::string& kit) {
  return format(
      R"(# A world of a Manyworlds host. Lengths are metres, angles radians; y is up, yaw 0 looks along +z.
# `manyworlds check` says what is wrong with this file; every key is described in schema/world.schema.json.
name = "{0}"                 # also the folder's name, and part of the link
capacity = 50                # visitors at the same time; the next one waits in a queue
accent = "#2A9D8F"           # colour of the interface
walkers = 8                  # simulated people, labelled as such

[title]
en = "{0}"
zh = "{0}"

[description]
en = "A new world, waiting for its first visitors."
zh = "一个新的世界，等待第一批访客。"

[scene]
kit = "{1}"                  # a program that makes a scene; or your own: file = "scene.glb"
seed = 1

# Without this, visitors arrive at the scene's own spawn point.
# [spawn]
# position = [0, 0, 12]
# yaw = 3.14
# radius = 3

[sky]
mood = "golden"              # morning, noon, golden or night

[permissions]
edit = "operators"           # who may place things: nobody, operators or everyone

# Doors to other worlds of the host, or to any https link.
# [[portal]]
# id = "home"
# to = "https://example.org"
# position = [6, 0, 0]
# yaw = 0
# [portal.title]
# en = "Elsewhere"
# zh = "别处"
)",
      name, kit);
}

}  // namespace

Status make_starter_world(const std::string& folder, const std::string& kit) {
  const auto slash = folder.find_last_not_of('/');
  const auto path = folder.substr(0, slash == std::string::npos ? 0 : slash + 1);
  const auto name = path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
  const bool fits = !name.empty() && name.size() <= 32 && name.front() != '-' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!fits)
    return invalid(folder, "the folder's name becomes the world's: lower-case letters, digits and hyphens, at most 32");
  if (std::ranges::find(kit::scene_kits(), kit) == kit::scene_kits().end())
    return invalid("kit", format("there is no kit '{}'", kit));
  if (const auto entries = platform::list_folder(path); entries.ok() && !entries->empty())
    return Error{ErrorKind::conflict, folder, "exists and is not empty; nothing was changed"};
  MW_TRY(platform::make_folder(path));
  return platform::write_file(path + "/world.toml", world_toml(name, kit));
}

}  // namespace mw::server
