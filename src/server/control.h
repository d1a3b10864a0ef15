// The control side of a host: sessions, visitors, worlds and the calls, without threads, clocks, sockets or disk. What an
// edge reports comes in with the time; effects go out through the outlet and the store. The native host (host.h) runs it on
// the control loop, the simulation in virtual time.
// Thread: the control loop; callbacks of the store arrive there too.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "calls/quota.h"
#include "calls/registry.h"
#include "crowd/engine.h"
#include "edge/control.h"
#include "federation/abroad.h"
#include "federation/accounts.h"
#include "federation/carrying.h"
#include "federation/friends.h"
#include "federation/gifts.h"
#include "federation/titles.h"
#include "federation/trades.h"
#include "federation/travel.h"
#include "quality/governor.h"
#include "quality/ledger.h"
#include "records/store_queue.h"
#include "server/avatars.h"
#include "server/host_calls.h"
#include "server/outfits.h"
#include "tracks/outlet.h"
#include "trust/identity.h"
#include "trust/keeper.h"
#include "world/world.h"

namespace mw::server {

using world::Now;

inline constexpr int kProtocol = 1;

// A world that could not be opened: listed with its problem, so that the others go on and somebody can mend it.
struct BrokenWorld {
  std::string name;
  world::Text title, description;
  std::string problem;  // English, one line
};

struct ControlSetup {
  std::string name = "Manyworlds";
  std::string version;
  // What host.status says about the process; may be empty.
  std::function<Json()> process_status;
  // What it says about the host's log; may be empty.
  std::function<Json()> log_status;
  // Why nobody can have an account here, where there are no `accounts`.
  std::string no_accounts;
  // Called when the operators' tokens have changed, for whoever checks them on other threads; may be empty.
  std::function<void()> operators_changed;
  std::string operated_by;  // who runs the host; may be empty
  // What another host says of itself, for a portal: as the result of travel.look. Answers on the control loop; may be empty.
  std::function<void(const std::string& url, std::function<void(Json)> answer)> look;
  std::int64_t viewer_bandwidth = limits::kViewerBandwidth;  // bit/s for the poses of one viewer
};

struct ControlServices {
  tracks::Outlet& outlet;
  tracks::FramePool& pool;
  records::Store& store;
  trust::Keeper& keeper;  // attached to the store
  federation::Accounts* accounts = nullptr;  // attached to the store; null where the host can be nobody's home
  federation::Titles* titles = nullptr;  // none: the host keeps no titles
  federation::Travel* travel = nullptr;  // none: nobody travels from or to here
  federation::Carrying* carrying = nullptr;  // none: nobody brings anything
  HostCalls* host_calls = nullptr;  // none: no other host calls or is called
  federation::Abroad* abroad = nullptr;  // none: nobody of here owns anything in the log of another host
  federation::Friends* friends = nullptr;  // attached to the store; null where there are no accounts
  Avatars* avatars = nullptr;  // attached to the store; none: nobody brings a figure of their own
};

struct ControlStats {
  std::uint64_t visitors_seen = 0, replaced = 0, resumed = 0;
  std::uint64_t places_saved = 0, save_failures = 0;
};

class Control {
 public:
  Control(ControlSetup setup, ControlServices services);
  ~Control();

  // Worlds. `setup` lacks ids and tracks: they are given here. The world opens once its edits were read from the store.
  void add_world(world::World::Setup setup, Now now, std::function<void(Status)> done);
  void add_broken(BrokenWorld broken);

  // From the edges.
  void session_opened(SessionId session, edge::Peer peer, Now now);
  void session_closed(SessionId session, edge::Parting parting, Now now);
  void call(SessionId session, std::string_view json, Now now);
  void claim(SessionId session, const wire::PoseClaim& claim, double arrived_s);
  void link_measured(SessionId session, double bytes_per_s);  // what may be sent to it
  void http_call(const edge::Peer& peer, std::string_view bearer, std::string_view json, Now now,
                 std::function<void(edge::HttpReply)> reply);

  // Every limits::kTickMs; `tick` grows by one or more.
  void tick(std::uint32_t tick, Now now);

