#include "base/format.h"
#include "base/text.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

Control::Visitor* Methods::visitor_or_refuse(const Caller& caller, Reply& reply) {
  auto* visitor = c.visitor_of(caller);
  if (visitor == nullptr)
    reply.error(failure(ErrorKind::conflict, "this visitor has no session here; open one by session.open"));
  return visitor;
}

// --- session.open ----------------------------------------------------------------------------------------------------

void Methods::session_open(const Caller& caller, const Json& params, Reply reply) {
  auto* session = c.session_of(caller);
  if (session == nullptr)
    return reply.error(failure(ErrorKind::conflict, "session.open needs a WebSocket connection (/connect)"));
  const auto protocol = params["protocol"].get<std::int64_t>();
  if (protocol != kProtocol) {
    reply.error(
        failure(ErrorKind::version, format("this host speaks protocol {}, the client speaks {}", kProtocol, protocol)),
        {{"min", kProtocol}, {"max", kProtocol}, {"yours", protocol}});
    return c.outlet_.close(caller.session, tracks::CloseCode::protocol_version, "protocol version");
  }
  if (session->visitor || session->opening)
    return reply.error(failure(ErrorKind::conflict, "this connection has a session already"));
  Control::Opening opening;
  opening.session = caller.session;
  if (params.contains("name")) {
    auto name = clean_name(params["name"].get<std::string>());
    if (!name.ok()) return reply.error(name.error());
    opening.name = std::move(name).value();
  }
  if (params.contains("language"))
    opening.language = params["language"] == "zh" ? trust::Language::zh : trust::Language::en;
  if (params.contains("resume")) {
    // A token that does not count any more (a new host, a month later) gives a new guest: nobody is shut out by it.
    if (const auto visitor = c.resumed(params["resume"].get<std::string>(), &opening.issued_ms); visitor.ok()) {
      opening.visitor = *visitor;
      opening.returning = true;
    }
  }
  if (!opening.returning) opening.visitor = c.keeper_.new_visitor();
  const Status welcome = c.travel_ == nullptr ? ok() : c.travel_->admits(opening.visitor);
  if (!welcome.ok()) return reply.error(welcome.error());
  if (params.contains("operator")) {
    const auto bearer = params["operator"].get<std::string>();
    if (c.keeper_.operator_of(bearer, c.now_.unix_ms).ok()) opening.role = trust::Role::host_operator;
  }
  const auto ban = c.keeper_.banned(opening.visitor, session->peer.address, c.now_.unix_ms);
  if (ban && opening.role != trust::Role::host_operator) {
    reply.error(failure(ErrorKind::forbidden,
                        "an operator of this host has removed you" + (ban->reason.empty() ? "" : ": " + ban->reason)));
    return c.outlet_.close(caller.session, tracks::CloseCode::removed, "removed");
  }
  if (!opening.returning || c.visitors_.contains(opening.visitor))
    return c.open_visitor(opening, std::nullopt, std::move(reply));
  session->opening = true;
  auto kept = std::make_shared<Reply>(std::move(reply));
  auto stored = std::make_shared<std::optional<std::string>>();
  c.store_.run(
      [stored, key = visitor_key(opening.visitor)](records::Journal& journal) {
        if (auto value = journal.get(key); value.ok()) *stored = *value;
      },
      [this_control = &c, alive = c.alive_, opening, stored, kept] {
        if (*alive) this_control->open_visitor(opening, *stored, std::move(*kept));
      });
}

void Methods::visitor_change(const Caller& caller, const Json& params, Reply reply) {
  auto* visitor = visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  auto guest = visitor->guest;
  if (params.contains("name")) {
    auto name = clean_name(params["name"].get<std::string>());
    if (!name.ok()) return reply.error(name.error());
    guest.name = std::move(name).value();
  }
  if (params.contains("appearance")) {
    Json wanted = kit::to_json(guest.appearance);
    wanted.update(params["appearance"]);
    auto appearance = kit::appearance_from_json(wanted);
    if (!appearance.ok()) return reply.error(appearance.error());
    guest.appearance = *appearance;
  }
  if (params.contains("language"))
    visitor->language = params["language"] == "zh" ? trust::Language::zh : trust::Language::en;
  visitor->guest = guest;
  visitor->unsaved = true;
  for (const auto* name : {&visitor->world, &visitor->waiting})
    if (auto* world = c.find_world(*name)) world->change(guest);
  auto kept = std::make_shared<Reply>(std::move(reply));
  c.store_.put({{visitor_key(caller.visitor), c.stored_form(*visitor)}},
               [alive = c.alive_, kept, changed = c.visitor_json(*visitor)](const Status& stored) {
                 if (!*alive) return;
                 if (!stored.ok()) return kept->error(stored.error());
                 kept->result(changed);
               });
}

