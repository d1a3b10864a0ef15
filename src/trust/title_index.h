// Who owns what, by one log: takes its entries one by one, in order, and says of each title record whether it counts. Everybody
// who takes the same entries comes to the same answer. Rules, in schema/titles.md with their reasons:
//   - the lowest valid index for (asset, sequence) counts, and nothing after it changes that;
//   - a trade moves both titles or none;
//   - leases of an asset never overlap in the times that they name; the one who holds a lease may have it made longer, nobody
//     can make it shorter but its holder.
// An invalid record is passed over with a reason. One that a title's owner signed although another one of the same sequence
// came before is evidence that the owner sold the thing twice.
// Memory: limits::kTitlesPerLog titles with kTitleHistory steps each; a log with more of them is followed no further
// (`complete()` is false). Thread: one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "trust/title.h"

namespace mw::trust {

struct Lease {
  std::uint64_t number = 0;
  std::string host;
  crypto::PublicKey holder;
  std::int64_t from_s = 0, until_s = 0;  // of the whole stay, with all that made it longer
  std::uint64_t index = 0;  // of the record that says so
  friend bool operator==(const Lease&, const Lease&) = default;
};

struct TitlePoint {
  std::uint64_t index = 0;  // in the log
  crypto::Digest record{};  // hash of its statement
  crypto::PublicKey owner;  // from then on
  bool rotation = false;  // by the same person
  friend bool operator==(const TitlePoint&, const TitlePoint&) = default;
};

struct Title {
  AssetId asset{};
  crypto::Digest content{};
  std::uint64_t sequence = 0;  // of history.back()
  std::vector<TitlePoint> history;  // the newest of them, oldest first; never empty
  std::optional<Lease> lease;  // the latest one, over or not
  const TitlePoint& head() const { return history.back(); }
  friend bool operator==(const Title&, const Title&) = default;
};

enum class TitleFault : std::uint8_t {
  none,
  malformed,  // no title record, though it begins as one
  other_log,  // it names another log
  replayed,  // this statement counts already, or the asset exists
  double_sale,  // the owner has signed another one of this sequence, which came first
  taken,  // somebody else's record of a sequence that is taken
  unknown_asset,
  gap,  // the sequence runs ahead of the title
  rebound,  // it follows another statement than the title's
  forged,  // a signature is not by the key that it takes
  lease_taken,  // the number is not the next one
  lease_overlaps,
  lease_shorter,  // than what its holder was given
  lease_too_long,
  lease_over,  // a return of a lease that is not the latest, or has ended
  full,  // no place for another title
};
std::string_view name_of(TitleFault fault);  // "double-sale"

// Two statements of one sequence by one key: who has the two entries can check it without trusting anybody.
struct DoubleSale {
  AssetId asset{};
  std::uint64_t sequence = 0;
  crypto::PublicKey seller;
  std::uint64_t first = 0, second = 0;  // indices in the log
};
// Ok when the two entries prove it. The error says what does not hold.
Status verify_double_sale(const DoubleSale& sale, ByteView first, ByteView second);

struct Judgement {
  enum class Verdict : std::uint8_t { other, counts, refused };  // other: no title record
  Verdict verdict = Verdict::other;
  TitleFault fault = TitleFault::none;
  std::string why;  // a sentence for people; empty when it counts
  std::vector<AssetId> assets;  // that it moved or leased, when it counts; that it names, otherwise
  std::optional<DoubleSale> evidence;
};

class TitleIndex {
 public:
  explicit TitleIndex(std::string log, std::size_t most = limits::kTitlesPerLog) : log_(std::move(log)), most_(most) {}

  // The entry of this index, which is entries().
  Judgement apply(std::uint64_t index, ByteView entry);
  // The entries up to this index are no title records (not is_title).
  void skip_to(std::uint64_t index) {
    MW_ASSERT(index >= entries_);
    entries_ = index;
  }
  // What apply would say of a record that came next, changing nothing.
  Judgement judge(const TitleRecord& record) const;

  const Title* find(const AssetId& asset) const;
  std::uint64_t entries() const { return entries_; }
  std::size_t size() const { return titles_.size(); }
  bool complete() const { return complete_; }
  const std::string& log() const { return log_; }
  const std::map<AssetId, Title>& titles() const { return titles_; }

  // Lines of text, to go on later. Error `damaged`.
  std::string save() const;
  static Result<TitleIndex> restore(std::string log, std::string_view text, std::size_t most = limits::kTitlesPerLog);

 private:
  struct Judge;
  void take(std::uint64_t index, const TitleRecord& record);
  void move(std::uint64_t index, const TitleRecord& record, const TitleMove& move);

  std::string log_;
  std::size_t most_;
  std::map<AssetId, Title> titles_;
  std::uint64_t entries_ = 0;
  bool complete_ = true;
};

}  // namespace mw::trust
