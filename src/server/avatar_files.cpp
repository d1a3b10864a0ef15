#include "server/avatar_files.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/format.h"
#include "crypto/crypto.h"
#include "gltf/avatar.h"
#include "platform/files.h"
#include "runtime/log.h"

namespace mw::server {
namespace {

constexpr std::string_view kPath = "/avatars/";
constexpr std::size_t kHashText = 64;
constexpr std::size_t kAboutBytes = 64u << 10;

Json bones_json(const gltf::BoneNodes& bones) {
  Json json = Json::object();
  for (std::size_t bone = 0; bone < bones.size(); ++bone)
    if (bones[bone] >= 0) json[std::string(gltf::kBones[bone])] = bones[bone];
  return json;
}

Json cost_json(const gltf::AvatarCost& cost) {
  return {{"triangles", cost.triangles}, {"vertices", cost.vertices}, {"materials", cost.materials},
          {"joints", cost.joints},       {"textures", cost.textures}, {"texture_bytes", cost.texture_bytes},
          {"bytes", cost.bytes}};
}

Json level_json(const std::string& hash, std::size_t index, const gltf::AvatarAbout& about) {
  const auto& fit = about.fit;
  return {{"url", format("{}{}/{}.glb", kPath, hash, index)},
          {"triangles", about.cost.triangles},
          {"bytes", about.cost.bytes},
          {"bones", bones_json(about.bones)},
          {"turn", fit.turn},
          {"scale", fit.scale},
          {"offset", {fit.offset.x, fit.offset.y, fit.offset.z}}};
}

Json about_json(const std::string& hash, const gltf::AvatarAbout& about) {
  Json reasons = Json::array();
  for (const auto& reason : about.ranked.reasons)
    reasons.push_back({{"measure", reason.measure}, {"value", reason.value}, {"allowed", reason.allowed}});
  return {{"hash", hash},
          {"kind", gltf::name_of(about.kind)},
          {"rank", gltf::name_of(about.ranked.rank)},
          {"reasons", std::move(reasons)},
          {"cost", cost_json(about.cost)},
          {"height", about.height},
          {"resized", about.resized},
          {"licence", gltf::to_json(about.licence)},
          {"levels", Json::array({level_json(hash, 0, about)})}};
}

}  // namespace

bool is_avatar_hash(std::string_view text) {
  return text.size() == kHashText &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::uint64_t CheckedAvatar::bytes() const {
  std::uint64_t sum = file.size();
  for (const auto& level : levels) sum += level.size();
  return sum;
}

Result<CheckedAvatar> check_avatar(Bytes file) {
  CheckedAvatar out;
  {
    const auto figure = gltf::AvatarFile::open(file, "file");
    MW_TRY(figure);
    out.hash = crypto::hex(crypto::sha256(file));
    out.about = about_json(out.hash, figure->about());
    if (gltf::may_simplify(figure->about().licence)) {
      for (const auto& plan : gltf::lower_levels(figure->about().cost.triangles)) {
        auto level = figure->level(plan);
        if (!level) {  // a picture that is read by browsers alone, or nothing is left: whoever is far sees the kit's figure
          out.about["no_levels"] = level.error().text();
          break;
        }
        const auto again = gltf::AvatarFile::open(*level, "level");
        if (!again) break;
        out.about["levels"].push_back(level_json(out.hash, out.levels.size() + 1, again->about()));
        out.levels.push_back(std::move(*level));
      }
    } else {
      out.about["no_levels"] = "the licence forbids changed copies";
    }
  }
  out.file = std::move(file);
  return out;
}

struct AvatarFiles::State {
  struct Shown {
    std::map<std::string, std::shared_ptr<const edge::Blob>, std::less<>> blobs;  // by the last part of the path
    std::uint64_t bytes = 0;
    std::int64_t asked_ms = 0;
  };
  std::string folder;
  std::shared_ptr<const edge::ContentSource> rest;
  Post post;
  bool threads = true;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> tasks;
  std::map<std::string, Shown, std::less<>> shown;
  std::uint64_t shown_bytes = 0;
  bool stop = false;
  std::thread thread;

  std::string path_of(const std::string& hash, std::size_t level) const {
    return level == 0 ? format("{}/{}.glb", folder, hash) : format("{}/{}.{}.glb", folder, hash, level);
  }
  std::string about_of(const std::string& hash) const { return format("{}/{}.json", folder, hash); }

  // False: too much waits.
  bool run(std::function<void()> task) {
    if (!threads) {
      task();
      return true;
    }
    const std::lock_guard lock(mutex);
    if (stop || tasks.size() >= kAvatarTasks) return false;
    tasks.push_back(std::move(task));
    changed.notify_one();
    return true;
  }

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return stop || !tasks.empty(); });
      if (stop) return;
      auto task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  // Unless it has stopped meanwhile.
  void answer(std::function<void()> work) {
    const std::lock_guard lock(mutex);
    if (!stop) post(std::move(work));
  }

