#include <meshoptimizer.h>

#include <cstring>
#include <optional>
#include <set>

#include "base/assert.h"
#include "gltf/model.h"

namespace mw::gltf {
namespace {

constexpr int kFloat = 5126, kUnsignedInt = 5125, kUnsignedShort = 5123, kShort = 5122, kUnsignedByte = 5121,
              kByte = 5120;
constexpr int kArrayBuffer = 34962, kElementBuffer = 34963;
constexpr float kSteps = 65535;  // of a quantised position

// A point p of a mesh is stored as (p - offset) / scale.
struct Grid {
  Vec3 offset;
  float scale = 1;
};

Grid grid_of(const Bounds& bounds) {
  if (bounds.empty()) return {};
  const Vec3 size = bounds.size();
  const float extent = std::max({size.x, size.y, size.z, 1e-4f});
  return {bounds.low, extent / kSteps};
}

struct Stream {
  Bytes bytes;
  std::size_t stride = 0, count = 0;
  int component = kFloat, target = 0;
  const char* type = "VEC3";
  bool normalised = false;
};

template <class Value>
void put(Bytes& out, Value value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof(Value));
  std::memcpy(out.data() + at, &value, sizeof(Value));
}

std::int8_t snorm8(float value) { return static_cast<std::int8_t>(std::lround(std::clamp(value, -1.f, 1.f) * 127)); }
std::int16_t snorm16(float value) {
  return static_cast<std::int16_t>(std::lround(std::clamp(value, -1.f, 1.f) * 32767));
}

class Writer {
 public:
  Writer(const Model& model, const WriteOptions& options) : model_(model), options_(options) {}

  Bytes write() {
    find_grids();
    json_["asset"] = {{"version", "2.0"}, {"generator", "Manyworlds kit"}};
    if (!model_.extras.is_null()) json_["asset"]["extras"] = model_.extras;
    json_["scene"] = 0;
    json_["scenes"] = Json::array({{{"nodes", model_.roots}}});
    write_materials();
    for (std::size_t i = 0; i < model_.meshes.size(); ++i) write_mesh(i);
    write_nodes();
    for (const Skin& skin : model_.skins) write_skin(skin);
    for (const Clip& clip : model_.clips) write_clip(clip);
    write_lights();
    return assemble();
  }

 private:
  // Meshes of one skin share a grid, since the inverse bind matrices undo it.
  void find_grids() {
    std::vector<Bounds> of_mesh(model_.meshes.size()), of_skin(model_.skins.size());
    for (std::size_t i = 0; i < model_.meshes.size(); ++i) {
      for (const Primitive& primitive : model_.meshes[i].primitives) {
        for (Vec3 p : primitive.positions) of_mesh[i].add(p);
      }
    }
    for (const Node& node : model_.nodes) {
      if (node.mesh < 0 || node.skin < 0) continue;
      Bounds& all = of_skin[static_cast<std::size_t>(node.skin)];
      all.add(of_mesh[static_cast<std::size_t>(node.mesh)].low);
      all.add(of_mesh[static_cast<std::size_t>(node.mesh)].high);
    }
    for (const Bounds& bounds : of_mesh) mesh_grids_.push_back(grid_of(bounds));
    for (const Bounds& bounds : of_skin) skin_grids_.push_back(grid_of(bounds));
    for (const Node& node : model_.nodes) {
      if (node.mesh >= 0 && node.skin >= 0) {
        mesh_grids_[static_cast<std::size_t>(node.mesh)] = skin_grids_[static_cast<std::size_t>(node.skin)];
      }
    }
  }

  int add_view(const Stream& stream) {
    if (options_.compress && stream.target != 0 && stream.stride % 4 == 0) return add_compressed(stream);
    if (options_.compress && stream.target == kElementBuffer && stream.count % 3 == 0) return add_compressed(stream);
    while (binary_.size() % 4 != 0) binary_.push_back(0);
    Json view = {{"buffer", 0}, {"byteOffset", binary_.size()}, {"byteLength", stream.bytes.size()}};
    if (stream.target != 0) view["target"] = stream.target;
    if (stream.target == kArrayBuffer) view["byteStride"] = stream.stride;
    binary_.insert(binary_.end(), stream.bytes.begin(), stream.bytes.end());
    return push(json_["bufferViews"], std::move(view));
  }

