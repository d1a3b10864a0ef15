#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"
#include "motion/collision.h"
#include "space/units.h"

namespace mw::motion {
namespace {

// The header: four 32-bit numbers, least significant byte first, as everything in the file.
constexpr std::uint32_t kMagic = 0x4243574D;  // "MWCB"
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kRecordBytes = 12;  // a vertex (x, y, z) or a triangle (three indices)

struct Vertex {
  std::int32_t x = 0, y = 0, z = 0;
  friend auto operator<=>(const Vertex&, const Vertex&) = default;
};

Vertex quantise(Vec3 v) { return {space::to_mm(v.x), space::to_mm(v.y), space::to_mm(v.z)}; }

void append(Bytes& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<Byte>(value >> shift));
}

std::uint32_t read(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) | static_cast<std::uint32_t>(bytes[at + 1]) << 8 |
         static_cast<std::uint32_t>(bytes[at + 2]) << 16 | static_cast<std::uint32_t>(bytes[at + 3]) << 24;
}

Error damaged(const char* field, const char* message) { return Error{ErrorKind::damaged, field, message}; }

bool in_extent(std::int32_t mm) { return mm >= -space::kExtentMm && mm <= space::kExtentMm; }

}  // namespace

Bytes bake(std::span<const Triangle> triangles) {
  MW_ASSERT(triangles.size() <= limits::kCollisionTriangles);
  std::vector<Vertex> corners;
  corners.reserve(triangles.size() * 3);
  for (const Triangle& t : triangles) {
    for (const Vec3 v : {t.a, t.b, t.c}) corners.push_back(quantise(v));
  }
  std::vector<Vertex> vertices = corners;
  std::sort(vertices.begin(), vertices.end());
  vertices.erase(std::unique(vertices.begin(), vertices.end()), vertices.end());

  Bytes out;
  out.reserve(kHeaderBytes + (vertices.size() + triangles.size()) * kRecordBytes);
  append(out, kMagic);
  append(out, kVersion);
  append(out, static_cast<std::uint32_t>(vertices.size()));
  append(out, static_cast<std::uint32_t>(triangles.size()));
  for (const Vertex& v : vertices) {
    for (const std::int32_t mm : {v.x, v.y, v.z}) append(out, static_cast<std::uint32_t>(mm));
  }
  for (const Vertex& v : corners) {
    append(out, static_cast<std::uint32_t>(std::lower_bound(vertices.begin(), vertices.end(), v) - vertices.begin()));
  }
  return out;
}

Result<std::vector<Triangle>> load_baked(ByteView bytes) {
  if (bytes.size() < kHeaderBytes) return damaged("header", "the file ends in its header");
  if (read(bytes, 0) != kMagic) return damaged("magic", "this is no collision file");
  if (read(bytes, 4) != kVersion)
    return Error{ErrorKind::version, "version", "expected version 1 of the collision file"};
  const std::size_t vertex_count = read(bytes, 8), triangle_count = read(bytes, 12);
  if (triangle_count > limits::kCollisionTriangles || vertex_count > 3 * limits::kCollisionTriangles) {
    return Error{ErrorKind::too_large, "triangles", "a collision file holds at most 2000000 triangles"};
  }
  if (bytes.size() != kHeaderBytes + (vertex_count + triangle_count) * kRecordBytes) {
    return damaged("length", "the file is shorter or longer than its header says");
  }
  std::vector<Vec3> vertices(vertex_count);
  std::size_t at = kHeaderBytes;
  for (Vec3& vertex : vertices) {
    const auto x = static_cast<std::int32_t>(read(bytes, at)), y = static_cast<std::int32_t>(read(bytes, at + 4)),
               z = static_cast<std::int32_t>(read(bytes, at + 8));
    if (!in_extent(x) || !in_extent(y) || !in_extent(z)) return damaged("vertex", "outside the extent of a world");
    vertex = {space::from_mm(x), space::from_mm(y), space::from_mm(z)};
    at += kRecordBytes;
  }
  std::vector<Triangle> triangles(triangle_count);
  for (Triangle& triangle : triangles) {
    const std::uint32_t a = read(bytes, at), b = read(bytes, at + 4), c = read(bytes, at + 8);
    if (a >= vertex_count || b >= vertex_count || c >= vertex_count) return damaged("index", "there is no such vertex");
    triangle = {vertices[a], vertices[b], vertices[c]};
    at += kRecordBytes;
  }
  return triangles;
}

}  // namespace mw::motion
