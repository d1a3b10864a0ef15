// The host as other hosts know it: a did:web by the name in `public_url`, with the key in its data folder. Others fetch its
// document from https://HOST/.well-known/did.json and check by it whatever the host signs.
// Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/crypto.h"

namespace mw::server {

// "https://worlds.example.org" -> "did:web:worlds.example.org". Errors, with the field "public_url": `not_found` for an empty
// one, `invalid` for an address (a did:web is a name), a path, or http:// outside localhost.
Result<std::string> host_did(std::string_view public_url);

// did.json: one key, named by itself, for signing and for requests; the service "Manyworlds" is the address of its worlds.
std::string identity_document(const std::string& did, const crypto::PublicKey& key, std::string_view public_url);

}  // namespace mw::server
