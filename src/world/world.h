// One world as it runs: its visitors and who waits, the judge of their claims, the simulated walkers, the things, the chat.
// Sans I/O: time, claims and calls come in; effects go out through the outlet (frames, corrections) and the store (edits).
// The stage holds who stands where after each tick; whoever composes the host lets the crowd encode it.
// Thread: the control loop.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "data/json.h"
#include "kit/kit.h"
#include "motion/motion.h"
#include "records/store_queue.h"
#include "stage/stage.h"
#include "tracks/outlet.h"
#include "trust/capability.h"
#include "wire/claim.h"
#include "world/description.h"
#include "world/event_track.h"
#include "world/scene.h"
#include "world/seats.h"

namespace mw::world {

class Walkers;

// Time as the control loop sees it, given with everything that needs it.
struct Now {
  double s = 0;  // monotonic, seconds
  std::int64_t unix_ms = 0;  // for people and for the journal
};

// What a world stands on, made once by a loader.
struct Ground {
  motion::CollisionWorld collision;  // body 0 is the scene; things are further bodies
  Spawn spawn;
  std::vector<std::pair<std::string, kit::Place>> spawns;  // named ones (OMI_spawn_point)
  kit::WalkGraph walks;  // where walkers go; may be empty
  std::vector<kit::Place> seats, stands;
  std::optional<kit::SeatPlan> seating;  // of a stadium: most of its walkers are spectators
};

// What edits may put into a world, the same for all worlds of a host.
struct Model {
  std::string name;
  Text title;
  std::string url, collision_url;  // the latter is empty when one walks through it
  std::vector<motion::Triangle> triangles;
};
using Catalogue = std::vector<Model>;

// Where a client finds what it draws.
struct Links {
  std::string scene, collision, person;
};

// Somebody who enters: a visitor as the host knows them.
struct Guest {
  VisitorId visitor;
  std::string name;
  trust::Role role = trust::Role::guest;
  kit::Appearance appearance;
  std::string home;  // authority of a visitor's home elsewhere; empty for those of here
  Json carried = Json::array();  // what they have brought along, as others are told of it
  Json avatar;  // the figure of their own that they wear, as others are told of it; null: the kit's
};

// How they come in. The first that applies: `beside` (who invited them, where that visitor is inside and there is room at
// their side), `place` (kept for a visitor who was here), `from_world`'s portal, `spawn`.
struct Arrival {
  VisitorId beside;
  std::optional<kit::Place> place;
  std::string from_world, portal;
  std::string spawn;  // a named spawn point; empty is the world's own
};

struct Entered {
  EntityId entity;
  std::uint8_t epoch = 0;
  kit::Place place;
  std::string beside;  // name of who invited them, where they were put at that one's side
};
// What one waits for: a place, or that one more does not break the promise of quality.
enum class WaitReason : std::uint8_t { full, quality };
constexpr const char* name_of(WaitReason reason) { return reason == WaitReason::full ? "full" : "quality"; }
struct Waiting {
  std::size_t position = 0;  // 1 is next
  WaitReason reason = WaitReason::full;
  friend bool operator==(const Waiting&, const Waiting&) = default;
};

struct WorldStats {
  std::uint64_t claims = 0, stale_claims = 0, corrections = 0;
  std::uint64_t entered = 0, left = 0, said = 0;
  std::uint64_t gave_up = 0;  // waited in the queue until their link was gone for too long
};

class World {
 public:
  struct Setup {
    WorldId id;
    Description description;
    Ground ground;
    std::shared_ptr<const Catalogue> catalogue;
    Links links;
    TrackId poses, people, chat, scene;
    std::uint64_t seed = 1;  // of spawn spots and walkers
  };
  struct Services {
    tracks::Outlet& outlet;
    tracks::FramePool& pool;
    records::Store& store;
  };

  World(Setup setup, Services services, Now now);  // opens its tracks
  ~World();  // closes them

  const Description& description() const { return description_; }
  WorldId id() const { return id_; }
  static std::string stream_of(const std::string& name) { return "world/" + name + "/scene"; }
  // Loads the things that the journal has. Before the first tick.
  Status load(records::Journal& journal);

  // Visitors. `session` is where corrections go. A visitor who is inside already is placed anew unless their place is kept.
  // Errors: `not_found` (a spawn), `full` (the queue too).
  Result<std::variant<Entered, Waiting>> enter(const Guest& guest, SessionId session, const Arrival& arrival, Now now);
  void leave(VisitorId visitor);  // at once: place and turn are given up
  void link_lost(VisitorId visitor, Now now, int grace_ms);  // place and turn are kept for so long
  std::optional<Entered> link_found(VisitorId visitor, SessionId session);  // nothing when the place is gone
  void change(const Guest& guest);  // name, appearance or role changed
  bool inside(VisitorId visitor) const { return members_.contains(visitor); }
  bool waiting(VisitorId visitor) const;
  std::optional<kit::Place> place_of(VisitorId visitor) const;
  std::optional<EntityId> entity_of(VisitorId visitor) const;

  // How many may come in from now on; the others wait, whatever the capacity. Unlimited until it is said.
  void set_room(std::size_t newcomers) { room_ = newcomers; }

