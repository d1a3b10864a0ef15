// The bones and the surface of a figure, read from its file.
#include "gltf/avatar_body.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/format.h"

namespace mw::gltf {
namespace {

// Words for an error, and names that would have been understood.
struct Wanted {
  std::string_view bone, words, names;
  bool plain;  // a file that is no VRM must have it too
};
constexpr std::array<Wanted, 15> kWanted{{
    {"hips", "the hips", "hips, pelvis", true},
    {"spine", "the spine", "spine, abdomen", true},
    {"head", "the head", "head", true},
    {"leftUpperArm", "the left upper arm", "LeftArm, upper_arm.L, leftUpperArm", true},
    {"leftLowerArm", "the left lower arm", "LeftForeArm, forearm.L, leftLowerArm", true},
    {"leftHand", "the left hand", "LeftHand, hand.L", false},
    {"rightUpperArm", "the right upper arm", "RightArm, upper_arm.R, rightUpperArm", true},
    {"rightLowerArm", "the right lower arm", "RightForeArm, forearm.R, rightLowerArm", true},
    {"rightHand", "the right hand", "RightHand, hand.R", false},
    {"leftUpperLeg", "the left upper leg", "LeftUpLeg, thigh.L, leftUpperLeg", true},
    {"leftLowerLeg", "the left lower leg", "LeftLeg, shin.L, leftLowerLeg", true},
    {"leftFoot", "the left foot", "LeftFoot, foot.L", false},
    {"rightUpperLeg", "the right upper leg", "RightUpLeg, thigh.R, rightUpperLeg", true},
    {"rightLowerLeg", "the right lower leg", "RightLeg, shin.R, rightLowerLeg", true},
    {"rightFoot", "the right foot", "RightFoot, foot.R", false},
}};

Mat4 local_matrix(const tinygltf::Node& node) {
  const auto f = [](double value) { return static_cast<float>(value); };
  if (node.matrix.size() == 16) {
    Mat4 out;
    for (std::size_t i = 0; i < 16; ++i) out.m[i] = f(node.matrix[i]);
    return out;
  }
  Transform t;
  if (node.translation.size() == 3)
    t.translation = {f(node.translation[0]), f(node.translation[1]), f(node.translation[2])};
  if (node.rotation.size() == 4)
    t.rotation = normalised(Quat{f(node.rotation[0]), f(node.rotation[1]), f(node.rotation[2]), f(node.rotation[3])});
  if (node.scale.size() == 3) t.scale = {f(node.scale[0]), f(node.scale[1]), f(node.scale[2])};
  return matrix(t);
}

// The node that a VRM names for a bone; -1 for none.
int node_in(const Json& entry, std::size_t nodes) {
  if (!has(entry, "node") || !entry["node"].is_number_unsigned()) return -1;
  const auto node = entry["node"].get<std::uint64_t>();
  return node < nodes ? static_cast<int>(node) : -1;
}

BoneNodes bones_of_vrm(const Json& json, std::size_t nodes, AvatarKind kind) {
  BoneNodes out;
  out.fill(-1);
  const Json& extension = json["extensions"][kind == AvatarKind::vrm1 ? "VRMC_vrm" : "VRM"];
  const Json human = has(extension, "humanoid") && has(extension["humanoid"], "humanBones")
                         ? extension["humanoid"]["humanBones"]
                         : Json();
  const auto put = [&](std::string_view name, const Json& entry) {
    if (const int bone = bone_named(name); bone >= 0 && out[static_cast<std::size_t>(bone)] < 0)
      out[static_cast<std::size_t>(bone)] = node_in(entry, nodes);
  };
  if (human.is_object())
    for (const auto& [name, entry] : human.items()) put(name, entry);
  if (human.is_array())
    for (const Json& entry : human)
      if (has(entry, "bone") && entry["bone"].is_string()) put(entry["bone"].get_ref<const std::string&>(), entry);
  return out;
}

BoneNodes bones_of_plain(const Document& document) {
  std::set<int> joints;
  for (const Json& skin : list(document.json(), "skins"))
    for (const Json& joint : list(skin, "joints")) joints.insert(joint.get<int>());
  std::vector<std::string> names;
  std::vector<int> nodes;
  for (const int joint : joints) {
    names.push_back(document.model().nodes[static_cast<std::size_t>(joint)].name);
    nodes.push_back(joint);
  }
  return bones_by_name(names, nodes);
}

// For each node, the bone that moves it: its own, or that of the nearest node above it; the hips where there is none.
std::vector<std::uint8_t> movers_of(const Skeleton& skeleton, const BoneNodes& bones) {
  std::vector<std::uint8_t> out(skeleton.world.size(), 0);
  std::vector<int> own(skeleton.world.size(), -1);
  for (std::size_t bone = 0; bone < bones.size(); ++bone)
    if (bones[bone] >= 0) own[static_cast<std::size_t>(bones[bone])] = static_cast<int>(bone);
  for (std::size_t node = 0; node < out.size(); ++node) {
    auto at = static_cast<int>(node);
    while (at >= 0 && own[static_cast<std::size_t>(at)] < 0) at = skeleton.parent[static_cast<std::size_t>(at)];
    out[node] = at < 0 ? 0 : static_cast<std::uint8_t>(own[static_cast<std::size_t>(at)]);
  }
  return out;
}

Vec3 way(const Mat4& m, Vec3 v) { return m(v) - m(Vec3{}); }
bool finite(Vec3 p) { return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z); }

class SurfaceReader {
 public:
  explicit SurfaceReader(AvatarFile::State& state)
      : state_(state), movers_(movers_of(state.skeleton, state.about.bones)) {}

