// One cell at one level as one latest track: a group opens (keyframe) when the cell's membership changed and at least as often as the level's
// rule says (wire::LevelRule), encoded twice: for anybody, and as a rekey for those who hold the keyframe before; between, each frame is a delta that decodes from that keyframe alone (wire/poses.h). Encoded once for
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
  std::uint64_t bytes = 0;  // of those frames, frame headers included; of a keyframe, the shorter encoding
};

// What is written on the way to a frame; shared by the publishers of one loop.
struct Scratch {
  Bytes payload, rekey, frame;
};

class Publisher {
 public:
  // Pool and scratch outlive the publisher's frames. `members`: room made now; more allocate.
  Publisher(TrackId track, wire::PoseLevel level, tracks::FramePool& pool, Scratch& scratch, std::size_t members);

  struct Frames {
    tracks::FrameRef frame, rekey;  // of a keyframe; where it is shorter
    explicit operator bool() const { return static_cast<bool>(frame); }
  };
  // The frames of this tick, to be given to Outlet::publish; empty when there is nothing to say (nobody stands there, and
  // that has been said). `poses` ascend by entity; who they are changes only with `epoch`. `tick` grows by one or more.
  Frames tick(std::uint32_t tick, std::span<const wire::MovingPose> poses, std::uint32_t epoch, PublisherStats& stats);
  // The next frame opens a group: nobody got what came last.
  void reopen() { key_epoch_ = 0; }

  TrackId track() const { return track_; }

 private:
  tracks::FrameRef wrap(wire::FrameKind kind, const Bytes& payload);
  Frames open(std::uint32_t tick, std::span<const wire::MovingPose> poses, std::uint32_t epoch, PublisherStats& stats);

  TrackId track_;
  tracks::FramePool& pool_;
  Scratch& scratch_;
  wire::PoseEncoder encoder_;
  std::uint32_t group_ticks_;
  std::uint32_t group_ = 0, sequence_ = 0, key_tick_ = 0;
  std::uint32_t key_epoch_ = 0;  // 0: of none
  bool empty_ = false;  // so the newest group said
};

}  // namespace mw::crowd
