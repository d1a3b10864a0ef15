// Strategy: bytes as JSON, as the list of introductions that a host shows; beside that, a good list with one member replaced by them.
// Invariants: no crash; only what the host signed is believed, and every refusal has words.
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "base/assert.h"
#include "crypto/crypto.h"
#include "data/json.h"
#include "trust/introduction.h"

using namespace mw;
using namespace mw::trust;

namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;
constexpr const char* kMethod = "did:web:b.example#host";
constexpr const char* kMembers[] = {"/type",          "/issuer",     "/hosts", "/hosts/0",
                                    "/validFrom",     "/validUntil", "/proof", "/proof/proofValue",
                                    "/proof/created", "/more"};

struct Introducer {
  Introducer() {
    document.id = "did:web:b.example";
    document.keys.push_back({kMethod, key.public_key(), true, true});
    const Sign sign = [this](ByteView message) { return key.sign(message); };
    list = *make_introductions(document.id, {"c.example", "d.example:8443"}, kMethod, sign, kNow);
  }
  crypto::SigningKey key = crypto::SigningKey::from_seed(crypto::Digest{});
  DidDocument document;
  Json list;
};

void knock(const Introducer& introducer, const Json& list) {
  const auto read = read_introductions(list, introducer.document, kNow);
  if (read.ok())
    MW_ASSERT(list == introducer.list);
  else
    MW_ASSERT(!read.error().message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Introducer introducer;
  MW_ASSERT(read_introductions(introducer.list, introducer.document, kNow).ok());
  const auto text = as_text({data, size});
  if (const auto json = mw::data::parse_json(text); json.ok()) knock(introducer, *json);
  if (size == 0) return 0;
  const auto member = mw::data::parse_json(text.substr(1));
  if (!member.ok()) return 0;
  Json list = introducer.list;
  list[Json::json_pointer(kMembers[data[0] % std::size(kMembers)])] = *member;
  knock(introducer, list);
  return 0;
}