  Status read() {
    MW_TRY(count());
    const auto& nodes = state_.document.model().nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].mesh < 0 || !state_.skeleton.shown[i]) continue;
      const auto& primitives = state_.document.model().meshes[static_cast<std::size_t>(nodes[i].mesh)].primitives;
      load_skin(nodes[i].skin);
      for (std::size_t k = 0; k < primitives.size(); ++k)
        MW_TRY(add(primitives[k], i, format("meshes[{}].primitives[{}]", nodes[i].mesh, k),
                   list(state_.json(), "meshes")[static_cast<std::size_t>(nodes[i].mesh)]["primitives"][k]));
    }
    return ok();
  }

 private:
  // Before anything is read: a mesh that a thousand nodes show is a thousand meshes.
  Status count() {
    auto& cost = state_.about.cost;
    std::set<std::uint64_t> materials;
    const Json& accessors = list(state_.json(), "accessors");
    const Json& meshes = list(state_.json(), "meshes");
    const auto& nodes = state_.document.model().nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].mesh < 0 || !state_.skeleton.shown[i]) continue;
      for (const Json& primitive : meshes[static_cast<std::size_t>(nodes[i].mesh)]["primitives"]) {
        const auto count_of = [&](const Json& index) {
          return accessors[index.get<std::size_t>()]["count"].get<std::uint64_t>();
        };
        const auto vertices = count_of(primitive["attributes"]["POSITION"]);
        const int mode = has(primitive, "mode") ? primitive["mode"].get<int>() : 4;
        const auto order = has(primitive, "indices") ? count_of(primitive["indices"]) : vertices;
        cost.vertices += vertices;
        if (mode >= 4) cost.triangles += mode == 4 ? order / 3 : std::max<std::uint64_t>(order, 2) - 2;
        if (has(primitive, "material")) materials.insert(primitive["material"].get<std::uint64_t>());
        if (cost.vertices > limits::kAvatarVertices)
          return Error{ErrorKind::too_large, "vertices", format("there are more than {}", limits::kAvatarVertices)};
        if (cost.triangles > limits::kAvatarTriangles)
          return Error{ErrorKind::too_large, "triangles", format("there are more than {}", limits::kAvatarTriangles)};
      }
    }
    cost.materials = std::max<std::size_t>(materials.size(), 1);
    return ok();
  }

  void load_skin(int skin) {
    joints_.clear();
    moves_.clear();
    if (skin < 0) return;
    const Json& json = list(state_.json(), "skins")[static_cast<std::size_t>(skin)];
    std::vector<float> inverse;
    if (has(json, "inverseBindMatrices")) inverse = state_.document.floats(json["inverseBindMatrices"].get<int>(), 16);
    for (std::size_t i = 0; i < json["joints"].size(); ++i) {
      const auto node = json["joints"][i].get<std::size_t>();
      Mat4 bind;
      if (inverse.size() >= 16 * (i + 1))
        std::copy_n(inverse.begin() + static_cast<std::ptrdiff_t>(16 * i), 16, bind.m.begin());
      moves_.push_back(state_.skeleton.world[node] * bind);
      joints_.push_back(movers_[node]);
    }
  }

  Status add(const tinygltf::Primitive& primitive, std::size_t node, const std::string& at, const Json& json) {
    const int mode = primitive.mode < 0 ? 4 : primitive.mode;
    if (mode < 4) return ok();  // points and lines are no body
    Surface surface;
    surface.material = has(json, "material") ? json["material"].get<int>() : -1;
    auto& out = surface.primitive;
    const auto values = [&](const char* name, std::size_t width) {
      const auto found = primitive.attributes.find(name);
      return found == primitive.attributes.end() ? std::vector<float>{} : state_.document.floats(found->second, width);
    };
    const auto places = values("POSITION", 3), normals = values("NORMAL", 3), uvs = values("TEXCOORD_0", 2),
               colours = values("COLOR_0", 4), joints = values("JOINTS_0", 4), weights = values("WEIGHTS_0", 4);
    const std::size_t count = places.size() / 3;
    const bool coloured = colours.size() == count * 4;
    const bool opaque = coloured && alpha_missing(primitive);
    for (std::size_t i = 0; i < count; ++i) {
      const auto bound = bind(node, joints, weights, i);
      const Vec3 p = bound.move({places[i * 3], places[i * 3 + 1], places[i * 3 + 2]});
      if (!finite(p)) return invalid(at + ".attributes.POSITION", format("vertex {} is not finite", i));
      out.positions.push_back(p);
      Vec3 n{0, 1, 0};
      if (normals.size() == count * 3) n = bound.turn({normals[i * 3], normals[i * 3 + 1], normals[i * 3 + 2]});
      out.normals.push_back(finite(n) ? n : Vec3{0, 1, 0});
      const bool mapped = uvs.size() == count * 2 && std::isfinite(uvs[i * 2]) && std::isfinite(uvs[i * 2 + 1]);
      out.uvs.push_back(mapped ? Vec2{uvs[i * 2], uvs[i * 2 + 1]} : Vec2{});
      if (coloured) {
        const auto byte = [&](std::size_t k) {
          const float value = colours[i * 4 + k];
          return static_cast<std::uint8_t>(std::lround(clamp01(std::isfinite(value) ? value : 1) * 255));
        };
        out.colours.push_back({byte(0), byte(1), byte(2), opaque ? std::uint8_t{255} : byte(3)});
      }
      out.joints.push_back(bound.bones);
      out.weights.push_back(bound.weights);
    }
    MW_TRY(add_triangles(primitive, mode, at, out));
    if (!out.indices.empty()) state_.surfaces.push_back(std::move(surface));
    return ok();
  }

  bool alpha_missing(const tinygltf::Primitive& primitive) const {
    const auto at = primitive.attributes.find("COLOR_0");
    return list(state_.json(), "accessors")[static_cast<std::size_t>(at->second)]["type"] != "VEC4";
  }

  struct Bound {
    Joints bones{};
    Weights weights{1, 0, 0, 0};
    std::array<std::pair<const Mat4*, float>, 4> by{};
    std::size_t count = 0;
    Vec3 move(Vec3 p) const {
      Vec3 sum;
      for (std::size_t k = 0; k < count; ++k) sum += (*by[k].first)(p)*by[k].second;
      return sum;
    }
    Vec3 turn(Vec3 n) const {
      Vec3 sum;
      for (std::size_t k = 0; k < count; ++k) sum += way(*by[k].first, n) * by[k].second;
      return normalised(sum);
    }
  };

  // What moves a vertex: joints of its skin, or without one the node that its mesh hangs from.
  Bound bind(std::size_t node, const std::vector<float>& joints, const std::vector<float>& weights,
             std::size_t i) const {
    Bound out;
    float total = 0;
    const bool skinned = !moves_.empty() && joints.size() >= 4 * (i + 1) && weights.size() >= 4 * (i + 1);
    for (std::size_t k = 0; skinned && k < 4; ++k) {
      const float joint = joints[i * 4 + k], weight = weights[i * 4 + k];
      if (!(weight > 0) || !std::isfinite(weight) || !(joint >= 0 && joint < static_cast<float>(moves_.size())))
        continue;
      out.by[out.count++] = {&moves_[static_cast<std::size_t>(joint)], weight};
      total += weight;
    }
    if (out.count == 0) {
      out.by[out.count++] = {&state_.skeleton.world[node], 1};
      out.bones[0] = movers_[node];
      return out;
    }
    std::size_t used = 0;
    out.weights = {};
    for (std::size_t k = 0; k < out.count; ++k) {
      out.by[k].second /= total;
      const auto bone = joints_[static_cast<std::size_t>(out.by[k].first - moves_.data())];
      const auto same = std::find(out.bones.begin(), out.bones.begin() + static_cast<std::ptrdiff_t>(used), bone);
      const auto slot = static_cast<std::size_t>(same - out.bones.begin());
      if (slot == used) out.bones[used++] = bone;
      out.weights[slot] += out.by[k].second;
    }
    // The writer takes the first for the greatest.
    const auto most = static_cast<std::size_t>(std::ranges::max_element(out.weights) - out.weights.begin());
    std::swap(out.weights[0], out.weights[most]), std::swap(out.bones[0], out.bones[most]);
    return out;
  }

  Status add_triangles(const tinygltf::Primitive& primitive, int mode, const std::string& at, Primitive& out) const {
    const auto vertices = static_cast<std::uint32_t>(out.positions.size());
    std::vector<std::uint32_t> order;
    if (primitive.indices >= 0) {
      order = state_.document.whole(primitive.indices);
    } else {
      for (std::uint32_t i = 0; i < vertices; ++i) order.push_back(i);
    }
    for (std::size_t i = 0; i < order.size(); ++i)
      if (order[i] >= vertices)
        return invalid(at + ".indices", format("index {} is {}, but there are {} vertices", i, order[i], vertices));
    if (mode == 4) {
      order.resize(order.size() / 3 * 3);
      out.indices = std::move(order);
      return ok();
    }
    for (std::size_t i = 2; i < order.size(); ++i) {
      const bool odd = mode == 5 && i % 2 == 1;
      const std::uint32_t a = mode == 6 ? order[0] : order[i - 2], b = order[i - 1];
      for (const std::uint32_t index : {odd ? b : a, odd ? a : b, order[i]}) out.indices.push_back(index);
    }
    return ok();
  }

  AvatarFile::State& state_;
  std::vector<std::uint8_t> movers_;
  std::vector<std::uint8_t> joints_;  // of the present skin: the bone that moves each
  std::vector<Mat4> moves_;  // and how it moves what is bound to it, in the rest pose
};

}  // namespace

