// Checking titles of a log that one does not run: by its checkpoint, the cosignatures that the *verifier* counts, and a scan of all
// entries, since a proof that a record is in the log says nothing about an earlier one that contradicts it (and a trade
// counts only where the other title stood as it says). Nobody is asked: what is needed can be carried along, and checked offline.
// What the cosignatures are worth:
//   prevented  at least four independent witnesses are counted and more than (n + f) / 2 of them cosigned, where n of which f may
//              lie, n >= 3f + 1: no other verifier with these witnesses is shown another history
//   caught     less than that: a second history may be shown to somebody else, and whoever compares has proof of it
// Independent is what the verifier says: witnesses of one operator count once, and the log's own key never does.
// Thread: one. No I/O: `Fetch` is whoever has the tiles.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "records/auditor.h"
#include "trust/title_index.h"

namespace mw::trust {

enum class Assurance : std::uint8_t { caught, prevented };
std::string_view name_of(Assurance assurance);

struct CountedWitness {
  records::NoteKey key;  // of type cosignature
  std::string operator_name;  // who runs it, as far as the verifier knows
};
struct TitlePolicy {
  std::string origin;  // of the log
  std::vector<records::NoteKey> log_keys;
  std::vector<CountedWitness> witnesses;  // at most limits::kTitleWitnesses
  std::size_t required = 0;  // operators without whose cosignatures nothing is taken
};

struct Cosigned {
  std::size_t by = 0, of = 0;  // operators that cosigned, and that are counted
  std::int64_t time_s = 0;  // cosigned_time of one each; 0 for none
  Assurance assurance = Assurance::caught;
};
// Cosignatures that make it "prevented": more than (n + f) / 2 with the largest f for which n >= 3f + 1. 0 below four.
std::size_t preventing_quorum(std::size_t operators);
// Errors `forbidden`: not of this log, not signed by it, fewer operators than required, a signature that does not verify.
Result<Cosigned> count_cosignatures(const TitlePolicy& policy, const records::SignedCheckpoint& checkpoint);

// What shows a title to others: the records that moved it, each with the proof that it is in the tree of one checkpoint.
struct TitleProof {
  std::string checkpoint;  // a signed note
  struct Item {
    std::uint64_t index = 0;
    Bytes record;
    records::Proof inclusion;
  };
  std::vector<Item> history;  // oldest first; the last one is that by which the title stands
};
// That these records are in the checkpoint's tree, are of this asset, and follow each other. It does not say that no other came
// before one of them: TitleVerifier::check does. Errors `invalid` ("history[2].inclusion"), those of count_cosignatures.
Result<Cosigned> verify_presence(const TitlePolicy& policy, const AssetId& asset, const TitleProof& proof);

// What a verifier may say about one title.
struct Standing {
  Title title;
  std::uint64_t entries = 0;  // of the log, all of them scanned
  Cosigned cosigned;
};

struct RefusedTitle {
  std::uint64_t index = 0;
  Judgement judgement;
};

class TitleVerifier {
 public:
  // Error `invalid` for a policy with too many witnesses, or one key twice.
  static Result<TitleVerifier> make(TitlePolicy policy);

  // Scans what is new up to a checkpoint. Errors: those of records::Auditor::follow and count_cosignatures; then nothing has
  // changed. `refused` is told every title record that does not count; may be empty. Title records that are new wait in memory
  // until all of the checkpoint is checked.
  using Refused = std::function<void(const RefusedTitle&)>;
  Result<Cosigned> follow(std::string_view checkpoint, const records::Auditor::Fetch& fetch,
                          const Refused& refused = {});

  // Errors `not_found`: nothing in the log makes this title; `unavailable`: nothing was scanned yet, or the log has more titles than
  // are kept.
  Result<Standing> standing(const AssetId& asset) const;
  // A proof held against the scan. Errors: those of verify_presence; `unavailable` when it is of a larger tree than was scanned;
  // `conflict`: the scan says otherwise (an earlier record counts, the title has moved on, or the log shows two histories).
  Result<Standing> check(const AssetId& asset, const TitleProof& proof) const;

  const TitleIndex& index() const { return index_; }
  const records::Auditor& auditor() const { return auditor_; }

 private:
  explicit TitleVerifier(TitlePolicy policy);
  TitlePolicy policy_;
  records::Auditor auditor_;
  TitleIndex index_;
  std::optional<Cosigned> cosigned_;
};

}  // namespace mw::trust
