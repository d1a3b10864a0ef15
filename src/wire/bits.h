// Bit streams, most significant bit first: the first bit written is the highest bit of the first byte. Integers only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"

namespace mw::wire {

// Writes behind what `out` holds. The caller states a bound of the bytes to come, so that the hot path never grows.
class BitWriter {
 public:
  static constexpr std::size_t kMargin = 8;  // bytes beyond the bound that `out` grows by for a while

  BitWriter(Bytes& out, std::size_t bytes_max) : out_(out), at_(out.size()) {
    out.resize(out.size() + bytes_max + kMargin);
  }

  // The low `count` bits of `value`; count is at most 32 and higher bits of `value` are 0.
  void put(std::uint32_t value, unsigned count) {
    held_ = (held_ << count) | value;
    bits_ += count;
    while (bits_ >= 8) {
      bits_ -= 8;
      out_[at_++] = static_cast<Byte>(held_ >> bits_);
    }
  }

  // Exponential Golomb code of order `k`: n ones, a zero, then k + n bits; the value is (2^n - 1) * 2^k plus those bits.
  void put_golomb(std::uint32_t value, unsigned k) {
    std::uint64_t rest = value;
    unsigned n = 0;
    while (rest >= (std::uint64_t{1} << (k + n))) rest -= std::uint64_t{1} << (k + n++);
    for (unsigned i = 0; i < n; ++i) put(1, 1);
    put(0, 1);
    put(static_cast<std::uint32_t>(rest), k + n);
  }

  // Fills the last byte with zeros and cuts `out` to what was written.
  void finish() {
    if (bits_ > 0) put(0, 8 - bits_);
    MW_ASSERT(at_ <= out_.size());
    out_.resize(at_);
  }

 private:
  Bytes& out_;
  std::size_t at_;
  std::uint64_t held_ = 0;
  unsigned bits_ = 0;
};

// Reads zeros behind the end; `ended_well` tells afterwards whether that happened, so that the hot path has no checks.
class BitReader {
 public:
  explicit BitReader(ByteView bytes) : bytes_(bytes) {}

  std::uint32_t peek(unsigned count) const {  // count is at most 32
    if (count == 0) return 0;
    return static_cast<std::uint32_t>((window() << (at_ & 7)) >> (64 - count));
  }
  void skip(unsigned count) { at_ += count; }
  std::uint32_t take(unsigned count) {
    const std::uint32_t value = peek(count);
    at_ += count;
    return value;
  }

  // False when the value does not fit 32 bits; `value` is undefined then. k is at most 31.
  bool take_golomb(unsigned k, std::uint32_t& value) {
    unsigned n = 0;
    while (take(1) != 0) {
      if (++n + k > 32) return false;
    }
    const std::uint64_t wide = (((std::uint64_t{1} << n) - 1) << k) + take(k + n);
    value = static_cast<std::uint32_t>(wide);
    return wide <= 0xFFFFFFFFu;
  }

  // All bits came from the bytes, and less than one byte is left.
  bool ended_well() const { return at_ <= bytes_.size() * 8 && bytes_.size() * 8 - at_ < 8; }
  bool overran() const { return at_ > bytes_.size() * 8; }

 private:
  std::uint64_t window() const {
    const std::size_t first = at_ >> 3;
    std::uint64_t window = 0;
    if (first + 8 <= bytes_.size()) {
      const Byte* p = bytes_.data() + first;
      for (int i = 0; i < 8; ++i) window = (window << 8) | p[i];
    } else {
      for (std::size_t i = first; i < first + 8; ++i) window = (window << 8) | (i < bytes_.size() ? bytes_[i] : 0u);
    }
    return window;
  }

  ByteView bytes_;
  std::size_t at_ = 0;
};

}  // namespace mw::wire
