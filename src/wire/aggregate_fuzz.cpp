// Strategy: the input is one payload. Invariant: what decodes encodes to the same bytes.
#include <algorithm>
#include <cstdlib>

#include "wire/aggregate.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = wire::decode_aggregate({data, size});
  if (!read) return 0;
  Bytes bytes;
  wire::encode_aggregate(*read, bytes);
  if (!std::ranges::equal(bytes, ByteView(data, size))) std::abort();
  return 0;
}
