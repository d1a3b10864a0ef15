// Random bytes from the kernel (getrandom), fit for keys and tokens.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace mw::platform {

void fill_random(std::span<Byte> out);  // aborts when the kernel has none: nothing safe could follow
std::uint64_t random_u64();

}  // namespace mw::platform
