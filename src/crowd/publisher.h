// The crowd of one world as one latest track: reads the stage once a tick, encodes once, and hands out one frame for
// everybody. A group opens (keyframe) when the stage's membership changed and at least every limits::kGroupMaxTicks;
// between, each frame is a delta that decodes from that keyframe alone (wire/poses.h).
// After warm-up (the pool has as many frames as are in flight) a tick does not allocate: the scratch buffers are made here
// for the full capacity, and frames come back through the pool.
// Thread: the control loop.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "stage/stage.h"
#include "tracks/frame.h"
#include "wire/frame.h"
#include "wire/poses.h"

namespace mw::crowd {

struct PublisherStats {
  std::uint64_t keyframes = 0, deltas = 0;
  std::uint64_t poses = 0;  // encoded, summed over frames
  std::uint64_t bytes = 0;  // of those frames, frame headers included
};

class Publisher {
 public:
  // The pool outlives the publisher's frames. `capacity` is the stage's.
  Publisher(TrackId track, tracks::FramePool& pool, std::size_t capacity);

  // The frame of this tick, to be given to Outlet::publish; empty when there is nothing to say (nobody stands there, and
  // that has been said). `tick` grows by one or more between two calls. Asserts that the stage fits the capacity.
  tracks::FrameRef tick(std::uint32_t tick, const stage::Stage& stage);

  const PublisherStats& stats() const { return stats_; }

 private:
  void read(const stage::Stage& stage);
  bool must_open(std::uint32_t tick, const stage::Stage& stage) const;
  tracks::FrameRef wrap(wire::FrameKind kind);

  TrackId track_;
  tracks::FramePool& pool_;
  std::size_t capacity_;
  wire::PoseEncoder encoder_;
  std::vector<wire::MovingPose> poses_;
  Bytes payload_, frame_;
  std::uint64_t membership_ = 0;
  std::uint32_t group_ = 0, sequence_ = 0, key_tick_ = 0;
  PublisherStats stats_;
};

}  // namespace mw::crowd
