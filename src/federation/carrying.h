// What travellers have brought along, at the destination: each thing is held against the log that its title lives in and shown under
// its lease, by a clock that is known to be right, or refused with a reason. The person is let in whatever comes of their things.
// What somebody gives away here goes into the other's hands when the log says that it is theirs, and stays under the same lease.
// Through a restart goes what the host stores of it (to_store, restore); all of it is held against the logs again.
// Bounds: limits::kVisitCarried things a person; a log that is not there yet is asked kAsks times. Rules: trust/carried.h, trust/lease.h.
// Sans I/O: `Setup::follow` reads logs. Thread: the control loop, also for its answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "data/json.h"
#include "federation/log_question.h"
#include "trust/carried.h"

namespace mw::federation {

class Carrying {
 public:
  struct Setup {
    std::string did;  // of this host
    crypto::PublicKey key;
    FollowLog follow;
    LogKeyOf key_of;
    std::function<Status(std::int64_t now_ms)> clock;  // of this host, against its witnesses
  };
  enum class State : std::uint8_t {
    checking,  // the log is asked
    waiting,  // it holds; the lease begins, or this host's clock is not known to be right
    here,
    refused,
    over,  // the lease is
  };
  // Whom the thing is to belong to, once its owner has said so where the title's key is kept.
  struct Promise {
    VisitorId to;
    std::string home;  // authority of theirs
    crypto::PublicKey key;
    std::int64_t until_ms = 0;
    bool held = false;  // they hold it, as their home says
  };
  struct Item {
    trust::CarriedThing told;
    trust::AssetId asset{};
    std::string host;  // authority of the host whose log it is
    std::optional<crypto::PublicKey> log_key;  // of that host, once it is known
    std::optional<Promise> promise;
    State state = State::checking;
    std::string why;  // in words, while it is not here
    trust::Lease lease;  // once it was checked
    trust::Assurance assurance = trust::Assurance::caught;
    bool in_hand = false;
    bool to_hand = false;  // as soon as it is here: it was in the hand before a restart
    int asked = 0;
    std::int64_t next_ms = 0;  // when the log is asked again
  };

  explicit Carrying(Setup setup);
  ~Carrying();

  // Instead of what this visitor had brought before.
  void arrive(VisitorId visitor, const std::string& home, const crypto::PublicKey& home_key,
              const std::vector<trust::CarriedThing>& things, std::int64_t now_ms);
  // What somebody has here, as `restore` reads it; null: nothing.
  Json to_store(VisitorId visitor) const;
  // After a restart. What does not read, and what was leased until before now, is left out.
  void restore(VisitorId visitor, const Json& stored, std::int64_t now_ms);
  // From now on the log is asked whether the thing belongs to this key, until then. Error `not_found`: it is not here.
  Status promise(VisitorId from, const trust::AssetId& asset, Promise promise);
  void unpromise(VisitorId from, const trust::AssetId& asset);
  // The thing is shown here no more: what is to be signed and said to the host whose log it is.
  struct Released {
    trust::AssetId asset{};
    std::string host, log;  // authority, origin
    trust::Lease lease;
  };
  // `home` is who asks: that of the person who has it. Error `not_found`.
  Result<Released> release(const std::string& home, const trust::AssetId& asset);
  // All that somebody has here.
  std::vector<Released> release(VisitorId visitor);
  void forget(VisitorId visitor);
  void forget_unless(const std::function<bool(VisitorId)>& stays);
  // Once a second or so. Those of whose things something has changed since.
  std::vector<VisitorId> tick(std::int64_t now_ms);

  const std::vector<Item>& of(VisitorId visitor) const;
  // Into the hand, out of which comes what was there; an empty asset empties the hand. Errors `not_found`, `unavailable` (not here).
  Status take(VisitorId visitor, std::string_view asset);

 private:
  struct Person {
    std::string home;  // authority
    std::vector<Item> items;
    std::size_t asking = 0;  // logs that have not answered
    std::uint64_t visit = 0;  // tells a late answer about an earlier visit
  };
  Item* find(VisitorId visitor, const trust::AssetId& asset);
  void ask(VisitorId visitor, Person& person, std::int64_t now_ms);
  void ask_log(VisitorId visitor, std::uint64_t visit, LogQuestion question);
  void found_key(VisitorId visitor, std::uint64_t visit, LogQuestion question, const Result<crypto::PublicKey>& key);
  // The person that an answer is for, if it still is.
  Person* waiting_for(VisitorId visitor, std::uint64_t visit);
  void answered(VisitorId visitor, const std::string& host, const Result<Standings>& result);
  Released let_go(VisitorId visitor, Item& item);
  void hand_over(VisitorId from, const trust::AssetId& asset);
  bool judge(VisitorId visitor, Item& item, const Result<trust::Standing>& standing);
  bool update(Item& item, const Status& clock, std::int64_t now_ms) const;
  bool elsewhere_here(VisitorId visitor, const trust::AssetId& asset) const;

  Setup setup_;
  std::unordered_map<VisitorId, Person> people_;
  std::vector<VisitorId> news_;
  std::int64_t now_ms_ = 0;
  std::uint64_t visits_ = 0;
  std::shared_ptr<bool> alive_;
};

std::string_view name_of(Carrying::State state);  // "checking", ...

}  // namespace mw::federation
