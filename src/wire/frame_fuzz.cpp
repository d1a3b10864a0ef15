// Strategy: bytes as a message of a host: frames are read one after the other, and the two that stand alone are decoded.
// Invariants: no read outside the bytes; every step makes progress; what was read, written again, reads the same.
#include <cstdlib>

#include "wire/claim.h"
#include "wire/frame.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView rest(data, size);
  while (!rest.empty()) {
    const std::size_t before = rest.size();
    const auto frame = wire::read_frame(rest);
    if (!frame) {
      if (rest.size() != before) std::abort();
      break;
    }
    if (rest.size() >= before) std::abort();
    Bytes again;
    wire::append_frame(again, frame->header, frame->payload);
    ByteView again_rest = again;
    const auto read = wire::read_frame(again_rest);
    if (!read || !again_rest.empty() || read->header.track != frame->header.track ||
        read->header.group != frame->header.group || read->header.sequence != frame->header.sequence ||
        read->payload.size() != frame->payload.size()) {
      std::abort();
    }
  }
  const ByteView whole(data, size);
  if (const auto correction = wire::decode_correction(whole)) {
    if (const auto again = wire::decode_correction(wire::encode(*correction)); !again || *again != *correction)
      std::abort();
  }
  if (const auto answer = wire::decode_clock_answer(whole)) {
    if (const auto again = wire::decode_clock_answer(wire::encode(*answer)); !again || *again != *answer) std::abort();
  }
  return 0;
}
