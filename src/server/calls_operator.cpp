#include <charconv>

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "runtime/log.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

void Methods::operator_claim(const Caller& caller, const Json& params, Reply reply) {
  auto kept = std::make_shared<Reply>(std::move(reply));
  c.keeper_.claim_link(params["token"].get<std::string>(), c.now_.unix_ms,
                       [this_control = &c, alive = c.alive_, caller, kept](Result<std::string> bearer) {
                         if (!*alive) return;
                         if (!bearer.ok()) return kept->error(bearer.error());
                         auto& control = *this_control;
                         if (control.setup_.operators_changed) control.setup_.operators_changed();
                         if (auto* session = control.session_of(caller); session != nullptr && session->visitor) {
                           session->role = trust::Role::host_operator;
                           if (const auto at = control.visitors_.find(session->visitor);
                               at != control.visitors_.end()) {
                             at->second.guest.role = trust::Role::host_operator;
                             for (const auto* name : {&at->second.world, &at->second.waiting})
                               if (auto* world = control.find_world(*name)) world->change(at->second.guest);
                           }
                         }
                         runtime::log_info("control", "operator link claimed", {{"address", caller.address}});
                         kept->result({{"token", *bearer}, {"role", "operator"}});
                       });
}

namespace {

Json travel_json(const federation::Travel& travel) {
  const auto& stats = travel.stats();
  return {{"policy", federation::name_of(travel.rules().policy)},
          {"issued", stats.issued},
          {"arrived", stats.arrived},
          {"refused", stats.refused},
          {"last_refusal", stats.last_refusal},
          {"known", travel.visitors().size()},
          {"bans", travel.bans().size()}};
}

}  // namespace

void Methods::host_status(Reply reply) {
  Json worlds = Json::array();
  for (const auto& [name, open] : c.worlds_) {
    const auto& world = *open.world;
    const auto& stats = world.stats();
    worlds.push_back({{"name", name},
                      {"visitors", world.visitors()},
                      {"simulated", world.walkers()},
                      {"waiting", world.queued()},
                      {"capacity", world.description().capacity},
                      {"things", world.scene().things().size()},
                      {"edits", world.scene().sequence()},
                      {"claims", stats.claims},
                      {"corrections", stats.corrections},
                      {"problem", ""}});
  }
  for (const auto& [name, broken] : c.broken_)
    worlds.push_back({{"name", name},
                      {"visitors", 0},
                      {"simulated", 0},
                      {"waiting", 0},
                      {"capacity", 0},
                      {"things", 0},
                      {"edits", 0},
                      {"claims", 0},
                      {"corrections", 0},
                      {"problem", broken.problem}});
  Json calls = Json::array();
  for (const auto& meter : c.registry_.meters())
    if (meter.calls > 0)
      calls.push_back(
          {{"method", meter.method}, {"calls", meter.calls}, {"errors", meter.errors}, {"seconds", meter.seconds}});
  Json operators = Json::array();
  for (const auto& one : c.keeper_.operators()) operators.push_back({{"id", one.id}, {"issued_ms", one.issued_ms}});
  reply.result({{"name", c.setup_.name},
                {"version", c.setup_.version},
                {"host_id", c.keeper_.host_id()},
                {"uptime_s", c.started_s_ < 0 ? 0 : c.now_.s - c.started_s_},
                {"sessions", c.sessions_.size()},
                {"visitors", c.visitors_.size()},
                {"store_waiting", c.store_.waiting()},
                {"worlds", std::move(worlds)},
                {"calls", std::move(calls)},
                {"operators", std::move(operators)},
                {"travel", c.travel_ == nullptr ? Json::object() : travel_json(*c.travel_)},
                {"log", c.setup_.log_status ? c.setup_.log_status() : Json::object()},
                {"process", c.setup_.process_status ? c.setup_.process_status() : Json::object()}});
}

