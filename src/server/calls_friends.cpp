// Friends, as calls at home. What they mean, and what homes tell each other, is in federation/friends.h.
#include "base/format.h"
#include "base/limits.h"
#include "server/methods.h"
#include "server/schemas.h"
#include "trust/did.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;
using federation::Friends;

namespace {

constexpr std::size_t kWhoChars = limits::kDidBytes;
constexpr int kListCost = 2, kChangeCost = 5, kAskCost = 10, kSayCost = 3;

std::string url_of(const federation::FriendPlace& place) {
  const auto did = trust::did_web(place.host);
  const auto host = did.ok() ? trust::parse_web_did(*did) : Result<trust::WebDid>(did.error());
  return host.ok() ? host->origin() + "/w/" + place.world : std::string();
}

Json friend_json(const federation::Friend& one) {
  Json json{{"did", one.did},           {"home", one.home},    {"name", one.name}, {"state", name_of(one.state)},
            {"since_ms", one.since_ms}, {"unread", one.unread}};
  if (one.place) json["place"] = {{"host", one.place->host}, {"world", one.place->world}, {"url", url_of(*one.place)}};
  return json;
}

Json message_json(const federation::FriendMessage& message) {
  return {{"number", message.number},
          {"mine", message.mine},
          {"read", message.read},
          {"text", message.text},
          {"time_ms", message.time_ms}};
}

Json did_text() { return text(kWhoChars, "did:webvh of a person: their friend code"); }
Json done_result(std::string_view no) { return object({{"done", yes_no(no)}}, {"done"}); }

Json friend_schema() {
  return object({{"did", did_text()},
                 {"home", text(260, "a.example, or a.example:8443")},
                 {"name", text(limits::kNameChars, "as their home said last; may be empty")},
                 {"state", {{"type", "string"}, {"enum", {"asked", "asks", "friends"}}}},
                 {"since_ms", whole()},
                 {"unread", whole("messages of theirs")},
                 {"place", object({{"host", text(260)}, {"world", text(64)}, {"url", text(2'000)}},
                                  {"host", "world", "url"}, "where they are, if they let their friends see it")}},
                {"did", "home", "name", "state", "since_ms", "unread"});
}

Json message_schema() {
  return object({{"number", whole("grows")},
                 {"mine", yes_no()},
                 {"read", yes_no()},
                 {"text", text(federation::kFriendTextChars)},
                 {"time_ms", whole()}},
                {"number", "mine", "read", "text", "time_ms"});
}

Json example_did() { return "did:webvh:QmScid:b.example:people:abcdefghij234567"; }
Json example_message() {
  return {{"number", 7}, {"mine", true}, {"read", true}, {"text", "Come over!"}, {"time_ms", 1764000000000}};
}

// Answers once the other home has, or the disk.
template <class T, class Make>
Friends::Done<T> later(Reply reply, std::shared_ptr<bool> alive, Make make) {
  auto kept = std::make_shared<Reply>(std::move(reply));
  return [kept, alive = std::move(alive), make](Result<T> result) {
    if (!*alive) return;
    if (!result.ok()) return kept->error(result.error());
    kept->result(make(*result));
  };
}

Friends::Done<bool> done(Reply reply, std::shared_ptr<bool> alive) {
  return later<bool>(std::move(reply), std::move(alive), [](bool did) { return Json{{"done", did}}; });
}

// Whom a request is for: by their code, or as somebody who is here. `seen`: Control::person_of_visitor.
template <class Seen>
Result<std::string> asked_person(const Json& params, Seen seen) {
  if (params.contains("did") == params.contains("visitor")) return invalid("/params", "expected either did or visitor");
  if (params.contains("did")) return params["did"].get<std::string>();
  const auto person = seen(params["visitor"].get<std::string>());
  if (!person) return Error{ErrorKind::not_found, "/params/visitor", "nobody here has that number"};
  if (!person->first.starts_with("did:"))
    return Error{ErrorKind::forbidden, "/params/visitor", "a guest can be nobody's friend: they make an account first"};
  return person->first;
}

}  // namespace

std::optional<Friends::Me> Methods::me_or_refuse(const Caller& caller, Reply& reply) {
  if (c.friends_ == nullptr) {
    reply.error(failure(ErrorKind::unavailable, "nobody has friends here: " + c.setup_.no_accounts));
    return {};
  }
  const auto* account = c.accounts_ == nullptr ? nullptr : c.accounts_->of_visitor(caller.visitor);
  if (account == nullptr) {
    reply.error(failure(ErrorKind::forbidden,
                        "friends are kept at one's home: only somebody with an account here has "
                        "any; log in"));
    return {};
  }
  const auto* visitor = visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return {};
  return Friends::Me{account->id, account->did, visitor->guest.name};
}

void Methods::friend_list(const Caller& caller, Reply reply) {
  const auto me = me_or_refuse(caller, reply);
  if (!me) return;
  Json friends = Json::array(), blocks = Json::array();
  for (const auto& one : c.friends_->list(me->account, c.now_.unix_ms)) friends.push_back(friend_json(one));
  for (const auto& one : c.friends_->blocks(me->account)) {
    Json json{{"who", one.who}, {"name", one.name}, {"since_ms", one.since_ms}};
    if (const auto visitor = c.visitor_of_person(one.who)) json["visitor"] = std::to_string(visitor.value);
    blocks.push_back(std::move(json));
  }
  reply.result({{"code", me->did},
                {"friends", std::move(friends)},
                {"blocks", std::move(blocks)},
                {"shares_place", c.friends_->shares(me->account)},
                {"dropped", c.friends_->dropped(me->account)}});
}

void Methods::friend_messages(const Caller& caller, const Json& params, Reply reply) {
  const auto me = me_or_refuse(caller, reply);
  if (!me) return;
  Json list = Json::array();
  for (const auto& one : c.friends_->messages(me->account, params["did"].get<std::string>()))
    list.push_back(message_json(one));
  reply.result({{"messages", std::move(list)}});
}

void Methods::friend_block(const Caller& caller, const Json& params, Reply reply) {
  const auto me = me_or_refuse(caller, reply);
  if (!me) return;
  if (params.contains("who") == params.contains("visitor"))
    return reply.error(invalid("/params", "expected either who or visitor"));
  federation::FriendBlock block{params.value("who", std::string()), "", c.now_.unix_ms};
  if (params.contains("visitor")) {
    const auto word = params["visitor"].get<std::string>();
    const auto seen = c.person_of_visitor(word);
    if (!seen) return reply.error(Error{ErrorKind::not_found, "/params/visitor", "nobody here has that number"});
    block.who = seen->first;
    block.name = seen->second;
  }
  for (const auto& one : c.friends_->list(me->account, c.now_.unix_ms))
    if (one.did == block.who) block.name = one.name;
  c.friends_->block(*me, std::move(block), done(std::move(reply), c.alive_));
}

void Methods::add_friend_calls() {
  const auto add = [this](const char* name, const char* summary, const char* more, Json params, Json result, int cost,
                          Json example_params, Json example_result, auto handler) {
    c.registry_.add({name, summary, more, std::move(params), std::move(result), Capability::visit, cost,
                     std::move(example_params), std::move(example_result),
                     [m = *this, handler](const Caller& caller, const Json& given, Reply reply) mutable {
                       handler(m, caller, given, std::move(reply));
                     }});
  };
  const Json one_person = object({{"did", did_text()}}, {"did"}), example_one{{"did", example_did()}};
  add("friend.list", "One's friends, who asks, who is blocked; at home, to somebody with an account.",
      "`code` is what a friend needs to ask. `dropped`: messages that went unread or not, since a home keeps the last "
      "100 of a person.",
      object({}),
      object({{"code", did_text()},
              {"friends", list_of(friend_schema())},
              {"blocks", list_of(object({{"who", text(kWhoChars, "a person, a host, or a guest of this host")},
                                         {"name", text(limits::kNameChars)},
                                         {"since_ms", whole()},
                                         {"visitor", text(20, "who they are on this host, if they were here")}},
                                        {"who", "name", "since_ms"}))},
              {"shares_place", yes_no("friends see in which world one is")},
              {"dropped", whole()}},
             {"code", "friends", "blocks", "shares_place", "dropped"}),
      kListCost, Json::object(),
      {{"code", "did:webvh:QmScid:a.example:people:abcdefghij234567"},
       {"friends",
        {{{"did", example_did()},
          {"home", "b.example"},
          {"name", "Calm Otter"},
          {"state", "friends"},
          {"since_ms", 1764000000000},
          {"unread", 1},
          {"place", {{"host", "b.example"}, {"world", "plaza"}, {"url", "https://b.example/w/plaza"}}}}}},
       {"blocks", Json::array()},
       {"shares_place", false},
       {"dropped", 0}},
      [](Methods& m, const Caller& caller, const Json&, Reply reply) { m.friend_list(caller, std::move(reply)); });
  add("friend.ask", "Asks a person for their friendship, by their friend code, or because they are here.",
      "Their home keeps the request until they answer. Somebody who asks already is answered with a yes. Whoever asks "
      "by "
      "`visitor` finds that person's code in `friend.list`.",
      object({{"did", did_text()}, {"visitor", text(20, "or somebody of the people track")}}),
      object({{"state", {{"type", "string"}, {"enum", {"asked", "friends"}}}}}, {"state"}), kAskCost, example_one,
      {{"state", "asked"}}, [](Methods& m, const Caller& caller, const Json& params, Reply reply) {
        const auto me = m.me_or_refuse(caller, reply);
        if (!me) return;
        const auto did = asked_person(params, [&](const std::string& word) { return m.c.person_of_visitor(word); });
        if (!did.ok()) return reply.error(did.error());
        m.c.friends_->ask(*me, *did, m.c.now_.unix_ms,
                          later<federation::FriendState>(std::move(reply), m.c.alive_,
                                                         [](auto state) { return Json{{"state", name_of(state)}}; }));
      });
  add("friend.answer", "Accepts or refuses somebody who asks.", "",
      object({{"did", did_text()}, {"accept", yes_no()}}, {"did", "accept"}), done_result(""), kChangeCost,
      {{"did", example_did()}, {"accept", true}}, {{"done", true}},
      [](Methods& m, const Caller& caller, const Json& params, Reply reply) {
        if (const auto me = m.me_or_refuse(caller, reply))
          m.c.friends_->answer(*me, params["did"], params["accept"], m.c.now_.unix_ms,
                               done(std::move(reply), m.c.alive_));
      });
  add("friend.end", "Ends a friendship, or takes a request back.", "What was written between the two is removed here.",
      one_person, done_result("false: there was none"), kChangeCost, example_one, {{"done", true}},
      [](Methods& m, const Caller& caller, const Json& params, Reply reply) {
        if (const auto me = m.me_or_refuse(caller, reply))
          m.c.friends_->end(*me, params["did"], done(std::move(reply), m.c.alive_));
      });
  add_friend_message_calls();
  add_friend_quiet_calls();
}

void Methods::add_friend_message_calls() {
  const Json one_person = object({{"did", did_text()}}, {"did"}), example_one{{"did", example_did()}};
  c.registry_.add({"friend.messages",
                   "What was written between oneself and a friend, oldest first.",
                   "Of the last 100 messages that this home keeps of one.",
                   one_person,
                   object({{"messages", list_of(message_schema())}}, {"messages"}),
                   Capability::visit,
                   kListCost,
                   example_one,
                   {{"messages", {example_message()}}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.friend_messages(caller, params, std::move(reply));
                   }});
  c.registry_.add({"friend.say",
                   "Writes to a friend, wherever they are.",
                   "Answered once their home has it on disk.",
                   object({{"did", did_text()}, {"text", text(federation::kFriendTextChars)}}, {"did", "text"}),
                   object({{"message", message_schema()}}, {"message"}),
                   Capability::visit,
                   kSayCost,
                   {{"did", example_did()}, {"text", "Come over!"}},
                   {{"message", example_message()}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     if (const auto me = m.me_or_refuse(caller, reply))
                       m.c.friends_->say(
                           *me, params["did"], params["text"], m.c.now_.unix_ms,
                           later<federation::FriendMessage>(std::move(reply), m.c.alive_, [](const auto& kept) {
                             return Json{{"message", message_json(kept)}};
                           }));
                   }});
  c.registry_.add({"friend.read",
                   "Has read what a friend wrote so far.",
                   "",
                   one_person,
                   done_result("false: nothing was unread"),
                   Capability::visit,
                   kListCost,
                   example_one,
                   {{"done", true}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     if (const auto me = m.me_or_refuse(caller, reply))
                       m.c.friends_->read(*me, params["did"], done(std::move(reply), m.c.alive_));
                   }});
}

void Methods::add_friend_quiet_calls() {
  c.registry_.add({"friend.block",
                   "Wants nothing more of somebody: no requests, no messages, no place.",
                   "`who` is a person's did:webvh or a host's name (all of its people); `visitor` is somebody here. "
                   "They are not told; a friendship with them ends. The page of a world of this host leaves them "
                   "out of the picture; their bytes arrive as before.",
                   object({{"who", text(kWhoChars)}, {"visitor", text(20)}}),
                   done_result("false: was so already"),
                   Capability::visit,
                   kChangeCost,
                   {{"who", example_did()}},
                   {{"done", true}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.friend_block(caller, params, std::move(reply));
                   }});
  c.registry_.add({"friend.unblock",
                   "Takes a block back.",
                   "",
                   object({{"who", text(kWhoChars)}}, {"who"}),
                   done_result("false: there was none"),
                   Capability::visit,
                   kChangeCost,
                   {{"who", example_did()}},
                   {{"done", true}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     if (const auto me = m.me_or_refuse(caller, reply))
                       m.c.friends_->unblock(*me, params["who"], done(std::move(reply), m.c.alive_));
                   }});
  c.registry_.add({"friend.share",
                   "Whether friends may see where one is: the host and the world. At first they may not.",
                   "On other hosts it is where one said to go by /visit, for half an hour.",
                   object({{"place", yes_no()}}, {"place"}),
                   done_result("false: was so already"),
                   Capability::visit,
                   kChangeCost,
                   {{"place", true}},
                   {{"done", true}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     if (const auto me = m.me_or_refuse(caller, reply))
                       m.c.friends_->share(*me, params["place"], done(std::move(reply), m.c.alive_));
                   }});
  c.registry_.add_notification("friend.changed", "Something of what friend.list and friend.messages answer is new.",
                               object({}), Json::object());
}

}  // namespace mw::server
