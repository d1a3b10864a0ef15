#include "bench/eye.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"

namespace mw::bench {
namespace {

constexpr double kHz = limits::kTickHz;
constexpr double kSlideTicksPerSecond = 0.5, kSnapTicks = 4;
constexpr double kLeastDelayTicks = 2, kMostDelayTicks = 8, kDelayEase = 0.02;
constexpr std::uint32_t kGoneTicks = 20;
constexpr double kExtrapolateTicks = 2;
constexpr float kTeleportPerTick = 1, kTeleportSlack = 1.5f;
// The guess ahead takes its velocity over so many ticks at least: over one, the centimetre of the wire is 0.2 m/s.
constexpr std::uint32_t kBaselineTicks = 4;

bool teleported(float dx, float dz, double ticks) {
  const float most = kTeleportSlack + kTeleportPerTick * static_cast<float>(ticks);
  return dx * dx + dz * dz > most * most;
}

}  // namespace

void TickClock::sample(double sent, double received, double tick) {
  const double round_trip = received - sent;
  if (round_trip < 0) return;
  samples_[count_++ % kKept] = {round_trip, tick - (sent + round_trip / 2) * kHz};
  const std::size_t kept = std::min(count_, kKept);
  target_ = std::min_element(samples_, samples_ + kept, [](const Sample& a, const Sample& b) {
              return a.round_trip < b.round_trip;
            })->offset;
  if (count_ == 1 || std::abs(target_ - offset_) >= kSnapTicks) offset_ = target_;
}

double TickClock::tick_at(double now) {
  const double most = kSlideTicksPerSecond * std::clamp(now - last_, 0.0, 1.0);
  last_ = now;
  offset_ += std::clamp(target_ - offset_, -most, most);
  return now * kHz + offset_;
}

double TickClock::target_at(double now) const { return now * kHz + target_; }

double TickClock::round_trip() const {
  double least = count_ == 0 ? 0 : samples_[0].round_trip;
  for (std::size_t i = 1; i < std::min(count_, kKept); ++i) least = std::min(least, samples_[i].round_trip);
  return least;
}

Status Eye::take(const wire::FrameView& frame) {
  MW_TRY(picture_.take(frame));
  news_ = true;
  return ok();
}

void Eye::push(Person& person, std::uint32_t tick, float x, float z) {
  if (person.filled > 0) {
    const std::uint32_t newest = person.tick[person.head];
    if (tick < newest) return;
    if (tick > newest) {
      person.head = (person.head + 1) % kDepth;
      person.filled = std::min<std::uint32_t>(kDepth, person.filled + 1);
      ++poses_;
    }
  } else {
    person.filled = 1;
    ++poses_;
  }
  person.tick[person.head] = tick;
  person.x[person.head] = x;
  person.z[person.head] = z;
}

void Eye::taken(double now) {
  if (!news_) return;
  news_ = false;
  const auto& columns = picture_.columns();
  if (row_person_.size() < picture_.size()) row_person_.resize(picture_.size(), 0);
  for (std::size_t row = 0; row < picture_.size(); ++row) {
    const std::uint32_t entity = columns.entity[row];
    if (row_person_[row] >= people_.size() || people_[row_person_[row]].entity != entity) {
      const auto [found, fresh] = index_.try_emplace(entity, static_cast<std::uint32_t>(people_.size()));
      if (fresh) people_.push_back({.entity = entity});
      row_person_[row] = found->second;
    }
    push(people_[row_person_[row]], columns.tick[row], static_cast<float>(columns.x[row]) / 100,
         static_cast<float>(columns.z[row]) / 100);
  }
  if (!clock_.ready()) return;
  const double late = clock_.tick_at(now) - picture_.newest_tick();
  lateness_ = late > lateness_ ? late : lateness_ + (late - lateness_) * kDelayEase;
  const double wanted = std::clamp(lateness_ + 1, kLeastDelayTicks, kMostDelayTicks);
  delay_ += (wanted - delay_) * (wanted > delay_ ? 0.2 : kDelayEase);
}

double Eye::draw_tick(double now) { return clock_.ready() ? clock_.tick_at(now) - delay_ : picture_.newest_tick(); }

bool Eye::find(std::uint32_t entity, double draw_tick, double now_tick, Drawn& out) const {
  const auto found = index_.find(entity);
  if (found == index_.end()) return false;
  const Person& person = people_[found->second];
  const std::uint32_t head = person.head;
  if (picture_.newest_tick() > person.tick[head] + kGoneTicks) return false;
  // b is the oldest sample that is newer than the tick, a the one before it.
  std::uint32_t b = head, a = head;
  for (std::uint32_t i = 1; i < person.filled; ++i) {
    a = (b + kDepth - 1) % kDepth;
    if (person.tick[a] <= draw_tick || i == person.filled - 1) break;
    b = a;
  }
  const double span = person.tick[b] - person.tick[a];
  double share = span > 0 ? (draw_tick - person.tick[a]) / span : 1;
  share = std::clamp(share, 0.0, 1 + (span > 0 ? kExtrapolateTicks / span : 0));
  const float dx = person.x[b] - person.x[a], dz = person.z[b] - person.z[a];
  if (teleported(dx, dz, span)) share = share < 1 ? 0 : 1;
  out.x = person.x[a] + dx * static_cast<float>(share);
  out.z = person.z[a] + dz * static_cast<float>(share);

  std::uint32_t base = head;
  for (std::uint32_t i = 1; i < person.filled && person.tick[head] - person.tick[base] < kBaselineTicks; ++i)
    base = (base + kDepth - 1) % kDepth;
  const double ticks = person.tick[head] - person.tick[base];
  const float bx = person.x[head] - person.x[base], bz = person.z[head] - person.z[base];
  const double reach = ticks > 0 && !teleported(bx, bz, ticks) ? (now_tick - person.tick[head]) / ticks : 0;
  out.newest_x = person.x[head];
  out.newest_z = person.z[head];
  out.ahead_x = out.newest_x + bx * static_cast<float>(reach);
  out.ahead_z = out.newest_z + bz * static_cast<float>(reach);
  out.tick = person.tick[head];
  return true;
}

}  // namespace mw::bench
