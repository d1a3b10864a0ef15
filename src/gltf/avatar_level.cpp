// Lower levels of detail of a figure.
#include <algorithm>
#include <cmath>
#include <map>

#include "base/assert.h"
#include "base/format.h"
#include "gltf/avatar_body.h"
#include "gltf/simplify.h"

namespace mw::gltf {
namespace {

// How far a simplified surface may be off, as a share of its extent: with pictures of its textures, and from far away.
constexpr float kNearError = 0.02f, kFarError = 0.12f;
// Colours for vertices are taken from pictures of this side: one pixel of a large one would be chance.
constexpr int kSampled = 64;
constexpr float kSeenThrough = 0.4f;  // triangles whose corners let more through are no surface

float linear(float srgb) { return srgb <= 0.04045f ? srgb / 12.92f : std::pow((srgb + 0.055f) / 1.055f, 2.4f); }
std::uint8_t byte(float value) { return static_cast<std::uint8_t>(std::lround(clamp01(value) * 255)); }

// What a material of the file shows, as far as a level keeps it.
struct Look {
  std::array<float, 4> base{1, 1, 1, 1};
  Vec3 emissive;
  int image = -1;
  Vec2 offset{0, 0}, scale{1, 1};
  bool cut = false, double_sided = false;
};

Vec2 pair_in(const Json& json, const char* key, Vec2 otherwise) {
  if (!has(json, key) || !json[key].is_array() || json[key].size() != 2) return otherwise;
  const Json &x = json[key][0], &y = json[key][1];
  if (!x.is_number() || !y.is_number()) return otherwise;
  const Vec2 out{x.get<float>(), y.get<float>()};
  return std::isfinite(out.x) && std::isfinite(out.y) ? out : otherwise;
}

class Leveller {
 public:
  Leveller(const AvatarFile::State& state, const LevelPlan& plan) : state_(state), plan_(plan) {}

  Result<Model> make() {
    for (std::size_t i = 0; i < list(json(), "materials").size(); ++i) MW_TRY(look(i));
    looks_.emplace_back();  // of what has no material
    add_bones();
    Mesh mesh{"body", {}};
    MW_TRY(plan_.texture_side > 0 ? textured(mesh) : plain(mesh));
    if (mesh.primitives.empty()) return invalid("meshes", "nothing is left of the figure at this level");
    model_.meshes.push_back(std::move(mesh));
    Node body;
    body.name = "body";
    body.mesh = 0, body.skin = 0;
    model_.roots.push_back(static_cast<int>(model_.nodes.size()));
    model_.nodes.push_back(std::move(body));
    return std::move(model_);
  }

 private:
  const Json& json() const { return state_.json(); }

  Status look(std::size_t index) {
    const Json& material = list(json(), "materials")[index];
    Look out;
    if (has(material, "emissiveFactor"))
      for (int k = 0; k < 3; ++k)
        out.emissive[k] = material["emissiveFactor"][static_cast<std::size_t>(k)].get<float>();
    out.double_sided = has(material, "doubleSided") && material["doubleSided"] == true;
    out.cut = has(material, "alphaMode") && material["alphaMode"] != "OPAQUE";
    const Json pbr = has(material, "pbrMetallicRoughness") ? material["pbrMetallicRoughness"] : Json::object();
    if (has(pbr, "baseColorFactor"))
      for (std::size_t k = 0; k < 4; ++k) out.base[k] = pbr["baseColorFactor"][k].get<float>();
    if (has(pbr, "baseColorTexture")) {
      const Json& reference = pbr["baseColorTexture"];
      const Json& texture = list(json(), "textures")[reference["index"].get<std::size_t>()];
      if (!has(texture, "source") || !texture["source"].is_number_unsigned())
        return invalid(format("materials[{}]", index), "its picture is neither PNG nor JPEG");
      out.image = texture["source"].get<int>();
      if (has(reference, "extensions") && has(reference["extensions"], "KHR_texture_transform")) {
        const Json& transform = reference["extensions"]["KHR_texture_transform"];
        out.offset = pair_in(transform, "offset", out.offset);
        out.scale = pair_in(transform, "scale", out.scale);
      }
    }
    looks_.push_back(out);
    return ok();
  }

