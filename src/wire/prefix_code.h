// Canonical prefix codes over a handful of symbols, made anew for each frame: the frame states how many bits each symbol
// has, and both sides number the codes from that (as in RFC 1951, 3.2.2: shorter codes first, then by symbol).
// Integers only; plain values of fixed size, no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "wire/bits.h"

namespace mw::wire {

inline constexpr unsigned kSymbolsMax = 16;
inline constexpr unsigned kCodeBitsMax = 7;

using CodeLengths = std::array<std::uint8_t, kSymbolsMax>;  // bits of each symbol, 0 where it does not occur

// Lengths of a Huffman code for these counts, at most kCodeBitsMax bits (D. A. Huffman, 1952; counts are halved until the
// longest fits, which costs next to nothing here). A symbol that occurs alone gets one bit.
CodeLengths code_lengths(const std::array<std::uint32_t, kSymbolsMax>& counts);

// In the frame: 5 bits n, then 3 bits for each of the first n symbols; the others do not occur.
std::size_t lengths_bits(const CodeLengths& lengths);  // that put_lengths writes
void put_lengths(BitWriter& out, const CodeLengths& lengths);
// False when n is over kSymbolsMax or the lengths ask for more codes than there are.
bool take_lengths(BitReader& in, CodeLengths& lengths);

class PrefixWriter {
 public:
  PrefixWriter() = default;
  explicit PrefixWriter(const CodeLengths& lengths);
  void put(BitWriter& out, unsigned symbol) const { out.put(code_[symbol], lengths_[symbol]); }

 private:
  CodeLengths lengths_{};
  std::array<std::uint8_t, kSymbolsMax> code_{};
};

class PrefixReader {
 public:
  static constexpr unsigned kNone = kSymbolsMax;  // these bits are no code

  void set(const CodeLengths& lengths);  // that take_lengths accepted
  unsigned take(BitReader& in) const {
    const Entry entry = table_[in.peek(kCodeBitsMax)];
    in.skip(entry.bits);
    return entry.symbol;
  }

 private:
  struct Entry {
    std::uint8_t symbol = kNone;
    std::uint8_t bits = 0;
  };
  std::array<Entry, 1u << kCodeBitsMax> table_{};
};

}  // namespace mw::wire
