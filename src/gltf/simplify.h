// Fewer triangles for the same shape, by meshoptimizer (edge collapse by quadric error, Garland and Heckbert 1997).
#pragma once

#include <cstdint>
#include <vector>

#include "gltf/model.h"

namespace mw::gltf {

// Indices of about `target_triangles` triangles over the same vertices, none further off than `max_error` (a share of the
// mesh's extent). `sloppy` gives up the topology to get there.
std::vector<std::uint32_t> simplified(const std::vector<Vec3>& positions, const std::vector<std::uint32_t>& indices,
                                      std::size_t target_triangles, float max_error, bool sloppy = false);

// Makes vertices of equal position one, so that edges are shared.
void weld(std::vector<Vec3>& positions, std::vector<std::uint32_t>& indices);

// Leaves out vertices that no index uses, and orders what is left for the vertex cache. Every attribute follows.
void compact(Primitive& primitive);

}  // namespace mw::gltf
