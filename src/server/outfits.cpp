#include "server/outfits.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace mw::server {
namespace {

Error no_such(std::int64_t number) {
  return Error{ErrorKind::not_found, "number", format("you keep no outfit {}", number)};
}

}  // namespace

std::vector<Outfits::Outfit>::iterator Outfits::find(std::int64_t number) {
  return std::ranges::find(kept_, number, &Outfit::number);
}

Result<std::int64_t> Outfits::keep(const Change& change, const kit::Appearance& worn) {
  auto at = change.number ? find(*change.number) : kept_.end();
  if (change.number && at == kept_.end()) return no_such(*change.number);
  if (!change.number) {
    if (kept_.size() >= static_cast<std::size_t>(kMostOutfits))
      return failure(ErrorKind::full,
                     format("you keep {} outfits already, which is as many as there may be", kMostOutfits));
    std::int64_t number = 1;
    for (at = kept_.begin(); at != kept_.end() && at->number == number; ++at) ++number;
    at = kept_.insert(at, {number, {}, worn});
  }
  if (change.name) at->name = *change.name;
  if (change.appearance) at->appearance = *change.appearance;
  return at->number;
}

Status Outfits::drop(std::int64_t number) {
  const auto at = find(number);
  if (at == kept_.end()) return no_such(number);
  kept_.erase(at);
  return ok();
}

Json Outfits::to_json() const {
  Json list = Json::array();
  for (const Outfit& one : kept_) {
    Json json{{"number", one.number}, {"appearance", kit::to_json(one.appearance)}};
    if (!one.name.empty()) json["name"] = one.name;
    list.push_back(std::move(json));
  }
  return list;
}

void Outfits::restore(const Json& stored) {
  kept_.clear();
  if (!stored.is_array()) return;
  for (const Json& json : stored) {
    if (!json.is_object() || !json.contains("number") || !json.contains("appearance")) continue;
    const Json& number = json["number"];
    if (!number.is_number_integer()) continue;
    Outfit one;
    one.number = number.get<std::int64_t>();
    const auto appearance = kit::appearance_from_json(json["appearance"]);
    const bool free = one.number >= 1 && one.number <= kMostOutfits && find(one.number) == kept_.end();
    if (!appearance.ok() || !free) continue;
    one.appearance = *appearance;
    if (json.contains("name") && json["name"].is_string())
      if (auto name = clean_name(json["name"].get<std::string>()); name.ok()) one.name = *std::move(name);
    kept_.push_back(std::move(one));
  }
  std::ranges::sort(kept_, {}, &Outfit::number);
}

}  // namespace mw::server
