#include "trust/title_proof.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "trust/lease.h"

namespace mw::trust {
namespace {

Error refuse(std::string why) { return failure(ErrorKind::forbidden, std::move(why)); }

std::vector<records::NoteKey> keys_of(const TitlePolicy& policy) {
  std::vector<records::NoteKey> keys;
  keys.reserve(policy.witnesses.size());
  for (const auto& witness : policy.witnesses) keys.push_back(witness.key);
  return keys;
}

bool is_log_key(const TitlePolicy& policy, const crypto::PublicKey& key) {
  return std::any_of(policy.log_keys.begin(), policy.log_keys.end(), [&](const auto& own) { return own.key == key; });
}

std::size_t operators_of(const TitlePolicy& policy) {
  std::map<std::string_view, bool> names;
  for (const auto& witness : policy.witnesses)
    if (!is_log_key(policy, witness.key.key)) names[witness.operator_name] = true;
  return names.size();
}

// The part of a record that is about this asset: what it follows, at which sequence. A creation follows nothing.
struct Part {
  std::uint64_t sequence = 0;
  crypto::Digest previous{};
};
std::optional<Part> part_of(const TitleRecord& record, const AssetId& asset) {
  const auto of = [&](const TitleMove& move) -> std::optional<Part> {
    if (move.asset != asset) return std::nullopt;
    return Part{move.sequence, move.previous};
  };
  if (std::holds_alternative<TitleCreate>(record.form) && record.hash == asset) return Part{};
  if (const auto* transfer = std::get_if<TitleTransfer>(&record.form)) return of(transfer->move);
  if (const auto* rotate = std::get_if<TitleRotate>(&record.form)) return of(rotate->move);
  const auto* trade = std::get_if<TitleTrade>(&record.form);
  if (trade == nullptr) return std::nullopt;
  const auto first = of(trade->first);
  return first ? first : of(trade->second);
}

}  // namespace

std::string_view name_of(Assurance assurance) { return assurance == Assurance::prevented ? "prevented" : "caught"; }

std::size_t preventing_quorum(std::size_t operators) {
  if (operators < 4) return 0;
  const std::size_t lying = (operators - 1) / 3;
  return (operators + lying) / 2 + 1;
}

Result<Cosigned> count_cosignatures(const TitlePolicy& policy, const records::SignedCheckpoint& checkpoint) {
  if (checkpoint.checkpoint.origin != policy.origin)
    return refuse(format("a checkpoint of {}, not of {}", checkpoint.checkpoint.origin, policy.origin));
  const auto own = records::verify_note(checkpoint.note, policy.log_keys);
  if (!own.ok()) return refuse(own.error().text());
  if (own->empty()) return refuse("not signed by a key of the log");
  const auto cosignatures = records::verify_note(checkpoint.note, keys_of(policy));
  if (!cosignatures.ok()) return refuse(cosignatures.error().text());
  // Of one operator the earliest counts, and once.
  std::map<std::string_view, records::Verified> by_operator;
  for (const auto& one : *cosignatures) {
    const auto& witness = policy.witnesses[one.key];
    if (is_log_key(policy, witness.key.key)) continue;
    const auto [at, first] = by_operator.emplace(witness.operator_name, one);
    if (!first && one.unix_seconds < at->second.unix_seconds) at->second = one;
  }
  Cosigned out{by_operator.size(), operators_of(policy), 0, Assurance::caught};
  std::vector<records::Verified> counted;
  counted.reserve(by_operator.size());
  for (const auto& [name, one] : by_operator) counted.push_back(one);
  out.time_s = cosigned_time(counted);
  const std::size_t quorum = preventing_quorum(out.of);
  if (quorum > 0 && out.by >= quorum) out.assurance = Assurance::prevented;
  if (out.by < policy.required)
    return refuse(
        format("cosigned by {} of the {} witnesses that count, {} are required", out.by, out.of, policy.required));
  return out;
}

Result<Cosigned> verify_presence(const TitlePolicy& policy, const AssetId& asset, const TitleProof& proof) {
  const auto checkpoint = records::parse_signed_checkpoint(proof.checkpoint);
  MW_TRY(checkpoint);
  auto cosigned = count_cosignatures(policy, *checkpoint);
  MW_TRY(cosigned);
  if (proof.history.empty()) return invalid("history", "expected one record or more");
  const auto& tree = checkpoint->checkpoint;
  std::optional<Part> before;
  crypto::Digest record_before{};
  std::uint64_t index_before = 0;
  for (std::size_t i = 0; i < proof.history.size(); ++i) {
    const auto& item = proof.history[i];
    const auto at = [i](std::string_view name) { return format("history[{}].{}", i, name); };
    const auto included =
        records::verify_inclusion(records::leaf_hash(item.record), item.index, tree.size, item.inclusion, tree.root);
    if (!included.ok()) return invalid(at("inclusion"), included.error().text());
    const auto record = parse_title(item.record);
    if (!record.ok()) return invalid(at("record"), record.error().text());
    if (record->log != policy.origin) return invalid(at("record"), "it is about another log");
    const auto part = part_of(*record, asset);
    if (!part) return invalid(at("record"), "it does not move this title");
    if (before && (part->sequence != before->sequence + 1 || part->previous != record_before))
      return invalid(at("record"), "it does not follow the one before");
    if (before && item.index <= index_before) return invalid(at("index"), "expected more than the one before");
    before = part;
    record_before = record->hash;
    index_before = item.index;
  }
  return cosigned;
}

TitleVerifier::TitleVerifier(TitlePolicy policy)
    : policy_(std::move(policy)), auditor_({policy_.origin, policy_.log_keys, {}}), index_(policy_.origin) {}

Result<TitleVerifier> TitleVerifier::make(TitlePolicy policy) {
  const auto& witnesses = policy.witnesses;
  if (witnesses.size() > limits::kTitleWitnesses)
    return invalid("witnesses", format("expected at most {}", limits::kTitleWitnesses));
  for (std::size_t i = 0; i < witnesses.size(); ++i) {
    if (witnesses[i].key.type != records::SignatureType::cosignature)
      return invalid("witnesses", format("{} has no key for cosignatures", witnesses[i].key.name));
    for (std::size_t j = 0; j < i; ++j) {
      if (witnesses[i].key.key == witnesses[j].key.key)
        return invalid("witnesses", format("{} and {} are one key", witnesses[j].key.name, witnesses[i].key.name));
    }
  }
  return TitleVerifier(std::move(policy));
}

Result<Cosigned> TitleVerifier::follow(std::string_view note, const records::Auditor::Fetch& fetch,
                                       const Refused& refused) {
  const auto checkpoint = records::parse_signed_checkpoint(note);
  MW_TRY(checkpoint);
  auto cosigned = count_cosignatures(policy_, *checkpoint);
  MW_TRY(cosigned);
  std::vector<std::pair<std::uint64_t, Bytes>> fresh;
  const auto audit = auditor_.follow(note, fetch, [&](std::uint64_t index, ByteView entry) {
    if (is_title(entry)) fresh.emplace_back(index, Bytes(entry.begin(), entry.end()));
  });
  MW_TRY(audit);
  for (const auto& [index, entry] : fresh) {
    index_.skip_to(index);
    auto judged = index_.apply(index, entry);
    if (judged.verdict == Judgement::Verdict::refused && refused) refused({index, std::move(judged)});
  }
  index_.skip_to(audit->to);
  cosigned_ = *cosigned;
  return cosigned;
}

Result<Standing> TitleVerifier::standing(const AssetId& asset) const {
  if (!cosigned_) return failure(ErrorKind::unavailable, "nothing of this log was scanned yet");
  const Title* title = index_.find(asset);
  if (title != nullptr) return Standing{*title, index_.entries(), *cosigned_};
  if (!index_.complete())
    return failure(ErrorKind::unavailable, format("the log has more than the {} titles that are kept", index_.size()));
  return failure(ErrorKind::not_found, format("no record of {} makes this title", policy_.origin));
}

Result<Standing> TitleVerifier::check(const AssetId& asset, const TitleProof& proof) const {
  const auto cosigned = verify_presence(policy_, asset, proof);
  MW_TRY(cosigned);
  const auto size = records::parse_signed_checkpoint(proof.checkpoint)->checkpoint.size;
  if (size > index_.entries())
    return failure(ErrorKind::unavailable,
                   format("the proof is of {} entries, {} were scanned", size, index_.entries()));
  auto standing = this->standing(asset);
  MW_TRY(standing);
  const auto conflict = [](std::string why) { return failure(ErrorKind::conflict, std::move(why)); };
  const auto& history = standing->title.history;
  for (const auto& item : proof.history) {
    const auto hash = parse_title(item.record)->hash;
    if (item.index < history.front().index) continue;  // older than what is kept: the newer ones follow from it
    const auto at =
        std::find_if(history.begin(), history.end(), [&](const auto& point) { return point.record == hash; });
    if (at == history.end() || at->index != item.index)
      return conflict(
          format("the record at {} does not count: another one of its sequence came before, or the log "
                 "shows two histories",
                 item.index));
  }
  if (history.back().index != proof.history.back().index)
    return conflict(format("the title has moved on by entry {}", history.back().index));
  // As sure as the less sure of the two checkpoints: the one that was scanned, and the one of the proof.
  if (cosigned->assurance == Assurance::caught) standing->cosigned.assurance = Assurance::caught;
  return standing;
}

}  // namespace mw::trust
