// A stadium for 68,000: a field in a bowl of two tiers, a concourse to walk round it, a roof that leaves the field open.
#include "kit/stadium.h"

#include <cmath>

namespace mw::kit {

using gltf::kPi;
using namespace stadium;

namespace stadium {

Shape shape_of(const SeatPlan& plan) {
  constexpr float kWalkway = 4.0f, kWalkwayDeep = 1.4f, kRise = 0.4f;
  Shape out;
  out.ring = plan.ring;
  const auto& lower = plan.tiers.front().rows.back();
  out.lower_end = lower.offset + kRowDepth;
  out.concourse = std::round((lower.floor + kRise) * 100) / 100;
  out.upper_front = out.lower_end + 3.0f, out.walkway = out.concourse + kWalkway;
  out.upper_end = out.upper_front + kWalkwayDeep, out.top = out.walkway + 1;
  if (plan.tiers.size() > 1) {
    const auto& upper = plan.tiers.back().rows;
    out.walkway = upper.front().floor - 0.9f;
    out.upper_front = upper.front().offset - kWalkwayDeep;
    out.upper_end = upper.back().offset + kRowDepth, out.top = upper.back().floor;
  }
  out.concourse_end = out.lower_end + 12;
  out.roof = out.top + 10;
  return out;
}

Vec3 spot(const Ring& ring, const Part& part, float offset, float height) {
  const Ring::Spot at = ring.at(part.side, part.from, offset);
  return {at.x, height, at.z};
}

Transform frame(const Ring& ring, int side, float share, float offset, float height) {
  const Ring::Spot at = ring.at(side, share, offset);
  return {{at.x, height, at.z}, gltf::turn_y(at.yaw + kPi), {1, 1, 1}};
}

namespace {

int steps_of(const Part& part) {
  if (part.side % 2 == 0) return 1;
  return std::max(1, static_cast<int>(std::ceil((part.to - part.from) * static_cast<float>(kCornerSteps) - 1e-4f)));
}

float share_of(const Part& part, int step, int steps) {
  return part.from + (part.to - part.from) * static_cast<float>(step) / static_cast<float>(steps);
}

}  // namespace

void sweep(Sculpture& out, const Ring& ring, const Part& part, std::span<const Edge> section) {
  const int steps = steps_of(part);
  for (std::size_t k = 0; k + 1 < section.size(); ++k) {
    const Edge& a = section[k];
    const Edge& b = section[k + 1];
    const float along = b.offset - a.offset, up = b.height - a.height;
    const float size = std::max(std::hypot(along, up), 1e-6f);
    std::uint32_t last = 0;
    for (int i = 0; i <= steps; ++i) {
      const float share = share_of(part, i, steps);
      const float yaw = ring.at(part.side, share, 0).yaw;
      const Vec3 normal{-up / size * std::sin(yaw), along / size, -up / size * std::cos(yaw)};
      const auto put = [&](const Edge& edge) {
        const Ring::Spot at = ring.at(part.side, share, edge.offset);
        return out.vertex({at.x, edge.height, at.z}, normal, 1, edge.open);
      };
      const auto inner = put(a);
      put(b);
      if (i > 0) out.quad(last, last + 1, inner + 1, inner);
      last = inner;
    }
  }
}

void sweep(Solids& out, const Ring& ring, const Part& part, std::span<const Edge> section) {
  const int steps = steps_of(part);
  for (std::size_t k = 0; k + 1 < section.size(); ++k) {
    for (int i = 0; i < steps; ++i) {
      const auto at = [&](int step, const Edge& edge) {
        return spot(ring, {part.side, share_of(part, step, steps), 0}, edge.offset, edge.height);
      };
      out.quad(at(i, section[k]), at(i, section[k + 1]), at(i + 1, section[k + 1]), at(i + 1, section[k]));
    }
  }
}

void sweep(Sculpture& out, const Ring& ring, std::span<const Edge> section) {
  for (int side = 0; side < kRingSides; ++side) sweep(out, ring, {side, 0, 1}, section);
}

void sweep(Solids& out, const Ring& ring, std::span<const Edge> section) {
  for (int side = 0; side < kRingSides; ++side) sweep(out, ring, {side, 0, 1}, section);
}

}  // namespace stadium

namespace {

void places(Layout& layout, const Shape& shape) {
  Scene& scene = layout.scene;
  const Ring& ring = shape.ring;
  const auto at = [&](int side, float share, float offset, float height) {
    const Vec3 p = spot(ring, {side, share, 0}, offset, height);
    return motion::Vec3{p.x, p.y, p.z};
  };
  const auto inwards = [&](int side, float share) { return ring.at(side, share, 0).yaw + kPi; };
  scene.spawn = {at(0, 0.5f, shape.lower_end + 2.2f, shape.concourse), kPi};
  scene.spawn_radius = 1.6f;
  for (const int side : {0, 4, 2, 6})
    scene.gates.push_back(
        {{at(side, 0.5f, shape.concourse_end - 3.0f, shape.concourse), inwards(side, 0.5f)}, 2.6f, 3.0f});
  for (int side = 0; side < kRingSides; ++side) {
    for (const float share : {0.25f, 0.4f, 0.6f, 0.75f})
      scene.stands.push_back({at(side, share, shape.lower_end + 0.7f, shape.concourse), inwards(side, share)});
    scene.stands.push_back({at(side, 0.35f, -1.6f, 0), inwards(side, 0.35f)});
  }
  const float reach = shape.upper_end + 2;
  scene.high = {ring.half_x + ring.radius + reach, shape.top + 4, ring.half_z + ring.radius + reach};
  scene.low = {-scene.high.x, -1, -scene.high.z};
}

void walks(Layout& layout, const Shape& shape) {
  constexpr int kPerSide = 3;
  const Ring& ring = shape.ring;
  const auto point = [&](int side, float share, float offset, float height) {
    return layout.point(spot(ring, {side, share, 0}, offset, height));
  };
  std::vector<std::uint16_t> round, track;
  round.reserve(kRingSides * kPerSide), track.reserve(kRingSides * kPerSide);
  for (int side = 0; side < kRingSides; ++side) {
    for (int i = 0; i < kPerSide; ++i) {
      const float share = (static_cast<float>(i) + 0.5f) / kPerSide;
      round.push_back(point(side, share, shape.lower_end + 6.2f, shape.concourse));
      track.push_back(point(side, share, -2.3f, 0));
    }
  }
  for (std::size_t i = 0; i < round.size(); ++i) {
    layout.way(round[i], round[(i + 1) % round.size()], 2.8f);
    layout.way(track[i], track[(i + 1) % track.size()], 1.2f);
  }
  const float first = layout.scene.seating->tiers[0].rows.front().floor;
  for (int side = 0; side < kRingSides; side += 2) {
    const auto middle = static_cast<std::size_t>(side) * kPerSide + kPerSide / 2;
    const auto edge = point(side, 0.5f, shape.lower_end + 1.2f, shape.concourse), down = point(side, 0.5f, 0.2f, first),
               field = point(side, 0.5f, -2.4f, 0);
    layout.way(round[middle], edge, 2);
    layout.way(edge, down, 0.8f);
    layout.way(down, field, 0.8f);
    layout.way(field, track[middle], 1);
  }
}

}  // namespace

Scene make_stadium(const SceneParameters& parameters) {
  Layout layout;
  layout.lit = true;
  layout.scene.seating = stadium_seats(parameters.seats);
  const SeatPlan& plan = *layout.scene.seating;
  const Shape shape = shape_of(plan);
  add_field(layout, shape, parameters.accent);
  add_tiers(layout, shape, plan);
  add_seats(layout, plan, parameters.accent, parameters.seed);
  add_concourse(layout, shape, parameters.accent);
  add_roof(layout, shape, parameters.accent);
  places(layout, shape);
  walks(layout, shape);
  return layout.finish({0xFFFFFF, true});
}

}  // namespace mw::kit
