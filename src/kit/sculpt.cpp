#include "kit/sculpt.h"

#include <cmath>

#include "base/assert.h"

namespace mw::kit {

using gltf::cross;
using gltf::dot;
using gltf::kPi;
using gltf::normalised;
using gltf::rotate;

std::uint32_t Sculpture::vertex(Vec3 p, Vec3 n, float alpha, float open) {
  Layer& layer = now();
  layer.positions.push_back(place(p));
  const Vec3 s = place.scale;
  layer.normals.push_back(normalised(rotate(place.rotation, {n.x / s.x, n.y / s.y, n.z / s.z})));
  layer.colours.push_back(colour_);
  layer.open.push_back(open);
  layer.alpha.push_back(alpha);
  return static_cast<std::uint32_t>(layer.positions.size() - 1);
}

void Sculpture::triangle(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  auto& indices = now().indices;
  indices.insert(indices.end(), {a, b, c});
}

void Sculpture::quad(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  triangle(a, b, c);
  triangle(a, c, d);
}

void Sculpture::flat_quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d) {
  const Vec3 n = normalised(cross(b - a, c - a));
  const auto first = vertex(a, n);
  vertex(b, n), vertex(c, n), vertex(d, n);
  quad(first, first + 1, first + 2, first + 3);
}

// Each corner has one vertex per face, with that face's normal: flat faces stay flat, and the light runs over the bevel.
void Sculpture::box(Vec3 middle, Vec3 size, float bevel, float yaw) {
  const Vec3 half = size * 0.5f;
  const float b = std::min({bevel, half.x * 0.98f, half.y * 0.98f, half.z * 0.98f});
  const gltf::Quat q = gltf::turn_y(yaw);
  std::array<std::array<std::uint32_t, 3>, 8> at{};
  for (std::size_t corner = 0; corner < 8; ++corner) {
    const Vec3 sign{corner & 1 ? 1.f : -1.f, corner & 2 ? 1.f : -1.f, corner & 4 ? 1.f : -1.f};
    for (int axis = 0; axis < 3; ++axis) {
      Vec3 inset{b, b, b}, n;
      inset[axis] = 0, n[axis] = sign[axis];
      at[corner][static_cast<std::size_t>(axis)] = vertex(middle + rotate(q, sign * (half - inset)), rotate(q, n));
    }
  }
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t u = std::size_t{1} << (axis + 1) % 3, w = std::size_t{1} << (axis + 2) % 3,
                      bit = std::size_t{1} << axis;
    quad(at[bit][axis], at[bit | u][axis], at[bit | u | w][axis], at[bit | w][axis]);
    quad(at[0][axis], at[w][axis], at[u | w][axis], at[u][axis]);
  }
  if (b <= 0) return;
  for (std::size_t axis = 0; axis < 3; ++axis) {  // edges along each axis
    const std::size_t u = (axis + 1) % 3, w = (axis + 2) % 3, bit = std::size_t{1} << axis;
    for (int side = 0; side < 4; ++side) {
      const std::size_t base = (side & 1 ? std::size_t{1} << u : 0) | (side & 2 ? std::size_t{1} << w : 0);
      const std::array<std::uint32_t, 4> loop{at[base][u], at[base | bit][u], at[base | bit][w], at[base][w]};
      if ((side == 0) || (side == 3)) {
        quad(loop[0], loop[3], loop[2], loop[1]);
      } else {
        quad(loop[0], loop[1], loop[2], loop[3]);
      }
    }
  }
  for (std::size_t corner = 0; corner < 8; ++corner) {
    const bool odd = ((corner & 1) ^ (corner >> 1 & 1) ^ (corner >> 2 & 1)) != 0;
    const auto& c = at[corner];
    if (odd) {
      triangle(c[0], c[1], c[2]);
    } else {
      triangle(c[0], c[2], c[1]);
    }
  }
}

void Sculpture::walls(Vec3 middle, Vec3 size, float cell) {
  const Vec3 h = size * 0.5f;
  const auto cells = [cell](float length) { return std::max(1, static_cast<int>(std::lround(length / cell))); };
  const int nx = cells(size.x), ny = cells(size.y), nz = cells(size.z);
  sheet(middle + Vec3{-h.x, h.y, h.z}, {size.x, 0, 0}, {0, -size.y, 0}, nx, ny);
  sheet(middle + Vec3{h.x, h.y, h.z}, {0, 0, -size.z}, {0, -size.y, 0}, nz, ny);
  sheet(middle + Vec3{-h.x, h.y, -h.z}, {0, 0, size.z}, {0, -size.y, 0}, nz, ny);
}

