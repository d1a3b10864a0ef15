#include "world/walkers.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/limits.h"
#include "space/units.h"
#include "world/spectators.h"

namespace mw::world {
namespace {

using motion::Vec3;

constexpr int kStepsPerTick = limits::kMotionStepHz / limits::kTickHz;
constexpr float kCell = 2.f;
constexpr std::size_t kCells = 4096;  // a power of two
constexpr float kReach = 0.35f;       // a point is reached when this near, m
constexpr float kBother = 9.f;        // to a seat or a view that is farther nobody goes, m
constexpr float kWaveAt = 4.f;        // visitors this near are greeted, m

Vec3 sub(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
float flat_length(Vec3 v) { return std::sqrt(v.x * v.x + v.z * v.z); }
std::uint16_t yaw_towards(Vec3 direction) { return space::yaw_from_radians(std::atan2(direction.x, direction.z)); }

std::size_t cell_of(Vec3 position) {
  const auto x = static_cast<std::int32_t>(std::floor(position.x / kCell));
  const auto z = static_cast<std::int32_t>(std::floor(position.z / kCell));
  const auto mixed = static_cast<std::uint32_t>(x) * 73856093u ^ static_cast<std::uint32_t>(z) * 19349663u;
  return mixed & (kCells - 1);
}

// Turns at most an eighth of a turn a tick, so that nobody spins on the spot.
std::uint16_t turn(std::uint16_t from, std::uint16_t to) {
  const auto off = static_cast<std::int16_t>(static_cast<std::uint16_t>(to - from));
  const auto most = std::int16_t{65536 / 8 / 2};
  return static_cast<std::uint16_t>(from + std::clamp<std::int16_t>(off, static_cast<std::int16_t>(-most), most));
}

}  // namespace

Walkers::Walkers(kit::WalkGraph graph, Seats& seats, std::vector<kit::Place> stands, std::uint64_t seed)
    : graph_(std::move(graph)),
      edges_(graph_.points.size()),
      seats_(seats),
      stands_(std::move(stands)),
      stand_taken_(stands_.size()),
      seed_(seed),
      cell_first_(kCells, -1) {
  for (const auto& way : graph_.ways) {
    edges_[way.from].push_back({way.to, way.width});
    edges_[way.to].push_back({way.from, way.width});
  }
}

std::uint64_t Walkers::draw(Walker& walker) {  // SplitMix64
  walker.random += 0x9E3779B97F4A7C15ull;
  std::uint64_t z = walker.random;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

float Walkers::uniform(Walker& walker, float low, float high) {
  return low + (high - low) * (static_cast<float>(draw(walker) >> 40) / 16777216.f);
}

void Walkers::seat(kit::Seats seats, std::uint32_t first_seat, Vec3 near, std::size_t people) {
  constexpr std::size_t kWalkingOf = 6, kWalkingMost = 300;  // one in so many walks about, but not more than so many
  constexpr std::size_t kFreeOf = 33;  // one seat in so many stays free at least
  numbered_ = std::move(seats);
  const std::size_t count = numbered_.count();
  const std::size_t wanted = std::min(people - std::min(people / kWalkingOf, kWalkingMost), count - count / kFreeOf);
  spectators_.reserve(wanted);
  watchers_.reserve(wanted);
  full_ = wanted * 2 > count;
  if (full_)
    fill(first_seat, wanted);
  else
    scatter(first_seat, near, wanted);
}

void Walkers::fill(std::uint32_t first_seat, std::size_t wanted) {
  const auto spare = static_cast<std::uint32_t>(numbered_.count() - wanted);
  for (std::uint32_t i = 0; i < numbered_.count(); ++i) {
    if (kit::is_spare(i, numbered_.count(), spare)) continue;
    seats_.take(first_seat + i);
    spectators_.push_back(i);
  }
}

// Groups of friends, rarer with the distance: the nearer half of the throws counts more often.
void Walkers::scatter(std::uint32_t first_seat, Vec3 near, std::size_t wanted) {
  constexpr std::uint32_t kGroup = 5;
  Walker thrower;
  thrower.random = seed_ * 31 + 7;
  while (spectators_.size() < wanted) {
    const auto first = static_cast<std::uint32_t>(draw(thrower) % numbered_.count());
    const float far = flat_length(sub(numbered_.seat(first).position, near));
    if (uniform(thrower, 0, 1) > std::max(0.12f, 1 - far / 90)) continue;
    const auto size = static_cast<std::uint32_t>(1 + draw(thrower) % kGroup);
    for (std::uint32_t i = first; i < std::min(first + size, numbered_.count()) && spectators_.size() < wanted; ++i) {
      if (seats_.taken(first_seat + i)) continue;
      seats_.take(first_seat + i);
      spectators_.push_back(i);
    }
  }
}

stage::Placing Walkers::add_watcher(EntityId entity) {
  const std::uint32_t index = static_cast<std::uint32_t>(watchers_.size());
  if (index == 0) first_watcher_ = entity;
  MW_ASSERT(entity.value == first_watcher_.value + index);
  const std::uint32_t number = spectators_[index];
  const kit::Seat seat = numbered_.seat(number);
  watchers_.push_back({number, std::atan2(seat.position.x, seat.position.z)});
  return {seat.position, {}, space::yaw_from_radians(seat.yaw), wire::Animation::sit};
}

std::optional<Walkers::Spectators> Walkers::full_house() const {
  if (!full_ || watchers_.empty()) return std::nullopt;
  return Spectators{first_watcher_, static_cast<std::uint32_t>(watchers_.size())};
}

std::optional<stage::Placing> Walkers::add(EntityId entity, const motion::CollisionWorld& collision,
                                           const motion::Rules& rules) {
  if (graph_.points.empty() || graph_.ways.empty()) return std::nullopt;
  if (watchers_.size() < spectators_.size()) return add_watcher(entity);
  Walker walker;
  walker.entity = entity;
  walker.number = static_cast<std::uint32_t>(size() + 1);
  walker.random = seed_ * 1000003 + walker.number;
  const auto& way = graph_.ways[draw(walker) % graph_.ways.size()];
  walker.from = way.from;
  walker.to = way.to;
  walker.side = uniform(walker, -0.8f, 0.8f);
  walker.pace = std::min(uniform(walker, 1.05f, 1.6f), rules.walk_speed);
  const float along = uniform(walker, 0.f, 1.f);
  const Vec3 a = graph_.points[way.from], b = graph_.points[way.to];
  Vec3 at{a.x + (b.x - a.x) * along, a.y + (b.y - a.y) * along, a.z + (b.z - a.z) * along};
  float ground = at.y;
  if (collision.ground_below(at.x, at.z, at.y + 1.f, at.y - 2.f, ground)) at.y = ground;
  walker.state = {at, {}, true};
  walker.yaw = yaw_towards(sub(b, a));
  walker.goal = walker.to;
  walker.until_s = 1e18;
  aim(walker);
  walkers_.push_back(walker);
  return stage::Placing{at, {}, walker.yaw, wire::Animation::walk};
}

// The point to walk at: the end of the way, a little to the side, so that a way has two lanes and more.
void Walkers::aim(Walker& walker) {
  const Vec3 a = graph_.points[walker.from], b = graph_.points[walker.to];
  float width = 1.5f;
  for (const auto& edge : edges_[walker.from])
    if (edge.to == walker.to) width = edge.width;
  const Vec3 along = sub(b, a);
  const float length = std::max(flat_length(along), 0.01f);
  const float off = walker.side * std::max(width / 2 - 0.35f, 0.f);
  walker.target = {b.x - along.z / length * off, b.y, b.z + along.x / length * off};
}

void Walkers::next_way(Walker& walker, double now_s) {
  const auto& ways = edges_[walker.to];
  // Straight on or aside, and back only where the way ends.
  std::uint16_t next = ways[draw(walker) % ways.size()].to;
  for (int i = 0; i < 4 && ways.size() > 1 && next == walker.from; ++i) next = ways[draw(walker) % ways.size()].to;
  walker.from = walker.to;
  walker.to = next;
  walker.doing = Doing::walking;
  walker.until_s = now_s + 5 + flat_length(sub(graph_.points[walker.to], walker.state.position)) / walker.pace * 2;
  aim(walker);
}

std::int32_t Walkers::free_seat(Walker& walker) {
  std::int32_t best = -1;
  float nearest = kBother;
  seats_.each_free(walker.state.position, kBother, [&](std::uint32_t seat, float metres) {
    const float distance = metres + uniform(walker, 0.f, 3.f);
    if (distance >= nearest) return;
    nearest = distance;
    best = static_cast<std::int32_t>(seat);
  });
  if (best >= 0) seats_.take(static_cast<std::uint32_t>(best));
  return best;
}

std::int32_t Walkers::free_stand(Walker& walker) {
  std::int32_t best = -1;
  float nearest = kBother;
  for (std::size_t i = 0; i < stands_.size(); ++i) {
    if (stand_taken_[i] != 0) continue;
    const float distance = flat_length(sub(stands_[i].position, walker.state.position)) + uniform(walker, 0.f, 3.f);
    if (distance >= nearest) continue;
    nearest = distance;
    best = static_cast<std::int32_t>(i);
  }
  if (best >= 0) stand_taken_[static_cast<std::size_t>(best)] = 1;
  return best;
}

// At a crossing: mostly on, at times to a bench or to look at something.
void Walkers::decide(Walker& walker, double now_s) {
  const auto choice = draw(walker) % 100;
  if (choice < 14) {
    walker.place = free_seat(walker);
    walker.then = Doing::sitting;
    if (walker.place >= 0) {
      const auto& seat = seats_.place(static_cast<std::uint32_t>(walker.place));
      const float yaw = seat.yaw;
      walker.target = {seat.position.x + 0.32f * std::sin(yaw), walker.state.position.y,
                       seat.position.z + 0.32f * std::cos(yaw)};
    }
  } else if (choice < 30) {
    walker.place = free_stand(walker);
    walker.then = Doing::standing;
    if (walker.place >= 0) walker.target = stands_[static_cast<std::size_t>(walker.place)].position;
  }
  if (walker.place < 0) return next_way(walker, now_s);
  walker.doing = Doing::approaching;
  walker.until_s = now_s + 3 + flat_length(sub(walker.target, walker.state.position)) / walker.pace * 1.5;
}

void Walkers::arrived(Walker& walker, double now_s) {
  if (walker.doing == Doing::walking) return decide(walker, now_s);
  walker.doing = walker.then;
  const bool sits = walker.then == Doing::sitting;
  const auto& place =
      sits ? seats_.place(static_cast<std::uint32_t>(walker.place)) : stands_[static_cast<std::size_t>(walker.place)];
  walker.until_s = now_s + (sits ? uniform(walker, 20.f, 70.f) : uniform(walker, 4.f, 18.f));
  walker.state.velocity = {};
  if (sits) {
    walker.state.position.x = walker.target.x;
    walker.state.position.z = walker.target.z;
  }
  walker.yaw = space::yaw_from_radians(place.yaw);
}

void Walkers::get_up(Walker& walker, double now_s) {
  if (walker.place >= 0 && walker.then == Doing::sitting) seats_.release(static_cast<std::uint32_t>(walker.place));
  if (walker.place >= 0 && walker.then != Doing::sitting) stand_taken_[static_cast<std::size_t>(walker.place)] = 0;
  walker.place = -1;
  // Back to the crossing that it left, and there it decides anew.
  walker.doing = Doing::walking;
  walker.target = graph_.points[walker.to];
  walker.until_s = now_s + 5 + flat_length(sub(walker.target, walker.state.position)) / walker.pace * 2;
}

void Walkers::rest(Walker& walker, double now_s) {
  if (now_s < walker.until_s) return;
  if (walker.doing == Doing::waving) {
    walker.doing = walker.place >= 0 ? walker.then : Doing::walking;
    walker.until_s = now_s + uniform(walker, 3.f, 10.f);
    return;
  }
  get_up(walker, now_s);
}

void Walkers::index(const stage::Stage& stage) {
  std::ranges::fill(cell_first_, -1);
  const auto positions = stage.positions();
  cell_next_.resize(stage.capacity());
  for (std::size_t row = watchers_.size(); row < positions.size();
       ++row) {  // nobody walks among the seats that are taken
    const auto cell = cell_of(positions[row]);
    cell_next_[row] = cell_first_[cell];
    cell_first_[cell] = static_cast<std::int32_t>(row);
  }
}

bool Walkers::visitor_near(const Walker& walker, const stage::Stage& stage) const {
  for (int dx = -2; dx <= 2; dx += 2)
    for (int dz = -2; dz <= 2; dz += 2) {
      const Vec3 probe{walker.state.position.x + static_cast<float>(dx), 0,
                       walker.state.position.z + static_cast<float>(dz)};
      for (auto row = cell_first_[cell_of(probe)]; row >= 0; row = cell_next_[static_cast<std::size_t>(row)]) {
        const auto i = static_cast<std::size_t>(row);
        if (stage.simulated()[i] == 0 && flat_length(sub(stage.positions()[i], walker.state.position)) < kWaveAt)
          return true;
      }
    }
  return false;
}

// Keeps right of whoever is close ahead: a push to the side that grows as they come nearer.
Vec3 Walkers::sidestep(const Walker& walker, Vec3 direction, const stage::Stage& stage) const {
  Vec3 push = direction;
  const Vec3 ahead{walker.state.position.x + direction.x * 0.9f, 0, walker.state.position.z + direction.z * 0.9f};
  for (auto row = cell_first_[cell_of(ahead)]; row >= 0; row = cell_next_[static_cast<std::size_t>(row)]) {
    const auto i = static_cast<std::size_t>(row);
    if (stage.entities()[i] == walker.entity) continue;
    const Vec3 off = sub(stage.positions()[i], walker.state.position);
    const float distance = flat_length(off);
    if (distance > 1.4f || distance < 0.01f || off.x * direction.x + off.z * direction.z < 0) continue;
    const float weight = (1.4f - distance) * 0.9f;
    push.x += -direction.z * weight;
    push.z += direction.x * weight;
  }
  const float length = std::max(flat_length(push), 0.01f);
  return {push.x / length, 0, push.z / length};
}

void Walkers::walk(Walker& walker, double now_s, const motion::CollisionWorld& collision, const motion::Rules& rules,
                   const stage::Stage& stage) {
  const Vec3 way = sub(walker.target, walker.state.position);
  const float distance = flat_length(way);
  if (distance < kReach) return arrived(walker, now_s);
  if (now_s > walker.until_s) {  // something stands in the way: give up and go elsewhere
    if (walker.doing == Doing::approaching) return get_up(walker, now_s);
    std::swap(walker.from, walker.to);
    walker.until_s = now_s + 20;
    return aim(walker);
  }
  Vec3 direction{way.x / distance, 0, way.z / distance};
  if (distance > 0.8f) direction = sidestep(walker, direction, stage);
  const float share = std::min(walker.pace / rules.walk_speed, 1.f);
  const motion::Input input{direction.x * share, direction.z * share, false, false};
  for (int i = 0; i < kStepsPerTick; ++i) walker.state = motion::step(walker.state, input, rules, collision);
  if (walker.state.position.y < rules.floor_y) walker.state = {graph_.points[walker.from], {}, true};
  walker.yaw = turn(walker.yaw, yaw_towards(direction));
}

// A wave goes round at 12 m/s: a quarter of a second is a step of 3 m, and neighbours are looked at in different ticks.
void Walkers::watch(double now_s, stage::Stage& stage) {
  constexpr std::uint32_t kTurns = limits::kTickHz / 4;
  if (watchers_.empty()) return;
  MW_ASSERT(stage.entities().front() == first_watcher_);
  turn_ = (turn_ + 1) % kTurns;
  for (std::uint32_t i = turn_; i < watchers_.size(); i += kTurns)
    stage.set_animation(i, spectator_animation(now_s, watchers_[i].around, i + 1));
}

void Walkers::tick(double now_s, const motion::CollisionWorld& collision, const motion::Rules& rules,
                   stage::Stage& stage, bool seen) {
  if (seen) watch(now_s, stage);
  if (walkers_.empty()) return;
  index(stage);
  for (auto& walker : walkers_) {
    const bool moving = walker.doing == Doing::walking || walker.doing == Doing::approaching;
    if (moving) {
      walk(walker, now_s, collision, rules, stage);
    } else {
      rest(walker, now_s);
    }
    if (walker.doing == Doing::standing && now_s - walker.waved_s > 25 && visitor_near(walker, stage)) {
      walker.doing = Doing::waving;
      walker.waved_s = now_s;
      walker.until_s = now_s + 2.5;
    }
    static constexpr wire::Animation animations[] = {wire::Animation::walk, wire::Animation::walk,
                                                     wire::Animation::idle, wire::Animation::sit,
                                                     wire::Animation::wave};
    const auto row = stage.row(walker.entity);
    MW_ASSERT(row.has_value());
    auto animation = animations[static_cast<int>(walker.doing)];
    if (moving && flat_length(walker.state.velocity) < 0.25f) animation = wire::Animation::idle;
    stage.set(*row, {walker.state.position, walker.state.velocity, walker.yaw, animation});
  }
}

void Walkers::describe(Json& people) const {
  const auto add = [&](EntityId entity, std::size_t number) {
    people.push_back({{"entity", entity.value},
                      {"name", format("Simulated walker {}", number)},
                      {"simulated", true},
                      {"role", "guest"},
                      {"appearance", kit::to_json(kit::appearance(seed_ * 7919 + number))}});
  };
  if (!full_)
    for (std::uint32_t i = 0; i < watchers_.size(); ++i) add(EntityId{first_watcher_.value + i}, i + 1);
  for (const auto& walker : walkers_) add(walker.entity, walker.number);
}

}  // namespace mw::world
