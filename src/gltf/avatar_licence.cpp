// What the licence of a figure says, whichever version of VRM says it, and what a figure costs.
#include <algorithm>

#include "base/text.h"
#include "gltf/avatar.h"
#include "gltf/document.h"

namespace mw::gltf {
namespace {

// An address that was cut would lead somewhere else: a longer one is left out.
constexpr std::size_t kAddressBytes = 1'024;

// Text of a field, without control characters and cut between two characters; empty where there is none.
std::string text_in(const Json& json, const char* key, std::size_t most = limits::kAvatarTextBytes) {
  if (!has(json, key) || !json[key].is_string()) return {};
  std::string out;
  for (const char c : json[key].get_ref<const std::string&>())
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
  if (out.size() > most) {
    out.resize(most);
    while (!out.empty() && !valid_utf8(out)) out.pop_back();
  }
  return valid_utf8(out) ? out : std::string();
}

std::string web_address(const Json& json, const char* key) {
  auto url = text_in(json, key, kAddressBytes + 1);
  if (url.size() > kAddressBytes) return {};
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  return web && url.find_first_of(" \"<>") == std::string::npos ? url : std::string();
}

Permission permitted(bool yes) { return yes ? Permission::yes : Permission::no; }

// VRoid Hub writes its conditions into an address: "...?modification=disallow&redistribution=allow".
void read_conditions(AvatarLicence& out, const std::string& url) {
  const auto says = [&](std::string_view what) { return url.find(what) != std::string::npos; };
  for (const auto& [key, field] :
       {std::pair{"modification=", &out.modification}, std::pair{"redistribution=", &out.redistribution}}) {
    if (says(std::string(key) + "disallow"))
      *field = Permission::no;
    else if (says(std::string(key) + "allow") && *field == Permission::unstated)
      *field = Permission::yes;
  }
  if (says("credit=necessary")) out.credit = true;
}

AvatarLicence of_vrm0(const Json& meta) {
  AvatarLicence out;
  out.name = text_in(meta, "title");
  if (auto author = text_in(meta, "author"); !author.empty()) out.authors.push_back(std::move(author));
  const auto wearer = text_in(meta, "allowedUserName");
  out.wearer = wearer == "Everyone"                   ? Wearer::everyone
               : wearer == "ExplicitlyLicensedPerson" ? Wearer::licensed
                                                      : Wearer::only_author;  // the strictest is the default
  out.commercial = permitted(text_in(meta, "commercialUssageName") == "Allow");
  const auto licence = text_in(meta, "licenseName");
  if (licence == "Redistribution_Prohibited") out.redistribution = Permission::no;
  if (licence == "CC0" || licence.starts_with("CC_BY")) {
    out.redistribution = Permission::yes;
    out.modification = permitted(licence.find("_ND") == std::string::npos);
    out.credit = licence != "CC0";
    if (licence.find("_NC") != std::string::npos) out.commercial = Permission::no;
  }
  for (const char* key : {"otherPermissionUrl", "otherLicenseUrl"}) {
    const auto url = web_address(meta, key);
    read_conditions(out, url);
    if (!url.empty()) out.url = url;
  }
  return out;
}

AvatarLicence of_vrm1(const Json& meta) {
  AvatarLicence out;
  out.name = text_in(meta, "name");
  for (const Json& author : list(meta, "authors")) {
    if (!author.is_string() || out.authors.size() >= limits::kAvatarAuthors) continue;
    if (auto name = text_in({{"name", author}}, "name"); !name.empty()) out.authors.push_back(std::move(name));
  }
  const auto wearer = text_in(meta, "avatarPermission");
  out.wearer = wearer == "everyone"                       ? Wearer::everyone
               : wearer == "onlySeparatelyLicensedPerson" ? Wearer::licensed
                                                          : Wearer::only_author;
  out.redistribution = permitted(has(meta, "allowRedistribution") && meta["allowRedistribution"].is_boolean() &&
                                 meta["allowRedistribution"].get<bool>());
  const auto modification = text_in(meta, "modification");
  out.modification =
      permitted(modification == "allowModification" || modification == "allowModificationRedistribution");
  const auto commercial = text_in(meta, "commercialUsage");
  out.commercial = permitted(commercial == "personalProfit" || commercial == "corporation");
  out.credit = text_in(meta, "creditNotation") != "unnecessary";
  out.url = web_address(meta, "otherLicenseUrl");
  if (out.url.empty()) out.url = web_address(meta, "licenseUrl");
  return out;
}

// Shops of models write into the asset whose it is.
AvatarLicence of_plain(const Json& asset) {
  AvatarLicence out;
  const Json extras = has(asset, "extras") ? asset["extras"] : Json::object();
  out.name = text_in(extras, "title");
  auto author = text_in(extras, "author");
  if (author.empty()) author = text_in(asset, "copyright");
  if (!author.empty()) out.authors.push_back(std::move(author));
  out.url = web_address(extras, "source");
  return out;
}

}  // namespace

AvatarLicence licence_of(const Json& document) {
  const Json extensions = has(document, "extensions") ? document["extensions"] : Json::object();
  const auto meta = [&](const char* key) { return has(extensions[key], "meta") ? extensions[key]["meta"] : Json(); };
  if (has(extensions, "VRMC_vrm")) return of_vrm1(meta("VRMC_vrm"));
  if (has(extensions, "VRM")) return of_vrm0(meta("VRM"));
  return of_plain(has(document, "asset") ? document["asset"] : Json());
}

bool may_simplify(const AvatarLicence& licence) { return licence.modification != Permission::no; }

std::string_view name_of(Wearer wearer) {
  constexpr std::array<std::string_view, 4> kNames{"unstated", "only_author", "licensed", "everyone"};
  return kNames[static_cast<std::size_t>(wearer)];
}
std::string_view name_of(Permission permission) {
  constexpr std::array<std::string_view, 3> kNames{"unstated", "no", "yes"};
  return kNames[static_cast<std::size_t>(permission)];
}
std::string_view name_of(Rank rank) {
  constexpr std::array<std::string_view, 4> kNames{"excellent", "good", "medium", "poor"};
  return kNames[static_cast<std::size_t>(rank)];
}
std::string_view name_of(AvatarKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"vrm0", "vrm1", "glb"};
  return kNames[static_cast<std::size_t>(kind)];
}

