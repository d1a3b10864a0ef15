// The parts of the garden.
#pragma once

#include <vector>

#include "kit/layout.h"

namespace mw::kit::garden {

inline constexpr float kWater = -0.22f;  // height of the pond's surface
inline constexpr float kReach = 41;      // how far from the middle one can walk
inline constexpr Vec3 kHill{0, 4.2f, -27};

// A way on the ground; its height is the ground's before ways were cut into it.
struct Path {
  std::vector<Vec2> points;  // x, z; smooth curve through them
  float width = 2.2f;
};

// Heights and colours of the ground.
class Land {
 public:
  explicit Land(std::uint64_t seed);
  void add_path(Path path);  // before the first height is asked
  const std::vector<Path>& paths() const { return paths_; }

  // Fixes the heights on the grid that is drawn and walked on; after the last path.
  void settle();
  static constexpr float kCell = 1.25f;
  static constexpr int kCells = 80;  // a side: the ground reaches 50 m from the middle
  Vec3 corner(int i, int k) const;   // of the grid
  // Height of the ground that is drawn.
  float height(float x, float z) const;
  Vec3 at(float x, float z) const { return {x, height(x, z), z}; }
  // Below 1 inside of the pond, growing outwards.
  float pond(float x, float z) const;
  // Metres from the middle line of the nearest path beyond its half width; negative on it.
  float off_path(float x, float z) const;

 private:
  struct Near {
    float off;
    Vec2 point;
  };
  Near nearest(float x, float z) const;
  float wild(float x, float z) const;
  float shaped(float x, float z) const;  // with paths and pond
  float shift_[4];
  std::vector<Path> paths_;
  std::vector<float> grid_;
  std::vector<std::pair<Vec2, float>> dots_;  // samples of all paths with half widths
};

std::vector<Vec2> smooth_curve(const std::vector<Vec2>& points, float step);

void add_ground(Layout& layout, const Land& land, Dice& dice);
void add_bridge(Layout& layout, float z_from, float z_to, Srgb colour);
void add_mountains(Layout& layout, Dice& dice);

}  // namespace mw::kit::garden
