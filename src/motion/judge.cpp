#include "base/limits.h"
#include "motion/body.h"
#include "motion/geometry.h"
#include "motion/motion.h"
#include "motion/vector.h"

namespace mw::motion {
namespace {

using Verdict = Judgement::Verdict;

// Slack of the judge. Each number is what an honest client was seen to need, with room to spare.
constexpr float kSpeedMargin = 1.05f;
constexpr float kSilenceS = 4.f;         // a client whose link hung this long may catch up at once
constexpr float kExcessDecayS = 2.f;     // and the credit for that is gone so soon after
constexpr float kThinRadius = 0.12f;     // m: of the person whose path is checked
constexpr float kSampleM = 0.16f;        // m between the places checked on a path; under 2 (kThinRadius - kGrazing)
constexpr float kStairSlack = 0.35f;     // m: a path over stairs leaves the straight line by this much
constexpr float kEndSlack = 0.15f;       // m: and feet that follow a step lag behind it by this much
constexpr float kBeamShare = 0.6f;       // of the height: above it a head that jumps may brush a beam
constexpr float kGrazing = 0.03f;        // m
constexpr float kAboveGround = 0.25f;    // m: this high counts as on the ground still
constexpr float kAirClaimS = 0.25f;      // s: silence between two claims counts as no more time in the air than this
constexpr float kHopCreditS = 0.25f;     // s: and what falls between two claims at 5 Hz
constexpr float kHopSpeed = 2.5f;        // m/s: and is this fast downwards, whatever the record knows
constexpr float kRiseSlack = 0.15f;      // m
constexpr float kHoverBand = 0.25f;      // m: who is off the ground and stays within this height has not fallen
constexpr float kHoverSlackS = 0.5f;     // s: two claims at 5 Hz, and the frames of a step
constexpr float kSearchDown = 60.f;      // m: how far below someone who flew the ground is looked for
constexpr float kClose = 0.6f;           // m: walls this near on all sides are a thing that was set down on somebody
constexpr float kDetours[] = {0.12f, 0.25f, 0.4f, 0.6f};  // m: sideways, round a corner that the straight line cuts

Box around(Vec3 a, Vec3 b, const Rules& rules, float margin) {
  return {{least(a.x, b.x) - margin, least(a.y, b.y) - rules.step_height - 0.5f, least(a.z, b.z) - margin},
          {most(a.x, b.x) + margin, most(a.y, b.y) + rules.height + 0.1f, most(a.z, b.z) + margin}};
}

struct Path {
  const Nearby& nearby;
  const Rules& rules;
  Cylinder thin, end;

  Path(const Nearby& near, const Rules& r) : nearby(near), rules(r) {
    thin = whole_body(r);
    thin.radius = least(kThinRadius, r.radius * 0.5f);
    thin.bottom += kStairSlack;
    thin.top -= kStairSlack;
    end = thin;
    end.bottom -= kStairSlack - kEndSlack;
    end.top = least(end.top, r.height * kBeamShare);
  }

  bool blocked(Vec3 at, const Cylinder& cylinder) const {
    bool hit = false;
    nearby.each([&](const PlacedTriangle& t) { hit = hit || touch(t, at, cylinder).depth > kGrazing; });
    return hit;
  }

  bool crossed(Vec3 from, Vec3 to) const {
    const Vec3 belt{0, rules.height * 0.5f, 0};
    bool through = false;
    nearby.each([&](const PlacedTriangle& t) { through = through || crossing(t, from + belt, to + belt) <= 1; });
    return through;
  }

  // A thing was set down where one stands: one overlaps it, or it is small and all around.
  bool walled_in(Vec3 at) const {
    return blocked(at, end) || (crossed(at, at + Vec3{kClose, 0, 0}) && crossed(at, at - Vec3{kClose, 0, 0}) &&
                                crossed(at, at + Vec3{0, 0, kClose}) && crossed(at, at - Vec3{0, 0, kClose}));
  }

  // A straight way: no wall beside it and, at the height of the belt, no surface across it.
  bool free(Vec3 from, Vec3 to) const {
    const Vec3 way = to - from;
    const int samples = static_cast<int>(root(dot(way, way)) / kSampleM);
    for (int i = 1; i <= samples; ++i) {
      if (blocked(from + way * (static_cast<float>(i) / static_cast<float>(samples + 1)), thin)) return false;
    }
    return !crossed(from, to);
  }

