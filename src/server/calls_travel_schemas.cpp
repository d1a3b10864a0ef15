// The calls of calls_travel.cpp, as the registry checks and describes them.
#include "base/limits.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

namespace {

constexpr std::size_t kAuthorityChars = 260, kUrlChars = 2'000, kReasonChars = 200;
constexpr std::size_t kKeyChars = 43, kSignatureChars = 86;  // base64url of 32 and of 64 bytes

Json some_object(std::string_view description) { return described(Json{{"type", "object"}}, description); }
Json at_most(std::size_t items, Json list) {
  list["maxItems"] = items;
  return list;
}
Json authority(std::string_view description = "a.example, or a.example:8443") {
  return text(kAuthorityChars, description);
}
Json person() {
  return object({{"did", text(limits::kDidBytes, "did:webvh")}, {"home", authority()}}, {"did", "home"});
}
Json told() {
  return object({{"name", text(limits::kNameChars)},
                 {"language", reference("Language")},
                 {"avatar", reference("Appearance")},
                 {"figure", object({{"name", text(limits::kAvatarTextBytes, "empty: it has none")}}, {"name"})},
                 {"carried", list_of(reference("Belonging"))}},
                {"name", "language", "avatar", "carried"});
}
Json example_challenge() { return {{"type", "VisitChallenge"}, {"audience", "did:web:b.example"}}; }
Json example_credential() {
  return {{"type", {"VerifiableCredential", "VisitCredential"}}, {"issuer", "did:web:a.example"}};
}
Json example_traveller() {
  return {{"did", "did:webvh:QmScid:a.example:people:abcdefghij234567"}, {"home", "a.example"}};
}
Json example_told() {
  return {{"name", "Calm Otter"},
          {"language", "en"},
          {"avatar", kit::to_json(kit::appearance(7))},
          {"carried", Json::array()}};
}

}  // namespace

void Methods::add_travel_home_calls() {
  c.registry_.add(
      {"travel.asked",
       "Who asks for a visit, and what would be told; at home, to somebody with an account.",
       "The host fetches the destination's own document by the name in the challenge, and refuses one that "
       "is signed by another, has expired, or wants the answer sent elsewhere.",
       object({{"challenge", some_object("of travel.challenge, at the destination")}}, {"challenge"}),
       object({{"destination", object({{"did", text(limits::kDidBytes)},
                                       {"name", text(300)},
                                       {"host", authority()},
                                       {"url", text(kUrlChars)}},
                                      {"did", "name", "host", "url"})},
               {"world", text(64)},
               {"person", text(limits::kDidBytes)},
               {"told", told()},
               {"carry_most", whole("things that may come along at once")},
               {"remembered", yes_no("the person has said: always for this host")}},
              {"destination", "world", "person", "told", "carry_most", "remembered"}),
       Capability::visit,
       10,
       {{"challenge", example_challenge()}},
       {{"destination",
         {{"did", "did:web:b.example"}, {"name", "b.example"}, {"host", "b.example"}, {"url", "https://b.example/"}}},
        {"world", "plaza"},
        {"person", example_traveller()["did"]},
        {"told", example_told()},
        {"carry_most", limits::kVisitCarried},
        {"remembered", false}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.travel_asked(caller, params, std::move(reply));
       }});
  add_answer_call();
  c.registry_.add(
      {"travel.remembered",
       "The hosts that are told without asking.",
       "",
       object({}),
       object({{"hosts", list_of(object({{"host", authority()}, {"since_ms", whole()}}, {"host", "since_ms"}))}},
              {"hosts"}),
       Capability::visit,
       2,
       Json::object(),
       {{"hosts", {{{"host", "b.example"}, {"since_ms", 1764000000000}}}}},
       [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
         m.travel_remembered(caller, std::move(reply));
       }});
  c.registry_.add({"travel.revoke",
                   "Asks again before this host is told anything.",
                   "",
                   object({{"host", authority()}}, {"host"}),
                   object({{"revoked", yes_no("false: it was not remembered")}}, {"revoked"}),
                   Capability::visit,
                   5,
                   {{"host", "b.example"}},
                   {{"revoked", true}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.travel_revoke(caller, params, std::move(reply));
                   }});
}

