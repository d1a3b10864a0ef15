// What a glTF document must keep to before any of it is used: the JSON types, that every index points at something, and that
// every range lies within what it is a range of. Source: glTF 2.0 specification, sections 3 and 5.
#include <array>
#include <cmath>
#include <set>

#include "base/format.h"
#include "base/limits.h"
#include "gltf/document.h"

namespace mw::gltf {
namespace {

constexpr std::array<std::string_view, 24> kKnownExtensions{"KHR_mesh_quantization",
                                                            "EXT_meshopt_compression",
                                                            "KHR_lights_punctual",
                                                            "KHR_texture_basisu",
                                                            "KHR_texture_transform",
                                                            "EXT_texture_webp",
                                                            "EXT_mesh_gpu_instancing",
                                                            "KHR_materials_unlit",
                                                            "KHR_materials_emissive_strength",
                                                            "KHR_materials_clearcoat",
                                                            "KHR_materials_transmission",
                                                            "KHR_materials_ior",
                                                            "KHR_materials_specular",
                                                            "KHR_materials_sheen",
                                                            "KHR_materials_volume",
                                                            "KHR_materials_iridescence",
                                                            "KHR_materials_anisotropy",
                                                            "KHR_materials_dispersion",
                                                            "OMI_spawn_point",
                                                            "OMI_collider",
                                                            "OMI_physics_shape",
                                                            "OMI_physics_body",
                                                            "OMI_seat",
                                                            "MSFT_lod"};

const Json kNone = Json::array();

class Checker {
 public:
  Checker(const Json& json, std::size_t chunk) : json_(json), chunk_(chunk) {}

  Status check() {
    for (auto step : {&Checker::asset, &Checker::extensions, &Checker::arrays, &Checker::buffers, &Checker::views,
                      &Checker::accessors, &Checker::images, &Checker::textures, &Checker::materials, &Checker::meshes,
                      &Checker::nodes, &Checker::tree, &Checker::skins, &Checker::animations, &Checker::scenes}) {
      if (Status status = (this->*step)(); !status) return status;
    }
    return ok();
  }

 private:
  static Error bad(std::string field, std::string message) { return invalid(std::move(field), std::move(message)); }

  const Json& all(const char* key) const { return list(json_, key); }
  std::size_t count(const char* key) const { return all(key).size(); }

  // A whole number from `low` to `high`. Missing is an error when `required`, else 0.
  Result<std::uint64_t> whole(const Json& in, const char* key, const std::string& at, std::uint64_t low,
                              std::uint64_t high, bool required) const {
    const std::string field = at + "." + key;
    if (!has(in, key)) {
      if (required) return bad(field, "is missing");
      return std::uint64_t{0};
    }
    const Json& value = in.at(key);
    if (!value.is_number_unsigned()) return bad(field, "expected a whole number");
    const auto number = value.get<std::uint64_t>();
    if (number < low || number > high) return bad(field, format("expected {} to {}, found {}", low, high, number));
    return number;
  }
  // An index into a top-level array.
  Status index(const Json& in, const char* key, const std::string& at, const char* of, bool required = false) const {
    if (!has(in, key) && !required) return ok();
    if (count(of) == 0) return bad(at + "." + key, format("there are no {}", of));
    auto value = whole(in, key, at, 0, count(of) - 1, required);
    if (!value) return value.error();
    return ok();
  }
  Status index_list(const Json& in, const char* key, const std::string& at, const char* of) const {
    if (!has(in, key)) return ok();
    const Json& values = in.at(key);
    if (!values.is_array()) return bad(at + "." + key, "expected an array");
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!values[i].is_number_unsigned() || values[i].get<std::uint64_t>() >= count(of)) {
        return bad(format("{}.{}[{}]", at, key, i), format("expected an index into {}, which has {}", of, count(of)));
      }
    }
    return ok();
  }
  Status numbers(const Json& in, const char* key, const std::string& at, std::size_t size, double most) const {
    if (!has(in, key)) return ok();
    const Json& values = in.at(key);
    const std::string field = at + "." + key;
    if (!values.is_array() || values.size() != size) return bad(field, format("expected {} numbers", size));
    for (const Json& value : values) {
      if (!value.is_number() || !(std::abs(value.get<double>()) <= most))
        return bad(field, format("expected finite numbers of at most {}", most));
    }
    return ok();
  }

