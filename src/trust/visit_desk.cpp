#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "trust/time.h"
#include "trust/visit.h"
#include "trust/visit_form.h"

namespace mw::trust {
namespace {

using visit::refuse;

constexpr std::size_t kEntropyBytes = 16, kTimeBytes = 8, kMacBytes = 32;
constexpr std::size_t kNonceBytes = kEntropyBytes + kTimeBytes + kMacBytes;

Status check_times(const Visit& visit, std::int64_t now_ms) {
  if (visit.from_ms > now_ms + limits::kClockSkewMs) return refuse("validFrom", "the credential is not valid yet");
  if (visit.until_ms < now_ms - limits::kClockSkewMs) return refuse("validUntil", "the credential has expired");
  if (visit.until_ms > visit.from_ms + limits::kVisitMs)
    return refuse("validUntil", format("expected a credential of at most {} s", limits::kVisitMs / 1'000));
  return ok();
}

// One proof, by a key of the home itself, for assertions.
Status check_proof(const Json& credential, Visit& visit, const DidDocument& home) {
  if (home.id != visit.home)
    return refuse("issuer", format("expected the document of {}, found {}", visit.home, home.id));
  const auto proofs =
      verify_proofs(credential, [&](std::string_view method, Purpose purpose) -> Result<crypto::PublicKey> {
        if (purpose != Purpose::assertion) return invalid("/proof/proofPurpose", "expected assertionMethod");
        auto key = home.key(method, Purpose::assertion);
        if (key.ok()) visit.home_key = *key;
        return key;
      });
  if (!proofs.ok()) return refuse("proof", proofs.error().text());
  if (proofs->size() != 1) return refuse("proof", "expected one proof");
  return ok();
}

Status check_person(const Visit& visit, const Webvh& person, std::size_t known_versions) {
  if (person.did != visit.person)
    return refuse("person", format("expected the history of {}, found that of {}", visit.person, person.did));
  if (person.parameters.deactivated) return refuse("person", "the identifier was deactivated");
  // A former home that shows the history from before a move, or from before a key was changed.
  if (person.versions.size() < known_versions)
    return refuse("person", format("the home shows {} versions of the identifier, {} were seen here before",
                                   person.versions.size(), known_versions));
  return ok();
}

}  // namespace

VisitDesk::VisitDesk(std::string audience, const std::array<Byte, 32>& secret)
    : audience_(std::move(audience)), secret_(secret) {}

std::string VisitDesk::nonce_for(const std::array<Byte, 16>& entropy, std::int64_t expires_ms,
                                 std::string_view session_key, std::string_view world) const {
  Bytes bytes(entropy.begin(), entropy.end());
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<Byte>(expires_ms >> shift & 0xFF));
  // Lengths in front keep two pairs of texts from meaning the same bytes.
  std::string bound = format("visit\n{}\n{}\n{}\n{}\n", audience_, session_key.size(), session_key, world);
  bound.append(as_text(bytes));
  const auto mac = crypto::hmac_sha256(secret_, as_bytes(bound));
  bytes.insert(bytes.end(), mac.begin(), mac.end());
  return crypto::base64url(bytes);
}

Result<std::int64_t> VisitDesk::check_nonce(const VisitChallenge& answered, std::int64_t now_ms) const {
  const auto bytes = crypto::from_base64url(answered.nonce);
  if (!bytes.ok() || bytes->size() != kNonceBytes) return refuse("visit/nonce", "not a nonce of this host");
  std::array<Byte, kEntropyBytes> entropy;
  std::copy_n(bytes->begin(), kEntropyBytes, entropy.begin());
  std::uint64_t expires = 0;
  for (std::size_t i = 0; i < kTimeBytes; ++i) expires = expires << 8 | (*bytes)[kEntropyBytes + i];
  const auto expires_ms = static_cast<std::int64_t>(expires);
  const std::string ours = nonce_for(entropy, expires_ms, answered.session_key, answered.world);
  if (!crypto::same_secret(as_bytes(ours), as_bytes(answered.nonce)))
    return refuse("visit/nonce", "not a nonce of this host for this session key and world");
  if (expires_ms < now_ms) return refuse("visit/nonce", "the challenge has expired");
  return expires_ms;
}

Result<Json> VisitDesk::challenge(const crypto::PublicKey& session_key, std::string_view world, std::string_view path,
                                  const std::array<Byte, 16>& entropy, std::string_view method, const Sign& sign,
                                  std::int64_t now_ms) const {
  const auto did = parse_web_did(audience_);
  if (!did.ok()) return did.error();
  const std::int64_t expires_ms = (now_ms + limits::kVisitMs) / 1'000 * 1'000;
  const std::string thumbprint = jwk_thumbprint(session_key);
  Json json = Json::object();
  json["type"] = "VisitChallenge";
  json["audience"] = audience_;
  json["nonce"] = nonce_for(entropy, expires_ms, thumbprint, world);
  json["sessionKey"] = thumbprint;
  json["world"] = world;
  json["returnTo"] = did->origin() + std::string(path);
  json["expires"] = format_time(expires_ms);
  Proof proof;
  proof.method = method;
  proof.created_ms = now_ms;
  return add_proof(std::move(json), proof, sign);
}

Result<Visit> VisitDesk::admit(const Json& credential, const Evidence& evidence, std::int64_t now_ms) {
  if (data::to_text(credential).size() > limits::kVisitBytes)
    return refuse("", format("expected a credential of at most {} bytes", limits::kVisitBytes));
  auto read = visit::read(credential);
  if (!read.ok()) return std::move(read).error();
  const VisitChallenge& answers = read->answers;
  if (answers.audience != audience_)
    return refuse("visit/audience", format("the credential is for {}, this is {}", answers.audience, audience_));
  MW_TRY(check_times(*read, now_ms));
  if (answers.session_key != jwk_thumbprint(evidence.session_key))
    return refuse("visit/sessionKey", "the credential is for the session key of another");
  const auto expires_ms = check_nonce(answers, now_ms);
  if (!expires_ms.ok()) return expires_ms.error();
  const auto text = arrival_text(audience_, evidence.fresh_nonce, credential);
  if (!text.ok()) return refuse("", text.error().message);
  if (!crypto::verify(evidence.session_key, as_bytes(*text), evidence.session_signature))
    return refuse("sessionSignature", "the session key has not signed the nonce of this arrival");
  MW_TRY(check_proof(credential, *read, evidence.home));
  MW_TRY(check_person(*read, evidence.person, evidence.known_versions));
  // Last, so that nothing but a good credential takes a place in memory.
  if (const auto spent = spent_.spend(answers.nonce, read->home, *expires_ms, now_ms); !spent.ok()) {
    const bool twice = spent.error().kind == ErrorKind::conflict;
    return Error{twice ? ErrorKind::forbidden : spent.error().kind, twice ? "visit/nonce" : "issuer",
                 twice ? "the credential was used before" : spent.error().message};
  }
  return read;
}

}  // namespace mw::trust
