#include "world/spectators.h"

#include <cmath>

namespace mw::world {
namespace {

constexpr double kActS = 36;       // every so often something happens
constexpr double kLapS = 32;       // of a wave round the ground: about 12 m/s, as waves go
constexpr double kUpS = 1.6;       // how long the wave keeps somebody up
constexpr double kReactS = 1.4;    // the slowest is so much later than the fastest

std::uint32_t scrambled(std::uint32_t value) {
  value ^= value >> 16, value *= 0x7FEB352Du, value ^= value >> 15, value *= 0x846CA68Bu;
  return value ^ value >> 16;
}
double share(std::uint32_t value) { return static_cast<double>(scrambled(value) >> 8) / 16777216.0; }

}  // namespace

wire::Animation spectator_animation(double now_s, float yaw, std::uint32_t person) {
  const double act = std::floor(now_s / kActS), in_act = now_s - act * kActS;
  const auto number = static_cast<std::uint32_t>(std::fmod(act, 65536.0));
  const double temper = share(person), late = share(person ^ 0x51u) * kReactS;
  switch (scrambled(number) % 5) {
    case 0:  // a goal: nearly everybody is up at once, and sits down again one by one
      if (in_act > late && in_act < 7 + 6 * temper && temper < 0.93) return wire::Animation::cheer;
      break;
    case 1: {  // a wave, one lap: who is passed throws the arms up
      constexpr double kTurn = 6.283185307179586;
      const double turns = static_cast<double>(yaw) / kTurn;
      const double passes = (turns - std::floor(turns)) * kLapS + late * 0.25;
      if (in_act > passes && in_act < passes + kUpS && temper < 0.95) return wire::Animation::cheer;
      break;
    }
    case 2:  // a song: arms and scarves are up all over the ground, side after side of it joins in
      if (in_act > 2 * late + 4 * share(static_cast<std::uint32_t>(std::lround(yaw * 2))) && in_act < 22 + 6 * temper &&
          temper < 0.8)
        return wire::Animation::wave;
      break;
    default:  // applause for a good move, by some
      if (in_act > late && in_act < 3 + 4 * temper && temper > 0.45) return wire::Animation::clap;
  }
  // In between most sit; a few are on their feet for a while, wave to somebody or clap.
  const auto own = static_cast<std::uint32_t>(std::fmod(std::floor(now_s / 11 + 11 * temper), 65536.0));
  const double mood = share(person * 31u + own);
  if (mood < 0.05) return wire::Animation::clap;
  if (mood < 0.08) return wire::Animation::wave;
  if (mood < 0.13) return wire::Animation::idle;
  return wire::Animation::sit;
}

}  // namespace mw::world
