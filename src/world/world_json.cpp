// What clients are told about a world, as JSON. The schemas stand beside the calls (server/schemas.cpp); every result is
// checked against them in tests.
#include "base/limits.h"
#include "world/walkers.h"
#include "world/world.h"

namespace mw::world {
namespace {

Json to_json(const Text& text) { return {{"en", text.en}, {"zh", text.zh}}; }
// Through decimal thousandths: 1.8f would print as 1.7999999523162842.
double plain(float value) {
  return static_cast<double>(static_cast<std::int64_t>(value * 10000 + (value < 0 ? -0.5f : 0.5f))) / 10000;
}
Json to_json(motion::Vec3 v) { return {plain(v.x), plain(v.y), plain(v.z)}; }

Json to_json(const motion::Rules& rules) {
  return {{"walk_speed", plain(rules.walk_speed)},
          {"run_speed", plain(rules.run_speed)},
          {"jump_speed", plain(rules.jump_speed)},
          {"gravity", plain(rules.gravity)},
          {"acceleration", plain(rules.acceleration)},
          {"air_control", plain(rules.air_control)},
          {"radius", plain(rules.radius)},
          {"height", plain(rules.height)},
          {"step_height", plain(rules.step_height)},
          {"slope_cos", plain(rules.slope_cos)},
          {"floor_y", plain(rules.floor_y)}};
}

}  // namespace

Json World::person(const Guest& guest, EntityId entity) const {
  Json json{{"entity", entity.value},
            {"visitor", std::to_string(guest.visitor.value)},
            {"name", guest.name},
            {"simulated", false},
            {"role", trust::name_of(guest.role)},
            {"appearance", kit::to_json(guest.appearance)}};
  if (!guest.home.empty()) json["home"] = guest.home;
  if (!guest.carried.empty()) json["carried"] = guest.carried;
  if (guest.avatar.is_object()) json["avatar"] = guest.avatar;
  return json;
}

Json World::people() const {
  Json list = Json::array();
  walkers_->describe(list);
  for (const Member* member : by_row_)
    if (member != nullptr) list.push_back(person(member->guest, member->entity));
  return list;
}

Json World::glimpse() const {
  return {{"world", description_.name},
          {"scene", links_.scene},
          {"mood", description_.mood},
          {"position", to_json(ground_.spawn.position)},
          {"yaw", plain(ground_.spawn.yaw)}};
}

Json World::detail(const Entered& entered, trust::Role role) const {
  Json portals = Json::array();
  for (const auto& portal : description_.portals) {
    Json to = portal.to_url.empty() ? Json{{"world", portal.to_world}} : Json{{"url", portal.to_url}};
    portals.push_back({{"id", portal.id},
                       {"title", to_json(portal.title)},
                       {"to", std::move(to)},
                       {"position", to_json(portal.position)},
                       {"yaw", plain(portal.yaw)},
                       {"width", plain(portal.width)},
                       {"height", plain(portal.height)}});
  }
  Json models = Json::array();
  for (const auto& model : *catalogue_)
    models.push_back({{"name", model.name},
                      {"title", to_json(model.title)},
                      {"url", model.url},
                      {"collision", model.collision_url.empty() ? Json(nullptr) : Json(model.collision_url)}});
  const std::string prefix = "world/" + description_.name + "/";
  return {{"name", description_.name},
          {"title", to_json(description_.title)},
          {"description", to_json(description_.description)},
          {"accent", description_.accent},
          {"capacity", description_.capacity},
          {"entity", entered.entity.value},
          {"epoch", entered.epoch},
          {"place", {{"position", to_json(entered.place.position)}, {"yaw", plain(entered.place.yaw)}}},
          {"rules", to_json(description_.rules)},
          {"sky", {{"mood", description_.mood}}},
          {"scene", {{"url", links_.scene}, {"collision", links_.collision}}},
          {"person", {{"url", links_.person}}},
          {"models", std::move(models)},
          {"portals", std::move(portals)},
          {"tracks",
           {{"poses", prefix + "poses"},
            {"people", prefix + "people"},
            {"chat", prefix + "chat"},
            {"scene", prefix + "scene"}}},
          {"tick_hz", limits::kTickHz},
          {"may",
           {{"edit", trust::may(role, trust::Capability::edit, description_.edit)},
            {"operate", trust::may(role, trust::Capability::operate)}}}};
}

Json World::summary() const {
  return {{"name", description_.name},
          {"title", to_json(description_.title)},
          {"description", to_json(description_.description)},
          {"people", members_.size()},
          {"simulated", walkers()},
          {"capacity", description_.capacity},
          {"waiting", queue_.size()},
          {"accent", description_.accent}};
}

}  // namespace mw::world
