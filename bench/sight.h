// What the eye misses: what a browser draws (eye.h) held against where everybody really was (truth.h), over the avatars in
// a 90-degree view from 0.5 m on. Four comparisons, each of one angle seen from the viewer:
//   drawn     what is drawn, against the truth at the tick that is drawn: the error of codec, levels and input
//   host      the same, against what the host can know: the truth earlier by the time that input is held back on its way
//   display   the same, against the truth at the moment it is shown: what delay adds
//   ahead     the last poses prolonged to the moment they are shown, against the truth then
// and the age of that knowledge: now minus the tick of a person's newest pose; a frame without change is news.
// Thread: one.
#pragma once

#include <cstdint>

#include "bench/distribution.h"
#include "bench/eye.h"
#include "bench/truth.h"

namespace mw::bench {

struct Ring {
  Distribution drawn_deg, host_deg, display_deg, ahead_deg, age_ms;
};

struct Sight {
  Ring all, near, mid, far;  // 0.5 to 3 m, 3 to 10 m, beyond
  Distribution age_20m_ms;  // within 20 m, whatever the direction
  Distribution age_all_ms;  // of everybody, whatever distance and direction
  Distribution lag_ms;  // how far behind the truth of its own tick a walker's pose is: the way of the input
  std::uint64_t in_view = 0, unseen = 0;  // of these, whom no pose told of: an aggregate at most
};

struct Looking {
  const Truth& truth;
  const TickClock& host;  // maps the host's ticks to this machine's clock, without a network between
  double input_delay_s = 0;  // that claims are held back
};

// One look of `viewer` at the moment `now`.
void look(Eye& eye, const Looking& looking, std::uint32_t viewer, double now, Sight& out);

}  // namespace mw::bench
