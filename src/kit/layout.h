// A scene in the making: what is built for it alone, what is furnished with instances, what one bumps into, where one goes.
#pragma once

#include <array>
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

  // Something that is drawn while the eye is at least `from` and less than `to` metres from `middle` (`to` 0: however far):
  // levels of detail of one place have ranges that meet. Renderers that do not know of it draw all of them.
  struct Seen {
    Vec3 middle;
    float from = 0, to = 0;
  };
  int shared(std::string name, Sculpture shape);  // a shape for `level`
  void level(int shape, const Seen& seen, std::vector<gltf::Instance> places = {});

  // A lamp that lights a whole place, in candela, up to `range` metres; comes before all others.
  void flood(Vec3 at, float candela, float range) { floods_.push_back({at.x, at.y, at.z, candela, range}); }

  // What is built is lit already: for places so large that rays would take seconds.
  bool lit = false;

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
  struct Level {
    int shape = 0;
    Seen seen;
    std::vector<gltf::Instance> places;
  };
  void bake();
  std::vector<Kind> kinds_;
  std::vector<gltf::Mesh> shapes_;
  std::vector<Level> levels_;
  std::vector<std::array<float, 5>> floods_;
};

// A colour between darker and lighter by a repeatable throw, for stones and tiles.
Srgb varied(Srgb colour, Dice& dice, float by);

struct SceneParameters {
  std::uint64_t seed = 1;
  Srgb accent = tone::kTeal;
  std::uint32_t seats = kStadiumSeats;  // of a stadium
};
Scene make_plaza(const SceneParameters& parameters);
Scene make_garden(const SceneParameters& parameters);
Scene make_stadium(const SceneParameters& parameters);

}  // namespace mw::kit
