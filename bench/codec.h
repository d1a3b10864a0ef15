// `manyworlds-bench poses` and `manyworlds-bench motion`: what the work of a tick costs by itself, without sockets, on one
// thread of this machine.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "bench/trace.h"
#include "data/json.h"

namespace mw::bench {

struct PosesOptions {
  std::size_t people = 1000;
  double seconds = 60;  // of their time: 20 frames a second
  Trace trace = Trace::walk;
  std::uint64_t seed = 1;
};

// people, trace, seconds, bytes_per_pose (payloads, keyframes as rekeys), keyframe_bytes_per_pose (their part of it),
// plain_keyframe_bytes (of a person in one that is no rekey), encode_ns, decode_ns (per pose, both encodings of keyframes
// included), publish_us (encoding and making the frames, per tick), floor_ns (copying a pose of 12 bytes); `levels`: bytes of the
// coarser levels, per pose sent; `cells`: of level 0 in cells of other sizes. Fails when a frame does not decode to what was
// encoded.
Result<Json> run_poses(const PosesOptions& options);

struct MotionOptions {
  double side_m = 120;  // of the obstacle course: about 17 triangles for each 12 square metres
  double seconds = 120;  // of each player's time
  std::size_t players = 20;
  std::uint64_t seed = 1;
};

// triangles, steps, step_us, judged, judge_us, refused (of honest claims, 20 a second), bake_bytes, load_ms.
Result<Json> run_motion(const MotionOptions& options);

}  // namespace mw::bench
