// The shape of a person as walls see it, from the rules: what stepping and judging share.
// Thread: pure functions.
#pragma once

#include "motion/geometry.h"
#include "motion/motion.h"
#include "motion/vector.h"

namespace mw::motion {

inline constexpr float kHeadSlack = 0.02f;  // m: a ceiling this little below the head is over it, not beside it
inline constexpr float kWedgeProbe = 0.1f;  // m: how much lower there must be no place for a gap to carry

inline float slope_tan(const Rules& rules) {
  const float c = within(rules.slope_cos, 0.05f, 0.999f);
  return root(1 - c * c) / c;
}

inline Cylinder whole_body(const Rules& rules) {
  return {rules.radius, rules.step_height, rules.height - kHeadSlack, rules.slope_cos, slope_tan(rules)};
}

// How far from the axis the ground still carries.
inline float side_reach(const Rules& rules) { return rules.radius * 0.6f; }

}  // namespace mw::motion