void Methods::visitor_remove(const Caller& caller, const Json& params, Reply reply) {
  const auto word = params["visitor"].get<std::string>();
  VisitorId id;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id.value);
  const auto at = c.visitors_.find(id);
  if (error != std::errc() || end != word.data() + word.size() || at == c.visitors_.end())
    return reply.error(Error{ErrorKind::not_found, "visitor", "nobody here has that number"});
  if (id == caller.visitor) return reply.error(Error{ErrorKind::conflict, "visitor", "that is you"});
  std::string reason;
  if (params.contains("reason") && !params["reason"].get_ref<const std::string&>().empty()) {
    auto clean = clean_text(params["reason"].get<std::string>(), "reason", limits::kReasonBytes, limits::kReasonBytes);
    if (!clean.ok()) return reply.error(clean.error());
    reason = std::move(clean).value();
  }
  const int minutes = params.value("minutes", 10);
  auto& visitor = at->second;
  const SessionId session = visitor.session;
  trust::Ban ban;
  ban.visitor = id;
  ban.until_ms = c.now_.unix_ms + std::int64_t{minutes} * 60'000;
  ban.reason = reason;
  if (params.value("address", false))
    if (const auto found = c.sessions_.find(session); found != c.sessions_.end())
      ban.address = found->second.peer.address;
  c.notify(session, "visitor.removed", {{"minutes", minutes}, {"reason", reason}});
  if (auto* queue = c.find_world(visitor.waiting)) queue->leave(id);
  visitor.waiting.clear();
  c.leave_world(visitor);
  visitor.session = {};
  if (const auto found = c.sessions_.find(session); found != c.sessions_.end()) found->second.visitor = {};
  if (session) c.outlet_.close(session, tracks::CloseCode::removed, "an operator has removed you");
  runtime::log_info("control", "visitor removed",
                    {{"visitor", word}, {"minutes", minutes}, {"by", caller.visitor.value}});
  auto kept = std::make_shared<Reply>(std::move(reply));
  c.keeper_.ban(std::move(ban), c.now_.unix_ms, [kept](Status status) {
    if (status.ok())
      kept->result(Json::object());
    else
      kept->error(status.error());
  });
}

void Methods::add_claim_call() {
  c.registry_.add(
      {"operator.claim",
       "Trades the one-time token of an operator link for an operator's token.",
       "The link is printed when the host starts (`/#operator=TOKEN`) and works once, within a day. The answer's "
       "`token` is a bearer: "
       "for `Authorization` over HTTP and for `session.open`. The session that claims becomes an operator's at once.",
       object({{"token", text(200)}}, {"token"}),
       object({{"token", text(200)}, {"role", reference("Role")}}, {"token", "role"}),
       Capability::none,
       20,
       {{"token", "q3J8"}},
       {{"token", "Zk2x"}, {"role", "operator"}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.operator_claim(caller, params, std::move(reply));
       }});
}

namespace {

Json log_schema() {
  Json witness = object({{"name", text(limits::kNoteNameBytes)},
                         {"url", text(2000)},
                         {"cosigned", whole("checkpoints, since the start")},
                         {"failures", whole("times that it was asked in vain")},
                         {"answered_ms", whole("0: not yet")},
                         {"problem", text(500, "of the latest attempt")}},
                        {"name", "url", "cosigned", "failures", "answered_ms", "problem"});
  return object({{"origin", text(limits::kNoteNameBytes)},
                 {"recorded", whole("entries on disk")},
                 {"published", whole("entries that the published checkpoint covers")},
                 {"final", whole("entries that a quorum of witnesses has seen")},
                 {"open", yes_no()},
                 {"reason", text(2000, "why it takes no entries")},
                 {"restored", text(1000, "from which backup, until witnesses have confirmed it")},
                 {"quorum", whole()},
                 {"witnesses", list_of(std::move(witness))}},
                {}, "of the log that anybody can check");
}

Json travel_schema() {
  return object({{"policy", {{"type", "string"}, {"enum", {"open", "list", "introduction", "off"}}}},
                 {"issued", whole("visits that people of here were told of elsewhere, since the start")},
                 {"arrived", whole("people of other homes, since the start")},
                 {"refused", whole("challenges and arrivals, since the start")},
                 {"last_refusal", text(300, "why")},
                 {"known", whole("people of other homes who are remembered")},
                 {"bans", whole()}},
                {}, "nothing where the host has no name that others could come back to");
}

Json example_travel() {
  return {{"policy", "open"},
          {"issued", 7},
          {"arrived", 5},
          {"refused", 1},
          {"last_refusal", "home: people of bad.example may not come here"},
          {"known", 4},
          {"bans", 1}};
}

Json example_log() {
  return {{"origin", "manyworlds/z6Mk"},
          {"recorded", 12},
          {"published", 12},
          {"final", 12},
          {"open", true},
          {"reason", ""},
          {"restored", ""},
          {"quorum", 1},
          {"witnesses", Json::array()}};
}

}  // namespace

