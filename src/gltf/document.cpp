#include "gltf/document.h"

#include <meshoptimizer.h>

#include <cmath>
#include <cstring>

#include "base/format.h"
#include "base/limits.h"

namespace mw::gltf {
namespace {

std::uint32_t little(ByteView bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, 4);
  return value;
}

Error named(const ReadOptions& options, Error error) {
  error.field = error.field.empty() ? options.name : format("{}: {}", options.name, error.field);
  return error;
}

std::size_t offset_of(const Json& json) { return has(json, "byteOffset") ? json["byteOffset"].get<std::size_t>() : 0; }

float component(const Byte* at, int type, bool normalised) {
  const auto read = [at]<class Value>(Value value) {
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  switch (type) {
    case 5120:
      return normalised ? std::max(static_cast<float>(read(std::int8_t{})) / 127, -1.f)
                        : static_cast<float>(read(std::int8_t{}));
    case 5121: return static_cast<float>(*at) / (normalised ? 255.f : 1.f);
    case 5122:
      return normalised ? std::max(static_cast<float>(read(std::int16_t{})) / 32767, -1.f)
                        : static_cast<float>(read(std::int16_t{}));
    case 5123: return static_cast<float>(read(std::uint16_t{})) / (normalised ? 65535.f : 1.f);
    case 5125: return static_cast<float>(read(std::uint32_t{}));
    default: return read(0.f);
  }
}

std::uint32_t unsigned_component(const Byte* at, std::size_t bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, bytes);
  return value;
}

}  // namespace

Result<Document> Document::open(ByteView bytes, const Resolver& resolver, const ReadOptions& options) {
  Document document;
  if (Status s = document.open_container(bytes, options); !s) return named(options, s.error());
  if (Status s = check_structure(document.json_, document.chunk_.size()); !s) return named(options, s.error());
  if (Status s = document.load_buffers(resolver); !s) return named(options, s.error());
  if (Status s = document.unpack_views(); !s) return named(options, s.error());
  if (Status s = document.load_images(resolver); !s) return named(options, s.error());
  if (Status s = document.parse(); !s) return named(options, s.error());
  return document;
}

// A .glb (specification, section 4) or plain JSON.
Status Document::open_container(ByteView bytes, const ReadOptions&) {
  if (bytes.size() > limits::kSceneFileBytes)
    return Error{ErrorKind::too_large, "", format("has {} bytes, at most {}", bytes.size(), limits::kSceneFileBytes)};
  ByteView text = bytes;
  if (bytes.size() >= 4 && little(bytes, 0) == 0x46546C67) {
    if (bytes.size() < 20) return invalid("", "the .glb header is cut off");
    if (little(bytes, 4) != 2) return invalid("version", format("expected glTF 2, found {}", little(bytes, 4)));
    if (little(bytes, 8) != bytes.size())
      return invalid("length", format("the header says {} bytes, the file has {}", little(bytes, 8), bytes.size()));
    const std::uint64_t length = little(bytes, 12);
    if (little(bytes, 16) != 0x4E4F534A || length > bytes.size() - 20)
      return invalid("JSON chunk", "is missing or cut off");
    text = bytes.subspan(20, length);
    const std::size_t next = 20 + length;
    if (bytes.size() - next >= 8 && little(bytes, next + 4) == 0x004E4942) {
      const std::uint64_t size = little(bytes, next);
      if (size > bytes.size() - next - 8) return invalid("BIN chunk", "is cut off");
      const ByteView chunk = bytes.subspan(next + 8, size);
      chunk_.assign(chunk.begin(), chunk.end());
    }
  }
  if (text.size() > limits::kModelJsonBytes)
    return Error{ErrorKind::too_large, "",
                 format("the JSON has {} bytes, at most {}", text.size(), limits::kModelJsonBytes)};
  Result<Json> json = data::parse_json(as_text(text));
  if (!json) return json.error();
  json_ = std::move(*json);
  return ok();
}

Status Document::load_buffers(const Resolver& resolver) {
  const Json& items = list(json_, "buffers");
  std::size_t total = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string at = format("buffers[{}]", i);
    const auto length = items[i]["byteLength"].get<std::size_t>();
    Bytes bytes;
    if (has(items[i], "uri")) {
      const auto& uri = items[i]["uri"].get_ref<const std::string&>();
      Result<Bytes> loaded = invalid("", "");
      if (uri.starts_with("data:")) {
        const std::size_t comma = uri.find(";base64,");
        if (comma == std::string::npos) return invalid(at + ".uri", "expected base64 data");
        loaded = decode_base64(std::string_view(uri).substr(comma + 8));
      } else {
        Result<std::string> path = safe_path(uri);
        if (!path) return invalid(at + ".uri", path.error().message);
        loaded = resolver
                     ? resolver(*path)
                     : Result<Bytes>(Error{ErrorKind::not_found, "", "files beside the model cannot be read here"});
        files_.push_back(*path);
      }
      if (!loaded) return Error{loaded.error().kind, at + ".uri", loaded.error().message};
      if (loaded->size() < length)
        return invalid(at + ".byteLength", format("is {}, but the file has {} bytes", length, loaded->size()));
      bytes = std::move(*loaded);
    } else if (!is_fallback_buffer(items[i])) {
      bytes = std::move(chunk_);
      chunk_.clear();
    }
    total += bytes.size();
    if (total > limits::kSceneFileBytes)
      return Error{ErrorKind::too_large, at, format("the buffers have more than {} bytes", limits::kSceneFileBytes)};
    buffers_.push_back(std::move(bytes));
  }
  return ok();
}

