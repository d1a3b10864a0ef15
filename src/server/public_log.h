// What the host shows other hosts and auditors: its own log as tiles with a signed checkpoint, and its witness for the logs of
// others. Addresses: schema/http.md. The host's key signs both, under two types of C2SP signed-note.
// Thread: `handle` and `append` from any; the rest happens on the log's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "edge/control.h"
#include "records/log_queue.h"
#include "trust/keeper.h"

namespace mw::server {

class PublicLog {
 public:
  // Opens DATA/log and DATA/witness. `witness_for`: verifier keys of the logs that are cosigned. The keeper outlives it. Errors:
  // those of the log and of the witness; `invalid`, field "witness_for".
  static Result<std::unique_ptr<PublicLog>> open(const std::string& data, const trust::Keeper& keeper,
                                                 const std::vector<std::string>& witness_for);
  ~PublicLog();

  // One request under /log/ or /witness/; `reply` is called once, by this thread or the log's.
  void handle(const edge::PublicRequest& request, std::function<void(edge::HttpReply)> reply);
  // As records::LogQueue.
  void append(Bytes entry, records::LogQueue::Done done);
  const std::string& origin() const;  // of the checkpoints: "manyworlds/" and the host's id

 private:
  struct State;
  explicit PublicLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mw::server
