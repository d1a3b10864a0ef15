#include "trust/integrity.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/format.h"
#include "crypto/multibase.h"
#include "crypto/vectors_test.h"
#include "trust/time.h"

namespace mw::trust {
namespace {

const crypto::SigningKey& signer() {
  static const auto key = crypto::SigningKey::from_seed(crypto::Digest{});
  return key;
}
crypto::Signature sign(ByteView message) { return signer().sign(message); }

Proof proof_of_signer() {
  Proof proof;
  proof.method = did_key_method(signer().public_key());
  proof.created_ms = 1'700'000'000'000;
  return proof;
}

Json example() {
  return Json::parse(R"({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
                         "credentialSubject": {"id": "did:example:a", "n": 1.50}})");
}

// W3C vc-di-eddsa, appendix B.2: the credential, and the signature that the recommendation prints.
constexpr const char* kSignedByW3c = R"({
  "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
  "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33", "type": ["VerifiableCredential", "AlumniCredential"],
  "name": "Alumni Credential", "description": "A minimum viable example of an Alumni Credential.",
  "issuer": "https://vc.example/issuers/5678", "validFrom": "2023-01-01T00:00:00Z",
  "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
  "proof": {
    "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "created": "2023-02-24T23:36:38Z",
    "verificationMethod": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    "proofPurpose": "assertionMethod",
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "proofValue": "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"}})";

TEST(DataIntegrity, VerifiesTheExampleOfTheRecommendation) {
  const auto proofs = verify_proofs(Json::parse(kSignedByW3c), did_key_lookup);
  ASSERT_TRUE(proofs.ok()) << proofs.error().text();
  ASSERT_EQ(proofs->size(), 1u);
  EXPECT_EQ(proofs->front().created_ms, parse_time("2023-02-24T23:36:38Z").value());
  EXPECT_EQ(proofs->front().purpose, Purpose::assertion);
}

TEST(DataIntegrity, SignsThePublishedVectorsToTheByte) {
  const auto unsigned_file = published("vc-di-eddsa/unsigned.json");
  const auto signed_file = published("vc-di-eddsa/eddsa-jcs-2022/signedJCS.json");
  const auto keys = published("vc-di-eddsa/keyPair.json");
  MW_SKIP_WITHOUT(unsigned_file && signed_file && keys);
  const auto secret = crypto::from_multibase(Json::parse(*keys)["privateKeyMultibase"].get<std::string>(), 64);
  ASSERT_TRUE(secret.ok());
  ASSERT_EQ(secret->size(), 34u);  // two bytes name the kind
  const auto key = crypto::SigningKey::from_seed(std::span<const Byte, 32>(secret->data() + 2, 32));
  Proof proof;
  proof.method = did_key_method(key.public_key());
  proof.created_ms = *parse_time("2023-02-24T23:36:38Z");
  const auto made = add_proof(Json::parse(*unsigned_file), proof, [&](ByteView m) { return key.sign(m); });
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(*made, Json::parse(*signed_file));
}

TEST(DataIntegrity, RefusesThePublishedProofsOfAnotherSuiteByName) {
  for (const char* name : {"signedProofSet2", "signedProofChain2"}) {
    const auto file = published(format("vc-di-eddsa/proof-set-chain/{}.json", name));
    MW_SKIP_WITHOUT(file);
    EXPECT_EQ(verify_proofs(Json::parse(*file), did_key_lookup).error().field, "/proof/0/cryptosuite") << name;
  }
}

TEST(DataIntegrity, VerifiesWhatItSigns) {
  Proof proof = proof_of_signer();
  proof.challenge = "c";
  proof.domain = "did:web:example.org";
  proof.expires_ms = *proof.created_ms + 60'000;
  proof.purpose = Purpose::authentication;
  const auto made = add_proof(example(), proof, sign);
  ASSERT_TRUE(made.ok());
  const auto proofs = verify_proofs(*made, did_key_lookup);
  ASSERT_TRUE(proofs.ok()) << proofs.error().text();
  EXPECT_EQ(proofs->front().challenge, "c");
  EXPECT_EQ(proofs->front().domain, "did:web:example.org");
  EXPECT_EQ(proofs->front().expires_ms, proof.expires_ms);
  EXPECT_EQ(proofs->front().purpose, Purpose::authentication);

  const auto twice = add_proof(*made, proof_of_signer(), sign);
  ASSERT_TRUE(twice.ok());
  ASSERT_TRUE((*twice)["proof"].is_array());
  EXPECT_EQ(verify_proofs(*twice, did_key_lookup)->size(), 2u);
}

