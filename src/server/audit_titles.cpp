#include "server/audit_titles.h"

#include "base/format.h"
#include "base/limits.h"
#include "crypto/multibase.h"

namespace mw::server {
namespace {

Result<Bytes> entry_of(std::uint64_t index, const records::Auditor::Fetch& fetch, std::uint64_t size) {
  const std::uint64_t tile = index / limits::kTileHashes;
  const unsigned width = records::tile_width(0, tile, size);
  const auto bundle = fetch({true, 0, tile, width});
  MW_TRY(bundle);
  const auto entries = records::parse_bundle(*bundle, width);
  MW_TRY(entries);
  const ByteView entry = entries->at(index % limits::kTileHashes);
  return Bytes(entry.begin(), entry.end());
}

}  // namespace

void take_title(TitleEntries& entries, std::uint64_t index, ByteView entry) {
  if (trust::is_title(entry)) entries.emplace_back(index, Bytes(entry.begin(), entry.end()));
}

JudgedTitles judge_titles(trust::TitleIndex& titles, const TitleEntries& entries, std::uint64_t size) {
  JudgedTitles out;
  for (const auto& [index, entry] : entries) {
    titles.skip_to(index);
    auto judged = titles.apply(index, entry);
    ++out.records;
    if (judged.verdict == trust::Judgement::Verdict::refused) out.refused.push_back({index, std::move(judged)});
  }
  titles.skip_to(size);
  return out;
}

Result<std::string> double_sales(const JudgedTitles& judged, const records::Auditor::Fetch& fetch, std::uint64_t size) {
  std::string text;
  for (const auto& one : judged.refused) {
    const auto& sale = one.judgement.evidence;
    if (!sale) continue;
    const auto first = entry_of(sale->first, fetch, size);
    MW_TRY(first);
    const auto second = entry_of(sale->second, fetch, size);
    MW_TRY(second);
    const auto proven = trust::verify_double_sale(*sale, *first, *second);
    if (!proven.ok()) return Error{ErrorKind::damaged, "titles", proven.error().text()};
    text += format("manyworlds double sale 1\nasset {}\nsequence {}\nseller {}\nentry {}\n{}entry {}\n{}",
                   trust::title_hash_text(sale->asset), sale->sequence, crypto::multikey(sale->seller), sale->first,
                   as_text(*first), sale->second, as_text(*second));
  }
  return text;
}

}  // namespace mw::server