void Methods::add_open_call() {
  const Json worlds = list_of(reference("WorldSummary"));
  const Json host = object({{"name", text(64)}, {"version", text(32)}}, {"name", "version"});
  c.registry_.add(
      {"session.open",
       "Opens the session of this connection, as a new guest or as a visitor who returns.",
       "The first call on every WebSocket connection. `resume` is the token of an earlier answer: with it a "
       "visitor keeps "
       "identity, name and place through a lost link and a restart of the host; a token that has expired "
       "gives a new guest. "
       "A second connection of the same visitor replaces the first, which is closed with 4002. `operator` is "
       "the token of "
       "`operator.claim`.",
       object({{"protocol", whole("1")},
               {"name", text(limits::kNameBytes, "absent: one is suggested")},
               {"language", reference("Language")},
               {"resume", text(500)},
               {"operator", text(500)}},
              {"protocol"}),
       object({{"protocol", whole()},
               {"host", host},
               {"visitor", reference("Visitor")},
               {"resume", text(500, "keep it; it is a bearer token")},
               {"worlds", worlds}},
              {"protocol", "host", "visitor", "resume", "worlds"}),
       Capability::none,
       5,
       {{"protocol", 1}, {"language", "en"}},
       {{"protocol", 1},
        {"host", {{"name", "Manyworlds"}, {"version", "0.1.0"}}},
        {"visitor", example_visitor()},
        {"resume", "v1.AAAA.BBBB"},
        {"worlds", {example_summary()}}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.session_open(caller, params, std::move(reply));
       }});
}

void Methods::add_describe_call() {
  const Json worlds = list_of(reference("WorldSummary"));
  c.registry_.add({"host.describe",
                   "What this host is, which protocol it speaks, and its worlds.",
                   "",
                   object({}),
                   object({{"name", text(64)},
                           {"version", text(32)},
                           {"protocol", object({{"min", whole()}, {"max", whole()}}, {"min", "max"})},
                           {"languages", list_of(reference("Language"))},
                           {"worlds", worlds}},
                          {"name", "version", "protocol", "languages", "worlds"}),
                   Capability::none,
                   2,
                   Json::object(),
                   {{"name", "Manyworlds"},
                    {"version", "0.1.0"},
                    {"protocol", {{"min", 1}, {"max", 1}}},
                    {"languages", {"en", "zh"}},
                    {"worlds", {example_summary()}}},
                   [this_control = &c](const Caller&, const Json&, Reply reply) {
                     reply.result({{"name", this_control->setup_.name},
                                   {"version", this_control->setup_.version},
                                   {"protocol", {{"min", kProtocol}, {"max", kProtocol}}},
                                   {"languages", {"en", "zh"}},
                                   {"worlds", this_control->summaries()}});
                   }});
}

void Methods::add_change_call() {
  Json some_appearance = object({{"height", number()},
                                 {"build", number()},
                                 {"skin", whole()},
                                 {"hair", whole()},
                                 {"hair_colour", whole()},
                                 {"top", whole()},
                                 {"top_colour", whole()},
                                 {"bottom", whole()},
                                 {"bottom_colour", whole()},
                                 {"shoes_colour", whole()},
                                 {"jacket", whole()},
                                 {"hat", whole()},
                                 {"scarf", whole()},
                                 {"accent_colour", whole()}});
  c.registry_.add(
      {"visitor.change",
       "Changes the visitor's own name, language or appearance.",
       "Everybody in the world is told by a `changed` event on the people track. Of the appearance only what "
       "is named changes.",
       object({{"name", text(limits::kNameBytes * 4)},
               {"language", reference("Language")},
               {"appearance", std::move(some_appearance)}}),
       reference("Visitor"),
       Capability::visit,
       5,
       {{"name", "Ada"}, {"appearance", {{"hat", 1}}}},
       example_visitor(),
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.visitor_change(caller, params, std::move(reply));
       }});
}

void Methods::add_invite_call() {
  c.registry_.add(
      {"visitor.invite",
       "An invitation to come to the visitor's side.",
       "It is for `beside` of world.enter, and good for a day. It is no secret: whoever has it can do nothing with "
       "it but come to stand near the visitor, in a world that both may enter.",
       object({}),
       object({{"invitation", text(100)}, {"until_ms", whole("Unix time")}}, {"invitation", "until_ms"}),
       Capability::visit,
       1,
       Json::object(),
       {{"invitation", "i1.AAAAAAAAAAEAAAAAAAAAAQ.AAAAAAAAAAAAAAAAAAAAAA"}, {"until_ms", 1'800'000'000'000}},
       [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
         if (m.visitor_or_refuse(caller, reply) == nullptr) return;
         const auto now_ms = m.c.now_.unix_ms;
         reply.result({{"invitation", m.c.keeper_.invitation(caller.visitor, now_ms)},
                       {"until_ms", now_ms + trust::Keeper::kInvitationMs}});
       }});
}

void Methods::add_session_calls() {
  add_open_call();
  add_describe_call();
  add_change_call();
  add_invite_call();
}

void add_methods(Control& control) {
  Methods methods(control);
  add_shared_schemas(control.registry());
  methods.add_session_calls();
  methods.add_outfit_calls();
  methods.add_avatar_calls();
  methods.add_world_calls();
  methods.add_track_calls();
  methods.add_people_calls();
  methods.add_scene_calls();
  methods.add_account_calls();
  methods.add_title_calls();
  methods.add_travel_calls();
  methods.add_friend_calls();
  methods.add_operator_calls();
  methods.add_quality_calls();
}

}  // namespace mw::server
