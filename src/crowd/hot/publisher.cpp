// Runs every tick: no allocation after warm-up, no lock, no exception, no log, no system call.
#include "crowd/publisher.h"

#include <algorithm>

#include "base/limits.h"

namespace mw::crowd {

Publisher::Publisher(TrackId track, wire::PoseLevel level, tracks::FramePool& pool, Scratch& scratch,
                     std::size_t members)
    : track_(track), pool_(pool), scratch_(scratch), encoder_(members, level) {
  const std::size_t most = wire::PoseEncoder::bytes_max(members);
  scratch_.payload.reserve(std::max(scratch_.payload.capacity(), most));
  scratch_.frame.reserve(std::max(scratch_.frame.capacity(), most + wire::kFrameHeaderBytesMax));
}

tracks::FrameRef Publisher::wrap(wire::FrameKind kind, std::size_t poses, PublisherStats& stats) {
  scratch_.frame.clear();
  wire::append_frame(scratch_.frame, {.kind = kind, .track = track_.value, .group = group_, .sequence = sequence_},
                     scratch_.payload);
  stats.poses += poses;
  stats.bytes += scratch_.frame.size();
  const bool keyframe = kind == wire::FrameKind::pose_keyframe;
  ++(keyframe ? stats.keyframes : stats.deltas);
  return pool_.make({track_, group_, sequence_, keyframe}, scratch_.frame);
}

tracks::FrameRef Publisher::tick(std::uint32_t tick, std::span<const wire::MovingPose> poses, std::uint32_t epoch,
                                 PublisherStats& stats) {
  const bool open = key_epoch_ != epoch || tick - key_tick_ >= limits::kGroupMaxTicks;
  if (empty_ && poses.empty() && key_epoch_ != 0) return {};
  if (!open && encoder_.delta(tick, poses, scratch_.payload)) {
    ++sequence_;
    return wrap(wire::FrameKind::pose_delta, poses.size(), stats);
  }
  encoder_.keyframe(tick, poses, scratch_.payload);
  key_epoch_ = epoch;
  key_tick_ = tick;
  empty_ = poses.empty();
  ++group_;
  sequence_ = 0;
  return wrap(wire::FrameKind::pose_keyframe, poses.size(), stats);
}

}  // namespace mw::crowd
