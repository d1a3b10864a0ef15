// Strategy: bytes as base58btc, as multibase and as a Multikey.
// Invariants: no crash and no hang; what is accepted is written as the same text again.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "crypto/multibase.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = mw::as_text({data, size});
  if (const auto bytes = mw::crypto::from_base58btc(text, 256); bytes.ok()) {
    MW_ASSERT(bytes->size() <= 256);
    MW_ASSERT(mw::crypto::base58btc(*bytes) == text);
  }
  if (const auto bytes = mw::crypto::from_multibase(text, 64); bytes.ok())
    MW_ASSERT(mw::crypto::multibase(*bytes) == text);
  if (const auto key = mw::crypto::from_multikey(text); key.ok()) MW_ASSERT(mw::crypto::multikey(*key) == text);
  return 0;
}
