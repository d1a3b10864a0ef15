// Strategy: bytes as JSON, as a credential and as a challenge; beside that, a good credential with one member replaced by them.
// Invariants: no crash and no hang; nothing that was not signed is admitted or accepted, and every refusal has words.
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "trust/visit.h"

using namespace mw;
using namespace mw::trust;

namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;
constexpr const char* kMembers[] = {"/issuer",
                                    "/validFrom",
                                    "/credentialSubject",
                                    "/credentialSubject/id",
                                    "/credentialSubject/visit",
                                    "/credentialSubject/profile/name",
                                    "/credentialSubject/profile",
                                    "/credentialSubject/profile/figure",
                                    "/credentialSubject/profile/figure/hash",
                                    "/credentialSubject/carried",
                                    "/proof",
                                    "/type"};

struct Parties {
  Parties() {
    home.id = "did:web:a.example";
    home.keys.push_back({"did:web:a.example#host", key.public_key(), true, true});
    WebvhParameters parameters;
    const std::string name = did_key(key.public_key()).substr(8);
    parameters.update_keys = {name};
    WebDid place;
    place.host = "a.example";
    Json document = Json::object();
    document["id"] = did_placeholder(place);
    person = create_webvh(document, parameters, name, sign(), kNow - 1'000)->state;
    Visit visit;
    visit.home = home.id;
    visit.person = person.did;
    visit.answers = {"did:web:b.example", "n", jwk_thumbprint(key.public_key()), "plaza", "", 0};
    visit.profile.name = "Ada";
    visit.profile.language = "en";
    visit.from_ms = kNow;
    visit.until_ms = kNow + 60'000;
    credential = *issue_visit(visit, "did:web:a.example#host", sign(), kNow);
  }
  Sign sign() const {
    return [this](ByteView message) { return key.sign(message); };
  }
  crypto::SigningKey key = crypto::SigningKey::from_seed(crypto::Digest{});
  DidDocument home;
  Webvh person;
  Json credential;
};

void knock(const Parties& parties, const Json& credential) {
  VisitDesk desk("did:web:b.example", std::array<Byte, 32>{});
  const auto session = parties.key.public_key();
  const crypto::Signature signature{};
  const auto admitted = desk.admit(credential, {parties.home, parties.person, 0, session, "fresh", signature}, kNow);
  MW_ASSERT(!admitted.ok());
  MW_ASSERT(!admitted.error().message.empty());
  if (const auto names = visit_parties(credential); names.ok()) MW_ASSERT(parse_web_did(names->person).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Parties parties;
  const auto text = as_text({data, size});
  if (const auto json = mw::data::parse_json(text); json.ok()) {
    knock(parties, *json);
    MW_ASSERT(!check_challenge(*json, parties.home, kNow).ok());
  }
  if (size == 0) return 0;
  const auto member = mw::data::parse_json(text.substr(1));
  if (!member.ok()) return 0;
  Json credential = parties.credential;
  credential[Json::json_pointer(kMembers[data[0] % std::size(kMembers)])] = *member;
  knock(parties, credential);
  return 0;
}
