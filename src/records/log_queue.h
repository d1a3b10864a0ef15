// The way from many writers to the log: a bounded queue to a thread of its own. Whatever waits while a batch is on its way to the
// disk goes with the next one, so that one sync serves all of them.
// Bound: limits::kLogQueueEntries and kLogQueueBytes; over it `append` answers `unavailable` at once. Order: entries reach the
// log, and callbacks come, in the order of the calls.
// Thread: `append` and `run` from any; callbacks come on the log's thread and must be quick.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "records/log.h"

namespace mw::records {

struct LogQueueStats {
  std::uint64_t entries = 0, batches = 0;  // entries / batches is how well the group commit groups
  std::uint64_t refused = 0, failed = 0;  // queue full; the log said no
};

class LogQueue {
 public:
  // The index of the entry, which is on disk: "recorded".
  using Done = std::function<void(Result<std::uint64_t>)>;
  explicit LogQueue(std::unique_ptr<Log> log);
  ~LogQueue();  // commits what waits, saves the log's mark, ends the thread

  // Error `too_large` for an entry over limits::kLogEntryBytes, `unavailable` when the queue is full; otherwise what Log::append
  // answers for the batch.
  void append(Bytes entry, Done done);
  // Anything else that needs the log, after what was asked before. False, and nothing is done, when the queue is full.
  bool run(std::function<void(Log&)> work);
  const Log& log() const;  // for what Log allows from any thread
  LogQueueStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mw::records
