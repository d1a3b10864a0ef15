// Bytes as everybody here passes them: spans to look at, vectors to own.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mw {

using Byte = std::uint8_t;
using Bytes = std::vector<Byte>;
using ByteView = std::span<const Byte>;

inline ByteView as_bytes(std::string_view text) { return {reinterpret_cast<const Byte*>(text.data()), text.size()}; }
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace mw
