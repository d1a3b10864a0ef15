// Strategy: the bytes are JSON; it is read as the appearance that a visitor chose and as the parameters of a scene. The scene
// itself is not made: that costs a second and depends on the parameters that were read alone.
// Invariants: no crash; what is refused names the field; an appearance that is accepted keeps its limits, can be drawn, and
// reads back from its own JSON to the same.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"
#include "data/json.h"
#include "kit/kit.h"
#include "kit/palette.h"

namespace {

using namespace mw;

void check_appearance(const Json& json) {
  const auto read = kit::appearance_from_json(json);
  if (!read.ok()) {
    MW_ASSERT(read.error().kind == ErrorKind::invalid && read.error().field.starts_with("appearance"));
    MW_ASSERT(!read.error().message.empty());
    return;
  }
  MW_ASSERT(read->height > 1.5f && read->height < 2 && read->build > 0.8f && read->build < 1.25f);
  MW_ASSERT(kit::part_mask(*read) != 0);
  (void)kit::slot_colours(*read);  // looks into every palette
  const auto again = kit::appearance_from_json(kit::to_json(*read));
  MW_ASSERT(again.ok());
  MW_ASSERT(kit::to_json(*again) == kit::to_json(*read));
}

void check_parameters(const Json& json) {
  const auto made = kit::make_scene("", json);
  MW_ASSERT(!made.ok() && !made.error().message.empty());
  if (made.error().kind == ErrorKind::not_found) return;
  MW_ASSERT(made.error().kind == ErrorKind::invalid);
  MW_ASSERT(!json.is_object() || json.contains(made.error().field));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = data::parse_json(as_text({data, size}));
  if (!json.ok()) return 0;
  check_appearance(*json);
  check_parameters(*json);
  return 0;
}
