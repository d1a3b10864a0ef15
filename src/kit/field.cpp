#include "kit/field.h"

#include <array>
#include <cmath>

#include "base/assert.h"

namespace mw::kit {

using gltf::clamp01;
using gltf::dot;
using gltf::length;

float ellipsoid(Vec3 p, Vec3 middle, Vec3 radii) {
  const Vec3 d = p - middle;
  const Vec3 q{d.x / radii.x, d.y / radii.y, d.z / radii.z};
  const float k0 = length(q);
  const float k1 = length({q.x / radii.x, q.y / radii.y, q.z / radii.z});
  return k1 > 1e-9f ? k0 * (k0 - 1) / k1 : -std::min({radii.x, radii.y, radii.z});
}

float sphere(Vec3 p, Vec3 middle, float radius) { return length(p - middle) - radius; }

float cone(Vec3 p, Vec3 a, Vec3 b, float ra, float rb) {
  const Vec3 along = b - a;
  const float t = clamp01(dot(p - a, along) / dot(along, along));
  return length(p - (a + along * t)) - (ra + (rb - ra) * t);
}

float round_box(Vec3 p, Vec3 middle, Vec3 half, float radius) {
  const Vec3 d = p - middle;
  const Vec3 q{std::abs(d.x) - half.x + radius, std::abs(d.y) - half.y + radius, std::abs(d.z) - half.z + radius};
  const Vec3 out{std::max(q.x, 0.f), std::max(q.y, 0.f), std::max(q.z, 0.f)};
  return length(out) + std::min(std::max({q.x, q.y, q.z}), 0.f) - radius;
}

float torus(Vec3 p, Vec3 middle, float ring, float tube) {
  const Vec3 d = p - middle;
  const float flat = std::sqrt(d.x * d.x + d.z * d.z) - ring;
  return std::sqrt(flat * flat + d.y * d.y) - tube;
}

float join(float a, float b, float soft) {
  const float h = std::max(soft - std::abs(a - b), 0.f);
  return std::min(a, b) - h * h / (4 * soft);
}

float meet(float a, float b, float soft) { return -join(-a, -b, soft); }

float carve(float a, float cutter, float soft) { return meet(a, -cutter, soft); }

Vec3 gradient(const Field& field, Vec3 p, float step) {
  return {field({p.x + step, p.y, p.z}) - field({p.x - step, p.y, p.z}),
          field({p.x, p.y + step, p.z}) - field({p.x, p.y - step, p.z}),
          field({p.x, p.y, p.z + step}) - field({p.x, p.y, p.z - step})};
}

namespace {

class Net {
 public:
  Net(const Field& field, const Bounds& bounds, float step) : field_(field), low_(bounds.low), step_(step) {
    const Vec3 size = bounds.size();
    for (std::size_t axis = 0; axis < 3; ++axis) {
      count_[axis] = static_cast<int>(std::ceil(size[static_cast<int>(axis)] / step)) + 2;
    }
    values_.resize(static_cast<std::size_t>(count_[0]) * count_[1] * count_[2]);
  }

  Surface build() {
    sample();
    vertex_of_.assign(values_.size(), -1);
    for (int z = 0; z + 1 < count_[2]; ++z) {
      for (int y = 0; y + 1 < count_[1]; ++y) {
        for (int x = 0; x + 1 < count_[0]; ++x) add_vertex(x, y, z);
      }
    }
    for (int z = 1; z + 1 < count_[2]; ++z) {
      for (int y = 1; y + 1 < count_[1]; ++y) {
        for (int x = 1; x + 1 < count_[0]; ++x) add_faces(x, y, z);
      }
    }
    settle();
    return std::move(out_);
  }

 private:
  std::size_t at(int x, int y, int z) const { return (static_cast<std::size_t>(z) * count_[1] + y) * count_[0] + x; }
  Vec3 point(int x, int y, int z) const {
    return low_ + Vec3{static_cast<float>(x), static_cast<float>(y), static_cast<float>(z)} * step_;
  }

