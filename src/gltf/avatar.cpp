#include "gltf/avatar.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/assert.h"
#include "base/format.h"
#include "gltf/avatar_body.h"

namespace mw::gltf {
namespace {

// A plain file that is of no person's size is brought to this height, metres.
constexpr float kUsualHeight = 1.7f;
// Feet that stand so far off the middle are brought to it, metres.
constexpr float kAside = 0.3f;
constexpr float kHeightLeast = limits::kAvatarHeightLeastMm / 1000.f,
                kHeightMost = limits::kAvatarHeightMostMm / 1000.f;

Error named(const std::string& name, Error error) {
  error.field = error.field.empty() ? name : format("{}: {}", name, error.field);
  return error;
}

std::uint64_t texture_bytes(const ImageHeader& header) {
  return std::uint64_t{header.width} * header.height * 4 * 4 / 3;
}

// What the file costs to hold and to draw, by its structure alone.
Status count_cost(AvatarFile::State& state, std::size_t bytes) {
  auto& cost = state.about.cost;
  cost.bytes = bytes;
  const Json& json = state.json();
  if (list(json, "nodes").size() > limits::kAvatarNodes)
    return Error{ErrorKind::too_large, "nodes",
                 format("there are {}, at most {}", list(json, "nodes").size(), limits::kAvatarNodes)};
  std::set<std::uint64_t> joints;
  for (const Json& skin : list(json, "skins"))
    for (const Json& joint : list(skin, "joints")) joints.insert(joint.get<std::uint64_t>());
  cost.joints = joints.size();
  const std::size_t images = list(json, "images").size();
  cost.textures = images;
  if (images > limits::kAvatarTextures) return ok();  // is refused below
  for (std::size_t i = 0; i < images; ++i) {
    const Bytes image = state.document.image(i);
    const auto header = read_image_header(image);
    if (!header) return Error{header.error().kind, format("images[{}]", i), header.error().message};
    if (std::max(header->width, header->height) > limits::kAvatarTextureSide)
      return Error{
          ErrorKind::too_large, format("images[{}]", i),
          format("is {} x {} pixels, at most {} a side", header->width, header->height, limits::kAvatarTextureSide)};
    cost.texture_bytes += texture_bytes(*header);
  }
  return ok();
}

Status within_limits(const AvatarCost& cost) {
  const auto& most = kRanks.back();
  const auto check = [](std::string_view field, std::uint64_t value, std::uint64_t limit) -> Status {
    if (value <= limit) return ok();
    return Error{ErrorKind::too_large, std::string(field), format("there are {}, at most {}", value, limit)};
  };
  MW_TRY(check("triangles", cost.triangles, most.triangles));
  MW_TRY(check("vertices", cost.vertices, most.vertices));
  MW_TRY(check("materials", cost.materials, most.materials));
  MW_TRY(check("joints", cost.joints, most.joints));
  MW_TRY(check("textures", cost.textures, most.textures));
  return check("texture_bytes", cost.texture_bytes, most.texture_bytes);
}

struct Pose {
  const BoneNodes& bones;
  const Skeleton& skeleton;
  Vec3 operator()(std::string_view bone) const {
    return place_of(skeleton.world[static_cast<std::size_t>(bones[static_cast<std::size_t>(bone_named(bone))])]);
  }
};

// Which way a person looks is told by their left and right, so that it needs no belief in what a file says of itself: VRM 0.x
// looks along -z, VRM 1.0 along +z, others as they like.
Status stand(AvatarFile::State& state) {
  auto& about = state.about;
  const Pose at{about.bones, state.skeleton};
  const Vec3 up = at("head") - at("hips");
  if (!(up.y > 0.6f * length(up)))
    return invalid("pose", "expected a figure that stands upright, its head above its hips along +y");
  Vec3 left = at("leftUpperLeg") - at("rightUpperLeg") + at("leftUpperArm") - at("rightUpperArm");
  left.y = 0;
  if (!(length(left) > 1e-3f * length(up)))
    return invalid("pose", "expected left and right arms and legs on their own sides");
  const Vec3 ahead = cross(normalised(left), {0, 1, 0});
  about.fit.turn = -std::atan2(ahead.x, ahead.z);
  // To a quarter turn, where it is nearly one: the bones of a hand-made figure are never quite even.
  const float quarters = std::round(about.fit.turn / (kPi / 2)) * (kPi / 2);
  if (std::abs(about.fit.turn - quarters) < 0.15f) about.fit.turn = quarters;
  Bounds bounds;
  for (const auto& surface : state.surfaces)
    for (const Vec3 p : surface.primitive.positions) bounds.add(about.fit(p));
  if (bounds.empty()) return invalid("meshes", "there is nothing to see");
  const float height = bounds.size().y;
  if (!(height >= kHeightLeast && height <= kHeightMost)) {
    const bool refused = about.kind != AvatarKind::plain || !(height > 1e-4f && height < 1e5f);
    if (refused)
      return invalid("height", format("is {:.2f} m, expected {} to {} m", height, kHeightLeast, kHeightMost));
    about.fit.scale = kUsualHeight / height;
    about.resized = true;
  }
  about.height = height * about.fit.scale;
  const Vec3 hips = about.fit(at("hips"));
  about.fit.offset.y = -bounds.low.y * about.fit.scale;
  if (std::hypot(hips.x, hips.z) > kAside) about.fit.offset.x = -hips.x, about.fit.offset.z = -hips.z;
  return ok();
}

}  // namespace

Vec3 place_of(const Mat4& matrix) { return {matrix.m[12], matrix.m[13], matrix.m[14]}; }

AvatarFile::AvatarFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
AvatarFile::AvatarFile(AvatarFile&&) noexcept = default;
AvatarFile& AvatarFile::operator=(AvatarFile&&) noexcept = default;
AvatarFile::~AvatarFile() = default;

const AvatarAbout& AvatarFile::about() const { return state_->about; }

Result<AvatarFile> AvatarFile::open(ByteView bytes, const std::string& name) {
  if (bytes.size() > limits::kAvatarBytes)
    return Error{ErrorKind::too_large, name, format("has {} bytes, at most {}", bytes.size(), limits::kAvatarBytes)};
  if (bytes.size() < 4 || as_text(bytes.first(4)) != "glTF")
    return invalid(name, "expected a .vrm or a .glb, which begins with the letters glTF");
  auto document = Document::open(bytes, {}, {name});
  MW_TRY(document);
  auto state = std::make_unique<State>(std::move(*document));
  auto& about = state->about;
  const Json& json = state->json();
  const Json extensions = has(json, "extensions") ? json["extensions"] : Json::object();
  about.kind = has(extensions, "VRMC_vrm") ? AvatarKind::vrm1
               : has(extensions, "VRM")    ? AvatarKind::vrm0
                                           : AvatarKind::plain;
  about.licence = licence_of(json);
  if (Status s = count_cost(*state, bytes.size()); !s) return named(name, s.error());
  auto skeleton = skeleton_of(state->document);
  if (!skeleton) return named(name, skeleton.error());
  state->skeleton = std::move(*skeleton);
  if (Status s = find_bones(*state); !s) return named(name, s.error());
  if (Status s = read_surfaces(*state); !s) return named(name, s.error());
  if (Status s = within_limits(about.cost); !s) return named(name, s.error());
  if (Status s = stand(*state); !s) return named(name, s.error());
  about.ranked = rank_of(about.cost);
  return AvatarFile(std::move(state));
}

Result<Bytes> AvatarFile::level(const LevelPlan& plan) const {
  MW_ASSERT(may_simplify(state_->about.licence));
  auto model = level_model(*state_, plan);
  MW_TRY(model);
  return write_glb(*model, {true});
}

std::vector<LevelPlan> lower_levels(std::uint64_t triangles) {
  const auto share = [&](std::uint64_t part, std::uint64_t most) {
    return std::clamp<std::uint64_t>(triangles / part, 12, most);
  };
  return {{share(2, 8'000), 512}, {share(6, 1'500), 0}};
}

}  // namespace mw::gltf
