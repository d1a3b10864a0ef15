// The attestation object around an authenticator's data, as a browser gives it for attestation "none", and the client data
// beside it. Both come from outside. Sources: WebAuthn Level 3, 6.5.4 and 5.8.1; RFC 8949 (CBOR).
// Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::federation {

// The authenticator's data inside {"fmt": "none", "attStmt": {}, "authData": bytes}, in any order and nothing else: definite
// lengths in their shortest form, no further members, nothing after it. Errors: `invalid`, field "attestationObject"; `too_large`
// over limits::kAttestationBytes. The view lies in `object`.
Result<ByteView> authenticator_data(ByteView object);

struct ClientData {
  std::string type;  // "webauthn.create", "webauthn.get"
  std::string challenge;  // base64url
  std::string origin;
  bool cross_origin = false;
};
// Errors: `invalid`, field "clientDataJSON" (no JSON object, a member that is missing or of another type); `too_large` over
// limits::kClientDataBytes. Members that we do not use are passed over, as 5.8.1 asks.
Result<ClientData> read_client_data(ByteView json);

}  // namespace mw::federation