  Status asset() {
    if (!json_.is_object() || !has(json_, "asset") || !json_["asset"].is_object())
      return bad("asset", "is missing: this is no glTF 2.0 file");
    const Json& asset = json_["asset"];
    const auto version = [&](const char* key) -> std::string {
      return has(asset, key) && asset[key].is_string() ? asset[key].get<std::string>() : "";
    };
    if (!version("version").starts_with("2."))
      return bad("asset.version", format("expected 2.0, found \"{}\"", version("version").substr(0, 16)));
    if (has(asset, "minVersion") && version("minVersion") != "2.0")
      return bad("asset.minVersion", "only 2.0 can be read");
    return ok();
  }

  Status extensions() {
    for (const char* key : {"extensionsUsed", "extensionsRequired"}) {
      if (!has(json_, key)) continue;
      if (!json_[key].is_array() || json_[key].size() > 256) return bad(key, "expected an array of names");
      for (const Json& name : json_[key]) {
        if (!name.is_string() || name.get_ref<const std::string&>().size() > 100)
          return bad(key, "expected an array of names");
      }
    }
    for (const Json& name : all("extensionsRequired")) {
      const auto& text = name.get_ref<const std::string&>();
      if (std::find(kKnownExtensions.begin(), kKnownExtensions.end(), text) == kKnownExtensions.end()) {
        return bad("extensionsRequired", format("the file needs the extension {}, which is not supported here", text));
      }
    }
    return ok();
  }

