// What a stand does: sits, claps, jumps up when something happens, and sends a wave round the ground. A pure function of time,
// place and person, so that nobody needs a state: for 300 people or 68,000, on the host or wherever else it is asked.
// Thread: any. Does not allocate.
#pragma once

#include <cstdint>

#include "wire/poses.h"

namespace mw::world {

// `yaw` is the way from the middle of the field to the seat, in radians; `person` tells people apart.
wire::Animation spectator_animation(double now_s, float yaw, std::uint32_t person);

}  // namespace mw::world
