// Parametric models: people, scenes and things, made as glTF 2.0 when they are asked for, so that no binary art is kept.
// Everything here is a pure function of its parameters: the same seed gives the same bytes.
// Lengths are metres, angles radians, axes glTF's (y up); whoever has yaw 0 looks along +z, growing towards +x.
// Cost (one core, release): a person 0.4 s, a scene 0.3 to 0.8 s, a thing a few milliseconds: keep off the control loop.
// Thread: any; nothing is shared.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "data/json.h"
#include "kit/seats.h"
#include "motion/collision.h"

namespace mw::kit {

// ---- People ------------------------------------------------------------------------------------------------------------

// How one person looks. Slots of colour are indices into the palettes that /people/person.glb carries
// (asset.extras.manyworlds.palettes); shapes are indices into its parts.
struct Appearance {
  float height = 1.75f;  // 1.55 to 1.95 m
  float build = 1;  // width over that of the model, 0.85 to 1.2
  std::uint8_t skin = 0;  // 0 to 7
  std::uint8_t hair = 0;  // 0 to 5: shape
  std::uint8_t hair_colour = 0;  // 0 to 7
  std::uint8_t top = 0;  // 0 to 2: t-shirt, long sleeves, hooded
  std::uint8_t top_colour = 0;  // 0 to 11
  std::uint8_t bottom = 0;  // 0 to 2: trousers, shorts, skirt
  std::uint8_t bottom_colour = 0;  // 0 to 11
  std::uint8_t shoes_colour = 0;  // 0 to 11
  std::uint8_t jacket = 0;  // 0 or 1
  std::uint8_t hat = 0;  // 0 none, 1 cap, 2 beanie
  std::uint8_t scarf = 0;  // 0 or 1
  std::uint8_t accent_colour = 0;  // 0 to 11: jacket, hat, scarf
  friend bool operator==(const Appearance&, const Appearance&) = default;
};

// Varied, well matched, and different for any two neighbouring seeds in at least three of hair, skin, and the colours of
// top, bottom and accent.
Appearance appearance(std::uint64_t seed);

Json to_json(const Appearance& appearance);
// Every field is optional and defaults as above. Error `invalid` names the field under `field` ("appearance.top_colour").
Result<Appearance> appearance_from_json(const Json& json, std::string_view field = "appearance");

// Everybody in one file: nodes person_lod0/1/2 with all variants (attribute _PART), one skin, and the clips.
Bytes person_glb();
// One person to take away: only the parts that show, colours baked into COLOR_0, the same skin and clips.
Bytes person_glb(const Appearance& appearance);

// ---- Scenes ------------------------------------------------------------------------------------------------------------

struct Place {
  motion::Vec3 position;
  float yaw = 0;
};

// Where a gate to another world stands well: its middle on the ground, looking at who comes.
struct Gate {
  Place place;
  float width = 2.6f, height = 3.0f;  // of the opening
};

// Where simulated people may go: points joined by straight, free ways. A walker keeps within `width`/2 of the line.
struct WalkGraph {
  struct Way {
    std::uint16_t from = 0, to = 0;
    float width = 1.5f;
  };
  std::vector<motion::Vec3> points;
  std::vector<Way> ways;
};

struct Scene {
  Bytes glb;
  std::vector<motion::Triangle> collision;  // simple closed shapes and the ground; for motion::bake
  Place spawn;
  float spawn_radius = 3;
  std::vector<Gate> gates;  // at least three, best first
  WalkGraph walks;  // connected
  std::vector<Place> stands;  // good spots to stand and look: groups, viewpoints
  // Middle of a seat's front edge, at seat height. Who sits has the feet on the ground below it or, where one bumps into the
  // seat, 32 cm before it: that place must be free. Pictures show one on the seat where its surface (34 to 62 cm) is collision.
  std::vector<Place> seats;
  std::optional<SeatPlan> seating;  // numbered seats beyond those (seats.h)
  std::vector<motion::Vec3> lamps;  // where the light of lamps comes from
  motion::Vec3 low, high;  // bounds of where one can walk
  std::uint32_t triangles = 0;  // drawn, instances counted
};

// The kits there are: "plaza", "garden", "stadium".
std::span<const std::string_view> scene_kits();

// `parameters`, all optional: seed (0 to 2^32-1), accent ("#RRGGBB"), and for a stadium seats (8,000 to 80,000, a multiple of
// 4; 68,000). Errors: `not_found` for the kit, `invalid` with
// the parameter's name.
Result<Scene> make_scene(std::string_view kit, const Json& parameters);

// ---- Things ------------------------------------------------------------------------------------------------------------

// A model that people put into a world, by entity.add, and that scenes are furnished with.
struct CatalogueEntry {
  std::string_view name;  // "bench"; the model's name in calls and in /models/NAME.glb
  std::string_view title_en;
  std::string_view title_zh;
  std::string_view
      colour;  // "#RRGGBB" of what a thing's own colour replaces (material "tint"); empty when nothing does
  bool solid = true;  // has collision
};
std::span<const CatalogueEntry> catalogue();

struct CatalogueModel {
  Bytes glb;  // origin on the ground, in the middle; faces +z
  std::vector<motion::Triangle> collision;  // empty when one walks through it
};
// Error `not_found` for a name that is not in the catalogue.
Result<CatalogueModel> catalogue_model(std::string_view name);

}  // namespace mw::kit
