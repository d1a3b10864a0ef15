// Strategy: the input is what a client sends after the upgrade, cut into pieces at a place that its first byte chooses; the reader
// also gets it byte by byte and whole. What it yields is judged by a plain reader written here, straight from RFC 6455.
// Invariants: nothing crashes; messages do not depend on the cut; a text message is UTF-8; sizes keep their limits; memory that the
// reader holds is bounded; after a failure there is a close code and a reason, and nothing more is yielded.
#include <algorithm>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/limits.h"
#include "base/text.h"
#include "edge/websocket.h"

namespace {

using namespace mw;
using namespace mw::edge;

struct Outcome {
  std::vector<std::pair<int, std::string>> messages;
  bool failed = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(ByteView bytes, std::size_t piece) {
  Outcome outcome;
  WebSocketReader reader;
  Bytes part;
  while (!bytes.empty()) {
    const std::size_t size = std::min(piece, bytes.size());
    part.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes = bytes.subspan(size);
    std::span<Byte> rest(part);
    WebSocketReader::Message message;
    while (true) {
      const auto state = reader.next(rest, message);
      MW_ASSERT(reader.memory() <= 2 * limits::kWebSocketMessageBytes + 4096);
      if (state == WebSocketReader::State::more) break;
      if (state == WebSocketReader::State::failed) {
        MW_ASSERT(reader.reason()[0] != '\0');
        MW_ASSERT(reader.next(rest, message) == WebSocketReader::State::failed);
        outcome.failed = true;
        return outcome;
      }
      const std::string_view payload = as_text(message.payload);
      if (message.opcode == Opcode::text)
        MW_ASSERT(valid_utf8(payload) && payload.size() <= limits::kWebSocketMessageBytes);
      if (message.opcode == Opcode::binary) MW_ASSERT(payload.size() <= limits::kUpstreamFrameBytes);
      outcome.messages.emplace_back(static_cast<int>(message.opcode), payload);
    }
  }
  return outcome;
}

// Whole, final, masked data frames alone: what a plain reader makes of the first of them.
void check_first(ByteView bytes, const Outcome& outcome) {
  if (bytes.size() < 6 || (bytes[0] != 0x81 && bytes[0] != 0x82) || bytes[1] < 0x80 || bytes[1] >= 0x80 + 126) return;
  const std::size_t size = bytes[1] & 0x7f;
  if (bytes.size() < 6 + size) return;
  std::string payload;
  for (std::size_t i = 0; i < size; ++i) payload.push_back(static_cast<char>(bytes[6 + i] ^ bytes[2 + i % 4]));
  if (bytes[0] == 0x81 && !valid_utf8(payload)) {
    MW_ASSERT(outcome.failed && outcome.messages.empty());
  } else {
    MW_ASSERT(!outcome.messages.empty() && outcome.messages[0].second == payload);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  const Outcome whole = read(bytes, bytes.size() + 1);
  check_first(bytes, whole);
  MW_ASSERT(read(bytes, 1) == whole);
  MW_ASSERT(read(bytes, data[0] % 32 + std::size_t{2}) == whole);
  const std::string text(as_text(bytes));
  (void)choose_subprotocol(text);
  const std::string accept = websocket_accept(text);
  MW_ASSERT(accept.empty() || accept.size() == 28);
  MW_ASSERT(websocket_close(tracks::CloseCode::policy, text).size() <= 127);
  return 0;
}