  Status write(const CheckedAvatar& avatar) const {
    MW_TRY(platform::make_folder(folder, 0700));
    MW_TRY(platform::write_file(path_of(avatar.hash, 0), as_text(avatar.file), 0600));
    for (std::size_t i = 0; i < avatar.levels.size(); ++i)
      MW_TRY(platform::write_file(path_of(avatar.hash, i + 1), as_text(avatar.levels[i]), 0600));
    return platform::write_file(about_of(avatar.hash), data::to_text(avatar.about), 0600);
  }

  void remove_files(const std::string& hash) const {
    for (std::size_t level = 0; level <= 2; ++level)
      static_cast<void>(platform::remove_file(path_of(hash, level)).ok());
    static_cast<void>(platform::remove_file(about_of(hash)).ok());
  }

  void hide(const std::string& hash) {
    const std::lock_guard lock(mutex);
    const auto at = shown.find(hash);
    if (at == shown.end()) return;
    shown_bytes -= at->second.bytes;
    shown.erase(at);
  }

  // `level` gives the bytes of one.
  template <class Level>
  static Result<Shown> shown_of(const Json& about, Level&& level) {
    const bool kept_close = about.at("licence").value("redistribution", "") == "no";
    const auto policy = kept_close ? edge::CachePolicy::revalidate : edge::CachePolicy::immutable;
    Shown out;
    out.blobs["about.json"] = edge::make_blob(data::to_text(about), "application/json", policy);
    for (std::size_t i = 0; i < about.at("levels").size(); ++i) {
      Result<std::string> file = level(i);
      MW_TRY(file);
      out.blobs[format("{}.glb", i)] = edge::make_blob(std::move(*file), "model/gltf-binary", policy);
    }
    for (const auto& [name, blob] : out.blobs) out.bytes += blob->bytes.size() + blob->gzip.size();
    return out;
  }

  Result<Shown> read(const std::string& hash) const {
    const auto about = platform::read_file(about_of(hash), kAboutBytes);
    MW_TRY(about);
    const auto json = data::parse_json(*about);
    MW_TRY(json);
    return shown_of(*json,
                    [&](std::size_t level) { return platform::read_file(path_of(hash, level), limits::kAvatarBytes); });
  }

  Status put(const std::string& hash, Shown figure, std::int64_t now_ms) {
    const std::lock_guard lock(mutex);
    if (shown.contains(hash)) return ok();
    if (shown_bytes + figure.bytes > kAvatarsShownBytes)
      return failure(ErrorKind::full, "as many figures are shown here as there is memory for");
    figure.asked_ms = now_ms;
    shown_bytes += figure.bytes;
    shown.emplace(hash, std::move(figure));
    return ok();
  }

  Status show(const std::string& hash, std::int64_t now_ms) {
    auto read_now = read(hash);
    if (!read_now.ok())
      return Error{ErrorKind::not_found, "hash", "no such figure is kept here: " + read_now.error().text()};
    return put(hash, std::move(*read_now), now_ms);
  }
};

AvatarFiles::AvatarFiles(std::string folder, std::shared_ptr<const edge::ContentSource> rest, Post post, bool threads)
    : state_(std::make_unique<State>()) {
  state_->folder = std::move(folder);
  state_->rest = std::move(rest);
  state_->post = std::move(post);
  state_->threads = threads;
  if (threads) state_->thread = std::thread([s = state_.get()] { s->work(); });
}

AvatarFiles::~AvatarFiles() { stop(); }

void AvatarFiles::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

