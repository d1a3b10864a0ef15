// Friends, blocks, presence and messages, kept at each person's own home. The two homes of a friendship tell each other by calls
// between hosts (schema/hosts.md, "friend.*"): each keeps its own person's side, and believes another home only about people who live
// there. Two people of one home are told the same way, without a network. Sans I/O.
// Kept: who is a friend or asks, the last kMessages messages of a person, blocks, and whether friends may see where they are. On disk
// before anything is answered. Where friends are is in memory alone, and expires. That something ended is kept until the other home
// has heard it.
// Keys in the store, all JSON: "friend/ACCOUNT/HASH", "friend-block/ACCOUNT/HASH", "friend-ending/ACCOUNT/HASH",
// "friend-message/ACCOUNT/NUMBER", "friend-settings/ACCOUNT".
// Bounds: below. A list that is full refuses what is new (`full`); of messages the oldest goes, and is counted as dropped; an end
// beyond kFriends that wait is told once.
// Thread: load on the starting thread; afterwards the control loop alone, also for callbacks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "data/json.h"
#include "records/store_queue.h"

namespace mw::federation {

// Of one person.
inline constexpr std::size_t kFriends = 500;  // with those whom they have asked
inline constexpr std::size_t kFriendRequests = 100, kFriendRequestsPerHome = 20;  // of others, not answered yet
inline constexpr std::size_t kFriendMessages = 100, kFriendBlocks = 1'000;
inline constexpr std::size_t kFriendTextChars = 1'000;
inline constexpr std::size_t kFriendMessagesPerMinute = 20;  // from one friend
// Of the host.
inline constexpr std::size_t kFriendsOfHost = 200'000, kFriendMessagesOfHost = 200'000, kFriendBlocksOfHost = 200'000;
// Where somebody is, is told again so often, is believed for so long, and is told at most so often when it changes. Where somebody
// went by a visit is not heard again until they are back: it is shown for kFriendAwayMs.
inline constexpr std::int64_t kFriendPlaceAgainMs = 120'000, kFriendPlaceMs = 300'000, kFriendPlaceLeastMs = 10'000;
inline constexpr std::int64_t kFriendAwayMs = 30LL * 60 * 1000;
// A home that has not heard of an end is told again, after pauses that double up to the longest: for some five days.
inline constexpr std::int64_t kFriendEndPauseMs = 10'000, kFriendEndPauseMostMs = 6LL * 60 * 60 * 1000;
inline constexpr int kFriendEndTells = 30;

enum class FriendState : std::uint8_t {
  asked,  // the person here has asked
  asks,  // the other has
  friends,
};
std::string_view name_of(FriendState state);  // "asked", "asks", "friends"

struct FriendPlace {
  std::string host, world;  // authority; the world's name
  std::int64_t until_ms = 0;
  friend bool operator==(const FriendPlace& a, const FriendPlace& b) { return a.host == b.host && a.world == b.world; }
};

struct Friend {
  std::string did, home, name;  // did:webvh; authority; as their home said last, cleaned
  FriendState state = FriendState::asked;
  std::int64_t since_ms = 0;
  std::size_t unread = 0;
  std::optional<FriendPlace> place;
};

struct FriendMessage {
  std::uint64_t number = 0;  // grows with each message that the person's home keeps
  std::string with, id, text;  // the other's DID; the sender's name for it
  bool mine = false, read = false;
  std::int64_t time_ms = 0;  // when this home took it
};

struct FriendBlock {
  std::string who, name;  // a DID, the authority of a host, or "visitor:ID" for a guest of this host
  std::int64_t since_ms = 0;
};

class Friends {
 public:
  template <class T>
  using Done = std::function<void(Result<T>)>;
  struct Setup {
    std::string authority;  // of this host
    std::function<void(std::span<Byte>)> entropy;
  };
  struct Links {
    // The account of a person of here; empty for anybody else.
    std::function<std::string(const std::string& did)> account;
    std::function<std::string(const std::string& account)>
        name;  // as they are called now; empty where that is not known
    // A call to another host.
    std::function<void(const std::string& authority, const std::string& method, Json params, Done<Json>)> call;
    std::function<void(const std::string& account)> changed;  // something of what is shown to them
  };
  // Who acts: somebody with an account here.
  struct Me {
    std::string account, did, name;
  };