void Sculpture::turned(Vec3 at, std::span<const Vec2> profile, int segments) {
  struct Hoop {
    Vec2 p, n;
  };
  std::vector<Hoop> rings;  // in pairs: lower and upper ring of each band
  std::vector<Vec2> slopes;
  for (std::size_t i = 0; i + 1 < profile.size(); ++i) {
    const float dr = profile[i + 1].x - profile[i].x, dy = profile[i + 1].y - profile[i].y;
    const float l = std::max(std::sqrt(dr * dr + dy * dy), 1e-6f);
    slopes.push_back({dy / l, -dr / l});
  }
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    const auto blended = [&](std::size_t other) {
      const Vec2 a = slopes[i], b = slopes[other];
      if (a.x * b.x + a.y * b.y < 0.76f) return a;
      const float l = std::sqrt((a.x + b.x) * (a.x + b.x) + (a.y + b.y) * (a.y + b.y));
      return Vec2{(a.x + b.x) / l, (a.y + b.y) / l};
    };
    rings.push_back({profile[i], i > 0 ? blended(i - 1) : slopes[i]});
    rings.push_back({profile[i + 1], i + 1 < slopes.size() ? blended(i + 1) : slopes[i]});
  }
  for (std::size_t band = 0; band < rings.size(); band += 2) {
    std::uint32_t first = 0;
    for (int s = 0; s <= segments; ++s) {
      const float angle = 2 * kPi * static_cast<float>(s) / static_cast<float>(segments);
      const float c = std::cos(angle), d = std::sin(angle);
      for (std::size_t k = 0; k < 2; ++k) {
        const Hoop& ring = rings[band + k];
        const auto v = vertex(at + Vec3{ring.p.x * d, ring.p.y, ring.p.x * c}, {ring.n.x * d, ring.n.y, ring.n.x * c});
        if (s == 0 && k == 0) first = v;
      }
    }
    for (int s = 0; s < segments; ++s) {
      const auto a = first + static_cast<std::uint32_t>(2 * s);
      if (rings[band].p.x > 1e-5f) triangle(a, a + 2, a + 3);
      if (rings[band + 1].p.x > 1e-5f) triangle(a, a + 3, a + 1);
    }
  }
}

void Sculpture::tube(std::span<const Vec3> path, std::span<const float> radii, int segments) {
  MW_ASSERT(path.size() == radii.size() && path.size() >= 2);
  Vec3 side;
  std::uint32_t first = 0;
  const auto count = static_cast<std::uint32_t>(segments + 1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Vec3 along = normalised(path[std::min(i + 1, path.size() - 1)] - path[i > 0 ? i - 1 : 0]);
    if (i == 0) side = normalised(cross(std::abs(along.y) < 0.9f ? Vec3{0, 1, 0} : Vec3{1, 0, 0}, along));
    side = normalised(side - along * dot(side, along));  // carried along, so that the tube does not twist
    const Vec3 up = cross(along, side);
    for (int s = 0; s <= segments; ++s) {
      const float angle = 2 * kPi * static_cast<float>(s) / static_cast<float>(segments);
      const Vec3 n = side * std::cos(angle) + up * std::sin(angle);
      const auto v = vertex(path[i] + n * radii[i], n);
      if (i == 0 && s == 0) first = v;
    }
    if (i == 0) continue;
    const auto a = first + static_cast<std::uint32_t>(i - 1) * count;
    for (std::uint32_t s = 0; s + 1 < count; ++s) quad(a + s, a + s + 1, a + count + s + 1, a + count + s);
  }
}

