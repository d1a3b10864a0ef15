// What the host shows other hosts and auditors: its own log as tiles with a signed checkpoint, and its witness for the logs of
// others. Addresses: schema/http.md. The host's key signs both, under two types of C2SP signed-note.
// With witnesses of its own, what it publishes is what they have cosigned, and it is read-only until they have answered. It is
// read-only too when it has fewer entries than the database knows of: then its files are an older copy, or gone.
// Thread: `handle` and `append` from any; the rest happens on the log's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/json.h"
#include "edge/control.h"
#include "edge/fetch.h"
#include "records/log_queue.h"
#include "records/publisher.h"
#include "server/witness_client.h"
#include "trust/keeper.h"

namespace mw::server {

struct PublicLogSetup {
  std::string data;  // DATA/log and DATA/witness are opened
  std::vector<std::string> witness_for;  // verifier keys of the logs that are cosigned
  std::vector<WitnessAddress> witnesses;  // whose cosignatures the log asks for
  std::size_t quorum = 0;  // of them; 0 with witnesses: usual_quorum
  edge::FetchRules rules;  // by which they are reached
  std::uint64_t known_size = 0;  // entries that the database knows of
};

struct PublicLogStatus {
  std::string origin;
  std::uint64_t recorded = 0, published = 0, final_size = 0;  // entries: on disk, shown, seen by a quorum
  bool open = false;
  std::string reason;  // why nothing may be appended; empty when open
  std::string restored;  // from which backup, until witnesses have confirmed it; empty otherwise
  std::size_t quorum = 0;
  std::vector<WitnessStatus> witnesses;
};

Json to_json(const PublicLogStatus& status);  // as host.status shows it

class PublicLog {
 public:
  // The keeper outlives it. Errors: those of the log and of the witness; `invalid`, fields "witness_for" and "witnesses".
  static Result<std::unique_ptr<PublicLog>> open(PublicLogSetup setup, const trust::Keeper& keeper);
  ~PublicLog();

  // One request under /log/ or /witness/; `reply` is called once, by this thread or the log's.
  void handle(const edge::PublicRequest& request, std::function<void(edge::HttpReply)> reply);
  // As records::LogQueue; `unavailable`, with the reason, while the log is read-only.
  void append(Bytes entry, records::LogQueue::Done done);
  // Something that only looks, on the log's thread. False, and nothing is done, when that has too much to do.
  bool look(std::function<void(records::Log&, records::Publisher&)> work);
  const std::string& origin() const;  // of the checkpoints: "manyworlds/" and the host's id
  PublicLogStatus status() const;  // any thread
  // Whether this host's clock was right against its witnesses of late (trust::CosignedClock::good). Any thread.
  Status clock(std::int64_t now_ms) const;

 private:
  struct State;
  explicit PublicLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mw::server
