// Things to furnish places with, each a sculpture on the ground at the origin, facing +z, lit by itself (occlusion baked), and
// what one bumps into. The catalogue and the scenes share them.
#pragma once

#include <vector>

#include "kit/sculpt.h"
#include "motion/collision.h"

namespace mw::kit {

// Collision as closed boxes, prisms and slabs.
class Solids {
 public:
  void box(Vec3 middle, Vec3 size, float yaw = 0);
  void pillar(Vec3 foot, float radius, float height, int sides = 8);
  void quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d);
  void triangle(Vec3 a, Vec3 b, Vec3 c) { all_.push_back({to(a), to(b), to(c)}); }
  void append(const Solids& other, const Transform& at);
  const std::vector<motion::Triangle>& triangles() const { return all_; }
  std::vector<motion::Triangle> take() { return std::move(all_); }

 private:
  static motion::Vec3 to(Vec3 v) { return {v.x, v.y, v.z}; }
  std::vector<motion::Triangle> all_;
};

// Repeatable randomness for a person, a place or a thing. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators" (2014), as SplitMix64.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 0x632BE59BD9B4E019u) {}
  std::uint64_t next();
  float unit() { return static_cast<float>(next() >> 40) / static_cast<float>(1 << 24); }  // 0 to 1
  bool chance(float share) { return unit() < share; }
  std::uint8_t pick(std::span<const std::uint8_t> from) { return from[next() % from.size()]; }
  float range(float low, float high) { return low + (high - low) * unit(); }
  int below(int count) { return std::min(static_cast<int>(unit() * static_cast<float>(count)), count - 1); }

 private:
  std::uint64_t state_;
};

// The shared tones.
namespace tone {
inline constexpr Srgb kChalk = 0xEDE8E0, kSand = 0xD6CFC4, kStone = 0xA8A29A, kSlate = 0x6F6A66, kInk = 0x35353A;
inline constexpr Srgb kWood = 0xB8875A, kDarkWood = 0x7A5638, kLeafDark = 0x5F8F46, kLeaf = 0x7FA650,
                      kLeafLight = 0xA7C957;
inline constexpr Srgb kSoil = 0x5A4636, kWater = 0x3A86A8, kTeal = 0x2A9D8F, kLamp = 0xFFE9C4, kPane = 0x4A5A66;
inline constexpr Srgb kBlossom = 0xF2B8C6, kMaple = 0xD9622B, kVermilion = 0xC8452E;
}  // namespace tone

struct Thing {
  Sculpture shape;
  Solids solids;
};

Thing bench();
Thing lamp();
Thing bollard();
Thing sign();
Thing crate();
Thing table();  // with two stools and a parasol
Thing kiosk(Srgb accent = tone::kTeal);
Thing planter();
Thing flowerbed();
Thing hedge();  // two metres of it
Thing tree();
Thing tree_round();
Thing tree_tall();
Thing cherry();
Thing maple();
Thing fountain(Srgb accent = tone::kTeal);
Thing pavilion();
Thing gate();  // frame of a portal, opening 2.6 by 3.0 m
Thing stone_lantern();
Thing rock();
Thing bush();

// A round crown of leaves from a few spheres, for trees and bushes.
struct Crown {
  std::vector<Vec3> middles;
  std::vector<float> radii;
  Srgb dark = tone::kLeafDark, light = tone::kLeafLight;
  float lumps = 0.13f;  // height of the bumps, m
  float per_metre = 4.6f;  // bumps
  float step = 0.35f;  // of the grid, m: decides the number of triangles
};
void add_crown(Sculpture& out, const Crown& crown);

}  // namespace mw::kit
