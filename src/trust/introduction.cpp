#include "trust/introduction.h"

#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "trust/time.h"
#include "trust/visit_form.h"

namespace mw::trust {
namespace {

using visit::refuse;

constexpr std::string_view kType = "HostIntroductions";

// The authority of a did:web that is a host's own.
Result<std::string> host_of(const Json& did) {
  if (!did.is_string()) return refuse("hosts", "expected identifiers");
  const auto place = parse_web_did(did.get_ref<const std::string&>());
  if (!place.ok() || place->is_webvh() || !place->path.empty()) return refuse("hosts", "expected the did:web of hosts");
  return place->authority();
}

Status check_times(const Json& list, std::int64_t now_ms, std::int64_t& until_ms) {
  const auto from = visit::time_member(list, "validFrom", "");
  if (!from.ok()) return from.error();
  const auto until = visit::time_member(list, "validUntil", "");
  if (!until.ok()) return until.error();
  if (*from > now_ms + limits::kClockSkewMs) return refuse("validFrom", "is yet to come");
  if (*until <= now_ms - limits::kClockSkewMs) return refuse("validUntil", "is over");
  if (*until - *from > kIntroductionsMs)
    return refuse("validUntil", format("expected at most {} hours", kIntroductionsMs / 3'600'000));
  until_ms = *until;
  return ok();
}

}  // namespace

Result<Json> make_introductions(std::string_view issuer, const std::vector<std::string>& hosts, std::string_view method,
                                const Sign& sign, std::int64_t now_ms) {
  if (hosts.size() > kIntroductions) return invalid("hosts", format("expected at most {}", kIntroductions));
  Json list = Json::object();
  list["type"] = kType;
  list["issuer"] = issuer;
  list["hosts"] = Json::array();
  for (const auto& host : hosts) {
    auto did = did_web(host);
    if (!did.ok()) return invalid("hosts", format("{}: {}", host, did.error().message));
    list["hosts"].push_back(*std::move(did));
  }
  list["validFrom"] = format_time(now_ms);
  list["validUntil"] = format_time(now_ms / 1'000 * 1'000 + kIntroductionsMs);
  Proof proof;
  proof.method = method;
  proof.created_ms = now_ms;
  return add_proof(std::move(list), proof, sign);
}

Result<Introductions> read_introductions(const Json& list, const DidDocument& introducer, std::int64_t now_ms) {
  if (!list.is_object() || list.value("type", Json()) != kType) return refuse("type", "expected HostIntroductions");
  if (list.value("issuer", Json()) != introducer.id) return refuse("issuer", "expected " + introducer.id);
  Introductions out;
  MW_TRY(check_times(list, now_ms, out.until_ms));
  const auto hosts = list.find("hosts");
  if (hosts == list.end() || !hosts->is_array() || hosts->size() > kIntroductions)
    return refuse("hosts", format("expected an array of at most {}", kIntroductions));
  for (const auto& did : *hosts) {
    auto host = host_of(did);
    MW_TRY(host);
    out.hosts.push_back(*std::move(host));
  }
  const auto proofs =
      verify_proofs(list, [&](std::string_view method, Purpose purpose) { return introducer.key(method, purpose); });
  if (!proofs.ok()) return refuse("proof", proofs.error().text());
  return out;
}

}  // namespace mw::trust
