#include "gltf/read.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/limits.h"
#include "gltf/document.h"
#include "gltf/simplify.h"

namespace mw::gltf {
namespace {

struct Soup {
  std::vector<Vec3> points;
  std::vector<std::uint32_t> indices;
  std::size_t triangles() const { return indices.size() / 3; }
};

Transform local_transform(const tinygltf::Node& node) {
  Transform out;
  const auto f = [](double value) { return static_cast<float>(value); };
  if (node.translation.size() == 3)
    out.translation = {f(node.translation[0]), f(node.translation[1]), f(node.translation[2])};
  if (node.rotation.size() == 4)
    out.rotation = normalised(Quat{f(node.rotation[0]), f(node.rotation[1]), f(node.rotation[2]), f(node.rotation[3])});
  if (node.scale.size() == 3) out.scale = {f(node.scale[0]), f(node.scale[1]), f(node.scale[2])};
  return out;
}

Mat4 local_matrix(const tinygltf::Node& node) {
  if (node.matrix.size() != 16) return matrix(local_transform(node));
  Mat4 out;
  for (std::size_t i = 0; i < 16; ++i) out.m[i] = static_cast<float>(node.matrix[i]);
  return out;
}

Vec3 way(const Mat4& m, Vec3 v) { return m(v) - m(Vec3{}); }

class Extractor {
 public:
  Extractor(const Document& document, const ReadOptions& options)
      : document_(document), model_(document.model()), options_(options) {}

  Result<Scene> extract() {
    count();
    if (Status s = load_meshes(); !s) return named(s.error());
    if (Status s = walk(); !s) return named(s.error());
    scene_.has_colliders = !colliders_.indices.empty();
    if (Status s = collide(); !s) return named(s.error());
    return std::move(scene_);
  }

 private:
  Error named(Error error) const {
    error.field = error.field.empty() ? options_.name : format("{}: {}", options_.name, error.field);
    return error;
  }

  void count() {
    const Json& json = document_.json();
    const auto size = [&](const char* key) { return list(json, key).size(); };
    scene_.meshes = size("meshes"), scene_.materials = size("materials"), scene_.images = size("images");
    scene_.animations = size("animations"), scene_.skins = size("skins");
    scene_.files = document_.files();
    if (has(json["asset"], "extras")) scene_.extras = json["asset"]["extras"];
  }

  Status load_meshes() {
    for (std::size_t i = 0; i < model_.meshes.size(); ++i) {
      Soup soup;
      for (std::size_t k = 0; k < model_.meshes[i].primitives.size(); ++k) {
        if (Status s = add_primitive(soup, model_.meshes[i].primitives[k], format("meshes[{}].primitives[{}]", i, k));
            !s)
          return s;
      }
      meshes_.push_back(std::move(soup));
    }
    return ok();
  }

  Status add_primitive(Soup& soup, const tinygltf::Primitive& primitive, const std::string& at) {
    const std::vector<float> numbers = document_.floats(primitive.attributes.at("POSITION"), 3);
    const auto first = static_cast<std::uint32_t>(soup.points.size());
    for (std::size_t i = 0; i < numbers.size(); i += 3) {
      const Vec3 p{numbers[i], numbers[i + 1], numbers[i + 2]};
      if (!std::isfinite(p.x) || !std::isfinite(p.y) || !std::isfinite(p.z))
        return invalid(at + ".attributes.POSITION", format("vertex {} is not finite", i / 3));
      soup.points.push_back(p);
    }
    const auto vertices = static_cast<std::uint32_t>(numbers.size() / 3);
    std::vector<std::uint32_t> order;
    if (primitive.indices >= 0) {
      order = document_.whole(primitive.indices);
      for (std::size_t i = 0; i < order.size(); ++i) {
        if (order[i] >= vertices)
          return invalid(at + ".indices", format("index {} is {}, but there are {} vertices", i, order[i], vertices));
      }
    } else {
      order.resize(vertices);
      for (std::uint32_t i = 0; i < vertices; ++i) order[i] = i;
    }
    const int mode = primitive.mode < 0 ? 4 : primitive.mode;
    if (mode == 4) {
      if (order.size() % 3 != 0) return invalid(at, format("{} indices are no whole triangles", order.size()));
      for (std::uint32_t index : order) soup.indices.push_back(first + index);
    }
    for (std::size_t i = 2; i < order.size() && (mode == 5 || mode == 6); ++i) {
      const bool odd = mode == 5 && i % 2 == 1;
      const std::uint32_t a = mode == 6 ? order[0] : order[i - 2], b = order[i - 1];
      for (std::uint32_t index : {odd ? b : a, odd ? a : b, order[i]}) soup.indices.push_back(first + index);
    }
    return ok();
  }

