// Decentralized identifiers, and the documents that say which keys speak for them.
//   did:key    a key that is its own name (guests, witnesses, session keys); nothing to look up
//   did:web    a host: its document stands under https://HOST/.well-known/did.json
//   did:webvh  a person: webvh.h reads the history; here is only the name
// Sources: W3C DID Core 1.0 and Controlled Identifiers 1.0; W3C CCG did:key and did:web; did:webvh 1.0. Stricter than
// they are, so that each name has one text: host names are lower-case ASCII (xn-- for others) and no IP address; a path
// is of letters, digits, ".", "_" and "-".
// Thread: pure functions and values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/crypto.h"
#include "data/json.h"

namespace mw::trust {

// did:key of an Ed25519 key. Reading refuses other keys; error `invalid`.
std::string did_key(const crypto::PublicKey& key);
Result<crypto::PublicKey> key_of_did_key(std::string_view did);

// The name of the one key of a did:key, "did:key:z6Mk...#z6Mk...", and back.
std::string did_key_method(const crypto::PublicKey& key);
Result<crypto::PublicKey> key_of_did_key_method(std::string_view method);

// What a did:web or did:webvh says about the place of its document.
struct WebDid {
  std::string scid;  // did:webvh alone
  std::string host;
  int port = 0;  // 0: the scheme's
  std::vector<std::string> path;

  bool is_webvh() const { return !scid.empty(); }
  std::string text() const;
  std::string authority() const;  // "host" or "host:port"
  // "https://AUTHORITY"; "http://" for a name under localhost, which is this machine and has no certificate.
  std::string origin() const;
  // ORIGIN/PATH/FILE, or ORIGIN/.well-known/FILE where there is no path.
  std::string url(std::string_view file) const;
};
// Error `invalid`, with the field "did".
Result<WebDid> parse_web_did(std::string_view did);

// The did:web of a host, of "example.org" or "example.org:8443". Error `invalid`.
Result<std::string> did_web(std::string_view authority);

enum class Purpose : std::uint8_t { assertion, authentication };
std::string_view name_of(Purpose purpose);  // "assertionMethod", "authentication"

struct DidDocument {
  struct Key {
    std::string id;  // absolute: the DID, "#", a fragment
    crypto::PublicKey key;
    bool asserts = false, authenticates = false;
  };
  struct Service {
    std::string id, type, endpoint;
  };
  std::string id;
  std::vector<std::string> also_known_as;
  std::vector<Key> keys;
  std::vector<Service> services;

  // Error `not_found`: the document has no such key, or not for this purpose.
  Result<crypto::PublicKey> key(std::string_view method, Purpose purpose) const;
};

// Reads what we use; keys of other kinds or of other controllers are passed over, other members ignored. Errors: `invalid`
// with the member, among them an Ed25519 key that crypto::public_key refuses and a document that is not of `did`;
// `too_large` beyond limits::kDidKeys.
Result<DidDocument> read_did_document(const Json& document, std::string_view did);
Json to_json(const DidDocument& document);

}  // namespace mw::trust
