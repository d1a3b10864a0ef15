// Signatures of HTTP messages by Ed25519, and digests of their bodies: how hosts know each other's requests.
// Sources: RFC 9421 (HTTP Message Signatures), RFC 9530 (Content-Digest).
// Components: @method, @authority, @scheme, @target-uri, @request-target, @path, @query, @query-param, @status and fields
// without parameters. Component parameters other than @query-param's name (sf, key, bs, req, tr) are refused: nothing here
// needs them, and what is not understood must not be taken for verified.
// Thread: pure functions and values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "crypto/crypto.h"
#include "trust/fields.h"
#include "trust/integrity.h"

namespace mw::trust {

struct HttpMessage {
  // A request; `authority` in lower case, without the scheme's own port; `query` with its "?" or empty.
  std::string method, scheme = "https", authority, path = "/", query;
  int status = 0;  // of a response; 0: a request
  std::vector<std::pair<std::string, std::string>> fields;  // in order; names in any case
};

// What a signature says of itself. Times are Unix seconds, as on the wire.
struct SignatureParameters {
  std::vector<FieldItem> components;
  std::optional<std::int64_t> created_s, expires_s;
  std::string keyid, nonce, tag;  // empty: none
};

// Components by their names, such as {"@method", "content-digest"}.
std::vector<FieldItem> components(std::initializer_list<std::string_view> names);

// The text that is signed (section 2.5). Errors `invalid` with the component: one that the message does not have, that stands
// twice, or that is not understood.
Result<std::string> signature_base(const HttpMessage& message, const InnerList& input);

// Adds Signature-Input and Signature, with the label "sig". Error: as signature_base.
Status sign_message(HttpMessage& message, const SignatureParameters& parameters, const Sign& sign);

// What a receiver insists on.
struct SignaturePolicy {
  std::vector<std::string> components;  // which must be covered
  std::string tag;  // and only signatures with this tag count; empty: any
  std::int64_t now_s = 0;
};

// Checks the one signature with the policy's tag. `created` is required, not in the future and not older than
// limits::kSignatureMs, within limits::kClockSkewMs; so is a nonce, which the caller remembers, and a keyid. `lookup` finds
// the key of a keyid. Errors: `invalid` with the field or the parameter, `forbidden` where the signature itself is wrong,
// and those of `lookup`.
Result<SignatureParameters> verify_message(const HttpMessage& message, const SignaturePolicy& policy,
                                           const KeyLookup& lookup);

// What hosts sign of their requests to each other: method, authority, path, query and, with a body, its digest.
std::vector<std::string> request_components(bool has_body);

// The value of Content-Digest for a body, by SHA-256; and whether a value fits one. A known algorithm must fit; at least one
// must be known (sha-256, sha-512). Errors `invalid`, `forbidden`.
std::string content_digest(ByteView body);
Status check_content_digest(std::string_view value, ByteView body);

}  // namespace mw::trust
