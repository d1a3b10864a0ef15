#include <array>
#include <cmath>

#include "base/assert.h"
#include "gltf/model.h"
#include "gltf/simplify.h"
#include "kit/figure.h"
#include "kit/kit.h"
#include "kit/palette.h"

namespace mw::kit {
namespace {

using namespace figure;
using gltf::clamp01;
using gltf::Model;
using gltf::Primitive;
using gltf::Rgba8;

constexpr std::size_t kLevels = 3;
using Levels = std::array<Primitive, kLevels>;

// How open the sky is at a point: the field is probed along the normal (I. Quilez, "Ambient occlusion by distance fields").
float openness(Vec3 p, Vec3 normal, float own, const Field& field) {
  float shut = 0, weight = 1;
  for (float far : {0.012f, 0.03f, 0.06f, 0.11f}) {
    const Vec3 at = p + normal * far;
    const float clear = std::min(body_shape(at) + 0.004f, field(at) - own);
    shut += weight * std::max(0.f, far - std::max(clear, 0.f)) / far;
    weight *= 0.72f;
  }
  return clamp01(1 - 0.44f * shut);
}

std::uint8_t shade(const Piece& piece, Vec3 p, Vec3 normal) {
  float open = openness(p, normal, 0, piece.field);
  const float down = clamp01((piece.bounds.high.y - p.y) / piece.bounds.size().y);
  open *= 1 - piece.fade * down;
  open *= 0.93f + 0.07f * (0.5f + 0.5f * normal.y);
  return static_cast<std::uint8_t>(std::lround(255 * clamp01(std::max(open, 0.25f))));
}

void append(Primitive& out, const Primitive& piece, bool mirrored) {
  const auto first = static_cast<std::uint32_t>(out.positions.size());
  const float sign = mirrored ? -1.f : 1.f;
  for (Vec3 p : piece.positions) out.positions.push_back({sign * p.x, p.y, p.z});
  for (Vec3 n : piece.normals) out.normals.push_back({sign * n.x, n.y, n.z});
  for (Joints joints : piece.joints) {
    for (std::uint8_t& joint : joints) {
      if (mirrored) joint = other_side(static_cast<Joint>(joint));
    }
    out.joints.push_back(joints);
  }
  out.weights.insert(out.weights.end(), piece.weights.begin(), piece.weights.end());
  if (out.custom.empty()) out.custom.push_back({"_PART", {}});
  auto& parts = out.custom[0].values;
  parts.insert(parts.end(), piece.custom[0].values.begin(), piece.custom[0].values.end());
  for (std::size_t i = 0; i < piece.indices.size(); i += 3) {
    const std::array<std::size_t, 3> order =
        mirrored ? std::array<std::size_t, 3>{0, 2, 1} : std::array<std::size_t, 3>{0, 1, 2};
    for (std::size_t k : order) out.indices.push_back(first + piece.indices[i + k]);
  }
}

// Coarse levels cut corners: what is worn over something else is moved outwards a little, so that it stays over it.
float outwards(const Piece& piece, std::size_t level) {
  const int part = piece.part;
  const float layer = part == always || piece.slot == Slot::skin ? 0.f
                      : part == the_jacket || part >= first_hat  ? 2.5f
                      : part >= first_bottom && part < first_hat ? 0.7f
                                                                 : 1.f;
  return layer * std::array<float, kLevels>{0, 0.0025f, 0.006f}[level];
}

// One level of one piece, with weights and _PART.
Primitive dressed(const Piece& piece, const Surface& surface, std::size_t level) {
  const int triangles = piece.triangles[level];
  Primitive out;
  out.positions = surface.positions;
  out.normals = surface.normals;
  out.indices = gltf::simplified(surface.positions, surface.indices, static_cast<std::size_t>(triangles), 0.25f);
  gltf::compact(out);
  out.custom.push_back({"_PART", {}});
  for (std::size_t i = 0; i < out.positions.size(); ++i) {
    Joints joints{};
    gltf::Weights weights{};
    weigh(out.positions[i], piece.follow, joints, weights);
    out.joints.push_back(joints);
    out.weights.push_back(weights);
    out.custom[0].values.push_back({piece.part, static_cast<std::uint8_t>(piece.slot),
                                    shade(piece, out.positions[i], out.normals[i]),
                                    static_cast<std::uint8_t>(piece.face)});
    out.positions[i] += out.normals[i] * outwards(piece, level);
  }
  return out;
}

void add_piece(Levels& levels, const Piece& piece) {
  const Surface surface = surface_of(piece.field, piece.bounds, piece.step);
  MW_ASSERT(!surface.indices.empty());
  for (std::size_t level = 0; level < kLevels; ++level) {
    if (piece.triangles[level] == 0) continue;
    const Primitive primitive = dressed(piece, surface, level);
    append(levels[level], primitive, false);
    if (piece.mirrored) append(levels[level], primitive, true);
  }
}

// A part is shown by every mask, or by the mask's bit.
bool shown(std::uint8_t part, std::uint32_t mask) { return part == always || (mask >> part & 1) != 0; }

Levels build(std::uint32_t mask) {
  Levels levels;
  for (const auto& source : {body_pieces, face_pieces, hair_pieces, clothes_pieces}) {
    for (const Piece& piece : source()) {
      if (shown(piece.part, mask)) add_piece(levels, piece);
    }
  }
  if (shown(held_scarf, mask)) {
    for (Primitive& level : levels) append(level, scarf_in_hands(), false);
  }
  return levels;
}

// Everybody's is made once and kept: it does not depend on anything.
const Levels& everybody() {
  static const Levels levels = build(~std::uint32_t{0});
  return levels;
}

void add_skeleton(Model& model) {
  gltf::Skin skin;
  skin.name = "person";
  const int first = static_cast<int>(model.nodes.size());
  for (const JointInfo& info : skeleton()) {
    gltf::Node node;
    node.name = info.name;
    node.transform.translation =
        info.parent < 0 ? info.position : info.position - skeleton()[static_cast<std::size_t>(info.parent)].position;
    skin.joints.push_back(static_cast<int>(model.nodes.size()));
    skin.inverse_bind.push_back(gltf::matrix({-info.position, {}, {1, 1, 1}}));
    if (info.parent >= 0)
      model.nodes[static_cast<std::size_t>(first) + static_cast<std::size_t>(info.parent)].children.push_back(
          static_cast<int>(model.nodes.size()));
    model.nodes.push_back(std::move(node));
  }
  model.roots.push_back(first);
  model.skins.push_back(std::move(skin));
}

void add_clips(Model& model) {
  const int first = model.skins[0].joints[0];
  for (const ClipSource& source : clips()) {
    gltf::Clip clip;
    clip.name = source.name;
    gltf::Channel move{first + hips, gltf::Channel::Path::translation, {}};
    std::vector<gltf::Channel> turns;
    for (int joint = hips; joint < joint_count; ++joint)
      turns.push_back({first + joint, gltf::Channel::Path::rotation, {}});
    for (int frame = 0; frame <= source.frames; ++frame) {
      const float phase = static_cast<float>(frame) / static_cast<float>(source.frames);
      const ClipPose pose = source.pose(phase);
      clip.times.push_back(phase * source.seconds);
      const Vec3 at = place_of(hips) + pose.hips_move;
      move.values.insert(move.values.end(), {at.x, at.y, at.z});
      for (int joint = hips; joint < joint_count; ++joint) {
        auto& values = turns[static_cast<std::size_t>(joint - hips)].values;
        Quat q = pose.turn[static_cast<std::size_t>(joint)];
        // Neighbouring keys lie in one half of the sphere, so that straight interpolation takes the short way.
        if (values.size() >= 4) {
          const float* last = &values[values.size() - 4];
          if (q.x * last[0] + q.y * last[1] + q.z * last[2] + q.w * last[3] < 0) q = {-q.x, -q.y, -q.z, -q.w};
        }
        values.insert(values.end(), {q.x, q.y, q.z, q.w});
      }
    }
    clip.channels.push_back(std::move(move));
    for (auto& turn : turns) clip.channels.push_back(std::move(turn));
    model.clips.push_back(std::move(clip));
  }
}

Json bits(int first, int count) {
  Json out = Json::array();
  for (int i = 0; i < count; ++i) out.push_back(first + i);
  return out;
}

Json extras() {
  return {{"manyworlds",
           {{"version", 1},
            {"parts",
             {{"hair", bits(first_hair, 6)},
              {"hair_under_hat", under_hat()},
              {"top", bits(first_top, 3)},
              {"jacket", bits(the_jacket, 1)},
              {"bottom", bits(first_bottom, 3)},
              {"hat", bits(first_hat, 2)},
              {"scarf", bits(the_scarf, 1)},
              {"held_scarf", bits(held_scarf, 1)}}},
            {"palettes",
             {{"skin", hex_list(skin_palette())},
              {"hair", hex_list(hair_palette())},
              {"clothes", hex_list(clothes_palette())}}},
            {"face", {{"eye_y", 1.626}, {"mouth_y", 1.556}}},
            {"clip_speed", {{"walk", 1.4}, {"run", 4.0}}}}}};
}

Model figure_model(Levels levels, const gltf::Material& material) {
  Model model;
  model.materials.push_back(material);
  for (std::size_t level = 0; level < kLevels; ++level) {
    levels[level].material = 0;
    gltf::compact(levels[level]);
    const std::string name = "person_lod" + std::to_string(level);
    model.meshes.push_back({name, {std::move(levels[level])}});
    gltf::Node node;
    node.name = name;
    node.mesh = static_cast<int>(level);
    node.skin = 0;
    model.roots.push_back(static_cast<int>(level));
    model.nodes.push_back(std::move(node));
  }
  add_skeleton(model);
  add_clips(model);
  return model;
}

}  // namespace

Bytes person_glb() {
  gltf::Material material;
  material.name = "person";
  material.roughness = 0.85f;
  Model model = figure_model(everybody(), material);
  model.extras = extras();
  return gltf::write_glb(model);
}

Bytes person_glb(const Appearance& look) {
  const std::uint32_t mask = part_mask(look);
  Levels all = everybody();
  const auto slots = slot_colours(look);
  Levels levels;
  for (std::size_t level = 0; level < kLevels; ++level) {
    Primitive& from = all[level];
    std::vector<std::uint32_t> kept;
    for (std::size_t i = 0; i < from.indices.size(); i += 3) {
      if (!shown(from.custom[0].values[from.indices[i]][0], mask)) continue;
      kept.insert(kept.end(), from.indices.begin() + static_cast<std::ptrdiff_t>(i),
                  from.indices.begin() + static_cast<std::ptrdiff_t>(i) + 3);
    }
    from.indices = std::move(kept);
    for (const Rgba8& part : from.custom[0].values)
      from.colours.push_back(shaded(slots[part[1]], static_cast<float>(part[2]) / 255));
    from.custom.clear();
    const Vec3 size{look.build, 1, 0.5f + 0.5f * look.build};
    for (Vec3& p : from.positions) p = p * size;
    levels[level] = std::move(from);
  }
  gltf::Material material;
  material.name = "person";
  material.roughness = 0.85f;
  Model model = figure_model(std::move(levels), material);
  const float tall = look.height / 1.75f;
  gltf::Node holder;
  holder.name = "visitor";
  holder.transform.scale = {tall, tall, tall};
  // The joints carry the size; a node of a skinned mesh belongs at the root, since its own place does not count.
  holder.children = {model.roots.back()};
  model.roots.back() = static_cast<int>(model.nodes.size());
  model.nodes.push_back(std::move(holder));
  return gltf::write_glb(model);
}

}  // namespace mw::kit
