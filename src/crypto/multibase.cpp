#include "crypto/multibase.h"

#include <algorithm>
#include <array>

#include "base/format.h"

namespace mw::crypto {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::array<Byte, 2> kEd25519 = {0xED, 0x01};
constexpr std::array<Byte, 2> kSha256 = {0x12, 0x20};

// digits = digits * from + carry, in base `to`, the least significant digit first.
void multiply_add(Bytes& digits, unsigned from, unsigned to, unsigned carry) {
  for (Byte& digit : digits) {
    carry += digit * from;
    digit = static_cast<Byte>(carry % to);
    carry /= to;
  }
  for (; carry > 0; carry /= to) digits.push_back(static_cast<Byte>(carry % to));
}

}  // namespace

std::string base58btc(ByteView data) {
  const auto start = std::find_if(data.begin(), data.end(), [](Byte byte) { return byte != 0; });
  Bytes digits;
  digits.reserve(data.size() * 138 / 100 + 1);
  for (auto byte = start; byte != data.end(); ++byte) multiply_add(digits, 256, 58, *byte);
  std::string text(static_cast<std::size_t>(start - data.begin()), kAlphabet[0]);
  text.reserve(text.size() + digits.size());
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) text.push_back(kAlphabet[*digit]);
  return text;
}

Result<Bytes> from_base58btc(std::string_view text, std::size_t max_bytes) {
  // Each byte takes less than 1.4 characters.
  if (text.size() > max_bytes + max_bytes * 2 / 5 + 1)
    return Error{ErrorKind::too_large, {}, format("expected base58btc of at most {} bytes", max_bytes)};
  const std::size_t zeros = std::min(text.find_first_not_of(kAlphabet[0]), text.size());
  Bytes bytes;
  bytes.reserve(text.size());
  for (const char c : text.substr(zeros)) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == kAlphabet.npos) return invalid("", "expected base58btc");
    multiply_add(bytes, 58, 256, static_cast<unsigned>(digit));
  }
  bytes.insert(bytes.end(), zeros, 0);
  if (bytes.size() > max_bytes)
    return Error{ErrorKind::too_large, {}, format("expected base58btc of at most {} bytes", max_bytes)};
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

std::string multibase(ByteView data) { return "z" + base58btc(data); }

Result<Bytes> from_multibase(std::string_view text, std::size_t max_bytes) {
  if (!text.starts_with('z')) return invalid("", "expected multibase with the prefix z (base58btc)");
  return from_base58btc(text.substr(1), max_bytes);
}

std::string multikey(const PublicKey& key) {
  Bytes bytes(kEd25519.begin(), kEd25519.end());
  bytes.insert(bytes.end(), key.bytes.begin(), key.bytes.end());
  return multibase(bytes);
}

Result<PublicKey> from_multikey(std::string_view text) {
  auto bytes = from_multibase(text, 128);
  if (!bytes.ok()) return std::move(bytes).error();
  if (bytes->size() < kEd25519.size() || !std::equal(kEd25519.begin(), kEd25519.end(), bytes->begin()))
    return invalid("", "expected the Multikey of an Ed25519 public key (z6Mk...)");
  return public_key(ByteView(*bytes).subspan(kEd25519.size()));
}

std::string multihash(ByteView data) {
  const Digest digest = sha256(data);
  Bytes bytes(kSha256.begin(), kSha256.end());
  bytes.insert(bytes.end(), digest.begin(), digest.end());
  return base58btc(bytes);
}

}  // namespace mw::crypto