void Sculpture::prism(std::span<const Vec2> outline, float y0, float y1, float bevel, bool bottom) {
  const std::size_t n = outline.size();
  Vec2 middle{};
  for (Vec2 p : outline) middle.x += p.x / static_cast<float>(n), middle.y += p.y / static_cast<float>(n);
  std::vector<Vec2> outward(n), inner(n);
  for (std::size_t i = 0; i < n; ++i) {  // of the edge from i to i + 1
    const Vec2 a = outline[i], b = outline[(i + 1) % n];
    const float dx = b.x - a.x, dz = b.y - a.y, l = std::max(std::sqrt(dx * dx + dz * dz), 1e-6f);
    outward[i] = {-dz / l, dx / l};
  }
  for (std::size_t i = 0; i < n; ++i) {
    const Vec2 e = outward[i], f = outward[(i + n - 1) % n];
    const float k = bevel / std::max(1 + e.x * f.x + e.y * f.y, 0.3f);
    inner[i] = {outline[i].x - (e.x + f.x) * k, outline[i].y - (e.y + f.y) * k};
  }
  const float shoulder = y1 - bevel;
  const auto top = vertex({middle.x, y1, middle.y}, {0, 1, 0});
  std::vector<std::uint32_t> rim;
  for (Vec2 p : inner) rim.push_back(vertex({p.x, y1, p.y}, {0, 1, 0}));
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t j = (i + 1) % n;
    const Vec3 side{outward[i].x, 0, outward[i].y};
    triangle(top, rim[i], rim[j]);
    const auto a = vertex({outline[i].x, y0, outline[i].y}, side), b = vertex({outline[j].x, y0, outline[j].y}, side);
    const auto c = vertex({outline[j].x, shoulder, outline[j].y}, side),
               d = vertex({outline[i].x, shoulder, outline[i].y}, side);
    quad(a, b, c, d);
    if (bevel > 0) quad(d, c, rim[j], rim[i]);
    if (bottom) {
      const auto low = vertex({middle.x, y0, middle.y}, {0, -1, 0});
      const auto e = vertex({outline[j].x, y0, outline[j].y}, {0, -1, 0}),
                 f = vertex({outline[i].x, y0, outline[i].y}, {0, -1, 0});
      triangle(low, e, f);
    }
  }
}

void Sculpture::disc(Vec3 middle, float radius, int segments, float inner) {
  const auto hub = vertex(middle, {0, 1, 0});
  std::uint32_t first = 0;
  for (int s = 0; s <= segments; ++s) {
    const float angle = 2 * kPi * static_cast<float>(s) / static_cast<float>(segments);
    const Vec3 out{std::sin(angle), 0, std::cos(angle)};
    const auto v = vertex(middle + out * radius, {0, 1, 0});
    if (inner > 0) vertex(middle + out * inner, {0, 1, 0});
    if (s == 0) first = v;
  }
  for (int s = 0; s < segments; ++s) {
    if (inner > 0) {
      const auto a = first + static_cast<std::uint32_t>(2 * s);
      quad(a, a + 2, a + 3, a + 1);
    } else {
      triangle(hub, first + static_cast<std::uint32_t>(s), first + static_cast<std::uint32_t>(s) + 1);
    }
  }
}

void Sculpture::sheet(Vec3 corner, Vec3 u, Vec3 v, int nu, int nv) {
  const Vec3 n = normalised(cross(v, u));
  const auto first = static_cast<std::uint32_t>(now().positions.size());
  for (int j = 0; j <= nv; ++j) {
    for (int i = 0; i <= nu; ++i) {
      vertex(corner + u * (static_cast<float>(i) / static_cast<float>(nu)) +
                 v * (static_cast<float>(j) / static_cast<float>(nv)),
             n);
    }
  }
  const auto width = static_cast<std::uint32_t>(nu + 1);
  for (std::uint32_t j = 0; j < static_cast<std::uint32_t>(nv); ++j) {
    for (std::uint32_t i = 0; i + 1 < width; ++i) {
      const auto a = first + j * width + i;
      quad(a, a + width, a + width + 1, a + 1);
    }
  }
}

void Sculpture::arch(Vec3 foot, Vec3 size, float opening, float spring, int segments) {
  const float r = opening / 2, w = size.x / 2;
  std::vector<Vec2> inner{{r, 0}}, outer{{w, 0}};  // right half, from the foot upwards, then to the left
  for (int s = 0; s <= segments; ++s) {
    const float angle = kPi * static_cast<float>(s) / static_cast<float>(segments);
    const float c = std::cos(angle), d = std::sin(angle);
    inner.push_back({r * c, spring + r * d});
    const float k = std::min(w / std::max(std::abs(c), 1e-3f), (size.y - spring) / std::max(d, 1e-3f));
    outer.push_back({s == 0 ? w : s == segments ? -w : k * c, s == 0 || s == segments ? spring : spring + k * d});
  }
  inner.push_back({-r, 0}), outer.push_back({-w, 0});
  const auto at = [&](Vec2 p, float z) { return foot + Vec3{p.x, p.y, z}; };
  for (std::size_t i = 0; i + 1 < inner.size(); ++i) {
    for (float z : {0.f, -size.z}) {
      const Vec3 a = at(outer[i], z), b = at(outer[i + 1], z), c = at(inner[i + 1], z), d = at(inner[i], z);
      if (z == 0) {
        flat_quad(a, b, c, d);
      } else {
        flat_quad(d, c, b, a);
      }
    }
    const Vec2 mid{(inner[i].x + inner[i + 1].x) / 2, (inner[i].y + inner[i + 1].y) / 2};
    const Vec3 n = mid.y <= spring ? Vec3{mid.x > 0 ? -1.f : 1.f, 0, 0} : normalised(Vec3{-mid.x, spring - mid.y, 0});
    const auto a = vertex(at(inner[i], 0), n);
    vertex(at(inner[i + 1], 0), n), vertex(at(inner[i + 1], -size.z), n), vertex(at(inner[i], -size.z), n);
    quad(a, a + 1, a + 2, a + 3);
  }
  // The corners between the last ray of the arch and the wall's own corners, and the top.
  for (float sign : {1.f, -1.f}) {
    std::size_t last = 0;
    for (std::size_t i = 0; i < outer.size(); ++i) {
      if (outer[i].x * sign >= w - 1e-3f) last = std::max(last, sign > 0 ? i : outer.size() - 1 - i);
    }
    const Vec2 side = outer[sign > 0 ? last : outer.size() - 1 - last],
               next = outer[sign > 0 ? last + 1 : outer.size() - 2 - last];
    const Vec2 corner{w * sign, size.y};
    for (float z : {0.f, -size.z}) {
      const bool turn = (sign > 0) == (z == 0);
      const Vec3 n{0, 0, z == 0 ? 1.f : -1.f};
      const auto a = vertex(at(side, z), n), b = vertex(at(corner, z), n), c = vertex(at(next, z), n);
      if (turn) {
        triangle(a, b, c);
      } else {
        triangle(a, c, b);
      }
    }
  }
  flat_quad(at({-w, size.y}, 0), at({w, size.y}, 0), at({w, size.y}, -size.z), at({-w, size.y}, -size.z));
}

