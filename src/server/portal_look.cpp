#include "server/portal_look.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "edge/fetch.h"

namespace mw::server {
namespace {

constexpr std::size_t kAboutBytes = 256u << 10, kTextChars = 200;
constexpr std::string_view kAbout = "/.well-known/manyworlds.json", kWorldPath = "/w/";

std::string origin_of(const edge::Url& url) { return (url.tls ? "https://" : "http://") + url.authority(); }

std::optional<std::string> text_of(const Json& json, const char* member, std::size_t chars = kTextChars) {
  const auto at = json.find(member);
  if (at == json.end() || !at->is_string()) return std::nullopt;
  auto clean = clean_text(at->get<std::string>(), member, chars * 4, chars);
  if (!clean.ok()) return std::nullopt;
  return *std::move(clean);
}

std::optional<Json> titles_of(const Json& json, const char* member) {
  const auto at = json.find(member);
  if (at == json.end() || !at->is_object()) return std::nullopt;
  const auto en = text_of(*at, "en"), zh = text_of(*at, "zh");
  if (!en || !zh) return std::nullopt;
  return Json{{"en", *en}, {"zh", *zh}};
}

std::optional<Json> number_of(const Json& json, const char* member, double most) {
  const auto at = json.find(member);
  if (at == json.end() || !at->is_number()) return std::nullopt;
  return Json(std::clamp(at->get<double>(), 0.0, most));
}

// "#RRGGBB", as worlds write their accent.
bool is_colour(std::string_view text) {
  return text.size() == 7 && text[0] == '#' && std::all_of(text.begin() + 1, text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
         });
}

std::optional<Json> world_of(const Json& json) {
  const auto name = text_of(json, "name", 64);
  auto title = titles_of(json, "title");
  if (!name || !title) return std::nullopt;
  Json out{{"name", *name}, {"title", *std::move(title)}, {"people", 0}, {"capacity", 0}};
  for (const char* member : {"people", "capacity"})
    if (auto number = number_of(json, member, 1e9)) out[member] = static_cast<std::int64_t>(number->get<double>());
  if (auto description = titles_of(json, "description")) out["description"] = *std::move(description);
  if (auto promise = number_of(json, "promise", 100)) out["promise"] = *std::move(promise);
  if (const auto accent = text_of(json, "accent", 7); accent && is_colour(*accent)) out["accent"] = *accent;
  return out;
}

}  // namespace

Json portal_look(std::string_view url, const Result<std::string>& body) {
  const auto parsed = edge::parse_url(url.substr(0, url.find('#')));
  Json out{{"host", parsed.ok() ? parsed->authority() : ""}, {"url", url}, {"reachable", false}};
  if (!body.ok()) {
    out["why"] = body.error().message.substr(0, 500);
    return out;
  }
  const auto about = data::parse_json(*body);
  if (!about.ok() || !about->is_object() || about->value("type", Json()) != "Manyworlds") {
    out["why"] = "no host of Manyworlds answers there";
    return out;
  }
  out["reachable"] = true;
  if (const auto name = text_of(*about, "name", 64)) out["name"] = *name;
  if (const auto by = text_of(*about, "operator")) out["operator"] = *by;
  if (const auto did = text_of(*about, "did", limits::kDidBytes)) out["did"] = *did;
  if (const auto takes = text_of(*about, "takes", 16);
      takes && (*takes == "open" || *takes == "list" || *takes == "introduction" || *takes == "off"))
    out["takes"] = *takes;
  const auto worlds = about->find("worlds");
  if (worlds == about->end() || !worlds->is_array() || !parsed.ok()) return out;
  const std::string path = parsed->target.substr(0, parsed->target.find('?'));
  const std::string wanted = path.starts_with(kWorldPath) ? path.substr(kWorldPath.size()) : "";
  for (const auto& one : *worlds) {
    if (!one.is_object() || (!wanted.empty() && one.value("name", Json()) != wanted)) continue;
    if (auto world = world_of(one)) out["world"] = *std::move(world);
    break;
  }
  return out;
}

void PortalLooks::look(const std::string& url, std::int64_t now_ms, std::function<void(Json)> answer) {
  const auto parsed = edge::parse_url(url.substr(0, url.find('#')));
  if (!parsed.ok()) return answer(portal_look(url, parsed.error()));
  const std::string origin = origin_of(*parsed);
  const auto at = kept_.find(origin);
  if (at != kept_.end() && now_ms - at->second.at_ms < limits::kTravelDocumentMs && now_ms >= at->second.at_ms)
    return answer(portal_look(url, at->second.body));
  fetch_(origin + std::string(kAbout), kAboutBytes,
         [this, origin, url, now_ms, answer = std::move(answer)](Result<std::string> body) {
           kept_[origin] = {body, now_ms};
           answer(portal_look(url, body));
         });
}

}  // namespace mw::server
