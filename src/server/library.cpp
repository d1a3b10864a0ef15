#include "server/library.h"

#include <algorithm>
#include <cstring>

#include "base/format.h"
#include "crypto/crypto.h"
#include "platform/files.h"
#include "platform/process.h"
#include "runtime/log.h"

namespace mw::server {
namespace {

// A made thing on disk: magic, length of the JSON head, head, then two runs of bytes whose lengths the head states.
constexpr std::string_view kMagic = "MWMADE1\n";

std::string packed(Json head, ByteView glb, ByteView collision) {
  head["glb"] = glb.size();
  head["collision"] = collision.size();
  const auto text = data::to_text(head);
  std::string out(kMagic);
  const auto length = static_cast<std::uint32_t>(text.size());
  for (int i = 0; i < 4; ++i) out += static_cast<char>(length >> (8 * i));
  out += text;
  out += as_text(glb);
  out += as_text(collision);
  // A file that was cut short or damaged must not be believed.
  return crypto::hex(crypto::sha256(as_bytes(out))) + out;
}

struct Unpacked {
  Json head;
  ByteView glb, collision;
};

std::optional<Unpacked> unpacked(std::string_view file) {
  constexpr std::size_t digest = 64;
  if (file.size() < digest + kMagic.size() + 4) return std::nullopt;
  const auto body = file.substr(digest);
  if (!body.starts_with(kMagic) || crypto::hex(crypto::sha256(as_bytes(body))) != file.substr(0, digest))
    return std::nullopt;
  std::uint32_t length = 0;
  for (int i = 0; i < 4; ++i)
    length |= static_cast<std::uint32_t>(static_cast<unsigned char>(body[kMagic.size() + i])) << (8 * i);
  const auto rest = body.substr(kMagic.size() + 4);
  if (length > rest.size()) return std::nullopt;
  auto head = data::parse_json(rest.substr(0, length));
  if (!head.ok()) return std::nullopt;
  const auto bytes = as_bytes(rest.substr(length));
  const auto glb = head->value("glb", std::size_t{0}), collision = head->value("collision", std::size_t{0});
  if (glb + collision != bytes.size()) return std::nullopt;
  return Unpacked{std::move(head).value(), bytes.first(glb), bytes.subspan(glb)};
}

Json json_of(motion::Vec3 v) { return {v.x, v.y, v.z}; }
motion::Vec3 vec_of(const Json& j) { return {j.at(0).get<float>(), j.at(1).get<float>(), j.at(2).get<float>()}; }
Json json_of(const kit::Place& p) { return {p.position.x, p.position.y, p.position.z, p.yaw}; }
kit::Place place_of(const Json& j) { return {vec_of(j), j.at(3).get<float>()}; }

Json head_of(const kit::Scene& scene) {
  Json head{{"spawn", json_of(scene.spawn)},
            {"spawn_radius", scene.spawn_radius},
            {"low", json_of(scene.low)},
            {"high", json_of(scene.high)}};
  for (const char* list : {"gates", "seats", "stands", "points", "ways", "lamps"}) head[list] = Json::array();
  for (const auto& gate : scene.gates) head["gates"].push_back({json_of(gate.place), gate.width, gate.height});
  for (const auto& seat : scene.seats) head["seats"].push_back(json_of(seat));
  for (const auto& stand : scene.stands) head["stands"].push_back(json_of(stand));
  for (const auto& lamp : scene.lamps) head["lamps"].push_back(json_of(lamp));
  for (const auto& point : scene.walks.points) head["points"].push_back(json_of(point));
  for (const auto& way : scene.walks.ways) head["ways"].push_back({way.from, way.to, way.width});
  head["triangles"] = scene.triangles;
  if (scene.seating) head["seating"] = kit::to_json(*scene.seating);
  return head;
}

kit::Scene scene_of(const Unpacked& made, std::vector<motion::Triangle> triangles) {
  const auto& head = made.head;
  kit::Scene scene;
  scene.glb.assign(made.glb.begin(), made.glb.end());
  scene.collision = std::move(triangles);
  scene.spawn = place_of(head.at("spawn"));
  scene.spawn_radius = head.at("spawn_radius").get<float>();
  scene.low = vec_of(head.at("low"));
  scene.high = vec_of(head.at("high"));
  scene.triangles = head.at("triangles").get<std::uint32_t>();
  for (const auto& gate : head.at("gates"))
    scene.gates.push_back({place_of(gate.at(0)), gate.at(1).get<float>(), gate.at(2).get<float>()});
  for (const auto& seat : head.at("seats")) scene.seats.push_back(place_of(seat));
  for (const auto& stand : head.at("stands")) scene.stands.push_back(place_of(stand));
  if (head.contains("seating"))
    if (auto plan = kit::seat_plan_from_json(head.at("seating")); plan.ok()) scene.seating = std::move(plan).value();
  for (const auto& lamp : head.at("lamps")) scene.lamps.push_back(vec_of(lamp));
  for (const auto& point : head.at("points")) scene.walks.points.push_back(vec_of(point));
  for (const auto& way : head.at("ways"))
    scene.walks.ways.push_back(
        {way.at(0).get<std::uint16_t>(), way.at(1).get<std::uint16_t>(), way.at(2).get<float>()});
  return scene;
}

}  // namespace

// --- Library ---------------------------------------------------------------------------------------------------------

std::shared_ptr<const edge::Blob> Library::find(std::string_view path, std::string_view query) const {
  if (const auto at = blobs_.find(path); at != blobs_.end()) return at->second;
  return client_ ? client_->find(path, query) : nullptr;
}

std::string Library::add(const std::string& path, std::string bytes, std::string content_type) {
  auto blob = edge::make_blob(std::move(bytes), std::move(content_type));
  auto url = path + "?v=" + blob->etag;
  const std::lock_guard lock(building_);
  blobs_[path] = std::move(blob);
  return url;
}

std::uint64_t Library::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [path, blob] : blobs_) sum += blob->bytes.size() + blob->gzip.size();
  return sum;
}

