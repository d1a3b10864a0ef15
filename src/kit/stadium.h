// The parts of the stadium. The field is at height 0, below the ground around it: one comes in on the concourse, which runs
// behind the lower tier and below the upper one, and sees everything at once.
#pragma once

#include <span>

#include "kit/layout.h"
#include "kit/seats.h"

namespace mw::kit::stadium {

// Where things are, from the plan of the seats. Offsets are metres outside the ring, heights metres.
struct Shape {
  Ring ring;
  float lower_end = 0, concourse = 0;  // offset of its inner edge, height
  float upper_front = 0, walkway = 0;  // of the upper tier: its parapet, the way along its first row
  float upper_end = 0, top = 0;  // behind its last row
  float concourse_end = 0;  // the outer wall
  float roof = 0;  // height of the roof's inner edge
};
Shape shape_of(const SeatPlan& plan);

inline constexpr float kBoards = -4;  // offset of the boards round the field
inline constexpr float kRoofInner = 7;
// Segments of a corner, as drawn and as bumped into: at 80 m from its middle a chord is then 10 cm off the curve of the seats.
inline constexpr int kCornerSteps = 16;

// A point of a cross-section: how far out, how high, how open to the sky (0 to 1).
struct Edge {
  float offset = 0, height = 0, open = 1;
};
// A share of one side of the ring.
struct Part {
  int side = 0;
  float from = 0, to = 1;
};
// Sweeps a cross-section along the ring: what goes outwards faces up, what goes up faces the field.
void sweep(Sculpture& out, const Ring& ring, const Part& part, std::span<const Edge> section);
void sweep(Solids& out, const Ring& ring, const Part& part, std::span<const Edge> section);
// All round.
void sweep(Sculpture& out, const Ring& ring, std::span<const Edge> section);
void sweep(Solids& out, const Ring& ring, std::span<const Edge> section);

Vec3 spot(const Ring& ring, const Part& part, float offset, float height);  // at part.from
// A frame at a spot of the ring: +z looks at the field, +x along it.
Transform frame(const Ring& ring, int side, float share, float offset, float height);

void add_field(Layout& layout, const Shape& shape, Srgb accent);
void add_tiers(Layout& layout, const Shape& shape, const SeatPlan& plan);
void add_seats(Layout& layout, const SeatPlan& plan, Srgb accent, std::uint64_t seed);
void add_concourse(Layout& layout, const Shape& shape, Srgb accent);
void add_roof(Layout& layout, const Shape& shape, Srgb accent);

}  // namespace mw::kit::stadium
