// Which cell at which level for a viewer with so many bytes a second: ranked by what the eye would miss. Every cell is shown at
// some level: those beyond limits::kAggregateM begin as an aggregate, all others at the coarsest level of poses. Cells within
// limits::kNearM come at level 0 first: those that touch the viewer's finer together, then the nearest first. Then, one level of
// one cell at a time, what takes away most angle of error per byte, summed over a cell's people, weighted by whether they can be
// in view. Beyond kAggregateM at most limits::kFarIndividuals are shown each by themselves, whatever the budget, so that a
// browser's work is bounded, too.
// Ranked for all viewers who stand in one cell, look into one octant and have one budget (DESIGN.md, "The crowd"); so distances
// are those from the viewers' cell. Pure; O(cells * levels * log cells).
// Thread: the control loop.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "crowd/cells.h"
#include "wire/poses.h"

namespace mw::crowd {

// A cell's levels: those of poses, and behind them the aggregate (wire/aggregate.h).
inline constexpr unsigned kAggregateLevel = wire::kPoseLevels, kCellLevels = wire::kPoseLevels + 1;

inline constexpr unsigned kOctants = 8;
inline constexpr unsigned octant_of(std::uint16_t yaw) { return static_cast<std::uint16_t>(yaw + 4096u) >> 13; }

struct RankedCell {
  CellIndex cell = kNone;
  Rect bounds;
  std::uint32_t people = 0;
};

// What a person costs at each level, bytes a second with keyframes, and a frame beside its people.
struct LevelCosts {
  std::array<float, wire::kPoseLevels> person{};
  float frame = 8;
  float aggregate = 80;  // of a cell: 40 bytes, twice a second at most on average
};

struct Standpoint {
  Rect region;  // somewhere in it stands the viewer
  unsigned octant = 0;  // of gaze: 0 looks along +z, 2 along +x
  float bytes_per_s = 0;
};

class Ranking {
 public:
  // A level for each of `cells`, by their order. `before`: the levels that the same viewers have, by CellIndex, 0xFF where
  // there is none; what they have is dropped only for what is clearly better. Good until the next call.
  std::span<const std::uint8_t> rank(const Standpoint& from, std::span<const RankedCell> cells,
                                     std::span<const std::uint8_t> before, const LevelCosts& costs);
  float planned() const { return used_; }  // bytes a second of the last ranking

 private:
  struct Step {
    float gain = 0;  // angle times people, per byte
    std::uint32_t cell = 0;
    std::uint8_t level = 0;
    friend bool operator<(const Step& a, const Step& b) { return a.gain < b.gain; }
  };
  struct View {
    float near = 0, weight = 0;  // distance of the nearest two points, m; error's worth per person, 1/m
  };
  void look(const Standpoint& from, std::span<const RankedCell> cells);
  void price(const LevelCosts& costs);
  Step next(std::uint32_t cell, std::uint8_t have, std::span<const std::uint8_t> before) const;
  bool fits(const Step& step, float bytes_per_s) const;
  void take_steps(float bytes_per_s, std::span<const std::uint8_t> before);
  float cost(std::uint32_t cell, unsigned level) const;
  bool far(std::uint32_t cell, std::span<const std::uint8_t> before) const;
  void rank_near(float bytes_per_s);
  void refine(std::uint32_t cell, std::uint8_t level, float bytes_per_s);  // where the budget allows

  std::span<const RankedCell> cells_;
  std::array<float, kCellLevels> person_{}, frame_{};  // bytes a second at each level
  std::vector<View> views_;
  std::vector<std::uint8_t> levels_;
  std::vector<Step> steps_;
  std::vector<std::uint32_t> nearest_;
  float used_ = 0;
  std::size_t far_people_ = 0;  // shown each by themselves though they may be part of an aggregate
};

}  // namespace mw::crowd
