// Strategy: bytes as the text of an identifier; as JSON, they are the document of one.
// Invariants: no crash and no hang; an identifier that is accepted is written as the same text; a document that is
// accepted is read from what is written of it.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "trust/did.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  if (const auto did = trust::parse_web_did(text); did.ok()) {
    MW_ASSERT(did->text() == text);
    // Without TLS on this machine alone.
    const bool here = did->host == "localhost" || did->host.ends_with(".localhost");
    MW_ASSERT(did->url("did.json").starts_with((here ? "http://" : "https://") + did->authority() + "/"));
  }
  if (const auto key = trust::key_of_did_key_method(text); key.ok()) MW_ASSERT(trust::did_key_method(*key) == text);
  const auto json = data::parse_json(text);
  if (!json.ok()) return 0;
  const auto document = trust::read_did_document(*json, "did:web:a.example");
  if (!document.ok()) return 0;
  const auto again = trust::read_did_document(trust::to_json(*document), "did:web:a.example");
  MW_ASSERT(again.ok());
  MW_ASSERT(again->keys.size() == document->keys.size());
  return 0;
}
