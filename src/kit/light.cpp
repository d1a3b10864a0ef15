// Ambient occlusion: rays from each vertex against a bounding volume hierarchy of what stands around. And the way of a
// sculpture into a model.
#include <cmath>
#include <map>

#include "gltf/simplify.h"
#include "kit/sculpt.h"

namespace mw::kit {
namespace {

using gltf::cross;
using gltf::dot;
using gltf::normalised;

struct Tri {
  Vec3 a, e1, e2;
};

class Blockers {
 public:
  void add(const Sculpture& sculpture) {
    for (Finish finish : {Finish::matt, Finish::tint, Finish::leaf, Finish::paving, Finish::metal, Finish::glass}) {
      const Layer& layer = sculpture.layer(finish);
      for (std::size_t i = 0; i < layer.indices.size(); i += 3) {
        const Vec3 a = layer.positions[layer.indices[i]], b = layer.positions[layer.indices[i + 1]],
                   c = layer.positions[layer.indices[i + 2]];
        tris_.push_back({a, b - a, c - a});
      }
    }
  }
  // The ground as one great quad, for things that are lit by themselves.
  void add_ground(const Bounds& around) {
    const Vec3 low{around.low.x - 20, 0, around.low.z - 20}, high{around.high.x + 20, 0, around.high.z + 20};
    tris_.push_back({low, {0, 0, high.z - low.z}, {high.x - low.x, 0, 0}});
    tris_.push_back({{high.x, 0, high.z}, {0, 0, low.z - high.z}, {low.x - high.x, 0, 0}});
  }
  void build() {
    nodes_.reserve(tris_.size() / 2 + 2);
    if (!tris_.empty()) split(0, tris_.size());
  }

  // Distance to the nearest hit within `reach`, or `reach`.
  float trace(Vec3 from, Vec3 way, float reach) const {
    if (nodes_.empty()) return reach;
    const Vec3 inverse{1 / way.x, 1 / way.y, 1 / way.z};
    std::array<std::uint32_t, 64> stack{};
    std::size_t depth = 1;
    float best = reach;
    while (depth > 0) {
      const Node& node = nodes_[stack[--depth]];
      if (!near(node, from, inverse, best)) continue;
      if (node.count > 0) {
        for (std::uint32_t i = node.first; i < node.first + node.count; ++i)
          best = std::min(best, hit(tris_[i], from, way, best));
      } else if (depth + 2 <= stack.size()) {
        stack[depth++] = node.first;
        stack[depth++] = node.second;
      }
    }
    return best;
  }

 private:
  struct Node {
    Bounds box;
    std::uint32_t first = 0, second = 0, count = 0;
  };

  static bool near(const Node& node, Vec3 from, Vec3 inverse, float best) {
    float t0 = 0, t1 = best;
    for (int axis = 0; axis < 3; ++axis) {
      const float a = (node.box.low[axis] - from[axis]) * inverse[axis],
                  b = (node.box.high[axis] - from[axis]) * inverse[axis];
      t0 = std::max(t0, std::min(a, b)), t1 = std::min(t1, std::max(a, b));
    }
    return t0 <= t1;
  }
  // T. Moeller and B. Trumbore, "Fast, minimum storage ray/triangle intersection" (1997).
  static float hit(const Tri& tri, Vec3 from, Vec3 way, float best) {
    const Vec3 p = cross(way, tri.e2);
    const float det = dot(tri.e1, p);
    if (std::abs(det) < 1e-9f) return best;
    const Vec3 s = from - tri.a;
    const float u = dot(s, p) / det;
    if (u < 0 || u > 1) return best;
    const Vec3 q = cross(s, tri.e1);
    const float v = dot(way, q) / det;
    if (v < 0 || u + v > 1) return best;
    const float t = dot(tri.e2, q) / det;
    return t > 1e-4f ? std::min(best, t) : best;
  }

