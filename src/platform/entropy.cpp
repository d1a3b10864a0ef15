#include "platform/entropy.h"

#include <sys/random.h>

#include <cerrno>

#include "base/assert.h"

namespace mw::platform {

void fill_random(std::span<Byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    MW_ASSERT(got > 0);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::uint64_t random_u64() {
  Byte bytes[8];
  fill_random(bytes);
  std::uint64_t value = 0;
  for (const Byte byte : bytes) value = value << 8 | byte;
  return value;
}

}  // namespace mw::platform
