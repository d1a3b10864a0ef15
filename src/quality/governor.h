// What keeps the promise when load rises, in this order:
//  1. at a load of kNearlyFull, and when a world's measured delivery breaks its promise, newcomers wait in the queue (Admission);
//  2. from kDetailFalls on, detail falls: viewers plan with a share of their byte budgets (`detail`), which takes the far levels
//     first; who is near stays at level 0;
//  3. last, when detail is at its least and the host is still overloaded, the rate halves (`rate_divisor`).
// All of it comes back with hysteresis.
// Thread: the control loop; `tick` runs every tick and does not allocate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/limits.h"

namespace mw::quality {

inline constexpr double kDetailFalls = 0.85, kDetailRises = 0.7;
inline constexpr double kNearlyFull = 0.9, kRoomAgain = 0.75;
// Less would save hardly anything: nine tenths of what a viewer costs is one message a tick, whatever is in it (docs/benchmarks.md).
inline constexpr double kLeastDetail = 0.5;

// How busy the host is: 0 idle, 1 not a moment free (mean of the last 5 s). Processor time, of its own threads alone: a
// machine that is busy with something else makes ticks late, which the ledger counts, but taking detail away would not mend it.
class LoadGovernor {
 public:
  // Of the time since the last tick, the share that the busiest worked: one of the loops, or all threads of all cores.
  void tick(double busy);
  void second();  // once a second: everything below is as of then

  double load() const { return load_; }
  // Of each viewer's byte budget, kLeastDetail to 1: what the crowd engine multiplies `viewer_bandwidth` by.
  double detail() const { return detail_; }
  // Poses go out every so many ticks: 1, or 2 under the heaviest load.
  unsigned rate_divisor() const { return divisor_; }

 private:
  static constexpr std::size_t kKept = 5 * limits::kTickHz;
  std::array<float, kKept> busy_{};
  std::size_t next_ = 0, kept_ = 0;
  double load_ = 0, detail_ = 1;
  unsigned divisor_ = 1;
  int overloaded_s_ = 0, calm_s_ = 0;
};

// Whom one world lets in.
class Admission {
 public:
  struct Situation {
    double load = 0;  // of the host
    std::size_t inside = 0, inside_all = 0;  // visitors of this world, and of the host
    double measured_s = 0, delivery_s = 0;  // client time of the last minutes, and that with broken delivery
    double good_minutes = 95;  // promised, per cent
  };
  static constexpr std::size_t kAll = static_cast<std::size_t>(-1);
  static constexpr int kMinutes = 3;  // that Situation looks back

  // How many may come in within this second. Called once a second.
  std::size_t room(const Situation& now);
  bool closed() const { return closed_; }

 private:
  bool closed_ = false;
  int closed_s_ = 0;
};

}  // namespace mw::quality
