// Strategy: bytes as JSON; what reads is written canonically.
// Invariants: no crash and no hang; the canonical text reads back, and is its own canonical text.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/text.h"
#include "crypto/canonical.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = mw::data::parse_json(mw::as_text({data, size}));
  if (!value.ok()) return 0;
  const auto text = mw::crypto::canonical_json(*value);
  MW_ASSERT(text.ok());  // whatever was read is finite, UTF-8, and not too deep
  MW_ASSERT(mw::valid_utf8(*text));
  const auto again = mw::data::parse_json(*text);
  MW_ASSERT(again.ok());
  MW_ASSERT(*mw::crypto::canonical_json(*again) == *text);
  return 0;
}
