// For tests: an authenticator in software, with one Ed25519 passkey, as a browser would hand on what it says.
// Thread: the test's.
#pragma once

#include <string>

#include "base/bytes.h"
#include "crypto/crypto.h"
#include "data/json.h"
#include "federation/accounts.h"

namespace mw::federation {

inline void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }
inline Bytes bytes_from(std::string_view text) { return Bytes(text.begin(), text.end()); }

struct TestAuthenticator {
  explicit TestAuthenticator(Byte number, std::string page = "http://a.localhost:8080", std::string rp = "a.localhost")
      : id(20, number), origin(std::move(page)), rp_id(std::move(rp)), key(key_of(number)) {}

  Bytes id;
  std::string origin, rp_id;
  crypto::SigningKey key;
  std::uint32_t counter = 0;
  Byte flags = 0x05;  // present and verified

  Bytes client_data(std::string_view type, std::string_view challenge) const {
    return bytes_from(data::to_text({{"type", type}, {"challenge", challenge}, {"origin", origin}}));
  }
  Bytes authenticator_data(bool attested) const {
    Bytes out;
    append(out, crypto::sha256(as_bytes(rp_id)));
    out.push_back(static_cast<Byte>(flags | (attested ? 0x40 : 0)));
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<Byte>(counter >> shift));
    if (!attested) return out;
    out.insert(out.end(), 16, Byte{0});
    out.push_back(0);
    out.push_back(static_cast<Byte>(id.size()));
    append(out, id);
    // COSE: OKP, EdDSA, Ed25519, x.
    for (const int byte : {0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20})
      out.push_back(static_cast<Byte>(byte));
    append(out, key.public_key().bytes);
    return out;
  }
  Registration create(std::string_view challenge) const {
    const Bytes inner = authenticator_data(true);
    Bytes object = bytes_from(
        "\xa3\x63"
        "fmt\x64"
        "none\x67"
        "attStmt\xa0\x68"
        "authData\x58");
    object.push_back(static_cast<Byte>(inner.size()));
    append(object, inner);
    return {client_data("webauthn.create", challenge), std::move(object), "Test"};
  }
  Login get(std::string_view challenge) {
    ++counter;
    Login login;
    login.id = id;
    login.assertion.client_data = client_data("webauthn.get", challenge);
    login.assertion.authenticator_data = authenticator_data(false);
    Bytes text = login.assertion.authenticator_data;
    append(text, crypto::sha256(login.assertion.client_data));
    const auto signature = key.sign(text);
    login.assertion.signature.assign(signature.begin(), signature.end());
    return login;
  }

  static crypto::SigningKey key_of(Byte number) {
    std::array<Byte, 32> seed;
    seed.fill(number);
    return crypto::SigningKey::from_seed(seed);
  }
};

}  // namespace mw::federation
