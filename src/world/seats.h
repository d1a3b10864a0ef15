// The seats of a scene: which are free, and which one is near. Visitors and simulated people sit on the same ones.
// A seat is a kit::Place: the middle of its front edge, at the height of the seat, looking the way its sitter looks.
// Cost: a search touches the cells within reach alone, so that a stand of tens of thousands costs what a bench does. Nothing
// allocates after construction.
// Thread: the control loop.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "kit/kit.h"
#include "kit/seats.h"

namespace mw::world {

// The places and, behind them, a stadium's numbered seats, which say where one's feet are.
std::vector<kit::Place> with_numbered(std::vector<kit::Place> places, const kit::Seats& numbered);

class Seats {
 public:
  explicit Seats(std::vector<kit::Place> places);

  std::size_t size() const { return places_.size(); }
  const kit::Place& place(std::uint32_t seat) const { return places_[seat]; }
  bool taken(std::uint32_t seat) const { return taken_[seat] != 0; }
  void take(std::uint32_t seat) { taken_[seat] = 1; }
  void release(std::uint32_t seat) { taken_[seat] = 0; }

  // Calls visit(seat, metres over the ground) for every free seat within `reach`, always in the same order.
  template <class Visit>
  void each_free(motion::Vec3 from, float reach, Visit&& visit) const {
    for (std::int32_t x = cell(from.x - reach); x <= cell(from.x + reach); ++x) {
      for (std::int32_t z = cell(from.z - reach); z <= cell(from.z + reach); ++z) {
        const auto found = cells_.find(key(x, z));
        if (found == cells_.end()) continue;
        for (const std::uint32_t seat : found->second) {
          const float distance = std::hypot(places_[seat].position.x - from.x, places_[seat].position.z - from.z);
          if (taken_[seat] == 0 && distance <= reach) visit(seat, distance);
        }
      }
    }
  }

 private:
  static std::int32_t cell(float metres) { return static_cast<std::int32_t>(std::floor(metres / 2)); }
  static std::uint64_t key(std::int32_t x, std::int32_t z) {
    return std::uint64_t{static_cast<std::uint32_t>(x)} << 32 | static_cast<std::uint32_t>(z);
  }

  std::vector<kit::Place> places_;
  std::vector<std::uint8_t> taken_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> cells_;
};

}  // namespace mw::world
