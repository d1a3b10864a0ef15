// Ways to walk in a scene that names none: a grid of places around the spawn that can be reached from it on foot.
// Thread: any. Cost: some milliseconds; while a world is read.
#pragma once

#include "kit/kit.h"
#include "motion/motion.h"

namespace mw::world {

// At most about 600 points, 2.5 m apart, each connected with the first. No ways when the spawn stands alone.
kit::WalkGraph find_ways(const motion::CollisionWorld& collision, const motion::Rules& rules, motion::Vec3 from);

}  // namespace mw::world
