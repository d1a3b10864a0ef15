// A scene in the making: what is built for it alone, what is furnished with instances, what one bumps into, where one goes.
#pragma once

#include <string>
#include <vector>

#include "kit/kit.h"
#include "kit/things.h"

namespace mw::kit {

class Layout {
 public:
  Sculpture ground;  // lit last, by everything that stands on it
  Sculpture built;  // buildings and walls
  Sculpture horizon;  // far away: not lit, not bumped into
  Solids solids;
  Scene scene;  // spawn, gates, walks, seats, stands, lamps, bounds are filled in by the kit

  // A kind of thing to furnish with; its solids go with every placing unless `solid` is false.
  int kind(std::string name, Thing thing, bool solid = true);
  void put(int kind, Vec3 at, float yaw = 0, float scale = 1, Vec3 tint = {1, 1, 1});
  void put(int kind, const Transform& at, Vec3 tint = {1, 1, 1});

  // Two points and a way between them, made once each.
  std::uint16_t point(Vec3 at);
  void way(std::uint16_t from, std::uint16_t to, float width);

  // Lights everything, writes the file, counts.
  Scene finish(const MaterialLook& look);

 private:
  struct Kind {
    std::string name;
    Thing thing;
    bool solid;
    std::vector<gltf::Instance> places;
  };
  std::vector<Kind> kinds_;
};

// A colour between darker and lighter by a repeatable throw, for stones and tiles.
Srgb varied(Srgb colour, Dice& dice, float by);

struct SceneParameters {
  std::uint64_t seed = 1;
  Srgb accent = tone::kTeal;
};
Scene make_plaza(const SceneParameters& parameters);
Scene make_garden(const SceneParameters& parameters);

}  // namespace mw::kit
