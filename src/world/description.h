// world.toml as values: who a world is for, what it looks like, how one moves in it, and where its doors lead. The schema
// (world_schema()) and the cross checks here name the file, the field and the reason for whatever is wrong, all of it at
// once, so that a creator mends a world in one go.
// Thread: values; functions are pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/json.h"
#include "motion/motion.h"
#include "quality/promise.h"
#include "trust/capability.h"

namespace mw::world {

struct Problem {
  std::string file;  // "plaza/world.toml"
  std::string field;  // "spawn.position[1]"; empty where the whole file is meant
  std::string reason;  // one English sentence without a full stop
  std::string text() const;
};

struct Text {
  std::string en, zh;
};

struct Portal {
  std::string id;
  Text title;
  std::string to_world;  // exactly one of the two is set
  std::string to_url;
  motion::Vec3 position;  // of the middle of its threshold
  float yaw = 0;  // whoever arrives through it looks this way
  float width = 3, height = 3;
};

struct Spawn {
  motion::Vec3 position;
  float yaw = 0;
  float radius = 2;  // arrivals are spread over a disc
};

struct Description {
  std::string name;
  Text title, description;
  std::size_t capacity = 100;  // visitors; simulated walkers do not count
  std::string accent = "#2A9D8F";
  std::size_t walkers = 0;
  std::string kit;  // exactly one of kit and file is set
  std::uint64_t seed = 1;  // of the kit program
  std::string file;  // relative to the world's folder
  std::optional<Spawn> spawn;
  std::string mood = "golden";
  motion::Rules rules;
  trust::EditPolicy edit = trust::EditPolicy::operators;
  std::vector<Portal> portals;
  quality::Promise promise;  // of its quality of service
};

// The JSON Schema of world.toml: schema/world.schema.json has the same text (`manyworlds reference` writes it).
const Json& world_schema();

// Reads a world.toml. `folder` is the name of the folder it stands in. Appends what is wrong to `problems`, and returns
// nothing if anything was.
std::optional<Description> read_description(std::string_view toml, const std::string& file, std::string_view folder,
                                            std::vector<Problem>& problems);

// What a description says about other worlds and about the ground, which it alone cannot know.
struct Surroundings {
  std::vector<std::string> worlds;  // names of all the folders beside it, itself included
};
void check_portals(const Description& description, const std::string& file, const Surroundings& around,
                   std::vector<Problem>& problems);
// Spawn and portals must stand on ground, clear of walls, inside the scene.
void check_ground(const Description& description, const std::string& file, const Spawn& spawn,
                  const motion::CollisionWorld& collision, std::vector<Problem>& problems);

}  // namespace mw::world