  int add_compressed(const Stream& stream) {
    Bytes packed;
    const bool triangles = stream.target == kElementBuffer;
    if (triangles) {
      std::vector<unsigned> indices(stream.count);
      for (std::size_t i = 0; i < stream.count; ++i) {
        std::uint32_t index = 0;
        std::memcpy(&index, stream.bytes.data() + i * stream.stride, stream.stride);
        indices[i] = index;
      }
      meshopt_encodeIndexVersion(1);
      packed.resize(meshopt_encodeIndexBufferBound(stream.count, 1u << 24));
      packed.resize(meshopt_encodeIndexBuffer(packed.data(), packed.size(), indices.data(), indices.size()));
    } else {
      meshopt_encodeVertexVersion(0);
      packed.resize(meshopt_encodeVertexBufferBound(stream.count, stream.stride));
      packed.resize(
          meshopt_encodeVertexBuffer(packed.data(), packed.size(), stream.bytes.data(), stream.count, stream.stride));
    }
    while (binary_.size() % 4 != 0) binary_.push_back(0);
    while (fallback_bytes_ % 4 != 0) ++fallback_bytes_;
    Json extension = {{"buffer", 0},
                      {"byteOffset", binary_.size()},
                      {"byteLength", packed.size()},
                      {"byteStride", stream.stride},
                      {"count", stream.count},
                      {"mode", triangles ? "TRIANGLES" : "ATTRIBUTES"}};
    Json view = {
        {"buffer", 1}, {"byteOffset", fallback_bytes_}, {"byteLength", stream.bytes.size()}, {"target", stream.target}};
    if (!triangles) view["byteStride"] = stream.stride;
    view["extensions"]["EXT_meshopt_compression"] = std::move(extension);
    fallback_bytes_ += stream.bytes.size();
    binary_.insert(binary_.end(), packed.begin(), packed.end());
    use("EXT_meshopt_compression", true);
    return push(json_["bufferViews"], std::move(view));
  }

  int add_accessor(const Stream& stream, const Json& low = {}, const Json& high = {}) {
    Json accessor = {{"bufferView", add_view(stream)},
                     {"componentType", stream.component},
                     {"count", stream.count},
                     {"type", stream.type}};
    if (stream.normalised) accessor["normalized"] = true;
    if (!low.is_null()) accessor["min"] = low, accessor["max"] = high;
    return push(json_["accessors"], std::move(accessor));
  }

  int add_positions(const std::vector<Vec3>& points, const Grid& grid) {
    Stream stream{{}, 8, points.size(), kUnsignedShort, kArrayBuffer, "VEC3", false};
    std::array<int, 3> low{65535, 65535, 65535}, high{0, 0, 0};
    for (Vec3 p : points) {
      for (int axis = 0; axis < 3; ++axis) {
        const float steps = (p[axis] - grid.offset[axis]) / grid.scale;
        const auto q = static_cast<std::uint16_t>(std::lround(std::clamp(steps, 0.f, kSteps)));
        const auto at = static_cast<std::size_t>(axis);
        low[at] = std::min(low[at], static_cast<int>(q)), high[at] = std::max(high[at], static_cast<int>(q));
        put(stream.bytes, q);
      }
      put(stream.bytes, std::uint16_t{0});
    }
    use("KHR_mesh_quantization", true);
    return add_accessor(stream, low, high);
  }

  int add_normals(const std::vector<Vec3>& normals) {
    Stream stream{{}, 4, normals.size(), kByte, kArrayBuffer, "VEC3", true};
    for (Vec3 n : normals) {
      for (int axis = 0; axis < 3; ++axis) put(stream.bytes, snorm8(n[axis]));
      put(stream.bytes, std::int8_t{0});
    }
    return add_accessor(stream);
  }

  template <class Four>
  int add_four_bytes(const std::vector<Four>& values, bool normalised) {
    Stream stream{{}, 4, values.size(), kUnsignedByte, kArrayBuffer, "VEC4", normalised};
    for (const auto& value : values) stream.bytes.insert(stream.bytes.end(), value.begin(), value.end());
    return add_accessor(stream);
  }

  int add_weights(const std::vector<Weights>& weights) {
    std::vector<Rgba8> bytes;
    for (const Weights& w : weights) {
      Rgba8 q{};
      int sum = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        q[i] = static_cast<std::uint8_t>(std::lround(clamp01(w[i]) * 255));
        sum += q[i];
      }
      q[0] = static_cast<std::uint8_t>(q[0] + 255 - sum);  // the first is the greatest
      bytes.push_back(q);
    }
    return add_four_bytes(bytes, true);
  }

