// Hard-surface shapes with soft edges: bevelled boxes, turned posts, tubes, extruded outlines, arches; painted per vertex and
// sorted by finish, so that a whole thing is a handful of draw calls.
// Thread: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "gltf/model.h"
#include "kit/field.h"
#include "kit/palette.h"

namespace mw::kit {

using gltf::Transform;

// What a surface is made of; a renderer knows them by the material's name.
enum class Finish : std::uint8_t {
  matt,  // painted, plastered, stone: everything else
  tint,  // like matt; takes the colour that a visitor gave the thing
  leaf,  // foliage; a renderer may let it sway
  paving,  // carries the paving texture, coordinates in metres / 2.4
  metal,  // posts and frames, a little glossy
  glass,  // window panes: dark, smooth
  glow,  // lamps and lit windows; brightness follows the mood
  water,
  shade,  // soft contact shadow on the ground: alpha
  far,  // silhouettes at the horizon: no shadow
  board,  // screens and lit boards: their colour whatever the light
  count
};

// One finish's triangles. Colours are linear and without light; `open` is the ambient occlusion that colours are multiplied by.
struct Layer {
  std::vector<Vec3> positions, normals, colours;
  std::vector<float> open, alpha;
  std::vector<std::uint32_t> indices;
};

class Sculpture {
 public:
  // What the following shapes are made of, and where they stand.
  Sculpture& use(Finish finish, Srgb colour) {
    finish_ = finish, colour_ = linear(colour);
    return *this;
  }
  Transform place;

  void box(Vec3 middle, Vec3 size, float bevel = 0.015f, float yaw = 0);
  // Front (+z) and sides of a box, cut into cells of about `cell` metres, so that its light can vary; for houses.
  void walls(Vec3 middle, Vec3 size, float cell);
  // A vertical body of revolution at `at`; profile points are (radius, height), from the bottom up. Corners sharper than
  // 40 degrees stay sharp.
  void turned(Vec3 at, std::span<const Vec2> profile, int segments);
  void tube(std::span<const Vec3> path, std::span<const float> radii, int segments);
  // An outline (x, z), anticlockwise from above, from y0 to y1, its top edge chamfered. Convex, or star-shaped about its middle.
  void prism(std::span<const Vec2> outline, float y0, float y1, float bevel, bool bottom = false);
  void disc(Vec3 middle, float radius, int segments, float inner = 0);  // faces up
  // A grid of quads over `u` and `v` from `corner`; faces cross(v, u)... up when u is +x and v is +z.
  void sheet(Vec3 corner, Vec3 u, Vec3 v, int nu, int nv);
  // A wall of `size` (width, height, depth), standing on `foot` (middle of its front's lower edge, facing +z), with an arched
  // opening of width and spring height; the arch is a half circle.
  void arch(Vec3 foot, Vec3 size, float opening, float spring, int segments);
  void surface(const Surface& surface, const std::function<Vec3(Vec3 place, Vec3 normal)>& paint);
  void soft_shadow(Vec3 middle, float rx, float rz, float strength, float soft);  // ellipse on the ground

  void append(const Sculpture& other, const Transform& at, Vec3 tint = {1, 1, 1});
  Layer& layer(Finish finish) { return layers_[static_cast<std::size_t>(finish)]; }
  const Layer& layer(Finish finish) const { return layers_[static_cast<std::size_t>(finish)]; }
  std::size_t triangles() const;
  Bounds bounds() const;

  // Vertices of the layer now in use, for shapes of one's own.
  std::uint32_t vertex(Vec3 p, Vec3 n, float alpha = 1, float open = 1);
  void triangle(std::uint32_t a, std::uint32_t b, std::uint32_t c);
  void quad(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d);
  void flat_quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d);  // anticlockwise from its front

 private:
  Layer& now() { return layer(finish_); }
  std::array<Layer, static_cast<std::size_t>(Finish::count)> layers_;
  Finish finish_ = Finish::matt;
  Vec3 colour_{1, 1, 1};
};

// Darkens `subject` by what of it, and of `others`, covers the sky within `reach` metres. Source: S. Zhukov et al., "An ambient
// light illumination model" (1998).
// Rays start `lift` metres over the surface: what lies flat on it then casts nothing.
void bake_light(Sculpture& subject, std::span<const Sculpture* const> others, float reach, int rays, bool ground,
                float lift = 0.012f);

// As a mesh of a model that has the materials of `add_materials`.
gltf::Mesh to_mesh(const Sculpture& sculpture, std::string name);
struct MaterialLook {
  Srgb tint = 0xFFFFFF;
  bool paving_texture = false;
};
void add_materials(gltf::Model& model, const MaterialLook& look);

}  // namespace mw::kit
