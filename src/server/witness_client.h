// Asks the witnesses of the host's log for their cosignatures (C2SP tlog-witness, the client's part): a thread for each witness,
// so that one that hangs holds up nobody, which takes what records::Publisher has for it, sends it, and brings the answer back.
// What fails is tried again, after 1 s at first and limits::kWitnessRetryMs at last.
// Thread: start and stop on the owner's; `status` from any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "edge/fetch.h"
#include "records/note.h"

namespace mw::server {

struct WitnessAddress {
  records::NoteKey key;  // of type cosignature
  std::string url;  // below which add-checkpoint is: "https://b.example.org/witness"
};
// "KEY URL", as it stands in the option `witnesses`. Error `invalid`, field "witnesses".
Result<WitnessAddress> parse_witness(std::string_view text);
// How many must cosign before a checkpoint is final, when nothing was chosen: more than two thirds.
std::size_t usual_quorum(std::size_t witnesses);

struct WitnessStatus {
  std::string name, url;
  std::uint64_t cosigned = 0, failures = 0;  // answers of either kind since the start
  std::int64_t answered_ms = 0;  // Unix time of the latest cosignature; 0 for none
  std::string problem;  // of the latest attempt; empty when it went well
};

class WitnessClient {
 public:
  // Both are called on the witnesses' threads and may block: the request that is due (empty for none), and what came of it.
  struct Log {
    std::function<std::string(std::size_t witness)> request;
    std::function<void(std::size_t witness, int status, std::string body)> answered;
  };
  WitnessClient(std::vector<WitnessAddress> witnesses, edge::FetchRules rules, Log log);
  ~WitnessClient();  // within the time that a request may take

  std::vector<WitnessStatus> status() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mw::server
