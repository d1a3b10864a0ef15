// Text formatting: mw::format("{} of {}", a, b), by fmt, until the compiler has <format>.
#pragma once

#include <fmt/format.h>

namespace mw {
using fmt::format;
}
