// Strategy: the first byte is where the rest is cut; the rest is the answer of a host, and a URL.
// Invariants: nothing crashes; a body never exceeds its bound; whether an answer is complete does not depend on the cut; an
// accepted URL has a host, a port and a target that are safe in a request line.
#include <algorithm>
#include <cstdlib>

#include "edge/fetch.h"

using namespace mw;

namespace {

constexpr std::size_t kMost = 64;

bool complete(ByteView first, ByteView second, std::string& body) {
  edge::ResponseReader reader(kMost);
  auto done = reader.feed(first);
  if (done.ok() && !*done) done = reader.feed(second);
  if (!done.ok() || !*done) return false;
  body = reader.take().body;
  if (body.size() > kMost) std::abort();
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  const std::size_t cut = std::min<std::size_t>(data[0], rest.size());
  std::string whole, parts;
  if (complete(rest, {}, whole) != complete(rest.first(cut), rest.subspan(cut), parts) || whole != parts) std::abort();
  const auto url = edge::parse_url(as_text(rest));
  if (!url.ok()) return 0;
  if (url->host.empty() || url->port == 0 || url->target.empty() || url->target[0] != '/') std::abort();
  for (const char c : url->target + url->authority())
    if (c <= 0x20 || c >= 0x7f) std::abort();
  return 0;
}
