#include "crypto/crypto.h"

#include <openssl/sha.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/format.h"

namespace mw::crypto {
namespace {

// sodium_init may be called by any thread, any number of times; every entry below goes through here before it needs what
// init chooses (the fastest code for this processor, the entropy source).
void ensure_ready() {
  static const bool ready = sodium_init() >= 0;
  MW_ASSERT(ready);
}

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string encode(ByteView data, int variant) {
  std::string text(sodium_base64_encoded_len(data.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), data.data(), data.size(), variant);
  text.pop_back();  // the terminating zero
  return text;
}

Result<Bytes> decode(std::string_view text, int variant, const char* expected) {
  // libsodium takes some characters beyond ASCII for digits.
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return invalid("", expected);
  Bytes bytes(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  const char* end = nullptr;
  const int result =
      sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, &end, variant);
  if (result != 0 || end != text.data() + text.size()) return invalid("", expected);
  bytes.resize(size);
  return bytes;
}

}  // namespace

Digest sha256(ByteView data) {
  Digest digest;
  SHA256(data.data(), data.size(),
         digest.data());  // OpenSSL's uses the processor's instructions for it, libsodium's does not
  return digest;
}

std::array<Byte, 64> sha512(ByteView data) {
  std::array<Byte, 64> digest;
  SHA512(data.data(), data.size(), digest.data());
  return digest;
}

Digest hmac_sha256(ByteView key, ByteView data) {
  ensure_ready();
  Digest digest;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, data.data(), data.size());
  crypto_auth_hmacsha256_final(&state, digest.data());
  sodium_memzero(&state, sizeof state);
  return digest;
}

std::string hex(ByteView data) {
  std::string text(data.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), data.data(), data.size());
  text.pop_back();
  return text;
}

std::array<Byte, 20> sha1(ByteView data) {
  std::array<Byte, 20> digest;
  SHA1(data.data(), data.size(), digest.data());
  return digest;
}

void random_bytes(std::span<Byte> out) {
  ensure_ready();
  if (!out.empty()) randombytes_buf(out.data(), out.size());  // an empty span may have no address at all
}

std::uint64_t random_number() {
  std::array<Byte, 8> bytes;
  random_bytes(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

bool same_secret(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

std::string base64url(ByteView data) { return encode(data, kVariant); }
std::string base64(ByteView data) { return encode(data, sodium_base64_VARIANT_ORIGINAL); }

Result<Bytes> from_base64url(std::string_view text) {
  return decode(text, kVariant, "expected base64url without padding");
}

Result<Bytes> from_base64(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_ORIGINAL, "expected base64 with padding");
}

SigningKey SigningKey::from_seed(std::span<const Byte, 32> seed) {
  ensure_ready();
  SigningKey key;
  crypto_sign_seed_keypair(key.public_.bytes.data(), key.secret_.data(), seed.data());
  return key;
}

SigningKey::SigningKey(SigningKey&& other) noexcept : public_(other.public_), secret_(other.secret_) {
  wipe(other.secret_);
}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
  if (this == &other) return *this;
  public_ = other.public_;
  secret_ = other.secret_;
  wipe(other.secret_);
  return *this;
}

SigningKey::~SigningKey() { wipe(secret_); }

Signature SigningKey::sign(ByteView message) const {
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_.data());
  return signature;
}

Result<PublicKey> public_key(ByteView bytes) {
  PublicKey key;
  if (bytes.size() != key.bytes.size())
    return invalid("", format("expected a key of 32 bytes, found {}", bytes.size()));
  std::memcpy(key.bytes.data(), bytes.data(), key.bytes.size());
  if (crypto_core_ed25519_is_valid_point(key.bytes.data()) != 1) return invalid("", "not a valid Ed25519 public key");
  return key;
}

bool verify(const PublicKey& key, ByteView message, ByteView signature) {
  if (signature.size() != crypto_sign_BYTES) return false;
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.bytes.data()) == 0;
}

std::string host_id(const PublicKey& key) { return base64url(ByteView(sha256(key.bytes)).first(16)); }

void wipe(std::span<Byte> secret) { sodium_memzero(secret.data(), secret.size()); }

}  // namespace mw::crypto
