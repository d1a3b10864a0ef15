// The figure of a file while it is checked and made smaller: its surface in the rest pose, bound to the bones of a person. The parts
// of avatar.h share it; outside of gltf/ nobody needs it.
// Thread: plain values.
#pragma once

#include <memory>
#include <vector>

#include "gltf/avatar.h"
#include "gltf/document.h"
#include "gltf/model.h"

namespace mw::gltf {

// Where each node stands, and what it hangs from.
struct Skeleton {
  std::vector<Mat4> world;
  std::vector<int> parent;  // -1 for roots, and for nodes that the scene does not show
  std::vector<bool> shown;
};

// The triangles of one material, in the file's own space.
struct Surface {
  Primitive primitive;  // `joints` are indices into kBones; colours as bytes of the file
  int material = -1;
};

struct AvatarFile::State {
  Document document;
  AvatarAbout about;
  Skeleton skeleton;
  std::vector<Surface> surfaces;

  explicit State(Document opened) : document(std::move(opened)) {}
  const Json& json() const { return document.json(); }
};

// Where the nodes of the shown scene stand. Error `invalid`: a node is shown twice.
Result<Skeleton> skeleton_of(const Document& document);
// Finds the bones and what is missing.
Status find_bones(AvatarFile::State& state);
// Reads all meshes. `about.cost` is counted first, so that nothing over a limit is read.
Status read_surfaces(AvatarFile::State& state);
// The model of a lower level.
Result<Model> level_model(const AvatarFile::State& state, const LevelPlan& plan);

Vec3 place_of(const Mat4& matrix);

}  // namespace mw::gltf
