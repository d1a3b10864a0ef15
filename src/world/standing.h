// Where a person can stand: on ground, and in nobody's wall.
// Thread: pure functions of what they are given.
#pragma once

#include <optional>

#include "motion/motion.h"

namespace mw::world {

// The ground at (x, z), from 0.6 m above `wanted` to `reach` below it.
std::optional<float> ground_at(const motion::CollisionWorld& collision, motion::Vec3 wanted, float reach);
// Whether a body that is put at `feet` stays there: one step of the rules of movement pushes it out of whatever it is in.
bool is_free(const motion::CollisionWorld& collision, const motion::Rules& rules, motion::Vec3 feet);

}  // namespace mw::world
