// Integers of fixed size as bytes, least significant first, whatever the machine.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "base/assert.h"
#include "base/bytes.h"

namespace mw::wire {

template <std::integral T>
void append_le(Bytes& out, T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<Byte>(bits));
    if constexpr (sizeof(T) > 1) bits = static_cast<decltype(bits)>(bits >> 8);
  }
}

// Reads a message whose length was checked before.
class LittleEndianReader {
 public:
  explicit LittleEndianReader(ByteView bytes) : rest_(bytes) {}

  template <std::integral T>
  T take() {
    MW_ASSERT(rest_.size() >= sizeof(T));
    std::make_unsigned_t<T> bits = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) {
      if constexpr (sizeof(T) > 1) bits = static_cast<decltype(bits)>(bits << 8);
      bits = static_cast<decltype(bits)>(bits | rest_[i]);
    }
    rest_ = rest_.subspan(sizeof(T));
    return static_cast<T>(bits);
  }

 private:
  ByteView rest_;
};

}  // namespace mw::wire