  int add_floats(const std::vector<float>& values, std::size_t width, const char* type, bool bounds, int target = 0) {
    Stream stream{{}, width * 4, values.size() / width, kFloat, target, type, false};
    for (float value : values) put(stream.bytes, value);
    if (!bounds || values.empty()) return add_accessor(stream);
    return add_accessor(stream, Json::array({*std::min_element(values.begin(), values.end())}),
                        Json::array({*std::max_element(values.begin(), values.end())}));
  }

  int add_indices(const std::vector<std::uint32_t>& indices, std::size_t vertices) {
    const bool wide = vertices > 65535;
    Stream stream{{},       wide ? 4u : 2u, indices.size(), wide ? kUnsignedInt : kUnsignedShort, kElementBuffer,
                  "SCALAR", false};
    for (std::uint32_t index : indices) {
      MW_ASSERT(index < vertices);
      if (wide) {
        put(stream.bytes, index);
      } else {
        put(stream.bytes, static_cast<std::uint16_t>(index));
      }
    }
    return add_accessor(stream);
  }

  void write_mesh(std::size_t index) {
    const Mesh& mesh = model_.meshes[index];
    Json out = {{"name", mesh.name}, {"primitives", Json::array()}};
    for (const Primitive& primitive : mesh.primitives) {
      const std::size_t count = primitive.positions.size();
      MW_ASSERT(count > 0 && !primitive.indices.empty() && primitive.indices.size() % 3 == 0);
      Json attributes = {{"POSITION", add_positions(primitive.positions, mesh_grids_[index])}};
      const auto fits = [&](const auto& values) {
        MW_ASSERT(values.empty() || values.size() == count);
        return !values.empty();
      };
      if (fits(primitive.normals)) attributes["NORMAL"] = add_normals(primitive.normals);
      if (fits(primitive.uvs)) {
        std::vector<float> flat;
        for (Vec2 uv : primitive.uvs) flat.push_back(uv.x), flat.push_back(uv.y);
        attributes["TEXCOORD_0"] = add_floats(flat, 2, "VEC2", false, kArrayBuffer);
      }
      if (fits(primitive.colours)) attributes["COLOR_0"] = add_four_bytes(primitive.colours, true);
      if (fits(primitive.joints)) attributes["JOINTS_0"] = add_four_bytes(primitive.joints, false);
      if (fits(primitive.weights)) attributes["WEIGHTS_0"] = add_weights(primitive.weights);
      for (const CustomAttribute& custom : primitive.custom) {
        if (fits(custom.values)) attributes[custom.name] = add_four_bytes(custom.values, false);
      }
      Json entry = {{"attributes", std::move(attributes)}, {"indices", add_indices(primitive.indices, count)}};
      if (primitive.material >= 0) entry["material"] = primitive.material;
      out["primitives"].push_back(std::move(entry));
    }
    push(json_["meshes"], std::move(out));
  }

  void write_materials() {
    for (const Bytes& image : model_.images) {
      Stream stream{image, 1, image.size(), kUnsignedByte, 0, "SCALAR", false};
      push(json_["images"], {{"bufferView", add_view(stream)}, {"mimeType", "image/png"}});
      push(json_["textures"], {{"source", json_["images"].size() - 1}, {"sampler", 0}});
    }
    if (!model_.images.empty()) {
      json_["samplers"] = Json::array({{{"magFilter", 9729}, {"minFilter", 9987}, {"wrapS", 10497}, {"wrapT", 10497}}});
    }
    for (const Material& material : model_.materials) {
      Json pbr = {{"metallicFactor", material.metallic}, {"roughnessFactor", material.roughness}};
      if (material.base != std::array<float, 4>{1, 1, 1, 1}) pbr["baseColorFactor"] = material.base;
      if (material.texture >= 0) pbr["baseColorTexture"] = {{"index", material.texture}};
      Json out = {{"name", material.name}, {"pbrMetallicRoughness", std::move(pbr)}};
      const Vec3 e = material.emissive;
      if (e != Vec3{}) out["emissiveFactor"] = {e.x, e.y, e.z};
      if (material.emissive_strength > 1) {
        out["extensions"]["KHR_materials_emissive_strength"]["emissiveStrength"] = material.emissive_strength;
        use("KHR_materials_emissive_strength", false);
      }
      if (material.unlit) {
        out["extensions"]["KHR_materials_unlit"] = Json::object();
        use("KHR_materials_unlit", false);
      }
      if (material.double_sided) out["doubleSided"] = true;
      if (material.blend) out["alphaMode"] = "BLEND";
      if (material.alpha_cutoff > 0) out["alphaMode"] = "MASK", out["alphaCutoff"] = material.alpha_cutoff;
      push(json_["materials"], std::move(out));
    }
  }

