#include "world/description.h"

#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/schema.h"
#include "data/toml.h"
#include "world/standing.h"

namespace mw::world {
namespace {

// Collects problems of one file.
struct Report {
  const std::string& file;
  std::vector<Problem>& problems;
  void add(std::string field, std::string reason) { problems.push_back({file, std::move(field), std::move(reason)}); }
};

motion::Vec3 vec3(const Json& array) { return {array[0].get<float>(), array[1].get<float>(), array[2].get<float>()}; }

Text text_of(const Json& value, const std::string& field, std::size_t max_chars, Report& report) {
  Text text;
  for (const char* language : {"en", "zh"}) {
    auto clean = clean_text(value[language].get<std::string>(), field + "." + language, max_chars * 4, max_chars);
    if (!clean.ok()) {
      report.add(clean.error().field, clean.error().message);
      continue;
    }
    (language[0] == 'e' ? text.en : text.zh) = std::move(clean).value();
  }
  return text;
}

// A link that a visitor may follow: https, a host, no name or password in it, nothing that a browser reads differently. Names of
// the visitor's own machine need no encryption (RFC 6761, section 6.3): hosts are tried out there.
bool is_safe_link(std::string_view link) {
  constexpr std::string_view secure = "https://", plain = "http://", own = "localhost";
  const bool encrypted = link.starts_with(secure);
  if (!encrypted && !link.starts_with(plain)) return false;
  const auto rest = link.substr(encrypted ? secure.size() : plain.size());
  const auto host = rest.substr(0, rest.find_first_of("/?#"));
  if (host.empty() || host.find('@') != std::string_view::npos) return false;
  const auto name = host.substr(0, host.find(':'));
  if (!encrypted && name != own && !name.ends_with(".localhost")) return false;
  return std::ranges::all_of(
      link, [](char c) { return c > 0x20 && c < 0x7F && c != '\\' && c != '"' && c != '<' && c != '>'; });
}

bool stays_inside(std::string_view path) {
  if (path.starts_with('/') || path.find('\\') != std::string_view::npos || path.find('\0') != std::string_view::npos)
    return false;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return true;
}

void read_scene(const Json& scene, Description& out, Report& report) {
  const bool kit = scene.contains("kit"), file = scene.contains("file");
  if (kit == file) report.add("scene", "needs exactly one of kit and file");
  if (kit) out.kit = scene["kit"].get<std::string>();
  out.seed = scene.value("seed", std::uint64_t{1});
  if (!file) return;
  out.file = scene["file"].get<std::string>();
  if (!stays_inside(out.file)) report.add("scene.file", "must be a path inside the world's folder, without '..'");
  if (!out.file.ends_with(".glb") && !out.file.ends_with(".gltf"))
    report.add("scene.file", "must end in .glb or .gltf");
  if (scene.contains("seed")) report.add("scene.seed", "has a meaning only with scene.kit");
}

void read_movement(const Json& movement, Description& out, Report& report) {
  auto& rules = out.rules;
  const auto take = [&](const char* name, float& value) {
    if (movement.contains(name)) value = movement[name].get<float>();
  };
  take("walk_speed", rules.walk_speed);
  take("run_speed", rules.run_speed);
  take("jump_speed", rules.jump_speed);
  take("gravity", rules.gravity);
  take("acceleration", rules.acceleration);
  take("air_control", rules.air_control);
  take("radius", rules.radius);
  take("height", rules.height);
  take("slope_cos", rules.slope_cos);
  take("step_height", rules.step_height);
  take("floor_y", rules.floor_y);
  if (rules.run_speed < rules.walk_speed) report.add("movement.run_speed", "must not be below movement.walk_speed");
  if (rules.height < 2 * rules.radius) report.add("movement.height", "must be at least twice movement.radius");
  if (rules.step_height > rules.height / 2)
    report.add("movement.step_height", "must be at most half of movement.height");
}

void read_promise(const Json& promise, Description& out) {
  out.promise.good_minutes = promise.value("good_minutes", out.promise.good_minutes);
  for (std::size_t m = 0; m < quality::kMeasures; ++m)
    out.promise.most[m] = promise.value(std::string(quality::measures()[m].name), out.promise.most[m]);
}

void read_portal(const Json& value, std::size_t index, Description& out, Report& report) {
  const auto field = format("portal[{}]", index);
  Portal portal;
  portal.id = value["id"].get<std::string>();
  portal.title = text_of(value["title"], field + ".title", 60, report);
  portal.position = vec3(value["position"]);
  portal.yaw = value.value("yaw", 0.f);
  portal.width = value.value("width", 3.f);
  portal.height = value.value("height", 3.f);
  const auto to = value["to"].get<std::string>();
  if (to.find(':') != std::string::npos || to.find('/') != std::string::npos) {
    portal.to_url = to;
    if (!is_safe_link(to))
      report.add(field + ".to",
                 "a link must start with https:// (http:// only under localhost) and name a host, without user name or "
                 "spaces");
  } else {
    portal.to_world = to;
    if (to == out.name) report.add(field + ".to", "leads to the world it stands in");
  }
  for (const auto& other : out.portals)
    if (other.id == portal.id) report.add(field + ".id", format("'{}' is used twice", portal.id));
  out.portals.push_back(std::move(portal));
}

Description convert(const Json& toml, Report& report) {
  Description out;
  out.name = toml["name"].get<std::string>();
  out.title = text_of(toml["title"], "title", 60, report);
  out.description = text_of(toml["description"], "description", 500, report);
  out.capacity = toml.value("capacity", out.capacity);
  out.accent = toml.value("accent", out.accent);
  out.walkers = toml.value("walkers", out.walkers);
  if (out.capacity + out.walkers > limits::kAvatarsPerWorld)
    report.add("walkers", format("expected at most {} together with the capacity", limits::kAvatarsPerWorld));
  read_scene(toml["scene"], out, report);
  if (toml.contains("spawn")) {
    const auto& spawn = toml["spawn"];
    out.spawn = Spawn{vec3(spawn["position"]), spawn.value("yaw", 0.f), spawn.value("radius", 2.f)};
  }
  if (toml.contains("sky")) out.mood = toml["sky"].value("mood", out.mood);
  if (toml.contains("movement")) read_movement(toml["movement"], out, report);
  if (toml.contains("permissions")) {
    out.edit = trust::edit_policy(toml["permissions"].value("edit", std::string("operators"))).value_or(out.edit);
  }
  if (toml.contains("promise")) read_promise(toml["promise"], out);
  if (toml.contains("portal")) {
    std::size_t index = 0;
    for (const auto& portal : toml["portal"]) read_portal(portal, index++, out, report);
  }
  if (out.spawn && out.spawn->position.y <= out.rules.floor_y)
    report.add("spawn.position[1]",
               format("lies below movement.floor_y ({} m), where visitors are put back", out.rules.floor_y));
  return out;
}

const data::Schema& compiled_schema() {
  static const data::Schema schema = [] {
    auto compiled = data::Schema::compile(world_schema());
    MW_ASSERT(compiled.ok());
    return std::move(compiled).value();
  }();
  return schema;
}

}  // namespace

std::string Problem::text() const {
  return field.empty() ? format("{}: {}", file, reason) : format("{}: {}: {}", file, field, reason);
}

std::optional<Description> read_description(std::string_view toml, const std::string& file, std::string_view folder,
                                            std::vector<Problem>& problems) {
  const auto before = problems.size();
  Report report{file, problems};
  const auto parsed = data::parse_toml(toml);
  if (!parsed.ok()) {
    report.add(parsed.error().field, parsed.error().message);
    return std::nullopt;
  }
  constexpr std::size_t most = 50;
  for (const auto& error : compiled_schema().check_all(*parsed, most)) report.add(error.field, error.message);
  if (problems.size() != before) return std::nullopt;
  auto description = convert(*parsed, report);
  if (description.name != folder) report.add("name", format("must be the folder's name, '{}'", folder));
  if (problems.size() != before) return std::nullopt;
  return description;
}

void check_portals(const Description& description, const std::string& file, const Surroundings& around,
                   std::vector<Problem>& problems) {
  Report report{file, problems};
  for (std::size_t i = 0; i < description.portals.size(); ++i) {
    const auto& to = description.portals[i].to_world;
    if (!to.empty() && std::ranges::find(around.worlds, to) == around.worlds.end())
      report.add(format("portal[{}].to", i), format("there is no world '{}' here", to));
  }
}

void check_ground(const Description& description, const std::string& file, const Spawn& spawn,
                  const motion::CollisionWorld& collision, std::vector<Problem>& problems) {
  Report report{file, problems};
  const auto check = [&](const std::string& field, motion::Vec3 place) {
    const auto at = format("({:.2f}, {:.2f}, {:.2f})", place.x, place.y, place.z);
    const auto ground = ground_at(collision, place, 2.f);
    if (!ground)
      report.add(field, format("there is no ground within 2 m below {}", at));
    else if (!is_free(collision, description.rules, {place.x, *ground, place.z}))
      report.add(field, format("{} lies inside a wall or a thing", at));
  };
  check("spawn.position", spawn.position);
  for (std::size_t i = 0; i < description.portals.size(); ++i)
    check(format("portal[{}].position", i), description.portals[i].position);
}

}  // namespace mw::world
