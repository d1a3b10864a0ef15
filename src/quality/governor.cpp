#include "quality/governor.h"

#include <algorithm>
#include <numeric>

namespace mw::quality {
namespace {

constexpr double kOverloaded = 0.95, kCalm = 0.5;
constexpr int kOverloadedS = 5, kCalmS = 20;  // before the rate falls, and rises again
constexpr double kFall = 0.85, kRise = 1.15;  // of detail, a second; one rise must not lead to the next fall
// Of a world's measured delivery: so many client-seconds say something, and so large a share is no longer their own networks.
constexpr double kTellingS = 20 * 60;
constexpr double kManyBad = 0.2;
constexpr int kClosedLeastS = 10;
constexpr double kPacedFrom =
    0.4;  // from this load on newcomers come in bit by bit, so that their effect is seen in time

static_assert(kDetailRises * kRise < kDetailFalls);

}  // namespace

void LoadGovernor::tick(double busy) {
  busy_[next_] = static_cast<float>(busy);
  next_ = (next_ + 1) % kKept;
  kept_ = std::min(kept_ + 1, kKept);
}

void LoadGovernor::second() {
  if (kept_ == 0) return;
  load_ = std::accumulate(busy_.begin(), busy_.begin() + static_cast<std::ptrdiff_t>(kept_), 0.0) /
          static_cast<double>(kept_);
  if (load_ > kDetailFalls) detail_ = std::max(kLeastDetail, detail_ * kFall);
  if (load_ < kDetailRises && divisor_ == 1) detail_ = std::min(1.0, detail_ * kRise);
  overloaded_s_ = load_ > kOverloaded && detail_ <= kLeastDetail ? overloaded_s_ + 1 : 0;
  calm_s_ = load_ < kCalm ? calm_s_ + 1 : 0;
  if (overloaded_s_ >= kOverloadedS) divisor_ = 2;
  if (calm_s_ >= kCalmS) divisor_ = 1;
}

std::size_t Admission::room(const Situation& now) {
  const double bad = now.measured_s >= kTellingS ? now.delivery_s / now.measured_s : 0;
  const double most = std::max(kManyBad, 2 * (1 - now.good_minutes / 100));
  // Where nobody is inside, nobody's promise can be broken by one more; the load is everybody's.
  const bool broken = now.inside > 0 && bad > most;
  closed_s_ = closed_ ? closed_s_ + 1 : 0;
  if (now.load >= kNearlyFull || broken) {
    closed_ = true;
  } else if (closed_ && closed_s_ >= kClosedLeastS && now.load <= kRoomAgain && (bad <= most / 2 || now.inside == 0)) {
    closed_ = false;
  }
  if (closed_) return 0;
  if (now.load < kPacedFrom || now.inside_all == 0) return kAll;
  // Half of what still fits, if each costs what those inside cost on average.
  const double fits = (kNearlyFull - now.load) / (now.load / static_cast<double>(now.inside_all));
  return std::max<std::size_t>(1, static_cast<std::size_t>(fits / 2));
}

}  // namespace mw::quality
