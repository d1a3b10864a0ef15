#include "federation/attestation.h"

#include <cstdint>
#include <optional>

#include "base/limits.h"
#include "data/json.h"

namespace mw::federation {
namespace {

Error bad_object(std::string why) { return invalid("attestationObject", std::move(why)); }

// CBOR's major types that occur here.
enum : unsigned { kBytes = 2, kText = 3, kMap = 5 };

class Cbor {
 public:
  explicit Cbor(ByteView bytes) : rest_(bytes) {}

  // The argument of an item of this major type; nullopt for another type, a longer form than needed, or an end.
  std::optional<std::uint64_t> head(unsigned major) {
    if (rest_.empty() || rest_[0] >> 5 != major) return std::nullopt;
    const unsigned low = rest_[0] & 31u;
    rest_ = rest_.subspan(1);
    if (low < 24) return low;
    if (low > 26) return std::nullopt;  // no attestation is longer than 4 GiB; 31 is an indefinite length
    const std::size_t size = std::size_t{1} << (low - 24);
    if (rest_.size() < size) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | rest_[i];
    rest_ = rest_.subspan(size);
    const std::uint64_t least = low == 24 ? 24u : low == 25 ? 0x100u : 0x10000u;
    if (value < least) return std::nullopt;
    return value;
  }
  std::optional<ByteView> string(unsigned major) {
    const auto size = head(major);
    if (!size || *size > rest_.size()) return std::nullopt;
    const ByteView out = rest_.first(static_cast<std::size_t>(*size));
    rest_ = rest_.subspan(out.size());
    return out;
  }
  bool done() const { return rest_.empty(); }

 private:
  ByteView rest_;
};

}  // namespace

Result<ByteView> authenticator_data(ByteView object) {
  if (object.size() > limits::kAttestationBytes)
    return Error{ErrorKind::too_large, "attestationObject", "longer than any attestation of this kind"};
  Cbor cbor(object);
  if (cbor.head(kMap) != 3u) return bad_object("expected a map of three members");
  bool fmt = false, statement = false;
  std::optional<ByteView> data;
  for (int i = 0; i < 3; ++i) {
    const auto name = cbor.string(kText);
    if (!name) return bad_object("expected a member's name");
    if (as_text(*name) == "fmt" && !fmt) {
      const auto value = cbor.string(kText);
      if (!value) return bad_object("fmt: expected text");
      if (as_text(*value) != "none") return bad_object("fmt: expected \"none\", which is what was asked for");
      fmt = true;
    } else if (as_text(*name) == "attStmt" && !statement) {
      if (cbor.head(kMap) != 0u) return bad_object("attStmt: expected an empty map");
      statement = true;
    } else if (as_text(*name) == "authData" && !data) {
      data = cbor.string(kBytes);
      if (!data) return bad_object("authData: expected bytes");
    } else {
      return bad_object("expected fmt, attStmt and authData, each once");
    }
  }
  if (!cbor.done()) return bad_object("something follows it");
  return *data;
}

Result<ClientData> read_client_data(ByteView json) {
  const auto bad = [](std::string why) { return invalid("clientDataJSON", std::move(why)); };
  if (json.size() > limits::kClientDataBytes)
    return Error{ErrorKind::too_large, "clientDataJSON", "longer than any client data"};
  const auto parsed = data::parse_json(as_text(json));
  if (!parsed.ok()) return bad(parsed.error().text());
  if (!parsed->is_object()) return bad("expected an object");
  ClientData out;
  for (const auto& [name, member] :
       {std::pair{"type", &out.type}, std::pair{"challenge", &out.challenge}, std::pair{"origin", &out.origin}}) {
    const auto at = parsed->find(name);
    if (at == parsed->end() || !at->is_string()) return bad(std::string(name) + ": expected text");
    *member = at->get<std::string>();
  }
  if (const auto at = parsed->find("crossOrigin"); at != parsed->end()) {
    if (!at->is_boolean()) return bad("crossOrigin: expected true or false");
    out.cross_origin = at->get<bool>();
  }
  return out;
}

}  // namespace mw::federation
