// A thing that an edit has put into a world: which model, where, how. Numbers are rounded as they come in (positions to 1 mm,
// angles to 0.1 mrad, scales to 0.001), so that what is stored, sent and compared is the same.
// Thread: values; pure functions.
#pragma once

#include <array>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "data/json.h"
#include "motion/collision.h"

namespace mw::world {

struct Thing {
  EntityId entity;
  std::string model;  // of the host's catalogue: "bench"
  std::array<double, 3> position{};  // metres
  double yaw = 0;  // radians
  double scale = 1;
  std::string colour;  // "#RRGGBB", or empty: the model's own
  std::string name;  // may be empty
  VisitorId by;  // who added it
  friend bool operator==(const Thing&, const Thing&) = default;
};

Json to_json(const Thing& thing);
Result<Thing> thing_from_json(const Json& json);  // what to_json wrote; `damaged` otherwise

// Takes what `params` of entity.add or entity.change names over into `thing`. The schema has checked types and ranges; here
// numbers are rounded and names cleaned. An empty colour or name takes it away. Error `invalid` names the parameter.
Status take_parameters(const Json& params, Thing& thing);

motion::Placement placement_of(const Thing& thing);

}  // namespace mw::world
