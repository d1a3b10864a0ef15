// did:webvh 1.0: a person's identifier with its whole history, one JSON line for each version, each signed, each hashed over
// the one before. The name holds the hash of the first line (the SCID), so that whoever serves the lines cannot change them,
// and a portable one may move to another host with its history.
// Source: DIF did:webvh 1.0, "DID Method Operations" and "DID Method Processes"; references below name its sections.
// Stricter than the specification: the method is did:webvh:1.0 throughout, null stands for nothing, one bad line refuses the
// whole, and watchers are carried but not called.
// Thread: pure functions and values; the work is bounded by limits::kWebvh*.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/json.h"
#include "trust/integrity.h"

namespace mw::trust {

// Who must approve each version; no threshold, no witnesses.
struct Witnesses {
  std::size_t threshold = 0;
  std::vector<std::string> ids;  // did:key
  friend bool operator==(const Witnesses&, const Witnesses&) = default;
};

// What is in force after a version. Keys are Multikeys.
struct WebvhParameters {
  std::vector<std::string> update_keys, next_key_hashes;
  Witnesses witness;
  std::vector<std::string> watchers;  // URLs
  bool portable = false, deactivated = false;
  std::uint32_t ttl_s = 3'600;  // how long a reader may keep it
};

struct WebvhVersion {
  std::string id;  // "3-Qm..."
  std::int64_t time_ms = 0;
  Json document;
};

// A history that was checked.
struct Webvh {
  std::string scid;
  std::string did;  // where it lives now
  WebvhParameters parameters;
  std::vector<WebvhVersion> versions;  // oldest first, at least one

  const WebvhVersion& latest() const { return versions.back(); }
};

// The first version. `place` is a host and a path; the document's `id` and whatever else names the DID holds
// "did:webvh:{SCID}:..." as did_placeholder gives it. One of parameters.update_keys signs.
struct WebvhEntry {
  std::string line;  // to append to did.jsonl, with its line feed
  Webvh state;  // after it
};
std::string did_placeholder(const WebDid& place);
Result<WebvhEntry> create_webvh(Json document, const WebvhParameters& parameters, std::string_view signing_key,
                                const Sign& sign, std::int64_t now_ms);

// What a later version changes; what is not given stays. While keys are committed to in advance (pre-rotation),
// update_keys and next_key_hashes must both be given ("Pre-Rotation Key Hash Generation and Verification").
struct WebvhChange {
  std::optional<Json> document;  // with another host or path in its id: a move
  std::optional<std::vector<std::string>> update_keys, next_key_hashes;
  std::optional<Witnesses> witness;
  std::optional<std::vector<std::string>> watchers;
  std::optional<bool> portable;
  bool deactivate = false;
};
// Errors: those that a reader of the result would have, so nothing is written that others refuse.
Result<WebvhEntry> update_webvh(const Webvh& before, const WebvhChange& change, std::string_view signing_key,
                                const Sign& sign, std::int64_t now_ms);

// The commitment to a key that is used next.
std::string next_key_hash(std::string_view multikey);

// Checks did.jsonl from the first line to the last. `did`: what was asked for, which one of the versions must have been
// ("Read", step 6.1); the answer's `did` is where it lives now. `witness_file`: did-witness.json, empty for none.
// Errors: `invalid` with "entry N/member"; `too_large`; `not_found` where witnesses' proofs are missing.
Result<Webvh> read_webvh(std::string_view lines, std::string_view did, std::string_view witness_file,
                         std::int64_t now_ms);

// A witness's approval of a version and all before it: an element of did-witness.json.
Result<Json> witness_webvh(std::string_view version_id, std::string_view witness_method, const Sign& sign,
                           std::int64_t now_ms);

}  // namespace mw::trust