  void claim(VisitorId visitor, const wire::PoseClaim& claim, double arrived_s);

  // What a tick did that its caller must tell or note down.
  struct Outcome {
    std::vector<std::pair<VisitorId, Entered>> admitted;  // from the queue
    std::vector<std::pair<VisitorId, Waiting>> positions;  // in the queue, changed
    std::vector<VisitorId> expired;  // whose grace ended
  };
  const Outcome& tick(Now now);  // good until the next tick

  // Calls
  Result<Json> say(VisitorId visitor, std::string_view text, Now now);
  Scene& scene() { return scene_; }
  const Scene& scene() const { return scene_; }
  Json people() const;  // [Person]
  Json detail(const Entered& entered, trust::Role role) const;
  Json summary() const;
  Json glimpse() const;  // what a picture of this world, in a portal of another, is taken from and where

  // Tracks. A subscription takes effect at the end of the tick, between two frames.
  struct TrackInfo {
    TrackId id;
    tracks::TrackKind kind;
  };
  std::optional<TrackInfo> track(std::string_view name) const;  // "world/plaza/poses"
  void subscribe(SessionId session, TrackId track);
  void unsubscribe(SessionId session, TrackId track);

  const stage::Stage& stage() const { return stage_; }
  TrackId poses_track() const { return poses_; }
  std::size_t visitors() const { return members_.size(); }
  std::size_t connected() const { return connected_; }  // of the visitors, those with a link, at the last tick
  std::size_t queued() const { return queue_.size(); }
  std::size_t walkers() const;
  const WorldStats& stats() const { return stats_; }
  // Visitors whose place changed since the last call, for keeping it through a restart.
  void take_moved(std::vector<VisitorId>& out);

 private:
  struct Member {
    Guest guest;
    EntityId entity;
    SessionId session;  // none while the link is lost
    double until_s = 0;  // without a session: when the place is given up
    motion::Record record;
    stage::Placing placing;
    std::uint8_t epoch = 0;
    std::uint16_t sequence = 0;  // of the newest claim
    double claim_s = 0;  // when it arrived
    std::optional<std::uint32_t> seat;  // that the member sits on
    bool dirty = false;  // placing changed since the last tick
    bool unsaved = true;  // place changed since take_moved
  };
  struct Waiter {
    Guest guest;
    SessionId session;
    Arrival arrival;
    double until_s = 0;  // likewise
    Waiting told;  // what was announced last
  };
  struct Subscriber {
    SessionId session;
    TrackId track;
  };

  struct Spot {
    kit::Place place;
    std::string beside;
  };
  Result<Spot> arrive(const Arrival& arrival);
  std::optional<Spot> arrive_beside(VisitorId host) const;
  kit::Place spread(const Spawn& spawn);
  std::optional<kit::Place> stand_at(motion::Vec3 wanted, float yaw) const;
  Entered admit(const Guest& guest, SessionId session, const Spot& spot, Now now);
  Entered put(Member& member, const Spot& spot, Now now);
  void correct(Member& member, wire::CorrectionReason reason, Now now);
  void sit(Member& member, Now now);
  void get_up(Member& member);
  void settle(Member& member, const wire::PoseClaim& claim, const motion::State& state, Now now);
  void drop(std::span<const VisitorId> visitors);
  bool has_place() const { return members_.size() < description_.capacity && room_ > 0; }
  WaitReason wait_reason() const {
    return members_.size() < description_.capacity && room_ == 0 ? WaitReason::quality : WaitReason::full;
  }
  void serve_queue(Now now);
  void announce_positions(Now now);
  void flush_tracks();
  std::vector<tracks::FrameRef> snapshot(TrackId track);  // at least one, which may be empty
  void shown(EntityId entity, const Thing* after);
  Json person(const Guest& guest, EntityId entity) const;
  void start_walkers();
  std::uint64_t random();
  EntityId new_entity() { return EntityId{++last_entity_}; }

  WorldId id_;
  Description description_;
  Ground ground_;
  std::shared_ptr<const Catalogue> catalogue_;
  Links links_;
  tracks::Outlet& outlet_;
  tracks::FramePool& pool_;
  TrackId poses_;
  EventTrack people_track_, chat_track_, scene_track_;
  stage::Stage stage_;
  std::uint32_t first_numbered_;  // of seats_: those of a stadium come behind the others
  Seats seats_;
  Scene scene_;
  std::unordered_map<VisitorId, Member> members_;
  std::vector<Member*> by_row_;  // of the stage; null for walkers
  std::deque<Waiter> queue_;
  std::vector<Subscriber> subscribers_;  // who asked in this tick
  std::deque<Json> chat_;
  std::unique_ptr<Walkers> walkers_;
  Outcome outcome_;
  Bytes frame_bytes_;
  std::vector<EntityId> leaving_;  // of one drop
  WorldStats stats_;
  std::uint32_t last_entity_ = 0;
  std::uint64_t last_message_ = 0, random_state_ = 1;
  double positions_told_s_ = 0;
  std::size_t room_ = static_cast<std::size_t>(-1), connected_ = 0;
};

}  // namespace mw::world
