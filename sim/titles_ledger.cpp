#include "sim/titles_ledger.h"

#include "base/format.h"

namespace mw::sim {

void TitlesLedger::violate(const std::string& who, const std::string& why) {
  if (!good()) return;
  report_.violation = format("{}: {}", who, why);
  events_.trace("VIOLATION", report_.violation);
}

void TitlesLedger::recorded(const TitlesHost& host, std::uint64_t index, const Bytes& entry) {
  const std::size_t i = host.setup.number;
  const std::string text(as_text(entry));
  if (index < final_[i].size() && final_[i][index] != text)
    return violate(host.name, format("entry {} was final, and another one is recorded in its place", index));
  recorded_[i][index] = text;
  ++report_.acknowledged;
}

void TitlesLedger::published(const TitlesHost& host) {
  const auto& published = host.publisher->published();
  if (!published || !host.open()) return;
  auto& seen = final_[host.setup.number];
  const std::uint64_t size = published->checkpoint.size;
  if (size < seen.size())
    return violate(host.name, format("{} entries were final, {} are published", seen.size(), size));
  const std::uint64_t from = seen.size() - std::min<std::size_t>(seen.size(), 3);
  for (std::uint64_t k = from; k < size; ++k) {
    const auto entry = host.log->entry(k);
    if (!entry.ok()) return violate(host.name, format("published entry {}: {}", k, entry.error().text()));
    const std::string text(as_text(*entry));
    if (k == seen.size()) {
      seen.push_back(text);
      final_entry(host, k, text);
    } else if (seen[k] != text) {
      return violate(host.name, format("entry {} was final, and is another one now", k));
    }
  }
}

void TitlesLedger::final_entry(const TitlesHost& host, std::uint64_t index, const std::string& text) {
  const auto record = trust::parse_title(as_bytes(text));
  if (!record.ok()) return;
  if (const auto* create = std::get_if<trust::TitleCreate>(&record->form)) {
    assets_[host.setup.number][record->hash] = index;
    accepted(host.name, record->hash, 0, *person_of(create->owner));
  }
  if (const auto* transfer = std::get_if<trust::TitleTransfer>(&record->form)) final_move(host, index, transfer->move);
  if (const auto* rotate = std::get_if<trust::TitleRotate>(&record->form)) final_move(host, index, rotate->move);
  if (const auto* trade = std::get_if<trust::TitleTrade>(&record->form)) {
    final_move(host, index, trade->first);
    final_move(host, index, trade->second);
  }
}

void TitlesLedger::final_move(const TitlesHost& host, std::uint64_t index, const trust::TitleMove& move) {
  const std::size_t to = *person_of(move.to);
  moves_[host.setup.number].push_back({move.asset, move.sequence, index, to});
  const auto* title = host.index->find(move.asset);
  if (title == nullptr) return;
  for (const auto& point : title->history)
    if (point.index == index) accepted(host.name, move.asset, move.sequence, to);
}

void TitlesLedger::check_recorded(const TitlesHost& host) {
  for (const auto& [index, text] : recorded_[host.setup.number]) {
    if (old_copy(host.setup.number) && index >= backup_size_) break;
    const auto entry = host.log->entry(index);
    if (!entry.ok())
      return violate(host.name, format("entry {} was acknowledged and is gone: {}", index, entry.error().text()));
    if (as_text(*entry) != text)
      return violate(host.name, format("entry {} was acknowledged and is another one", index));
  }
  if (!old_copy(host.setup.number) && host.log->size() < final_[host.setup.number].size())
    violate(host.name, "final entries are gone");
}

void TitlesLedger::check_titles(const TitlesHost& host) {
  for (const auto& [asset, index] : assets_[host.setup.number]) {
    const auto* title = host.index->find(asset);
    if (title == nullptr) return violate(host.name, "a thing that was made is gone");
    const auto known = accepted_.find({asset, title->sequence});
    if (known != accepted_.end() && person_key(known->second.first).public_key() != title->head().owner)
      return violate(host.name, "a thing is another one's than everybody was told");
  }
}

void TitlesLedger::accepted(const std::string& who, const trust::AssetId& asset, std::uint64_t sequence,
                            std::size_t owner) {
  const auto [at, first] = accepted_.emplace(std::pair(asset, sequence), std::pair(owner, who));
  if (!first && at->second.first != owner)
    violate(who,
            format("takes person {} for the owner, {} takes person {}", owner, at->second.second, at->second.first));
}

std::optional<TitlesLedger::Shown> TitlesLedger::some_proof(const TitlesHost& host, Random& random) const {
  const auto moves = moves_.find(host.setup.number);
  const auto& published = host.publisher->published();
  if (moves == moves_.end() || !published) return std::nullopt;
  // One of the latest: others are the past.
  const std::size_t last = moves->second.size(), back = random.below(std::min<std::size_t>(last, 4));
  const Move& move = moves->second[last - 1 - back];
  const auto* title = host.index->find(move.asset);
  if (title == nullptr || move.index >= published->checkpoint.size) return std::nullopt;
  Shown out{move.asset, move.sequence, move.owner, {format_note(published->note), {}}};
  std::vector<std::uint64_t> indices;
  const std::uint64_t first = title->sequence + 1 - title->history.size();
  for (std::size_t k = 0; k < title->history.size() && first + k < move.sequence; ++k)
    indices.push_back(title->history[k].index);
  if (!indices.empty() && indices.back() >= move.index) return std::nullopt;
  indices.push_back(move.index);
  auto nodes = host.log->nodes(published->checkpoint.size);
  for (const auto index : indices) {
    auto entry = host.log->entry(index);
    auto proof = records::inclusion_proof(nodes, index, published->checkpoint.size);
    if (!entry.ok() || !proof.ok()) return std::nullopt;
    out.proof.history.push_back({index, *std::move(entry), *std::move(proof)});
  }
  return out;
}

void TitlesLedger::backed_up(const TitlesHost& host) {
  backup_ = host.disk->backup();
  backup_size_ = host.log->size();
  events_.trace(host.name, format("is backed up with {} entries", backup_size_));
}

void TitlesLedger::restore(TitlesHost& host) {
  right_ = host.disk->backup();
  host.disk->restore(*backup_);
  restored_ = host.setup.number;
  events_.trace(host.name, "is put back to its backup");
  // What was recorded since and never final is lost with the disk; what was final is not.
  auto& recorded = recorded_[host.setup.number];
  recorded.erase(recorded.lower_bound(std::max<std::uint64_t>(backup_size_, final_[host.setup.number].size())),
                 recorded.end());
}

void TitlesLedger::mend(TitlesHost& host) {
  events_.trace(host.name, "gets the right disk back");
  host.disk->restore(right_);
  mended_.insert(host.setup.number);
}

}  // namespace mw::sim