  // The share of the time since the last tick that the host worked, as LoadGovernor::tick takes it.
  void tick_took(double busy) { governor_.tick(busy); }
  const quality::LoadGovernor& governor() const { return governor_; }
  // Promise and measurement of all worlds, as the call quality.describe answers and /sla.json shows.
  Json quality() const;
  // What the host says of itself to other hosts: /.well-known/manyworlds.json.
  Json about() const;
  std::int64_t minute() const { return now_.unix_ms / 60'000; }  // Unix, as of the last tick or call
  void each_ledger(const std::function<void(const std::string& world, const quality::Ledger&)>& visit) const;

  // Tells everybody that the host stops, and saves places; `saved` when that is on disk. No call is answered afterwards.
  void drain(Now now, std::function<void()> saved);

  calls::Registry& registry() { return registry_; }
  const ControlStats& stats() const { return stats_; }
  std::size_t sessions() const { return sessions_.size(); }
  std::size_t visitors() const { return visitors_.size(); }
  void each_world(const std::function<void(const world::World&, const crowd::Engine&)>& visit) const;
  const world::World* world(const std::string& name) const;

 private:
  friend struct Methods;  // the calls, in calls_*.cpp

  struct Session {
    edge::Peer peer;
    VisitorId visitor;  // none before session.open
    bool opening = false;  // session.open waits for the store
    trust::Role role = trust::Role::guest;
    std::vector<TrackId> subscriptions;
    std::optional<double> link_bytes_per_s;  // none while nothing was held up
  };
  // Where somebody was last, for coming back.
  struct Kept {
    std::string world;
    kit::Place place;
    std::int64_t unix_ms = 0;
  };
  // Time in a world that no report has counted yet.
  struct Stay {
    std::string world;
    double from_s = 0;
    std::optional<double> until_s;
    bool failed = false;  // the join, as a report said
  };
  struct Visitor {
    world::Guest guest;
    trust::Language language = trust::Language::en;
    SessionId session;  // none while the link is lost
    std::string world;  // inside
    world::World* inside = nullptr;  // the same, for claims: they come by the ten thousand
    std::string waiting;  // in the queue of
    std::optional<Kept> kept;  // a place to come back to
    Outfits outfits;
    bool unsaved = false;
    bool left = false;  // said goodbye: the place to come back to outlasts the presence
    double saved_s = -1e9;
    std::array<Stay, 2> stays;  // the present world and the one before, whose last report may still come
  };
  struct OpenWorld {
    std::unique_ptr<world::World> world;
    std::unique_ptr<crowd::Engine> crowd;
    std::unique_ptr<quality::Ledger> ledger;
    quality::Admission admission;
    std::uint64_t gave_up = 0;  // of the world's, counted already
  };

  std::unique_ptr<crowd::Engine> make_crowd(TrackId poses, std::size_t capacity);
  Session* session_of(const calls::Caller& caller);
  Visitor* visitor_of(const calls::Caller& caller);
  world::World* world_of(const Visitor& visitor);
  world::World* find_world(const std::string& name);
  bool holds(const calls::Caller& caller, calls::Capability capability);
  calls::Caller caller_of(SessionId id, const Session& session) const;

  // session.open, in two steps: what is known of a returning visitor is read from the store in between.
  struct Opening {
    SessionId session;
    VisitorId visitor;
    bool returning = false;
    std::int64_t issued_ms = 0;  // of the token, for who returns
    std::optional<std::string> name;
    std::optional<trust::Language> language;
    trust::Role role = trust::Role::guest;
  };
  // Whose token it is, and since when. Error `forbidden`, also for one that ended: its account was recovered, or logged out
  // everywhere.
  Result<VisitorId> resumed(std::string_view token, std::int64_t* issued_ms = nullptr) const;
  void open_visitor(const Opening& opening, const std::optional<std::string>& stored, calls::Reply reply);
  void attach(Visitor& visitor, SessionId id);
  void restore_visitor(Visitor& visitor, const std::string& stored) const;
  void begin_visitor(Visitor& visitor, VisitorId id, trust::Language language,
                     const std::optional<std::string>& stored) const;

  Result<std::variant<world::Entered, world::Waiting>> enter(Visitor& visitor, world::World& target,
                                                             world::Arrival arrival);
  void moved_into(Visitor& visitor, world::World& target);
  void leave_world(Visitor& visitor);
  void subscribe(Visitor& visitor, TrackId track);
  void unsubscribe(Visitor& visitor, TrackId track);
  void drop_subscriptions(Visitor& visitor);
  void forget_visitor(VisitorId id);
  // In memory from here on, as the store knows them, also without a session.
  void know_traveller(VisitorId id, std::function<void(Visitor&)> then);

  Json visitor_json(const Visitor& visitor) const;
  Json detail_of(const world::World& world, const world::Entered& entered, trust::Role role) const;
  Json summaries() const;
  Json summary_of(const BrokenWorld& broken) const;
  void notify(SessionId session, std::string_view method, const Json& params);

  // control_quality.cpp
  Result<double> take_report(Visitor& visitor, const quality::Report& report);  // client-seconds that it counts for
  void begin_stay(Visitor& visitor, const std::string& world);
  void end_stay(Visitor& visitor);
  void join_failed(const std::string& world);
  void leave_queue(Visitor& visitor);  // gives the turn up
  void meter_tick(std::uint32_t tick);
  void meter_second();
  void admit_by_promise(OpenWorld& open, std::size_t inside_all);
  void save_quality(bool open_minutes);  // minutes that ended, and the present ones

  void after_tick(world::World& world, const world::World::Outcome& outcome);
  void sweep_visitors();
  void show_avatars();  // goes on showing what somebody wears
  void tell_final_titles();
  // control_carried.cpp
  void tell_carried();  // who has brought what, when something of it has changed
  void tell_owned(VisitorId visitor);  // what they own, here and in the logs of others
  void hide_away();  // things of this host's worlds that are elsewhere, and those that are back
  Json carried_by(VisitorId visitor) const;  // as they themselves are told
  // calls_gifts.cpp
  federation::Gifts::Address gift_address();
  void tell_gifts();
  Json gifts_of(VisitorId visitor) const;
  // calls_trades.cpp
  federation::Trades::Setup trade_setup();
  void tell_trades();
  Json trades_of(VisitorId visitor) const;
  Json tradable_thing(const trust::AssetId& asset) const;  // as both sides are shown it
  // Whether the thing is theirs, in its world as its title has it, and not away. The error says why not.
  Status may_trade(VisitorId owner, const trust::AssetId& asset) const;
  bool blocks(VisitorId who, VisitorId other) const;  // by the list that is kept at home, here
  // control_friends.cpp
  void connect_friends();
  void tell_friends();  // where people are, and who has something new
  void friend_went(const std::string& account, const Json& challenge);  // which was answered
  VisitorId visitor_of_person(const std::string& who) const;  // on this host; none: was not here
  // What a block of this visitor is of, and their name. None: nobody here has that number.
  std::optional<std::pair<std::string, std::string>> person_of_visitor(const std::string& word) const;
  void save_places(std::function<void()> saved);
  void prune_visitors();
  std::string stored_form(const Visitor& visitor) const;

  ControlSetup setup_;
  tracks::Outlet& outlet_;
  tracks::FramePool& pool_;
  records::Store& store_;
  trust::Keeper& keeper_;
  federation::Accounts* accounts_;
  federation::Titles* titles_;
  federation::Travel* travel_;
  federation::Carrying* carrying_;
  HostCalls* host_calls_;
  federation::Abroad* abroad_;
  std::unique_ptr<federation::Gifts> gifts_;  // where there is `carrying_`
  std::unique_ptr<federation::Trades> trades_;  // where there are `titles_`
  federation::Friends* friends_;
  Avatars* avatars_;
  std::set<std::string> friends_changed_;  // accounts to whom something is new
  calls::Registry registry_;
  calls::Quota account_quota_;  // by address
  std::map<std::string, OpenWorld> worlds_;
  std::map<std::string, BrokenWorld> broken_;
  std::unordered_map<SessionId, Session> sessions_;
  std::unordered_map<VisitorId, Visitor> visitors_;
  std::uint32_t last_world_ = 0, last_track_ = 0;
  Now now_;
  double started_s_ = -1, saved_s_ = 0, swept_s_ = 0, pruned_s_ = -1e9;
  quality::LoadGovernor governor_;
  std::uint32_t tick_ = 0;
  double tick_s_ = -1, metered_s_ = -1;
  bool draining_ = false, saving_ = false;
  ControlStats stats_;
  std::vector<VisitorId> moved_;  // scratch of save_places
  std::shared_ptr<bool> alive_;
};

}  // namespace mw::server
