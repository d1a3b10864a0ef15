// Simulated people, so that a new world is not empty and a busy one can be rehearsed. They walk the scene's ways by the same
// rules of movement as visitors, stop to look, sit down on benches, wave to whoever comes near, step aside; each has a pace of
// its own. They are labelled as simulated wherever people are listed.
// Seeded: the same world and seed give the same walk. A tick does not allocate.
// Thread: the control loop. Cost: about 1.5 microseconds for each who walks, next to nothing for who sits or stands. What a spectator
// does is looked up every quarter of a second, and changes nothing most of the time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/json.h"
#include "kit/kit.h"
#include "kit/seats.h"
#include "motion/motion.h"
#include "stage/stage.h"
#include "world/seats.h"

namespace mw::world {

class Walkers {
 public:
  // `seats` are shared with visitors, and outlive the walkers.
  Walkers(kit::WalkGraph graph, Seats& seats, std::vector<kit::Place> stands, std::uint64_t seed);

  // In a stadium: of `people` who will be added, most are spectators. They have seats of their own and do as spectators.h says. A few
  // sit in groups, more of them near `near`; where they take more than half of the seats it is a *full house*, in which they sit in
  // ascending order of seats with free ones between (kit::is_spare). Seat i of the stadium is seat `first_seat` + i of the shared
  // ones. Before the first is added.
  void seat(kit::Seats seats, std::uint32_t first_seat, motion::Vec3 near, std::size_t people);

  // One more walker, somewhere on the ways; nothing when there are none.
  std::optional<stage::Placing> add(EntityId entity, const motion::CollisionWorld& collision,
                                    const motion::Rules& rules);
  // Moves everybody by one tick and writes the stage. Where nobody sees them (`seen` is false), spectators stay as they are: what they
  // do follows from the time alone, and is there again a quarter of a second after somebody has come.
  void tick(double now_s, const motion::CollisionWorld& collision, const motion::Rules& rules, stage::Stage& stage,
            bool seen = true);

  std::size_t size() const { return watchers_.size() + walkers_.size(); }
  void describe(Json& people) const;  // appends a Person for each, but for the spectators of a full house
  // Of a full house: entity `first` + i is the i-th spectator. Their looks follow from their entity; nobody needs a list.
  struct Spectators {
    EntityId first;
    std::uint32_t count = 0;
  };
  std::optional<Spectators> full_house() const;

 private:
  enum class Doing : std::uint8_t { walking, approaching, standing, sitting, waving };
  struct Walker {
    EntityId entity;
    std::uint32_t number = 0;  // from 1, within this world
    std::uint64_t random = 0;
    motion::State state;
    std::uint16_t yaw = 0;
    Doing doing = Doing::walking, then = Doing::standing;
    std::uint16_t from = 0, to = 0;  // points of the graph; it walks from one to the other
    std::uint16_t goal = 0;  // the point where it decides what to do next
    float side = 0;  // of the middle of a way, as a share of half its width
    float pace = 1.4f;  // m/s
    double until_s = 0;  // end of standing, sitting, waving, or patience while walking
    double waved_s = -1e9;
    std::int32_t place = -1;  // of seats_ or stands_, while approaching and there
    motion::Vec3 target;
  };
  struct Watcher {
    std::uint32_t seat = 0;
    float around = 0;  // yaw from the middle of the field to the seat
  };
  struct Edge {
    std::uint16_t to = 0;
    float width = 1.5f;
  };

  void fill(std::uint32_t first_seat, std::size_t wanted);
  void scatter(std::uint32_t first_seat, motion::Vec3 near, std::size_t wanted);
  stage::Placing add_watcher(EntityId entity);
  void watch(double now_s, stage::Stage& stage);
  static std::uint64_t draw(Walker& walker);
  static float uniform(Walker& walker, float low, float high);
  void decide(Walker& walker, double now_s);
  void next_way(Walker& walker, double now_s);
  void aim(Walker& walker);
  void walk(Walker& walker, double now_s, const motion::CollisionWorld& collision, const motion::Rules& rules,
            const stage::Stage& stage);
  void arrived(Walker& walker, double now_s);
  void rest(Walker& walker, double now_s);
  void get_up(Walker& walker, double now_s);
  bool visitor_near(const Walker& walker, const stage::Stage& stage) const;
  motion::Vec3 sidestep(const Walker& walker, motion::Vec3 direction, const stage::Stage& stage) const;
  void index(const stage::Stage& stage);
  std::int32_t free_seat(Walker& walker);
  std::int32_t free_stand(Walker& walker);

  kit::WalkGraph graph_;
  std::vector<std::vector<Edge>> edges_;  // by point
  Seats& seats_;
  std::vector<kit::Place> stands_;
  std::vector<std::uint8_t> stand_taken_;
  std::vector<Walker> walkers_;
  kit::Seats numbered_;
  // Spectators stand first on the stage, in this order: row i is that of watchers_[i]. Entities count up from first_watcher_.
  std::vector<std::uint32_t> spectators_;  // their seats, in order of who comes
  std::vector<Watcher> watchers_;  // who has come
  EntityId first_watcher_;
  bool full_ = false;
  std::uint32_t turn_ = 0;  // which of the watchers are looked at in this tick
  std::uint64_t seed_;
  // Who stands near whom: avatars by cell of 2 m, in chains (a hash grid that is rebuilt every tick).
  std::vector<std::int32_t> cell_first_, cell_next_;
};

}  // namespace mw::world