Status Document::unpack_views() {
  const Json& items = list(json_, "bufferViews");
  unpacked_.resize(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!has(items[i], "extensions") || !has(items[i]["extensions"], "EXT_meshopt_compression")) continue;
    const Json& packed = items[i]["extensions"]["EXT_meshopt_compression"];
    const ByteView source = ByteView(buffers_[packed["buffer"].get<std::size_t>()])
                                .subspan(offset_of(packed), packed["byteLength"].get<std::size_t>());
    const auto stride = packed["byteStride"].get<std::size_t>(), count = packed["count"].get<std::size_t>();
    const auto& mode = packed["mode"].get_ref<const std::string&>();
    Bytes& out = unpacked_[i];
    out.resize(stride * count);
    const int failed =
        mode == "ATTRIBUTES"  ? meshopt_decodeVertexBuffer(out.data(), count, stride, source.data(), source.size())
        : mode == "TRIANGLES" ? meshopt_decodeIndexBuffer(out.data(), count, stride, source.data(), source.size())
                              : meshopt_decodeIndexSequence(out.data(), count, stride, source.data(), source.size());
    if (failed != 0)
      return invalid(format("bufferViews[{}].extensions.EXT_meshopt_compression", i),
                     "the compressed bytes are damaged");
    const std::string filter = has(packed, "filter") ? packed["filter"].get<std::string>() : "NONE";
    // The filters work on groups of four values.
    const std::size_t whole = (count + 3) / 4 * 4;
    if (filter != "NONE") out.resize(stride * whole);
    if (filter == "OCTAHEDRAL") meshopt_decodeFilterOct(out.data(), whole, stride);
    if (filter == "QUATERNION") meshopt_decodeFilterQuat(out.data(), whole, stride);
    if (filter == "EXPONENTIAL") meshopt_decodeFilterExp(out.data(), whole, stride);
    out.resize(stride * count);
  }
  return ok();
}

Status Document::load_images(const Resolver& resolver) {
  const Json& items = list(json_, "images");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string at = format("images[{}]", i);
    Result<ImageHeader> header = invalid("", "");
    if (has(items[i], "bufferView")) {
      header = read_image_header(view(items[i]["bufferView"].get<int>()));
    } else {
      const auto& uri = items[i]["uri"].get_ref<const std::string&>();
      Result<Bytes> loaded = invalid("", "expected base64 data");
      if (uri.starts_with("data:")) {
        const std::size_t comma = uri.find(";base64,");
        if (comma != std::string::npos) loaded = decode_base64(std::string_view(uri).substr(comma + 8));
      } else {
        Result<std::string> path = safe_path(uri);
        if (!path) return invalid(at + ".uri", path.error().message);
        loaded = resolver
                     ? resolver(*path)
                     : Result<Bytes>(Error{ErrorKind::not_found, "", "files beside the model cannot be read here"});
        files_.push_back(*path);
      }
      if (!loaded) return Error{loaded.error().kind, at + ".uri", loaded.error().message};
      header = read_image_header(*loaded);
    }
    if (!header) return Error{header.error().kind, at, header.error().message};
    if (has(items[i], "mimeType") && items[i]["mimeType"] != header->format) {
      return invalid(at + ".mimeType", format("says {}, but the image is {}",
                                              items[i]["mimeType"].get<std::string>().substr(0, 40), header->format));
    }
  }
  return ok();
}

// What lies in buffers and images was read above; the library sees the rest of the document, already checked.
Status Document::parse() {
  Json rest = json_;
  for (const char* key : {"buffers", "images", "textures", "materials", "animations"}) rest.erase(key);
  for (const char* key : {"extensionsUsed", "extensionsRequired"}) rest.erase(key);
  if (has(rest, "meshes")) {
    for (Json& mesh : rest["meshes"]) {
      for (Json& primitive : mesh["primitives"]) primitive.erase("material"), primitive.erase("extensions");
    }
  }
  if (has(rest, "bufferViews")) {
    for (Json& view : rest["bufferViews"]) view.erase("extensions");
  }
  const std::string text = data::to_text(rest);
  tinygltf::TinyGLTF loader;
  std::string error, warning;
  const auto size = static_cast<unsigned>(text.size());
  if (!loader.LoadASCIIFromString(&model_, &error, &warning, text.c_str(), size, "", tinygltf::REQUIRE_VERSION)) {
    error.resize(std::min(error.find('\n'), std::min<std::size_t>(error.size(), 200)));
    return invalid("", "cannot be parsed: " + error);
  }
  const auto same = [&](const char* key, std::size_t parsed) { return list(json_, key).size() == parsed; };
  if (!same("nodes", model_.nodes.size()) || !same("meshes", model_.meshes.size()) ||
      !same("accessors", model_.accessors.size())) {
    return invalid("", "cannot be parsed");
  }
  return ok();
}