// --- MadeCache -------------------------------------------------------------------------------------------------------

MadeCache::MadeCache(std::string folder) : folder_(std::move(folder)) {
  constexpr std::size_t most = 512u << 20;
  const auto program = platform::read_file(platform::executable_path(), most);
  if (!program.ok() || (!folder_.empty() && !platform::make_folder(folder_).ok())) folder_.clear();
  if (program.ok()) program_ = crypto::hex(crypto::sha256(as_bytes(*program))).substr(0, 16);
}

std::string MadeCache::file_of(std::string_view what) const {
  if (folder_.empty()) return {};
  const auto digest = crypto::hex(crypto::sha256(as_bytes(what)));
  return folder_ + "/" + program_ + "-" + digest.substr(0, 16) + ".made";
}

namespace {

constexpr std::size_t kMadeBytes = 1u << 30;

std::optional<std::string> kept(const std::string& file) {
  if (file.empty()) return std::nullopt;
  auto content = platform::read_file(file, kMadeBytes);
  if (!content.ok()) return std::nullopt;
  return std::move(content).value();
}

}  // namespace

void MadeCache::keep(const std::string& file, std::string content) {
  if (file.empty()) return;
  const std::lock_guard lock(making_);
  unwritten_.emplace_back(file, std::move(content));
}

void MadeCache::write_down() {
  std::vector<std::pair<std::string, std::string>> files;
  {
    const std::lock_guard lock(making_);
    files.swap(unwritten_);
  }
  for (const auto& [file, content] : files) {
    const auto written = platform::write_file(file, content);
    if (written.ok()) continue;
    return runtime::log_warning("library", "what was made could not be kept", {{"error", written.error().text()}});
  }
}

Result<kit::Scene> MadeCache::scene(const std::string& kit, std::uint64_t seed, const std::string& accent) {
  const auto file = file_of(format("scene {} {} {}", kit, seed, accent));
  if (const auto content = kept(file)) {
    if (const auto made = unpacked(*content)) {
      try {
        if (auto triangles = motion::load_baked(made->collision); triangles.ok())
          return scene_of(*made, std::move(triangles).value());
      } catch (const Json::exception&) {
        runtime::log_warning("library", "a kept scene does not read; it is made anew", {{"file", file}});
      }
    }
  }
  auto scene = kit::make_scene(kit, {{"seed", seed}, {"accent", accent}});
  MW_TRY(scene);
  keep(file, packed(head_of(*scene), scene->glb, motion::bake(scene->collision)));
  return scene;
}

Bytes MadeCache::person() {
  const auto file = file_of("person");
  if (const auto content = kept(file))
    if (const auto made = unpacked(*content)) return {made->glb.begin(), made->glb.end()};
  auto glb = kit::person_glb();
  keep(file, packed(Json::object(), glb, {}));
  return glb;
}

Result<kit::CatalogueModel> MadeCache::model(std::string_view name) {
  const auto file = file_of(format("model {}", name));
  if (const auto content = kept(file)) {
    if (const auto made = unpacked(*content)) {
      kit::CatalogueModel model;
      model.glb.assign(made->glb.begin(), made->glb.end());
      if (made->collision.empty()) return model;
      if (auto triangles = motion::load_baked(made->collision); triangles.ok()) {
        model.collision = std::move(triangles).value();
        return model;
      }
    }
  }
  auto model = kit::catalogue_model(name);
  MW_TRY(model);
  keep(file, packed(Json::object(), model->glb, model->collision.empty() ? Bytes{} : motion::bake(model->collision)));
  return model;
}

void sweep_cache(const std::string& folder, std::size_t keep_files) {
  auto entries = platform::list_folder(folder);
  if (!entries.ok()) return;
  std::erase_if(*entries, [](const auto& entry) { return entry.folder || !entry.name.ends_with(".made"); });
  if (entries->size() <= keep_files) return;
  std::ranges::sort(*entries, std::greater{}, &platform::FolderEntry::changed_ns);
  for (std::size_t i = keep_files; i < entries->size(); ++i)
    static_cast<void>(platform::remove_file(folder + "/" + (*entries)[i].name).ok());
}

// --- Shared models ---------------------------------------------------------------------------------------------------

SharedModels make_shared_models(Library& library, MadeCache& cache) {
  SharedModels shared;
  shared.person_url = library.add("/people/person.glb", std::string(as_text(cache.person())), "model/gltf-binary");
  auto catalogue = std::make_shared<world::Catalogue>();
  for (const auto& entry : kit::catalogue()) {
    auto made = cache.model(entry.name);
    MW_ASSERT(made.ok());  // the catalogue names it, so the kit makes it
    world::Model model;
    model.name = entry.name;
    model.title = {std::string(entry.title_en), std::string(entry.title_zh)};
    model.url = library.add("/models/" + model.name + ".glb", std::string(as_text(made->glb)), "model/gltf-binary");
    if (entry.solid && !made->collision.empty()) {
      const auto baked = motion::bake(made->collision);
      model.collision_url = library.add("/models/" + model.name + ".collision.bin", std::string(as_text(baked)),
                                        "application/octet-stream");
      // The very floats that clients load: both sides must see the same walls.
      auto triangles = motion::load_baked(baked);
      MW_ASSERT(triangles.ok());
      model.triangles = std::move(triangles).value();
    }
    catalogue->push_back(std::move(model));
  }
  shared.catalogue = std::move(catalogue);
  return shared;
}

}  // namespace mw::server
