// Where a person can stand: on ground, and in nobody's wall.
// Thread: pure functions of what they are given.
#pragma once

#include <optional>
#include <span>

#include "motion/motion.h"

namespace mw::world {

// The ground at (x, z), from 0.6 m above `wanted` to `reach` below it.
std::optional<float> ground_at(const motion::CollisionWorld& collision, motion::Vec3 wanted, float reach);
// Whether a body that is put at `feet` stays there: one step of the rules of movement pushes it out of whatever it is in.
bool is_free(const motion::CollisionWorld& collision, const motion::Rules& rules, motion::Vec3 feet);

// Where somebody who was invited stands: within kBeside metres of who is at `host` and looks along `yaw` (radians), at their
// side rather than before or behind them, on ground that is about as high, with nothing between the two, and in nobody's way
// (`people`: where everybody stands, `host` too). Nothing where there is no such place. The same question has the same answer.
inline constexpr float kBeside = 2;
std::optional<motion::Vec3> spot_beside(const motion::CollisionWorld& collision, const motion::Rules& rules,
                                        motion::Vec3 host, float yaw, std::span<const motion::Vec3> people);

}  // namespace mw::world
