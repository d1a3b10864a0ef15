// The log's own side of its checkpoints: it signs what is on disk, has it cosigned, and publishes what a quorum of its witnesses
// has seen, and nothing before. What is published is final.
// At a start the log is read-only until enough witnesses have confirmed that they know no larger tree, so that a data folder
// restored from a backup cannot continue an older history beside the one that others have seen. "Enough" is what every
// earlier quorum shares a witness with: the larger of quorum and (witnesses - quorum + 1).
// A witness that claims falsely to know more stops the log; its operator sees which one, and takes it out.
// Source: C2SP tlog-witness v1.0.0 (the client's part), tlog-checkpoint. No sockets: requests go out and answers come in as text.
// Thread: the log's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/storage.h"
#include "records/checkpoint.h"
#include "records/log.h"

namespace mw::records {

struct WitnessPolicy {
  std::vector<NoteKey> witnesses;  // keys of type cosignature; at most limits::kWitnesses
  std::size_t quorum = 0;  // cosignatures that make a checkpoint final; 1 to witnesses.size(), or 0 without witnesses
};

class Publisher {
 public:
  enum class State {
    asking,  // read-only until enough witnesses have answered
    open,
    refused,  // read-only: a witness has seen another history, or more of this one
  };

  // The storage and the log outlive it. Errors: `invalid` for a policy that cannot be, `damaged` when what was published is
  // not in the log any more.
  static Result<std::unique_ptr<Publisher>> open(platform::Storage& storage, Log& log, NoteSigner signer,
                                                 WitnessPolicy policy);

  State state() const { return state_; }
  // Why nothing may be appended, in a sentence for the operator; empty when open.
  const std::string& reason() const { return reason_; }

  // Signs the log's present tree and begins to have it cosigned. Nothing happens when it is published already, unless `again`
  // asks for a newer time; witnesses that still owe a cosignature for the older one are then asked for the newer. Without witnesses it is published at once. Errors: those of the storage.
  Status begin(bool again = false);
  // The add-checkpoint request that this witness should get now; nullopt when it owes nothing. The same request until an
  // answer is given.
  std::optional<std::string> request_for(std::size_t witness);
  // What it answered to the last request that was asked for (0: nothing came, it may be asked again); an answer to an earlier
  // one is not passed on. Errors: those of the storage when a quorum could not be stored.
  Status answered(std::size_t witness, int status, std::string_view body);

  const std::optional<SignedCheckpoint>& published() const { return published_; }
  // Rounds of asking count from 1; cosignatures of a checkpoint were made after its round began.
  std::uint64_t round() const { return round_; }
  std::uint64_t published_round() const { return published_round_; }  // 0: it was published before this start
  // Entries that a quorum of witnesses has seen; 0 without witnesses, however much is recorded.
  std::uint64_t final_size() const;
  const std::string& origin() const { return signer_.key.name; }
  const WitnessPolicy& policy() const { return policy_; }

 private:
  struct Peer {
    std::uint64_t size = 0;  // of the latest checkpoint that it has cosigned, as far as we know
    bool owes = false;  // a cosignature of the candidate
    bool confirmed = false;  // since the start
  };
  Publisher(platform::Storage& storage, Log& log, NoteSigner signer, WitnessPolicy policy);
  Status load();
  Status accept(std::size_t witness, std::string_view lines);
  Status conflict(std::size_t witness, std::string_view body);
  Status publish();
  void refuse(std::string why);
  std::size_t enough() const;

  platform::Storage& storage_;
  Log& log_;
  NoteSigner signer_;
  WitnessPolicy policy_;
  State state_ = State::asking;
  std::string reason_;
  std::vector<Peer> peers_;
  std::optional<SignedCheckpoint> candidate_, published_;
  std::uint64_t round_ = 0, published_round_ = 0;
};

}  // namespace mw::records
