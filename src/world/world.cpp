// The world's tick and its tracks. Visitors are in world_visitors.cpp, what clients are told in world_json.cpp.
#include "world/world.h"

#include <algorithm>
#include <map>

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "world/walkers.h"

namespace mw::world {
namespace {

constexpr double kPositionsEveryS = 1.0;  // a queue of thousands is not told of every departure
constexpr double kClaimPatienceS = 0.6;   // without a claim for so long, a walking visitor is shown standing

// Where a walker is by now who went on as last claimed. Without it everybody would be shown where they were when their claim arrived,
// half a tick ago on average and each by another part of one, which seen from near is a tremble of several degrees.
stage::Placing ahead(stage::Placing placing, float seconds) {
  placing.position.x += placing.velocity.x * std::max(0.f, seconds);
  placing.position.z += placing.velocity.z * std::max(0.f, seconds);
  return placing;
}

}  // namespace

World::World(Setup setup, Services services, Now now)
    : id_(setup.id),
      description_(std::move(setup.description)),
      ground_(std::move(setup.ground)),
      catalogue_(std::move(setup.catalogue)),
      links_(std::move(setup.links)),
      outlet_(services.outlet),
      pool_(services.pool),
      poses_(setup.poses),
      people_track_(setup.people, pool_),
      chat_track_(setup.chat, pool_),
      scene_track_(setup.scene, pool_),
      stage_(description_.capacity + description_.walkers),
      first_numbered_(static_cast<std::uint32_t>(ground_.seats.size())),
      seats_(ground_.seating ? with_numbered(std::move(ground_.seats), kit::Seats(*ground_.seating))
                             : std::move(ground_.seats)),
      scene_(stream_of(description_.name), services.store,
             {[this](const std::string& model) {
                return std::ranges::any_of(*catalogue_, [&](const Model& known) { return known.name == model; });
              },
              [this] { return new_entity(); }, [this](EntityId entity, const Thing* after) { shown(entity, after); },
              [this](Json event) { scene_track_.add(event); }}),
      last_message_(static_cast<std::uint64_t>(now.unix_ms)),
      random_state_(setup.seed * 2 + 1) {
  by_row_.reserve(stage_.capacity());
  outlet_.open_track(poses_, tracks::TrackKind::latest);
  for (const auto* track : {&people_track_, &chat_track_, &scene_track_})
    outlet_.open_track(track->id(), tracks::TrackKind::ordered);
  walkers_ = std::make_unique<Walkers>(ground_.walks, seats_, ground_.stands, setup.seed);
  if (ground_.seating)
    walkers_->seat(kit::Seats(*ground_.seating), first_numbered_, ground_.spawn.position, description_.walkers);
}

World::~World() {
  for (const TrackId track : {poses_, people_track_.id(), chat_track_.id(), scene_track_.id()})
    outlet_.close_track(track);
}

// SplitMix64 (Steele, Lea, Flood 2014): enough for spots at the spawn, and the same in every run of the simulation.
std::uint64_t World::random() {
  random_state_ += 0x9E3779B97F4A7C15ull;
  std::uint64_t z = random_state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

void World::start_walkers() {
  last_entity_ = std::max(last_entity_, scene_.highest().value);  // things keep their numbers through restarts
  for (std::size_t i = 0; i < description_.walkers; ++i) {
    const EntityId entity = new_entity();
    const auto placing = walkers_->add(entity, ground_.collision, description_.rules);
    if (!placing) break;  // the scene has nowhere to walk
    const std::size_t row = stage_.add(entity, *placing, true);
    by_row_.insert(by_row_.begin() + static_cast<std::ptrdiff_t>(row), nullptr);
  }
}

Status World::load(records::Journal& journal) {
  MW_TRY(scene_.load(journal));
  start_walkers();
  return ok();
}

std::size_t World::walkers() const { return walkers_->size(); }

void World::shown(EntityId entity, const Thing* after) {
  if (after == nullptr) {
    ground_.collision.remove_body(entity.value);
    return;
  }
  const auto model = std::ranges::find(*catalogue_, after->model, &Model::name);
  if (model == catalogue_->end() || model->triangles.empty())
    ground_.collision.remove_body(entity.value);  // a newer host's model, or one that is walked through
  else
    ground_.collision.set_body(entity.value, model->triangles, placement_of(*after));
}

const World::Outcome& World::tick(Now now) {
  outcome_.admitted.clear();
  outcome_.positions.clear();
  outcome_.expired.clear();
  connected_ = 0;
  walkers_->tick(now.s, ground_.collision, description_.rules, stage_, !members_.empty());
  for (std::size_t row = 0; row < by_row_.size(); ++row) {
    Member* member = by_row_[row];
    if (member == nullptr) continue;
    if (member->session) ++connected_;
    if (!member->session && now.s > member->until_s) outcome_.expired.push_back(member->guest.visitor);
    const bool moving =
        member->placing.animation == wire::Animation::walk || member->placing.animation == wire::Animation::run;
    const double silent_s = now.s - member->claim_s;
    if (moving && silent_s > kClaimPatienceS) {
      member->placing.velocity = {};
      member->placing.animation = wire::Animation::idle;
      member->dirty = true;
    } else if (moving) {
      stage_.set(row, ahead(member->placing, static_cast<float>(silent_s)));
      continue;
    }
    if (!member->dirty) continue;
    member->dirty = false;
    stage_.set(row, member->placing);
  }
  drop(outcome_.expired);
  serve_queue(now);
  flush_tracks();
  return outcome_;
}

void World::serve_queue(Now now) {
  stats_.gave_up +=
      std::erase_if(queue_, [&](const Waiter& waiter) { return !waiter.session && now.s > waiter.until_s; });
  while (has_place()) {
    // Whoever's link is broken keeps the turn for a while, but does not hold up those behind.
    const auto next =
        std::ranges::find_if(queue_, [](const Waiter& waiter) { return static_cast<bool>(waiter.session); });
    if (next == queue_.end()) break;
    const Waiter waiter = std::move(*next);
    queue_.erase(next);
    auto spot = arrive(waiter.arrival);
    if (!spot.ok()) spot = Spot{spread(ground_.spawn), {}};
    outcome_.admitted.emplace_back(waiter.guest.visitor, admit(waiter.guest, waiter.session, *spot, now));
  }
  announce_positions(now);
}

void World::announce_positions(Now now) {
  if (queue_.empty() || now.s - positions_told_s_ < kPositionsEveryS) return;
  positions_told_s_ = now.s;
  std::size_t position = 0;
  for (auto& waiter : queue_) {
    ++position;
    const Waiting told{position, wait_reason()};
    if (waiter.told == told || !waiter.session) continue;
    waiter.told = told;
    outcome_.positions.emplace_back(waiter.guest.visitor, told);
  }
}

void World::flush_tracks() {
  for (auto* track : {&people_track_, &chat_track_, &scene_track_}) track->flush(outlet_);
  if (subscribers_.empty()) return;
  // One snapshot serves all who came in this tick. What follows its first frame is sent before the subscription takes effect:
  // nothing is published in between.
  std::map<TrackId, std::vector<tracks::FrameRef>> snapshots;
  for (const auto& [session, track] : subscribers_) {
    auto& parts = snapshots[track];
    if (parts.empty()) parts = snapshot(track);
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) outlet_.send_frame(session, parts[i]);
    outlet_.subscribe(session, track, parts.back());
  }
  subscribers_.clear();
}

std::vector<tracks::FrameRef> World::snapshot(TrackId track) {
  Json people_event{{"type", "snapshot"}};
  if (const auto full = walkers_->full_house())
    people_event["spectators"] = {{"first", full->first.value}, {"count", full->count}};
  if (track == people_track_.id())
    return people_track_.snapshot(std::move(people_event), {"people", people(), [](const Json& person) {
                                                              return Json{{"type", "joined"}, {"person", person}};
                                                            }});
  if (track == chat_track_.id())
    return chat_track_.snapshot({{"type", "snapshot"}}, {"messages", Json(chat_), [](const Json& message) {
                                                           Json said = message;
                                                           said["type"] = "said";
                                                           return said;
                                                         }});
  if (track != scene_track_.id()) return std::vector<tracks::FrameRef>(1);  // poses: the hub keeps what is current
  const Json things = scene_.list();
  const Json& sequence = things["sequence"];
  return scene_track_.snapshot({{"type", "snapshot"}, {"sequence", sequence}},
                               {"entities", things["entities"], [&sequence](const Json& thing) {
                                  return Json{{"type", "added"}, {"sequence", sequence}, {"entity", thing}};
                                }});
}

std::optional<World::TrackInfo> World::track(std::string_view name) const {
  const std::string prefix = "world/" + description_.name + "/";
  if (!name.starts_with(prefix)) return std::nullopt;
  const auto kind = name.substr(prefix.size());
  if (kind == "poses") return TrackInfo{poses_, tracks::TrackKind::latest};
  if (kind == "people") return TrackInfo{people_track_.id(), tracks::TrackKind::ordered};
  if (kind == "chat") return TrackInfo{chat_track_.id(), tracks::TrackKind::ordered};
  if (kind == "scene") return TrackInfo{scene_track_.id(), tracks::TrackKind::ordered};
  return std::nullopt;
}

void World::subscribe(SessionId session, TrackId track) {
  unsubscribe(session, track);
  subscribers_.push_back({session, track});
}

void World::unsubscribe(SessionId session, TrackId track) {
  std::erase_if(subscribers_,
                [&](const Subscriber& asked) { return asked.session == session && asked.track == track; });
  outlet_.unsubscribe(session, track);
}

Result<Json> World::say(VisitorId visitor, std::string_view text, Now now) {
  const auto at = members_.find(visitor);
  if (at == members_.end()) return failure(ErrorKind::conflict, "enter a world before you speak");
  auto clean = clean_chat(text);
  MW_TRY(clean);
  const auto id = ++last_message_;
  Json message{{"id", id},
               {"entity", at->second.entity.value},
               {"name", at->second.guest.name},
               {"text", std::move(clean).value()},
               {"time_ms", now.unix_ms}};
  chat_.push_back(message);
  if (chat_.size() > limits::kChatHistory) chat_.pop_front();
  message["type"] = "said";
  chat_track_.add(message);
  ++stats_.said;
  return Json{{"id", id}};
}

void World::take_moved(std::vector<VisitorId>& out) {
  for (auto& [visitor, member] : members_) {
    if (!member.unsaved) continue;
    member.unsaved = false;
    out.push_back(visitor);
  }
}

}  // namespace mw::world
