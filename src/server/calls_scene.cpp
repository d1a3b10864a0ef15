#include "base/format.h"
#include "base/limits.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

void Methods::edit(const Caller& caller, const Json& params, Reply reply, std::string_view kind) {
  auto* world = world_or_refuse(caller, params, reply);
  if (world == nullptr) return;
  if (!trust::may(caller.role, Capability::edit, world->description().edit))
    return reply.error(failure(ErrorKind::forbidden, format("you may not edit '{}'", world->description().name)));
  auto kept = std::make_shared<Reply>(std::move(reply));
  world::Scene::Answer answer = [kept](Result<Json> result) {
    if (result.ok())
      kept->result(std::move(result).value());
    else
      kept->error(result.error());
  };
  auto& scene = world->scene();
  const auto now_ms = c.now_.unix_ms;
  if (kind == "add") return scene.add(caller.visitor, params, now_ms, std::move(answer));
  if (kind == "change") return scene.change(caller.visitor, params, now_ms, std::move(answer));
  if (kind == "remove") return scene.remove(caller.visitor, params, now_ms, std::move(answer));
  if (kind == "undo") return scene.undo(caller.visitor, now_ms, std::move(answer));
  scene.redo(caller.visitor, now_ms, std::move(answer));
}

namespace {

Json thing_fields() {
  Json colour{{"type", "string"},
              {"pattern", "^(#[0-9A-Fa-f]{6})?$"},
              {"description", "a colour such as #E4572E; empty: the model's own"}};
  return {{"model", text(32)},
          {"position", reference("Vec3")},
          {"yaw", {{"type", "number"}, {"minimum", -6.2832}, {"maximum", 6.2832}, {"description", "radians"}}},
          {"scale", {{"type", "number"}, {"minimum", 0.1}, {"maximum", 10}}},
          {"colour", std::move(colour)},
          {"name", text(limits::kNameBytes, "empty: none")},
          {"world", text(32, "for operators who stand elsewhere")}};
}

Json done_schema() {
  Json kind{{"type", "string"},
            {"enum", {"add", "change", "remove"}},
            {"description", "what happened to the thing now: undoing an addition removes"}};
  return object(
      {{"sequence", whole()}, {"done", object({{"kind", std::move(kind)}, {"entity", whole()}}, {"kind", "entity"})}},
      {"sequence", "done"});
}

constexpr std::string_view kDurable =
    "The answer comes when the edit is on disk: what was answered is there after any crash. `sequence` is the "
    "edit's place in the world's history; everybody is told of it on the scene track. ";

}  // namespace

void Methods::add_scene_calls() {
  auto& registry = c.registry_;
  const auto handler = [this](std::string_view kind) -> calls::Handler {
    return [m = *this, kind](const Caller& caller, const Json& params, Reply reply) mutable {
      m.edit(caller, params, std::move(reply), kind);
    };
  };
  const Json outcome = object({{"entity", whole()}, {"sequence", whole()}}, {"entity", "sequence"});
  const Json outcome_example{{"entity", 84}, {"sequence", 12}};
  registry.add({"entity.add",
                "Puts a thing into the world.",
                std::string(kDurable) + "Models are those of the world's catalogue (`WorldDetail.models`).",
                object(thing_fields(), {"model", "position"}),
                outcome,
                Capability::edit,
                2,
                {{"model", "bench"}, {"position", {4.5, 0, -2}}, {"yaw", 1.5708}},
                outcome_example,
                handler("add")});
  Json change = thing_fields();
  change["entity"] = whole();
  registry.add({"entity.change",
                "Changes a thing: whatever is named.",
                std::string(kDurable) + "An empty colour or name takes it away.",
                object(std::move(change), {"entity"}),
                outcome,
                Capability::edit,
                2,
                {{"entity", 84}, {"scale", 1.5}},
                outcome_example,
                handler("change")});
  registry.add({"entity.remove",
                "Takes a thing out of the world.",
                std::string(kDurable),
                object({{"entity", whole()}, {"world", text(32)}}, {"entity"}),
                outcome,
                Capability::edit,
                2,
                {{"entity", 84}},
                outcome_example,
                handler("remove")});
  add_undo_calls(handler("undo"), handler("redo"));
}

void Methods::add_undo_calls(calls::Handler undo, calls::Handler redo) {
  auto& registry = c.registry_;
  const Json only_world = object({{"world", text(32)}});
  registry.add({"undo",
                "Takes back the caller's last edit in this world.",
                std::string(kDurable) +
                    "A step that somebody else has built on since is dropped, with `conflict`; so "
                    "is the answer when there is none. "
                    "A restart of the host forgets none of it that is among the last 500 edits of the world.",
                only_world,
                done_schema(),
                Capability::edit,
                2,
                Json::object(),
                {{"sequence", 13}, {"done", {{"kind", "remove"}, {"entity", 84}}}},
                std::move(undo)});
  registry.add({"redo",
                "Does again what the caller's last undo took back.",
                std::string(kDurable),
                only_world,
                done_schema(),
                Capability::edit,
                2,
                Json::object(),
                {{"sequence", 14}, {"done", {{"kind", "add"}, {"entity", 84}}}},
                std::move(redo)});
  registry.add({"entity.list",
                "All things that edits have put into the world.",
                "",
                only_world,
                object({{"sequence", whole("of the last edit")}, {"entities", list_of(reference("Thing"))}},
                       {"sequence", "entities"}),
                Capability::visit,
                5,
                Json::object(),
                {{"sequence", 12}, {"entities", {example_thing()}}},
                [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                  if (auto* world = m.world_or_refuse(caller, params, reply)) reply.result(world->scene().list());
                }});
}

}  // namespace mw::server
