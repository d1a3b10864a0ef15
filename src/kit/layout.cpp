#include "kit/layout.h"

#include <algorithm>
#include <cmath>

namespace mw::kit {

int Layout::kind(std::string name, Thing thing, bool solid) {
  kinds_.push_back({std::move(name), std::move(thing), solid, {}});
  return static_cast<int>(kinds_.size()) - 1;
}

void Layout::put(int kind, Vec3 at, float yaw, float scale, Vec3 tint) {
  put(kind, Transform{at, gltf::turn_y(yaw), {scale, scale, scale}}, tint);
}

void Layout::put(int kind, const Transform& at, Vec3 tint) {
  Kind& of = kinds_[static_cast<std::size_t>(kind)];
  of.places.push_back({at, tint});
  if (of.solid) solids.append(of.thing.solids, at);
}

std::uint16_t Layout::point(Vec3 at) {
  scene.walks.points.push_back({at.x, at.y, at.z});
  return static_cast<std::uint16_t>(scene.walks.points.size() - 1);
}

void Layout::way(std::uint16_t from, std::uint16_t to, float width) { scene.walks.ways.push_back({from, to, width}); }

int Layout::shared(std::string name, Sculpture shape) {
  shapes_.push_back(to_mesh(shape, std::move(name)));
  return static_cast<int>(shapes_.size()) - 1;
}

void Layout::level(int shape, const Seen& seen, std::vector<gltf::Instance> places) {
  levels_.push_back({shape, seen, std::move(places)});
}

void Layout::bake() {
  Sculpture furniture;
  for (const Kind& kind : kinds_) {
    for (const gltf::Instance& place : kind.places) furniture.append(kind.thing.shape, place.place);
  }
  const std::array<const Sculpture*, 2> round_ground{&built, &furniture};
  bake_light(ground, round_ground, 2.6f, 20, false, 0.23f);
  const std::array<const Sculpture*, 1> round_built{&ground};
  bake_light(built, round_built, 2.2f, 12, false);
}

Scene Layout::finish(const MaterialLook& look) {
  if (!lit) bake();
  gltf::Model model;
  add_materials(model, look);
  const auto add = [&](gltf::Mesh mesh, std::vector<gltf::Instance> places) {
    if (mesh.primitives.empty()) return;
    gltf::Node node;
    node.name = mesh.name;
    node.mesh = static_cast<int>(model.meshes.size());
    node.instances = std::move(places);
    model.meshes.push_back(std::move(mesh));
    model.roots.push_back(static_cast<int>(model.nodes.size()));
    model.nodes.push_back(std::move(node));
  };
  add(to_mesh(ground, "ground"), {});
  add(to_mesh(built, "built"), {});
  add(to_mesh(horizon, "horizon"), {});
  for (Kind& kind : kinds_) {
    if (kind.places.empty()) continue;
    // A tint goes to what is made to take it, or else to the leaves; the rest keeps its colours.
    const bool tinted = std::any_of(kind.places.begin(), kind.places.end(),
                                    [](const auto& place) { return place.tint != Vec3{1, 1, 1}; });
    if (tinted) {
      Sculpture taking;
      const Finish finish = kind.thing.shape.layer(Finish::tint).indices.empty() ? Finish::leaf : Finish::tint;
      std::swap(taking.layer(finish), kind.thing.shape.layer(finish));
      add(to_mesh(taking, kind.name + "_tinted"), kind.places);
      for (gltf::Instance& place : kind.places) place.tint = {1, 1, 1};
    }
    add(to_mesh(kind.thing.shape, kind.name), std::move(kind.places));
  }
  const auto first = static_cast<int>(model.meshes.size());
  for (gltf::Mesh& shape : shapes_) model.meshes.push_back(std::move(shape));
  for (Level& level : levels_) {
    gltf::Node node;
    node.mesh = first + level.shape;
    node.name = model.meshes[static_cast<std::size_t>(node.mesh)].name;
    node.instances = std::move(level.places);
    const Seen& seen = level.seen;
    Json range =
        Json::array({std::round(seen.middle.x), std::round(seen.middle.y), std::round(seen.middle.z), seen.from});
    if (seen.to > 0) range.push_back(seen.to);
    node.extras = Json::object({{"manyworlds", Json::object({{"seen", std::move(range)}})}});
    model.roots.push_back(static_cast<int>(model.nodes.size()));
    model.nodes.push_back(std::move(node));
  }
  Json lamps = Json::array();
  for (const auto& flood : floods_) lamps.push_back(Json(flood));
  for (const motion::Vec3& lamp : scene.lamps) lamps.push_back({lamp.x, lamp.y, lamp.z});
  model.extras = {{"manyworlds", {{"version", 1}, {"lamps", std::move(lamps)}}}};
  if (scene.seating) model.extras["manyworlds"]["seats"] = to_json(*scene.seating);
  scene.triangles = static_cast<std::uint32_t>(gltf::triangles(model));
  scene.glb = gltf::write_glb(model, {.compress = true});
  scene.collision = solids.take();
  return std::move(scene);
}

Srgb varied(Srgb colour, Dice& dice, float by) {
  const float t = dice.range(-by, by);
  return t < 0 ? mix(colour, 0x000000, -t) : mix(colour, 0xFFFFFF, t);
}

}  // namespace mw::kit
