#include "base/format.h"
#include "kit/layout.h"

namespace mw::kit {
namespace {

constexpr std::array<std::string_view, 3> kKits{"plaza", "garden", "stadium"};

Result<SceneParameters> read_parameters(std::string_view kit, const Json& json) {
  const bool seated = kit == "stadium";
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
    } else if (seated && key == "seats") {
      const bool good = value.is_number_integer() && value.get<std::int64_t>() >= kStadiumSeatsMin &&
                        value.get<std::int64_t>() <= kStadiumSeatsMax &&
                        value.get<std::int64_t>() % kSeatsTogether == 0;
      if (!good)
        return invalid(
            key, format("expected a multiple of {} from {} to {}", kSeatsTogether, kStadiumSeatsMin, kStadiumSeatsMax));
      out.seats = value.get<std::uint32_t>();
    } else {
      return invalid(key, seated ? "no such parameter; there are seed, accent and seats"
                                 : "no such parameter; there are seed and accent");
    }
  }
  return out;
}

}  // namespace

std::span<const std::string_view> scene_kits() { return kKits; }

Result<Scene> make_scene(std::string_view kit, const Json& parameters) {
  Result<SceneParameters> read = read_parameters(kit, parameters);
  if (!read) return read.error();
  if (kit == "plaza") return make_plaza(*read);
  if (kit == "garden") return make_garden(*read);
  if (kit == "stadium") return make_stadium(*read);
  return Error{ErrorKind::not_found, "kit",
               format("no kit is called \"{}\"; there are plaza, garden and stadium", kit)};
}

}  // namespace mw::kit
