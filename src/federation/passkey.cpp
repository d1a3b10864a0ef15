#include "federation/passkey.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

#include <algorithm>
#include <memory>

#include "base/limits.h"
#include "crypto/crypto.h"
#include "federation/attestation.h"

namespace mw::federation {
namespace {

// WebAuthn 6.1: hash of the RP id, flags, counter.
constexpr std::size_t kFlagsAt = 32, kCounterAt = 33, kDataBytes = 37;
constexpr Byte kPresent = 0x01, kVerified = 0x04, kAttested = 0x40;

struct Free {
  void operator()(fido_cred_t* cred) const { fido_cred_free(&cred); }
  void operator()(fido_assert_t* assertion) const { fido_assert_free(&assertion); }
  void operator()(es256_pk_t* key) const { es256_pk_free(&key); }
  void operator()(eddsa_pk_t* key) const { eddsa_pk_free(&key); }
  void operator()(rs256_pk_t* key) const { rs256_pk_free(&key); }
};

Error refused(std::string field, std::string why) {
  return Error{ErrorKind::forbidden, std::move(field), std::move(why)};
}

Status check_client(const Ceremony& asked, ByteView json, std::string_view type) {
  const auto client = read_client_data(json);
  MW_TRY(client);
  if (client->type != type) return refused("clientDataJSON/type", "expected " + std::string(type));
  if (!crypto::same_secret(as_bytes(client->challenge), as_bytes(asked.challenge)))
    return refused("clientDataJSON/challenge", "is not the one that was asked");
  if (client->origin != asked.origin) return refused("clientDataJSON/origin", "expected " + asked.origin);
  if (client->cross_origin) return refused("clientDataJSON/crossOrigin", "not from inside a page of another origin");
  return ok();
}

// `data` has at least kDataBytes.
Status check_authenticator(const Ceremony& asked, ByteView data) {
  const auto hash = crypto::sha256(as_bytes(asked.rp_id));
  if (!std::equal(hash.begin(), hash.end(), data.begin()))
    return refused("authenticatorData/rpIdHash", "expected that of " + asked.rp_id);
  if ((data[kFlagsAt] & kPresent) == 0) return refused("authenticatorData/flags", "nobody was present");
  if ((data[kFlagsAt] & kVerified) == 0) return refused("authenticatorData/flags", "the person was not verified");
  return ok();
}

std::uint32_t counter_of(ByteView data) {
  std::uint32_t counter = 0;
  for (std::size_t i = 0; i < 4; ++i) counter = counter << 8 | data[kCounterAt + i];
  return counter;
}

bool verify(const fido_assert_t* assertion, const Passkey& passkey) {
  const void* bytes = passkey.key.data();
  const std::size_t size = passkey.key.size();
  if (passkey.algorithm == COSE_ES256) {
    const std::unique_ptr<es256_pk_t, Free> key(es256_pk_new());
    return key && es256_pk_from_ptr(key.get(), bytes, size) == FIDO_OK &&
           fido_assert_verify(assertion, 0, COSE_ES256, key.get()) == FIDO_OK;
  }
  if (passkey.algorithm == COSE_EDDSA) {
    const std::unique_ptr<eddsa_pk_t, Free> key(eddsa_pk_new());
    return key && eddsa_pk_from_ptr(key.get(), bytes, size) == FIDO_OK &&
           fido_assert_verify(assertion, 0, COSE_EDDSA, key.get()) == FIDO_OK;
  }
  if (passkey.algorithm == COSE_RS256) {
    const std::unique_ptr<rs256_pk_t, Free> key(rs256_pk_new());
    return key && rs256_pk_from_ptr(key.get(), bytes, size) == FIDO_OK &&
           fido_assert_verify(assertion, 0, COSE_RS256, key.get()) == FIDO_OK;
  }
  return false;
}

}  // namespace

Result<Passkey> check_registration(const Ceremony& asked, ByteView client_data, ByteView attestation_object) {
  MW_TRY(check_client(asked, client_data, "webauthn.create"));
  const auto data = authenticator_data(attestation_object);
  MW_TRY(data);
  if (data->size() < kDataBytes) return invalid("authenticatorData", "too short");
  MW_TRY(check_authenticator(asked, *data));
  if (((*data)[kFlagsAt] & kAttested) == 0) return invalid("authenticatorData", "holds no credential");
  for (const int algorithm : kPasskeyAlgorithms) {
    const std::unique_ptr<fido_cred_t, Free> cred(fido_cred_new());
    // It reads a credential of the type that was set, and no other.
    if (!cred || fido_cred_set_type(cred.get(), algorithm) != FIDO_OK ||
        fido_cred_set_authdata_raw(cred.get(), data->data(), data->size()) != FIDO_OK)
      continue;
    Passkey passkey;
    passkey.id.assign(fido_cred_id_ptr(cred.get()), fido_cred_id_ptr(cred.get()) + fido_cred_id_len(cred.get()));
    passkey.key.assign(fido_cred_pubkey_ptr(cred.get()),
                       fido_cred_pubkey_ptr(cred.get()) + fido_cred_pubkey_len(cred.get()));
    passkey.algorithm = algorithm;
    passkey.counter = counter_of(*data);
    if (passkey.id.empty() || passkey.id.size() > limits::kPasskeyIdBytes)
      return invalid("authenticatorData/credentialId", "expected 1 to 1023 bytes");
    return passkey;
  }
  return invalid("authenticatorData", "holds no key of ES256, EdDSA or RS256");
}

Result<std::uint32_t> check_login(const Ceremony& asked, const Passkey& passkey, const Assertion& assertion) {
  MW_TRY(check_client(asked, assertion.client_data, "webauthn.get"));
  const ByteView data(assertion.authenticator_data);
  if (data.size() < kDataBytes || data.size() > limits::kAttestationBytes)
    return invalid("authenticatorData", "of no length that it can have");
  MW_TRY(check_authenticator(asked, data));
  const auto hash = crypto::sha256(assertion.client_data);
  const std::unique_ptr<fido_assert_t, Free> given(fido_assert_new());
  const bool read = given && fido_assert_set_count(given.get(), 1) == FIDO_OK &&
                    fido_assert_set_rp(given.get(), asked.rp_id.c_str()) == FIDO_OK &&
                    fido_assert_set_up(given.get(), FIDO_OPT_TRUE) == FIDO_OK &&
                    fido_assert_set_uv(given.get(), FIDO_OPT_TRUE) == FIDO_OK &&
                    fido_assert_set_clientdata_hash(given.get(), hash.data(), hash.size()) == FIDO_OK &&
                    fido_assert_set_authdata_raw(given.get(), 0, data.data(), data.size()) == FIDO_OK;
  if (!read) return invalid("authenticatorData", "is not as an authenticator writes it");
  if (assertion.signature.empty() ||
      fido_assert_set_sig(given.get(), 0, assertion.signature.data(), assertion.signature.size()) != FIDO_OK)
    return invalid("signature", "is empty");
  if (!verify(given.get(), passkey)) return refused("signature", "is not by this passkey");
  const std::uint32_t counter = counter_of(data);
  if ((counter != 0 || passkey.counter != 0) && counter <= passkey.counter)
    return refused("signCount", "did not grow: there may be a copy of this passkey");
  return counter;
}

}  // namespace mw::federation
