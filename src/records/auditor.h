// An auditor follows a log: it takes each new checkpoint, fetches what the log says it holds, and checks all of it against the
// checkpoint before. Where two checkpoints of one log contradict each other, it returns both with a proof that anybody
// can check without trusting the auditor.
// Source: C2SP tlog-tiles (what is fetched), RFC 6962. No I/O: `Fetch` is whoever has the tiles.
// Thread: one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "records/checkpoint.h"
#include "records/tiles.h"

namespace mw::records {

// Two notes that one log signed, and why they cannot both be true: one size with two roots, or a prefix proof under the larger
// tree that yields another root for the smaller one's size.
struct Evidence {
  std::string smaller, larger;
  PrefixProof proof;  // empty for checkpoints of one size
};
// Ok when the evidence proves it, for a log of this name and these keys. Errors say what does not hold.
Status verify_evidence(const Evidence& evidence, std::string_view origin, std::span<const NoteKey> log_keys);
// Lines of text, for people and for the next verifier. Reading is strict.
std::string format_evidence(const Evidence& evidence);
Result<Evidence> parse_evidence(std::string_view text);

struct AuditPolicy {
  std::string origin;
  std::vector<NoteKey> log_keys;
  std::vector<NoteKey> witnesses;  // whose cosignatures the auditor counts
};

struct Audit {
  std::uint64_t from = 0, to = 0;  // entries before and after
  std::uint64_t tiles = 0, bundles = 0;  // fetched and compared
  std::vector<std::string> cosigned_by;
  std::int64_t oldest_cosignature = 0;  // Unix seconds; 0 without any
};

class Auditor {
 public:
  using Fetch = TileNodes::Fetch;
  // Told every new entry as it comes, in order; what it was told counts when `follow` has succeeded.
  using OnEntry = std::function<void(std::uint64_t index, ByteView entry)>;
  explicit Auditor(AuditPolicy policy) : policy_(std::move(policy)) {}

  // Checks a checkpoint as it is served, with its tiles and entries, against what was seen before. Errors: `forbidden` not
  // signed by the log; `conflict` the log contradicts itself, and evidence() proves it; `unavailable` a smaller tree than was seen,
  // which is the beginning of that, or whose tiles are not there to tell; `damaged` tiles or entries are not those of the
  // checkpoint; `invalid` no checkpoint; those of `fetch`. After an error the
  // auditor stands where it stood.
  Result<Audit> follow(std::string_view note, const Fetch& fetch, const OnEntry& on_entry = {});

  const std::optional<Evidence>& evidence() const { return evidence_; }
  const std::optional<SignedCheckpoint>& latest() const { return latest_; }

  // What an auditor must keep to go on later; text.
  std::string save() const;
  static Result<Auditor> restore(AuditPolicy policy, std::string_view text);

 private:
  // Hashes of one level of tiles that were computed and not yet compared.
  struct Level {
    std::uint64_t start = 0;
    std::vector<Hash> hashes;
  };
  struct Walk;
  Status signed_by_log(const SignedCheckpoint& next, Audit& audit) const;
  static Status grow(const Checkpoint& next, const Fetch& fetch, const OnEntry& on_entry, Walk& walk);
  static Status compare(Level& level, unsigned number, std::uint64_t size, const Fetch& fetch, Audit& audit);
  Error behind(const SignedCheckpoint& next, const Fetch& fetch);
  Result<bool> contradict(const SignedCheckpoint& smaller, const SignedCheckpoint& larger, const Fetch& fetch);

  AuditPolicy policy_;
  std::optional<SignedCheckpoint> latest_;
  Frontier frontier_;
  std::optional<Evidence> evidence_;
};

}  // namespace mw::records
