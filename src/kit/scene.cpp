#include "base/format.h"
#include "kit/layout.h"

namespace mw::kit {
namespace {

constexpr std::array<std::string_view, 2> kKits{"plaza", "garden"};

Result<SceneParameters> read_parameters(const Json& json) {
  if (!json.is_object() && !json.is_null()) return invalid("", "expected an object of parameters");
  SceneParameters out;
  for (const auto& [key, value] : json.items()) {
    if (key == "seed") {
      if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::uint64_t>() > 0xFFFFFFFFu)
        return invalid(key, "expected a whole number from 0 to 4294967295");
      out.seed = value.get<std::uint64_t>();
    } else if (key == "accent") {
      if (!value.is_string()) return invalid(key, "expected a colour such as \"#2A9D8F\"");
      Result<Srgb> colour = from_hex(value.get_ref<const std::string&>());
      if (!colour) return invalid(key, colour.error().message);
      out.accent = *colour;
    } else {
      return invalid(key, "no such parameter; there are seed and accent");
    }
  }
  return out;
}

}  // namespace

std::span<const std::string_view> scene_kits() { return kKits; }

Result<Scene> make_scene(std::string_view kit, const Json& parameters) {
  Result<SceneParameters> read = read_parameters(parameters);
  if (!read) return read.error();
  if (kit == "plaza") return make_plaza(*read);
  if (kit == "garden") return make_garden(*read);
  return Error{ErrorKind::not_found, "kit", format("no kit is called \"{}\"; there are plaza and garden", kit)};
}

}  // namespace mw::kit
