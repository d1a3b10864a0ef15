// The few pieces of cryptography that the host needs, by libsodium: hash, message authentication, signatures, entropy,
// base64url. Thread: pure functions, from any thread.
// Sources: FIPS 180-4 (SHA-256, SHA-512), RFC 2104 (HMAC), RFC 8032 (Ed25519), RFC 4648 section 5 (base64url), FIPS 180-4 (SHA-1,
// for the WebSocket handshake alone).
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::crypto {

using Digest = std::array<Byte, 32>;

Digest sha256(ByteView data);
std::array<Byte, 64> sha512(ByteView data);
Digest hmac_sha256(ByteView key, ByteView data);
std::string hex(ByteView data);  // lower case

// Not for anything secret: RFC 6455 section 4.2.2 asks for it.
std::array<Byte, 20> sha1(ByteView data);

// From the operating system's generator. Aborts when that fails, as libsodium does.
void random_bytes(std::span<Byte> out);
std::uint64_t random_number();

// In time that does not depend on the contents; spans of different length differ.
bool same_secret(ByteView a, ByteView b);

// Without padding. Decoding is strict: no padding, no spaces, no stray bits; error `invalid`.
std::string base64url(ByteView data);
Result<Bytes> from_base64url(std::string_view text);
std::string base64(ByteView data);  // RFC 4648 section 4, with padding
Result<Bytes> from_base64(std::string_view text);  // as strict; the padding is required

struct PublicKey {
  std::array<Byte, 32> bytes{};
  friend bool operator==(const PublicKey&, const PublicKey&) = default;
};
using Signature = std::array<Byte, 64>;

// An Ed25519 key pair, kept as its 32-byte seed.
class SigningKey {
 public:
  static SigningKey from_seed(std::span<const Byte, 32> seed);
  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&& other) noexcept;
  ~SigningKey();  // wipes the key
  const PublicKey& public_key() const { return public_; }
  Signature sign(ByteView message) const;

 private:
  SigningKey() = default;
  PublicKey public_;
  std::array<Byte, 64> secret_{};
};

// Refuses keys that are no valid point of the main group (docs: verifiers disagree on such keys); error `invalid`.
Result<PublicKey> public_key(ByteView bytes);
bool verify(const PublicKey& key, ByteView message, ByteView signature);

// A host's short name for machines: base64url of the first 16 bytes of the SHA-256 of its public key.
std::string host_id(const PublicKey& key);

// Overwrites, and is not optimised away.
void wipe(std::span<Byte> secret);

}  // namespace mw::crypto
