// Strategy: the input is a series of payloads, each behind a byte that says keyframe, delta or rekey, which group, and a byte of
// length; one decoder takes them all. Payloads that decode are encoded and decoded again.
// Invariants: no read outside the bytes, bounded members, ascending entities, positions within the extent; an error leaves
// the last good state; what was decoded survives a round trip.
#include <cstdlib>

#include "base/limits.h"
#include "space/units.h"
#include "wire/poses.h"

using namespace mw;

namespace {

void check(const wire::PoseDecoder& decoder) {
  if (decoder.poses().size() > limits::kPosesPerFrame) std::abort();
  std::uint32_t before = 0;
  for (const auto& pose : decoder.poses()) {
    if (pose.entity.value <= before) std::abort();
    before = pose.entity.value;
    for (const auto cm : {pose.x_cm, pose.y_cm, pose.z_cm}) {
      if (cm < -space::kExtentCm || cm > space::kExtentCm) std::abort();
    }
  }
}

void round_trip(const wire::PoseDecoder& decoder) {
  std::vector<wire::MovingPose> moving;
  for (const auto& pose : decoder.poses()) moving.push_back({pose, {}});
  wire::PoseEncoder encoder;
  wire::PoseDecoder again;
  Bytes bytes;
  encoder.keyframe(decoder.tick(), moving, bytes);
  if (!again.keyframe(1, bytes).ok() || again.poses() != decoder.poses() || again.tick() != decoder.tick())
    std::abort();
  if (!encoder.delta(decoder.tick() + 1, moving, bytes)) std::abort();
  if (!again.delta(1, bytes).ok() || again.poses() != decoder.poses()) std::abort();
  encoder.keyframe(decoder.tick() + 2, moving, bytes);
  if (!encoder.rekey(~std::size_t{0}, bytes)) std::abort();
  if (!again.rekey(2, bytes).ok() || again.poses() != decoder.poses()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wire::PoseDecoder decoder;
  ByteView rest(data, size);
  while (rest.size() >= 2) {
    const unsigned kind = rest[0] % 4;  // 0, 2 keyframe, 1 delta, 3 rekey
    const std::uint32_t group = rest[0] / 4 % 4 + 1u;
    const std::size_t length = std::min<std::size_t>(rest[1], rest.size() - 2);
    const ByteView payload = rest.subspan(2, length);
    rest = rest.subspan(2 + length);
    const auto poses = decoder.poses();
    const auto tick = decoder.tick();
    const bool good = (kind == 3   ? decoder.rekey(group, payload)
                       : kind == 1 ? decoder.delta(group, payload)
                                   : decoder.keyframe(group, payload))
                          .ok();
    if (!good && (decoder.poses() != poses || decoder.tick() != tick)) std::abort();
    check(decoder);
    if (good) round_trip(decoder);
  }
  return 0;
}