Result<Skeleton> skeleton_of(const Document& document) {
  const auto& nodes = document.model().nodes;
  const Json& json = document.json();
  Skeleton out{std::vector<Mat4>(nodes.size()), std::vector<int>(nodes.size(), -1),
               std::vector<bool>(nodes.size(), false)};
  const std::size_t scene = has(json, "scene") ? json["scene"].get<std::size_t>() : 0;
  std::vector<int> open;
  for (const Json& root : list(list(json, "scenes")[scene], "nodes")) open.push_back(root.get<int>());
  std::size_t visited = 0;
  while (!open.empty()) {
    const auto at = static_cast<std::size_t>(open.back());
    open.pop_back();
    if (++visited > nodes.size() || out.shown[at])
      return invalid(format("scenes[{}].nodes", scene), "shows a node more than once");
    out.shown[at] = true;
    const Mat4 local = local_matrix(nodes[at]);
    out.world[at] = out.parent[at] < 0 ? local : out.world[static_cast<std::size_t>(out.parent[at])] * local;
    for (const int child : nodes[at].children) {
      out.parent[static_cast<std::size_t>(child)] = static_cast<int>(at);
      open.push_back(child);
    }
  }
  return out;
}

Status find_bones(AvatarFile::State& state) {
  auto& about = state.about;
  const bool plain = about.kind == AvatarKind::plain;
  if (plain && list(state.json(), "skins").empty())
    return invalid("skins", "there is none: a figure needs a skeleton that its surface is bound to");
  about.bones = plain ? bones_of_plain(state.document)
                      : bones_of_vrm(state.json(), state.document.model().nodes.size(), about.kind);
  for (int& node : about.bones)
    if (node >= 0 && !state.skeleton.shown[static_cast<std::size_t>(node)]) node = -1;
  for (const auto& wanted : kWanted) {
    if (about.bones[static_cast<std::size_t>(bone_named(wanted.bone))] >= 0 || (plain && !wanted.plain)) continue;
    return invalid("bones", plain ? format("there is no joint for {} ({}): expected one that is called {}, or the like",
                                           wanted.words, wanted.bone, wanted.names)
                                  : format("the file names no node for {} ({})", wanted.words, wanted.bone));
  }
  std::set<int> used;
  for (std::size_t bone = 0; bone < about.bones.size(); ++bone)
    if (about.bones[bone] >= 0 && !used.insert(about.bones[bone]).second)
      return invalid("bones", format("node {} is more than one bone, the last is {}", about.bones[bone], kBones[bone]));
  return ok();
}

Status read_surfaces(AvatarFile::State& state) { return SurfaceReader(state).read(); }

}  // namespace mw::gltf
