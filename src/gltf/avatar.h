// A person's own figure, as they bring it: VRM 0.x, VRM 1.0, or a plain .glb whose joints are named as people name them. Checked
// like every creator's file (read.h), and then for what a figure needs: the bones of a person, upright, of a person's size, at a
// cost that others can bear. What its licence says is read into one value, whichever version says it. Lower levels of detail are
// files of their own: fewer triangles, the same weights on the bones of a person alone, smaller textures.
// Sources: VRM 0.x and VRM 1.0 specifications (vrm-c/vrm-specification: humanoid, meta); glTF 2.0 (Khronos, 2021), 3.7.3 skins.
// Thread: any; nothing is shared. Cost: bounded by the limits of "Own figures" in base/limits.h; a good one takes some 50 ms.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "data/json.h"
#include "gltf/vec.h"

namespace mw::gltf {

// --- Bones -----------------------------------------------------------------------------------------------------------

// Those bones of VRM 1.0 that are moved here, parents first.
inline constexpr std::array<std::string_view, 22> kBones{
    "hips",          "spine",         "chest",        "upperChest",   "neck",          "head",
    "leftShoulder",  "leftUpperArm",  "leftLowerArm", "leftHand",     "rightShoulder", "rightUpperArm",
    "rightLowerArm", "rightHand",     "leftUpperLeg", "leftLowerLeg", "leftFoot",      "leftToes",
    "rightUpperLeg", "rightLowerLeg", "rightFoot",    "rightToes"};
inline constexpr std::size_t kBoneCount = kBones.size();
// Index into kBones; -1 for none.
int bone_named(std::string_view name);
// The bone that one hangs from; -1 for the hips.
int parent_of(int bone);

// A node of the file for each bone of a person; -1 where it has none. What may be missing is missing in good order: whoever
// needs the chest of a figure without one takes the spine.
using BoneNodes = std::array<int, kBoneCount>;
// By the names of a skin's joints (Mixamo, Rigify, Unreal, 3ds Max Biped, VRoid, VRM, and those like them), whatever their case,
// prefix and punctuation. `names[i]` is that of node `nodes[i]`.
BoneNodes bones_by_name(const std::vector<std::string>& names, const std::vector<int>& nodes);

// --- Licence ---------------------------------------------------------------------------------------------------------

enum class Wearer : std::uint8_t { unstated, only_author, licensed, everyone };
enum class Permission : std::uint8_t { unstated, no, yes };

struct AvatarLicence {
  Wearer wearer = Wearer::unstated;
  Permission redistribution = Permission::unstated, modification = Permission::unstated,
             commercial = Permission::unstated;
  bool credit = false;  // the author asks to be named
  std::string name, url;  // of the figure; where the licence can be read (http or https, else empty)
  std::vector<std::string> authors;
};
std::string_view name_of(Wearer wearer);  // "unstated", "only_author", "licensed", "everyone"
std::string_view name_of(Permission permission);  // "unstated", "no", "yes"
Json to_json(const AvatarLicence& licence);

// As the file says it. Text is cut to limits::kAvatarTextBytes; what says nothing of the kind is unstated, but VRM 1.0 has its own
// defaults, which are the strict ones.
AvatarLicence licence_of(const Json& document);

// --- Cost ------------------------------------------------------------------------------------------------------------

// Drawn triangles, stored vertices, materials in use, joints of all skins, textures, and their memory with mip levels; bytes of the file.
struct AvatarCost {
  std::uint64_t triangles = 0, vertices = 0, materials = 0, joints = 0, textures = 0, texture_bytes = 0, bytes = 0;
};
enum class Rank : std::uint8_t { excellent, good, medium, poor };
std::string_view name_of(Rank rank);

// The most that each rank allows; what is over the last is refused. Others see a poor one at reduced detail only.
inline constexpr std::array<AvatarCost, 4> kRanks{{
    {10'000, 20'000, 2, 80, 4, 12u << 20, 3u << 20},
    {25'000, 50'000, 5, 130, 10, 48u << 20, 8u << 20},
    {60'000, 120'000, 12, 220, 24, 128u << 20, 12u << 20},
    {limits::kAvatarTriangles, limits::kAvatarVertices, limits::kAvatarMaterials, limits::kAvatarJoints,
     limits::kAvatarTextures, limits::kAvatarTextureBytes, limits::kAvatarBytes},
}};
// Why it is no better: one measure that the better rank does not allow.
struct RankReason {
  std::string_view measure;  // "triangles", "vertices", "materials", "joints", "textures", "texture_bytes", "bytes"
  std::uint64_t value = 0, allowed = 0;  // the most of the next better rank
};
struct Ranked {
  Rank rank = Rank::excellent;
  std::vector<RankReason> reasons;  // empty when excellent
};
Ranked rank_of(const AvatarCost& cost);

// --- The figure ------------------------------------------------------------------------------------------------------

enum class AvatarKind : std::uint8_t { vrm0, vrm1, plain };
std::string_view name_of(AvatarKind kind);  // "vrm0", "vrm1", "glb"

// Where a file's own space lies in a person's: y up, feet at 0, looking along +z, metres. A point p of the file stands at
// turn_y(turn) * (p * scale) + offset.
struct Fit {
  float turn = 0, scale = 1;
  Vec3 offset;
  Vec3 operator()(Vec3 p) const { return rotate(turn_y(turn), p * scale) + offset; }
};

struct AvatarAbout {
  AvatarKind kind = AvatarKind::plain;
  AvatarLicence licence;
  AvatarCost cost;
  Ranked ranked;
  Fit fit;
  float height = 0;  // as it is shown, metres
  bool resized = false;  // a plain file of no person's size is brought to one
  BoneNodes bones{};
};

// A lower level as it is wanted.
struct LevelPlan {
  std::uint64_t triangles = 0;  // about so many
  int texture_side = 0;  // pixels at most; 0: colours stand at the vertices
};

class AvatarFile {
 public:
  // Errors: those of read.h, and `invalid` or `too_large` with the field that is to blame: "bones" (names the bone that is
  // missing), "height", "pose" (does not stand upright), "triangles" and the other measures of a cost.
  static Result<AvatarFile> open(ByteView bytes, const std::string& name);
  AvatarFile(AvatarFile&&) noexcept;
  AvatarFile& operator=(AvatarFile&&) noexcept;
  ~AvatarFile();

  struct State;  // for the parts of the reader
  const AvatarAbout& about() const;
  // A .glb of one skin over the bones of a person, each node called after its bone, already fitted (Fit is none), compressed.
  // Errors: `invalid`, with the image that cannot be read. Asserts that the licence lets it be made.
  Result<Bytes> level(const LevelPlan& plan) const;

 private:
  explicit AvatarFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Whether lower levels may be made: they are changed copies.
bool may_simplify(const AvatarLicence& licence);
// The lower levels for a figure of so many triangles, finest first.
std::vector<LevelPlan> lower_levels(std::uint64_t triangles);

// --- Pictures --------------------------------------------------------------------------------------------------------

struct Pixels {
  int width = 0, height = 0;
  std::vector<std::array<std::uint8_t, 4>> rgba;  // rows from the top, sRGB
};
// PNG or JPEG. Errors: `invalid` (damaged, or another format), `too_large` (a side over limits::kAvatarTextureSide).
Result<Pixels> decode_image(ByteView bytes);
// Averages in squares of two until no side is over `side`.
Pixels shrunk(Pixels pixels, int side);

}  // namespace mw::gltf
