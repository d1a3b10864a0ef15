#include "trust/webvh_entry.h"

#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/canonical.h"
#include "crypto/multibase.h"
#include "trust/time.h"

namespace mw::trust::webvh {
namespace {

Result<std::vector<std::string>> text_list(const Json& list, std::size_t most, const std::string& field) {
  if (!list.is_array()) return invalid(field, "expected an array of strings");
  if (list.size() > most) return Error{ErrorKind::too_large, field, format("expected at most {}", most)};
  std::vector<std::string> out;
  out.reserve(list.size());
  for (const Json& item : list) {
    if (!item.is_string() || item.get_ref<const std::string&>().size() > limits::kDidBytes)
      return invalid(field, format("expected strings of at most {} bytes", limits::kDidBytes));
    out.push_back(item.get<std::string>());
    if (std::find(out.begin(), out.end() - 1, out.back()) != out.end() - 1)
      return invalid(field, "expected no string twice");
  }
  return out;
}

Result<bool> flag(const Json& value, const std::string& field) {
  if (!value.is_boolean()) return invalid(field, "expected true or false");
  return value.get<bool>();
}

// "The `witness` Parameter".
Result<Witnesses> read_witnesses(const Json& json, const std::string& field) {
  if (!json.is_object()) return invalid(field, "expected an object");
  Witnesses result;
  if (json.empty()) return result;
  const auto threshold = json.find("threshold"), list = json.find("witnesses");
  if (threshold == json.end() || !threshold->is_number_unsigned())
    return invalid(field + "/threshold", "expected a number of witnesses");
  if (list == json.end() || !list->is_array() || list->empty())
    return invalid(field + "/witnesses", "expected an array of at least one witness");
  if (list->size() > limits::kWebvhWitnesses)
    return Error{ErrorKind::too_large, field + "/witnesses", format("expected at most {}", limits::kWebvhWitnesses)};
  for (const Json& witness : *list) {
    const Json id = witness.is_object() ? witness.value("id", Json()) : Json();
    const auto key = id.is_string() ? key_of_did_key(id.get_ref<const std::string&>())
                                    : Result<crypto::PublicKey>(invalid("", "expected an id"));
    if (!key.ok()) return invalid(field + "/witnesses", "expected the id of each witness to be a did:key of Ed25519");
    if (std::find(result.ids.begin(), result.ids.end(), id.get_ref<const std::string&>()) != result.ids.end())
      return invalid(field + "/witnesses", "expected no witness twice");
    result.ids.push_back(id.get<std::string>());
  }
  const auto wanted = threshold->get<std::uint64_t>();
  if (wanted < 1 || wanted > result.ids.size())
    return invalid(field + "/threshold", format("expected 1 to {}", result.ids.size()));
  result.threshold = static_cast<std::size_t>(wanted);
  return result;
}

class Merger {
 public:
  Merger(const Json& json, const Webvh* before, std::string field)
      : json_(json),
        before_(before),
        field_(std::move(field)),
        merged_(before ? before->parameters : WebvhParameters()) {}

  Result<WebvhParameters> merge() {
    if (!json_.is_object()) return invalid(field_, "expected an object");
    for (const auto& [name, value] : json_.items()) MW_TRY(member(name, value));
    if (before_ == nullptr && !json_.contains("method")) return invalid(field_ + "/method", "expected did:webvh:1.0");
    if (before_ == nullptr && !json_.contains("scid"))
      return invalid(field_ + "/scid", "expected the hash of the entry");
    if (before_ == nullptr && merged_.update_keys.empty())
      return invalid(field_ + "/updateKeys", "expected at least one key");
    MW_TRY(committed());
    return std::move(merged_);
  }

 private:
  Status member(const std::string& name, const Json& value) {
    const std::string at = field_ + "/" + name;
    const auto put = [](auto result, auto& out) -> Status {
      if (!result.ok()) return std::move(result).error();
      out = *std::move(result);
      return ok();
    };
    if (name == "method") {
      if (value != kMethod) return invalid(at, "expected did:webvh:1.0");
      return ok();
    }
    if (name == "scid") {
      if (before_ != nullptr) return invalid(at, "expected it in the first entry alone");
      if (!value.is_string()) return invalid(at, "expected a string");
      return ok();
    }
    if (name == "updateKeys") return keys(value, at);
    if (name == "nextKeyHashes") return put(text_list(value, limits::kWebvhKeys, at), merged_.next_key_hashes);
    if (name == "witness") return put(read_witnesses(value, at), merged_.witness);
    if (name == "watchers") return put(text_list(value, limits::kWebvhWitnesses, at), merged_.watchers);
    if (name == "deactivated") return put(flag(value, at), merged_.deactivated);
    if (name == "portable") return portable(value, at);
    if (name == "ttl") {
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() > (1ULL << 31))
        return invalid(at, "expected seconds, 0 to 2^31");
      merged_.ttl_s = static_cast<std::uint32_t>(value.get<std::uint64_t>());
      return ok();
    }
    return invalid(at, "expected no parameter that did:webvh:1.0 does not have");
  }