  Status walk() {
    const Json& scenes = list(document_.json(), "scenes");
    const Json& json = document_.json();
    const std::size_t shown = has(json, "scene") ? json["scene"].get<std::size_t>() : 0;
    struct Step {
      int node;
      Mat4 above;
    };
    std::vector<Step> open;
    for (const Json& root : list(scenes[shown], "nodes")) open.push_back({root.get<int>(), {}});
    std::reverse(open.begin(), open.end());
    std::size_t visited = 0;
    while (!open.empty()) {
      const Step step = open.back();
      open.pop_back();
      // A scene may name a node that is also another's child, or name one twice.
      if (++visited > model_.nodes.size())
        return invalid(format("scenes[{}].nodes", shown), "shows a node more than once");
      const tinygltf::Node& node = model_.nodes[static_cast<std::size_t>(step.node)];
      const Mat4 world = step.above * local_matrix(node);
      if (Status s = visit(step.node, node, world); !s) return s;
      for (auto it = node.children.rbegin(); it != node.children.rend(); ++it) open.push_back({*it, world});
    }
    return ok();
  }

  Status visit(int index, const tinygltf::Node& node, const Mat4& world) {
    const Json& json = list(document_.json(), "nodes")[static_cast<std::size_t>(index)];
    const std::string at = format("nodes[{}]", index);
    if (has(json, "extensions")) {
      const Json& extensions = json["extensions"];
      if (has(extensions, "OMI_spawn_point")) add_spawn(node, world, extensions["OMI_spawn_point"]);
      if (has(extensions, "KHR_lights_punctual"))
        add_light(extensions["KHR_lights_punctual"]["light"].get<std::size_t>(), world);
      if (Status s = add_omi_collider(extensions, world, at); !s) return s;
    }
    if (node.mesh < 0) return ok();
    const Soup& mesh = meshes_[static_cast<std::size_t>(node.mesh)];
    std::vector<Mat4> places{world};
    if (has(json, "extensions") && has(json["extensions"], "EXT_mesh_gpu_instancing"))
      places = instances(json["extensions"]["EXT_mesh_gpu_instancing"]["attributes"], world);
    scene_.triangles += mesh.triangles() * places.size();
    if (scene_.triangles > limits::kModelTriangles)
      return Error{ErrorKind::too_large, at, format("the scene draws more than {} triangles", limits::kModelTriangles)};
    std::string name = node.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool collider =
        name.find("_collider") != std::string::npos ||
        (has(json, "extras") && has(json["extras"], "collider") && json["extras"]["collider"] == true);
    for (const Mat4& place : places) {
      // A skinned mesh is drawn where its joints are, not where its node is, and collides with nobody.
      if (node.skin >= 0) continue;
      if (Status s = add(mesh, place, collider ? colliders_ : drawn_, at); !s) return s;
    }
    return ok();
  }

  Status add(const Soup& mesh, const Mat4& place, Soup& to, const std::string& at) {
    const auto first = static_cast<std::uint32_t>(to.points.size());
    placed_ += mesh.points.size();
    if (placed_ > 2 * limits::kModelVertices)
      return Error{ErrorKind::too_large, at,
                   format("the scene draws more than {} vertices", 2 * limits::kModelVertices)};
    for (Vec3 p : mesh.points) {
      const Vec3 w = place(p);
      const float far = static_cast<float>(limits::kWorldExtentM);
      if (!(std::abs(w.x) <= far && std::abs(w.y) <= far && std::abs(w.z) <= far))
        return invalid(at, format("reaches beyond {} m from the origin", limits::kWorldExtentM));
      scene_.bounds.add(w);
      to.points.push_back(w);
    }
    for (std::uint32_t index : mesh.indices) to.indices.push_back(first + index);
    return ok();
  }

  std::vector<Mat4> instances(const Json& attributes, const Mat4& world) const {
    const auto values = [&](const char* key, std::size_t width) {
      return has(attributes, key) ? document_.floats(attributes[key].get<int>(), width) : std::vector<float>{};
    };
    const std::vector<float> places = values("TRANSLATION", 3), turns = values("ROTATION", 4),
                             sizes = values("SCALE", 3);
    const std::size_t count = std::max({places.size() / 3, turns.size() / 4, sizes.size() / 3});
    std::vector<Mat4> out;
    for (std::size_t i = 0; i < count; ++i) {
      Transform t;
      if (!places.empty()) t.translation = {places[i * 3], places[i * 3 + 1], places[i * 3 + 2]};
      if (!turns.empty())
        t.rotation = normalised(Quat{turns[i * 4], turns[i * 4 + 1], turns[i * 4 + 2], turns[i * 4 + 3]});
      if (!sizes.empty()) t.scale = {sizes[i * 3], sizes[i * 3 + 1], sizes[i * 3 + 2]};
      out.push_back(world * matrix(t));
    }
    return out;
  }