// Every string, number and name of the document, changed or removed or added to, breaks the signature.
TEST(DataIntegrity, NoPartOfTheDocumentCanBeChanged) {
  const Json made = *add_proof(example(), proof_of_signer(), sign);
  const Json flat = made.flatten();
  int changes = 0;
  for (const auto& [pointer, value] : flat.items()) {
    const Json::json_pointer at(pointer);
    Json changed = made;
    changed[at] = value.is_string() ? Json(value.get<std::string>() + "x") : Json(2);
    EXPECT_FALSE(verify_proofs(changed, did_key_lookup).ok()) << pointer;
    changed = made;
    Json& parent = changed[at.parent_pointer()];
    if (parent.is_array())
      parent.erase(0);
    else
      parent.erase(at.back());
    EXPECT_FALSE(verify_proofs(changed, did_key_lookup).ok()) << pointer;
    ++changes;
  }
  EXPECT_GT(changes, 9);
  for (const char* parent : {"", "/credentialSubject", "/proof"}) {
    Json changed = made;
    changed[Json::json_pointer(parent)]["added"] = true;
    EXPECT_FALSE(verify_proofs(changed, did_key_lookup).ok()) << parent;
  }
}

TEST(DataIntegrity, AnyOtherBitOfTheSignatureIsRefused) {
  const Json made = *add_proof(example(), proof_of_signer(), sign);
  auto signature = *crypto::from_multibase(made["proof"]["proofValue"].get<std::string>(), 64);
  for (std::size_t bit = 0; bit < 512; ++bit) {
    signature[bit / 8] = static_cast<Byte>(signature[bit / 8] ^ (1u << bit % 8));
    Json changed = made;
    changed["proof"]["proofValue"] = crypto::multibase(signature);
    EXPECT_FALSE(verify_proofs(changed, did_key_lookup).ok()) << bit;
    signature[bit / 8] = static_cast<Byte>(signature[bit / 8] ^ (1u << bit % 8));
  }
}

TEST(DataIntegrity, NamesWhatIsWrong) {
  const Json made = *add_proof(example(), proof_of_signer(), sign);
  const auto field_of = [&made](const std::function<void(Json&)>& change) {
    Json document = made;
    change(document);
    const auto proofs = verify_proofs(document, did_key_lookup);
    return proofs.ok() ? std::string("accepted") : proofs.error().field;
  };
  EXPECT_EQ(field_of([](Json&) {}), "accepted");
  EXPECT_EQ(field_of([](Json& d) { d.erase("proof"); }), "/proof");
  EXPECT_EQ(field_of([](Json& d) { d["proof"] = Json::array(); }), "/proof");
  EXPECT_EQ(field_of([](Json& d) { d["proof"] = Json(std::vector<Json>(50, d["proof"])); }), "/proof");
  EXPECT_EQ(field_of([](Json& d) { d["proof"] = 1; }), "/proof");
  EXPECT_EQ(field_of([](Json& d) { d["proof"]["type"] = "Other"; }), "/proof/type");
  EXPECT_EQ(field_of([](Json& d) { d["proof"]["cryptosuite"] = "eddsa-rdfc-2022"; }), "/proof/cryptosuite");
  EXPECT_EQ(field_of([](Json& d) { d["proof"]["proofPurpose"] = "keyAgreement"; }), "/proof/proofPurpose");
  EXPECT_EQ(field_of([](Json& d) { d["proof"]["created"] = "yesterday"; }), "/proof/created");
  EXPECT_EQ(field_of([](Json& d) { d["proof"]["proofValue"] = "u123"; }), "/proof/proofValue");
  EXPECT_EQ(field_of([](Json& d) { d["proof"]["proofValue"] = "z1"; }), "/proof/proofValue");
  EXPECT_EQ(field_of([](Json& d) { d["proof"]["previousProof"] = "x"; }), "/proof/previousProof");
  EXPECT_EQ(field_of([](Json& d) { d["proof"]["challenge"] = std::string(5'000, 'x'); }), "/proof/challenge");
  EXPECT_EQ(field_of([](Json& d) { d["@context"][0] = "https://evil.example"; }), "/proof/@context");
  EXPECT_EQ(field_of([](Json& d) { d["proof"]["verificationMethod"] = "did:web:a.com#k"; }), "did");
  EXPECT_EQ(verify_proofs(Json(1), did_key_lookup).error().kind, ErrorKind::invalid);
  EXPECT_EQ(add_proof(Json(1), proof_of_signer(), sign).error().kind, ErrorKind::invalid);
}

// Step 4 of the verification: a context that was added behind the signed ones does not break the proof.
TEST(DataIntegrity, AContextMayBeAddedBehind) {
  Json made = *add_proof(example(), proof_of_signer(), sign);
  made["@context"].push_back("https://example.org/more");
  EXPECT_TRUE(verify_proofs(made, did_key_lookup).ok());
}

}  // namespace
}  // namespace mw::trust
