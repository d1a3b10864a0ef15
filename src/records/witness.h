// A witness: it remembers the latest checkpoint of each log that it knows, refuses whatever does not continue it, and says by a
// cosignature with the time that a checkpoint does.
// Source: C2SP tlog-witness v1.0.0 (add-checkpoint and its answers), tlog-cosignature v1.0.1. Nothing here is HTTP but numbers.
// Thread: one; `add_checkpoint` writes to the disk, so that thread may block. Calls are one at a time, which makes the check
// against the latest checkpoint and its replacement one step.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/storage.h"
#include "records/checkpoint.h"

namespace mw::records {

// The body of an add-checkpoint request.
struct AddCheckpoint {
  std::uint64_t old_size = 0;
  Proof proof;  // at most limits::kProofHashes
  SignedCheckpoint checkpoint;
};
// Strict. Errors `invalid` and `too_large`, naming the line.
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);
std::string format_add_checkpoint(std::uint64_t old_size, const Proof& proof, const Note& checkpoint);

struct WitnessAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;  // signature lines; for 409 the size of the latest checkpoint; otherwise why
};

struct WitnessedLog {
  std::string origin;
  std::vector<NoteKey> keys;  // by any of which its checkpoints are signed
};

class Witness {
 public:
  // Reads what is remembered of these logs. The storage outlives the witness. Errors: `damaged` when a checkpoint that was
  // stored does not check (it is never taken for none), `full` for more logs than limits::kWitnessedLogs.
  static Result<std::unique_ptr<Witness>> open(platform::Storage& storage, NoteSigner signer,
                                               std::vector<WitnessedLog> logs);

  // 200 cosigned and on disk; 400 no request, or an old size over the new; 403 no signature of a known key; 404 unknown
  // origin; 409 the old size is not that of the latest checkpoint, or the same size with another root; 422 the proof does not
  // hold; 500 it could not be stored.
  WitnessAnswer add_checkpoint(std::string_view body, std::int64_t unix_seconds);

  const NoteKey& key() const { return signer_.key; }
  // The latest checkpoint cosigned; nullopt for none.
  std::optional<SignedCheckpoint> latest(std::string_view origin) const;
  // A checkpoint that its log signed and that contradicts the latest one, as it came: kept until the next, for the operator
  // and for auditors.
  const std::optional<std::string>& contradiction() const { return contradiction_; }

 private:
  struct Known {
    std::vector<NoteKey> keys;
    std::string file;
    std::optional<SignedCheckpoint> latest;
  };
  Witness(platform::Storage& storage, NoteSigner signer) : storage_(storage), signer_(std::move(signer)) {}
  Status load(Known& known, const std::string& origin);
  WitnessAnswer judge(Known& known, const AddCheckpoint& request, std::int64_t unix_seconds);

  platform::Storage& storage_;
  NoteSigner signer_;
  std::map<std::string, Known, std::less<>> logs_;
  std::optional<std::string> contradiction_;
};

}  // namespace mw::records
