// What one browser would draw of a crowd: frames go through the browser's codec (wire::Picture), and everybody's poses are
// drawn a little behind the host's clock, as web/packages/sdk does it (clock.ts, avatars.ts, place.ts; the constants are
// theirs). Beside that, the guess ahead: the last poses prolonged to this very moment.
// Seconds of this machine's monotonic clock; ticks of the host. Thread: one.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "wire/picture.h"

namespace mw::bench {

// The host's tick by answers to pings: the fastest of the last eight is believed.
class TickClock {
 public:
  void sample(double sent, double received, double tick);
  bool ready() const { return count_ > 0; }
  double tick_at(double now);  // slides towards the best answer
  double target_at(double now) const;  // by the best answer itself
  double round_trip() const;  // the shortest of the last ones, s

 private:
  struct Sample {
    double round_trip = 0, offset = 0;  // tick = time * 20 + offset
  };
  static constexpr std::size_t kKept = 8;
  Sample samples_[kKept];
  std::size_t count_ = 0;
  double offset_ = 0, target_ = 0, last_ = 0;
};

class Eye {
 public:
  struct Drawn {
    float x = 0, z = 0;  // at the tick that is drawn
    float ahead_x = 0, ahead_z = 0;  // prolonged to now
    float newest_x = 0, newest_z = 0;  // as last heard, of
    std::uint32_t tick = 0;  // this tick
  };

  Status take(const wire::FrameView& frame);
  void taken(double now);  // the message's frames are through
  TickClock& clock() { return clock_; }
  const wire::Picture& picture() const { return picture_; }
  std::uint64_t poses() const { return poses_; }  // learned so far: one for each person and tick of theirs

  // Begins a picture: the tick that is drawn now.
  double draw_tick(double now);
  // False for whom one does not see: never heard of, or not for a second.
  bool find(std::uint32_t entity, double draw_tick, double now_tick, Drawn& out) const;

 private:
  static constexpr std::size_t kDepth = 8;
  struct Person {
    std::uint32_t entity = 0;
    std::uint32_t head = 0, filled = 0;
    std::uint32_t tick[kDepth] = {};
    float x[kDepth] = {}, z[kDepth] = {};
  };

  void push(Person& person, std::uint32_t tick, float x, float z);

  wire::Picture picture_;
  TickClock clock_;
  std::vector<Person> people_;
  std::unordered_map<std::uint32_t, std::uint32_t> index_;
  std::vector<std::uint32_t> row_person_;  // of each row of the picture; a guess that is checked
  double delay_ = 2.5, lateness_ = 0;  // ticks
  std::uint64_t poses_ = 0;
  bool news_ = false;
};

}  // namespace mw::bench
