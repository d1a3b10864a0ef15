// Runs every tick: no allocation after warm-up, no lock, no exception, no log, no system call.
#include "crowd/publisher.h"

#include <algorithm>

#include "base/limits.h"

namespace mw::crowd {

Publisher::Publisher(TrackId track, wire::PoseLevel level, tracks::FramePool& pool, Scratch& scratch,
                     std::size_t members)
    : track_(track),
      pool_(pool),
      scratch_(scratch),
      encoder_(members, level),
      group_ticks_(wire::level_rule(level).group_ticks) {
  const std::size_t most = wire::PoseEncoder::bytes_max(members);
  scratch_.payload.reserve(std::max(scratch_.payload.capacity(), most));
  scratch_.rekey.reserve(std::max(scratch_.rekey.capacity(), most));
  scratch_.frame.reserve(std::max(scratch_.frame.capacity(), most + wire::kFrameHeaderBytesMax));
}

tracks::FrameRef Publisher::wrap(wire::FrameKind kind, const Bytes& payload) {
  scratch_.frame.clear();
  wire::append_frame(scratch_.frame, {.kind = kind, .track = track_.value, .group = group_, .sequence = sequence_},
                     payload);
  return pool_.make({track_, group_, sequence_, kind != wire::FrameKind::pose_delta}, scratch_.frame);
}

Publisher::Frames Publisher::open(std::uint32_t tick, std::span<const wire::MovingPose> poses, std::uint32_t epoch,
                                  PublisherStats& stats) {
  encoder_.keyframe(tick, poses, scratch_.payload);
  const bool held = key_epoch_ != 0;  // somebody may have got the keyframe before
  key_epoch_ = epoch;
  key_tick_ = tick;
  empty_ = poses.empty();
  ++group_;
  sequence_ = 0;
  Frames frames{wrap(wire::FrameKind::pose_keyframe, scratch_.payload), {}};
  if (held && encoder_.rekey(scratch_.payload.size(), scratch_.rekey)) {
    frames.rekey = wrap(wire::FrameKind::pose_rekey, scratch_.rekey);
  }
  ++stats.keyframes;
  stats.bytes += scratch_.frame.size();
  return frames;
}

Publisher::Frames Publisher::tick(std::uint32_t tick, std::span<const wire::MovingPose> poses, std::uint32_t epoch,
                                  PublisherStats& stats) {
  if (empty_ && poses.empty() && key_epoch_ != 0) return {};
  stats.poses += poses.size();
  const bool due = key_epoch_ != epoch || tick - key_tick_ >= group_ticks_;
  if (due || !encoder_.delta(tick, poses, scratch_.payload)) return open(tick, poses, epoch, stats);
  ++sequence_;
  Frames frames{wrap(wire::FrameKind::pose_delta, scratch_.payload), {}};
  ++stats.deltas;
  stats.bytes += scratch_.frame.size();
  return frames;
}

}  // namespace mw::crowd
