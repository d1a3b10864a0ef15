#include "wire/prefix_code.h"

namespace mw::wire {
namespace {

constexpr unsigned kCountBits = 5;   // of n
constexpr unsigned kLengthBits = 3;  // of each length
static_assert(kSymbolsMax < (1u << kCountBits) && kCodeBitsMax < (1u << kLengthBits));

// Symbols up to the last that occurs.
unsigned used(const CodeLengths& lengths) {
  unsigned n = kSymbolsMax;
  while (n > 0 && lengths[n - 1] == 0) --n;
  return n;
}

// First code of each length, left-aligned to nothing: the canonical numbering.
std::array<std::uint32_t, kCodeBitsMax + 2> first_codes(const CodeLengths& lengths) {
  std::array<std::uint32_t, kCodeBitsMax + 2> population{};
  for (const auto length : lengths) population[length]++;
  population[0] = 0;
  std::array<std::uint32_t, kCodeBitsMax + 2> first{};
  for (unsigned bits = 1; bits <= kCodeBitsMax; ++bits) first[bits + 1] = (first[bits] + population[bits]) << 1;
  return first;
}

// Plain Huffman by repeated merging of the two rarest; fine for 16 symbols. Returns the longest length.
unsigned huffman(const std::array<std::uint32_t, kSymbolsMax>& counts, CodeLengths& lengths) {
  struct Node {
    std::uint32_t count = 0;
    std::uint16_t symbols = 0;  // one bit for each symbol below this node
  };
  std::array<Node, kSymbolsMax> nodes;
  unsigned size = 0;
  for (unsigned s = 0; s < kSymbolsMax; ++s) {
    if (counts[s] > 0) nodes[size++] = {counts[s], static_cast<std::uint16_t>(1u << s)};
  }
  lengths = {};
  if (size == 1) {
    for (unsigned s = 0; s < kSymbolsMax; ++s) lengths[s] = counts[s] > 0;
    return 1;
  }
  while (size > 1) {
    for (unsigned end = size; end + 2 > size; --end) {  // the rarest to the end, then the second before it
      unsigned rarest = 0;
      for (unsigned i = 1; i < end; ++i) {
        if (nodes[i].count <= nodes[rarest].count) rarest = i;
      }
      std::swap(nodes[rarest], nodes[end - 1]);
    }
    Node& kept = nodes[size - 2];
    kept.count += nodes[size - 1].count;
    kept.symbols = static_cast<std::uint16_t>(kept.symbols | nodes[size - 1].symbols);
    for (unsigned s = 0; s < kSymbolsMax; ++s)
      lengths[s] = static_cast<std::uint8_t>(lengths[s] + (kept.symbols >> s & 1));
    --size;
  }
  unsigned longest = 0;
  for (const auto length : lengths) longest = length > longest ? length : longest;
  return longest;
}

}  // namespace

CodeLengths code_lengths(const std::array<std::uint32_t, kSymbolsMax>& counts) {
  CodeLengths lengths{};
  auto scaled = counts;
  while (huffman(scaled, lengths) > kCodeBitsMax) {
    for (auto& count : scaled) count = (count + 1) / 2;
  }
  return lengths;
}

std::size_t lengths_bits(const CodeLengths& lengths) { return kCountBits + kLengthBits * used(lengths); }

void put_lengths(BitWriter& out, const CodeLengths& lengths) {
  const unsigned n = used(lengths);
  out.put(n, kCountBits);
  for (unsigned s = 0; s < n; ++s) out.put(lengths[s], kLengthBits);
}

bool take_lengths(BitReader& in, CodeLengths& lengths) {
  lengths = {};
  const unsigned n = in.take(kCountBits);
  if (n > kSymbolsMax) return false;
  unsigned room = 0;  // of all codes of kCodeBitsMax bits, those taken
  for (unsigned s = 0; s < n; ++s) {
    lengths[s] = static_cast<std::uint8_t>(in.take(kLengthBits));
    if (lengths[s] > 0) room += 1u << (kCodeBitsMax - lengths[s]);
  }
  return room <= (1u << kCodeBitsMax);
}

PrefixWriter::PrefixWriter(const CodeLengths& lengths) : lengths_(lengths) {
  auto next = first_codes(lengths);
  for (unsigned s = 0; s < kSymbolsMax; ++s) {
    if (lengths[s] > 0) code_[s] = static_cast<std::uint8_t>(next[lengths[s]]++);
  }
}

void PrefixReader::set(const CodeLengths& lengths) {
  table_.fill(Entry{});
  auto next = first_codes(lengths);
  for (unsigned s = 0; s < kSymbolsMax; ++s) {
    if (lengths[s] == 0) continue;
    const unsigned spare = kCodeBitsMax - lengths[s];
    const std::uint32_t first = next[lengths[s]]++ << spare;
    for (std::uint32_t i = 0; i < (1u << spare); ++i) table_[first + i] = {static_cast<std::uint8_t>(s), lengths[s]};
  }
}

}  // namespace mw::wire
