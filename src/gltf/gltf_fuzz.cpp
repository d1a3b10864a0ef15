// Strategy: the input is a file as a creator might bring it, .glb or .gltf; where it starts with '{' it is also wrapped into a
// .glb with a binary chunk, so that the fuzzer gets at meshes without guessing the container. Files beside it are answered
// with the input's own tail.
// Invariants: reading ends without a fault and within the limits; what is accepted has finite bounds and triangles, and every
// error names the file.
#include <cmath>

#include "base/assert.h"
#include "base/limits.h"
#include "gltf/read.h"

namespace {

using namespace mw;

void check(ByteView bytes) {
  const auto resolver = [bytes](std::string_view path) -> Result<Bytes> {
    MW_ASSERT(path.find("..") == std::string_view::npos || path.find("/..") == std::string_view::npos);
    MW_ASSERT(!path.starts_with('/'));
    const ByteView tail = bytes.subspan(bytes.size() / 2);
    return Bytes(tail.begin(), tail.end());
  };
  const Result<gltf::Scene> scene = gltf::read(bytes, resolver, {"fuzz.glb", 1000});
  if (!scene) {
    MW_ASSERT(scene.error().field.starts_with("fuzz.glb") && !scene.error().message.empty());
    return;
  }
  MW_ASSERT(scene->triangles <= limits::kModelTriangles);
  for (const motion::Triangle& t : scene->collision) {
    for (const motion::Vec3& p : {t.a, t.b, t.c})
      MW_ASSERT(std::abs(p.x) <= limits::kWorldExtentM && std::abs(p.y) <= limits::kWorldExtentM &&
                std::abs(p.z) <= limits::kWorldExtentM);
  }
}

void put(Bytes& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<Byte>(value >> shift));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  check(bytes);
  if (size == 0 || data[0] != '{') return 0;
  Bytes text(bytes.begin(), bytes.end());
  while (text.size() % 4 != 0) text.push_back(' ');
  Bytes chunk;
  for (std::uint32_t i = 0; i < 1024; ++i) put(chunk, i < 512 ? i % 24 : 0x3F800000u + i * 4096);
  Bytes glb;
  put(glb, 0x46546C67), put(glb, 2), put(glb, static_cast<std::uint32_t>(28 + text.size() + chunk.size()));
  put(glb, static_cast<std::uint32_t>(text.size())), put(glb, 0x4E4F534A);
  glb.insert(glb.end(), text.begin(), text.end());
  put(glb, static_cast<std::uint32_t>(chunk.size())), put(glb, 0x004E4942);
  glb.insert(glb.end(), chunk.begin(), chunk.end());
  check(glb);
  return 0;
}