  Status arrays() {
    struct Bound {
      const char* key;
      std::size_t most;
    };
    for (const Bound& bound : {Bound{"buffers", limits::kModelAssets}, Bound{"bufferViews", limits::kModelItems},
                               Bound{"accessors", limits::kModelItems}, Bound{"meshes", limits::kModelItems},
                               Bound{"nodes", limits::kModelItems}, Bound{"materials", limits::kModelAssets},
                               Bound{"textures", limits::kModelAssets}, Bound{"images", limits::kModelAssets},
                               Bound{"samplers", limits::kModelAssets}, Bound{"animations", limits::kModelAssets},
                               Bound{"skins", limits::kModelAssets}, Bound{"scenes", limits::kModelAssets},
                               Bound{"cameras", limits::kModelAssets}}) {
      if (!has(json_, bound.key)) continue;
      const Json& items = json_[bound.key];
      if (!items.is_array()) return bad(bound.key, "expected an array");
      if (items.size() > bound.most)
        return Error{ErrorKind::too_large, bound.key, format("has {} items, at most {}", items.size(), bound.most)};
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (!items[i].is_object()) return bad(format("{}[{}]", bound.key, i), "expected an object");
        const Json extensions = has(items[i], "extensions") ? items[i]["extensions"] : Json::object();
        if (!extensions.is_object()) return bad(format("{}[{}].extensions", bound.key, i), "expected an object");
        for (const auto& [name, value] : extensions.items()) {
          if (!value.is_object())
            return bad(format("{}[{}].extensions.{}", bound.key, i, name.substr(0, 100)), "expected an object");
        }
      }
    }
    return ok();
  }

  Status buffers() {
    const Json& items = all("buffers");
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string at = format("buffers[{}]", i);
      auto length = whole(items[i], "byteLength", at, 1, limits::kSceneFileBytes, true);
      if (!length) return length.error();
      if (has(items[i], "uri")) {
        if (!items[i]["uri"].is_string()) return bad(at + ".uri", "expected text");
      } else if (!is_fallback(items[i])) {
        if (i != 0 || chunk_ == 0)
          return bad(at + ".uri", "is missing: only the first buffer of a .glb lies in the file itself");
        if (*length > chunk_)
          return bad(at + ".byteLength", format("is {}, but the binary chunk has {} bytes", *length, chunk_));
      }
      lengths_.push_back(*length);
    }
    return ok();
  }

 public:
  // A buffer that is never loaded, since everything in it is stored compressed elsewhere.
  static bool is_fallback(const Json& buffer) {
    if (has(buffer, "uri") || !has(buffer, "extensions")) return false;
    return has(buffer["extensions"], "EXT_meshopt_compression");
  }

 private:
  Status views() {
    const Json& items = all("bufferViews");
    std::uint64_t unpacked = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string at = format("bufferViews[{}]", i);
      const Json& view = items[i];
      if (Status s = range(view, at); !s) return s;
      auto stride = whole(view, "byteStride", at, 4, 252, false);
      if (!stride) return stride.error();
      if (*stride % 4 != 0) return bad(at + ".byteStride", "expected a multiple of 4");
      const bool packed = has(view, "extensions") && has(view["extensions"], "EXT_meshopt_compression");
      if (packed) {
        unpacked += view["byteLength"].get<std::uint64_t>();
        if (unpacked > limits::kSceneFileBytes)
          return Error{ErrorKind::too_large, at, format("unpacks to more than {} bytes", limits::kSceneFileBytes)};
        if (Status s = compressed(view, at); !s) return s;
      } else if (is_fallback(all("buffers")[view["buffer"].get<std::size_t>()])) {
        return bad(at + ".buffer", "names a fallback buffer, but the view is not compressed");
      }
    }
    return ok();
  }

  // buffer, byteOffset and byteLength of a view or of its compressed form.
  Status range(const Json& view, const std::string& at) {
    if (Status s = index(view, "buffer", at, "buffers", true); !s) return s;
    const std::uint64_t all_bytes = lengths_[view["buffer"].get<std::size_t>()];
    auto offset = whole(view, "byteOffset", at, 0, all_bytes, false);
    if (!offset) return offset.error();
    auto length = whole(view, "byteLength", at, 1, limits::kSceneFileBytes, true);
    if (!length) return length.error();
    if (*length > all_bytes - *offset)
      return bad(at + ".byteLength", format("ends at {}, but the buffer has {} bytes", *offset + *length, all_bytes));
    return ok();
  }

  Status compressed(const Json& view, const std::string& at) {
    const Json& packed = view["extensions"]["EXT_meshopt_compression"];
    const std::string field = at + ".extensions.EXT_meshopt_compression";
    if (Status s = range(packed, field); !s) return s;
    if (is_fallback(all("buffers")[packed["buffer"].get<std::size_t>()]))
      return bad(field + ".buffer", "names a fallback buffer");
    auto stride = whole(packed, "byteStride", field, 2, 256, true);
    if (!stride) return stride.error();
    auto number = whole(packed, "count", field, 1, limits::kSceneFileBytes, true);
    if (!number) return number.error();
    if (*stride * *number != view["byteLength"].get<std::uint64_t>())
      return bad(field + ".count", "count times byteStride is not the view's byteLength");
    const std::string mode = has(packed, "mode") && packed["mode"].is_string() ? packed["mode"].get<std::string>() : "";
    if (mode == "ATTRIBUTES" ? *stride % 4 != 0
                             : (mode == "TRIANGLES" || mode == "INDICES") && *stride != 2 && *stride != 4) {
      return bad(field + ".byteStride", format("{} is no stride for mode {}", *stride, mode));
    }
    if (mode != "ATTRIBUTES" && mode != "TRIANGLES" && mode != "INDICES")
      return bad(field + ".mode", "expected ATTRIBUTES, TRIANGLES or INDICES");
    if (mode == "TRIANGLES" && *number % 3 != 0) return bad(field + ".count", "expected a multiple of 3");
    const std::string filter =
        has(packed, "filter") ? (packed["filter"].is_string() ? packed["filter"].get<std::string>() : "?") : "NONE";
    const bool fits = filter == "NONE" ||
                      (mode == "ATTRIBUTES" && ((filter == "OCTAHEDRAL" && (*stride == 4 || *stride == 8)) ||
                                                (filter == "QUATERNION" && *stride == 8) || filter == "EXPONENTIAL"));
    if (!fits) return bad(field + ".filter", "no such filter for this mode and stride");
    return ok();
  }

  // `needs` bytes from `offset` lie within the view.
  Status within(const Json& in, const std::string& at, std::uint64_t needs) {
    if (Status s = index(in, "bufferView", at, "bufferViews", true); !s) return s;
    const Json& view = all("bufferViews")[in["bufferView"].get<std::size_t>()];
    const auto length = view["byteLength"].get<std::uint64_t>();
    auto offset = whole(in, "byteOffset", at, 0, length, false);
    if (!offset) return offset.error();
    if (needs > length - *offset)
      return bad(at + ".count", format("needs {} bytes, but the buffer view has {}", *offset + needs, length));
    return ok();
  }

  Status accessors() {
    const Json& items = all("accessors");
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string at = format("accessors[{}]", i);
      const Json& accessor = items[i];
      auto component = whole(accessor, "componentType", at, 0, 65535, true);
      if (!component) return component.error();
      const std::size_t bytes = component_bytes(static_cast<int>(*component));
      if (bytes == 0) return bad(at + ".componentType", format("{} is no component type", *component));
      const std::size_t width = has(accessor, "type") && accessor["type"].is_string()
                                    ? components_of(accessor["type"].get_ref<const std::string&>())
                                    : 0;
      if (width == 0) return bad(at + ".type", "expected SCALAR, VEC2, VEC3, VEC4, MAT2, MAT3 or MAT4");
      auto number = whole(accessor, "count", at, 1, limits::kModelVertices * 3, true);
      if (!number) return number.error();
      if (has(accessor, "normalized") && !accessor["normalized"].is_boolean())
        return bad(at + ".normalized", "expected true or false");
      if (has(accessor, "bufferView")) {
        if (Status s = index(accessor, "bufferView", at, "bufferViews"); !s) return s;
        const Json& view = all("bufferViews")[accessor["bufferView"].get<std::size_t>()];
        const std::uint64_t element = bytes * width;
        const std::uint64_t stride = has(view, "byteStride") ? view["byteStride"].get<std::uint64_t>() : element;
        if (stride < element)
          return bad(at, format("its values have {} bytes, the view's stride is {}", element, stride));
        if (Status s = within(accessor, at, stride * (*number - 1) + element); !s) return s;
        const std::uint64_t offset = (has(accessor, "byteOffset") ? accessor["byteOffset"].get<std::uint64_t>() : 0);
        if (offset % bytes != 0) return bad(at + ".byteOffset", format("expected a multiple of {}", bytes));
      }
      if (has(accessor, "sparse")) {
        if (Status s = sparse(accessor["sparse"], at + ".sparse", *number, bytes * width); !s) return s;
      }
    }
    return ok();
  }

  Status sparse(const Json& sparse, const std::string& at, std::uint64_t values, std::uint64_t element) {
    if (!sparse.is_object() || !has(sparse, "indices") || !has(sparse, "values"))
      return bad(at, "expected count, indices and values");
    auto number = whole(sparse, "count", at, 1, values, true);
    if (!number) return number.error();
    auto component = whole(sparse["indices"], "componentType", at + ".indices", 5121, 5125, true);
    if (!component) return component.error();
    const std::size_t bytes = component_bytes(static_cast<int>(*component));
    if (*component != 5121 && *component != 5123 && *component != 5125)
      return bad(at + ".indices.componentType", "expected an unsigned type");
    if (Status s = within(sparse["indices"], at + ".indices", bytes * *number); !s) return s;
    return within(sparse["values"], at + ".values", element * *number);
  }

  Status images() {
    const Json& items = all("images");
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string at = format("images[{}]", i);
      if (has(items[i], "uri") == has(items[i], "bufferView")) return bad(at, "expected either uri or bufferView");
      if (has(items[i], "uri") && !items[i]["uri"].is_string()) return bad(at + ".uri", "expected text");
      if (Status s = index(items[i], "bufferView", at, "bufferViews"); !s) return s;
      if (has(items[i], "mimeType") && !items[i]["mimeType"].is_string()) return bad(at + ".mimeType", "expected text");
    }
    return ok();
  }

  Status textures() {
    const Json& items = all("textures");
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string at = format("textures[{}]", i);
      if (Status s = index(items[i], "source", at, "images"); !s) return s;
      if (Status s = index(items[i], "sampler", at, "samplers"); !s) return s;
      if (!has(items[i], "extensions")) continue;
      for (const char* name : {"KHR_texture_basisu", "EXT_texture_webp"}) {
        if (!has(items[i]["extensions"], name)) continue;
        if (Status s = index(items[i]["extensions"][name], "source", at + ".extensions." + name, "images", true); !s)
          return s;
      }
    }
    return ok();
  }

  // Every object called ...Texture within a material is a reference to a texture.
  Status texture_references(const Json& value, const std::string& at) {
    if (!value.is_object()) return ok();
    for (const auto& [key, part] : value.items()) {
      if (!part.is_object() || key == "extras") continue;
      const std::string field = at + "." + key.substr(0, 100);
      if (key.ends_with("Texture")) {
        if (Status s = index(part, "index", field, "textures", true); !s) return s;
      }
      if (Status s = texture_references(part, field); !s) return s;
    }
    return ok();
  }
  Status materials() {
    const Json& items = all("materials");
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string at = format("materials[{}]", i);
      if (Status s = texture_references(items[i], at); !s) return s;
      if (has(items[i], "pbrMetallicRoughness")) {
        const Json& pbr = items[i]["pbrMetallicRoughness"];
        if (!pbr.is_object()) return bad(at + ".pbrMetallicRoughness", "expected an object");
        if (Status s = numbers(pbr, "baseColorFactor", at + ".pbrMetallicRoughness", 4, 1); !s) return s;
      }
      if (Status s = numbers(items[i], "emissiveFactor", at, 3, 1); !s) return s;
    }
    return ok();
  }

  Status meshes() {
    const Json& items = all("meshes");
    std::uint64_t vertices = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string at = format("meshes[{}]", i);
      if (!has(items[i], "primitives") || !items[i]["primitives"].is_array() || items[i]["primitives"].empty())
        return bad(at + ".primitives", "expected a list of at least one");
      for (std::size_t k = 0; k < items[i]["primitives"].size(); ++k) {
        if (Status s = primitive(items[i]["primitives"][k], format("{}.primitives[{}]", at, k), vertices); !s) return s;
        if (vertices > limits::kModelVertices)
          return Error{ErrorKind::too_large, at,
                       format("the meshes have more than {} vertices", limits::kModelVertices)};
      }
    }
    return ok();
  }

  Status primitive(const Json& primitive, const std::string& at, std::uint64_t& vertices) {
    if (!has(primitive, "attributes") || !primitive["attributes"].is_object())
      return bad(at + ".attributes", "is missing");
    const Json& attributes = primitive["attributes"];
    if (!has(attributes, "POSITION")) return bad(at + ".attributes.POSITION", "is missing");
    std::uint64_t each = 0;
    for (const auto& [name, value] : attributes.items()) {
      const std::string field = at + ".attributes." + name.substr(0, 64);
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= count("accessors"))
        return bad(field, "expected an index into accessors");
      const Json& accessor = all("accessors")[value.get<std::size_t>()];
      const auto number = accessor["count"].get<std::uint64_t>();
      if (each != 0 && number != each) return bad(field, format("has {} values, another attribute {}", number, each));
      each = number;
      if (name == "POSITION" && (accessor["type"] != "VEC3" || accessor["componentType"] == 5125))
        return bad(field, "expected three numbers a vertex");
    }
    vertices += each;
    auto mode = whole(primitive, "mode", at, 0, 6, false);
    if (!mode) return mode.error();
    if (Status s = index(primitive, "material", at, "materials"); !s) return s;
    if (!has(primitive, "indices")) return ok();
    if (Status s = index(primitive, "indices", at, "accessors"); !s) return s;
    const Json& accessor = all("accessors")[primitive["indices"].get<std::size_t>()];
    const int type = accessor["componentType"].get<int>();
    if (accessor["type"] != "SCALAR" || (type != 5121 && type != 5123 && type != 5125))
      return bad(at + ".indices", "expected unsigned scalars");
    indices_ += accessor["count"].get<std::uint64_t>();
    if (indices_ > limits::kModelTriangles * 3)
      return Error{ErrorKind::too_large, at + ".indices",
                   format("the meshes have more than {} triangles", limits::kModelTriangles)};
    return ok();
  }

  Status nodes() {
    const Json& items = all("nodes");
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string at = format("nodes[{}]", i);
      const Json& node = items[i];
      if (Status s = index_list(node, "children", at, "nodes"); !s) return s;
      for (auto [key, of] : {std::pair{"mesh", "meshes"}, std::pair{"skin", "skins"}, std::pair{"camera", "cameras"}}) {
        if (Status s = index(node, key, at, of); !s) return s;
      }
      const double far = 1e6;
      if (Status s = numbers(node, "matrix", at, 16, far); !s) return s;
      if (Status s = numbers(node, "translation", at, 3, far); !s) return s;
      if (Status s = numbers(node, "rotation", at, 4, 1.01); !s) return s;
      if (Status s = numbers(node, "scale", at, 3, far); !s) return s;
      if (has(node, "name") && !node["name"].is_string()) return bad(at + ".name", "expected text");
      if (Status s = instancing(node, at); !s) return s;
      if (Status s = node_extensions(node, at); !s) return s;
    }
    return ok();
  }

  Status node_extensions(const Json& node, const std::string& at) {
    if (!has(node, "extensions") || !has(node["extensions"], "KHR_lights_punctual")) return ok();
    const Json& used = node["extensions"]["KHR_lights_punctual"];
    const Json& top = has(json_, "extensions") ? json_["extensions"] : kNone;
    const Json& lights = has(top, "KHR_lights_punctual") ? list(top["KHR_lights_punctual"], "lights") : kNone;
    auto light = whole(used, "light", at + ".extensions.KHR_lights_punctual", 0, lights.size(), true);
    if (!light) return light.error();
    if (*light >= lights.size() || lights.size() > limits::kModelAssets)
      return bad(at + ".extensions.KHR_lights_punctual.light", "there is no such light");
    const Json& found = lights[*light];
    const std::string where = format("extensions.KHR_lights_punctual.lights[{}]", *light);
    if (!has(found, "type") || !found["type"].is_string())
      return bad(where + ".type", "expected point, spot or directional");
    for (const char* key : {"intensity", "range"}) {
      if (has(found, key) && !found[key].is_number()) return bad(where + "." + key, "expected a number");
    }
    return numbers(found, "color", where, 3, 1e6);
  }

  Status instancing(const Json& node, const std::string& at) {
    if (!has(node, "extensions") || !has(node["extensions"], "EXT_mesh_gpu_instancing")) return ok();
    const Json& instancing = node["extensions"]["EXT_mesh_gpu_instancing"];
    const std::string field = at + ".extensions.EXT_mesh_gpu_instancing.attributes";
    if (!has(instancing, "attributes") || !instancing["attributes"].is_object()) return bad(field, "is missing");
    std::uint64_t each = 0;
    for (const auto& [name, value] : instancing["attributes"].items()) {
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= count("accessors"))
        return bad(field + "." + name.substr(0, 64), "expected an index into accessors");
      const Json& accessor = all("accessors")[value.get<std::size_t>()];
      const auto number = accessor["count"].get<std::uint64_t>();
      if ((each != 0 && number != each) || number > limits::kModelTriangles)
        return bad(field + "." + name.substr(0, 64), "has not as many values as the others");
      each = number;
      const char* type = name == "ROTATION" ? "VEC4" : name == "TRANSLATION" || name == "SCALE" ? "VEC3" : nullptr;
      if (type != nullptr && accessor["type"] != type) return bad(field + "." + name, format("expected {}", type));
    }
    return ok();
  }

  // Each node has one parent at most, and nothing is its own ancestor.
  Status tree() {
    const Json& items = all("nodes");
    std::vector<std::int64_t> parent(items.size(), -1);
    for (std::size_t i = 0; i < items.size(); ++i) {
      for (const Json& child : list(items[i], "children")) {
        const auto c = child.get<std::size_t>();
        if (parent[c] >= 0 || c == i)
          return bad(format("nodes[{}].children", i), format("node {} has more than one parent", c));
        parent[c] = static_cast<std::int64_t>(i);
      }
    }
    std::vector<std::uint8_t> seen(items.size(), 0);  // 1 on the way up from here, 2 known to end at a root
    for (std::size_t i = 0; i < items.size(); ++i) {
      std::vector<std::size_t> way;
      for (auto at = static_cast<std::int64_t>(i); at >= 0 && seen[static_cast<std::size_t>(at)] != 2;
           at = parent[static_cast<std::size_t>(at)]) {
        if (seen[static_cast<std::size_t>(at)] == 1) return bad(format("nodes[{}]", at), "is its own ancestor");
        seen[static_cast<std::size_t>(at)] = 1;
        way.push_back(static_cast<std::size_t>(at));
      }
      for (std::size_t at : way) seen[at] = 2;
    }
    return ok();
  }

  Status skins() {
    const Json& items = all("skins");
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string at = format("skins[{}]", i);
      if (list(items[i], "joints").empty()) return bad(at + ".joints", "expected a list of nodes");
      if (Status s = index_list(items[i], "joints", at, "nodes"); !s) return s;
      if (Status s = index(items[i], "skeleton", at, "nodes"); !s) return s;
      if (Status s = index(items[i], "inverseBindMatrices", at, "accessors"); !s) return s;
      if (!has(items[i], "inverseBindMatrices")) continue;
      const Json& accessor = all("accessors")[items[i]["inverseBindMatrices"].get<std::size_t>()];
      if (accessor["type"] != "MAT4" || accessor["componentType"] != 5126 ||
          accessor["count"].get<std::uint64_t>() < items[i]["joints"].size()) {
        return bad(at + ".inverseBindMatrices", "expected a matrix of floats for each joint");
      }
    }
    return ok();
  }

  Status animations() {
    const Json& items = all("animations");
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string at = format("animations[{}]", i);
      const Json& samplers = list(items[i], "samplers");
      for (std::size_t k = 0; k < samplers.size(); ++k) {
        const std::string field = format("{}.samplers[{}]", at, k);
        for (const char* key : {"input", "output"}) {
          if (Status s = index(samplers[k], key, field, "accessors", true); !s) return s;
        }
        const Json& input = all("accessors")[samplers[k]["input"].get<std::size_t>()];
        if (input["type"] != "SCALAR" || input["componentType"] != 5126)
          return bad(field + ".input", "expected times as floats");
      }
      const Json& channels = list(items[i], "channels");
      for (std::size_t k = 0; k < channels.size(); ++k) {
        const std::string field = format("{}.channels[{}]", at, k);
        auto sampler = whole(channels[k], "sampler", field, 0, samplers.size(), true);
        if (!sampler) return sampler.error();
        if (*sampler >= samplers.size()) return bad(field + ".sampler", "there is no such sampler");
        if (!has(channels[k], "target") || !channels[k]["target"].is_object())
          return bad(field + ".target", "is missing");
        if (Status s = index(channels[k]["target"], "node", field + ".target", "nodes"); !s) return s;
      }
    }
    return ok();
  }

  Status scenes() {
    const Json& items = all("scenes");
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (Status s = index_list(items[i], "nodes", format("scenes[{}]", i), "nodes"); !s) return s;
    }
    if (items.empty()) return bad("scenes", "there is no scene to show");
    if (!has(json_, "scene")) return ok();
    const Json& scene = json_["scene"];
    if (!scene.is_number_unsigned() || scene.get<std::uint64_t>() >= items.size())
      return bad("scene", "expected an index into scenes");
    return ok();
  }

  const Json& json_;
  std::size_t chunk_;
  std::vector<std::uint64_t> lengths_;
  std::uint64_t indices_ = 0;
};

}  // namespace

const Json& list(const Json& json, const char* key) {
  return has(json, key) && json.at(key).is_array() ? json.at(key) : kNone;
}

Status check_structure(const Json& json, std::size_t chunk) { return Checker(json, chunk).check(); }

bool is_fallback_buffer(const Json& buffer) { return Checker::is_fallback(buffer); }

}  // namespace mw::gltf
