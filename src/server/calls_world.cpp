#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

world::World* Methods::world_or_refuse(const Caller& caller, const Json& params, Reply& reply) {
  if (params.contains("world")) {
    const auto name = params["world"].get<std::string>();
    const auto* visitor = c.visitor_of(caller);
    if (caller.role != trust::Role::host_operator && (visitor == nullptr || visitor->world != name)) {
      reply.error(Error{ErrorKind::forbidden, "world", "only operators may name a world that they do not stand in"});
      return nullptr;
    }
    auto* world = c.find_world(name);
    if (world == nullptr) reply.error(Error{ErrorKind::not_found, "world", format("there is no world '{}'", name)});
    return world;
  }
  const auto* visitor = c.visitor_of(caller);
  auto* world = visitor == nullptr ? nullptr : c.world_of(*visitor);
  if (world == nullptr) reply.error(failure(ErrorKind::conflict, "enter a world first"));
  return world;
}

void Methods::world_enter(const Caller& caller, const Json& params, Reply reply) {
  auto* visitor = visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  if (!visitor->session) return reply.error(failure(ErrorKind::conflict, "entering needs an open WebSocket session"));
  const auto name = params["world"].get<std::string>();
  auto* target = c.find_world(name);
  if (target == nullptr) {
    const auto broken = c.broken_.find(name);
    if (broken != c.broken_.end())
      return reply.error(
          failure(ErrorKind::unavailable, format("'{}' cannot be entered: {}", name, broken->second.problem)));
    return reply.error(Error{ErrorKind::not_found, "world", format("there is no world '{}'", name)});
  }
  world::Arrival arrival;
  if (params.contains("portal")) arrival.portal = params["portal"].get<std::string>();
  if (params.contains("spawn")) arrival.spawn = params["spawn"].get<std::string>();
  if (params.contains("beside")) {
    // One that has ended leads to the usual place, as one does whose maker is gone: nobody is kept out by it.
    const auto host = c.keeper_.invited(params["beside"].get<std::string>(), c.now_.unix_ms);
    if (host.ok() && *host != caller.visitor && target->inside(*host)) arrival.beside = *host;
  }
  const auto entered = c.enter(*visitor, *target, std::move(arrival));
  if (!entered.ok()) {
    if (entered.error().kind == ErrorKind::full) c.join_failed(name);
    return reply.error(entered.error());
  }
  if (const auto* waiting = std::get_if<world::Waiting>(&*entered))
    return reply.result(
        {{"state", "waiting"}, {"position", waiting->position}, {"reason", world::name_of(waiting->reason)}});
  reply.result(
      {{"state", "entered"}, {"world", c.detail_of(*target, std::get<world::Entered>(*entered), visitor->guest.role)}});
}

void Methods::world_leave(const Caller& caller, Reply reply) {
  auto* visitor = visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  c.leave_queue(*visitor);
  c.leave_world(*visitor);
  reply.result(Json::object());
}

namespace {
Json wait_reason() {
  return {{"enum", {"full", "quality"}},
          {"description", "`quality`: there is a place, but one more would break the promise for those inside"}};
}
}  // namespace

void Methods::add_world_calls() {
  auto& registry = c.registry_;
  registry.add({"world.list",
                "The worlds of this host.",
                "",
                object({}),
                object({{"worlds", list_of(reference("WorldSummary"))}}, {"worlds"}),
                Capability::visit,
                1,
                Json::object(),
                {{"worlds", {example_summary()}}},
                [this_control = &c](const Caller&, const Json&, Reply reply) {
                  reply.result({{"worlds", this_control->summaries()}});
                }});
  Json entered = object({{"state", {{"const", "entered"}}}, {"world", reference("WorldDetail")}}, {"state", "world"});
  Json waiting =
      object({{"state", {{"const", "waiting"}}}, {"position", whole("1 is next")}, {"reason", wait_reason()}},
             {"state", "position", "reason"});
  registry.add(
      {"world.enter",
       "Enters a world, or takes a place in its queue when it is full, or when one more would break its promise of "
       "quality.",
       "Without `portal` and `spawn`, a visitor whose link was lost finds their place as it was; others arrive at the "
       "spawn. "
       "`portal` is the id of the portal that one went through: one comes out of the door that leads back. `spawn` is "
       "`default`, or the name of a spawn point of the scene. `beside` is an invitation (visitor.invite): one comes to "
       "stand "
       "within 2 m of whoever made it, if they are inside and there is room; the answer's `world.beside` says so. "
       "While waiting one stays where one is; the notifications "
       "`world.queue` tell the position and `world.entered` the end of it. Subscriptions to the tracks of the world "
       "that "
       "one leaves end by themselves.",
       object({{"world", text(32)}, {"portal", text(32)}, {"spawn", text(64)}, {"beside", text(100)}}, {"world"}),
       Json{{"oneOf", {std::move(entered), std::move(waiting)}}},
       Capability::visit,
       5,
       {{"world", "plaza"}},
       {{"state", "entered"}, {"world", example_detail()}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.world_enter(caller, params, std::move(reply));
       }});
  registry.add({"world.leave", "Leaves the world, or the queue, that one is in.", "", object({}), object({}),
                Capability::visit, 2, Json::object(), Json::object(),
                [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                  m.world_leave(caller, std::move(reply));
                }});
  registry.add_notification(
      "world.queue", "The position in the queue of a world, or what one waits for, has changed; 1 is next.",
      object({{"world", text(32)}, {"position", whole()}, {"reason", wait_reason()}}, {"world", "position", "reason"}),
      {{"world", "plaza"}, {"position", 3}, {"reason", "full"}});
  registry.add_notification("world.entered", "The wait is over: what world.enter would have answered.",
                            object({{"world", reference("WorldDetail")}}, {"world"}), {{"world", example_detail()}});
  registry.add_notification("host.draining",
                            "The host stops within `seconds`; come back with the resume token a little later.",
                            object({{"seconds", whole()}}, {"seconds"}), {{"seconds", 5}});
  registry.add_notification(
      "visitor.removed", "An operator has removed this visitor; the connection is closed with 4003.",
      object({{"minutes", whole()}, {"reason", text(limits::kReasonBytes)}}, {"minutes", "reason"}),
      {{"minutes", 10}, {"reason", "shouting"}});
}