  // Errors: those of the journal; `damaged`.
  static Result<std::unique_ptr<Friends>> load(records::Journal& journal, Setup setup);
  ~Friends();
  void attach(records::Store& store);  // it outlives the callbacks; required before the calls below
  void connect(Links links);  // likewise; again for a new owner

  std::vector<Friend> list(const std::string& account, std::int64_t now_ms) const;
  std::vector<FriendBlock> blocks(const std::string& account) const;
  // `who` as in FriendBlock; of a person also by their host.
  bool blocks(const std::string& account, const std::string& who) const;
  std::vector<FriendMessage> messages(const std::string& account, const std::string& with) const;  // oldest first
  bool shares(const std::string& account) const;
  std::uint64_t dropped(const std::string& account) const;  // messages that went for want of space

  // Errors of all of them: those of the store; `invalid` for what is no person (did:webvh); what the other home answers, and
  // `unavailable` where it does not. Of `ask`: `conflict` (friends, blocked by oneself), `full`. The answer is the state from now on.
  void ask(const Me& me, const std::string& did, std::int64_t now_ms, Done<FriendState> done);
  // Errors: `not_found` when they do not ask.
  void answer(const Me& me, const std::string& did, bool accept, std::int64_t now_ms, Done<bool> done);
  // A friendship, or a request that was made; with its messages. False: there was none. The other home is told until it hears (`tick`);
  // its person finds out with their next message too.
  void end(const Me& me, const std::string& did, Done<bool> done);
  // On both disks when `done` has a value. Errors: `forbidden` (no friend, or no more), `invalid` (text), `rate_limited`.
  void say(const Me& me, const std::string& did, const std::string& text, std::int64_t now_ms,
           Done<FriendMessage> done);
  void read(const Me& me, const std::string& did, Done<bool> done);  // all of theirs so far; false: there were none
  // Whoever is blocked can neither ask, write nor be seen; what there was between them ends. They are not told. False: was so already.
  void block(const Me& me, FriendBlock who, Done<bool> done);
  void unblock(const Me& me, const std::string& who, Done<bool> done);
  void share(const Me& me, bool place, Done<bool> done);

  // Where people are. `sharing`: whose place somebody may see; for them, `seen` with the world of this host that they are in (empty:
  // none) and since when, every second or so. `went`: a visit of theirs was told to another host. `tick`, every second or so, tells the
  // friends' homes, also of what ended.
  std::vector<std::string> sharing() const;
  void seen(const Me& me, const std::string& world, std::int64_t since_ms, std::int64_t now_ms);
  void went(const std::string& account, const std::string& host, const std::string& world, std::int64_t now_ms);
  void tick(std::int64_t now_ms);

  // A call of another host, by name. Errors `forbidden` with the member for what it may not say; `invalid`, `not_found` (`to` does
  // not live here), `full`, `rate_limited`.
  static const std::vector<std::string>& methods();
  void receive(const std::string& method, const std::string& from_host, const Json& params, std::int64_t now_ms,
               Done<Json> reply);

 private:
  struct State;
  explicit Friends(std::unique_ptr<State> state);
  void become_friends(const std::string& account, const std::string& from, const std::string& name,
                      const std::string& to, std::int64_t now_ms, std::function<void(Status)> done);
  void tell_accepted(const std::string& account, const std::string& to, const std::string& me, std::int64_t now_ms);
  void hear_message(const std::string& account, const std::string& from, const std::string& name, const Json& params,
                    std::int64_t now_ms, Done<Json> reply);
  void hear_place(const std::string& from, const Json& params, std::int64_t now_ms, const Done<Json>& reply);
  std::unique_ptr<State> state_;
};

}  // namespace mw::federation
