#include "world/scene.h"

#include <algorithm>

#include "base/format.h"

namespace mw::world {
namespace {

constexpr std::size_t kUndoEditors = 256;    // whose undo is remembered; the one idle longest is forgotten
constexpr std::uint64_t kFoldEvery = 2'000;  // edits between two snapshots, or as many as there are things
constexpr std::size_t kFoldKeep = 500;       // entries kept before a snapshot, for those who look at the history

std::string_view kind_of(const std::optional<Thing>& before, const std::optional<Thing>& after) {
  return !before ? "add" : !after ? "remove" : "change";
}

}  // namespace

Scene::Scene(std::string stream, records::Store& store, Hooks hooks)
    : stream_(std::move(stream)), store_(store), hooks_(std::move(hooks)), alive_(std::make_shared<bool>(true)) {}

Scene::~Scene() { *alive_ = false; }

Status Scene::load(records::Journal& journal) {
  auto snapshot = journal.snapshot(stream_);
  MW_TRY(snapshot);
  // Also what the snapshot has already: undo goes back before it.
  std::vector<records::Entry> entries;
  std::uint64_t after = 0;
  for (;;) {
    auto page = journal.read(stream_, after, limits::kJournalBatch);
    MW_TRY(page);
    if (page->empty()) break;
    after = page->back().sequence;
    std::ranges::move(*page, std::back_inserter(entries));
  }
  return restore(*snapshot, entries);
}

Status Scene::restore(const std::optional<records::Snapshot>& snapshot, const std::vector<records::Entry>& entries) {
  MW_ASSERT(idle() && shown_.empty());
  if (snapshot) {
    const auto json = data::parse_json(snapshot->body);
    MW_TRY(json);
    if (!json->is_object() || !json->contains("entities") || !(*json)["entities"].is_array())
      return failure(ErrorKind::damaged, format("the snapshot of {} is not one of a scene", stream_));
    for (const auto& value : (*json)["entities"]) {
      auto thing = thing_from_json(value);
      MW_TRY(thing);
      const EntityId entity = thing->entity;
      highest_ = std::max(highest_, entity);
      shown_.insert_or_assign(entity, std::move(thing).value());
    }
    highest_.value = std::max(highest_.value, json->value("highest", std::uint32_t{0}));
    sequence_ = folded_ = snapshot->sequence;
  }
  for (const auto& entry : entries) MW_TRY(replay(entry));
  stacks_before_.clear();
  for (const auto& [entity, thing] : shown_) {
    draft_.emplace(entity, thing);
    hooks_.shown(entity, &thing);
  }
  return ok();
}

Status Scene::replay(const records::Entry& entry) {
  const auto json = data::parse_json(entry.body);
  if (!json.ok() || !json->is_object() || !json->contains("entity") || !(*json)["entity"].is_number_unsigned())
    return failure(ErrorKind::damaged, format("entry {} of {} is not an edit", entry.sequence, stream_));
  Step step{EntityId{(*json)["entity"].get<std::uint32_t>()}, std::nullopt, std::nullopt};
  for (const auto& [name, thing] : {std::pair{"before", &step.before}, std::pair{"thing", &step.after}}) {
    if (!json->contains(name)) continue;
    auto read = thing_from_json((*json)[name]);
    MW_TRY(read);
    *thing = std::move(read).value();
  }
  highest_ = std::max(highest_, step.entity);
  const auto text = [&](const char* name) {
    const auto at = json->find(name);
    return at != json->end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  const std::string way = text("way");
  const auto who = json->find("by");
  const VisitorId by{who != json->end() && who->is_number_unsigned() ? who->get<std::uint64_t>() : 0};
  if (entry.sequence > sequence_) {
    sequence_ = entry.sequence;
    if (step.after)
      shown_.insert_or_assign(step.entity, *step.after);
    else
      shown_.erase(step.entity);
  }
  // What an edit replaced was not always written down; such steps cannot be taken back.
  if (!step.before && text("kind") != "add") return ok();
  remember({by,
            std::make_shared<Step>(std::move(step)),
            way == "undo"   ? Way::undo
            : way == "redo" ? Way::redo
                            : Way::plain,
            entry.time_ms,
            {}});
  return ok();
}

// As push_stacks did when the edit was made, from what is known of it now: steps that were given up left no entry, and the
// oldest entries are gone.
void Scene::remember(const Pending& pending) {
  if (pending.way == Way::plain) return push_stacks(pending);
  auto& stacks = stacks_of(pending.by);
  auto& from = pending.way == Way::undo ? stacks.undo : stacks.redo;
  const Step& done = *pending.step;
  const auto taken_back = [&](const StepRef& step) {
    const auto& [before, after] =
        pending.way == Way::undo ? std::tie(done.after, done.before) : std::tie(done.before, done.after);
    return step->entity == done.entity && step->before == before && step->after == after;
  };
  while (!from.empty() && !taken_back(from.back())) from.pop_back();
  if (from.empty())
    from.push_back(pending.way == Way::undo ? std::make_shared<Step>(Step{done.entity, done.after, done.before})
                                            : pending.step);
  push_stacks(pending);
}

void Scene::add(VisitorId by, const Json& params, std::int64_t now_ms, Answer answer) {
  if (draft_.size() >= limits::kEntitiesPerWorld)
    return answer(failure(ErrorKind::full, format("a world holds at most {} things", limits::kEntitiesPerWorld)));
  Thing thing;
  if (auto taken = take_parameters(params, thing); !taken.ok()) return answer(taken.error());
  if (!hooks_.has_model(thing.model))
    return answer(Error{ErrorKind::not_found, "model", format("there is no model '{}'", thing.model)});
  thing.entity = hooks_.new_entity();
  thing.by = by;
  auto step = std::make_shared<Step>(Step{thing.entity, std::nullopt, std::move(thing)});
  propose({by, std::move(step), Way::plain, now_ms, std::move(answer)});
}

void Scene::change(VisitorId by, const Json& params, std::int64_t now_ms, Answer answer) {
  const EntityId entity{params["entity"].get<std::uint32_t>()};
  const auto at = draft_.find(entity);
  if (at == draft_.end())
    return answer(Error{ErrorKind::not_found, "entity", format("there is no thing {}", entity.value)});
  Thing after = at->second;
  if (auto taken = take_parameters(params, after); !taken.ok()) return answer(taken.error());
  if (!hooks_.has_model(after.model))
    return answer(Error{ErrorKind::not_found, "model", format("there is no model '{}'", after.model)});
  auto step = std::make_shared<Step>(Step{entity, at->second, std::move(after)});
  propose({by, std::move(step), Way::plain, now_ms, std::move(answer)});
}

void Scene::remove(VisitorId by, const Json& params, std::int64_t now_ms, Answer answer) {
  const EntityId entity{params["entity"].get<std::uint32_t>()};
  const auto at = draft_.find(entity);
  if (at == draft_.end())
    return answer(Error{ErrorKind::not_found, "entity", format("there is no thing {}", entity.value)});
  auto step = std::make_shared<Step>(Step{entity, at->second, std::nullopt});
  propose({by, std::move(step), Way::plain, now_ms, std::move(answer)});
}

void Scene::undo(VisitorId by, std::int64_t now_ms, Answer answer) {
  step_back(by, Way::undo, now_ms, std::move(answer));
}
void Scene::redo(VisitorId by, std::int64_t now_ms, Answer answer) {
  step_back(by, Way::redo, now_ms, std::move(answer));
}

void Scene::step_back(VisitorId by, Way way, std::int64_t now_ms, Answer answer) {
  const bool undo = way == Way::undo;
  const auto at = stacks_.find(by);
  if (at == stacks_.end() || (undo ? at->second.undo : at->second.redo).empty())
    return answer(failure(ErrorKind::conflict, undo ? "there is nothing to undo" : "there is nothing to redo"));
  const StepRef top = undo ? at->second.undo.back() : at->second.redo.back();
  const auto& from = undo ? top->after : top->before;
  const auto& to = undo ? top->before : top->after;
  const auto now = draft_.find(top->entity);
  const bool same = now == draft_.end() ? !from : from && *from == now->second;
  if (!same) {
    // Somebody else changed the thing since. To undo over that would undo their work; so this step is given up.
    auto& stacks = stacks_of(by);
    (undo ? stacks.undo : stacks.redo).pop_back();
    return answer(
        failure(ErrorKind::conflict,
                format("thing {} was changed by someone else meanwhile; this step is dropped", top->entity.value)));
  }
  if (to && !from && draft_.size() >= limits::kEntitiesPerWorld)
    return answer(failure(ErrorKind::full, format("a world holds at most {} things", limits::kEntitiesPerWorld)));
  propose({by, std::make_shared<Step>(Step{top->entity, from, to}), way, now_ms, std::move(answer)});
}

Scene::Stacks& Scene::stacks_of(VisitorId by) {
  if (stacks_.size() >= kUndoEditors && !stacks_.contains(by)) {
    const auto idle = std::ranges::min_element(stacks_, {}, [](const auto& item) { return item.second.used; });
    stacks_.erase(idle);
  }
  auto& stacks = stacks_[by];
  stacks.used = ++uses_;
  return stacks;
}

// The stacks move when an edit is proposed, not when it is on disk, so that a second undo in the same batch finds the
// next step. If the store refuses, they are put back to stacks_before_.
void Scene::push_stacks(const Pending& pending) {
  auto& stacks = stacks_of(pending.by);
  stacks_before_.try_emplace(pending.by, stacks);
  const auto push = [](std::deque<StepRef>& stack, StepRef step) {
    stack.push_back(std::move(step));
    if (stack.size() > limits::kUndoPerVisitor) stack.pop_front();
  };
  switch (pending.way) {
    case Way::plain:
      stacks.redo.clear();
      push(stacks.undo, pending.step);
      break;
    case Way::undo: {
      auto step = stacks.undo.back();
      stacks.undo.pop_back();
      push(stacks.redo, std::move(step));
      break;
    }
    case Way::redo: {
      auto step = stacks.redo.back();
      stacks.redo.pop_back();
      push(stacks.undo, std::move(step));
      break;
    }
  }
}

void Scene::propose(Pending pending) {
  if (busy())
    return pending.answer(failure(ErrorKind::unavailable, "too many edits are waiting for the disk; try again soon"));
  push_stacks(pending);
  set_draft(pending.step->entity, pending.step->after);
  building_.push_back(std::move(pending));
  if (!in_flight_) send();
}

void Scene::set_draft(EntityId entity, const std::optional<Thing>& thing) {
  if (thing)
    draft_.insert_or_assign(entity, *thing);
  else
    draft_.erase(entity);
}

void Scene::send() {
  MW_ASSERT(!in_flight_ && !building_.empty());
  in_flight_ = true;
  flying_ = std::move(building_);
  building_.clear();
  std::vector<records::Append> appends;
  appends.reserve(flying_.size());
  for (const auto& pending : flying_) {
    const auto& step = *pending.step;
    Json body{{"kind", kind_of(step.before, step.after)}, {"entity", step.entity.value}, {"by", pending.by.value}};
    if (step.before) body["before"] = to_json(*step.before);
    if (step.after) body["thing"] = to_json(*step.after);
    if (pending.way != Way::plain) body["way"] = pending.way == Way::undo ? "undo" : "redo";
    appends.push_back({stream_, pending.time_ms, data::to_text(body)});
  }
  store_.append(std::move(appends), [this, alive = alive_](Result<std::vector<std::uint64_t>> result) {
    if (!*alive) return;
    if (result.ok())
      committed(*result);
    else
      refused(result.error());
  });
}

void Scene::committed(const std::vector<std::uint64_t>& sequences) {
  MW_ASSERT(sequences.size() == flying_.size());
  const auto done = std::move(flying_);
  flying_.clear();
  in_flight_ = false;
  // Editors with edits still on their way keep the older state: giving up a later batch then costs them these steps of
  // undo, never a thing.
  std::erase_if(stacks_before_, [&](const auto& item) {
    return std::ranges::none_of(building_, [&](const Pending& pending) { return pending.by == item.first; });
  });
  for (std::size_t i = 0; i < done.size(); ++i) show(done[i], sequences[i]);
  for (std::size_t i = 0; i < done.size(); ++i) {
    const auto& step = *done[i].step;
    Json result{{"sequence", sequences[i]}};
    if (done[i].way == Way::plain)
      result["entity"] = step.entity.value;
    else
      result["done"] = {{"kind", kind_of(step.before, step.after)}, {"entity", step.entity.value}};
    done[i].answer(std::move(result));
  }
  if (!building_.empty() && !in_flight_) send();
  fold_when_due();
}

void Scene::show(const Pending& pending, std::uint64_t sequence) {
  const auto& step = *pending.step;
  sequence_ = sequence;
  ++edits_;
  highest_ = std::max(highest_, step.entity);
  if (step.after) {
    const auto [at, added] = shown_.insert_or_assign(step.entity, *step.after);
    if (away_.contains(step.entity)) return;
    hooks_.shown(step.entity, &at->second);
    hooks_.publish(
        {{"type", step.before ? "changed" : "added"}, {"sequence", sequence}, {"entity", to_json(at->second)}});
  } else {
    shown_.erase(step.entity);
    if (away_.erase(step.entity) > 0) return;
    hooks_.shown(step.entity, nullptr);
    hooks_.publish({{"type", "removed"}, {"sequence", sequence}, {"entity", step.entity.value}});
  }
}

void Scene::refused(const Error& error) {
  auto given_up = std::move(flying_);
  std::ranges::move(building_, std::back_inserter(given_up));
  flying_.clear();
  building_.clear();
  in_flight_ = false;
  for (const auto& pending : given_up) {
    const auto at = shown_.find(pending.step->entity);
    set_draft(pending.step->entity, at == shown_.end() ? std::nullopt : std::optional<Thing>(at->second));
  }
  for (auto& [by, stacks] : stacks_before_) stacks_.insert_or_assign(by, std::move(stacks));
  stacks_before_.clear();
  for (const auto& pending : given_up) pending.answer(error);
}

void Scene::fold_when_due() {
  const auto due = std::max<std::uint64_t>(kFoldEvery, shown_.size());
  if (folding_ || sequence_ - folded_ < due) return;
  folding_ = true;
  Json body = all();
  body["highest"] = highest_.value;
  const auto sequence = sequence_;
  store_.fold(stream_, {sequence, data::to_text(body)}, kFoldKeep, [this, sequence, alive = alive_](Status status) {
    if (!*alive) return;
    folding_ = false;
    // A fold that failed (a full disk) is tried again after as many edits more; nothing is lost meanwhile.
    folded_ = sequence;
    static_cast<void>(status.ok());
  });
}

void Scene::set_away(EntityId entity, bool away) {
  const auto at = shown_.find(entity);
  if (at == shown_.end() || away == away_.contains(entity)) return;
  if (away) {
    away_.insert(entity);
    hooks_.shown(entity, nullptr);
    hooks_.publish({{"type", "removed"}, {"sequence", sequence_}, {"entity", entity.value}});
  } else {
    away_.erase(entity);
    hooks_.shown(entity, &at->second);
    hooks_.publish({{"type", "added"}, {"sequence", sequence_}, {"entity", to_json(at->second)}});
  }
}

Json Scene::all() const {
  Json entities = Json::array();
  for (const auto& [entity, thing] : shown_) entities.push_back(to_json(thing));
  return {{"sequence", sequence_}, {"entities", std::move(entities)}};
}

Json Scene::list() const {
  Json entities = Json::array();
  for (const auto& [entity, thing] : shown_)
    if (!away_.contains(entity)) entities.push_back(to_json(thing));
  return {{"sequence", sequence_}, {"entities", std::move(entities)}};
}

}  // namespace mw::world
