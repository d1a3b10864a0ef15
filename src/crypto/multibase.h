// Keys and hashes as text that names its own kind, in the forms that did:key, did:webvh and Data Integrity use.
// Sources: W3C Controlled Identifiers 1.0, section 2.4 (multibase: z is base58btc) and 2.2.2 (Multikey); multicodec
// table (0xED01 is an Ed25519 public key, 0x1220 a SHA-256 multihash).
// Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/crypto.h"

namespace mw::crypto {

// The alphabet of Bitcoin, no prefix; a zero byte in front is a "1". The work grows with the square of the length, so
// decoding says how long the value may be. Errors `invalid`, `too_large`.
std::string base58btc(ByteView data);
Result<Bytes> from_base58btc(std::string_view text, std::size_t max_bytes);

// "z" + base58btc.
std::string multibase(ByteView data);
Result<Bytes> from_multibase(std::string_view text, std::size_t max_bytes);

// "z6Mk...". Reading refuses other kinds of keys, and whatever public_key refuses; error `invalid`.
std::string multikey(const PublicKey& key);
Result<PublicKey> from_multikey(std::string_view text);

// base58btc of the multihash of the SHA-256 of `data`, without a prefix: "Qm...". did:webvh writes its hashes so.
std::string multihash(ByteView data);

}  // namespace mw::crypto
