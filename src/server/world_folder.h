// Reads the folders of worlds: world.toml, the scene (a kit's or a glTF file), and everything that can be wrong with them.
// `manyworlds check` and `serve` use the same code, so that what is checked is what is served.
// Thread: any, off the event loops: it reads files and runs the kit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/library.h"
#include "world/description.h"
#include "world/world.h"

namespace mw::server {

struct ReadWorld {
  std::string name;  // of the folder
  std::string folder;
  std::optional<world::World::Setup> setup;  // absent when there is a problem; ids and tracks are not set yet
  std::vector<world::Problem> problems;
  std::uint64_t scene_bytes = 0, triangles = 0, collision_triangles = 0;  // for whoever wants to know
};

// The worlds of a folder: those subfolders with a world.toml, or the folder itself when it has one. By name.
// Error `not_found`: there is none.
struct WorldFolder {
  std::string name, path;
};
Result<std::vector<WorldFolder>> find_worlds(const std::string& folder);

// Reads one. `names` are those of all worlds beside it. Scenes go into the library. The setup still lacks what all worlds
// share (catalogue, person), so that worlds can be read while that is made.
ReadWorld read_world(const WorldFolder& folder, const std::vector<std::string>& names, Library& library,
                     MadeCache& cache);

}  // namespace mw::server
