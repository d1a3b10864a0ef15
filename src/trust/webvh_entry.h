// Inside of did:webvh, for webvh.cpp (which writes) and webvh_read.cpp (which reads): one version, checked against what was
// in force before it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "trust/webvh.h"

namespace mw::trust::webvh {

inline constexpr std::string_view kMethod = "did:webvh:1.0";
inline constexpr std::string_view kPlaceholder = "{SCID}";

// Of the entry to come: the "N" of "N-Qm...".
std::size_t number_of(const Webvh* before);

// base58btc(multihash(JCS(entry without proof, with the predecessor as its versionId))) ("Generate Entry Hash").
Result<std::string> entry_hash(Json entry, std::string_view predecessor);

// The SCID of a first entry: the same hash with each text of `scid` made the placeholder ("Verify SCID").
Result<std::string> scid_of(const Json& entry, std::string_view scid);

// The entry's parameters laid over those before; checks the rules for each. `field` names the entry.
Result<WebvhParameters> merge_parameters(const Json& parameters, const Webvh* before, const std::string& field);

// Every rule for one version but those of its witnesses; gives the state after it. None before the first.
Result<Webvh> apply(std::optional<Webvh> before, const Json& entry, std::int64_t now_ms);

// Who must have approved the version after which `after` is in force: the witnesses before it, or its own where there were none.
const Witnesses& witnesses_of(const WebvhParameters* before, const WebvhParameters& after);

}  // namespace mw::trust::webvh
