// Runs every tick: no allocation after warm-up, no lock, no exception, no log, no system call.
#include "crowd/publisher.h"

#include "base/assert.h"
#include "base/limits.h"
#include "space/units.h"

namespace mw::crowd {
namespace {

// m/s as the codec's velocity, which is per tick.
constexpr float kVelocityScale = space::kCentimetresPerMetre * wire::kVelocityParts / limits::kTickHz;

std::int16_t per_tick(float metres_per_second) {
  return static_cast<std::int16_t>(space::nearest(metres_per_second * kVelocityScale, 32'767));
}

}  // namespace

Publisher::Publisher(TrackId track, tracks::FramePool& pool, std::size_t capacity)
    : track_(track), pool_(pool), capacity_(capacity), encoder_(capacity) {
  poses_.reserve(capacity);
  payload_.reserve(wire::PoseEncoder::bytes_max(capacity));
  frame_.reserve(wire::PoseEncoder::bytes_max(capacity) + wire::kFrameHeaderBytesMax);
}

void Publisher::read(const stage::Stage& stage) {
  MW_ASSERT(stage.size() <= capacity_);
  poses_.resize(stage.size());
  const auto entities = stage.entities();
  const auto positions = stage.positions();
  const auto velocities = stage.velocities();
  const auto yaws = stage.yaws();
  const auto animations = stage.animations();
  const auto speaking = stage.speaking();
  for (std::size_t i = 0; i < poses_.size(); ++i) {
    auto& [pose, velocity] = poses_[i];
    pose.entity = entities[i];
    pose.x_cm = space::to_cm(positions[i].x);
    pose.y_cm = space::to_cm(positions[i].y);
    pose.z_cm = space::to_cm(positions[i].z);
    pose.yaw = space::yaw_to_8(yaws[i]);
    pose.animation = animations[i];
    pose.speaking = speaking[i] != 0;
    velocity = {per_tick(velocities[i].x), per_tick(velocities[i].y), per_tick(velocities[i].z)};
  }
}

bool Publisher::must_open(std::uint32_t tick, const stage::Stage& stage) const {
  return group_ == 0 || membership_ != stage.membership() || tick - key_tick_ >= limits::kGroupMaxTicks;
}

tracks::FrameRef Publisher::wrap(wire::FrameKind kind) {
  frame_.clear();
  wire::append_frame(frame_, {.kind = kind, .track = track_.value, .group = group_, .sequence = sequence_}, payload_);
  stats_.poses += poses_.size();
  stats_.bytes += frame_.size();
  const bool keyframe = kind == wire::FrameKind::pose_keyframe;
  ++(keyframe ? stats_.keyframes : stats_.deltas);
  return pool_.make({track_, group_, sequence_, keyframe}, frame_);
}

tracks::FrameRef Publisher::tick(std::uint32_t tick, const stage::Stage& stage) {
  const bool silent = group_ != 0 && stage.size() == 0 && poses_.empty() && membership_ == stage.membership();
  if (silent) return {};
  read(stage);
  const bool open = must_open(tick, stage);
  if (!open && encoder_.delta(tick, poses_, payload_)) {
    ++sequence_;
    return wrap(wire::FrameKind::pose_delta);
  }
  encoder_.keyframe(tick, poses_, payload_);
  membership_ = stage.membership();
  key_tick_ = tick;
  ++group_;
  sequence_ = 0;
  return wrap(wire::FrameKind::pose_keyframe);
}

}  // namespace mw::crowd
