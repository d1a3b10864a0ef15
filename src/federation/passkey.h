// WebAuthn at the server: one ceremony of registration, one of logging in. Attestation "none"; the person must have been verified
// by the authenticator (PIN, finger, face), since the passkey is all there is.
// libfido2 reads the authenticator's data and verifies; what it leaves to its caller is checked here.
// Source: W3C WebAuthn Level 3, 7.1 (registration) and 7.2 (assertion).
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::federation {

// What was asked for.
struct Ceremony {
  std::string challenge;  // base64url
  std::string origin;  // "https://a.example": no path, the port only where it is not the usual one
  std::string rp_id;  // "a.example"
};

// A credential that was registered.
struct Passkey {
  Bytes id;  // up to limits::kPasskeyIdBytes
  int algorithm = 0;  // COSE: -7 ES256, -8 EdDSA, -257 RS256
  Bytes key;  // ES256: x, y; EdDSA: 32 bytes; RS256: modulus, exponent; as libfido2 holds them
  std::uint32_t counter = 0;
};

// The algorithms that are offered, the best liked first.
inline constexpr int kPasskeyAlgorithms[] = {-7, -8, -257};

// Errors, naming the part: `invalid` for what cannot be read, `forbidden` for what was not asked for.
Result<Passkey> check_registration(const Ceremony& asked, ByteView client_data, ByteView attestation_object);

struct Assertion {
  Bytes client_data, authenticator_data, signature;
};
// The new sign counter. Errors as above; `forbidden` with the field "signCount" when the counter did not grow, which means a copy
// of the authenticator.
Result<std::uint32_t> check_login(const Ceremony& asked, const Passkey& passkey, const Assertion& assertion);

}  // namespace mw::federation
