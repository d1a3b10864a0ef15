// Strategy: bytes as one record; bytes as a history, where each byte chooses a good record or one that is disturbed by the bytes
// that follow; bytes as a saved index.
// Invariants: no crash; one text for each record; whatever is refused changes nothing; no title moves without its owner's
// signature; a second reader of the same entries comes to the same; leases do not overlap.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "trust/test_titles.h"

using namespace mw;
using namespace mw::trust;

namespace {

void read_one(ByteView bytes) {
  const auto record = parse_title(bytes);
  if (!record.ok()) {
    MW_ASSERT(!record.error().message.empty());
    return;
  }
  const Bytes again = format_title(*record);
  MW_ASSERT(as_text(again) == as_text(bytes));
  MW_ASSERT(record->signatures.size() == signatures_of(record->form));
}

void restore(ByteView bytes) {
  const auto index = TitleIndex::restore(kTestLog, as_text(bytes), 100);
  if (!index.ok()) return;
  MW_ASSERT(TitleIndex::restore(kTestLog, index->save(), 100)->titles() == index->titles());
}

TitleForm form_of(Byte kind, const TitleIndex& index, const AssetId& asset, const AssetId& other, const Party& to) {
  const TitleMove move = move_of(index, asset, to);
  const auto lease = index.find(asset)->lease;
  const std::uint64_t number = lease ? lease->number : 0;
  if (kind % 5 == 0) return TitleRotate{move};
  if (kind % 5 == 1 && asset != other) return trade_of(move, move_of(index, other, to));
  if (kind % 5 == 2)
    return TitleLease{
        asset, move.previous, number + 1, "did:web:b.example", to.id(), kind * 10, kind * 10 + kind % 70 + 1};
  if (kind % 5 == 3) return TitleReturn{asset, std::max<std::uint64_t>(number, 1), kind * 10};
  return TitleTransfer{move};
}

void play(ByteView bytes) {
  static const std::vector<Party> people{Party(1), Party(2), Party(3)};
  TitleIndex index(kTestLog), second(kTestLog);
  std::vector<AssetId> assets;
  for (Byte i = 0; i < 3; ++i) {
    const auto record = create_title(people[i], i);
    assets.push_back(record.hash);
    index.apply(i, format_title(record));
    second.apply(i, format_title(record));
  }
  std::map<AssetId, Lease> leases;
  for (std::size_t i = 0; i + 4 <= bytes.size() && i < 100; i += 4) {
    const auto& asset = assets[bytes[i] % 3];
    const auto &by = people[bytes[i] / 3 % 3], &to = people[bytes[i] / 9 % 3];
    const auto form = form_of(bytes[i + 1], index, asset, assets[bytes[i + 2] % 3], to);
    std::vector<Party> signers{by};
    if (signatures_of(form) == 2) signers.push_back(to);
    Bytes entry = format_title(make_title(form, signers));
    if (bytes[i + 2] > 200) entry[bytes[i + 3] * entry.size() / 256] ^= 1 << bytes[i + 2] % 8;
    const auto before = index.titles();
    const auto judged = index.apply(index.entries(), entry);
    second.apply(second.entries(), entry);
    if (judged.verdict != Judgement::Verdict::counts) MW_ASSERT(index.titles() == before);
    for (const auto& [id, title] : index.titles()) {
      const auto& was = before.at(id);
      MW_ASSERT(title.sequence == was.sequence || title.sequence == was.sequence + 1);
      const auto record = parse_title(entry);
      if (title.sequence != was.sequence)
        MW_ASSERT(record->signed_by(0, was.head().owner) || record->signed_by(1, was.head().owner));
      if (title.lease && was.lease && title.lease->holder != was.lease->holder)
        MW_ASSERT(title.lease->from_s >= was.lease->until_s);
    }
  }
  MW_ASSERT(index.titles() == second.titles());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_one({data, size});
  restore({data, size});
  play({data, std::min<std::size_t>(size, 60)});
  return 0;
}
