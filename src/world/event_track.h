// An ordered track of JSON events: what happens in a tick goes out as one frame (or a few, where much happens at once), and
// a subscriber starts with a snapshot that stands exactly between two frames.
// Bound: events of one tick; each caller's rate is limited by its quota before it comes here.
// Thread: the control loop.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "data/json.h"
#include "tracks/outlet.h"

namespace mw::world {

class EventTrack {
 public:
  EventTrack(TrackId track, tracks::FramePool& pool) : track_(track), pool_(pool) {}

  TrackId id() const { return track_; }
  void add(const Json& event);
  bool pending() const { return !frames_.empty(); }
  // Publishes what was added since the last flush. Costs nothing when that is nothing.
  void flush(tracks::Outlet& outlet);
  // What a new subscriber starts with, in sequence after all that was flushed: `event`, whose `list` holds what fits into one
  // frame, then as many frames as the rest takes, one event of `follow` for each item. Asserts that nothing is pending.
  struct List {
    const char* name;  // "people"
    const Json& items;
    std::function<Json(const Json& item)> follow;  // {"type":"joined","person":item}
  };
  std::vector<tracks::FrameRef> snapshot(Json event, const List& list);

 private:
  tracks::FrameRef make(std::string_view events, bool keyframe);

  TrackId track_;
  tracks::FramePool& pool_;
  std::vector<std::string> frames_;  // "[{..},{..}" without the closing bracket
  std::vector<std::uint8_t> bytes_;
  std::uint32_t sequence_ = 0;
};

}  // namespace mw::world