  void add_spawn(const tinygltf::Node& node, const Mat4& world, const Json& json) {
    const Vec3 ahead = way(world, {0, 0, 1});
    SpawnPoint spawn{world(Vec3{}), std::atan2(ahead.x, ahead.z), node.name};
    if (has(json, "title") && json["title"].is_string()) spawn.name = json["title"].get<std::string>();
    const Vec3 p = spawn.position;
    if (std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z) && std::isfinite(spawn.yaw))
      scene_.spawns.push_back(std::move(spawn));
  }

  void add_light(std::size_t index, const Mat4& world) {
    const Json& json = document_.json()["extensions"]["KHR_lights_punctual"]["lights"][index];
    Light light;
    light.kind = json["type"].get<std::string>();
    light.position = world(Vec3{});
    light.direction = normalised(way(world, {0, 0, -1}));
    if (has(json, "color"))
      light.colour = {json["color"][0].get<float>(), json["color"][1].get<float>(), json["color"][2].get<float>()};
    if (has(json, "intensity")) light.intensity = json["intensity"].get<float>();
    if (has(json, "range")) light.range = json["range"].get<float>();
    scene_.lights.push_back(std::move(light));
  }

  // OMI_physics_body names a shape of OMI_physics_shape; OMI_collider, its predecessor, is the shape or names it.
  Status add_omi_collider(const Json& extensions, const Mat4& world, const std::string& at) {
    const Json& top = has(document_.json(), "extensions") ? document_.json()["extensions"] : extensions;
    const Json* shape = nullptr;
    const auto pick = [&](const Json& shapes, const Json& index) {
      if (index.is_number_unsigned() && index.get<std::uint64_t>() < shapes.size())
        shape = &shapes[index.get<std::size_t>()];
    };
    if (has(extensions, "OMI_physics_body") && has(extensions["OMI_physics_body"], "collider") &&
        has(top, "OMI_physics_shape")) {
      const Json& collider = extensions["OMI_physics_body"]["collider"];
      if (has(collider, "shape")) pick(list(top["OMI_physics_shape"], "shapes"), collider["shape"]);
      if (shape == nullptr)
        return invalid(at + ".extensions.OMI_physics_body.collider.shape", "there is no such shape");
    } else if (has(extensions, "OMI_collider")) {
      const Json& collider = extensions["OMI_collider"];
      if (has(collider, "collider") && has(top, "OMI_collider"))
        pick(list(top["OMI_collider"], "colliders"), collider["collider"]);
      if (has(collider, "type")) shape = &collider;
      if (shape == nullptr) return invalid(at + ".extensions.OMI_collider", "there is no such collider");
    }
    if (shape == nullptr) return ok();
    return add_shape(*shape, world, at);
  }

  // A number of a shape, from the object named after its type (OMI_physics_shape) or from the shape itself (OMI_collider).
  static float number(const Json& shape, const std::string& type, const char* key, float otherwise) {
    const Json& in = has(shape, type.c_str()) ? shape[type] : shape;
    if (!has(in, key) || !in[key].is_number()) return otherwise;
    const double value = in[key].get<double>();
    return value > 0 && value < 1e4 ? static_cast<float>(value) : otherwise;
  }

