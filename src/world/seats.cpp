#include "world/seats.h"

#include <utility>

namespace mw::world {

Seats::Seats(std::vector<kit::Place> places) : places_(std::move(places)), taken_(places_.size()) {
  for (std::uint32_t seat = 0; seat < places_.size(); ++seat) {
    const auto& at = places_[seat].position;
    cells_[key(cell(at.x), cell(at.z))].push_back(seat);
  }
}

}  // namespace mw::world