  void add_bones() {
    const auto& bones = state_.about.bones;
    Skin skin{"person", {}, {}};
    std::array<Vec3, kBoneCount> places;
    for (std::size_t bone = 0; bone < bones.size(); ++bone) {
      if (bones[bone] < 0) continue;
      places[bone] = state_.about.fit(place_of(state_.skeleton.world[static_cast<std::size_t>(bones[bone])]));
      int above = parent_of(static_cast<int>(bone));
      while (above >= 0 && bones[static_cast<std::size_t>(above)] < 0) above = parent_of(above);
      const auto index = static_cast<int>(model_.nodes.size());
      Node node;
      node.name = kBones[bone];
      node.transform.translation = above < 0 ? places[bone] : places[bone] - places[static_cast<std::size_t>(above)];
      if (above < 0)
        model_.roots.push_back(index);
      else
        model_.nodes[static_cast<std::size_t>(joint_[static_cast<std::size_t>(above)])].children.push_back(index);
      joint_[bone] = static_cast<std::uint8_t>(index);
      skin.joints.push_back(index);
      skin.inverse_bind.push_back(matrix({-places[bone], {}, {1, 1, 1}}));
      model_.nodes.push_back(std::move(node));
    }
    model_.skins.push_back(std::move(skin));
  }

  // The surface in a person's space, bound to the joints of the new skin.
  Primitive fitted(const Surface& surface) const {
    Primitive out = surface.primitive;
    const auto& fit = state_.about.fit;
    for (Vec3& p : out.positions) p = fit(p);
    for (Vec3& n : out.normals) n = rotate(turn_y(fit.turn), n);
    for (Joints& joints : out.joints)
      for (auto& joint : joints) joint = joint_[joint];
    return out;
  }

  const Look& look_of(const Surface& surface) const {
    return surface.material < 0 ? looks_.back() : looks_[static_cast<std::size_t>(surface.material)];
  }

  Result<const Pixels*> pixels(int image, int side) {
    auto at = pictures_.find(image);
    if (at == pictures_.end()) {
      auto decoded = decode_image(state_.document.image(static_cast<std::size_t>(image)));
      if (!decoded) return Error{decoded.error().kind, format("images[{}]", image), decoded.error().message};
      at = pictures_.emplace(image, shrunk(std::move(*decoded), side)).first;
    }
    return &at->second;
  }

  // As many materials as the file has, with smaller pictures.
  Status textured(Mesh& mesh) {
    std::uint64_t all = 0;
    for (const auto& surface : state_.surfaces) all += surface.primitive.indices.size() / 3;
    std::map<int, int> materials, images;
    for (const auto& surface : state_.surfaces) {
      const Look& shown = look_of(surface);
      Primitive primitive = fitted(surface);
      for (Vec2& uv : primitive.uvs)
        uv = {uv.x * shown.scale.x + shown.offset.x, uv.y * shown.scale.y + shown.offset.y};
      const auto share = std::max<std::uint64_t>(plan_.triangles * (primitive.indices.size() / 3) / all, 4);
      // Where every edge is a crease, fewer triangles cost more of the shape.
      auto fewer = simplified(primitive.positions, primitive.indices, share, kNearError);
      if (fewer.size() / 3 > share * 3 / 2) fewer = simplified(primitive.positions, fewer, share, kFarError);
      if (fewer.size() / 3 > share * 2 && shown.image < 0)
        fewer = simplified(primitive.positions, fewer, share * 3 / 2, kFarError, true);
      primitive.indices = std::move(fewer);
      if (primitive.indices.empty()) continue;
      compact(primitive);
      auto [at, fresh] = materials.try_emplace(surface.material, static_cast<int>(model_.materials.size()));
      if (fresh) MW_TRY(add_material(shown, images));
      primitive.material = at->second;
      mesh.primitives.push_back(std::move(primitive));
    }
    return ok();
  }

  Status add_material(const Look& shown, std::map<int, int>& images) {
    Material material;
    material.base = shown.base;
    material.emissive = shown.emissive;
    material.double_sided = shown.double_sided;
    if (shown.cut) material.alpha_cutoff = 0.5f;
    if (shown.image >= 0) {
      auto [at, fresh] = images.try_emplace(shown.image, static_cast<int>(model_.images.size()));
      if (fresh) {
        const auto picture = pixels(shown.image, plan_.texture_side);
        MW_TRY(picture);
        const Pixels& p = **picture;
        model_.images.push_back(png(p.width, p.height, 4, as_view(p)));
      }
      material.texture = at->second;
    }
    model_.materials.push_back(std::move(material));
    return ok();
  }

  static ByteView as_view(const Pixels& pixels) {
    return {reinterpret_cast<const Byte*>(pixels.rgba.data()), pixels.rgba.size() * 4};
  }

