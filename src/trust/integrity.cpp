#include "trust/integrity.h"

#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/canonical.h"
#include "crypto/multibase.h"
#include "trust/time.h"

namespace mw::trust {
namespace {

constexpr std::string_view kType = "DataIntegrityProof", kSuite = "eddsa-jcs-2022";

// The 64 bytes that are signed.
Result<Bytes> signed_bytes(const Json& config, const Json& document) {
  Bytes bytes;
  for (const Json* part : {&config, &document}) {
    const auto text = crypto::canonical_json(*part);
    if (!text.ok()) return text.error();
    const auto digest = crypto::sha256(as_bytes(*text));
    bytes.insert(bytes.end(), digest.begin(), digest.end());
  }
  return bytes;
}

Result<std::string> text_of(const Json& proof, const char* name, const std::string& at, bool required) {
  const auto member = proof.find(name);
  if (member == proof.end() && !required) return std::string();
  if (member == proof.end() || !member->is_string()) return invalid(at + "/" + name, "expected a string");
  if (member->get_ref<const std::string&>().size() > limits::kDidBytes)
    return invalid(at + "/" + name, format("expected at most {} bytes", limits::kDidBytes));
  return member->get<std::string>();
}

Status time_of(const Json& proof, const char* name, const std::string& at, std::optional<std::int64_t>& out) {
  const auto text = text_of(proof, name, at, false);
  if (!text.ok()) return text.error();
  if (text->empty()) return ok();
  const auto time = parse_time(*text);
  if (!time.ok()) return invalid(at + "/" + name, time.error().message);
  out = *time;
  return ok();
}

Result<Proof> read_proof(const Json& json, const std::string& at) {
  if (!json.is_object()) return invalid(at, "expected a proof (an object)");
  const auto expect = [&](const char* name, std::string_view value) -> Status {
    const auto text = text_of(json, name, at, true);
    if (!text.ok()) return text.error();
    if (*text != value) return invalid(at + "/" + name, format("expected {}", value));
    return ok();
  };
  MW_TRY(expect("type", kType));
  MW_TRY(expect("cryptosuite", kSuite));
  if (json.contains("previousProof")) return invalid(at + "/previousProof", "expected a proof that stands by itself");
  Proof proof;
  for (const auto& [name, field, required] :
       {std::tuple("verificationMethod", &proof.method, true), std::tuple("challenge", &proof.challenge, false),
        std::tuple("domain", &proof.domain, false)}) {
    auto text = text_of(json, name, at, required);
    if (!text.ok()) return std::move(text).error();
    *field = *std::move(text);
  }
  const auto purpose = text_of(json, "proofPurpose", at, true);
  if (!purpose.ok()) return purpose.error();
  if (*purpose != name_of(Purpose::assertion) && *purpose != name_of(Purpose::authentication))
    return invalid(at + "/proofPurpose", "expected assertionMethod or authentication");
  proof.purpose = *purpose == name_of(Purpose::assertion) ? Purpose::assertion : Purpose::authentication;
  MW_TRY(time_of(json, "created", at, proof.created_ms));
  MW_TRY(time_of(json, "expires", at, proof.expires_ms));
  return proof;
}

// Section 3.3.2, step 4: a proof may carry the context it was made for; the document's must begin with it, and it is what
// was signed.
Status settle_context(const Json& config, Json& document, const std::string& at) {
  const auto stated = config.find("@context");
  if (stated == config.end()) return ok();
  const auto list = [](const Json& context) { return context.is_array() ? context : Json::array({context}); };
  const Json wanted = list(*stated);
  const Json found = document.contains("@context") ? list(document["@context"]) : Json::array();
  if (wanted.size() > found.size() || !std::equal(wanted.begin(), wanted.end(), found.begin()))
    return invalid(at + "/@context", "expected what the document's @context begins with");
  document["@context"] = *stated;
  return ok();
}

Status verify_one(const Json& proof, const std::string& at, Json document, const crypto::PublicKey& key) {
  const auto value = text_of(proof, "proofValue", at, true);
  if (!value.ok()) return value.error();
  const auto signature = crypto::from_multibase(*value, sizeof(crypto::Signature));
  if (!signature.ok() || signature->size() != sizeof(crypto::Signature))
    return invalid(at + "/proofValue", "expected a signature of 64 bytes in base58btc, after a z");
  Json config = proof;
  config.erase("proofValue");
  MW_TRY(settle_context(config, document, at));
  const auto bytes = signed_bytes(config, document);
  if (!bytes.ok()) return bytes.error();
  if (!crypto::verify(key, *bytes, *signature))
    return invalid(at + "/proofValue", "the signature is not by this key over this document");
  return ok();
}

}  // namespace

Result<Json> add_proof(Json document, const Proof& proof, const Sign& sign) {
  if (!document.is_object()) return invalid("", "expected a document (an object)");
  Json earlier;
  if (const auto found = document.find("proof"); found != document.end()) {
    earlier = *found;
    document.erase(found);
  }
  Json config = Json::object();
  config["type"] = kType;
  config["cryptosuite"] = kSuite;
  config["verificationMethod"] = proof.method;
  config["proofPurpose"] = name_of(proof.purpose);
  if (proof.created_ms) config["created"] = format_time(*proof.created_ms);
  if (proof.expires_ms) config["expires"] = format_time(*proof.expires_ms);
  if (!proof.challenge.empty()) config["challenge"] = proof.challenge;
  if (!proof.domain.empty()) config["domain"] = proof.domain;
  if (document.contains("@context")) config["@context"] = document["@context"];
  const auto bytes = signed_bytes(config, document);
  if (!bytes.ok()) return bytes.error();
  config["proofValue"] = crypto::multibase(sign(*bytes));
  if (earlier.is_null()) {
    document["proof"] = std::move(config);
  } else {
    Json proofs = earlier.is_array() ? std::move(earlier) : Json::array({std::move(earlier)});
    proofs.push_back(std::move(config));
    document["proof"] = std::move(proofs);
  }
  return document;
}

Result<std::vector<Proof>> verify_proofs(const Json& document, const KeyLookup& lookup) {
  if (!document.is_object()) return invalid("", "expected a document (an object)");
  const auto found = document.find("proof");
  if (found == document.end()) return invalid("/proof", "expected a proof");
  const bool many = found->is_array();
  const Json proofs = many ? *found : Json::array({*found});
  if (proofs.empty()) return invalid("/proof", "expected at least one proof");
  if (proofs.size() > limits::kProofsPerDocument)
    return Error{ErrorKind::too_large, "/proof", format("expected at most {} proofs", limits::kProofsPerDocument)};
  Json bare = document;
  bare.erase("proof");
  std::vector<Proof> result;
  result.reserve(proofs.size());
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    const std::string at = many ? format("/proof/{}", i) : "/proof";
    auto proof = read_proof(proofs[i], at);
    if (!proof.ok()) return std::move(proof).error();
    const auto key = lookup(proof->method, proof->purpose);
    if (!key.ok()) return key.error();
    MW_TRY(verify_one(proofs[i], at, bare, *key));
    result.push_back(*std::move(proof));
  }
  return result;
}

Result<crypto::PublicKey> did_key_lookup(std::string_view method, Purpose) { return key_of_did_key_method(method); }

}  // namespace mw::trust