  std::uint32_t split(std::size_t from, std::size_t to) {
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    Bounds box, middles;
    for (std::size_t i = from; i < to; ++i) {
      const Tri& t = tris_[i];
      box.add(t.a), box.add(t.a + t.e1), box.add(t.a + t.e2);
      middles.add(t.a + (t.e1 + t.e2) * (1.f / 3));
    }
    nodes_[index].box = box;
    const Vec3 size = middles.size();
    const int axis = size.x > size.y && size.x > size.z ? 0 : size.y > size.z ? 1 : 2;
    if (to - from <= 6 || size[axis] < 1e-5f) {
      nodes_[index].first = static_cast<std::uint32_t>(from),
      nodes_[index].count = static_cast<std::uint32_t>(to - from);
      return index;
    }
    const auto middle = static_cast<std::ptrdiff_t>((from + to) / 2);
    std::nth_element(tris_.begin() + static_cast<std::ptrdiff_t>(from), tris_.begin() + middle,
                     tris_.begin() + static_cast<std::ptrdiff_t>(to), [axis](const Tri& a, const Tri& b) {
                       return 3 * a.a[axis] + a.e1[axis] + a.e2[axis] < 3 * b.a[axis] + b.e1[axis] + b.e2[axis];
                     });
    const std::uint32_t left = split(from, static_cast<std::size_t>(middle)),
                        right = split(static_cast<std::size_t>(middle), to);
    nodes_[index].first = left, nodes_[index].second = right;
    return index;
  }

