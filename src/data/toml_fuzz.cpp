// Strategy: the bytes are read as TOML.
// Invariants: no crash and no hang; what was accepted can be written as JSON and reads back to the same value, since world
// files continue their way as JSON; an error names a line.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"
#include "data/json.h"
#include "data/toml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = mw::data::parse_toml(mw::as_text({data, size}));
  if (!value.ok()) {
    MW_ASSERT(value.error().message.starts_with("line ") || value.error().kind == mw::ErrorKind::too_large);
    return 0;
  }
  MW_ASSERT(value->is_object());
  const auto again = mw::data::parse_json(mw::data::to_text(*value));
  MW_ASSERT(again.ok());
  MW_ASSERT(*again == *value);
  return 0;
}
