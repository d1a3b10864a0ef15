// Signatures inside JSON documents: W3C Data Integrity 1.0 with the cryptosuite eddsa-jcs-2022, which credentials,
// identifiers (did:webvh) and the fediverse share. What is signed is SHA-256 of the canonical proof without its value,
// then SHA-256 of the canonical document without its proof.
// Sources: W3C vc-data-integrity (section 4, "Algorithms"), W3C vc-di-eddsa (section 3.3, "eddsa-jcs-2022").
// A proof that builds on another (`previousProof`) is refused: nothing here makes or needs one.
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/crypto.h"
#include "data/json.h"
#include "trust/did.h"

namespace mw::trust {

// Signs with the key that the proof names; a host's key stays where it is kept.
using Sign = std::function<crypto::Signature(ByteView message)>;

// What a proof says beside the signature. Times are Unix milliseconds.
struct Proof {
  std::string method;  // the key, as an absolute DID URL
  Purpose purpose = Purpose::assertion;
  std::optional<std::int64_t> created_ms, expires_ms;
  std::string challenge, domain;  // empty: none
};

// The document with its proof; one that has a proof already gets an array of them. Error `invalid`: the document is no object,
// or has no canonical form.
Result<Json> add_proof(Json document, const Proof& proof, const Sign& sign);

// Finds the key of a method for a purpose; its error becomes the verification's.
using KeyLookup = std::function<Result<crypto::PublicKey>(std::string_view method, Purpose purpose)>;

// Every proof of the document must be good; at least one there is. Whether times, domain and challenge fit is the caller's to
// say. Errors: `invalid` with the member of the proof that is wrong ("/proof/proofValue" for the signature itself),
// `too_large` beyond limits::kProofsPerDocument, and those of `lookup`.
Result<std::vector<Proof>> verify_proofs(const Json& document, const KeyLookup& lookup);

// A lookup that knows did:key alone.
Result<crypto::PublicKey> did_key_lookup(std::string_view method, Purpose purpose);

}  // namespace mw::trust