  // Blocks whose middle is farther from the surface than their own radius are filled with that distance: the field is only
  // evaluated near its surface.
  void sample() {
    constexpr int kBlock = 6;
    const float radius = step_ * kBlock * 0.87f * 1.6f;
    for (int z = 0; z < count_[2]; z += kBlock) {
      for (int y = 0; y < count_[1]; y += kBlock) {
        for (int x = 0; x < count_[0]; x += kBlock) {
          const float half = kBlock * 0.5f * step_;
          const float middle = field_(point(x, y, z) + Vec3{half, half, half});
          fill({x, y, z}, kBlock, middle, std::abs(middle) > radius);
        }
      }
    }
  }
  void fill(std::array<int, 3> from, int block, float middle, bool far) {
    for (int z = from[2]; z < std::min(from[2] + block, count_[2]); ++z) {
      for (int y = from[1]; y < std::min(from[1] + block, count_[1]); ++y) {
        for (int x = from[0]; x < std::min(from[0] + block, count_[0]); ++x) {
          values_[at(x, y, z)] = far ? middle : field_(point(x, y, z));
        }
      }
    }
  }

  void add_vertex(int x, int y, int z) {
    std::array<float, 8> v{};
    int inside = 0;
    for (int i = 0; i < 8; ++i) {
      v[static_cast<std::size_t>(i)] = values_[at(x + (i & 1), y + (i >> 1 & 1), z + (i >> 2))];
      inside += v[static_cast<std::size_t>(i)] < 0;
    }
    if (inside == 0 || inside == 8) return;
    Vec3 sum;
    float crossings = 0;
    for (int a = 0; a < 8; ++a) {
      for (int bit = 1; bit < 8; bit <<= 1) {
        const int b = a | bit;
        if (b == a) continue;
        const float va = v[static_cast<std::size_t>(a)], vb = v[static_cast<std::size_t>(b)];
        if ((va < 0) == (vb < 0)) continue;
        const float t = va / (va - vb);
        const auto corner = [](int i) {
          return Vec3{static_cast<float>(i & 1), static_cast<float>(i >> 1 & 1), static_cast<float>(i >> 2)};
        };
        sum += gltf::lerp(corner(a), corner(b), t);
        crossings += 1;
      }
    }
    vertex_of_[at(x, y, z)] = static_cast<int>(out_.positions.size());
    out_.positions.push_back(point(x, y, z) + sum * (step_ / crossings));
  }

  // For each grid edge that crosses the surface: the quad of the four cells around it.
  void add_faces(int x, int y, int z) {
    const float here = values_[at(x, y, z)];
    const std::array<std::array<int, 3>, 3> axes{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto& d = axes[axis];
      const float there = values_[at(x + d[0], y + d[1], z + d[2])];
      if ((here < 0) == (there < 0)) continue;
      const auto& u = axes[(axis + 1) % 3];
      const auto& w = axes[(axis + 2) % 3];
      const int a = vertex_of_[at(x, y, z)], b = vertex_of_[at(x - u[0], y - u[1], z - u[2])];
      const int c = vertex_of_[at(x - u[0] - w[0], y - u[1] - w[1], z - u[2] - w[2])];
      const int e = vertex_of_[at(x - w[0], y - w[1], z - w[2])];
      MW_ASSERT(a >= 0 && b >= 0 && c >= 0 && e >= 0);
      if (here < 0) {
        quad(a, b, c, e);
      } else {
        quad(a, e, c, b);
      }
    }
  }
  void quad(int a, int b, int c, int d) {
    for (int i : {a, b, c, a, c, d}) out_.indices.push_back(static_cast<std::uint32_t>(i));
  }

  // Newton's steps along the gradient, no further than a cell.
  void settle() {
    const float h = step_ * 0.2f;
    for (Vec3& p : out_.positions) {
      Vec3 slope;
      for (int round = 0; round < 3; ++round) {
        slope = gradient(field_, p, h) * (1 / (2 * h));
        const float steep = dot(slope, slope);
        if (steep < 1e-6f) break;
        Vec3 move = slope * (-field_(p) / steep);
        const float far = length(move);
        if (far > step_ * 0.5f) move *= step_ * 0.5f / far;
        p += move;
      }
      out_.normals.push_back(gltf::normalised(gradient(field_, p, h)));
    }
  }

  const Field& field_;
  Vec3 low_;
  float step_;
  std::array<int, 3> count_{};
  std::vector<float> values_;
  std::vector<int> vertex_of_;
  Surface out_;
};

}  // namespace

Surface surface_of(const Field& field, const Bounds& bounds, float step) { return Net(field, bounds, step).build(); }

}  // namespace mw::kit
