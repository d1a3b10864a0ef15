// What is kept of friends, and what a person does about them.
#include "federation/friends.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/assert.h"
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "federation/friends_state.h"
#include "trust/did.h"

namespace mw::federation {
namespace {

constexpr std::string_view kFriend = "friend/", kBlock = "friend-block/", kMessage = "friend-message/",
                           kSettings = "friend-settings/";
constexpr std::string_view kGuest = "visitor:";
constexpr std::size_t kTextBytes = kFriendTextChars * 4, kIdBytes = 16;

Error damaged(std::string_view key) { return Error{ErrorKind::damaged, std::string(key), "not as it was written"}; }

std::string message_key(const std::string& account, std::uint64_t number) {
  return format("{}{}/{:020}", kMessage, account, number);
}
std::string settings_key(const std::string& account) { return std::string(kSettings) + account; }

// "friend/ACCOUNT/..." -> ACCOUNT.
std::string account_in(std::string_view key, std::string_view prefix) {
  key.remove_prefix(prefix.size());
  return std::string(key.substr(0, key.find('/')));
}

std::string text_of(const FriendMessage& message) {
  return data::to_text(Json{{"with", message.with},
                            {"id", message.id},
                            {"text", message.text},
                            {"mine", message.mine},
                            {"read", message.read},
                            {"time_ms", message.time_ms}});
}

Result<FriendState> state_of(const std::string& text) {
  for (const auto state : {FriendState::asked, FriendState::asks, FriendState::friends})
    if (name_of(state) == text) return state;
  return invalid("state", "unknown");
}

// Reads every value under a prefix, into whose account it is of.
Status read_all(records::Journal& journal, std::string_view prefix, std::size_t most,
                const std::function<void(const std::string& account, const std::string& key, const Json&)>& take) {
  const auto values = journal.list(prefix, most);
  MW_TRY(values);
  for (const auto& [key, text] : *values) {
    const auto json = data::parse_json(text);
    if (!json.ok() || !json->is_object()) return damaged(key);
    try {
      take(account_in(key, prefix), key, *json);
    } catch (const Json::exception&) {
      return damaged(key);
    }
  }
  return ok();
}

}  // namespace

std::string friend_key(std::string_view prefix, const std::string& account, std::string_view who) {
  return format("{}{}/{}", prefix, account, crypto::base64url(crypto::sha256(as_bytes(who))));
}

std::string_view name_of(FriendState state) {
  switch (state) {
    case FriendState::asked: return "asked";
    case FriendState::asks: return "asks";
    case FriendState::friends: return "friends";
  }
  return "";
}

Result<std::string> home_of_person(const std::string& did, std::string_view field) {
  const auto place = trust::parse_web_did(did);
  if (!place.ok() || !place->is_webvh() || place->path.empty())
    return invalid(std::string(field), "expected the did:webvh of a person");
  return place->authority();
}

std::string shown_name(const std::string& told) {
  const auto clean = clean_name(told);
  return clean.ok() ? *clean : std::string();
}

// --- Memory and store ------------------------------------------------------------------------------------------------

Friends::Friends(std::unique_ptr<State> state) : state_(std::move(state)) {}
Friends::~Friends() { *state_->alive = false; }

Result<std::unique_ptr<Friends>> Friends::load(records::Journal& journal, Setup setup) {
  auto state = std::make_unique<State>(std::move(setup));
  auto& people = state->people;
  bool good = true;
  MW_TRY(read_all(journal, kFriend, kFriendsOfHost, [&](const auto& account, const auto&, const Json& json) {
    const auto kept = state_of(json.at("state").template get<std::string>());
    good = good && kept.ok();
    if (!kept.ok()) return;
    people[account].relations[json.at("did").template get<std::string>()] = {
        json.at("name").template get<std::string>(), *kept, json.at("since_ms").template get<std::int64_t>(), {}};
    ++state->relations;
  }));
  MW_TRY(read_all(journal, kBlock, kFriendBlocksOfHost, [&](const auto& account, const auto&, const Json& json) {
    FriendBlock block{json.at("who"), json.at("name"), json.at("since_ms")};
    people[account].blocks[block.who] = block;
    ++state->blocks;
  }));
  MW_TRY(read_all(journal, kFriendEndingKey, kFriendsOfHost,
                  [&](const auto& account, const auto&, const Json& json) { state->load_ending(account, json); }));
  MW_TRY(
      read_all(journal, kMessage, kFriendMessagesOfHost, [&](const auto& account, const auto& key, const Json& json) {
        FriendMessage message;
        const auto number = std::string_view(key).substr(key.rfind('/') + 1);
        good = good && std::from_chars(number.data(), number.data() + number.size(), message.number).ec == std::errc();
        message.with = json.at("with");
        message.id = json.at("id");
        message.text = json.at("text");
        message.mine = json.at("mine");
        message.read = json.at("read");
        message.time_ms = json.at("time_ms");
        auto& person = people[account];
        person.last_number = std::max(person.last_number, message.number);
        person.messages.push_back(std::move(message));
        ++state->messages;
      }));
  MW_TRY(read_all(journal, kSettings, limits::kAccounts, [&](const auto& account, const auto&, const Json& json) {
    people[account].share = json.at("share");
    people[account].dropped = json.at("dropped");
  }));
  if (!good) return damaged(kFriend);
  return std::unique_ptr<Friends>(new Friends(std::move(state)));
}

void Friends::attach(records::Store& store) { state_->store = &store; }
void Friends::connect(Links links) { state_->links = std::move(links); }

Friends::State::Person* Friends::State::find(const std::string& account) {
  const auto at = people.find(account);
  return at == people.end() ? nullptr : &at->second;
}

void Friends::State::write(records::Batch batch, std::function<void(Status)> done) {
  MW_ASSERT(store != nullptr);
  store->commit(std::move(batch), [living = alive, done = std::move(done)](auto result) {
    if (*living) done(result.ok() ? ok() : Status(result.error()));
  });
}

void Friends::State::remove_messages(Person& person, const std::string& account, const std::string& did,
                                     records::Batch& batch) {
  for (const auto& message : person.messages)
    if (message.with == did) batch.removes.push_back(message_key(account, message.number));
  messages -= std::erase_if(person.messages, [&](const auto& message) { return message.with == did; });
}

void Friends::State::put(const std::string& account, const std::string& did, std::optional<Relation> next,
                         std::function<void(Status)> done, records::Batch with) {
  auto& person = people[account];
  records::Batch batch = std::move(with);
  std::optional<Relation> before;
  if (const auto at = person.relations.find(did); at != person.relations.end()) before = at->second;
  if (next) {
    batch.puts.emplace_back(
        friend_key(kFriend, account, did),
        data::to_text(
            Json{{"did", did}, {"name", next->name}, {"state", name_of(next->state)}, {"since_ms", next->since_ms}}));
    person.relations[did] = *next;
    drop_ending(account, did, batch);
  } else {
    batch.removes.push_back(friend_key(kFriend, account, did));
    person.relations.erase(did);
    remove_messages(person, account, did, batch);
  }
  relations += (next ? 1 : 0) - (before ? 1 : 0);
  write(std::move(batch), [this, account, did, before, had = next.has_value(), done = std::move(done)](Status status) {
    if (!status.ok()) {
      auto& kept = people[account].relations;
      relations += (before ? 1 : 0) - (had ? 1 : 0);
      if (before)
        kept[did] = *before;
      else
        kept.erase(did);
    }
    changed(account);
    done(std::move(status));
  });
}

// Takes what there is between somebody and a person, or the people of a host, out of memory, and out of the store with the batch.
// What was written goes for good; the relations are given back.
std::map<std::string, Friends::State::Relation> Friends::State::part(const std::string& account, const std::string& who,
                                                                     records::Batch& batch) {
  auto& person = people[account];
  std::map<std::string, Relation> ended;
  for (const auto& [did, relation] : person.relations) {
    const auto home = home_of_person(did, "did");
    if (did == who || (home.ok() && *home == who)) ended.emplace(did, relation);
  }
  for (const auto& [did, relation] : ended) {
    batch.removes.push_back(friend_key(kFriend, account, did));
    remove_messages(person, account, did, batch);
    person.relations.erase(did);
  }
  relations -= ended.size();
  return ended;
}

void Friends::State::put_end(Friends& friends, const Me& me, const std::string& did, std::function<void(Status)> done) {
  records::Batch batch;
  add_ending(me, did, batch);
  const auto finish = [this, &friends, me, did, done = std::move(done)](const Status& kept) {
    if (kept.ok())
      tell_ending(friends, me.account, did, 0);
    else if (people[me.account].endings.erase(did) > 0)
      --endings;
    done(kept);
  };
  put(me.account, did, {}, finish, std::move(batch));
}

void Friends::State::put_settings(const std::string& account, std::function<void(Status)> done) {
  const auto& person = people[account];
  records::Batch batch;
  batch.puts.emplace_back(settings_key(account),
                          data::to_text(Json{{"share", person.share}, {"dropped", person.dropped}}));
  write(std::move(batch), std::move(done));
}

void Friends::State::keep(const std::string& account, FriendMessage message, Done<FriendMessage> done) {
  auto& person = people[account];
  records::Batch batch;
  if (person.messages.size() >= kFriendMessages) {
    batch.removes.push_back(message_key(account, person.messages.front().number));
    person.messages.pop_front();
    --messages;
    ++person.dropped;
    batch.puts.emplace_back(settings_key(account),
                            data::to_text(Json{{"share", person.share}, {"dropped", person.dropped}}));
  }
  if (messages >= kFriendMessagesOfHost) return done(failure(ErrorKind::full, "this host keeps no more messages"));
  message.number = ++person.last_number;
  batch.puts.emplace_back(message_key(account, message.number), text_of(message));
  person.messages.push_back(message);
  ++messages;
  write(std::move(batch), [this, account, message, done = std::move(done)](const Status& status) {
    if (!status.ok()) {
      messages -=
          std::erase_if(people[account].messages, [&](const auto& one) { return one.number == message.number; });
      return done(status.error());
    }
    changed(account);
    done(message);
  });
}

// Whether one more of these has a place. `asks` counts against the requests, the others against the friends.
Status Friends::State::place_for(const Person& person, const std::string& home, FriendState state) const {
  if (relations >= kFriendsOfHost) return failure(ErrorKind::full, "this host keeps no more friends");
  std::size_t requests = 0, of_home = 0;
  for (const auto& [did, relation] : person.relations) {
    if (relation.state != FriendState::asks) continue;
    ++requests;
    const auto theirs = home_of_person(did, "did");
    if (theirs.ok() && *theirs == home) ++of_home;
  }
  if (state != FriendState::asks)
    return person.relations.size() - requests < kFriends
               ? ok()
               : Status(failure(ErrorKind::full, format("nobody has more than {} friends", kFriends)));
  if (requests >= kFriendRequests || of_home >= kFriendRequestsPerHome)
    return failure(ErrorKind::full, "too many requests wait for an answer of this person");
  return ok();
}

bool Friends::State::blocked(const Person& person, const std::string& did, const std::string& home) const {
  return person.blocks.contains(did) || person.blocks.contains(home);
}

// --- What is shown ---------------------------------------------------------------------------------------------------

std::vector<Friend> Friends::list(const std::string& account, std::int64_t now_ms) const {
  std::vector<Friend> list;
  const auto* person = state_->find(account);
  if (person == nullptr) return list;
  for (const auto& [did, relation] : person->relations) {
    Friend one;
    one.did = did;
    if (auto home = home_of_person(did, "did"); home.ok()) one.home = *std::move(home);
    one.name = relation.name;
    one.state = relation.state;
    one.since_ms = relation.since_ms;
    if (relation.place && relation.place->until_ms > now_ms) one.place = relation.place;
    one.unread = static_cast<std::size_t>(std::ranges::count_if(
        person->messages, [&](const auto& message) { return message.with == did && !message.mine && !message.read; }));
    list.push_back(std::move(one));
  }
  return list;
}

std::vector<FriendBlock> Friends::blocks(const std::string& account) const {
  std::vector<FriendBlock> list;
  if (const auto* person = state_->find(account))
    for (const auto& [who, block] : person->blocks) list.push_back(block);
  return list;
}

bool Friends::blocks(const std::string& account, const std::string& who) const {
  const auto* person = state_->find(account);
  if (person == nullptr) return false;
  const auto home = home_of_person(who, "who");
  return state_->blocked(*person, who, home.ok() ? *home : who);
}

std::vector<FriendMessage> Friends::messages(const std::string& account, const std::string& with) const {
  std::vector<FriendMessage> list;
  if (const auto* person = state_->find(account))
    std::ranges::copy_if(person->messages, std::back_inserter(list),
                         [&](const auto& message) { return message.with == with; });
  return list;
}

bool Friends::shares(const std::string& account) const {
  const auto* person = state_->find(account);
  return person != nullptr && person->share;
}

std::uint64_t Friends::dropped(const std::string& account) const {
  const auto* person = state_->find(account);
  return person == nullptr ? 0 : person->dropped;
}

// --- What a person does ----------------------------------------------------------------------------------------------

void Friends::ask(const Me& me, const std::string& did, std::int64_t now_ms, Done<FriendState> done) {
  auto& s = *state_;
  const auto home = home_of_person(did, "did");
  if (!home.ok()) return done(home.error());
  if (did == me.did) return done(invalid("did", "this is you"));
  auto& person = s.people[me.account];
  if (s.blocked(person, did, *home))
    return done(failure(ErrorKind::conflict, "you have blocked them; unblock them first"));
  if (const auto at = person.relations.find(did); at != person.relations.end()) {
    if (at->second.state == FriendState::friends) return done(failure(ErrorKind::conflict, "you are friends already"));
    if (at->second.state == FriendState::asks)
      return answer(me, did, true, now_ms, [done](const Result<bool>& result) {
        done(result.ok() ? Result<FriendState>(FriendState::friends) : Result<FriendState>(result.error()));
      });
  } else if (const auto place = s.place_for(person, *home, FriendState::asked); !place.ok()) {
    return done(place.error());
  }
  // Ours is on disk first: an answer that comes at once finds that it was asked for.
  s.put(me.account, did, State::Relation{"", FriendState::asked, now_ms, {}},
        [this, me, did, home = *home, now_ms, done = std::move(done)](const Status& kept) {
          if (!kept.ok()) return done(kept.error());
          const Json params{{"from", me.did}, {"to", did}, {"name", me.name}};
          state_->tell(*this, home, "friend.ask", params, now_ms, [this, me, did, done](const Result<Json>& told) {
            if (told.ok()) return done(FriendState::asked);
            const auto* now = state_->find(me.account);
            const auto at = now->relations.find(did);
            if (at == now->relations.end() || at->second.state != FriendState::asked) return done(told.error());
            const auto finish = [done, error = told.error()](const Status&) { done(error); };
            unheard(told) ? state_->put_end(*this, me, did, finish) : state_->put(me.account, did, {}, finish);
          });
        });
}

void Friends::answer(const Me& me, const std::string& did, bool accept, std::int64_t now_ms, Done<bool> done) {
  auto& s = *state_;
  const auto& relations = s.people[me.account].relations;
  const auto at = relations.find(did);
  if (at == relations.end() || at->second.state != FriendState::asks)
    return done(Error{ErrorKind::not_found, "did", "they do not ask"});
  const auto home = home_of_person(did, "did");
  if (!home.ok()) return done(home.error());
  if (accept)
    if (const auto place = s.place_for(s.people[me.account], *home, FriendState::friends); !place.ok())
      return done(place.error());
  const Json params{{"from", me.did}, {"to", did}, {"name", me.name}, {"accepted", accept}};
  const auto settle = [this, me, did, accept, name = at->second.name, now_ms, done](const Result<Json>& told) {
    const auto finish = [done, accept, told](const Status& kept) {
      if (!kept.ok()) return done(kept.error());
      done(accept && !told.ok() ? Result<bool>(told.error()) : Result<bool>(true));
    };
    // A request that its home knows nothing of any more is over; a home that is down may be asked again later.
    if (!told.ok() && told.error().kind == ErrorKind::forbidden) return state_->put(me.account, did, {}, finish);
    if (!accept)
      return unheard(told) ? state_->put_end(*this, me, did, finish) : state_->put(me.account, did, {}, finish);
    if (!told.ok()) return done(told.error());
    state_->put(me.account, did, State::Relation{name, FriendState::friends, now_ms, {}}, finish);
  };
  s.tell(*this, *home, "friend.answer", params, now_ms, settle);
}

void Friends::end(const Me& me, const std::string& did, Done<bool> done) {
  auto& s = *state_;
  const auto& relations = s.people[me.account].relations;
  if (!relations.contains(did)) return done(false);
  s.put_end(*this, me, did, [done = std::move(done)](const Status& kept) {
    done(kept.ok() ? Result<bool>(true) : Result<bool>(kept.error()));
  });
}

void Friends::say(const Me& me, const std::string& did, const std::string& text, std::int64_t now_ms,
                  Done<FriendMessage> done) {
  auto& s = *state_;
  const auto& relations = s.people[me.account].relations;
  const auto at = relations.find(did);
  if (at == relations.end() || at->second.state != FriendState::friends)
    return done(Error{ErrorKind::forbidden, "did", "you are not friends"});
  auto clean = clean_text(text, "text", kTextBytes, kFriendTextChars);
  if (!clean.ok()) return done(clean.error());
  const auto home = home_of_person(did, "did");
  if (!home.ok()) return done(home.error());
  Bytes random(kIdBytes);
  s.setup.entropy(random);
  FriendMessage message;
  message.with = did;
  message.id = crypto::base64url(random);
  message.text = *std::move(clean);
  message.mine = message.read = true;
  message.time_ms = now_ms;
  const Json params{{"from", me.did}, {"to", did}, {"name", me.name}, {"id", message.id}, {"text", message.text}};
  s.tell(*this, *home, "friend.message", params, now_ms, [this, me, did, message, done](const Result<Json>& told) {
    if (told.ok()) return state_->keep(me.account, message, done);
    const auto& error = told.error();
    if (error.kind != ErrorKind::forbidden || error.field != "from") return done(error);
    // Their home says that they are no friends any more: it ended, and its call did not come through.
    state_->put(me.account, did, {},
                [done](const Status&) { done(Error{ErrorKind::forbidden, "did", "you are not friends any more"}); });
  });
}

void Friends::read(const Me& me, const std::string& did, Done<bool> done) {
  auto& s = *state_;
  records::Batch batch;
  for (auto& message : s.people[me.account].messages) {
    if (message.with != did || message.mine || message.read) continue;
    message.read = true;
    batch.puts.emplace_back(message_key(me.account, message.number), text_of(message));
  }
  if (batch.puts.empty()) return done(false);
  s.write(std::move(batch), [&s, account = me.account, done = std::move(done)](const Status& status) {
    s.changed(account);
    done(status.ok() ? Result<bool>(true) : Result<bool>(status.error()));
  });
}

void Friends::block(const Me& me, FriendBlock who, Done<bool> done) {
  auto& s = *state_;
  auto& person = s.people[me.account];
  const bool is_person = home_of_person(who.who, "who").ok(), is_guest = who.who.starts_with(kGuest);
  if (!is_person && !is_guest && !trust::did_web(who.who).ok())
    return done(invalid("who", "expected a person (did:webvh), a host or a visitor"));
  if (who.who == me.did) return done(invalid("who", "this is you"));
  if (person.blocks.contains(who.who)) return done(false);
  if (person.blocks.size() >= kFriendBlocks || s.blocks >= kFriendBlocksOfHost)
    return done(failure(ErrorKind::full, format("nobody blocks more than {}", kFriendBlocks)));
  who.name = shown_name(who.name);
  person.blocks[who.who] = who;
  ++s.blocks;
  // One batch: after a crash nobody is a friend of whom they have blocked.
  records::Batch batch;
  batch.puts.emplace_back(friend_key(kBlock, me.account, who.who),
                          data::to_text(Json{{"who", who.who}, {"name", who.name}, {"since_ms", who.since_ms}}));
  const auto ended = s.part(me.account, who.who, batch);
  for (const auto& [did, relation] : ended) s.add_ending(me, did, batch);
  s.write(std::move(batch), [this, me, who, ended, done = std::move(done)](const Status& status) {
    auto& now = state_->people[me.account];
    if (!status.ok()) {
      state_->blocks -= now.blocks.erase(who.who);
      state_->relations += ended.size();
      for (const auto& [did, relation] : ended) {
        now.relations[did] = relation;
        state_->endings -= now.endings.erase(did);
      }
      return done(status.error());
    }
    for (const auto& [did, relation] : ended) state_->tell_ending(*this, me.account, did, 0);
    state_->changed(me.account);
    done(true);
  });
}

void Friends::unblock(const Me& me, const std::string& who, Done<bool> done) {
  auto& s = *state_;
  const auto removed = s.people[me.account].blocks.erase(who);
  if (removed == 0) return done(false);
  s.blocks -= removed;
  records::Batch batch;
  batch.removes.push_back(friend_key(kBlock, me.account, who));
  s.write(std::move(batch), [&s, account = me.account, done = std::move(done)](const Status& status) {
    s.changed(account);
    done(status.ok() ? Result<bool>(true) : Result<bool>(status.error()));
  });
}

void Friends::share(const Me& me, bool place, Done<bool> done) {
  auto& s = *state_;
  auto& person = s.people[me.account];
  if (person.share == place) return done(false);
  person.share = place;
  person.me = me;
  s.put_settings(me.account, [&s, account = me.account, place, done = std::move(done)](const Status& status) {
    if (!status.ok()) s.people[account].share = !place;
    s.changed(account);
    done(status.ok() ? Result<bool>(true) : Result<bool>(status.error()));
  });
}

}  // namespace mw::federation
