// Things that travel: what this host's own people have taken elsewhere, and what others have brought.
#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "base/text.h"
#include "server/methods.h"
#include "server/still_carries.h"

namespace mw::server {
namespace {

constexpr std::size_t kModelChars = 32;
constexpr double kScaleLeast = 0.1, kScaleMost = 10;

bool is_model(const std::string& text) {
  return text.size() <= kModelChars && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}
bool is_colour(const std::string& text) {
  return text.size() == 7 && text[0] == '#' && std::all_of(text.begin() + 1, text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}
std::string text_of(const Json& thing, const char* name) {
  const auto at = thing.find(name);
  return at != thing.end() && at->is_string() ? at->get<std::string>() : std::string();
}

}  // namespace

// The title vouches for the hash, not for what it is of: whatever does not read as this host's own things do is left out.
Json appearance_of(const Json& thing) {
  const auto model = text_of(thing, "model"), colour = text_of(thing, "colour");
  const auto name = clean_name(text_of(thing, "name"));
  const auto scale = thing.find("scale");
  const double size = scale != thing.end() && scale->is_number() ? scale->get<double>() : 1;
  Json json{{"name", name.ok() ? *name : std::string()},
            {"model", is_model(model) ? model : std::string()},
            {"scale", std::isfinite(size) ? std::clamp(size, kScaleLeast, kScaleMost) : 1.0}};
  if (is_colour(colour)) json["colour"] = colour;
  return json;
}

namespace {

// As everybody is told of it. `home`: of the person who has it.
Json shown(const federation::Carrying::Item& item, const std::string& home) {
  Json json = appearance_of(item.told.thing);
  json["asset"] = item.told.asset;
  json["log"] = item.told.log;
  json["host"] = item.host;
  json["keeper"] = home;
  json["custody"] = item.told.held ? "holder" : "home";  // as the home says
  json["assurance"] = name_of(item.assurance);
  json["until_s"] = item.lease.until_s;
  json["in_hand"] = item.in_hand;
  return json;
}

}  // namespace

bool still_carries(const federation::Carrying* carrying, VisitorId visitor) {
  using State = federation::Carrying::State;
  return carrying != nullptr && std::ranges::any_of(carrying->of(visitor), [](const auto& item) {
           return item.state != State::refused && item.state != State::over;
         });
}

Json Control::carried_by(VisitorId visitor) const {
  Json list = Json::array();
  if (carrying_ == nullptr) return list;
  const auto* traveller = travel_ == nullptr ? nullptr : travel_->of_visitor(visitor);
  for (const auto& item : carrying_->of(visitor)) {
    Json json = appearance_of(item.told.thing);
    json["asset"] = item.told.asset;
    json["state"] = federation::name_of(item.state);
    json["in_hand"] = item.in_hand;
    json["host"] = item.host;
    json["custody"] = item.told.held ? "holder" : "home";
    json["keeper"] = traveller != nullptr ? traveller->home : travel_->authority();
    if (!item.why.empty()) json["why"] = item.why;
    if (item.lease.until_s != 0) json["until_s"] = item.lease.until_s;
    list.push_back(std::move(json));
  }
  return list;
}

void Control::tell_carried() {
  // Whoever has left, or is forgotten, carries nothing here.
  carrying_->forget_unless([&](VisitorId id) {
    return visitors_.contains(id) && travel_ != nullptr &&
           (travel_->of_visitor(id) != nullptr || (accounts_ != nullptr && accounts_->of_visitor(id) != nullptr));
  });
  for (const VisitorId id : carrying_->tick(now_.unix_ms)) {
    const auto at = visitors_.find(id);
    if (at == visitors_.end()) continue;
    auto& visitor = at->second;
    Json here = Json::array();
    for (const auto& item : carrying_->of(id))
      if (item.state == federation::Carrying::State::here)
        here.push_back(shown(item, visitor.guest.home.empty() ? travel_->authority() : visitor.guest.home));
    visitor.guest.carried = std::move(here);
    visitor.unsaved = true;
    for (const auto* name : {&visitor.world, &visitor.waiting})
      if (auto* world = find_world(*name)) world->change(visitor.guest);
    if (visitor.session) notify(visitor.session, "travel.brought", {{"carried", carried_by(id)}});
  }
}

void Control::tell_owned(VisitorId visitor) {
  const auto at = visitors_.find(visitor);
  if (at != visitors_.end() && at->second.session)
    notify(at->second.session, "title.owned", {{"things", Methods{*this}.belongings(visitor)}});
}

void Control::hide_away() {
  titles_->each_away(now_.unix_ms, [&](const federation::Titles::Place& place, bool at_home) {
    if (auto* world = find_world(place.world)) world->scene().set_away(place.entity, !at_home);
  });
}

}  // namespace mw::server
