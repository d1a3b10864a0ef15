// Strategy: bytes as a message of a client.
// Invariants: a claim that is accepted keeps to its ranges, and encodes to the very bytes it was read from; nothing is both
// a claim and a ping.
#include <algorithm>
#include <cstdlib>

#include "space/units.h"
#include "wire/claim.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView message(data, size);
  const auto same = [&](const Bytes& bytes) {
    return std::equal(bytes.begin(), bytes.end(), message.begin(), message.end());
  };
  const auto claim = wire::decode_claim(message);
  const auto ping = wire::decode_clock_ping(message);
  if (claim && ping) std::abort();
  if (claim) {
    for (const auto mm : {claim->x_mm, claim->y_mm, claim->z_mm}) {
      if (mm < -space::kExtentMm || mm > space::kExtentMm) std::abort();
    }
    if (claim->gesture >= wire::Gesture::count || !same(wire::encode(*claim))) std::abort();
  }
  if (ping && !same(wire::encode(*ping))) std::abort();
  return 0;
}