  Status keys(const Json& value, const std::string& at) {
    auto list = text_list(value, limits::kWebvhKeys, at);
    if (!list.ok()) return std::move(list).error();
    for (const auto& key : *list) {
      if (const auto read = crypto::from_multikey(key); !read.ok()) return invalid(at, read.error().message);
    }
    merged_.update_keys = *std::move(list);
    return ok();
  }

  Status portable(const Json& value, const std::string& at) {
    const auto wanted = flag(value, at);
    if (!wanted.ok()) return wanted.error();
    if (before_ != nullptr && *wanted && !before_->parameters.portable)
      return invalid(at, "expected true in the first entry, or not at all");
    merged_.portable = *wanted;
    return ok();
  }

  // "Pre-Rotation Key Hash Generation and Verification": keys that come into force were committed to by the entry before.
  Status committed() {
    if (before_ == nullptr || before_->parameters.next_key_hashes.empty()) return ok();
    for (const char* name : {"updateKeys", "nextKeyHashes"}) {
      if (!json_.contains(name))
        return invalid(format("{}/{}", field_, name), "expected it, since the next keys are committed to in advance");
    }
    const auto& hashes = before_->parameters.next_key_hashes;
    for (const auto& key : merged_.update_keys) {
      if (std::find(hashes.begin(), hashes.end(), next_key_hash(key)) == hashes.end())
        return invalid(field_ + "/updateKeys", format("{} is no key that the entry before committed to", key));
    }
    return ok();
  }

  const Json& json_;
  const Webvh* before_;
  std::string field_;
  WebvhParameters merged_;
};

// Where the DID lives after this entry; the name may change for a portable one that keeps its hash ("DID Portability").
Result<std::string> check_name(const Json& document, const Webvh* before, std::string_view scid, bool portable,
                               const std::string& field) {
  const Json id = document.is_object() ? document.value("id", Json()) : Json();
  if (!id.is_string()) return invalid(field + "/id", "expected the identifier");
  auto name = id.get<std::string>();
  const auto did = parse_web_did(name);
  if (!did.ok()) return invalid(field + "/id", did.error().message);
  if (did->scid != scid) return invalid(field + "/id", "expected the hash of the first entry in the name");
  if (before == nullptr || before->did == name) return name;
  if (!portable) return invalid(field + "/id", format("expected {}, since it is not portable", before->did));
  const Json also = document.value("alsoKnownAs", Json::array());
  if (!also.is_array() || std::find(also.begin(), also.end(), Json(before->did)) == also.end())
    return invalid(field + "/alsoKnownAs", format("expected {}, the name before the move", before->did));
  return name;
}

Status check_members(const Json& entry, const std::string& field) {
  if (!entry.is_object()) return invalid(field, "expected an object");
  for (const char* name : {"versionId", "versionTime", "parameters", "state", "proof"})
    if (!entry.contains(name)) return invalid(format("{}/{}", field, name), "expected it");
  if (entry.size() != 5) return invalid(field, "expected versionId, versionTime, parameters, state and proof alone");
  for (const char* name : {"versionId", "versionTime"})
    if (!entry[name].is_string()) return invalid(format("{}/{}", field, name), "expected a string");
  return ok();
}

// The proof is by a key that was in force: those of the entry before; with commitment in advance, and in the first
// entry, those of the entry itself ("Authorized Keys").
Status check_signature(const Json& entry, const Webvh* before, const WebvhParameters& after, const std::string& field) {
  const bool own = before == nullptr || !before->parameters.next_key_hashes.empty();
  const auto& keys = own ? after.update_keys : before->parameters.update_keys;
  const auto lookup = [&](std::string_view method, Purpose purpose) -> Result<crypto::PublicKey> {
    if (purpose != Purpose::assertion) return invalid("/proof/proofPurpose", "expected assertionMethod");
    auto key = key_of_did_key_method(method);
    if (!key.ok()) return invalid("/proof/verificationMethod", key.error().message);
    if (std::find(keys.begin(), keys.end(), crypto::multikey(*key)) == keys.end())
      return invalid("/proof/verificationMethod", "expected one of the keys in force");
    return key;
  };
  if (const auto proofs = verify_proofs(entry, lookup); !proofs.ok())
    return Error{proofs.error().kind, field + proofs.error().field, proofs.error().message};
  return ok();
}

Result<std::int64_t> check_time(const Json& entry, const Webvh* before, std::int64_t now_ms, const std::string& field) {
  const std::string at = field + "/versionTime";
  const auto time = parse_time(entry["versionTime"].get_ref<const std::string&>());
  if (!time.ok()) return invalid(at, time.error().message);
  if (before != nullptr && *time <= before->latest().time_ms)
    return invalid(at, "expected a time after that of the entry before");
  if (*time > now_ms + limits::kClockSkewMs) return invalid(at, "expected a time that has come");
  return *time;
}

}  // namespace

