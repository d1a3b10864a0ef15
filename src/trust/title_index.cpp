#include "trust/title_index.h"

#include <algorithm>
#include <utility>

#include "base/format.h"

namespace mw::trust {
namespace {

using Verdict = Judgement::Verdict;

constexpr std::int64_t kLeaseSeconds = limits::kLeaseMs / 1'000;

// The part of a record that moves this asset at this sequence, and which signature is its owner's.
struct Moves {
  const TitleMove* move = nullptr;
  std::size_t signature = 0;
};
std::vector<Moves> moves_of(const TitleForm& form) {
  if (const auto* transfer = std::get_if<TitleTransfer>(&form)) return {{&transfer->move, 0}};
  if (const auto* rotate = std::get_if<TitleRotate>(&form)) return {{&rotate->move, 0}};
  if (const auto* trade = std::get_if<TitleTrade>(&form)) return {{&trade->first, 0}, {&trade->second, 1}};
  return {};
}

}  // namespace

std::string_view name_of(TitleFault fault) {
  constexpr std::string_view kNames[] = {"none",          "malformed",      "other-log",     "replayed",
                                         "double-sale",   "taken",          "unknown-asset", "gap",
                                         "rebound",       "forged",         "lease-taken",   "lease-overlaps",
                                         "lease-shorter", "lease-too-long", "lease-over",    "full"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(TitleFault::full) + 1);
  return kNames[static_cast<std::size_t>(fault)];
}

Status verify_double_sale(const DoubleSale& sale, ByteView first, ByteView second) {
  const auto one = parse_title(first);
  MW_TRY(one);
  const auto two = parse_title(second);
  MW_TRY(two);
  if (one->log != two->log) return invalid("evidence", "the records are of two logs");
  if (one->hash == two->hash) return invalid("evidence", "the records say the same");
  crypto::Digest previous{};
  for (const auto* record : {&*one, &*two}) {
    const auto moves = moves_of(record->form);
    const auto found = std::find_if(moves.begin(), moves.end(), [&](const Moves& part) {
      return part.move->asset == sale.asset && part.move->sequence == sale.sequence;
    });
    if (found == moves.end()) return invalid("evidence", "a record does not move this asset at this sequence");
    if (!record->signed_by(found->signature, sale.seller)) return invalid("evidence", "a record is not the seller's");
    if (record == &*one) previous = found->move->previous;
    if (found->move->previous != previous) return invalid("evidence", "the records follow different statements");
  }
  return ok();
}

const Title* TitleIndex::find(const AssetId& asset) const {
  const auto at = titles_.find(asset);
  return at == titles_.end() ? nullptr : &at->second;
}

// --- Judging ---------------------------------------------------------------------------------------------------------

struct TitleIndex::Judge {
  const TitleIndex& index;
  const TitleRecord& record;

  static Judgement refuse(TitleFault fault, std::string why, std::vector<AssetId> assets) {
    return {Verdict::refused, fault, std::move(why), std::move(assets), {}};
  }
  static Judgement good(std::vector<AssetId> assets) {
    return {Verdict::counts, TitleFault::none, {}, std::move(assets), {}};
  }
  Judgement forged(const AssetId& asset, std::string_view whose) const {
    return refuse(TitleFault::forged, format("it is not signed by {}", whose), {asset});
  }

  Judgement operator()(const TitleCreate& form) const {
    const AssetId& asset = record.hash;
    if (index.find(asset) != nullptr) return refuse(TitleFault::replayed, "the asset exists already", {asset});
    if (!record.signed_by(0, form.owner)) return forged(asset, "the key that it names as the owner");
    if (index.titles_.size() >= index.most_)
      return refuse(TitleFault::full, format("a log has at most {} titles", index.most_), {asset});
    return good({asset});
  }

  // Everything about one title's part but the signature that makes it count.
  Judgement move(const TitleMove& move, std::size_t signature) const {
    const Title* title = index.find(move.asset);
    if (title == nullptr) return refuse(TitleFault::unknown_asset, "no title of this log", {move.asset});
    if (move.sequence <= title->sequence) return late(*title, move, signature);
    if (move.sequence != title->sequence + 1)
      return refuse(TitleFault::gap,
                    format("it is of sequence {}, the title stands at {}", move.sequence, title->sequence),
                    {move.asset});
    if (move.previous != title->head().record)
      return refuse(TitleFault::rebound, "it follows another statement than that by which the title stands",
                    {move.asset});
    if (!record.signed_by(signature, title->head().owner)) return forged(move.asset, "the owner's key");
    return good({move.asset});
  }

  // The sequence is taken. By whom is worth telling: the same statement again, a second sale, or somebody's noise.
  Judgement late(const Title& title, const TitleMove& move, std::size_t signature) const {
    const std::size_t age = title.sequence - move.sequence;
    if (age >= title.history.size())
      return refuse(TitleFault::taken, format("sequence {} was taken long before", move.sequence), {move.asset});
    const std::size_t at = title.history.size() - 1 - age;
    const TitlePoint& point = title.history[at];
    if (point.record == record.hash)
      return refuse(TitleFault::replayed, format("entry {} says the same", point.index), {move.asset});
    auto judged = refuse(TitleFault::taken, format("sequence {} was taken by entry {}", move.sequence, point.index),
                         {move.asset});
    if (at == 0) return judged;
    const TitlePoint& before = title.history[at - 1];
    if (move.previous != before.record || !record.signed_by(signature, before.owner)) return judged;
    judged.fault = TitleFault::double_sale;
    judged.why = format("its owner moved this title twice; entry {} came first", point.index);
    judged.evidence = DoubleSale{move.asset, move.sequence, before.owner, point.index, index.entries_};
    return judged;
  }

