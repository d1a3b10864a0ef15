// Strategy: the input is a .vrm as a stranger might upload it; where it starts with '{' it is wrapped into a .glb with a binary chunk
// of a figure made by program, so that the fuzzer gets at bones, licences and levels without guessing the container.
// Invariants: reading ends without a fault and within the limits; what is accepted stands upright at a person's size and can be made
// smaller, or says why not; what was made smaller is accepted again, with no more joints than a person has bones.
#include "base/assert.h"
#include "gltf/avatar.h"
#include "gltf/test_figure.h"

namespace {

using namespace mw;

void check(ByteView bytes) {
  const auto file = gltf::AvatarFile::open(bytes, "fuzz.vrm");
  if (!file) {
    MW_ASSERT(file.error().field.starts_with("fuzz.vrm") && !file.error().message.empty());
    return;
  }
  const auto& about = file->about();
  MW_ASSERT(about.height >= 0.49f && about.height <= 3.01f);
  MW_ASSERT(about.cost.triangles <= limits::kAvatarTriangles && about.cost.vertices <= limits::kAvatarVertices);
  MW_ASSERT(about.licence.authors.size() <= limits::kAvatarAuthors);
  static_cast<void>(data::to_text(gltf::to_json(about.licence)));
  if (!gltf::may_simplify(about.licence)) return;
  for (const auto& plan : gltf::lower_levels(about.cost.triangles)) {
    const auto made = file->level(plan);
    if (!made) {
      MW_ASSERT(!made.error().message.empty());
      continue;
    }
    const auto again = gltf::AvatarFile::open(*made, "level.glb");
    // Simplified, a strange body may have lost its head; what is read is a figure still.
    if (again) MW_ASSERT(again->about().cost.joints <= gltf::kBoneCount);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  check(bytes);
  if (size == 0 || data[0] != '{') return 0;
  static const Bytes glb = gltf::write_glb(gltf::test::figure());
  const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (json.is_discarded()) return 0;
  check(gltf::test::changed(glb, [&](Json& whole) { whole.merge_patch(json); }));
  return 0;
}