std::size_t number_of(const Webvh* before) { return before == nullptr ? 1 : before->versions.size() + 1; }

Result<std::string> entry_hash(Json entry, std::string_view predecessor) {
  entry.erase("proof");
  entry["versionId"] = predecessor;
  const auto text = crypto::canonical_json(entry);
  if (!text.ok()) return text.error();
  return crypto::multihash(as_bytes(*text));
}

Result<std::string> scid_of(const Json& entry, std::string_view scid) {
  Json first = entry;
  first.erase("proof");
  first["versionId"] = kPlaceholder;
  auto text = crypto::canonical_json(first);
  if (!text.ok()) return std::move(text).error();
  for (std::size_t at = text->find(scid); at != std::string::npos; at = text->find(scid, at + kPlaceholder.size()))
    text->replace(at, scid.size(), kPlaceholder);
  return crypto::multihash(as_bytes(*text));
}

Result<WebvhParameters> merge_parameters(const Json& parameters, const Webvh* before, const std::string& field) {
  return Merger(parameters, before, field).merge();
}

Result<Webvh> apply(std::optional<Webvh> before_state, const Json& entry, std::int64_t now_ms) {
  const Webvh* before = before_state ? &*before_state : nullptr;
  const std::string field = format("entry {}", number_of(before));
  if (before != nullptr && before->parameters.deactivated)
    return invalid(field, "expected no entry after the one that deactivated it");
  MW_TRY(check_members(entry, field));
  auto parameters = merge_parameters(entry["parameters"], before, field + "/parameters");
  if (!parameters.ok()) return std::move(parameters).error();
  const auto time = check_time(entry, before, now_ms, field);
  if (!time.ok()) return time.error();

  Webvh after;
  after.scid = before == nullptr ? entry["parameters"]["scid"].get<std::string>() : before->scid;
  if (before == nullptr) {
    // The form is checked before the hash, so that the replacement of a hostile "scid" such as "a" stays small.
    if (const auto form = parse_web_did("did:webvh:" + after.scid + ":a"); !form.ok())
      return invalid(field + "/parameters/scid", form.error().message);
    const auto scid = scid_of(entry, after.scid);
    if (!scid.ok()) return scid.error();
    if (*scid != after.scid) return invalid(field + "/parameters/scid", "the hash of the entry is another");
  }
  const auto hash = entry_hash(entry, before == nullptr ? after.scid : before->latest().id);
  if (!hash.ok()) return hash.error();
  const auto& id = entry["versionId"].get_ref<const std::string&>();
  if (id != format("{}-{}", number_of(before), *hash))
    return invalid(field + "/versionId", format("expected {}-{}", number_of(before), *hash));
  MW_TRY(check_signature(entry, before, *parameters, field));
  auto did = check_name(entry["state"], before, after.scid, parameters->portable, field + "/state");
  if (!did.ok()) return std::move(did).error();
  after.did = *std::move(did);
  after.parameters = *std::move(parameters);
  if (before_state) after.versions = std::move(before_state->versions);
  after.versions.push_back({id, *time, entry["state"]});
  return after;
}

const Witnesses& witnesses_of(const WebvhParameters* before, const WebvhParameters& after) {
  return before != nullptr && before->witness.threshold > 0 ? before->witness : after.witness;
}

}  // namespace mw::trust::webvh