ByteView Document::view(int index) const {
  const auto i = static_cast<std::size_t>(index);
  if (!unpacked_[i].empty()) return unpacked_[i];
  const Json& json = list(json_, "bufferViews")[i];
  return ByteView(buffers_[json["buffer"].get<std::size_t>()])
      .subspan(offset_of(json), json["byteLength"].get<std::size_t>());
}

std::vector<float> Document::floats(int accessor, std::size_t width) const {
  const Json& json = list(json_, "accessors")[static_cast<std::size_t>(accessor)];
  const int type = json["componentType"].get<int>();
  const std::size_t bytes = component_bytes(type), count = json["count"].get<std::size_t>();
  const bool normalised = has(json, "normalized") && json["normalized"].get<bool>();
  const std::size_t own = components_of(json["type"].get_ref<const std::string&>());
  std::vector<float> out(count * width, 0.f);
  const auto read = [&](ByteView from, std::size_t stride, std::size_t value, std::size_t to) {
    for (std::size_t k = 0; k < std::min(width, own); ++k)
      out[to * width + k] = component(from.data() + value * stride + k * bytes, type, normalised);
  };
  if (has(json, "bufferView")) {
    const Json& of = list(json_, "bufferViews")[json["bufferView"].get<std::size_t>()];
    const std::size_t stride = has(of, "byteStride") ? of["byteStride"].get<std::size_t>() : bytes * own;
    const ByteView from = view(json["bufferView"].get<int>()).subspan(offset_of(json));
    for (std::size_t i = 0; i < count; ++i) read(from, stride, i, i);
  }
  if (has(json, "sparse")) {
    const Json& sparse = json["sparse"];
    const Json &indices = sparse["indices"], &values = sparse["values"];
    const std::size_t wide = component_bytes(indices["componentType"].get<int>());
    const ByteView places = view(indices["bufferView"].get<int>()).subspan(offset_of(indices));
    const ByteView from = view(values["bufferView"].get<int>()).subspan(offset_of(values));
    for (std::size_t i = 0; i < sparse["count"].get<std::size_t>(); ++i) {
      const std::size_t to = unsigned_component(places.data() + i * wide, wide);
      if (to < count) read(from, bytes * own, i, to);
    }
  }
  return out;
}

std::vector<std::uint32_t> Document::whole(int accessor) const {
  const Json& json = list(json_, "accessors")[static_cast<std::size_t>(accessor)];
  const std::size_t bytes = component_bytes(json["componentType"].get<int>()), count = json["count"].get<std::size_t>();
  std::vector<std::uint32_t> out(count, 0);
  if (!has(json, "bufferView")) return out;
  const Json& of = list(json_, "bufferViews")[json["bufferView"].get<std::size_t>()];
  const std::size_t stride = has(of, "byteStride") ? of["byteStride"].get<std::size_t>() : bytes;
  const ByteView from = view(json["bufferView"].get<int>()).subspan(offset_of(json));
  for (std::size_t i = 0; i < count; ++i) out[i] = unsigned_component(from.data() + i * stride, bytes);
  return out;
}

Bytes Document::image(std::size_t index) const {
  const Json& json = list(json_, "images")[index];
  if (has(json, "bufferView")) {
    const ByteView bytes = view(json["bufferView"].get<int>());
    return {bytes.begin(), bytes.end()};
  }
  const auto& uri = json["uri"].get_ref<const std::string&>();
  const std::size_t comma = uri.starts_with("data:") ? uri.find(";base64,") : std::string::npos;
  if (comma == std::string::npos) return {};
  auto decoded = decode_base64(std::string_view(uri).substr(comma + 8));
  return decoded ? std::move(*decoded) : Bytes{};
}

std::size_t component_bytes(int component_type) {
  switch (component_type) {
    case 5120:
    case 5121: return 1;
    case 5122:
    case 5123: return 2;
    case 5125:
    case 5126: return 4;
    default: return 0;
  }
}

std::size_t components_of(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 7> kTypes{
      {{"SCALAR", 1}, {"VEC2", 2}, {"VEC3", 3}, {"VEC4", 4}, {"MAT2", 4}, {"MAT3", 9}, {"MAT4", 16}}};
  for (const auto& [name, width] : kTypes) {
    if (name == type) return width;
  }
  return 0;
}

}  // namespace mw::gltf
