// Strategy: the input is messages of frames, cut where a frame does not parse; a picture takes them all. A first byte of 0x80
// or more makes headers small, so that the fuzzer finds the same tracks and groups again.
// Invariants: no read outside the bytes; bounded tracks and people; one row for each entity; places within the extent.
#include <algorithm>
#include <cstdlib>

#include "space/units.h"
#include "wire/picture.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wire::Picture picture;
  ByteView rest(data, size);
  while (rest.size() >= 3) {
    wire::FrameView frame;
    if (rest[0] >= 0x80) {
      constexpr wire::FrameKind kKinds[] = {wire::FrameKind::pose_keyframe, wire::FrameKind::pose_delta,
                                            wire::FrameKind::pose_end, wire::FrameKind::pose_aggregate,
                                            wire::FrameKind::pose_rekey};
      const std::size_t length = std::min<std::size_t>(rest[2], rest.size() - 3);
      frame.header = {.kind = kKinds[(rest[0] & 7u) % 5], .track = rest[1] & 7u, .group = 1u + (rest[1] >> 3 & 3u)};
      frame.payload = rest.subspan(3, length);
      rest = rest.subspan(3 + length);
    } else {
      const auto read = wire::read_frame(rest);
      if (!read) break;
      frame = *read;
    }
    (void)picture.take(frame);
    if (picture.size() > limits::kAvatarsPerWorld || picture.tracks() > wire::Picture::kTracksMax) std::abort();
  }
  const auto& c = picture.columns();
  auto entities = c.entity;
  std::sort(entities.begin(), entities.end());
  if (std::adjacent_find(entities.begin(), entities.end()) != entities.end()) std::abort();
  for (std::size_t row = 0; row < picture.size(); ++row) {
    if (c.entity[row] == 0 || c.level[row] >= wire::kPoseLevels) std::abort();
    for (const auto cm : {c.x[row], c.y[row], c.z[row]}) {
      if (cm < -space::kExtentCm || cm > space::kExtentCm) std::abort();
    }
  }
  return 0;
}