  // One material, colours at the vertices.
  Status plain(Mesh& mesh) {
    Primitive all;
    bool double_sided = false;
    for (const auto& surface : state_.surfaces) {
      Primitive one = fitted(surface);
      const Look& shown = look_of(surface);
      double_sided |= shown.double_sided;
      MW_TRY(paint(one, shown));
      const auto first = static_cast<std::uint32_t>(all.positions.size());
      const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
      append(all.positions, one.positions), append(all.normals, one.normals), append(all.colours, one.colours);
      append(all.joints, one.joints), append(all.weights, one.weights);
      for (std::size_t i = 0; i < one.indices.size(); i += 3) {
        float alpha = 0;
        for (std::size_t k = 0; k < 3; ++k) alpha += static_cast<float>(one.colours[one.indices[i + k]][3]) / 765;
        if (shown.cut && alpha < kSeenThrough) continue;
        for (std::size_t k = 0; k < 3; ++k) all.indices.push_back(first + one.indices[i + k]);
      }
    }
    for (auto& colour : all.colours) colour[3] = 255;
    all.indices = simplified(all.positions, all.indices, plan_.triangles, kFarError);
    // Many small pieces, buttons and hairs, hold one another up: then their connections are given up.
    if (all.indices.size() / 3 > plan_.triangles * 3 / 2)
      all.indices = simplified(all.positions, all.indices, plan_.triangles, kFarError, true);
    if (all.indices.empty()) return ok();
    compact(all);
    Material material;
    material.double_sided = double_sided;
    model_.materials.push_back(material);
    all.material = 0;
    mesh.primitives.push_back(std::move(all));
    return ok();
  }

  // Gives each vertex the colour that it shows, linear.
  Status paint(Primitive& primitive, const Look& shown) {
    const Pixels* picture = nullptr;
    if (shown.image >= 0) {
      const auto found = pixels(shown.image, kSampled);
      MW_TRY(found);
      picture = *found;
    }
    if (primitive.colours.empty()) primitive.colours.assign(primitive.positions.size(), {255, 255, 255, 255});
    for (std::size_t i = 0; i < primitive.colours.size(); ++i) {
      std::array<float, 4> colour = shown.base;
      if (picture != nullptr) {
        const auto sample = [](float at, float offset, float scale, int size) {
          const float t = at * scale + offset, wrapped = std::isfinite(t) ? t - std::floor(t) : 0;
          return std::min(static_cast<int>(wrapped * static_cast<float>(size)), size - 1);
        };
        const int x = sample(primitive.uvs[i].x, shown.offset.x, shown.scale.x, picture->width),
                  y = sample(primitive.uvs[i].y, shown.offset.y, shown.scale.y, picture->height);
        const auto& pixel = picture->rgba[static_cast<std::size_t>(y) * picture->width + x];
        for (std::size_t k = 0; k < 3; ++k) colour[k] *= linear(static_cast<float>(pixel[k]) / 255);
        colour[3] *= static_cast<float>(pixel[3]) / 255;
      }
      for (std::size_t k = 0; k < 4; ++k)
        primitive.colours[i][k] = byte(colour[k] * static_cast<float>(primitive.colours[i][k]) / 255);
    }
    return ok();
  }

  const AvatarFile::State& state_;
  LevelPlan plan_;
  Model model_;
  std::vector<Look> looks_;
  std::array<std::uint8_t, kBoneCount> joint_{};  // of the new skin, for each bone
  std::map<int, Pixels> pictures_;
};

}  // namespace

Result<Model> level_model(const AvatarFile::State& state, const LevelPlan& plan) {
  return Leveller(state, plan).make();
}

Pixels shrunk(Pixels pixels, int side) {
  while (std::max(pixels.width, pixels.height) > side) {
    Pixels half{std::max(pixels.width / 2, 1), std::max(pixels.height / 2, 1), {}};
    const int across = pixels.width > 1 ? 2 : 1, down = pixels.height > 1 ? 2 : 1;
    half.rgba.resize(static_cast<std::size_t>(half.width) * half.height);
    for (int y = 0; y < half.height; ++y) {
      for (int x = 0; x < half.width; ++x) {
        std::array<unsigned, 4> sum{};
        for (int j = 0; j < down; ++j)
          for (int i = 0; i < across; ++i)
            for (std::size_t k = 0; k < 4; ++k)
              sum[k] += pixels.rgba[static_cast<std::size_t>(y * down + j) * pixels.width + (x * across + i)][k];
        for (std::size_t k = 0; k < 4; ++k)
          half.rgba[static_cast<std::size_t>(y) * half.width + x][k] =
              static_cast<std::uint8_t>(sum[k] / static_cast<unsigned>(across * down));
      }
    }
    pixels = std::move(half);
  }
  return pixels;
}

}  // namespace mw::gltf
