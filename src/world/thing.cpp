#include "world/thing.h"

#include <cmath>
#include <exception>

#include "base/text.h"

namespace mw::world {
namespace {

// Adding 0 makes -0 a plain 0, which would otherwise compare equal and print differently.
double rounded(double value, double steps) { return std::round(value * steps) / steps + 0.0; }

}  // namespace

Json to_json(const Thing& thing) {
  Json json{{"entity", thing.entity.value}, {"model", thing.model},
            {"position", thing.position},   {"yaw", thing.yaw},
            {"scale", thing.scale},         {"by", std::to_string(thing.by.value)}};
  if (!thing.colour.empty()) json["colour"] = thing.colour;
  if (!thing.name.empty()) json["name"] = thing.name;
  return json;
}

Result<Thing> thing_from_json(const Json& json) {
  // The journal's bytes are ours, but a disk may have changed them: a type that is wrong is an error, not a crash.
  try {
    Thing thing;
    thing.entity.value = json.at("entity").get<std::uint32_t>();
    thing.model = json.at("model").get<std::string>();
    thing.position = json.at("position").get<std::array<double, 3>>();
    thing.yaw = json.at("yaw").get<double>();
    thing.scale = json.at("scale").get<double>();
    thing.by.value = std::stoull(json.at("by").get<std::string>());
    thing.colour = json.value("colour", std::string());
    thing.name = json.value("name", std::string());
    if (!thing.entity) return failure(ErrorKind::damaged, "a stored thing has no entity");
    return thing;
  } catch (const std::exception& error) {
    return failure(ErrorKind::damaged, std::string("a stored thing does not read: ") + error.what());
  }
}

Status take_parameters(const Json& params, Thing& thing) {
  if (params.contains("model")) thing.model = params["model"].get<std::string>();
  if (params.contains("position"))
    for (std::size_t i = 0; i < 3; ++i) thing.position[i] = rounded(params["position"][i].get<double>(), 1000);
  if (params.contains("yaw")) thing.yaw = rounded(params["yaw"].get<double>(), 10000);
  if (params.contains("scale")) thing.scale = rounded(params["scale"].get<double>(), 1000);
  if (params.contains("colour")) thing.colour = params["colour"].get<std::string>();
  if (params.contains("name")) {
    auto name = params["name"].get<std::string>();
    if (!name.empty()) {
      auto clean = clean_name(name);
      MW_TRY(clean);
      name = std::move(clean).value();
    }
    thing.name = std::move(name);
  }
  return ok();
}

motion::Placement placement_of(const Thing& thing) {
  motion::Placement placement;
  placement.position = {static_cast<float>(thing.position[0]), static_cast<float>(thing.position[1]),
                        static_cast<float>(thing.position[2])};
  placement.cos_yaw = static_cast<float>(std::cos(thing.yaw));
  placement.sin_yaw = static_cast<float>(std::sin(thing.yaw));
  placement.scale = static_cast<float>(thing.scale);
  return placement;
}

}  // namespace mw::world
