// Assertions for our own mistakes, never for input from outside. They stay on in release builds: a server that knows it
// is wrong must stop rather than go on writing.
#pragma once

namespace mw {
// Prints the place and the condition to standard error and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace mw

#define MW_ASSERT(condition)                                  \
  do {                                                        \
    if (!(condition)) [[unlikely]]                            \
      ::mw::assertion_failed(#condition, __FILE__, __LINE__); \
  } while (false)
