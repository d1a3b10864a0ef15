// The way from the control loop to the journal. A bounded queue to a thread of its own; whatever waits is committed
// together (group commit), so that many editors share one sync of the disk. The simulation uses InlineStore: the same
// interface without a thread.
// Bound: limits::kStoreQueueBatches and limits::kStoreQueueBytes; when full, commit answers `unavailable` at once and
// nothing is written. Order: batches reach the disk, and callbacks come back, in the order of the calls.
// Thread: call on the control loop; callbacks come by way of `Post`, which carries them to the control loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "records/journal.h"

namespace mw::records {

class Store {
 public:
  using Done = std::function<void(Result<std::vector<std::uint64_t>>)>;  // the sequence of each append, in order
  using Finished = std::function<void(Status)>;
  using Post = std::function<void(std::function<void()>)>;
  virtual ~Store() = default;

  // All or nothing, as Journal::commit; on disk when `done` has a value. Each batch succeeds or fails by itself, though
  // several share a transaction. Nothing that the store refuses is half there.
  virtual void commit(Batch batch, Done done) = 0;
  virtual void fold(std::string stream, Snapshot snapshot, std::size_t keep, Finished done) = 0;
  virtual void copy_to(std::string path, Finished done) = 0;
  // Anything else that needs the journal (statistics, a check), in order with the rest; `then` is posted back.
  virtual void run(std::function<void(Journal&)> work, std::function<void()> then) = 0;
  virtual std::size_t waiting() const = 0;  // batches not yet committed

  void append(std::vector<Append> appends, Done done);
  void put(std::vector<std::pair<std::string, std::string>> values, Finished done);
};

struct StoreStats {
  std::uint64_t batches = 0, commits = 0;  // batches / commits is how well the group commit groups
  std::uint64_t refused = 0, failed = 0;  // queue full; the journal said no
  double commit_seconds = 0, commit_seconds_max = 0;
};

// The native store: owns the journal and a thread.
class StoreQueue final : public Store {
 public:
  StoreQueue(std::unique_ptr<Journal> journal, Post post);
  ~StoreQueue() override;  // commits what waits, then stops; callbacks are still posted
  void commit(Batch batch, Done done) override;
  void fold(std::string stream, Snapshot snapshot, std::size_t keep, Finished done) override;
  void copy_to(std::string path, Finished done) override;
  void run(std::function<void(Journal&)> work, std::function<void()> then) override;
  std::size_t waiting() const override;
  StoreStats stats() const;  // any thread

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Works in the call itself and posts the answer. For the simulation (Post is the virtual event queue) and for tools.
class InlineStore final : public Store {
 public:
  InlineStore(std::unique_ptr<Journal> journal, Post post);
  ~InlineStore() override;
  void commit(Batch batch, Done done) override;
  void fold(std::string stream, Snapshot snapshot, std::size_t keep, Finished done) override;
  void copy_to(std::string path, Finished done) override;
  void run(std::function<void(Journal&)> work, std::function<void()> then) override;
  std::size_t waiting() const override { return 0; }
  Journal& journal() { return *journal_; }

 private:
  std::unique_ptr<Journal> journal_;
  Post post_;
};

}  // namespace mw::records
