// What the parts of Friends share. Not for other folders.
#pragma once

#include <deque>
#include <map>
#include <unordered_map>

#include "federation/friends.h"

namespace mw::federation {

struct Friends::State {
  Setup setup;
  Links links;
  records::Store* store = nullptr;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);

  struct Relation {
    std::string name;
    FriendState state = FriendState::asked;
    std::int64_t since_ms = 0;
    std::optional<FriendPlace> place;  // not on disk
  };
  // Of a friendship or a request, that the other home has not heard yet.
  struct Ending {
    std::string from;  // the DID of the person here
    int tells = 0;
    bool under_way = false;
    std::int64_t again_ms = 0;  // 0: not known yet
  };
  struct Person {
    std::map<std::string, Relation> relations;  // by DID
    std::map<std::string, Ending> endings;  // likewise; of nobody who stands in `relations`
    std::map<std::string, FriendBlock> blocks;
    std::deque<FriendMessage> messages;
    std::uint64_t last_number = 0, dropped = 0;
    bool share = false;
    // Of presence: who they are, where, where they went, and what was told of it last.
    Me me;
    std::optional<FriendPlace> here, away, told;
    std::int64_t away_ms = 0, told_ms = 0;
  };
  std::unordered_map<std::string, Person> people;  // by account
  std::size_t relations = 0, messages = 0, blocks = 0, endings = 0;

  explicit State(Setup given) : setup(std::move(given)) {}
  Person* find(const std::string& account);
  void changed(const std::string& account) const {
    if (links.changed) links.changed(account);
  }
  void write(records::Batch batch, std::function<void(Status)> done);
  // Sets or removes a relation; on disk, or as before when `done` has an error. What is removed takes its messages along.
  void put(const std::string& account, const std::string& did, std::optional<Relation> next,
           std::function<void(Status)> done, records::Batch with = {});
  // Removes it, and tells the other home until it hears.
  void put_end(Friends& friends, const Me& me, const std::string& did, std::function<void(Status)> done);
  void remove_messages(Person& person, const std::string& account, const std::string& did, records::Batch& batch);
  std::map<std::string, Relation> part(const std::string& account, const std::string& who, records::Batch& batch);
  // friends_endings.cpp
  void load_ending(const std::string& account, const Json& json);
  void add_ending(const Me& me, const std::string& did, records::Batch& batch);
  void drop_ending(const std::string& account, const std::string& did, records::Batch& batch);
  void tell_ending(Friends& friends, const std::string& account, const std::string& did, std::int64_t now_ms);
  void tell_endings(Friends& friends, std::int64_t now_ms);
  void put_settings(const std::string& account, std::function<void(Status)> done);
  // The oldest goes where there is no place. Error `full`: the host has none.
  void keep(const std::string& account, FriendMessage message, Done<FriendMessage> done);
  void answer_kept(const std::string& account, const std::string& from, const std::string& id, Done<Json> reply);
  Status place_for(const Person& person, const std::string& home, FriendState state) const;
  bool blocked(const Person& person, const std::string& did, const std::string& home) const;
  // By a call to their home, or here.
  void tell(Friends& friends, const std::string& home, const std::string& method, Json params, std::int64_t now_ms,
            Done<Json> done);
  void tell_place(Friends& friends, Person& person, std::int64_t now_ms);
};

// The home of a person, of the did:webvh. Error `invalid`, with the field.
Result<std::string> home_of_person(const std::string& did, std::string_view field);
// Whether the other home may not have heard.
bool unheard(const Result<Json>& told);
inline constexpr std::string_view kFriendEndingKey = "friend-ending/";
std::string friend_key(std::string_view prefix, const std::string& account, std::string_view who);
// What is shown of a name that another home tells.
std::string shown_name(const std::string& told);

}  // namespace mw::federation