  bool free_round_corner(Vec3 from, Vec3 to) const {
    const float length = length_flat(to.x - from.x, to.z - from.z);
    if (length < 1e-3f) return false;
    const float side_x = (to.z - from.z) / length, side_z = (from.x - to.x) / length;
    const Vec3 middle = (from + to) * 0.5f;
    for (const Vec3 via : {Vec3{to.x, from.y, to.z}, Vec3{from.x, to.y, from.z}}) {  // over an edge: out, then down
      if (!blocked(via, thin) && free(from, via) && free(via, to)) return true;
    }
    for (const float detour : kDetours) {
      for (const float sign : {detour, -detour}) {
        const Vec3 via = middle + Vec3{side_x * sign, 0, side_z * sign};
        if (!blocked(via, thin) && free(from, via) && free(via, to)) return true;
      }
    }
    return false;
  }
};

bool walls_allow(const Record& record, Vec3 to, const Rules& rules, const Nearby& nearby) {
  const Vec3 from = record.state.position;
  if (nearby.size() == 0) return true;
  const Path path(nearby, rules);
  if (!path.blocked(to, path.end) && (path.free(from, to) || path.free_round_corner(from, to))) return true;
  return dot(to - from, to - from) < 1 && path.walled_in(from);
}

// `on_the_way` holds what is near the feet too: they are where the way ends.
bool carried(Vec3 feet, const Rules& rules, const Nearby& on_the_way) {
  const float reach = side_reach(rules), wider = rules.radius * 0.85f;
  const Box box = around(feet, feet, rules, wider);
  Nearby nearby;
  on_the_way.each([&](const PlacedTriangle& triangle) {
    if (overlap(box, triangle.box)) nearby.add(&triangle);
  });
  const float y_max = feet.y + rules.step_height + kRiseSlack, y_min = feet.y - kAboveGround;
  if (support(nearby, feet, y_max, y_min, reach, rules.slope_cos).found) return true;
  if (support(nearby, feet, y_max, y_min, wider, rules.slope_cos).found) return true;
  const Cylinder body = whole_body(rules);
  if (deepest(nearby, {feet.x, feet.y - kWedgeProbe, feet.z}, body).depth == 0) return false;  // as nearly always
  return wedged(feet, 0.3f * kWedgeProbe, nearby, body) || wedged(feet, kWedgeProbe, nearby, body) ||
         wedged(feet, 2 * kWedgeProbe, nearby, body);
}

float jump_top(const Rules& rules) { return rules.jump_speed * rules.jump_speed / (2 * rules.gravity); }

// The highest that feet may be `air_time` seconds after they left the ground, whenever within that time they jumped.
float highest_in_air(const Record& record, float air_time, const Rules& rules) {
  const float to_apex = rules.jump_speed / rules.gravity;
  const float falling = most(0, air_time - kJitterS - to_apex);
  const float to_full_speed = kFallSpeedMax / rules.gravity;
  const float fallen = falling < to_full_speed ? rules.gravity * falling * falling * 0.5f
                                               : kFallSpeedMax * (falling - to_full_speed * 0.5f);
  return record.ground_y + jump_top(rules) + rules.step_height + kRiseSlack - fallen;
}

// Between two claims a hopping person may touch the ground and be off again. How long that takes at least, in seconds, if
// the ground lies at `ground_y`: down at the speed that the height allows, up as fast as a jump does. Negative when no
// jump reaches so high.
float hop_time(float from_y, float to_y, float ground_y, float last_ground_y, const Rules& rules) {
  const float jump_squared = rules.jump_speed * rules.jump_speed;
  const float down = most(0, from_y - ground_y), up = most(0, to_y - ground_y - kAboveGround);
  const float up_squared = jump_squared - 2 * rules.gravity * up;
  if (up_squared < 0) return -1;
  const float top_y = last_ground_y + rules.step_height;
  const float speed = most(kHopSpeed, root(jump_squared + 2 * rules.gravity * (top_y - from_y)));
  const float down_s = (root(speed * speed + 2 * rules.gravity * down) - speed) / rules.gravity;
  return down_s + (rules.jump_speed - root(up_squared)) / rules.gravity;
}

// Whether a hop explains a place that is too high. It may have been on the way here or already on the way before: what
// followed a hop can stay below the old bound for one claim.
bool hopped(Record& record, Vec3 to, const Rules& rules, const CollisionWorld& world) {
  const Vec3 ways[2][2] = {{record.state.position, to}, {record.earlier, record.state.position}};
  for (const auto& [a, b] : ways) {
    Nearby nearby;
    world.gather(around(a, b, rules, rules.radius), nearby);
    const float y_max = least(a.y, b.y) + rules.step_height;
    for (const float share : {0.f, 0.25f, 0.5f, 0.75f, 1.f}) {
      const Support ground = support(nearby, a + (b - a) * share, y_max, y_max - 2, side_reach(rules), rules.slope_cos);
      if (!ground.found || to.y > ground.y + jump_top(rules) + rules.step_height) continue;
      const float needed = hop_time(a.y, b.y, ground.y, record.ground_y, rules);
      if (needed < 0 || needed > record.hop_credit) continue;
      record.hop_credit -= needed;
      record.ground_y = ground.y;
      return true;
    }
  }
  return false;
}

// Whether somebody stays at one height for longer than the top of a jump takes. A touch of the ground between two claims
// explains a height, but whoever hops is seen lower or higher soon.
bool hovers(Record& record, float y, bool on_ground, float elapsed, const Rules& rules) {
  record.hover_low = least(record.hover_low, y);
  record.hover_high = most(record.hover_high, y);
  if (on_ground || record.hover_high - record.hover_low > kHoverBand) {
    record.hover_low = record.hover_high = y;
    record.hover_s = 0;
    return false;
  }
  record.hover_s += least(elapsed, kAirClaimS);
  const float at_the_top = 2 * root(2 * kHoverBand / rules.gravity);
  return record.hover_s > at_the_top + kJitterS + kHoverSlackS;
}

void refill(Record& record, float elapsed, const Rules& rules) {
  const float base = rules.run_speed * kJitterS;
  const float most_allowed = most(base, rules.run_speed * least(elapsed, kSilenceS) + base);
  if (record.credit > base) record.credit = base + (record.credit - base) * most(0, 1 - elapsed / kExcessDecayS);
  const float ceiling_now = elapsed > kJitterS ? most_allowed : base;
  record.hop_credit = least(record.hop_credit + elapsed, kHopCreditS);
  record.credit = most(record.credit, least(record.credit + rules.run_speed * kSpeedMargin * elapsed, ceiling_now));
}

State within_rules(const State& claim, bool grounded, const Rules& rules) {
  State s = claim;
  s.grounded = claim.grounded && grounded;
  const float speed = length_flat(s.velocity.x, s.velocity.z);
  if (speed > rules.run_speed) {
    s.velocity.x *= rules.run_speed / speed;
    s.velocity.z *= rules.run_speed / speed;
  }
  s.velocity.y = s.grounded ? 0 : within(s.velocity.y, -kFallSpeedMax, rules.jump_speed);
  return s;
}

bool in_bounds(Vec3 p) {
  constexpr float kExtent = limits::kWorldExtentM;
  return absolute(p.x) <= kExtent && absolute(p.y) <= kExtent && absolute(p.z) <= kExtent;
}

}  // namespace

Record place(Vec3 position, const Rules& rules) {
  Record record;
  record.state.position = position;
  record.credit = rules.run_speed * kJitterS;
  record.ground_y = position.y;
  record.earlier = position;
  record.hover_low = record.hover_high = position.y;
  return record;
}

Judgement judge(Record& record, const State& claim, float elapsed, const Rules& rules, const CollisionWorld& world) {
  elapsed = elapsed > 0 ? elapsed : 0;
  refill(record, elapsed, rules);
  const auto refuse = [&](Verdict verdict) { return Judgement{verdict, record.state}; };
  const Vec3 to = claim.position;
  if (!in_bounds(to)) return refuse(Verdict::bounds);
  const float distance = length_flat(to.x - record.state.position.x, to.z - record.state.position.z);
  if (distance > record.credit) return refuse(Verdict::too_fast);
  Nearby on_the_way;
  world.gather(around(record.state.position, to, rules, kDetours[3] + rules.radius), on_the_way);
  if (!walls_allow(record, to, rules, on_the_way)) return refuse(Verdict::wall);

  const bool on_ground = carried(to, rules, on_the_way);
  const bool was_on_ground = record.air_time < 0;
  const float air_time = on_ground ? -1 : was_on_ground ? 0 : record.air_time + least(elapsed, kAirClaimS);
  const bool too_high = !on_ground && to.y > highest_in_air(record, air_time, rules);
  const bool hovering = hovers(record, to.y, on_ground, elapsed, rules);
  // A bounce is looked into while it is fresh: where gravity is low the bound comes down long after the touch of the ground.
  const bool bounced = !on_ground && to.y > record.state.position.y && record.state.position.y < record.earlier.y;
  const bool off_again = (too_high || bounced) && hopped(record, to, rules, world);
  if (hovering || (too_high && !off_again)) {
    Judgement judgement = refuse(Verdict::flying);
    Vec3& stays = judgement.state.position;
    float y = 0;
    if (world.ground_below(stays.x, stays.z, stays.y + rules.step_height, stays.y - kSearchDown, y)) stays.y = y;
    judgement.state.velocity = {};
    return judgement;
  }
  record.credit -= distance;
  record.air_time = off_again ? 0 : air_time;
  if (on_ground) record.ground_y = to.y;
  record.earlier = record.state.position;
  record.state = within_rules(claim, on_ground, rules);
  return Judgement{Verdict::accepted, record.state};
}

}  // namespace mw::motion