  static void put_transform(Json& out, const Transform& t) {
    if (t.translation != Vec3{}) out["translation"] = {t.translation.x, t.translation.y, t.translation.z};
    if (t.rotation.w != 1) out["rotation"] = {t.rotation.x, t.rotation.y, t.rotation.z, t.rotation.w};
    if (t.scale != Vec3{1, 1, 1}) out["scale"] = {t.scale.x, t.scale.y, t.scale.z};
  }

  // The place of a mesh on its grid, for a mesh that stands at `t`.
  static Transform with_grid(const Transform& t, const Grid& grid) {
    return {t.translation + rotate(t.rotation, t.scale * grid.offset), t.rotation, t.scale * grid.scale};
  }

  Json instancing(const Node& node, const Grid& grid) {
    std::vector<float> places, turns, sizes, tints;
    bool tinted = false, turned = false;
    for (const Instance& instance : node.instances) {
      const Transform t = with_grid(instance.place, grid);
      for (int axis = 0; axis < 3; ++axis) {
        places.push_back(t.translation[axis]);
        sizes.push_back(t.scale[axis]);
        tints.push_back(instance.tint[axis]);
      }
      turns.insert(turns.end(), {t.rotation.x, t.rotation.y, t.rotation.z, t.rotation.w});
      tinted |= instance.tint != Vec3{1, 1, 1};
      turned |= t.rotation.w != 1;
    }
    Json attributes = {{"TRANSLATION", add_floats(places, 3, "VEC3", false)},
                       {"SCALE", add_floats(sizes, 3, "VEC3", false)}};
    if (turned) attributes["ROTATION"] = add_floats(turns, 4, "VEC4", false);
    if (tinted) attributes["_COLOR_0"] = add_floats(tints, 3, "VEC3", false);
    use("EXT_mesh_gpu_instancing", true);
    return {{"attributes", std::move(attributes)}};
  }

  // A mesh's grid goes into the node that carries it; where that would move children, an animation or instances, a child of
  // its own carries the mesh.
  void write_nodes() {
    json_["nodes"] = Json::array();
    std::vector<Json> extra;
    for (const Node& node : model_.nodes) {
      Json out = Json::object();
      if (!node.name.empty()) out["name"] = node.name;
      std::vector<int> children = node.children;
      Transform place = node.transform;
      if (node.mesh >= 0) {
        const Grid& grid = mesh_grids_[static_cast<std::size_t>(node.mesh)];
        if (node.skin >= 0) {
          out["mesh"] = node.mesh, out["skin"] = node.skin;
        } else if (!node.instances.empty()) {
          out["mesh"] = node.mesh;
          out["extensions"]["EXT_mesh_gpu_instancing"] = instancing(node, grid);
        } else if (children.empty()) {
          out["mesh"] = node.mesh;
          place = with_grid(place, grid);
        } else {
          Json child = {{"mesh", node.mesh}};
          put_transform(child, with_grid({}, grid));
          children.push_back(static_cast<int>(model_.nodes.size() + extra.size()));
          extra.push_back(std::move(child));
        }
      }
      put_transform(out, place);
      if (!children.empty()) out["children"] = children;
      if (node.light >= 0) out["extensions"]["KHR_lights_punctual"]["light"] = node.light;
      if (!node.extras.is_null()) out["extras"] = node.extras;
      if (node.extensions.is_object()) {
        for (const auto& [name, value] : node.extensions.items()) out["extensions"][name] = value, use(name, false);
      }
      json_["nodes"].push_back(std::move(out));
    }
    for (Json& node : extra) json_["nodes"].push_back(std::move(node));
  }

  void write_skin(const Skin& skin) {
    MW_ASSERT(skin.joints.size() == skin.inverse_bind.size());
    const std::size_t index = json_.contains("skins") ? json_["skins"].size() : 0;
    const Grid& grid = skin_grids_[index];
    const Mat4 undo = matrix({grid.offset, {}, {grid.scale, grid.scale, grid.scale}});
    std::vector<float> flat;
    for (const Mat4& inverse : skin.inverse_bind) {
      const Mat4 m = inverse * undo;
      flat.insert(flat.end(), m.m.begin(), m.m.end());
    }
    push(json_["skins"],
         {{"name", skin.name}, {"joints", skin.joints}, {"inverseBindMatrices", add_floats(flat, 16, "MAT4", false)}});
  }