void Methods::add_status_call() {
  Json world = object(
      {{"name", text(32)},
       {"visitors", whole()},
       {"simulated", whole()},
       {"waiting", whole()},
       {"capacity", whole()},
       {"things", whole()},
       {"edits", whole("the last edit's sequence")},
       {"claims", whole()},
       {"corrections", whole()},
       {"problem", text(2000)}},
      {"name", "visitors", "simulated", "waiting", "capacity", "things", "edits", "claims", "corrections", "problem"});
  Json call = object({{"method", text(64)}, {"calls", whole()}, {"errors", whole()}, {"seconds", number()}},
                     {"method", "calls", "errors", "seconds"});
  Json one = object({{"id", text(64)}, {"issued_ms", whole()}}, {"id", "issued_ms"});
  Json process{{"type", "object"},
               {"description", "of the machine: memory, processor time, tick duration; more may come"}};
  c.registry_.add({"host.status",
                   "How the host is doing.",
                   "The same numbers, over time, are at `/metrics`.",
                   object({}),
                   object({{"name", text(64)},
                           {"version", text(32)},
                           {"host_id", text(200)},
                           {"uptime_s", number()},
                           {"sessions", whole()},
                           {"visitors", whole()},
                           {"store_waiting", whole("batches not yet on disk")},
                           {"worlds", list_of(std::move(world))},
                           {"calls", list_of(std::move(call))},
                           {"operators", list_of(std::move(one))},
                           {"travel", travel_schema()},
                           {"log", log_schema()},
                           {"process", std::move(process)}},
                          {"name", "version", "host_id", "uptime_s", "sessions", "visitors", "store_waiting", "worlds",
                           "calls", "operators", "travel", "log", "process"}),
                   Capability::operate,
                   5,
                   Json::object(),
                   {{"name", "Manyworlds"},
                    {"version", "0.1.0"},
                    {"host_id", "z6Mk"},
                    {"uptime_s", 86400.5},
                    {"sessions", 12},
                    {"visitors", 13},
                    {"store_waiting", 0},
                    {"worlds",
                     {{{"name", "plaza"},
                       {"visitors", 12},
                       {"simulated", 30},
                       {"waiting", 0},
                       {"capacity", 1000},
                       {"things", 4},
                       {"edits", 12},
                       {"claims", 51200},
                       {"corrections", 3},
                       {"problem", ""}}}},
                    {"calls", {{{"method", "chat.say"}, {"calls", 40}, {"errors", 1}, {"seconds", 0.002}}}},
                    {"operators", {{{"id", "a1b2"}, {"issued_ms", 1764000000000}}}},
                    {"travel", example_travel()},
                    {"log", example_log()},
                    {"process", {{"resident_bytes", 52428800}}}},
                   [m = *this](const Caller&, const Json&, Reply reply) mutable { m.host_status(std::move(reply)); }});
}

void Methods::add_removal_call() {
  Json minutes{{"type", "integer"}, {"minimum", 1}, {"maximum", limits::kBanMinutesMax}, {"default", 10}};
  c.registry_.add({"visitor.remove",
                   "Removes a visitor, who cannot come back for that time.",
                   "The visitor is told the reason and the connection is closed with 4003. A guest can always come as "
                   "somebody new: with `address` the "
                   "address is kept out too, and with it everybody behind it.",
                   object({{"visitor", text(20)},
                           {"minutes", std::move(minutes)},
                           {"reason", text(limits::kReasonBytes)},
                           {"address", yes_no()}},
                          {"visitor"}),
                   object({}),
                   Capability::operate,
                   5,
                   {{"visitor", "7382910465"}, {"minutes", 10}, {"reason", "shouting"}},
                   Json::object(),
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.visitor_remove(caller, params, std::move(reply));
                   }});
}

void Methods::add_operator_calls() {
  add_claim_call();
  add_status_call();
  add_removal_call();
}

}  // namespace mw::server