  Status add_shape(const Json& shape, const Mat4& world, const std::string& at) {
    const std::string type = has(shape, "type") && shape["type"].is_string() ? shape["type"].get<std::string>() : "";
    Soup soup;
    if (type == "box") {
      Vec3 half{0.5f, 0.5f, 0.5f};
      const Json& in = has(shape, "box") ? shape["box"] : shape;
      if (has(in, "size") && in["size"].is_array() && in["size"].size() == 3) {
        for (int axis = 0; axis < 3; ++axis) {
          const Json& size = in["size"][static_cast<std::size_t>(axis)];
          if (!size.is_number() || !(std::abs(size.get<double>()) < 1e4))
            return invalid(at, "expected a box's size as three numbers");
          half[axis] = size.get<float>() / 2;
        }
      }
      soup = round_shape({{half.x, -half.y}, {half.x, half.y}}, 4, half.z / std::max(half.x, 1e-6f));
    } else if (type == "sphere" || type == "capsule" || type == "cylinder") {
      const float r = number(shape, type, "radius", 0.5f),
                  h = type == "sphere" ? 0 : number(shape, type, "height", type == "capsule" ? 1.f : 2.f) / 2;
      if (type == "cylinder") {
        soup = round_shape({{r, -h}, {r, h}}, 12, 1);
      } else {
        const float mid = type == "capsule" && has(shape, "radius") ? std::max(h - r, 0.f)
                                                                    : h;  // OMI_collider's height includes the caps
        soup = round_shape({{r * 0.5f, -mid - r * 0.87f},
                            {r * 0.87f, -mid - r * 0.5f},
                            {r, -mid},
                            {r, mid},
                            {r * 0.87f, mid + r * 0.5f},
                            {r * 0.5f, mid + r * 0.87f}},
                           12, 1);
      }
    } else if (type == "hull" || type == "mesh" || type == "convex" || type == "trimesh") {
      const Json& in = has(shape, type.c_str()) ? shape[type] : shape;
      if (!has(in, "mesh") || !in["mesh"].is_number_unsigned() || in["mesh"].get<std::size_t>() >= meshes_.size())
        return invalid(at, "the collider names no mesh");
      soup = meshes_[in["mesh"].get<std::size_t>()];
    } else {
      return invalid(at, format("there is no collider of type \"{}\"", type.substr(0, 40)));
    }
    return add(soup, world, colliders_, at);
  }

  // A closed body of `sides` about the vertical through (radius, height) points; four sides make a box along the axes.
  static Soup round_shape(const std::vector<Vec2>& profile, int sides, float squash) {
    Soup out;
    const float start = sides == 4 ? kPi / 4 : 0, grow = sides == 4 ? std::sqrt(2.f) : 1.f;
    for (Vec2 p : profile) {
      for (int s = 0; s < sides; ++s) {
        const float angle = start + 2 * kPi * static_cast<float>(s) / static_cast<float>(sides);
        out.points.push_back({p.x * grow * std::sin(angle), p.y, p.x * grow * squash * std::cos(angle)});
      }
    }
    const auto n = static_cast<std::uint32_t>(sides);
    for (std::uint32_t ring = 0; ring + 1 < profile.size(); ++ring) {
      for (std::uint32_t s = 0; s < n; ++s) {
        const std::uint32_t a = ring * n + s, b = ring * n + (s + 1) % n;
        for (std::uint32_t index : {a, b, b + n, a, b + n, a + n}) out.indices.push_back(index);
      }
    }
    const auto top = static_cast<std::uint32_t>(profile.size() - 1) * n;
    for (std::uint32_t s = 1; s + 1 < n; ++s) {
      for (std::uint32_t index : {0u, s + 1, s, top, top + s, top + s + 1}) out.indices.push_back(index);
    }
    return out;
  }

  Status collide() {
    const bool own = !colliders_.indices.empty();
    Soup& soup = own ? colliders_ : drawn_;
    const std::size_t most = std::min(options_.max_collision_triangles, limits::kCollisionTriangles);
    if (own && soup.triangles() > limits::kCollisionTriangles) {
      return Error{ErrorKind::too_large, "colliders",
                   format("have {} triangles, at most {}", soup.triangles(), limits::kCollisionTriangles)};
    }
    if (!own && soup.triangles() > most) {
      weld(soup.points, soup.indices);
      soup.indices = simplified(soup.points, soup.indices, most, 0.05f);
      if (soup.triangles() > most) soup.indices = simplified(soup.points, soup.indices, most, 1.f, true);
    }
    const auto to = [](Vec3 v) { return motion::Vec3{v.x, v.y, v.z}; };
    for (std::size_t i = 0; i + 2 < soup.indices.size(); i += 3) {
      scene_.collision.push_back({to(soup.points[soup.indices[i]]), to(soup.points[soup.indices[i + 1]]),
                                  to(soup.points[soup.indices[i + 2]])});
    }
    return ok();
  }

  const Document& document_;
  const tinygltf::Model& model_;
  const ReadOptions& options_;
  std::vector<Soup> meshes_;
  Soup drawn_, colliders_;
  std::size_t placed_ = 0;  // vertices, instances counted
  Scene scene_;
};

}  // namespace

Result<Scene> read(ByteView bytes, const Resolver& resolver, const ReadOptions& options) {
  Result<Document> document = Document::open(bytes, resolver, options);
  if (!document) return document.error();
  return Extractor(*document, options).extract();
}

}  // namespace mw::gltf
