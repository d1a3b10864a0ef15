// Outfits that a visitor has kept: whole appearances to change into, each with a number and perhaps a name. They are the
// visitor's (a guest's, or whose account it is) and are stored with name and place, so that they are there on the next device.
// Thread: the control loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/json.h"
#include "kit/kit.h"

namespace mw::server {

// Of one visitor; one more is refused, none is thrown away for it. Numbers are 1 to kMostOutfits.
inline constexpr std::int64_t kMostOutfits = 8;

class Outfits {
 public:
  // What a change says; what it leaves out stays as it is.
  struct Change {
    std::optional<std::int64_t> number;  // of the outfit that is changed; none: a new one, with the lowest free number
    std::optional<std::string> name;  // clean (base/text.h); empty takes a name away
    std::optional<kit::Appearance> appearance;
  };
  // The number of the outfit. `worn` is what a new one looks like where the change says nothing. Errors: `full`;
  // `not_found` (field `number`) for one that is not there.
  Result<std::int64_t> keep(const Change& change, const kit::Appearance& worn);
  // Error `not_found` (field `number`).
  Status drop(std::int64_t number);

  bool empty() const { return kept_.empty(); }
  Json to_json() const;  // by number; as calls answer and as it is stored
  // Takes what to_json gave; whatever does not read is left out, since looks are a comfort only.
  void restore(const Json& stored);

 private:
  struct Outfit {
    std::int64_t number = 0;
    std::string name;
    kit::Appearance appearance;
  };
  std::vector<Outfit>::iterator find(std::int64_t number);

  std::vector<Outfit> kept_;  // sorted by number
};

}  // namespace mw::server
