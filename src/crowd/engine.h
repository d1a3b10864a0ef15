// The crowd of one world: cut into cells (cells.h), each cell encoded once at each level that anybody gets and that is due
// (publisher.h), and a choice of (cell, level) for each viewer within a budget of bytes (ranking.h). The last level, for cells that
// are far away only, is the aggregate (aggregator.h). A choice is made for all who stand in one cell, look into one octant and have
// one budget, so that the edges put their messages together once.
// While one cell has everybody, its level 0 goes out on the base track, which every viewer subscribes to, and nothing is chosen.
// Units: bytes a second. After warm-up a tick in which nobody comes, leaves or turns allocates nothing.
// Thread: the control loop.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "crowd/aggregator.h"
#include "crowd/cells.h"
#include "crowd/publisher.h"
#include "crowd/ranking.h"
#include "stage/stage.h"
#include "tracks/choice.h"
#include "tracks/outlet.h"

namespace mw::crowd {

struct EngineStats : PublisherStats {
  std::uint64_t rankings = 0, choices = 0;  // made, and told to viewers
  // By level; the last one counts aggregates, in which people are not counted as poses.
  std::array<std::uint64_t, kCellLevels> level_frames{}, level_poses{}, level_bytes{};
};

inline constexpr std::uint8_t kNoLevel = 0xFF;  // a cell that is not shown

class Engine {
 public:
  struct Services {
    tracks::Outlet& outlet;
    tracks::FramePool& pool;
    std::function<TrackId()> new_track;  // an id that was never used
  };

  // `base`: open at the outlet, and not closed here. `capacity` is the stage's; `viewer_bytes_per_s` what a viewer may get at most.
  Engine(TrackId base, std::size_t capacity, double viewer_bytes_per_s, Services services);
  ~Engine();  // closes the tracks that it opened
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // From the next tick on the session gets what is chosen for it: it subscribes to the base track (by the outlet) before that
  // tick's flush. `self` is who looks. Adding again begins anew.
  void add_viewer(SessionId session, EntityId self);
  void remove_viewer(SessionId session);
  // What may be sent to it: 75 % of what its link is measured to carry, at most what the engine was made with.
  void set_budget(SessionId session, double bytes_per_s);
  // All budgets times this, 0 to 1: detail falls first when the host is short of time.
  void set_detail(double factor) { detail_ = factor; }
  // No level is sent more often than every so many ticks, 1 or 2: the last thing that gives way.
  void set_rate_divisor(unsigned ticks) { rate_divisor_ = ticks; }

  // Publishes the frames of this tick and tells what was chosen; the outlet's flush follows. `tick` grows by one or more.
  void tick(std::uint32_t tick, const stage::Stage& stage);

  const EngineStats& stats() const { return stats_; }
  std::size_t cells() const { return cells_.leaves().size(); }
  std::size_t tracks() const { return open_tracks_; }  // beside the base
  std::size_t audiences() const { return audiences_.size(); }

 private:
  struct Lane {  // one level of one cell
    std::unique_ptr<Publisher> publisher;  // of poses
    std::unique_ptr<Aggregator> aggregator;  // or the aggregate; neither while it is closed
    std::uint32_t wanted = 0;  // by so many audiences
    std::uint32_t idle_since = 0;
    bool fresh = false;  // wanted anew: its next frame opens a group, whether due or not
  };
  struct Held {  // what the engine has of a cell
    std::array<Lane, kCellLevels> lanes;
    std::vector<wire::MovingPose> poses;
    std::uint32_t epoch = 0;  // of the poses
    std::uint32_t wanted = 0;  // all lanes together
  };
  // All who get the same.
  struct Audience {
    CellIndex cell = kNone;
    std::uint8_t octant = 0, budget = 0;
    std::vector<std::uint32_t> viewers;
    std::vector<std::uint8_t> levels;  // by CellIndex, kNoLevel where it is not shown
    tracks::ChoiceRef choice;
  };
  struct Viewer {
    SessionId session;
    EntityId self;
    double bytes_per_s = 0;
    std::uint8_t octant = 0;
    std::uint32_t turned = 0;
    Audience* audience = nullptr;
    std::uint32_t place = 0;  // in the audience
    tracks::ChoiceRef told;
  };

  static std::uint64_t key_of(CellIndex cell, unsigned octant, unsigned budget);
  Audience* find(CellIndex cell, unsigned octant, unsigned budget) const;
  Audience& create(CellIndex cell, unsigned octant, unsigned budget);
  void join(std::uint32_t viewer, Audience& audience);
  void part(std::uint32_t viewer);
  void drop(Audience& audience);
  void close_lane(Lane& lane);
  void give_up(CellIndex cell);

  // hot/
  void adopt();
  std::uint8_t class_of(double bytes_per_s) const;
  double planned(unsigned budget) const;
  void list_cells();
  void seat_viewers(const stage::Stage& stage);
  void seat(std::uint32_t index, const stage::Stage& stage);
  void rank_audiences();
  void rank(Audience& audience);
  void tell(Viewer& viewer, const tracks::ChoiceRef& choice);
  TrackId open_track();
  TrackId want(CellIndex cell, unsigned level);
  void unwant(CellIndex cell, unsigned level);
  void publish(CellIndex cell, const stage::Stage& stage);
  void publish(Publisher& publisher, unsigned level, CellIndex cell);
  void publish_aggregate(CellIndex cell, const stage::Stage& stage);
  bool read(CellIndex cell, const stage::Stage& stage);
  void sweep();
  void measure();

  TrackId base_;
  double viewer_bytes_per_s_, detail_ = 1;
  unsigned rate_divisor_ = 1;
  tracks::Outlet& outlet_;
  tracks::FramePool& pool_;
  std::function<TrackId()> new_track_;
  Scratch scratch_;
  Cells cells_;
  std::vector<Held> held_;  // by CellIndex
  Publisher base_publisher_;
  CellIndex base_cell_ = kNone;  // whose level 0 is the base track
  std::uint32_t base_epoch_ = 0;  // of the base track when no cell has it
  std::size_t untold_ = 0;  // viewers that have the base track, since nothing was chosen for them
  std::vector<RankedCell> ranked_;
  Ranking ranking_;
  LevelCosts costs_;
  std::vector<std::uint8_t> next_levels_;
  std::vector<TrackId> chosen_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Audience>> audiences_;
  std::vector<Audience*> audience_order_;
  std::size_t next_audience_ = 0;
  std::vector<Viewer> viewers_;
  std::unordered_map<SessionId, std::uint32_t> by_session_;
  std::vector<CellIndex> unwanted_;
  std::uint32_t tick_ = 0, rankings_ = 0;  // of this tick
  std::uint64_t layout_ = 0;
  std::size_t open_tracks_ = 0;
  EngineStats stats_, measured_;
};

}  // namespace mw::crowd
