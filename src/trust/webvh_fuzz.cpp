// Strategy: bytes as did.jsonl with did-witness.json behind a zero byte; beside that, a good entry with one member
// replaced by the bytes as JSON, since random lines never pass the hashes.
// Invariants: no crash and no hang; what is accepted has the name that was asked for, and every error has words.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"
#include "trust/webvh.h"
#include "trust/webvh_entry.h"

using namespace mw;

namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;
constexpr const char* kMembers[] = {
    "/parameters", "/parameters/witness", "/parameters/updateKeys", "/state", "/state/id", "/versionTime", "/proof",
    "/proof/0"};

const trust::WebvhEntry& good() {
  static const trust::WebvhEntry entry = [] {
    static const auto key = crypto::SigningKey::from_seed(crypto::Digest{});
    trust::WebvhParameters parameters;
    const std::string name = trust::did_key(key.public_key()).substr(8);
    parameters.update_keys = {name};
    trust::WebDid place;
    place.host = "a.example";
    Json document = Json::object();
    document["id"] = trust::did_placeholder(place);
    return *trust::create_webvh(document, parameters, name, [](ByteView m) { return key.sign(m); }, kNow);
  }();
  return entry;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  const auto zero = text.find('\0');
  const auto read = trust::read_webvh(text.substr(0, zero), good().state.did,
                                      zero == text.npos ? "" : text.substr(zero + 1), kNow + 1'000);
  if (read.ok())
    MW_ASSERT(read->did == good().state.did);
  else
    MW_ASSERT(!read.error().message.empty());
  if (size == 0) return 0;
  const auto member = data::parse_json(text.substr(1));
  if (!member.ok()) return 0;
  Json entry = Json::parse(good().line);
  entry[Json::json_pointer(kMembers[data[0] % std::size(kMembers)])] = *member;
  const auto after = trust::webvh::apply(std::nullopt, entry, kNow + 1'000);
  if (!after.ok()) MW_ASSERT(!after.error().message.empty());
  return 0;
}
