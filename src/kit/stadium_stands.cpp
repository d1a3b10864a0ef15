// The tiers: rows of concrete with the steps of the aisles in them, and the seats on them at two levels of detail.
#include <cmath>

#include "kit/stadium.h"

namespace mw::kit::stadium {
namespace {

constexpr Srgb kConcrete = 0xB7B1A8, kStep = 0xCFC9BF;
constexpr float kHalfStep = kRowDepth / 2;

// The steps of an aisle: each row is too high for one.
void aisle_step(Layout& layout, const Transform& at, float y, float deep) {
  constexpr float w = kAisleWidth / 2 - 0.02f;
  const auto p = [&](float x, float height, float back) { return at({x, height, -back}); };
  Sculpture& s = layout.built;
  s.use(Finish::matt, kStep);
  s.flat_quad(p(-w, y, 0), p(w, y, 0), p(w, y, deep), p(-w, y, deep));
  s.flat_quad(p(-w, 0, 0), p(w, 0, 0), p(w, y, 0), p(-w, y, 0));
  layout.solids.quad(p(-w, y, 0), p(w, y, 0), p(w, y, deep), p(-w, y, deep));
}

void rows(Layout& layout, const Ring& ring, const SeatPlan::Tier& tier) {
  for (std::size_t r = 0; r < tier.rows.size(); ++r) {
    const auto& row = tier.rows[r];
    const bool last = r + 1 == tier.rows.size();
    const float behind = row.offset + kRowDepth, rise = last ? 0 : tier.rows[r + 1].floor - row.floor;
    layout.built.use(Finish::matt, kConcrete);
    // Below the seats it is dark: the floor fades towards the riser.
    const std::array<Edge, 3> section{
        {{row.offset, row.floor, 0.92f}, {behind, row.floor, 0.62f}, {behind, row.floor + rise, 0.84f}}};
    sweep(layout.built, ring, std::span(section).first(last ? 2 : 3));
    sweep(layout.solids, ring, std::span(section).first(last ? 2 : 3));
    if (last) continue;
    for (int sector = 0; sector < tier.sector_count(); ++sector) {
      const auto span = tier.span(sector);
      aisle_step(layout, frame(ring, span.side, span.from, row.offset + kHalfStep, row.floor), rise / 2, kHalfStep);
    }
  }
}

// The front of the lower tier: a wall with four gates, from which steps lead down to the field.
void front(Layout& layout, const Ring& ring, float floor) {
  constexpr float kGap = 0.75f, kRun = 1.8f;
  const std::array<Edge, 4> wall{
      {{-0.12f, 0, 0.7f}, {-0.12f, floor + 0.95f}, {0.02f, floor + 0.95f}, {0.02f, floor, 0.7f}}};
  const std::array<Edge, 2> solid{{{-0.02f, 0}, {-0.02f, floor + 0.95f}}};
  layout.built.use(Finish::matt, tone::kChalk);
  for (int side = 0; side < kRingSides; ++side) {
    const float gap = side % 2 == 0 ? kGap / ring.length(side, 0) : 0;
    for (const Part& part : {Part{side, 0, 0.5f - gap}, Part{side, 0.5f + gap, 1}}) {
      sweep(layout.built, ring, part, wall);
      sweep(layout.solids, ring, part, solid);
    }
    if (side % 2 != 0) continue;
    Sculpture& s = layout.built;
    s.place = frame(ring, side, 0.5f, 0, 0);
    s.use(Finish::matt, kStep);
    for (int i = 0; i < 6; ++i) {
      const float y = floor * static_cast<float>(6 - i) / 6, z = 0.3f * static_cast<float>(i);
      s.box({0, y / 2, z + 0.15f}, {2 * kGap, y, 0.3f}, 0);
    }
    s.use(Finish::metal, tone::kSlate);
    for (const float x : {-kGap - 0.04f, kGap + 0.04f}) {
      const std::array<Vec3, 2> rail{{{x, floor + 0.95f, 0}, {x, 0.95f, kRun}}};
      const std::array<Vec3, 2> post{{{x, 0, kRun}, {x, 0.95f, kRun}}};
      const std::array<float, 2> thick{0.025f, 0.025f};
      s.tube(rail, thick, 5), s.tube(post, thick, 5);
    }
    const Transform at = s.place;
    layout.solids.quad(at({-kGap, floor, 0}), at({kGap, floor, 0}), at({kGap, 0, kRun}), at({-kGap, 0, kRun}));
    for (const float x : {-kGap, kGap})
      layout.solids.quad(at({x, 0, 0}), at({x, floor + 0.9f, 0}), at({x, 0.9f, kRun}), at({x, 0, kRun}));
    s.place = {};
  }
}

}  // namespace

void add_tiers(Layout& layout, const Shape& shape, const SeatPlan& plan) {
  for (const auto& tier : plan.tiers) rows(layout, shape.ring, tier);
  front(layout, shape.ring, plan.tiers[0].rows[0].floor);
  if (plan.tiers.size() < 2) return;
  const auto& upper = plan.tiers[1];
  const auto& first = upper.rows.front();
  // The way along the first row, and the steps from it.
  layout.built.use(Finish::matt, kConcrete);
  const std::array<Edge, 3> way{{{shape.upper_front, shape.walkway, 0.9f},
                                 {first.offset, shape.walkway, 0.7f},
                                 {first.offset, first.floor, 0.85f}}};
  sweep(layout.built, shape.ring, way);
  sweep(layout.solids, shape.ring, way);
  const float third = (first.floor - shape.walkway) / 3;
  for (int sector = 0; sector < upper.sector_count(); ++sector) {
    const auto span = upper.span(sector);
    for (const float k : {1.f, 2.f}) {
      const float back = 0.3f * (3 - k);
      aisle_step(layout, frame(shape.ring, span.side, span.from, first.offset - back, shape.walkway), third * k, back);
    }
  }
  // Behind the last row: a wall with a lit rim.
  layout.built.use(Finish::matt, 0xA59E94);
  const std::array<Edge, 4> back{{{shape.upper_end, shape.top, 0.7f},
                                  {shape.upper_end, shape.top + 2.4f},
                                  {shape.upper_end + 0.3f, shape.top + 2.4f},
                                  {shape.upper_end + 0.3f, shape.concourse, 0.6f}}};
  sweep(layout.built, shape.ring, back);
  sweep(layout.solids, shape.ring, std::span(back).first(2));
}

namespace {

// Four seats, one metre wide in all: the pitch is the scale.
Sculpture bench_of_seats() {
  Sculpture s;
  s.use(Finish::matt, 0xFFFFFF);
  const float back = kRowDepth - kSeatFront;
  for (int i = 0; i < kSeatsTogether; ++i) {
    const float x = (static_cast<float>(i) + 0.5f) / kSeatsTogether - 0.5f, w = 0.21f;
    // The seat, its back, both a little thick: what faces the floor and the riser is not seen.
    const auto slab = [&](Vec3 a, Vec3 b, Vec3 c, Vec3 d) { s.flat_quad(a, b, c, d); };
    const float l = x - w / 2, r = x + w / 2;
    slab({l, kSeatHeight, 0}, {r, kSeatHeight, 0}, {r, kSeatHeight - 0.03f, -back + 0.06f},
         {l, kSeatHeight - 0.03f, -back + 0.06f});
    slab({l, kSeatHeight - 0.09f, 0.01f}, {r, kSeatHeight - 0.09f, 0.01f}, {r, kSeatHeight, 0}, {l, kSeatHeight, 0});
    slab({l, kSeatHeight - 0.05f, -back + 0.07f}, {r, kSeatHeight - 0.05f, -back + 0.07f}, {r, 0.84f, -back},
         {l, 0.84f, -back});
    slab({l, 0.84f, -back}, {r, 0.84f, -back}, {r, 0.82f, -back - 0.05f}, {l, 0.82f, -back - 0.05f});
    slab({r, 0.82f, -back - 0.05f}, {r, 0.30f, -back}, {l, 0.30f, -back}, {l, 0.82f, -back - 0.05f});
    for (const float side : {l, r}) {
      const Vec3 a{side, kSeatHeight, 0}, b{side, kSeatHeight - 0.09f, 0.01f},
          c{side, kSeatHeight - 0.12f, -back + 0.1f}, d{side, kSeatHeight - 0.03f, -back + 0.06f};
      if (side == l) {
        slab(b, a, d, c);
      } else {
        slab(a, b, c, d);
      }
    }
  }
  auto& layer = s.layer(Finish::matt);
  for (std::size_t i = 0; i < layer.positions.size(); ++i)
    layer.open[i] = 0.62f + 0.38f * gltf::clamp01((layer.positions[i].y - 0.3f) / 0.45f);
  return s;
}

// One row of a sector from afar: the seats in one.
void far_seats(Sculpture& s, const Ring& ring, const Part& part, float offset, float floor) {
  const float front = offset + kSeatFront;
  const std::array<Edge, 3> section{{{front, floor + kSeatHeight, 0.9f},
                                     {offset + kRowDepth - 0.06f, floor + kSeatHeight - 0.03f, 0.6f},
                                     {offset + kRowDepth, floor + 0.84f, 1}}};
  sweep(s, ring, part, section);
}

// Colours run round the stand in streaks: the accent at the field, sand in the middle, slate below the roof.
Vec3 seat_tone(Dice& dice, float height, Srgb accent) {
  const float t = height + dice.range(-0.16f, 0.16f);
  const Srgb deep = mix(accent, 0x5A1F14, 0.30f);
  if (t < 0.20f) return linear(deep);
  if (t < 0.34f) return linear(accent);
  if (t < 0.44f) return linear(mix(accent, tone::kSand, 0.45f));
  if (t < 0.74f) return linear(0xCFC5B6);
  return linear(0x938B82);
}

}  // namespace

void add_seats(Layout& layout, const SeatPlan& plan, Srgb accent, std::uint64_t seed) {
  constexpr float kNear = 40;
  const Seats seats(plan);
  const int bench = layout.shared("seats", bench_of_seats());
  Dice dice(seed ^ 0x5EA75ull);
  const float low = plan.tiers.front().rows.front().floor, high = plan.tiers.back().rows.back().floor;
  for (std::size_t t = 0; t < plan.tiers.size(); ++t) {
    const auto& tier = plan.tiers[t];
    for (int sector = 0; sector < tier.sector_count(); ++sector) {
      const auto span = tier.span(sector);
      const auto& middle = tier.rows[tier.rows.size() / 2];
      const Vec3 centre =
          spot(plan.ring, {span.side, (span.from + span.to) / 2, 0}, middle.offset + kRowDepth, middle.floor + 1);
      Sculpture far;
      std::vector<gltf::Instance> near;
      std::uint32_t at = seats.sector(t, sector).first;
      for (std::size_t r = 0; r < tier.rows.size(); ++r) {
        const auto& row = tier.rows[r];
        const int count = row.seats[static_cast<std::size_t>(sector)];
        if (count == 0) continue;
        const Vec3 colour = seat_tone(dice, (row.floor - low) / (high - low), accent);
        const float pitch = seats.pitch(t, sector, r);
        for (int k = 0; k < count; k += kSeatsTogether) {
          const auto first = seats.seat(at + static_cast<std::uint32_t>(k)),
                     last = seats.seat(at + static_cast<std::uint32_t>(k + kSeatsTogether - 1));
          const Vec3 p{(first.position.x + last.position.x) / 2, row.floor, (first.position.z + last.position.z) / 2};
          near.push_back({{p, gltf::turn_y((first.yaw + last.yaw) / 2), {pitch * kSeatsTogether, 1, 1}}, colour});
        }
        const float half = pitch * static_cast<float>(count) / 2 / plan.ring.length(span.side, row.offset + kSeatFront);
        const float mid = (span.from + span.to) / 2;
        far.use(Finish::matt, 0xFFFFFF);
        const std::size_t before = far.layer(Finish::matt).colours.size();
        far_seats(far, plan.ring, {span.side, mid - half, mid + half}, row.offset, row.floor);
        auto& colours = far.layer(Finish::matt).colours;
        for (std::size_t i = before; i < colours.size(); ++i) colours[i] = colour;
        at += static_cast<std::uint32_t>(count);
      }
      layout.level(bench, {centre, 0, kNear}, std::move(near));
      layout.level(layout.shared("seats_far", std::move(far)), {centre, kNear, 0});
    }
  }
}

}  // namespace mw::kit::stadium
