#include "trust/webvh.h"

#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/canonical.h"
#include "crypto/multibase.h"
#include "trust/time.h"
#include "trust/webvh_entry.h"

namespace mw::trust {
namespace {

using webvh::kPlaceholder;

Json witness_json(const Witnesses& witness) {
  Json json = Json::object();
  if (witness.threshold == 0) return json;
  json["threshold"] = witness.threshold;
  json["witnesses"] = Json::array();
  for (const auto& id : witness.ids) {
    Json item = Json::object();
    item["id"] = id;
    json["witnesses"].push_back(std::move(item));
  }
  return json;
}

Json first_parameters(const WebvhParameters& parameters) {
  Json json = Json::object();
  json["method"] = webvh::kMethod;
  json["scid"] = kPlaceholder;
  json["updateKeys"] = parameters.update_keys;
  json["portable"] = parameters.portable;
  if (!parameters.next_key_hashes.empty()) json["nextKeyHashes"] = parameters.next_key_hashes;
  if (parameters.witness.threshold > 0) json["witness"] = witness_json(parameters.witness);
  if (!parameters.watchers.empty()) json["watchers"] = parameters.watchers;
  if (parameters.ttl_s != WebvhParameters().ttl_s) json["ttl"] = parameters.ttl_s;
  return json;
}

Json changed_parameters(const WebvhChange& change) {
  Json json = Json::object();
  if (change.update_keys) json["updateKeys"] = *change.update_keys;
  if (change.next_key_hashes) json["nextKeyHashes"] = *change.next_key_hashes;
  if (change.witness) json["witness"] = witness_json(*change.witness);
  if (change.watchers) json["watchers"] = *change.watchers;
  if (change.portable) json["portable"] = *change.portable;
  if (change.deactivate) json["deactivated"] = true;
  return json;
}

// Replaces the placeholder in every string of the value, names of members included.
Json with_scid(const Json& value, const std::string& scid) {
  const auto replaced = [&scid](std::string text) {
    for (std::size_t at = text.find(kPlaceholder); at != std::string::npos; at = text.find(kPlaceholder, at))
      text.replace(at, kPlaceholder.size(), scid);
    return text;
  };
  if (value.is_string()) return replaced(value.get<std::string>());
  Json out = value;
  if (value.is_array())
    for (Json& item : out) item = with_scid(item, scid);
  if (value.is_object()) {
    out = Json::object();
    for (const auto& [name, member] : value.items()) out[replaced(name)] = with_scid(member, scid);
  }
  return out;
}

// Gives the entry its name, signs it, and reads it as others will.
Result<WebvhEntry> finish(const Webvh* before, Json entry, std::string_view predecessor, std::string_view signing_key,
                          const Sign& sign, std::int64_t now_ms) {
  const auto hash = webvh::entry_hash(entry, predecessor);
  if (!hash.ok()) return hash.error();
  entry["versionId"] = format("{}-{}", webvh::number_of(before), *hash);
  Proof proof;
  proof.method = format("did:key:{}#{}", signing_key, signing_key);
  proof.created_ms = now_ms;
  auto signed_entry = add_proof(std::move(entry), proof, sign);
  if (!signed_entry.ok()) return std::move(signed_entry).error();
  Json line = *std::move(signed_entry);
  line["proof"] = Json::array({line["proof"]});
  auto state = webvh::apply(before == nullptr ? std::nullopt : std::optional<Webvh>(*before), line, now_ms);
  if (!state.ok()) return std::move(state).error();
  auto text = crypto::canonical_json(line);
  if (!text.ok()) return std::move(text).error();
  return WebvhEntry{*std::move(text) + "\n", *std::move(state)};
}

}  // namespace

std::string did_placeholder(const WebDid& place) {
  WebDid did = place;
  did.scid = kPlaceholder;
  return did.text();
}

std::string next_key_hash(std::string_view multikey) { return crypto::multihash(as_bytes(multikey)); }

Result<WebvhEntry> create_webvh(Json document, const WebvhParameters& parameters, std::string_view signing_key,
                                const Sign& sign, std::int64_t now_ms) {
  Json entry = Json::object();
  entry["versionId"] = kPlaceholder;
  entry["versionTime"] = format_time(now_ms);
  entry["parameters"] = first_parameters(parameters);
  entry["state"] = std::move(document);
  const auto scid = webvh::entry_hash(entry, kPlaceholder);
  if (!scid.ok()) return scid.error();
  return finish(nullptr, with_scid(entry, *scid), *scid, signing_key, sign, now_ms);
}

Result<WebvhEntry> update_webvh(const Webvh& before, const WebvhChange& change, std::string_view signing_key,
                                const Sign& sign, std::int64_t now_ms) {
  if (before.versions.size() >= limits::kWebvhEntries)
    return failure(ErrorKind::full, format("expected at most {} versions", limits::kWebvhEntries));
  Json entry = Json::object();
  // Whole seconds are written, and each time must be after the one before.
  entry["versionTime"] = format_time(std::max(now_ms, before.latest().time_ms + 1'000));
  entry["parameters"] = changed_parameters(change);
  entry["state"] = change.document ? *change.document : before.latest().document;
  return finish(&before, std::move(entry), before.latest().id, signing_key, sign, now_ms);
}

Result<Json> witness_webvh(std::string_view version_id, std::string_view witness_method, const Sign& sign,
                           std::int64_t now_ms) {
  Json approval = Json::object();
  approval["versionId"] = version_id;
  Proof proof;
  proof.method = witness_method;
  proof.created_ms = now_ms;
  auto signed_approval = add_proof(std::move(approval), proof, sign);
  if (!signed_approval.ok()) return std::move(signed_approval).error();
  Json element = *std::move(signed_approval);
  element["proof"] = Json::array({element["proof"]});
  return element;
}

}  // namespace mw::trust
