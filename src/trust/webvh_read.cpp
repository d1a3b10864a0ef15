#include <algorithm>
#include <map>

#include "base/format.h"
#include "base/limits.h"
#include "trust/webvh.h"
#include "trust/webvh_entry.h"

namespace mw::trust {
namespace {

// For each witness the number of the newest version it has approved.
using Approvals = std::map<std::string, std::size_t>;

// "Verifying Witness Proofs During Resolution": proofs for versions that are not in the history count for nothing, and
// neither do those that do not verify.
Result<Approvals> read_approvals(std::string_view file, const std::vector<WebvhVersion>& versions) {
  Approvals approvals;
  if (file.empty()) return approvals;
  if (file.size() > limits::kWebvhWitnessFileBytes)
    return Error{ErrorKind::too_large, "did-witness.json",
                 format("expected at most {} bytes", limits::kWebvhWitnessFileBytes)};
  const auto json = data::parse_json(file);
  if (!json.ok()) return invalid("did-witness.json", json.error().message);
  if (!json->is_array()) return invalid("did-witness.json", "expected an array");
  for (const Json& element : *json) {
    const Json id = element.is_object() ? element.value("versionId", Json()) : Json();
    const Json proofs = element.is_object() ? element.value("proof", Json()) : Json();
    if (!id.is_string() || !proofs.is_array())
      return invalid("did-witness.json", "expected a versionId and an array of proofs in each element");
    const auto version = std::find_if(versions.begin(), versions.end(), [&id](const WebvhVersion& v) {
      return v.id == id.get_ref<const std::string&>();
    });
    if (version == versions.end()) continue;
    const auto number = static_cast<std::size_t>(version - versions.begin()) + 1;
    for (const Json& proof : proofs) {
      Json approval = Json::object();
      approval["versionId"] = id;
      approval["proof"] = proof;
      const auto read = verify_proofs(approval, did_key_lookup);
      if (!read.ok() || read->front().purpose != Purpose::assertion) continue;
      const auto& method = read->front().method;
      auto& newest = approvals[method.substr(0, method.find('#'))];
      newest = std::max(newest, number);
    }
  }
  return approvals;
}

Status check_witnesses(const std::vector<Witnesses>& wanted, std::string_view file,
                       const std::vector<WebvhVersion>& versions) {
  if (std::all_of(wanted.begin(), wanted.end(), [](const Witnesses& w) { return w.threshold == 0; })) return ok();
  const auto approvals = read_approvals(file, versions);
  if (!approvals.ok()) return approvals.error();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& ids = wanted[i].ids;
    const auto count = static_cast<std::size_t>(std::count_if(ids.begin(), ids.end(), [&](const std::string& id) {
      const auto found = approvals->find(id);
      return found != approvals->end() && found->second >= i + 1;
    }));
    if (count < wanted[i].threshold)
      return Error{ErrorKind::not_found, format("entry {}", i + 1),
                   format("expected the approval of {} witnesses, found {}", wanted[i].threshold, count)};
  }
  return ok();
}

}  // namespace

Result<Webvh> read_webvh(std::string_view lines, std::string_view did, std::string_view witness_file,
                         std::int64_t now_ms) {
  if (lines.size() > limits::kWebvhLogBytes)
    return Error{ErrorKind::too_large, {}, format("expected at most {} bytes", limits::kWebvhLogBytes)};
  const auto asked = parse_web_did(did);
  if (!asked.ok()) return asked.error();
  if (!asked->is_webvh()) return invalid("did", "expected a did:webvh");
  std::optional<Webvh> state;
  std::vector<Witnesses> wanted;
  bool named = false;
  for (std::size_t number = 1; !lines.empty(); ++number) {
    if (number > limits::kWebvhEntries)
      return Error{ErrorKind::too_large, {}, format("expected at most {} entries", limits::kWebvhEntries)};
    const auto end = lines.find('\n');
    const auto entry = data::parse_json(lines.substr(0, end));
    lines.remove_prefix(end == lines.npos ? lines.size() : end + 1);
    if (!entry.ok()) return invalid(format("entry {}", number), entry.error().message);
    const auto before = state ? std::optional<WebvhParameters>(state->parameters) : std::nullopt;
    auto after = webvh::apply(std::move(state), *entry, now_ms);
    if (!after.ok()) return std::move(after).error();
    state = *std::move(after);
    named = named || state->did == did;
    wanted.push_back(webvh::witnesses_of(before ? &*before : nullptr, state->parameters));
  }
  if (!state) return invalid("", "expected at least one entry");
  if (!named) return invalid("did", format("this is the history of {}, not of {}", state->did, did));
  MW_TRY(check_witnesses(wanted, witness_file, state->versions));
  return *std::move(state);
}

}  // namespace mw::trust
