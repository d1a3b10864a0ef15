// The things that edits have put into one world, and the edits themselves: add, change, remove, undo, redo. An edit is on
// disk before anybody is shown it or told that it is done.
//
// How: a call is checked against the draft (what is shown, plus every edit on its way) and joins the batch being built; one
// batch at a time is with the store, and all that came meanwhile goes with the next. When the store says it is on disk, the
// batch is shown: events go out and the callers get their answers. When the store says no (a full disk), the batch and the
// one built upon it are taken back, the callers get the error, and the world goes on as before.
//
// Bounds: limits::kEntitiesPerWorld things, kJournalBatch edits on their way (over it: `unavailable`), kUndoPerVisitor
// steps of undo for each of the last kUndoEditors editors. Undo outlives the host's process as far as the journal's entries go
// back: the stream stays bounded, its entries are folded into a snapshot now and then, and the last kFoldKeep stay.
// Thread: the control loop.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "base/result.h"
#include "data/json.h"
#include "records/store_queue.h"
#include "world/thing.h"

namespace mw::world {

class Scene {
 public:
  using Answer = std::function<void(Result<Json>)>;

  struct Hooks {
    std::function<bool(const std::string& model)> has_model;
    // A new entity's number: shared with the avatars of the world.
    std::function<EntityId()> new_entity;
    // Shown from now on: a thing as it is (`after`), or gone (null).
    std::function<void(EntityId, const Thing* after)> shown;
    std::function<void(Json event)> publish;  // to the scene track
  };

  Scene(std::string stream, records::Store& store, Hooks hooks);
  ~Scene();

  // What the journal has of this stream. Before the first edit; `shown` is called for every thing. Error `damaged`.
  Status restore(const std::optional<records::Snapshot>& snapshot, const std::vector<records::Entry>& entries);
  // Reads both from a journal and restores.
  Status load(records::Journal& journal);

  // `params` are those of the calls, checked by their schemas. Each answers exactly once, later or at once.
  void add(VisitorId by, const Json& params, std::int64_t now_ms, Answer answer);
  void change(VisitorId by, const Json& params, std::int64_t now_ms, Answer answer);
  void remove(VisitorId by, const Json& params, std::int64_t now_ms, Answer answer);
  void undo(VisitorId by, std::int64_t now_ms, Answer answer);
  void redo(VisitorId by, std::int64_t now_ms, Answer answer);

  const std::map<EntityId, Thing>& things() const { return shown_; }
  // A thing that is somewhere else for a while: it keeps its place and may be edited, and nobody is shown it here.
  void set_away(EntityId entity, bool away);
  bool is_away(EntityId entity) const { return away_.contains(entity); }
  std::uint64_t sequence() const { return sequence_; }
  EntityId highest() const { return highest_; }
  Json list() const;  // {"sequence":..,"entities":[..]}, without those that are away
  std::uint64_t edits() const { return edits_; }
  bool idle() const { return !in_flight_ && building_.empty(); }

 private:
  struct Step {  // from `before` to `after`; nothing means that the thing is not there
    EntityId entity;
    std::optional<Thing> before, after;
  };
  using StepRef = std::shared_ptr<const Step>;
  struct Stacks {
    std::deque<StepRef> undo, redo;
    std::uint64_t used = 0;  // for forgetting the editor who was idle longest
  };
  enum class Way : std::uint8_t { plain, undo, redo };
  struct Pending {
    VisitorId by;
    StepRef step;
    Way way = Way::plain;
    std::int64_t time_ms = 0;
    Answer answer;
  };

  void propose(Pending pending);
  void step_back(VisitorId by, Way way, std::int64_t now_ms, Answer answer);
  void push_stacks(const Pending& pending);
  void send();
  void committed(const std::vector<std::uint64_t>& sequences);
  void refused(const Error& error);
  void show(const Pending& pending, std::uint64_t sequence);
  Json all() const;  // as list, with those that are away
  void fold_when_due();
  void set_draft(EntityId entity, const std::optional<Thing>& thing);
  Status replay(const records::Entry& entry);
  void remember(const Pending& pending);
  Stacks& stacks_of(VisitorId by);
  bool busy() const { return building_.size() >= limits::kJournalBatch; }

  std::string stream_;
  records::Store& store_;
  Hooks hooks_;
  std::map<EntityId, Thing> shown_;  // those that are away, too
  std::set<EntityId> away_;
  std::unordered_map<EntityId, Thing> draft_;
  std::vector<Pending> building_, flying_;
  bool in_flight_ = false, folding_ = false;
  std::unordered_map<VisitorId, Stacks> stacks_;
  std::unordered_map<VisitorId, Stacks> stacks_before_;  // of editors with edits on their way, as they were on disk
  std::uint64_t sequence_ = 0, folded_ = 0, edits_ = 0, uses_ = 0;
  EntityId highest_;
  std::shared_ptr<bool> alive_;  // callbacks of the store may come after the scene is gone
};

}  // namespace mw::world
