// Travel: how a person whose home is elsewhere arrives here. Three parties, and nobody is believed for an address alone:
//   1. the destination challenges: a nonce of its own, bound to a session key that the browser made, signed by the destination;
//   2. the person's home checks who asks, asks the person what may be told, and answers with one credential (VC 2.0) for this
//      destination, this nonce and this key;
//   3. the destination checks the credential, and the session key's signature over a fresh nonce; each nonce counts once.
// A home can speak for its own people, and only for them: the person's did:webvh lives at the host whose did:web signs.
// A dishonest home can impersonate its own people. The exact forms stand in schema/visit.md. Sources: W3C VC Data Model 2.0;
// RFC 7638 (thumbprint).
// Thread: pure values; a VisitDesk belongs to the control loop.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/crypto.h"
#include "data/json.h"
#include "trust/did.h"
#include "trust/integrity.h"
#include "trust/replay.h"
#include "trust/webvh.h"

namespace mw::trust {

// RFC 7638, with RFC 8037's members: base64url of SHA-256 of {"crv":"Ed25519","kty":"OKP","x":...}.
std::string jwk_thumbprint(const crypto::PublicKey& key);

// What a destination asks a home for.
struct VisitChallenge {
  std::string audience;  // the destination's did:web
  std::string nonce;
  std::string session_key;  // thumbprint
  std::string world;
  std::string return_to;  // ORIGIN-OF-AUDIENCE/...: where the browser brings the answer
  std::int64_t expires_ms = 0;
  crypto::PublicKey key;  // of the destination, that signed it: who holds the leases of what is carried there
};

// A figure of one's own that the home keeps for the person, and shows to whoever asks while the visit begins.
struct VisitFigure {
  std::string hash;  // SHA-256 of the file, 64 hexadecimal digits
  std::string right;  // what the person has said of their right to wear it: author, licensed or free
};

struct VisitProfile {
  std::string name, language;  // as cleaned by clean_name; a BCP 47 tag
  Json avatar = Json::object();  // the kit's parameters, which are seen where the figure is not
  std::optional<VisitFigure> figure;
};

// A thing that comes along. Its title and its lease stand in the log that is named here; trust/carried.h checks them.
struct CarriedThing {
  std::string asset, log;
  Json thing = Json::object();  // what it is; its hash is the title's content. Empty: not told
  std::string host;  // authority of the host that shows the log; empty: the home, whose own log it is
  bool held = false;  // its owner holds the title's key, as the home says; otherwise the home keeps it
};

// What a home says.
struct Visit {
  std::string home, person;  // did:web, did:webvh
  VisitChallenge answers;  // audience, nonce, session key and world; the rest is not told
  VisitProfile profile;
  std::vector<CarriedThing> carried;
  std::int64_t from_ms = 0, until_ms = 0;
  crypto::PublicKey home_key;  // that signed it, once a desk has admitted it
};

// At home -------------------------------------------------------------------------------------------------------------

// The challenge as the browser brought it, checked against the destination's document, which the home fetched by the name in
// it (`challenged_by` reads that name before anything is believed). Errors `forbidden` with the member: signed by another,
// for another audience, expired or too long, an answer that would go to an address outside the destination.
Result<std::string> challenged_by(const Json& challenge);
Result<VisitChallenge> check_challenge(const Json& challenge, const DidDocument& destination, std::int64_t now_ms);

// The credential. `method` is the home's key, `visit.person` one of its own people. Error `invalid`: not so.
Result<Json> issue_visit(const Visit& visit, std::string_view method, const Sign& sign, std::int64_t now_ms);

// What the session key signs on arrival.
Result<std::string> arrival_text(std::string_view audience, std::string_view fresh_nonce, const Json& credential);

// At the destination --------------------------------------------------------------------------------------------------

// The names in a credential, before anything of it is believed: what to fetch, and nothing else. Errors `forbidden`: a home
// that is no host, a person whose home is another.
struct VisitParties {
  std::string home, person;
};
Result<VisitParties> visit_parties(const Json& credential);

class VisitDesk {
 public:
  // `secret` binds nonces to what they were made for, so that a challenge costs no memory until it is answered.
  VisitDesk(std::string audience, const std::array<Byte, 32>& secret);

  // The challenge, signed by the destination's key `method`. `entropy` is 16 random bytes; `path` begins with "/".
  Result<Json> challenge(const crypto::PublicKey& session_key, std::string_view world, std::string_view path,
                         const std::array<Byte, 16>& entropy, std::string_view method, const Sign& sign,
                         std::int64_t now_ms) const;

  // What the destination has found out by itself about a credential that it was brought.
  struct Evidence {
    const DidDocument& home;  // from the did:web in the credential
    const Webvh& person;  // from the did:webvh in it
    std::size_t known_versions = 0;  // how many versions of this person were seen here before
    const crypto::PublicKey& session_key;
    std::string_view fresh_nonce;  // made for this connection
    const crypto::Signature& session_signature;  // over arrival_text
  };
  // Each refusal names the member ("visit/nonce", "proof/proofValue", "person") and says why, in words for an operator.
  // Errors: `forbidden`; `rate_limited` when too many arrive at once.
  Result<Visit> admit(const Json& credential, const Evidence& evidence, std::int64_t now_ms);

 private:
  std::string nonce_for(const std::array<Byte, 16>& entropy, std::int64_t expires_ms, std::string_view session_key,
                        std::string_view world) const;
  Result<std::int64_t> check_nonce(const VisitChallenge& answered, std::int64_t now_ms) const;

  std::string audience_;
  std::array<Byte, 32> secret_;
  ReplayMemory spent_;
};

}  // namespace mw::trust
