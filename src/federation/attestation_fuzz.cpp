// Strategy: the first byte chooses between an attestation object, client data, and an attestation object whose inside goes to
// libfido2.
// Invariants: no crash and no hang; the authenticator's data lies inside the object; an origin is no longer than what it stood in.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "federation/attestation.h"
#include "federation/passkey.h"

using namespace mw;

namespace {

const federation::Ceremony kAsked{"AAAAAAAAAAAAAAAAAAAAAA", "https://a.example", "a.example"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(bytes + 1, size - 1);
  if (bytes[0] % 3 == 0) {
    const auto data = federation::authenticator_data(rest);
    if (data.ok()) MW_ASSERT(data->size() <= rest.size());
  } else if (bytes[0] % 3 == 1) {
    const auto client = federation::read_client_data(rest);
    if (client.ok()) MW_ASSERT(client->origin.size() <= rest.size());
  } else {
    // What lies behind: libfido2 reads the authenticator's data.
    const std::string_view client =
        R"({"type":"webauthn.create","challenge":"AAAAAAAAAAAAAAAAAAAAAA","origin":"https://a.example"})";
    static_cast<void>(federation::check_registration(kAsked, as_bytes(client), rest).ok());
  }
  return 0;
}