void AvatarFiles::check(Bytes file, std::function<void(Result<Checked>)> done) {
  auto shared = std::make_shared<Bytes>(std::move(file));
  const bool taken = state_->run([s = state_.get(), shared, done] {
    auto checked = check_avatar(std::move(*shared));
    Result<Checked> result = checked.ok() ? Result<Checked>(std::make_shared<const CheckedAvatar>(std::move(*checked)))
                                          : Result<Checked>(checked.error());
    s->answer([done, result = std::move(result)] { done(result); });
  });
  if (!taken) done(failure(ErrorKind::unavailable, "too many figures are being checked; try again"));
}

void AvatarFiles::keep(Checked avatar, Done done) {
  const bool taken = state_->run([s = state_.get(), avatar = std::move(avatar), done] {
    auto written = s->write(*avatar);
    s->answer([done, written = std::move(written)] { done(written); });
  });
  if (!taken) done(failure(ErrorKind::unavailable, "too many figures are being kept; try again"));
}

void AvatarFiles::remove(const std::string& hash) {
  // What cannot be removed now is swept at the next start.
  static_cast<void>(state_->run([s = state_.get(), hash] {
    s->remove_files(hash);
    s->hide(hash);
  }));
}

void AvatarFiles::remove_files(const std::string& hash) {
  static_cast<void>(state_->run([s = state_.get(), hash] { s->remove_files(hash); }));
}

void AvatarFiles::sweep(std::set<std::string> kept) {
  static_cast<void>(state_->run([s = state_.get(), kept = std::move(kept)] {
    const auto entries = platform::list_folder(s->folder);
    if (!entries.ok()) return;  // nobody has brought one yet
    for (const auto& entry : *entries)
      if (!entry.folder && !kept.contains(entry.name.substr(0, entry.name.find('.'))))
        static_cast<void>(platform::remove_file(s->folder + "/" + entry.name).ok());
  }));
}

void AvatarFiles::show(const std::string& hash, std::int64_t now_ms, Done done) {
  {
    const std::lock_guard lock(state_->mutex);
    if (const auto at = state_->shown.find(hash); at != state_->shown.end()) {
      at->second.asked_ms = now_ms;
      if (!state_->stop) state_->post([done] { done(ok()); });
      return;
    }
  }
  const bool taken = state_->run([s = state_.get(), hash, now_ms, done] {
    auto shown = s->show(hash, now_ms);
    s->answer([done, shown = std::move(shown)] { done(shown); });
  });
  if (!taken) done(failure(ErrorKind::unavailable, "too many figures are being read; try again"));
}

void AvatarFiles::lend(Checked avatar, std::int64_t now_ms, Done done) {
  const bool taken = state_->run([s = state_.get(), avatar = std::move(avatar), now_ms, done] {
    auto figure = State::shown_of(avatar->about, [&](std::size_t level) -> Result<std::string> {
      return std::string(as_text(level == 0 ? avatar->file : avatar->levels.at(level - 1)));
    });
    auto put = figure.ok() ? s->put(avatar->hash, *std::move(figure), now_ms) : Status(figure.error());
    s->answer([done, put = std::move(put)] { done(put); });
  });
  if (!taken) done(failure(ErrorKind::unavailable, "too many figures are being read; try again"));
}

void AvatarFiles::hide_old(std::int64_t now_ms) {
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->shown, [&](const auto& entry) {
    const bool old = now_ms - entry.second.asked_ms > kAvatarShownMs;
    if (old) state_->shown_bytes -= entry.second.bytes;
    return old;
  });
}

std::shared_ptr<const edge::Blob> AvatarFiles::find(std::string_view path, std::string_view query) const {
  if (!path.starts_with(kPath)) return state_->rest ? state_->rest->find(path, query) : nullptr;
  path.remove_prefix(kPath.size());
  if (path.size() < kHashText + 2 || path[kHashText] != '/') return nullptr;
  const std::lock_guard lock(state_->mutex);
  const auto at = state_->shown.find(path.substr(0, kHashText));
  if (at == state_->shown.end()) return nullptr;
  const auto blob = at->second.blobs.find(path.substr(kHashText + 1));
  return blob == at->second.blobs.end() ? nullptr : blob->second;
}

}  // namespace mw::server
