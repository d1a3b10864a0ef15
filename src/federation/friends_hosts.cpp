// What homes tell each other about friends, and what of it is believed.
#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "federation/friends_state.h"
#include "trust/did.h"

namespace mw::federation {
namespace {

constexpr std::size_t kNameBytes = 256, kIdBytes = 64, kWorldBytes = 64, kTextBytes = kFriendTextChars * 4;

Result<std::string> text_in(const Json& params, const char* name, std::size_t most) {
  const auto at = params.find(name);
  if (at == params.end() || !at->is_string() || at->get_ref<const std::string&>().size() > most)
    return invalid(name, format("expected a text of at most {} bytes", most));
  return at->get<std::string>();
}

bool good_world(const std::string& name) {
  return !name.empty() && name.size() <= kWorldBytes && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// Of whom a call speaks: somebody of the calling host.
Result<std::string> speaker(const Json& params, const std::string& from_host) {
  auto from = text_in(params, "from", limits::kDidBytes);
  MW_TRY(from);
  const auto home = home_of_person(*from, "from");
  MW_TRY(home);
  if (*home != from_host)
    return Error{ErrorKind::forbidden, "from",
                 format("{} speaks for its own people, and {} is the home of this one", from_host, *home)};
  return from;
}

Error no_friend() { return Error{ErrorKind::forbidden, "from", "they are not friends"}; }

}  // namespace

void Friends::State::tell(Friends& friends, const std::string& home, const std::string& method, Json params,
                          std::int64_t now_ms, Done<Json> done) {
  if (home == setup.authority) return friends.receive(method, home, params, now_ms, std::move(done));
  if (!links.call) return done(failure(ErrorKind::unavailable, "no other host can be called"));
  links.call(home, method, std::move(params), [living = alive, done = std::move(done)](Result<Json> result) {
    if (*living) done(std::move(result));
  });
}

const std::vector<std::string>& Friends::methods() {
  static const std::vector<std::string> all{"friend.ask", "friend.answer", "friend.end", "friend.message",
                                            "friend.place"};
  return all;
}

void Friends::receive(const std::string& method, const std::string& from_host, const Json& params, std::int64_t now_ms,
                      Done<Json> reply) {
  auto& s = *state_;
  const auto from = speaker(params, from_host);
  if (!from.ok()) return reply(from.error());
  const auto told_name = params.contains("name") ? text_in(params, "name", kNameBytes) : Result<std::string>("");
  if (!told_name.ok()) return reply(told_name.error());
  const auto name = shown_name(*told_name);
  const auto finish = [reply](const Status& status) {
    reply(status.ok() ? Result<Json>(Json::object()) : Result<Json>(status.error()));
  };
  if (method == "friend.place") return hear_place(*from, params, now_ms, reply);
  const auto to = text_in(params, "to", limits::kDidBytes);
  if (!to.ok()) return reply(to.error());
  const std::string account = s.links.account ? s.links.account(*to) : std::string();
  if (account.empty()) return reply(Error{ErrorKind::not_found, "to", "nobody of that name lives here"});
  auto& person = s.people[account];
  const auto at = person.relations.find(*from);
  const bool known = at != person.relations.end();
  const auto state = known ? at->second.state : FriendState::asked;
  if (method == "friend.end") return known ? s.put(account, *from, {}, finish) : finish(ok());
  if (method == "friend.ask") {
    // Whoever is blocked hears what everybody hears, and asks nobody.
    if (s.blocked(person, *from, from_host)) return finish(ok());
    if (known &&
        state == FriendState::friends) {  // what they ended we have not heard, and they have thought better of it
      finish(ok());
      return tell_accepted(account, *from, *to, now_ms);
    }
    if (known && state == FriendState::asked)  // both have asked
      return become_friends(account, *from, name, *to, now_ms, finish);
    if (!known)
      if (const auto place = s.place_for(person, from_host, FriendState::asks); !place.ok())
        return reply(place.error());
    return s.put(account, *from, State::Relation{name, FriendState::asks, now_ms, {}}, finish);
  }
  if (method == "friend.answer") {
    if (!params.value("accepted", Json()).is_boolean()) return reply(invalid("accepted", "expected true or false"));
    if (!known || state == FriendState::asks)
      return reply(Error{ErrorKind::forbidden, "from", "nobody here has asked them"});
    if (!params["accepted"].get<bool>()) return s.put(account, *from, {}, finish);
    if (state == FriendState::friends) return finish(ok());  // told twice
    return s.put(account, *from, State::Relation{name, FriendState::friends, now_ms, {}}, finish);
  }
  if (method == "friend.message") {
    if (!known || state != FriendState::friends) return reply(no_friend());
    return hear_message(account, *from, name, params, now_ms, reply);
  }
  reply(failure(ErrorKind::not_found, "no such call"));
}

// Both have asked each other, and neither waits for an answer: their home is told that they are friends, as if it was accepted.
void Friends::become_friends(const std::string& account, const std::string& from, const std::string& name,
                             const std::string& to, std::int64_t now_ms, std::function<void(Status)> done) {
  auto& s = *state_;
  s.put(account, from, State::Relation{name, FriendState::friends, now_ms, {}},
        [this, account, from, to, now_ms, done = std::move(done)](const Status& kept) {
          done(kept);
          if (kept.ok()) tell_accepted(account, from, to, now_ms);
        });
}

void Friends::tell_accepted(const std::string& account, const std::string& to, const std::string& me,
                            std::int64_t now_ms) {
  const auto home = home_of_person(to, "to");
  if (!home.ok()) return;
  const auto called = state_->links.name ? state_->links.name(account) : std::string();
  state_->tell(*this, *home, "friend.answer", {{"from", me}, {"to", to}, {"name", called}, {"accepted", true}}, now_ms,
               [](const Result<Json>&) {});
}

// The same message again, whose answer got lost or has not been given yet: the write of the first may still be on its way, or fail.
void Friends::State::answer_kept(const std::string& account, const std::string& from, const std::string& id,
                                 Done<Json> reply) {
  store->run([](records::Journal&) {},
             [this, living = alive, account, from, id, reply = std::move(reply)] {
               if (!*living) return;
               const auto& kept = people[account].messages;
               const bool there = std::any_of(kept.begin(), kept.end(), [&](const FriendMessage& one) {
                 return one.with == from && !one.mine && one.id == id;
               });
               reply(there ? Result<Json>(Json::object())
                           : Result<Json>(failure(ErrorKind::unavailable, "the message could not be kept")));
             });
}

void Friends::hear_message(const std::string& account, const std::string& from, const std::string& name,
                           const Json& params, std::int64_t now_ms, Done<Json> reply) {
  auto& person = state_->people[account];
  const auto id = text_in(params, "id", kIdBytes);
  if (!id.ok()) return reply(id.error());
  const auto told = text_in(params, "text", kTextBytes);
  if (!told.ok()) return reply(told.error());
  auto text = clean_text(*told, "text", kTextBytes, kFriendTextChars);
  if (!text.ok()) return reply(text.error());
  std::size_t lately = 0;
  for (const auto& one : person.messages) {
    if (one.with != from || one.mine) continue;
    if (one.id == *id) return state_->answer_kept(account, from, *id, std::move(reply));
    if (one.time_ms > now_ms - 60'000) ++lately;
  }
  if (lately >= kFriendMessagesPerMinute)
    return reply(failure(ErrorKind::rate_limited,
                         format("at most {} messages a minute to one friend", kFriendMessagesPerMinute)));
  if (!name.empty()) person.relations[from].name = name;
  FriendMessage message;
  message.with = from;
  message.id = *id;
  message.text = *std::move(text);
  message.time_ms = now_ms;
  state_->keep(account, std::move(message), [reply](const Result<FriendMessage>& kept) {
    reply(kept.ok() ? Result<Json>(Json::object()) : Result<Json>(kept.error()));
  });
}

// --- Where friends are -----------------------------------------------------------------------------------------------

void Friends::hear_place(const std::string& from, const Json& params, std::int64_t now_ms, const Done<Json>& reply) {
  auto& s = *state_;
  const auto to = params.find("to");
  if (to == params.end() || !to->is_array() || to->size() > kFriends)
    return reply(invalid("to", format("expected a list of at most {} people", kFriends)));
  std::optional<FriendPlace> place;
  if (params.contains("host")) {
    const auto host = text_in(params, "host", limits::kDidBytes), world = text_in(params, "world", kWorldBytes);
    if (!host.ok() || !trust::did_web(*host).ok()) return reply(invalid("host", "expected the name of a host"));
    if (!world.ok() || !good_world(*world)) return reply(invalid("world", "expected the name of a world"));
    const auto until = params.value("until_ms", Json());
    if (!until.is_number_integer()) return reply(invalid("until_ms", "expected a time"));
    place = {*host, *world, std::min(until.get<std::int64_t>(), now_ms + kFriendAwayMs + kFriendPlaceMs)};
  }
  for (const auto& did : *to) {
    if (!did.is_string()) return reply(invalid("to", "expected people"));
    const auto account = s.links.account ? s.links.account(did.get<std::string>()) : std::string();
    auto* person = account.empty() ? nullptr : s.find(account);
    if (person == nullptr) continue;
    const auto at = person->relations.find(from);
    if (at == person->relations.end() || at->second.state != FriendState::friends) continue;
    const bool same = at->second.place == place && (!place || at->second.place->until_ms > now_ms);
    at->second.place = place;
    if (!same) s.changed(account);
  }
  reply(Json::object());
}

std::vector<std::string> Friends::sharing() const {
  std::vector<std::string> list;
  for (const auto& [account, person] : state_->people)
    if (person.share && !person.relations.empty()) list.push_back(account);
  return list;
}

void Friends::seen(const Me& me, const std::string& world, std::int64_t since_ms, std::int64_t now_ms) {
  auto* person = state_->find(me.account);
  if (person == nullptr) return;
  person->me = me;
  person->here.reset();
  // Who has gone may still stand here for a moment, until the link is known to be lost.
  const bool gone = person->away && person->away->until_ms > now_ms && since_ms <= person->away_ms;
  if (world.empty() || gone) return;
  person->here = FriendPlace{state_->setup.authority, world, 0};
  person->away.reset();
}

void Friends::went(const std::string& account, const std::string& host, const std::string& world, std::int64_t now_ms) {
  auto* person = state_->find(account);
  if (person == nullptr || !person->share || !good_world(world)) return;
  person->away = FriendPlace{host, world, now_ms + kFriendAwayMs};
  person->away_ms = now_ms;
  person->here.reset();
}

void Friends::tick(std::int64_t now_ms) {
  state_->tell_endings(*this, now_ms);
  for (auto& [account, person] : state_->people) {
    if (person.away && person.away->until_ms <= now_ms) person.away.reset();
    const auto wanted = !person.share ? std::nullopt : person.here ? person.here : person.away;
    const bool same = wanted == person.told;
    if (same ? !wanted || now_ms - person.told_ms < kFriendPlaceAgainMs : now_ms - person.told_ms < kFriendPlaceLeastMs)
      continue;
    person.told = wanted;
    person.told_ms = now_ms;
    state_->tell_place(*this, person, now_ms);
  }
}

void Friends::State::tell_place(Friends& friends, Person& person, std::int64_t now_ms) {
  std::map<std::string, Json> by_home;
  for (const auto& [did, relation] : person.relations) {
    if (relation.state != FriendState::friends) continue;
    const auto home = home_of_person(did, "did");
    if (!home.ok()) continue;
    by_home.try_emplace(*home, Json::array()).first->second.push_back(did);
  }
  for (auto& [home, people_there] : by_home) {
    Json params{{"from", person.me.did}, {"name", person.me.name}, {"to", std::move(people_there)}};
    if (person.told) {
      params["host"] = person.told->host;
      params["world"] = person.told->world;
      params["until_ms"] = person.here ? now_ms + kFriendPlaceMs : person.told->until_ms;
    }
    tell(friends, home, "friend.place", std::move(params), now_ms, [](const Result<Json>&) {});
  }
}

}  // namespace mw::federation