void Sculpture::surface(const Surface& surface, const std::function<Vec3(Vec3, Vec3)>& paint) {
  const auto first = static_cast<std::uint32_t>(now().positions.size());
  for (std::size_t i = 0; i < surface.positions.size(); ++i) {
    vertex(surface.positions[i], surface.normals[i]);
    now().colours.back() = paint(surface.positions[i], surface.normals[i]);
  }
  for (std::uint32_t index : surface.indices) now().indices.push_back(first + index);
}

void Sculpture::soft_shadow(Vec3 middle, float rx, float rz, float strength, float soft) {
  const Finish before = finish_;
  const Vec3 colour = colour_;
  use(Finish::shade, 0x1A1613);
  constexpr int kSegments = 12;
  const auto hub = vertex(middle, {0, 1, 0}, strength);
  std::uint32_t first = 0;
  for (int s = 0; s <= kSegments; ++s) {
    const float angle = 2 * kPi * static_cast<float>(s) / kSegments;
    const Vec3 out{std::sin(angle), 0, std::cos(angle)};
    const auto v = vertex(middle + Vec3{out.x * rx, 0, out.z * rz}, {0, 1, 0}, strength * 0.85f);
    vertex(middle + Vec3{out.x * (rx + soft * 0.5f), 0, out.z * (rz + soft * 0.5f)}, {0, 1, 0}, strength * 0.28f);
    vertex(middle + Vec3{out.x * (rx + soft), 0, out.z * (rz + soft)}, {0, 1, 0}, 0);
    if (s == 0) first = v;
  }
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    const auto a = first + 3 * s, b = a + 3;
    triangle(hub, a, b);
    quad(a, a + 1, b + 1, b);
    quad(a + 1, a + 2, b + 2, b + 1);
  }
  finish_ = before, colour_ = colour;
}

void Sculpture::append(const Sculpture& other, const Transform& at, Vec3 tint) {
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Layer& from = other.layers_[k];
    Layer& to = layers_[k];
    const auto first = static_cast<std::uint32_t>(to.positions.size());
    for (Vec3 p : from.positions) to.positions.push_back(place(at(p)));
    for (Vec3 n : from.normals) {
      const Vec3 s = at.scale;
      to.normals.push_back(normalised(rotate(place.rotation, rotate(at.rotation, {n.x / s.x, n.y / s.y, n.z / s.z}))));
    }
    for (Vec3 c : from.colours) to.colours.push_back(c * tint);
    to.open.insert(to.open.end(), from.open.begin(), from.open.end());
    to.alpha.insert(to.alpha.end(), from.alpha.begin(), from.alpha.end());
    for (std::uint32_t index : from.indices) to.indices.push_back(first + index);
  }
}

std::size_t Sculpture::triangles() const {
  std::size_t total = 0;
  for (const Layer& layer : layers_) total += layer.indices.size() / 3;
  return total;
}

Bounds Sculpture::bounds() const {
  Bounds all;
  for (const Layer& layer : layers_) {
    for (Vec3 p : layer.positions) all.add(p);
  }
  return all;
}

}  // namespace mw::kit