void Methods::add_answer_call() {
  c.registry_.add(
      {"travel.answer",
       "Tells the destination: one credential, for that visit alone.",
       "The browser brings it to `return_to`. `remember` lets the next visits to this host go without asking. Each "
       "thing "
       "of `carry` is leased to the destination first, for ten minutes, and is out of its own world until the lease "
       "and "
       "5 s are over; what cannot come stays, and the rest goes.",
       object(
           {{"challenge", some_object("of travel.challenge")},
            {"remember", yes_no()},
            {"carry", at_most(limits::kVisitCarried, list_of(text(43, "the asset of a title")))},
            {"leases",
             at_most(
                 limits::kVisitCarried,
                 list_of(object(
                     {{"asset", text(43)}, {"from_s", whole()}, {"until_s", whole()}, {"signature", signature_text()}},
                     {"asset", "from_s", "until_s", "signature"},
                     "of what one holds the key of, as `title.lease.form` says")))}},
           {"challenge"}),
       object({{"credential", some_object("schema/visit.md")},
               {"return_to", text(kUrlChars)},
               {"left_behind", list_of(object({{"asset", text(43)}, {"why", text(500)}}, {"asset", "why"}))}},
              {"credential", "return_to", "left_behind"}),
       Capability::visit,
       10,
       {{"challenge", example_challenge()}, {"remember", true}},
       {{"credential", example_credential()},
        {"return_to", "https://b.example/w/plaza"},
        {"left_behind", Json::array()}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.travel_answer(caller, params, std::move(reply));
       }});
}

