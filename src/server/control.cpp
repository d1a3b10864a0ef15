// Sessions, ticks and saving. Who comes and goes is in control_visitors.cpp, the calls are in calls_*.cpp.
#include "server/control.h"

#include <algorithm>
#include <set>

#include "base/format.h"
#include "base/limits.h"
#include "runtime/log.h"
#include "server/methods.h"
#include "server/schemas.h"
#include "server/still_carries.h"

namespace mw::server {
namespace {

constexpr double kSaveEveryS = 0.25;  // a few visitors at a time, so that no tick does all the work
constexpr double kPlaceEveryS = 3;    // of one visitor: a crash costs at most this much walking, and a little
constexpr double kSweepEveryS = 10;
constexpr double kPruneEveryS = 86'400;
constexpr std::size_t kPlacesInBatch = 1'000;
constexpr std::size_t kVisitorsLooked = 200'000;  // at a time, when old ones are removed
static_assert(kPlacesInBatch <= limits::kJournalBatch);

}  // namespace

Control::Control(ControlSetup setup, ControlServices services)
    : setup_(std::move(setup)),
      outlet_(services.outlet),
      pool_(services.pool),
      store_(services.store),
      keeper_(services.keeper),
      accounts_(services.accounts),
      titles_(services.titles),
      travel_(services.travel),
      carrying_(services.carrying),
      host_calls_(services.host_calls),
      abroad_(services.abroad),
      friends_(services.friends),
      avatars_(services.avatars),
      registry_(
          [this](const calls::Caller& caller, calls::Capability capability) { return holds(caller, capability); }),
      account_quota_(kAccountCostPerSecond, kAccountCostBurst, limits::kQuotaKeys),
      alive_(std::make_shared<bool>(true)) {
  registry_.set_clock([this] { return now_.s; });
  registry_.set_host_version(setup_.version);
  if (carrying_ != nullptr) gifts_ = std::make_unique<federation::Gifts>(*carrying_, gift_address());
  if (titles_ != nullptr) trades_ = std::make_unique<federation::Trades>(trade_setup());
  if (abroad_ != nullptr) abroad_->on_change([this](VisitorId visitor) { tell_owned(visitor); });
  add_methods(*this);
  if (friends_ != nullptr) connect_friends();
}

Control::~Control() { *alive_ = false; }

// --- Worlds ----------------------------------------------------------------------------------------------------------

void Control::add_world(world::World::Setup setup, Now now, std::function<void(Status)> done) {
  now_ = now;
  const auto name = setup.description.name;
  if (worlds_.contains(name))
    return done(failure(ErrorKind::conflict, format("there are two worlds called '{}'", name)));
  if (worlds_.size() >= limits::kWorldsPerHost)
    return done(failure(ErrorKind::full, format("a host has at most {} worlds", limits::kWorldsPerHost)));
  setup.id = WorldId{++last_world_};
  for (TrackId* track : {&setup.poses, &setup.people, &setup.chat, &setup.scene}) *track = TrackId{++last_track_};
  const TrackId poses = setup.poses;
  auto opened = std::make_shared<std::unique_ptr<world::World>>(
      std::make_unique<world::World>(std::move(setup), world::World::Services{outlet_, pool_, store_}, now));
  auto ledger = std::make_shared<std::unique_ptr<quality::Ledger>>(
      std::make_unique<quality::Ledger>((*opened)->description().promise));
  auto status = std::make_shared<Status>(ok());
  // The store's thread only reads into the world; nobody else knows of it until `then`.
  store_.run(
      [opened, status, ledger, name, minute = now.unix_ms / 60'000](records::Journal& journal) {
        *status = (*opened)->load(journal);
        load_quality(journal, name, minute, **ledger);
      },
      [this, opened, status, ledger, poses, name, done = std::move(done), alive = alive_] {
        if (!*alive) return;
        if (!status->ok()) {
          const auto& description = (*opened)->description();
          add_broken({name, description.title, description.description, status->error().text()});
          return done(*status);
        }
        const std::size_t capacity = (*opened)->stage().capacity();
        worlds_[name] = {std::move(*opened), make_crowd(poses, capacity), std::move(*ledger), {}, 0};
        broken_.erase(name);
        if (titles_ != nullptr) hide_away();  // before anybody sees the world
        done(ok());
      });
}

std::unique_ptr<crowd::Engine> Control::make_crowd(TrackId poses, std::size_t capacity) {
  return std::make_unique<crowd::Engine>(
      poses, capacity, static_cast<double>(setup_.viewer_bandwidth) / 8,
      crowd::Engine::Services{outlet_, pool_, [this] { return TrackId{++last_track_}; }});
}

void Control::add_broken(BrokenWorld broken) { broken_[broken.name] = std::move(broken); }

world::World* Control::find_world(const std::string& name) {
  const auto at = worlds_.find(name);
  return at == worlds_.end() ? nullptr : at->second.world.get();
}
const world::World* Control::world(const std::string& name) const {
  const auto at = worlds_.find(name);
  return at == worlds_.end() ? nullptr : at->second.world.get();
}

void Control::each_world(const std::function<void(const world::World&, const crowd::Engine&)>& visit) const {
  for (const auto& [name, open] : worlds_) visit(*open.world, *open.crowd);
}

// --- What edges report -----------------------------------------------------------------------------------------------

void Control::session_opened(SessionId session, edge::Peer peer, Now now) {
  now_ = now;
  sessions_[session].peer = std::move(peer);
}

void Control::session_closed(SessionId id, edge::Parting parting, Now now) {
  now_ = now;
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  const VisitorId visitor = at->second.visitor;
  sessions_.erase(at);
  registry_.forget(id);
  if (accounts_ != nullptr) accounts_->forget(id);
  if (travel_ != nullptr) travel_->forget(id);
  const auto known = visitors_.find(visitor);
  if (known == visitors_.end() || known->second.session != id) return;  // replaced by a newer connection
  auto& state = known->second;
  if (const auto inside = worlds_.find(state.world); inside != worlds_.end()) inside->second.crowd->remove_viewer(id);
  state.session = {};
  state.left = parting == edge::Parting::left;
  for (const auto* name : {&state.world, &state.waiting}) {
    auto* world = find_world(*name);
    if (world == nullptr) continue;
    world->link_lost(visitor, now, state.left ? limits::kFarewellGraceMs : limits::kPresenceGraceMs);
    const auto place = state.left ? world->place_of(visitor) : std::nullopt;
    if (!place) continue;
    state.kept = Kept{*name, *place, now.unix_ms};
    state.unsaved = true;
  }
  if (state.world.empty() && state.waiting.empty()) forget_visitor(visitor);
}

void Control::link_measured(SessionId id, double bytes_per_s) {
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  at->second.link_bytes_per_s = bytes_per_s;
  const auto visitor = visitors_.find(at->second.visitor);
  if (visitor == visitors_.end() || visitor->second.session != id) return;
  const auto inside = worlds_.find(visitor->second.world);
  if (inside != worlds_.end()) inside->second.crowd->set_budget(id, bytes_per_s);
}

void Control::call(SessionId id, std::string_view json, Now now) {
  now_ = now;
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  registry_.handle(caller_of(id, at->second), json, now.s, [this, id, alive = alive_](std::string answer) {
    if (*alive) outlet_.send_text(id, std::move(answer));
  });
}

void Control::claim(SessionId id, const wire::PoseClaim& claim, double arrived_s) {
  const auto at = sessions_.find(id);
  if (at == sessions_.end() || !at->second.visitor) return;
  const auto visitor = visitors_.find(at->second.visitor);
  if (visitor == visitors_.end()) return;
  if (visitor->second.inside != nullptr) visitor->second.inside->claim(visitor->first, claim, arrived_s);
}

void Control::http_call(const edge::Peer& peer, std::string_view bearer, std::string_view json, Now now,
                        std::function<void(edge::HttpReply)> reply) {
  now_ = now;
  if (draining_) return reply({503, "application/json", R"({"error":"the host is stopping"})"});
  calls::Caller caller;
  caller.address = peer.address;
  caller.over_http = true;
  if (!bearer.empty()) {
    if (keeper_.operator_of(bearer, now.unix_ms).ok()) {
      caller.role = trust::Role::host_operator;
    } else if (const auto visitor = resumed(bearer); visitor.ok()) {
      caller.visitor = *visitor;
      caller.role = trust::Role::guest;
    } else {
      return reply(
          {401, "application/json", R"({"error":"the bearer token is not one of this host, or has expired"})"});
    }
  }
  // A message of notifications alone has no answer: then nobody keeps the answer, and its end says so.
  struct Answer {
    std::function<void(edge::HttpReply)> reply;
    bool given = false;
    explicit Answer(std::function<void(edge::HttpReply)> send) : reply(std::move(send)) {}
    Answer(const Answer&) = delete;
    ~Answer() {
      if (!given) reply({204, "application/json", ""});
    }
  };
  auto answer = std::make_shared<Answer>(std::move(reply));
  registry_.handle(caller, json, now.s, [answer](std::string body) {
    answer->given = true;
    answer->reply({200, "application/json", std::move(body)});
  });
}

calls::Caller Control::caller_of(SessionId id, const Session& session) const {
  calls::Caller caller;
  caller.session = id;
  caller.visitor = session.visitor;
  caller.address = session.peer.address;
  caller.role = session.visitor ? session.role : trust::Role::none;
  return caller;
}

bool Control::holds(const calls::Caller& caller, calls::Capability capability) {
  if (capability != calls::Capability::edit) return trust::may(caller.role, capability);
  const auto* visitor = visitor_of(caller);
  const auto* world = visitor == nullptr ? nullptr : world_of(*visitor);
  if (world != nullptr) return trust::may(caller.role, capability, world->description().edit);
  // An operator may edit from outside by naming the world; the call looks at that world's own permission.
  return caller.role == trust::Role::host_operator;
}

Control::Session* Control::session_of(const calls::Caller& caller) {
  const auto at = sessions_.find(caller.session);
  return at == sessions_.end() ? nullptr : &at->second;
}

Control::Visitor* Control::visitor_of(const calls::Caller& caller) {
  const auto at = visitors_.find(caller.visitor);
  return at == visitors_.end() ? nullptr : &at->second;
}

world::World* Control::world_of(const Visitor& visitor) { return find_world(visitor.world); }

// A world knows its portals by name alone; what can be seen through them is the other world's to say.
Json Control::detail_of(const world::World& world, const world::Entered& entered, trust::Role role) const {
  Json detail = world.detail(entered, role);
  if (!entered.beside.empty()) detail["beside"] = entered.beside;
  for (Json& portal : detail["portals"]) {
    Json& to = portal["to"];
    const auto other = to.contains("world") ? worlds_.find(to["world"].get_ref<const std::string&>()) : worlds_.end();
    if (other != worlds_.end()) to = other->second.world->glimpse();
  }
  return detail;
}

void Control::notify(SessionId session, std::string_view method, const Json& params) {
  if (session) outlet_.send_text(session, calls::notification(method, params));
}

// --- The tick --------------------------------------------------------------------------------------------------------

void Control::tick(std::uint32_t tick, Now now) {
  now_ = now;
  if (started_s_ < 0) started_s_ = now.s;
  for (auto& [name, open] : worlds_) {
    after_tick(*open.world, open.world->tick(now));
    open.crowd->tick(tick, open.world->stage());
  }
  outlet_.flush();
  meter_tick(tick);
  if (now.s - saved_s_ >= kSaveEveryS) {
    saved_s_ = now.s;
    save_places({});
  }
  if (now.s - swept_s_ >= kSweepEveryS) {
    swept_s_ = now.s;
    sweep_visitors();
    show_avatars();
  }
  if (avatars_ != nullptr && tick % limits::kTickHz == 0) avatars_->fetch_again(now_.unix_ms);
  if (titles_ != nullptr && tick % limits::kTickHz == 0) {
    tell_final_titles();
    hide_away();
    tell_trades();
  }
  if (carrying_ != nullptr && tick % limits::kTickHz == 0) {
    tell_carried();
    tell_gifts();
  }
  if (friends_ != nullptr && tick % limits::kTickHz == 0) tell_friends();
  if (now.s - pruned_s_ >= kPruneEveryS) {
    pruned_s_ = now.s;
    prune_visitors();
  }
}

void Control::tell_final_titles() {
  for (const auto& one : titles_->take_final()) {
    const auto at = visitors_.find(one.by);
    if (at != visitors_.end())
      notify(at->second.session, "title.final", {{"asset", trust::title_hash_text(one.asset)}, {"index", one.index}});
  }
}

void Control::after_tick(world::World& world, const world::World::Outcome& outcome) {
  for (const auto& [id, entered] : outcome.admitted) {
    const auto at = visitors_.find(id);
    if (at == visitors_.end()) {
      world.leave(id);
      continue;
    }
    moved_into(at->second, world);
    notify(at->second.session, "world.entered", {{"world", detail_of(world, entered, at->second.guest.role)}});
  }
  for (const auto& [id, waiting] : outcome.positions) {
    const auto at = visitors_.find(id);
    if (at != visitors_.end())
      notify(at->second.session, "world.queue",
             {{"world", world.description().name},
              {"position", waiting.position},
              {"reason", world::name_of(waiting.reason)}});
  }
  for (const VisitorId id : outcome.expired) {
    const auto at = visitors_.find(id);
    if (at == visitors_.end()) continue;
    end_stay(at->second);
    at->second.world.clear();
    at->second.inside = nullptr;
    if (!at->second.left) at->second.kept.reset();
    at->second.unsaved = true;
  }
}

// Visitors whose link is gone and whose place is given up need not be in memory; the store knows them.
void Control::sweep_visitors() {
  std::vector<VisitorId> gone;
  for (auto& [id, visitor] : visitors_) {
    if (visitor.session || visitor.unsaved || still_carries(carrying_, id)) continue;
    const auto* world = find_world(visitor.world);
    if (world != nullptr && world->inside(id)) continue;
    const auto* queue = find_world(visitor.waiting);
    if (queue != nullptr && queue->waiting(id)) continue;
    gone.push_back(id);
  }
  for (const VisitorId id : gone) visitors_.erase(id);
}

void Control::show_avatars() {
  if (avatars_ == nullptr) return;
  std::set<std::string> worn;
  for (const auto& [id, visitor] : visitors_)
    if (visitor.guest.avatar.is_object()) worn.insert(visitor.guest.avatar["hash"].get<std::string>());
  avatars_->go_on(worn, now_.unix_ms);
}

// --- Saving ----------------------------------------------------------------------------------------------------------

std::string Control::stored_form(const Visitor& visitor) const {
  Json json{{"name", visitor.guest.name},
            {"language", visitor.language == trust::Language::zh ? "zh" : "en"},
            {"appearance", kit::to_json(visitor.guest.appearance)},
            {"ms", now_.unix_ms}};
  if (!visitor.outfits.empty()) json["outfits"] = visitor.outfits.to_json();
  if (visitor.guest.avatar.is_object()) json["avatar"] = visitor.guest.avatar["hash"];
  if (still_carries(carrying_, visitor.guest.visitor)) json["carried"] = carrying_->to_store(visitor.guest.visitor);
  if (visitor.kept) {
    const auto& place = visitor.kept->place;
    json["world"] = visitor.kept->world;
    json["position"] = {place.position.x, place.position.y, place.position.z};
    json["yaw"] = place.yaw;
  }
  return data::to_text(json);
}

// What changed goes to disk, a part at a time. One save is on its way at a time; what changes meanwhile goes with the next.
void Control::save_places(std::function<void()> saved) {
  const auto finish = [&] {
    if (saved) saved();
  };
  if (saving_ && !saved) return;
  for (auto& [name, open] : worlds_) {
    moved_.clear();
    open.world->take_moved(moved_);
    for (const VisitorId id : moved_) {
      const auto at = visitors_.find(id);
      if (at == visitors_.end()) continue;
      at->second.kept = Kept{name, open.world->place_of(id).value_or(kit::Place{}), now_.unix_ms};
      at->second.unsaved = true;
    }
  }
  std::vector<std::pair<std::string, std::string>> values;
  const std::size_t most = draining_ ? visitors_.size() : std::max<std::size_t>(100, visitors_.size() / 10);
  for (auto& [id, visitor] : visitors_) {
    if (!visitor.unsaved || (!draining_ && now_.s - visitor.saved_s < kPlaceEveryS)) continue;
    if (values.size() == most) break;
    visitor.unsaved = false;
    visitor.saved_s = now_.s;
    values.emplace_back(visitor_key(id), stored_form(visitor));
  }
  if (values.empty()) return finish();
  // A batch holds so many rows at most; all of them are on disk when the last one is.
  saving_ = true;
  auto left = std::make_shared<std::size_t>((values.size() + kPlacesInBatch - 1) / kPlacesInBatch);
  for (std::size_t from = 0; from < values.size(); from += kPlacesInBatch) {
    const auto to = std::min(from + kPlacesInBatch, values.size());
    std::vector<std::pair<std::string, std::string>> part(
        std::make_move_iterator(values.begin() + static_cast<std::ptrdiff_t>(from)),
        std::make_move_iterator(values.begin() + static_cast<std::ptrdiff_t>(to)));
    store_.put(std::move(part), [this, count = to - from, left, saved, alive = alive_](Status status) {
      if (!*alive) return;
      if (status.ok()) {
        stats_.places_saved += count;
      } else {
        // Places are a comfort: a full disk costs them, and nothing else. The next change tries again.
        ++stats_.save_failures;
        runtime::log_warning("control", "places were not saved", {{"error", status.error().text()}});
      }
      if (--*left > 0) return;
      saving_ = false;
      if (saved) saved();
    });
  }
}

// Tokens of visitors end; what the store knows of them goes then, so that it stays bounded.
void Control::prune_visitors() {
  std::set<std::string> at_home;  // whoever has an account comes back whenever they like
  if (accounts_ != nullptr)
    for (const VisitorId visitor : accounts_->visitors()) at_home.insert(visitor_key(visitor));
  store_.run(
      [oldest = now_.unix_ms - limits::kResumeMs, at_home = std::move(at_home)](records::Journal& journal) {
        const auto all = journal.list(kVisitorPrefix, kVisitorsLooked);
        if (!all.ok()) return;
        records::Batch batch;
        for (const auto& [key, value] : *all) {
          if (at_home.contains(key)) continue;
          const auto json = data::parse_json(value);
          const bool old = !json.ok() || !json->is_object() || json->value("ms", std::int64_t{0}) < oldest;
          if (old) batch.removes.push_back(key);
          if (batch.removes.size() == kPlacesInBatch) {
            static_cast<void>(journal.commit(batch).ok());  // what stays is looked at tomorrow
            batch.removes.clear();
          }
        }
        static_cast<void>(journal.commit(batch).ok());
      },
      [] {});
}

void Control::drain(Now now, std::function<void()> saved) {
  now_ = now;
  draining_ = true;
  for (const auto& [id, session] : sessions_) notify(id, "host.draining", {{"seconds", limits::kDrainMs / 1000}});
  save_quality(true);  // the store keeps the order: it is on disk when the places are
  save_places(std::move(saved));
}

}  // namespace mw::server
