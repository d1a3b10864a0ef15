#include "gltf/simplify.h"

#include <meshoptimizer.h>

#include "base/assert.h"

namespace mw::gltf {
namespace {

template <class Value>
void follow(std::vector<Value>& values, const std::vector<unsigned>& remap, std::size_t count) {
  if (values.empty()) return;
  MW_ASSERT(values.size() == remap.size());
  std::vector<Value> out(count);
  meshopt_remapVertexBuffer(out.data(), values.data(), values.size(), sizeof(Value), remap.data());
  values = std::move(out);
}

}  // namespace

std::vector<std::uint32_t> simplified(const std::vector<Vec3>& positions, const std::vector<std::uint32_t>& indices,
                                      std::size_t target_triangles, float max_error, bool sloppy) {
  if (indices.size() <= target_triangles * 3 || positions.empty()) return indices;
  std::vector<std::uint32_t> out(indices.size());
  const float* first = &positions[0].x;
  const std::size_t count =
      sloppy ? meshopt_simplifySloppy(out.data(), indices.data(), indices.size(), first, positions.size(), sizeof(Vec3),
                                      target_triangles * 3, max_error, nullptr)
             : meshopt_simplify(out.data(), indices.data(), indices.size(), first, positions.size(), sizeof(Vec3),
                                target_triangles * 3, max_error, 0, nullptr);
  out.resize(count);
  return out;
}

void weld(std::vector<Vec3>& positions, std::vector<std::uint32_t>& indices) {
  if (indices.empty()) return;
  std::vector<unsigned> remap(positions.size());
  const std::size_t count = meshopt_generateVertexRemap(remap.data(), indices.data(), indices.size(), positions.data(),
                                                        positions.size(), sizeof(Vec3));
  meshopt_remapIndexBuffer(indices.data(), indices.data(), indices.size(), remap.data());
  std::vector<Vec3> kept(count);
  meshopt_remapVertexBuffer(kept.data(), positions.data(), positions.size(), sizeof(Vec3), remap.data());
  positions = std::move(kept);
}

void compact(Primitive& primitive) {
  const std::size_t vertices = primitive.positions.size();
  if (primitive.indices.empty() || vertices == 0) return;
  meshopt_optimizeVertexCache(primitive.indices.data(), primitive.indices.data(), primitive.indices.size(), vertices);
  std::vector<unsigned> remap(vertices);
  const std::size_t count =
      meshopt_optimizeVertexFetchRemap(remap.data(), primitive.indices.data(), primitive.indices.size(), vertices);
  meshopt_remapIndexBuffer(primitive.indices.data(), primitive.indices.data(), primitive.indices.size(), remap.data());
  follow(primitive.positions, remap, count);
  follow(primitive.normals, remap, count);
  follow(primitive.uvs, remap, count);
  follow(primitive.colours, remap, count);
  follow(primitive.joints, remap, count);
  follow(primitive.weights, remap, count);
  for (CustomAttribute& attribute : primitive.custom) follow(attribute.values, remap, count);
}

}  // namespace mw::gltf