Json to_json(const AvatarLicence& licence) {
  Json json{{"wearer", name_of(licence.wearer)},
            {"redistribution", name_of(licence.redistribution)},
            {"modification", name_of(licence.modification)},
            {"commercial", name_of(licence.commercial)},
            {"credit", licence.credit},
            {"authors", licence.authors}};
  if (!licence.name.empty()) json["name"] = licence.name;
  if (!licence.url.empty()) json["url"] = licence.url;
  return json;
}

Ranked rank_of(const AvatarCost& cost) {
  struct Measure {
    std::string_view name;
    std::uint64_t AvatarCost::* of;
  };
  constexpr std::array<Measure, 7> kMeasures{{{"triangles", &AvatarCost::triangles},
                                              {"vertices", &AvatarCost::vertices},
                                              {"materials", &AvatarCost::materials},
                                              {"joints", &AvatarCost::joints},
                                              {"textures", &AvatarCost::textures},
                                              {"texture_bytes", &AvatarCost::texture_bytes},
                                              {"bytes", &AvatarCost::bytes}}};
  const auto rank_by = [&](const Measure& measure) {
    std::size_t rank = 0;
    while (rank + 1 < kRanks.size() && cost.*measure.of > kRanks[rank].*measure.of) ++rank;
    return rank;
  };
  std::size_t worst = 0;
  for (const auto& measure : kMeasures) worst = std::max(worst, rank_by(measure));
  Ranked out{static_cast<Rank>(worst), {}};
  for (const auto& measure : kMeasures)
    if (worst > 0 && rank_by(measure) == worst)
      out.reasons.push_back({measure.name, cost.*measure.of, kRanks[worst - 1].*measure.of});
  return out;
}

}  // namespace mw::gltf