void Methods::add_travel_arrival_calls() {
  c.registry_.add({"travel.challenge",
                   "Begins a visit, at the destination: what the browser takes to the person's home.",
                   "`session_key` is an Ed25519 key that the browser made for this visit. The home is asked who it is "
                   "first: one that is refused here, or down, is told at once. Needs no session.",
                   object({{"home", authority("the person's home")},
                           {"session_key", text(kKeyChars, "base64url of 32 bytes")},
                           {"world", text(64)},
                           {"path", text(500, "of the page that takes the answer; / by itself")}},
                          {"home", "session_key", "world"}),
                   object({{"challenge", some_object("schema/visit.md")}, {"go", text(kUrlChars, "the home's page")}},
                          {"challenge", "go"}),
                   Capability::none,
                   20,
                   {{"home", "a.example"},
                    {"session_key", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
                    {"world", "plaza"},
                    {"path", "/w/plaza"}},
                   {{"challenge", example_challenge()}, {"go", "https://a.example/visit"}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.travel_challenge(caller, params, std::move(reply));
                   }});
  c.registry_.add({"travel.nonce",
                   "What the session key signs to arrive; for one arrival of this session.",
                   "",
                   object({}),
                   object({{"nonce", text(64)}}, {"nonce"}),
                   Capability::visit,
                   2,
                   Json::object(),
                   {{"nonce", "q3J8"}},
                   [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                     m.travel_nonce(caller, std::move(reply));
                   }});
  c.registry_.add({"travel.arrive",
                   "Arrives as the person that their home says: the same visitor each time.",
                   "`signature` is the session key's over the arrival text of schema/visit.md. The session stays the "
                   "guest's; open a new one with `resume`. A refusal names the member and says why.",
                   object({{"credential", some_object("of travel.answer")},
                           {"session_key", text(kKeyChars)},
                           {"signature", text(kSignatureChars, "base64url of 64 bytes")}},
                          {"credential", "session_key", "signature"}),
                   object({{"visitor", text(20)},
                           {"person", person()},
                           {"carried", list_of(reference("Brought"))},
                           {"resume", text(500, "for session.open")}},
                          {"visitor", "person", "carried", "resume"}),
                   Capability::visit,
                   20,
                   {{"credential", example_credential()},
                    {"session_key", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
                    {"signature", "AA"}},
                   {{"visitor", "7382910465"},
                    {"person", example_traveller()},
                    {"carried", Json::array()},
                    {"resume", "v1.AAAA.BBBB"}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.travel_arrive(caller, params, std::move(reply));
                   }});
}

void Methods::add_travel_memory_calls() {
  const Json learned =
      object({{"what",
               {{"type", "string"},
                {"enum", {"identifier", "home", "name", "avatar", "figure", "language", "carried", "place"}}}},
              {"value", Json::object()},
              {"when_ms", whole()},
              {"why", {{"type", "string"}, {"enum", {"recognise", "show", "serve", "return"}}}},
              {"from", text(kAuthorityChars, "who told it; empty: seen here")}},
             {"what", "value", "when_ms", "why", "from"});
  c.registry_.add({"travel.learned",
                   "What this host has learned of oneself as a visitor from elsewhere; nothing of a guest.",
                   "`why`: to recognise the person, to show them to others, to serve them, to return to their place.",
                   object({}),
                   object({{"learned", list_of(learned)}}, {"learned"}),
                   Capability::visit,
                   2,
                   Json::object(),
                   {{"learned",
                     {{{"what", "name"},
                       {"value", "Calm Otter"},
                       {"when_ms", 1764000000000},
                       {"why", "show"},
                       {"from", "a.example"}}}}},
                   [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                     m.travel_learned(caller, std::move(reply));
                   }});
  c.registry_.add(
      {"travel.forget",
       "Makes this host forget it: one is a guest from then on.",
       "Refused (`conflict`, with what to do) while one owns things here by a key that this host keeps: nobody "
       "could reach them afterwards.",
       object({}),
       object({{"forgotten", yes_no("false: there was nothing")}}, {"forgotten"}),
       Capability::visit,
       5,
       Json::object(),
       {{"forgotten", true}},
       [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
         m.travel_forget(caller, std::move(reply));
       }});
}

void Methods::add_look_call() {
  const Json world = object({{"name", text(64)},
                             {"title", reference("Text")},
                             {"description", reference("Text")},
                             {"people", whole()},
                             {"capacity", whole()},
                             {"accent", text(16)},
                             {"promise", number("per cent of client-minutes that are good")}},
                            {"name", "title", "people", "capacity"});
  c.registry_.add(
      {"travel.look",
       "What the host says of itself to which a portal leads.",
       "The host asks that host, at most once a minute. One that is down is an answer: `reachable` is false.",
       object({{"url", text(kUrlChars, "as in the portal's `to.url`")}}, {"url"}),
       object({{"host", authority()},
               {"did", text(limits::kDidBytes)},
               {"name", text(64)},
               {"operator", text(200)},
               {"url", text(kUrlChars)},
               {"reachable", yes_no()},
               {"why", text(500, "it is not")},
               {"takes",
                {{"type", "string"},
                 {"enum", {"open", "list", "introduction", "off"}},
                 {"description", "people of other homes"}}},
               {"welcome_here", yes_no("whether people of that host may come here")},
               {"world", world}},
              {"host", "url", "reachable"}),
       Capability::visit,
       5,
       {{"url", "https://b.example/w/plaza"}},
       {{"host", "b.example"},
        {"did", "did:web:b.example"},
        {"name", "B"},
        {"url", "https://b.example/w/plaza"},
        {"reachable", true},
        {"takes", "open"}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.travel_look(caller, params, std::move(reply));
       }});
}

void Methods::add_travel_calls() {
  add_travel_home_calls();
  add_travel_arrival_calls();
  add_travel_memory_calls();
  add_look_call();
  add_carried_calls();
  add_gift_calls();
  add_host_calls();
  for (const bool ban : {true, false}) {
    Json parameters =
        object({{"who", text(limits::kDidBytes, "a host (a.example) or a person (did:webvh:...)")}}, {"who"});
    if (ban) parameters["properties"]["reason"] = text(kReasonChars, "told to whoever is refused");
    c.registry_.add({ban ? "travel.ban" : "travel.unban",
                     ban ? "Refuses people of a host, or one person, from now on." : "Takes a ban back.",
                     "",
                     std::move(parameters),
                     object({{"changed", yes_no()}}, {"changed"}),
                     Capability::operate,
                     5,
                     {{"who", "bad.example"}},
                     {{"changed", true}},
                     [m = *this, ban](const Caller&, const Json& params, Reply reply) mutable {
                       m.travel_ban(params, std::move(reply), ban);
                     }});
  }
  c.registry_.add(
      {"travel.bans",
       "The hosts and people of other homes that are refused.",
       "",
       object({}),
       object({{"bans", list_of(object(
                            {{"who", text(limits::kDidBytes)}, {"reason", text(kReasonChars)}, {"since_ms", whole()}},
                            {"who", "reason", "since_ms"}))}},
              {"bans"}),
       Capability::operate,
       2,
       Json::object(),
       {{"bans", {{{"who", "bad.example"}, {"reason", ""}, {"since_ms", 1764000000000}}}}},
       [m = *this](const Caller&, const Json&, Reply reply) mutable { m.travel_bans(std::move(reply)); }});
}

}  // namespace mw::server
