// Strategy: bytes as a structured field, as the value of Content-Digest, and, split at a zero byte, as Signature-Input and
// Signature of a request.
// Invariants: no crash and no hang; a field that is accepted is written to a text that reads as the same; a signature is never
// accepted, since nobody signed.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "trust/http_signature.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  if (const auto dictionary = trust::parse_dictionary(text); dictionary.ok()) {
    const auto again = trust::parse_dictionary(trust::to_text(*dictionary));
    // Written with ", " between members, it may be longer than what was read.
    if (again.ok())
      MW_ASSERT(*again == *dictionary);
    else
      MW_ASSERT(again.error().kind == ErrorKind::too_large);
  }
  if (const auto digest = trust::check_content_digest(text, as_bytes("body")); !digest.ok())
    MW_ASSERT(!digest.error().message.empty());
  const auto zero = text.find('\0');
  trust::HttpMessage message;
  message.method = "POST";
  message.authority = "a.example";
  message.query = "?a=1&b=%20";
  message.fields = {{"Signature-Input", std::string(text.substr(0, zero))},
                    {"Signature", std::string(zero == text.npos ? "sig=:AAAA:" : text.substr(zero + 1))}};
  trust::SignaturePolicy policy;
  policy.now_s = 1'618'884'473;
  static const auto key = crypto::SigningKey::from_seed(crypto::Digest{});
  const auto verified = trust::verify_message(
      message, policy, [](std::string_view, trust::Purpose) -> Result<crypto::PublicKey> { return key.public_key(); });
  MW_ASSERT(!verified.ok());
  MW_ASSERT(!verified.error().message.empty());
  return 0;
}
