// One cell at one level as one latest track: a group opens (keyframe) when the cell's membership changed and at least every
// limits::kGroupMaxTicks; between, each frame is a delta that decodes from that keyframe alone (wire/poses.h). Encoded once for
// everybody. After warm-up (the pool has as many frames as are in flight) a frame does not allocate.
// Thread: the control loop.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/ids.h"
#include "tracks/frame.h"
#include "wire/frame.h"
#include "wire/poses.h"

namespace mw::crowd {

struct PublisherStats {
  std::uint64_t keyframes = 0, deltas = 0;
  std::uint64_t poses = 0;  // encoded, summed over frames
  std::uint64_t bytes = 0;  // of those frames, frame headers included
};

// What is written on the way to a frame; shared by the publishers of one loop.
struct Scratch {
  Bytes payload, frame;
};

class Publisher {
 public:
  // Pool and scratch outlive the publisher's frames. `members`: room made now; more allocate.
  Publisher(TrackId track, wire::PoseLevel level, tracks::FramePool& pool, Scratch& scratch, std::size_t members);

  // The frame of this tick, to be given to Outlet::publish; empty when there is nothing to say (nobody stands there, and
  // that has been said). `poses` ascend by entity; who they are changes only with `epoch`. `tick` grows by one or more.
  tracks::FrameRef tick(std::uint32_t tick, std::span<const wire::MovingPose> poses, std::uint32_t epoch,
                        PublisherStats& stats);
  // The next frame opens a group: nobody got what came last.
  void reopen() { key_epoch_ = 0; }

  TrackId track() const { return track_; }

 private:
  tracks::FrameRef wrap(wire::FrameKind kind, std::size_t poses, PublisherStats& stats);

  TrackId track_;
  tracks::FramePool& pool_;
  Scratch& scratch_;
  wire::PoseEncoder encoder_;
  std::uint32_t group_ = 0, sequence_ = 0, key_tick_ = 0;
  std::uint32_t key_epoch_ = 0;  // 0: of none
  bool empty_ = false;  // so the newest group said
};

}  // namespace mw::crowd