  std::vector<Tri> tris_;
  std::vector<Node> nodes_;
};

// Directions over the hemisphere about +z, denser towards the middle as the cosine asks (Fibonacci's spiral).
std::vector<Vec3> hemisphere(int rays) {
  std::vector<Vec3> out;
  for (int i = 0; i < rays; ++i) {
    const float u = (static_cast<float>(i) + 0.5f) / static_cast<float>(rays),
                angle = 2.399963f * static_cast<float>(i);
    const float r = std::sqrt(u);
    out.push_back({r * std::cos(angle), r * std::sin(angle), std::sqrt(1 - u)});
  }
  return out;
}

// A place and the way it faces, to the millimetre.
using Spot = std::array<std::int32_t, 4>;
Spot spot(Vec3 p, Vec3 n) {
  const auto whole = [](float v, float steps) { return static_cast<std::int32_t>(std::lround(v * steps)); };
  const std::int32_t facing = (whole(n.x, 100) + 128) << 16 | (whole(n.y, 100) + 128) << 8 | (whole(n.z, 100) + 128);
  return {whole(p.x, 1000), whole(p.y, 1000), whole(p.z, 1000), facing};
}

}  // namespace

void bake_light(Sculpture& subject, std::span<const Sculpture* const> others, float reach, int rays, bool ground,
                float lift) {
  Blockers blockers;
  blockers.add(subject);
  for (const Sculpture* other : others) blockers.add(*other);
  if (ground) blockers.add_ground(subject.bounds());
  blockers.build();
  const std::vector<Vec3> ways = hemisphere(rays);
  for (Finish finish : {Finish::matt, Finish::tint, Finish::leaf, Finish::paving, Finish::metal}) {
    Layer& layer = subject.layer(finish);
    std::map<Spot, float> seen;  // neighbours that differ in colour alone share their light
    for (std::size_t i = 0; i < layer.positions.size(); ++i) {
      const Vec3 n = layer.normals[i];
      const auto [known, fresh] = seen.try_emplace(spot(layer.positions[i], n), 0.f);
      if (!fresh) {
        layer.open[i] *= known->second;
        continue;
      }
      const Vec3 side = normalised(cross(std::abs(n.y) < 0.9f ? Vec3{0, 1, 0} : Vec3{1, 0, 0}, n)), up = cross(n, side);
      const Vec3 from = layer.positions[i] + n * lift;
      float shut = 0;
      for (Vec3 w : ways) {
        const float far = blockers.trace(from, side * w.x + up * w.y + n * w.z, reach);
        const float near = 1 - far / reach;
        shut += near * near * (3 - 2 * near);
      }
      // Light that bounces between pale surfaces keeps corners from going black.
      const float open = 1 - 0.78f * shut / static_cast<float>(rays);
      known->second = finish == Finish::leaf ? 0.45f + 0.55f * open : open;
      layer.open[i] *= known->second;
    }
  }
}

gltf::Mesh to_mesh(const Sculpture& sculpture, std::string name) {
  gltf::Mesh mesh;
  mesh.name = std::move(name);
  for (std::size_t k = 0; k < static_cast<std::size_t>(Finish::count); ++k) {
    const auto finish = static_cast<Finish>(k);
    const Layer& layer = sculpture.layer(finish);
    if (layer.indices.empty()) continue;
    gltf::Primitive out;
    out.material = static_cast<int>(k);
    out.positions = layer.positions;
    out.normals = layer.normals;
    out.indices = layer.indices;
    for (std::size_t i = 0; i < layer.positions.size(); ++i) {
      const Vec3 c = layer.colours[i] * layer.open[i];
      const auto byte = [](float v) { return static_cast<std::uint8_t>(std::lround(gltf::clamp01(v) * 255)); };
      out.colours.push_back({byte(c.x), byte(c.y), byte(c.z), byte(layer.alpha[i])});
    }
    if (finish == Finish::paving) {
      for (Vec3 p : layer.positions) out.uvs.push_back({p.x / 2.4f, p.z / 2.4f});
    }
    gltf::compact(out);
    mesh.primitives.push_back(std::move(out));
  }
  return mesh;
}

namespace {

// Slabs in running bond with joints a shade darker and each slab a shade of its own: 2.4 m in 512 texels.
Bytes paving_png() {
  constexpr int kSize = 512, kRows = 6;
  Bytes pixels(kSize * kSize);
  const auto hash = [](std::uint32_t x) {
    x ^= x >> 16, x *= 0x7FEB352Du, x ^= x >> 15, x *= 0x846CA68Bu;
    return x ^ x >> 16;
  };
  constexpr int kHigh = kSize / kRows + 1;
  for (int y = 0; y < kSize; ++y) {
    const int row = y * kRows / kSize, in_row = y - (row * kSize + kRows - 1) / kRows;
    for (int x = 0; x < kSize; ++x) {
      const int shifted = (x + (row % 2 == 0 ? 0 : kSize / 6) + row * 37) % kSize;
      const int slab = shifted * 3 / kSize, in_slab = shifted - slab * kSize / 3;
      const int edge = std::min({in_row, kHigh - 1 - in_row, in_slab, kSize / 3 - in_slab});
      int value = 243 - static_cast<int>(hash(static_cast<std::uint32_t>(row * 3 + slab)) % 17);
      value -= static_cast<int>(hash(static_cast<std::uint32_t>(x / 2 * 4099 + y / 2)) % 3) * 2;
      if (edge <= 1) value -= 44;
      if (edge == 2) value += 6;
      pixels[static_cast<std::size_t>(y) * kSize + static_cast<std::size_t>(x)] =
          static_cast<Byte>(std::clamp(value, 0, 255));
    }
  }
  return gltf::png(kSize, kSize, 1, pixels);
}

}  // namespace

void add_materials(gltf::Model& model, const MaterialLook& look) {
  const auto add = [&](const char* name, float roughness, float metallic) -> gltf::Material& {
    gltf::Material material;
    material.name = name, material.roughness = roughness, material.metallic = metallic;
    model.materials.push_back(material);
    return model.materials.back();
  };
  add("matt", 0.92f, 0);
  const Vec3 tint = linear(look.tint);
  add("tint", 0.85f, 0).base = {tint.x, tint.y, tint.z, 1};
  add("leaf", 0.95f, 0);
  gltf::Material& paving = add("paving", 0.88f, 0);
  if (look.paving_texture) {
    model.images.push_back(paving_png());
    paving.texture = 0;
  }
  add("metal", 0.48f, 0.35f);
  add("glass", 0.18f, 0.1f);
  gltf::Material& glow = add("glow", 0.6f, 0);
  glow.emissive = {1.0f, 0.80f, 0.52f};
  glow.emissive_strength = 1.6f;
  add("water", 0.12f, 0.05f);
  gltf::Material& shade = add("shade", 1, 0);
  shade.blend = true;
  add("far", 1, 0);
  add("board", 1, 0).unlit = true;
}

}  // namespace mw::kit