// --- Tracks ----------------------------------------------------------------------------------------------------------

void Methods::track_subscribe(const Caller& caller, const Json& params, Reply reply) {
  auto* visitor = visitor_or_refuse(caller, reply);
  auto* session = visitor == nullptr ? nullptr : c.session_of(caller);
  if (visitor == nullptr) return;
  if (session == nullptr) return reply.error(failure(ErrorKind::conflict, "tracks need a WebSocket session"));
  auto* world = c.world_of(*visitor);
  if (world == nullptr) return reply.error(failure(ErrorKind::conflict, "enter a world first"));
  const auto track = world->track(params["track"].get<std::string>());
  if (!track) return reply.error(Error{ErrorKind::not_found, "track", "the world that you stand in has no such track"});
  auto& subscriptions = session->subscriptions;
  if (std::ranges::find(subscriptions, track->id) == subscriptions.end()) {
    if (subscriptions.size() >= limits::kSubscriptionsPerSession)
      return reply.error(
          failure(ErrorKind::full, format("at most {} tracks at the same time", limits::kSubscriptionsPerSession)));
    subscriptions.push_back(track->id);
  }
  c.subscribe(*visitor, track->id);
  reply.result({{"id", track->id.value}, {"kind", track->kind == tracks::TrackKind::latest ? "latest" : "ordered"}});
}

void Methods::track_unsubscribe(const Caller& caller, const Json& params, Reply reply) {
  auto* visitor = visitor_or_refuse(caller, reply);
  auto* session = visitor == nullptr ? nullptr : c.session_of(caller);
  if (visitor == nullptr) return;
  auto* world = c.world_of(*visitor);
  const auto track = world == nullptr ? std::nullopt : world->track(params["track"].get<std::string>());
  if (session == nullptr || !track || std::erase(session->subscriptions, track->id) == 0)
    return reply.error(Error{ErrorKind::not_found, "track", "there is no subscription to it"});
  c.unsubscribe(*visitor, track->id);
  reply.result(Json::object());
}

void Methods::add_track_calls() {
  auto& registry = c.registry_;
  Json kind{{"type", "string"}, {"enum", {"latest", "ordered"}}};
  registry.add({"track.subscribe",
                "Subscribes to a track of the world that one stands in.",
                "Frames carry the `id`. A `latest` track begins with a keyframe; an `ordered` one with a snapshot. "
                "Subscribing again gives "
                "a new snapshot.",
                object({{"track", text(100)}}, {"track"}),
                object({{"id", whole()}, {"kind", std::move(kind)}}, {"id", "kind"}),
                Capability::visit,
                2,
                {{"track", "world/plaza/poses"}},
                {{"id", 1}, {"kind", "latest"}},
                [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                  m.track_subscribe(caller, params, std::move(reply));
                }});
  registry.add({"track.unsubscribe",
                "Ends a subscription.",
                "",
                object({{"track", text(100)}}, {"track"}),
                object({}),
                Capability::visit,
                2,
                {{"track", "world/plaza/poses"}},
                Json::object(),
                [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                  m.track_unsubscribe(caller, params, std::move(reply));
                }});
}

// --- People ----------------------------------------------------------------------------------------------------------

void Methods::add_people_calls() {
  auto& registry = c.registry_;
  registry.add({"chat.say",
                "Says something to everybody in the world.",
                "At most 500 characters; line breaks and characters that nobody sees are taken out. It goes out on the "
                "chat track.",
                object({{"text", text(limits::kChatBytes)}}, {"text"}),
                object({{"id", whole("of the message")}}, {"id"}),
                Capability::visit,
                10,
                {{"text", "Good evening!"}},
                {{"id", 1764000000001}},
                [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                  auto* world = m.world_or_refuse(caller, Json::object(), reply);
                  if (world == nullptr) return;
                  auto said = world->say(caller.visitor, params["text"].get<std::string>(), m.c.now_);
                  if (!said.ok()) return reply.error(said.error());
                  reply.result(std::move(said).value());
                }});
  registry.add({"people.list",
                "Everybody in the world, simulated people too.",
                "`world` may be named by operators who stand elsewhere.",
                object({{"world", text(32)}}),
                object({{"people", list_of(reference("Person"))}}, {"people"}),
                Capability::visit,
                5,
                Json::object(),
                {{"people", {example_person()}}},
                [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                  if (auto* world = m.world_or_refuse(caller, params, reply))
                    reply.result({{"people", world->people()}});
                }});
}

}  // namespace mw::server
