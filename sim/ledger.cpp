#include "sim/ledger.h"

#include "base/format.h"

namespace mw::sim {
namespace {

// One entry of the journal, as the world writes it.
struct Fact {
  std::uint64_t entity = 0, by = 0;
  std::string kind, way;
  Json thing;  // null for a removal
};

Result<Fact> read_fact(const records::Entry& entry) {
  const auto body = data::parse_json(entry.body);
  MW_TRY(body);
  if (!body->is_object() || !body->contains("entity") || !body->contains("kind")) return invalid("", "not an edit");
  Fact fact;
  fact.entity = (*body)["entity"].get<std::uint64_t>();
  fact.kind = (*body)["kind"].get<std::string>();
  fact.by = body->value("by", std::uint64_t{0});
  fact.way = body->value("way", "");
  if (body->contains("thing")) fact.thing = (*body)["thing"];
  return fact;
}

std::string text_of(const Json& thing) { return thing.is_null() ? "" : data::to_text(thing); }

// One change of one thing, for finding what an undo undoes.
struct Step {
  std::uint64_t by, entity;
  std::string before, after;
  bool undo;
};

// An undo must be the exact reverse of a step that the same visitor took before, a redo that of an undo.
bool reverses_something(const std::vector<Step>& steps, const Step& step) {
  for (auto earlier = steps.rbegin(); earlier != steps.rend(); ++earlier)
    if (earlier->by == step.by && earlier->entity == step.entity && earlier->before == step.after &&
        earlier->after == step.before && earlier->undo != step.undo)
      return true;
  return false;
}

std::string name_in(const Json& thing) { return thing.is_object() ? thing.value("name", "") : ""; }

}  // namespace

std::string state_text(const std::map<std::uint64_t, Json>& things) {
  std::string text;
  for (const auto& [entity, thing] : things) text += format("{}:{}\n", entity, data::to_text(thing));
  return text;
}

std::string Ledger::acknowledged(std::uint64_t sequence, const std::string& kind, std::uint64_t entity,
                                 const std::string& mark) {
  const bool fresh = acknowledged_.emplace(sequence, Acknowledged{kind, entity, mark}).second;
  return fresh ? "" : format("two edits were answered with the sequence {}", sequence);
}

std::string Ledger::shown(std::uint64_t sequence, std::uint64_t entity, const Json& thing) {
  const auto [known, fresh] = shown_.emplace(sequence, Shown{entity, text_of(thing)});
  if (fresh || (known->second.entity == entity && known->second.thing == text_of(thing))) return "";
  return format("edit {} was shown in two ways", sequence);
}

std::string Ledger::stood(std::uint64_t sequence, const std::map<std::uint64_t, Json>& things) {
  const auto text = state_text(things);
  const auto [known, fresh] = states_.emplace(sequence, text);
  return fresh || known->second == text ? "" : format("after edit {} two clients see different scenes", sequence);
}

std::string Ledger::check(records::Journal& journal, const std::string& stream) const {
  if (const auto status = journal.check(); !status.ok()) return "the journal: " + status.error().text();
  const auto entries = journal.read(stream, 0, 1'000'000);
  if (!entries.ok()) return "the journal: " + entries.error().text();
  std::map<std::uint64_t, Json> things;
  std::vector<Step> steps;
  std::uint64_t last = 0;
  for (const auto& entry : *entries) {
    if (entry.sequence != ++last) return format("the sequence jumps from {} to {}", last - 1, entry.sequence);
    const auto fact = read_fact(entry);
    if (!fact.ok()) return format("entry {}: {}", last, fact.error().text());
    const Json before = things.contains(fact->entity) ? things[fact->entity] : Json();
    const std::string kind = before.is_null() ? "add" : fact->thing.is_null() ? "remove" : "change";
    if (kind != fact->kind) return format("entry {} says {}, but does {}", last, fact->kind, kind);
    if (refused_.contains(name_in(fact->thing))) return format("entry {} was answered with an error", last);
    Step step{fact->by, fact->entity, text_of(before), text_of(fact->thing), fact->way == "undo"};
    if (!fact->way.empty() && !reverses_something(steps, step))
      return format("entry {} ({}) restores nothing", last, fact->way);
    steps.push_back(std::move(step));
    if (fact->thing.is_null()) {
      things.erase(fact->entity);
    } else {
      things[fact->entity] = fact->thing;
    }
    if (const auto claim = acknowledged_.find(last); claim != acknowledged_.end()) {
      if (claim->second.entity != fact->entity || claim->second.kind != fact->kind)
        return format("edit {} was answered as {} of {}, and is {} of {}", last, claim->second.kind,
                      claim->second.entity, fact->kind, fact->entity);
      if (!claim->second.mark.empty() && claim->second.mark != name_in(fact->thing))
        return format("edit {} is another than was answered", last);
    }
    if (const auto claim = shown_.find(last); claim != shown_.end())
      if (claim->second.entity != fact->entity || claim->second.thing != text_of(fact->thing))
        return format("edit {} is another than was shown", last);
    if (const auto claim = states_.find(last); claim != states_.end())
      if (claim->second != state_text(things)) return format("the scene after edit {} is another than was shown", last);
  }
  const auto beyond = [last](const auto& claims) { return !claims.empty() && claims.rbegin()->first > last; };
  if (beyond(acknowledged_))
    return format("edit {} was acknowledged and is lost; the last is {}", acknowledged_.rbegin()->first, last);
  if (beyond(shown_)) return format("edit {} was shown and is lost; the last is {}", shown_.rbegin()->first, last);
  if (beyond(states_))
    return format("the scene of edit {} was shown and is lost; the last is {}", states_.rbegin()->first, last);
  return "";
}

}  // namespace mw::sim