  Judgement operator()(const TitleTransfer& form) const { return move(form.move, 0); }
  Judgement operator()(const TitleRotate& form) const {
    auto judged = move(form.move, 0);
    if (judged.verdict == Verdict::counts && !record.signed_by(1, form.move.to))
      return forged(form.move.asset, "the new key");
    return judged;
  }
  Judgement operator()(const TitleTrade& form) const {
    auto first = move(form.first, 0), second = move(form.second, 1);
    const std::vector<AssetId> both{form.first.asset, form.second.asset};
    // A second sale in either part is evidence, whatever is wrong with the other.
    const bool second_tells = first.verdict == Verdict::counts || (second.evidence && !first.evidence);
    Judgement judged = second_tells ? std::move(second) : std::move(first);
    judged.assets = both;
    return judged;
  }

  Judgement operator()(const TitleLease& form) const {
    const Title* title = index.find(form.asset);
    if (title == nullptr) return refuse(TitleFault::unknown_asset, "no title of this log", {form.asset});
    if (form.previous != title->head().record)
      return refuse(TitleFault::rebound, "the title has moved on since it was signed", {form.asset});
    const std::uint64_t last = title->lease ? title->lease->number : 0;
    if (form.number != last + 1)
      return refuse(TitleFault::lease_taken, format("it is lease {}, the next one is {}", form.number, last + 1),
                    {form.asset});
    if (form.until_s - form.from_s > kLeaseSeconds)
      return refuse(TitleFault::lease_too_long, format("a lease is at most {} s long", kLeaseSeconds), {form.asset});
    if (title->lease && form.from_s < title->lease->until_s) {
      const Lease& lease = *title->lease;
      if (lease.holder != form.holder || lease.host != form.host)
        return refuse(TitleFault::lease_overlaps,
                      format("{} has the thing until {}, which is {} s later", lease.host, lease.until_s,
                             lease.until_s - form.from_s),
                      {form.asset});
      if (form.until_s < lease.until_s)
        return refuse(TitleFault::lease_shorter, format("its holder was given it until {}", lease.until_s),
                      {form.asset});
    }
    if (!record.signed_by(0, title->head().owner)) return forged(form.asset, "the owner's key");
    return good({form.asset});
  }

  Judgement operator()(const TitleReturn& form) const {
    const Title* title = index.find(form.asset);
    if (title == nullptr) return refuse(TitleFault::unknown_asset, "no title of this log", {form.asset});
    if (!title->lease || title->lease->number != form.number || form.at_s >= title->lease->until_s)
      return refuse(TitleFault::lease_over, "there is no such lease, or it has ended", {form.asset});
    if (form.at_s < title->lease->from_s)
      return refuse(TitleFault::lease_over, "it is said to end before it began", {form.asset});
    if (!record.signed_by(0, title->lease->holder)) return forged(form.asset, "the holder's key");
    return good({form.asset});
  }
};

Judgement TitleIndex::judge(const TitleRecord& record) const {
  if (record.log != log_)
    return {Verdict::refused, TitleFault::other_log, format("it is about {}, another log", record.log), {}, {}};
  return std::visit(Judge{*this, record}, record.form);
}

Judgement TitleIndex::apply(std::uint64_t index, ByteView entry) {
  MW_ASSERT(index == entries_);
  Judgement judged;
  if (is_title(entry)) {
    const auto record = parse_title(entry);
    if (!record.ok())
      judged = {Verdict::refused, TitleFault::malformed, record.error().text(), {}, {}};
    else
      judged = judge(*record);
    if (judged.verdict == Verdict::counts) take(index, *record);
    if (judged.fault == TitleFault::full) complete_ = false;
  }
  ++entries_;
  return judged;
}

void TitleIndex::move(std::uint64_t index, const TitleRecord& record, const TitleMove& move) {
  Title& title = titles_.at(move.asset);
  title.sequence = move.sequence;
  title.history.push_back({index, record.hash, move.to, std::holds_alternative<TitleRotate>(record.form)});
  if (title.history.size() > limits::kTitleHistory) title.history.erase(title.history.begin());
}

void TitleIndex::take(std::uint64_t index, const TitleRecord& record) {
  for (const auto& part : moves_of(record.form)) move(index, record, *part.move);
  if (const auto* create = std::get_if<TitleCreate>(&record.form)) {
    Title title{record.hash, create->content, 0, {}, {}};
    title.history.push_back({index, record.hash, create->owner, false});
    titles_.emplace(record.hash, std::move(title));
  } else if (const auto* lease = std::get_if<TitleLease>(&record.form)) {
    auto& last = titles_.at(lease->asset).lease;
    // One that makes a lease longer begins where that one began: what it says about the past gives nothing.
    const std::int64_t from_s = last && lease->from_s < last->until_s ? last->from_s : lease->from_s;
    last = Lease{lease->number, lease->host, lease->holder, from_s, lease->until_s, index};
  } else if (const auto* back = std::get_if<TitleReturn>(&record.form)) {
    auto& last = *titles_.at(back->asset).lease;
    last.until_s = back->at_s;
    last.index = index;
  }
}

}  // namespace mw::trust
