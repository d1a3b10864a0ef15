#include "world/seats.h"

#include <utility>

namespace mw::world {

std::vector<kit::Place> with_numbered(std::vector<kit::Place> places, const kit::Seats& numbered) {
  places.reserve(places.size() + numbered.count());
  for (std::uint32_t i = 0; i < numbered.count(); ++i) {
    const kit::Seat seat = numbered.seat(i);
    const motion::Vec3 feet = seat.position;
    places.push_back({{feet.x, feet.y + kit::kSeatHeight, feet.z}, seat.yaw});
  }
  return places;
}

Seats::Seats(std::vector<kit::Place> places) : places_(std::move(places)), taken_(places_.size()) {
  for (std::uint32_t seat = 0; seat < places_.size(); ++seat) {
    const auto& at = places_[seat].position;
    cells_[key(cell(at.x), cell(at.z))].push_back(seat);
  }
}

}  // namespace mw::world
