// One cell as an aggregate: how many stand where, and how they move (wire/aggregate.h), as one latest track of which each frame is a
// keyframe. Counted anew when the cell's membership changed, which is at least once a second, and looked at twice a second
// between; a frame goes out when there is something new to say. Encoded once for everybody.
// Source of the plane: least squares of height over x and z.
// Thread: the control loop. After warm-up a frame does not allocate.
#pragma once

#include <cstdint>

#include "crowd/cells.h"
#include "crowd/publisher.h"
#include "wire/aggregate.h"

namespace mw::crowd {

// Of the cell's members who are on the stage now.
wire::Aggregate aggregate_of(const Cell& cell, const stage::Stage& stage, std::uint32_t tick);

class Aggregator {
 public:
  static constexpr std::uint32_t kLookTicks = 10;

  // Pool and scratch outlive its frames.
  Aggregator(TrackId track, tracks::FramePool& pool, Scratch& scratch)
      : track_(track), pool_(pool), scratch_(scratch) {}

  bool due(std::uint32_t tick, CellIndex index, const Cell& cell) const {
    return cell.epoch != epoch_ || (tick + index) % kLookTicks == 0;
  }
  // The frame of this tick; empty when the last one says nearly the same. `anew`: nobody has the last one.
  tracks::FrameRef tick(std::uint32_t tick, const Cell& cell, const stage::Stage& stage, bool anew,
                        PublisherStats& stats);

  TrackId track() const { return track_; }

 private:
  bool news(const wire::Aggregate& now, bool regrouped) const;

  TrackId track_;
  tracks::FramePool& pool_;
  Scratch& scratch_;
  wire::Aggregate last_;
  std::uint32_t group_ = 0, epoch_ = 0;
};

}  // namespace mw::crowd
