#include "kit/things.h"

#include <cmath>

namespace mw::kit {

using gltf::kPi;
using gltf::rotate;
using gltf::turn_y;

void Solids::quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d) {
  triangle(a, b, c);
  triangle(a, c, d);
}

void Solids::box(Vec3 middle, Vec3 size, float yaw) {
  const Vec3 h = size * 0.5f;
  const auto at = [&](float x, float y, float z) {
    return middle + rotate(turn_y(yaw), Vec3{x * h.x, y * h.y, z * h.z});
  };
  quad(at(-1, -1, 1), at(1, -1, 1), at(1, 1, 1), at(-1, 1, 1));
  quad(at(1, -1, -1), at(-1, -1, -1), at(-1, 1, -1), at(1, 1, -1));
  quad(at(1, -1, 1), at(1, -1, -1), at(1, 1, -1), at(1, 1, 1));
  quad(at(-1, -1, -1), at(-1, -1, 1), at(-1, 1, 1), at(-1, 1, -1));
  quad(at(-1, 1, 1), at(1, 1, 1), at(1, 1, -1), at(-1, 1, -1));
  quad(at(-1, -1, -1), at(1, -1, -1), at(1, -1, 1), at(-1, -1, 1));
}

void Solids::pillar(Vec3 foot, float radius, float height, int sides) {
  const Vec3 up{0, height, 0};
  const auto at = [&](int i) {
    const float angle = 2 * kPi * static_cast<float>(i) / static_cast<float>(sides);
    return foot + Vec3{radius * std::sin(angle), 0, radius * std::cos(angle)};
  };
  for (int i = 0; i < sides; ++i) {
    quad(at(i), at(i + 1), at(i + 1) + up, at(i) + up);
    triangle(foot + up, at(i) + up, at(i + 1) + up);
  }
}

void Solids::append(const Solids& other, const Transform& at) {
  const auto move = [&](motion::Vec3 v) { return to(at({v.x, v.y, v.z})); };
  for (const motion::Triangle& t : other.all_) all_.push_back({move(t.a), move(t.b), move(t.c)});
}

std::uint64_t Dice::next() {
  std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

void add_crown(Sculpture& out, const Crown& crown) {
  const Field field = [&crown](Vec3 p) {
    float d = 1e9f;
    for (std::size_t i = 0; i < crown.middles.size(); ++i)
      d = join(d, sphere(p, crown.middles[i], crown.radii[i]), 0.35f);
    const float k = crown.per_metre;
    const float bumps = std::sin(k * p.x + 1.3f * std::sin(0.7f * k * p.y)) * std::sin(k * p.y + 0.8f) *
                        std::sin(k * p.z + std::sin(0.6f * k * p.x));
    return d + crown.lumps * bumps;
  };
  Bounds bounds;
  for (std::size_t i = 0; i < crown.middles.size(); ++i) {
    const float r = crown.radii[i] + crown.lumps + 2 * crown.step;
    bounds.add(crown.middles[i] - Vec3{r, r, r});
    bounds.add(crown.middles[i] + Vec3{r, r, r});
  }
  const Surface surface = surface_of(field, bounds, crown.step);
  const Vec3 dark = linear(crown.dark), light = linear(crown.light);
  const float low = bounds.low.y, high = bounds.high.y;
  out.use(Finish::leaf, crown.light);
  out.surface(surface, [&](Vec3 p, Vec3 n) {
    const float up = gltf::clamp01(0.55f * (p.y - low) / (high - low) + 0.30f * n.y +
                                   0.18f * std::sin(5 * p.x + 4 * p.z) * std::sin(4 * p.y) + 0.12f);
    return gltf::lerp(dark, light, up);
  });
}

}  // namespace mw::kit
