#include "trust/carried.h"

#include "base/format.h"
#include "base/limits.h"
#include "crypto/canonical.h"

namespace mw::trust {
namespace {

Error refuse(std::string_view field, std::string why) {
  return Error{ErrorKind::forbidden, std::string(field), std::move(why)};
}

}  // namespace

std::string log_origin(const crypto::PublicKey& host) { return "manyworlds/" + crypto::host_id(host); }

Result<AssetId> carried_asset(const CarriedThing& told, const crypto::PublicKey& log_host_key) {
  const auto asset = parse_title_hash(told.asset, "carried/asset");
  if (!asset.ok()) return refuse("carried/asset", asset.error().message);
  const std::string own = log_origin(log_host_key);
  if (told.log != own)
    return refuse("carried/log", format("the title lives in {}, and the log of {} is {}", told.log,
                                        told.host.empty() ? "the home" : told.host, own));
  return *asset;
}

Result<Lease> check_carried(const CarriedThing& told, const Standing& standing, std::string_view host,
                            const crypto::PublicKey& key, std::int64_t now_ms) {
  const auto text = crypto::canonical_json(told.thing);
  if (!text.ok()) return refuse("carried/thing", text.error().message);
  if (crypto::sha256(as_bytes(*text)) != standing.title.content)
    return refuse("carried/thing", "this is another thing than the title is over");
  const auto& lease = standing.title.lease;
  // One that is over may be of an earlier visit, wherever it led: a newer one would be in a later checkpoint.
  if (!lease || now_ms >= lease->until_s * 1'000 - limits::kClockSkewMs)
    return failure(ErrorKind::unavailable, lease ? "its lease has ended" : "the log shows no lease of it");
  if (lease->holder != key || lease->host != host)
    return refuse("carried/lease", format("it is leased to {}, not to this host", lease->host));
  return *lease;
}

}  // namespace mw::trust
