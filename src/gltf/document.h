// A creator's glTF file, taken apart and checked: after `open` every index points at something, every range lies within its
// buffer, every number is finite. The parts of the reader share it; outside of gltf/ nobody needs it.
// Thread: immutable after open.
#pragma once

#include <string>
#include <vector>

#include "gltf/read.h"

// Images are never decoded here.
#define TINYGLTF_NO_STB_IMAGE
#define TINYGLTF_NO_STB_IMAGE_WRITE
#include <tiny_gltf.h>

namespace mw::gltf {

// Is `json` an object that has `key`?
inline bool has(const Json& json, const char* key) { return json.is_object() && json.contains(key); }
// An array of the document, or an empty one.
const Json& list(const Json& json, const char* key);

class Document {
 public:
  static Result<Document> open(ByteView bytes, const Resolver& resolver, const ReadOptions& options);

  const Json& json() const { return json_; }
  const tinygltf::Model& model() const { return model_; }
  const std::vector<std::string>& files() const { return files_; }

  // The values of an accessor as floats (normalised where the accessor says so), `width` a value. Sparse values are laid over.
  std::vector<float> floats(int accessor, std::size_t width) const;
  // Unsigned whole numbers of a scalar accessor.
  std::vector<std::uint32_t> whole(int accessor) const;
  // The file of an image that lies in the document itself.
  Bytes image(std::size_t index) const;

 private:
  Status open_container(ByteView bytes, const ReadOptions& options);
  Status load_buffers(const Resolver& resolver);
  Status load_images(const Resolver& resolver);
  Status unpack_views();
  Status parse();
  // Bytes of a buffer view, decompressed where it was compressed.
  ByteView view(int index) const;

  Json json_;
  tinygltf::Model model_;
  Bytes chunk_;  // the binary chunk of a .glb
  std::vector<Bytes> buffers_;
  std::vector<Bytes> unpacked_;  // of compressed buffer views; empty for the others
  std::vector<std::string> files_;
};

// Everything that can be said of the JSON alone: types, indices, ranges, cycles, extensions. `chunk` is the size of the
// binary chunk, 0 without one.
Status check_structure(const Json& json, std::size_t chunk);

bool is_fallback_buffer(const Json& buffer);  // never loaded: what it would hold is stored compressed elsewhere
std::size_t component_bytes(int component_type);  // 0 when there is no such type
std::size_t components_of(std::string_view type);  // 0 when there is no such type

// What an image's first bytes say: its format and size. Error: what was expected.
struct ImageHeader {
  std::string_view format;  // "image/png", "image/jpeg", "image/webp", "image/ktx2"
  std::uint32_t width = 0, height = 0;
};
Result<ImageHeader> read_image_header(ByteView bytes);

// A relative reference as it may stand in a file: percent-decoded; no scheme, no host, no absolute or climbing path.
Result<std::string> safe_path(std::string_view uri);
Result<Bytes> decode_base64(std::string_view text);

}  // namespace mw::gltf
