// Visitors of a world: how they come in, what they claim, how they go.
#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/limits.h"
#include "space/units.h"
#include "world/standing.h"
#include "world/world.h"

namespace mw::world {
namespace {

constexpr float kPortalStep = 1.8f;  // who comes out of a portal stands this far before it, so as not to fall back in
constexpr float kSeatReach = 1.5f;  // a free seat this near is taken by whoever sits down, m
constexpr float kSeatStep = 0.7f;  // and this much higher or lower than the feet its ground may be, m
constexpr float kSeatStand = 0.32f;  // the feet of whoever sits are this far before a seat that one bumps into, m
constexpr float kSeatSlack = 0.3f;  // who has moved this far sits no more, m
constexpr float kEyes = 1.2f;  // the way to a seat must be clear at this height, m
constexpr float kStillSpeed = 0.25f;  // below it nobody is said to walk, m/s

float horizontal(motion::Vec3 v) { return std::sqrt(v.x * v.x + v.z * v.z); }

// What the motion shows; a gesture only while one stands still.
wire::Animation animation_of(const wire::PoseClaim& claim, motion::Vec3 velocity, const motion::Rules& rules) {
  if (!claim.grounded) return wire::Animation::jump;
  const float speed = horizontal(velocity);
  if (speed > (rules.walk_speed + rules.run_speed) / 2) return wire::Animation::run;
  if (speed > kStillSpeed) return wire::Animation::walk;
  switch (claim.gesture) {
    case wire::Gesture::sit: return wire::Animation::sit;
    case wire::Gesture::wave: return wire::Animation::wave;
    case wire::Gesture::cheer: return wire::Animation::cheer;
    case wire::Gesture::clap: return wire::Animation::clap;
    default: return wire::Animation::idle;
  }
}

wire::CorrectionReason reason_of(motion::Judgement::Verdict verdict) {
  using Verdict = motion::Judgement::Verdict;
  switch (verdict) {
    case Verdict::too_fast: return wire::CorrectionReason::too_fast;
    case Verdict::wall: return wire::CorrectionReason::wall;
    case Verdict::flying: return wire::CorrectionReason::flying;
    case Verdict::bounds: return wire::CorrectionReason::bounds;
    default: return wire::CorrectionReason::placed;
  }
}

}  // namespace

// Where a capsule can stand near a wanted place, or nothing when that is in a wall or over an abyss.
std::optional<kit::Place> World::stand_at(motion::Vec3 wanted, float yaw) const {
  const auto ground = ground_at(ground_.collision, wanted, 3.f);
  if (!ground || !is_free(ground_.collision, description_.rules, {wanted.x, *ground, wanted.z})) return std::nullopt;
  return kit::Place{{wanted.x, *ground, wanted.z}, yaw};
}

kit::Place World::spread(const Spawn& spawn) {
  constexpr int tries = 12;
  for (int i = 0; i < tries; ++i) {
    const float angle = static_cast<float>(random() % 65536) * static_cast<float>(space::kTurn / 65536);
    const float distance = spawn.radius * std::sqrt(static_cast<float>(random() % 1024) / 1024);
    const motion::Vec3 spot{spawn.position.x + distance * std::sin(angle), spawn.position.y,
                            spawn.position.z + distance * std::cos(angle)};
    if (const auto place = stand_at(spot, spawn.yaw)) return *place;
  }
  // Things may stand all over the spawn; whoever arrives is then pushed out of them by the rules of movement.
  const float y = ground_at(ground_.collision, spawn.position, 3.f).value_or(spawn.position.y);
  return {{spawn.position.x, y, spawn.position.z}, spawn.yaw};
}

std::optional<World::Spot> World::arrive_beside(VisitorId host) const {
  const auto at = members_.find(host);
  if (at == members_.end()) return std::nullopt;
  const kit::Place there = *place_of(host);
  const auto spot = spot_beside(ground_.collision, description_.rules, there.position, there.yaw, stage_.positions());
  if (!spot) return std::nullopt;
  return Spot{{*spot, there.yaw}, at->second.guest.name};
}

Result<World::Spot> World::arrive(const Arrival& arrival) {
  if (arrival.beside)
    if (auto spot = arrive_beside(arrival.beside)) return *std::move(spot);
  if (arrival.place) {
    if (const auto place = stand_at(arrival.place->position, arrival.place->yaw)) return Spot{*place, {}};
  }
  if (!arrival.spawn.empty() && arrival.spawn != "default") {
    const auto named = std::ranges::find(ground_.spawns, arrival.spawn, &std::pair<std::string, kit::Place>::first);
    if (named == ground_.spawns.end())
      return Error{ErrorKind::not_found, "spawn", format("there is no spawn point '{}'", arrival.spawn)};
    return Spot{spread({named->second.position, named->second.yaw, 1.f}), {}};
  }
  const auto back = std::ranges::find_if(description_.portals, [&](const Portal& portal) {
    return !arrival.portal.empty() && !arrival.from_world.empty() && portal.to_world == arrival.from_world;
  });
  if (back != description_.portals.end()) {
    const motion::Vec3 before{back->position.x + kPortalStep * std::sin(back->yaw), back->position.y,
                              back->position.z + kPortalStep * std::cos(back->yaw)};
    return Spot{spread({before, back->yaw, back->width / 3}), {}};
  }
  return Spot{spread(ground_.spawn), {}};
}

Result<std::variant<Entered, Waiting>> World::enter(const Guest& guest, SessionId session, const Arrival& arrival,
                                                    Now now) {
  using Answer = std::variant<Entered, Waiting>;
  auto spot = arrive(arrival);
  MW_TRY(spot);
  if (const auto at = members_.find(guest.visitor); at != members_.end()) {
    at->second.session = session;
    change(guest);
    return Answer{put(at->second, *spot, now)};
  }
  if (has_place() && queue_.empty()) return Answer{admit(guest, session, *spot, now)};
  const auto turn =
      std::ranges::find_if(queue_, [&](const Waiter& waiter) { return waiter.guest.visitor == guest.visitor; });
  if (turn != queue_.end()) {
    turn->session = session;
    turn->arrival = arrival;
    turn->told = {static_cast<std::size_t>(turn - queue_.begin()) + 1, wait_reason()};
    return Answer{turn->told};
  }
  if (queue_.size() >= limits::kQueuePerWorld)
    return failure(ErrorKind::full, format("'{}' is full, and so is its queue", description_.name));
  queue_.push_back({guest, session, arrival, 0, {queue_.size() + 1, wait_reason()}});
  return Answer{queue_.back().told};
}

Entered World::admit(const Guest& guest, SessionId session, const Spot& spot, Now now) {
  const auto& place = spot.place;
  if (room_ != static_cast<std::size_t>(-1)) --room_;
  const EntityId entity = new_entity();
  Member& member = members_[guest.visitor];
  member.guest = guest;
  member.entity = entity;
  member.session = session;
  member.placing = {place.position, {}, space::yaw_from_radians(place.yaw), wire::Animation::idle};
  const std::size_t row = stage_.add(entity, member.placing, false);
  by_row_.insert(by_row_.begin() + static_cast<std::ptrdiff_t>(row), &member);
  people_track_.add({{"type", "joined"}, {"person", person(guest, entity)}});
  ++stats_.entered;
  return put(member, spot, now);
}

// A place that was not walked to: a new epoch, so that claims made before it no longer count.
Entered World::put(Member& member, const Spot& spot, Now now) {
  const auto& place = spot.place;
  member.record = motion::place(place.position, description_.rules);
  member.placing = {place.position, {}, space::yaw_from_radians(place.yaw), wire::Animation::idle};
  member.claim_s = now.s;
  member.unsaved = true;
  get_up(member);
  ++member.epoch;
  const auto row = stage_.row(member.entity);
  MW_ASSERT(row.has_value());
  stage_.jump_to(*row, member.placing);
  return {member.entity, member.epoch, place, spot.beside};
}

void World::leave(VisitorId visitor) {
  std::erase_if(queue_, [&](const Waiter& waiter) { return waiter.guest.visitor == visitor; });
  drop(std::span(&visitor, 1));
}

// In one pass, however many go at once.
void World::drop(std::span<const VisitorId> visitors) {
  leaving_.clear();
  for (const VisitorId visitor : visitors) {
    const auto at = members_.find(visitor);
    if (at == members_.end()) continue;
    leaving_.push_back(at->second.entity);
    get_up(at->second);
    people_track_.add({{"type", "left"}, {"entity", at->second.entity.value}});
    ++stats_.left;
  }
  if (leaving_.empty()) return;
  std::sort(leaving_.begin(), leaving_.end());
  const auto first = stage_.row(leaving_.front());
  MW_ASSERT(first.has_value());
  std::size_t to = *first;
  for (std::size_t row = to; row < by_row_.size(); ++row)
    if (!std::binary_search(leaving_.begin(), leaving_.end(), stage_.entities()[row])) by_row_[to++] = by_row_[row];
  by_row_.resize(to);
  stage_.remove(leaving_);
  for (const VisitorId visitor : visitors) members_.erase(visitor);
}

void World::link_lost(VisitorId visitor, Now now, int grace_ms) {
  const double until_s = now.s + grace_ms / 1000.0;
  if (const auto at = members_.find(visitor); at != members_.end()) {
    at->second.session = {};
    at->second.until_s = until_s;
  }
  for (auto& waiter : queue_) {
    if (waiter.guest.visitor != visitor) continue;
    waiter.session = {};
    waiter.until_s = until_s;
  }
}

std::optional<Entered> World::link_found(VisitorId visitor, SessionId session) {
  const auto at = members_.find(visitor);
  if (at == members_.end()) return std::nullopt;
  Member& member = at->second;
  member.session = session;
  ++member.epoch;
  member.record = motion::place(member.placing.position, description_.rules);
  return Entered{member.entity,
                 member.epoch,
                 {member.placing.position, static_cast<float>(space::radians_from_yaw(member.placing.yaw))},
                 {}};
}

void World::change(const Guest& guest) {
  for (auto& waiter : queue_)
    if (waiter.guest.visitor == guest.visitor) waiter.guest = guest;
  const auto at = members_.find(guest.visitor);
  if (at == members_.end()) return;
  Member& member = at->second;
  const bool same = member.guest.name == guest.name && member.guest.role == guest.role &&
                    member.guest.appearance == guest.appearance && member.guest.carried == guest.carried &&
                    member.guest.avatar == guest.avatar;
  member.guest = guest;
  if (!same) people_track_.add({{"type", "changed"}, {"person", person(guest, member.entity)}});
}

bool World::waiting(VisitorId visitor) const {
  return std::ranges::any_of(queue_, [&](const Waiter& waiter) { return waiter.guest.visitor == visitor; });
}

std::optional<EntityId> World::entity_of(VisitorId visitor) const {
  const auto at = members_.find(visitor);
  return at == members_.end() ? std::nullopt : std::optional(at->second.entity);
}

std::optional<kit::Place> World::place_of(VisitorId visitor) const {
  const auto at = members_.find(visitor);
  if (at == members_.end()) return std::nullopt;
  const auto& placing = at->second.placing;
  return kit::Place{placing.position, static_cast<float>(space::radians_from_yaw(placing.yaw))};
}

void World::claim(VisitorId visitor, const wire::PoseClaim& claim, double arrived_s) {
  const auto at = members_.find(visitor);
  if (at == members_.end()) return;
  Member& member = at->second;
  ++stats_.claims;
  if (claim.epoch != member.epoch) {
    ++stats_.stale_claims;  // made before the last correction or entering reached the client
    return;
  }
  member.sequence = claim.sequence;
  motion::State state;
  state.position = {space::from_mm(claim.x_mm), space::from_mm(claim.y_mm), space::from_mm(claim.z_mm)};
  state.velocity = {static_cast<float>(claim.vx_mm_s) / 1000, static_cast<float>(claim.vy_mm_s) / 1000,
                    static_cast<float>(claim.vz_mm_s) / 1000};
  state.grounded = claim.grounded;
  const float elapsed = static_cast<float>(std::clamp(arrived_s - member.claim_s, 0.0, 5.0));
  member.claim_s = std::max(member.claim_s, arrived_s);
  const auto judgement = motion::judge(member.record, state, elapsed, description_.rules, ground_.collision);
  if (judgement.verdict != motion::Judgement::Verdict::accepted) {
    ++stats_.corrections;
    member.placing.position = judgement.state.position;
    member.placing.yaw = claim.yaw;
    correct(member, reason_of(judgement.verdict), {arrived_s, 0});
  } else if (judgement.state.position.y < description_.rules.floor_y) {
    const auto place = spread(ground_.spawn);
    put(member, {place, {}}, {arrived_s, 0});
    --member.epoch;  // put has counted, and so does the correction
    correct(member, wire::CorrectionReason::placed, {arrived_s, 0});
  } else {
    settle(member, claim, judgement.state, {arrived_s, 0});
  }
}

void World::settle(Member& member, const wire::PoseClaim& claim, const motion::State& state, Now now) {
  const bool sat = member.placing.animation == wire::Animation::sit;
  const auto before = member.placing.position;
  member.placing = {state.position, state.velocity, claim.yaw, animation_of(claim, state.velocity, description_.rules)};
  member.dirty = true;
  const auto moved =
      motion::Vec3{state.position.x - before.x, state.position.y - before.y, state.position.z - before.z};
  if (moved.x * moved.x + moved.y * moved.y + moved.z * moved.z > 1e-6f) member.unsaved = true;
  const bool sits = member.placing.animation == wire::Animation::sit;
  if (member.seat && (!sits || horizontal({before.x - state.position.x, 0, before.z - state.position.z}) > kSeatSlack))
    get_up(member);
  if (member.seat) member.placing.yaw = space::yaw_from_radians(seats_.place(*member.seat).yaw);
  if (sits && !sat) sit(member, now);
}

// Whoever sits down takes the nearest free seat that is in reach, and the ground where there is none. It is a move like any
// other: it counts against what the rules let one cover, so that a row of seats is no way to be faster.
void World::sit(Member& member, Now now) {
  const motion::Vec3 feet = member.placing.position;
  std::optional<std::uint32_t> best;
  motion::Vec3 stand;
  float nearest = std::min(kSeatReach, member.record.credit);
  seats_.each_free(feet, nearest, [&](std::uint32_t seat, float distance) {
    if (distance >= nearest) return;
    const kit::Place& place = seats_.place(seat);
    for (const float before : {0.f, kSeatStand}) {
      const motion::Vec3 wanted{place.position.x + before * std::sin(place.yaw), feet.y,
                                place.position.z + before * std::cos(place.yaw)};
      const auto spot = stand_at(wanted, place.yaw);
      if (!spot || std::abs(spot->position.y - feet.y) > kSeatStep) continue;
      const motion::Vec3 to = spot->position;
      if (ground_.collision.ray({feet.x, feet.y + kEyes, feet.z}, {to.x, to.y + kEyes, to.z}) < 1) continue;
      best = seat;
      stand = to;
      nearest = distance;
      return;
    }
  });
  if (!best) return;
  seats_.take(*best);
  member.seat = best;
  member.record.credit -= horizontal({stand.x - feet.x, 0, stand.z - feet.z});
  member.placing.position = stand;
  member.placing.yaw = space::yaw_from_radians(seats_.place(*best).yaw);
  correct(member, wire::CorrectionReason::placed, now);
  member.placing.animation = wire::Animation::sit;
}

void World::get_up(Member& member) {
  if (member.seat) seats_.release(*member.seat);
  member.seat.reset();
}

void World::correct(Member& member, wire::CorrectionReason reason, Now now) {
  ++member.epoch;
  member.placing.velocity = {};
  member.placing.animation = wire::Animation::idle;
  member.dirty = true;
  member.unsaved = true;
  member.claim_s = now.s;
  // A correction gives back nothing of what may be covered, or being corrected would be a way to be faster.
  const float credit = member.record.credit;
  member.record = motion::place(member.placing.position, description_.rules);
  member.record.credit = std::clamp(credit, 0.f, member.record.credit);
  if (!member.session) return;
  wire::Correction correction;
  correction.epoch = member.epoch;
  correction.sequence = member.sequence;
  correction.reason = reason;
  correction.x_mm = space::to_mm(member.placing.position.x);
  correction.y_mm = space::to_mm(member.placing.position.y);
  correction.z_mm = space::to_mm(member.placing.position.z);
  correction.yaw = member.placing.yaw;
  frame_bytes_ = wire::encode(correction);
  outlet_.send_frame(member.session, pool_.make({}, frame_bytes_));
}

}  // namespace mw::world