  void write_clip(const Clip& clip) {
    const int times = add_floats(clip.times, 1, "SCALAR", true);
    Json out = {{"name", clip.name}, {"channels", Json::array()}, {"samplers", Json::array()}};
    for (const Channel& channel : clip.channels) {
      const bool rotation = channel.path == Channel::Path::rotation;
      const std::size_t width = rotation ? 4 : 3;
      MW_ASSERT(channel.values.size() == clip.times.size() * width);
      int values = 0;
      if (rotation) {
        Stream stream{{}, 8, clip.times.size(), kShort, 0, "VEC4", true};
        for (float value : channel.values) put(stream.bytes, snorm16(value));
        values = add_accessor(stream);
      } else {
        values = add_floats(channel.values, 3, "VEC3", false);
      }
      const char* path = rotation ? "rotation" : channel.path == Channel::Path::translation ? "translation" : "scale";
      out["channels"].push_back(
          {{"sampler", out["samplers"].size()}, {"target", {{"node", channel.node}, {"path", path}}}});
      out["samplers"].push_back({{"input", times}, {"output", values}});
    }
    push(json_["animations"], std::move(out));
  }

  void write_lights() {
    if (model_.lights.empty()) return;
    Json lights = Json::array();
    for (const PunctualLight& light : model_.lights) {
      Json out = {{"type", light.kind},
                  {"color", {light.colour.x, light.colour.y, light.colour.z}},
                  {"intensity", light.intensity}};
      if (light.range > 0) out["range"] = light.range;
      if (light.kind == "spot") out["spot"] = Json::object();
      lights.push_back(std::move(out));
    }
    json_["extensions"]["KHR_lights_punctual"]["lights"] = std::move(lights);
    use("KHR_lights_punctual", false);
  }

  Bytes assemble() {
    if (!used_.empty()) json_["extensionsUsed"] = used_;
    if (!required_.empty()) json_["extensionsRequired"] = required_;
    while (binary_.size() % 4 != 0) binary_.push_back(0);
    json_["buffers"] = Json::array({{{"byteLength", binary_.size()}}});
    if (fallback_bytes_ > 0) {
      json_["buffers"].push_back(
          {{"byteLength", fallback_bytes_}, {"extensions", {{"EXT_meshopt_compression", {{"fallback", true}}}}}});
    }
    std::string text = data::to_text(json_);
    while (text.size() % 4 != 0) text.push_back(' ');
    Bytes out;
    out.reserve(28 + text.size() + binary_.size());
    put(out, std::uint32_t{0x46546C67});
    put(out, std::uint32_t{2});
    put(out, static_cast<std::uint32_t>(28 + text.size() + binary_.size()));
    put(out, static_cast<std::uint32_t>(text.size()));
    put(out, std::uint32_t{0x4E4F534A});
    out.insert(out.end(), text.begin(), text.end());
    put(out, static_cast<std::uint32_t>(binary_.size()));
    put(out, std::uint32_t{0x004E4942});
    out.insert(out.end(), binary_.begin(), binary_.end());
    return out;
  }

  int push(Json& array, Json value) {
    array.push_back(std::move(value));
    return static_cast<int>(array.size()) - 1;
  }
  void use(const std::string& extension, bool required) {
    used_.insert(extension);
    if (required) required_.insert(extension);
  }

  const Model& model_;
  const WriteOptions options_;
  Json json_ = Json::object();
  Bytes binary_;
  std::size_t fallback_bytes_ = 0;
  std::vector<Grid> mesh_grids_, skin_grids_;
  std::set<std::string> used_, required_;
};

}  // namespace

Bytes write_glb(const Model& model, const WriteOptions& options) { return Writer(model, options).write(); }

std::uint64_t triangles(const Model& model) {
  std::uint64_t total = 0;
  for (const Node& node : model.nodes) {
    if (node.mesh < 0) continue;
    std::uint64_t of_mesh = 0;
    for (const Primitive& primitive : model.meshes[static_cast<std::size_t>(node.mesh)].primitives) {
      of_mesh += primitive.indices.size() / 3;
    }
    total += of_mesh * std::max<std::size_t>(node.instances.size(), 1);
  }
  return total;
}

}  // namespace mw::gltf
