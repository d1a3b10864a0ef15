// Visitors of the host: opening a session, coming back, entering and leaving worlds.
#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "server/methods.h"
#include "server/still_carries.h"

namespace mw::server {
namespace {

// After a restart, a place is good for so long; later a visitor starts at the spawn again.
constexpr std::int64_t kKeptMs = 10 * 60 * 1000;

}  // namespace

std::string visitor_key(VisitorId visitor) { return std::string(kVisitorPrefix) + std::to_string(visitor.value); }

Json Control::visitor_json(const Visitor& visitor) const {
  Json json{{"id", std::to_string(visitor.guest.visitor.value)},
            {"name", visitor.guest.name},
            {"role", trust::name_of(visitor.guest.role)},
            {"language", visitor.language == trust::Language::zh ? "zh" : "en"},
            {"appearance", kit::to_json(visitor.guest.appearance)}};
  if (!visitor.guest.home.empty()) json["home"] = visitor.guest.home;
  if (visitor.guest.avatar.is_object()) json["avatar"] = visitor.guest.avatar;
  return json;
}

Json Control::summary_of(const BrokenWorld& broken) const {
  const auto text = [](const world::Text& t) { return Json{{"en", t.en}, {"zh", t.zh}}; };
  return {{"name", broken.name},
          {"title", text(broken.title)},
          {"description", text(broken.description)},
          {"people", 0},
          {"simulated", 0},
          {"capacity", 0},
          {"waiting", 0},
          {"accent", "#6F6A66"},
          {"problem", broken.problem}};
}

Json Control::summaries() const {
  Json list = Json::array();
  for (const auto& [name, open] : worlds_) list.push_back(open.world->summary());
  for (const auto& [name, broken] : broken_) list.push_back(summary_of(broken));
  return list;
}

// What was stored by stored_form; anything that does not read is left out, since a place is a comfort only.
void Control::restore_visitor(Visitor& visitor, const std::string& stored) const {
  const auto json = data::parse_json(stored);
  if (!json.ok() || !json->is_object()) return;
  try {
    visitor.guest.name = json->at("name").get<std::string>();
    visitor.language = json->at("language") == "zh" ? trust::Language::zh : trust::Language::en;
    if (auto appearance = kit::appearance_from_json(json->at("appearance")); appearance.ok())
      visitor.guest.appearance = *appearance;
    if (json->contains("outfits")) visitor.outfits.restore(json->at("outfits"));
    if (avatars_ != nullptr && json->contains("avatar")) {
      const auto hash = json->at("avatar").get<std::string>();
      // Shown at once: others fetch it as soon as they see the visitor.
      if (auto worn = avatars_->worn(visitor.guest.visitor, hash)) visitor.guest.avatar = *std::move(worn);
      avatars_->show(hash, now_.unix_ms, [](const Status&) {});
    }
    if (carrying_ != nullptr && json->contains("carried"))
      carrying_->restore(visitor.guest.visitor, json->at("carried"), now_.unix_ms);
    if (!json->contains("world")) return;
    Kept kept;
    kept.world = json->at("world").get<std::string>();
    const auto& at = json->at("position");
    kept.place.position = {at.at(0).get<float>(), at.at(1).get<float>(), at.at(2).get<float>()};
    kept.place.yaw = json->at("yaw").get<float>();
    kept.unix_ms = json->at("ms").get<std::int64_t>();
    if (now_.unix_ms - kept.unix_ms < kKeptMs) visitor.kept = std::move(kept);
  } catch (const Json::exception&) {
    visitor.kept.reset();
  }
}

void Control::know_traveller(VisitorId id, std::function<void(Visitor&)> then) {
  if (const auto at = visitors_.find(id); at != visitors_.end()) return then(at->second);
  auto stored = std::make_shared<std::optional<std::string>>();
  store_.run(
      [stored, key = visitor_key(id)](records::Journal& journal) {
        if (auto value = journal.get(key); value.ok()) *stored = *value;
      },
      [this, alive = alive_, id, stored, then = std::move(then)] {
        if (!*alive) return;
        auto [at, fresh] = visitors_.try_emplace(id);
        if (fresh) begin_visitor(at->second, id, trust::Language::en, *stored);
        then(at->second);
      });
}

// What a visitor is before they say anything: as stored, or as the number suggests.
void Control::begin_visitor(Visitor& visitor, VisitorId id, trust::Language language,
                            const std::optional<std::string>& stored) const {
  visitor.guest.visitor = id;
  visitor.guest.appearance = kit::appearance(id.value);
  visitor.language = language;
  visitor.guest.name = trust::suggest_name(id.value, language);
  if (stored) restore_visitor(visitor, *stored);
  if (const auto* traveller = travel_ == nullptr ? nullptr : travel_->of_visitor(id))
    visitor.guest.home = traveller->home;
}

Result<VisitorId> Control::resumed(std::string_view token, std::int64_t* issued_ms) const {
  std::int64_t issued = 0;
  const auto visitor = keeper_.resume(token, now_.unix_ms, &issued);
  MW_TRY(visitor);
  if (accounts_ != nullptr && !accounts_->token_good(*visitor, issued))
    return failure(ErrorKind::forbidden, "this token has ended: its account was recovered, or logged out everywhere");
  if (issued_ms != nullptr) *issued_ms = issued;
  return *visitor;
}

void Control::open_visitor(const Opening& opening, const std::optional<std::string>& stored, calls::Reply reply) {
  const auto session = sessions_.find(opening.session);
  if (session == sessions_.end()) return;  // hung up meanwhile; nobody waits for the answer
  session->second.opening = false;
  // It was good before the store was asked; the account may have been logged out everywhere meanwhile.
  if (opening.returning && accounts_ != nullptr && !accounts_->token_good(opening.visitor, opening.issued_ms))
    return reply.error(failure(ErrorKind::unavailable, "this token ended just now; come again without it"));
  auto [at, fresh] = visitors_.try_emplace(opening.visitor);
  Visitor& visitor = at->second;
  if (fresh) {
    ++stats_.visitors_seen;
    begin_visitor(visitor, opening.visitor, opening.language.value_or(trust::Language::en), stored);
  }
  if (opening.returning) ++stats_.resumed;
  if (opening.name) visitor.guest.name = *opening.name;
  if (opening.language) visitor.language = *opening.language;
  visitor.guest.role = opening.role;
  attach(visitor, opening.session);
  session->second.visitor = opening.visitor;
  session->second.role = opening.role;
  for (const auto* name : {&visitor.world, &visitor.waiting})
    if (auto* world = find_world(*name)) world->change(visitor.guest);
  reply.result({{"protocol", kProtocol},
                {"host", {{"name", setup_.name}, {"version", setup_.version}}},
                {"visitor", visitor_json(visitor)},
                {"resume", keeper_.resume_token(opening.visitor, now_.unix_ms)},
                {"worlds", summaries()}});
}

// The newest connection of a visitor counts; an older one is told and closed.
void Control::attach(Visitor& visitor, SessionId id) {
  const SessionId old = visitor.session;
  visitor.session = id;
  if (!old || old == id) return;
  ++stats_.replaced;
  for (const auto* name : {&visitor.world, &visitor.waiting})
    if (auto* world = find_world(*name)) world->link_lost(visitor.guest.visitor, now_, limits::kPresenceGraceMs);
  if (const auto at = sessions_.find(old); at != sessions_.end()) at->second.visitor = {};
  if (const auto inside = worlds_.find(visitor.world); inside != worlds_.end())
    inside->second.crowd->remove_viewer(old);
  outlet_.close(old, tracks::CloseCode::replaced, "this visitor came in by another connection");
}

void Control::subscribe(Visitor& visitor, TrackId track) {
  const auto at = worlds_.find(visitor.world);
  if (at == worlds_.end()) return;
  auto& world = at->second.world;
  auto& crowd = at->second.crowd;
  world->subscribe(visitor.session, track);
  const auto self = world->entity_of(visitor.guest.visitor);
  if (track != world->poses_track() || !self) return;
  crowd->add_viewer(visitor.session, *self);
  const auto session = sessions_.find(visitor.session);
  if (session != sessions_.end() && session->second.link_bytes_per_s)
    crowd->set_budget(visitor.session, *session->second.link_bytes_per_s);
}

void Control::unsubscribe(Visitor& visitor, TrackId track) {
  const auto at = worlds_.find(visitor.world);
  if (at == worlds_.end()) return outlet_.unsubscribe(visitor.session, track);
  auto& world = at->second.world;
  auto& crowd = at->second.crowd;
  if (track == world->poses_track()) crowd->remove_viewer(visitor.session);
  world->unsubscribe(visitor.session, track);
}

void Control::drop_subscriptions(Visitor& visitor) {
  const auto session = sessions_.find(visitor.session);
  if (session == sessions_.end()) return;
  for (const TrackId track : session->second.subscriptions) unsubscribe(visitor, track);
  session->second.subscriptions.clear();
}

void Control::leave_world(Visitor& visitor) {
  if (visitor.world.empty()) return;
  drop_subscriptions(visitor);
  end_stay(visitor);
  if (auto* world = find_world(visitor.world)) world->leave(visitor.guest.visitor);
  visitor.world.clear();
  visitor.inside = nullptr;
  visitor.kept.reset();
  visitor.unsaved = true;
}

// From here on the visitor is inside `target`, and nowhere else.
void Control::moved_into(Visitor& visitor, world::World& target) {
  const auto& name = target.description().name;
  if (visitor.world != name) leave_world(visitor);
  if (visitor.waiting != name) leave_queue(visitor);
  visitor.waiting.clear();
  if (visitor.world != name) begin_stay(visitor, name);
  visitor.world = name;
  visitor.inside = &target;
}

Result<std::variant<world::Entered, world::Waiting>> Control::enter(Visitor& visitor, world::World& target,
                                                                    world::Arrival arrival) {
  const auto& name = target.description().name;
  const bool elsewhere = arrival.beside || !arrival.portal.empty() || !arrival.spawn.empty();
  if (!elsewhere && target.inside(visitor.guest.visitor)) {  // back after a broken link
    if (const auto found = target.link_found(visitor.guest.visitor, visitor.session)) {
      moved_into(visitor, target);
      return std::variant<world::Entered, world::Waiting>{*found};
    }
  }
  if (!elsewhere && visitor.kept && visitor.kept->world == name) arrival.place = visitor.kept->place;
  arrival.from_world = visitor.world;
  auto entered = target.enter(visitor.guest, visitor.session, arrival, now_);
  MW_TRY(entered);
  if (std::holds_alternative<world::Entered>(*entered)) {
    moved_into(visitor, target);
  } else {
    // Who waits stays where they are; a queue elsewhere is given up, since one can wait for one world only.
    if (visitor.waiting != name) leave_queue(visitor);
    visitor.waiting = name;
  }
  return entered;
}

void Control::forget_visitor(VisitorId id) {
  const auto at = visitors_.find(id);
  if (at != visitors_.end() && !at->second.unsaved && !still_carries(carrying_, id)) visitors_.erase(at);
}

}  // namespace mw::server
