// What travellers have brought along, at the destination: each thing is held against the log of the person's home and shown under
// its lease, by a clock that is known to be right, or refused with a reason. The person is let in whatever comes of their things.
// Nothing is remembered through a restart: who comes again brings their things again.
// Bounds: limits::kVisitCarried things a person; a log that is not there yet is asked kAsks times. Rules: trust/carried.h, trust/lease.h.
// Sans I/O: `Setup::follow` reads logs. Thread: the control loop, also for its answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "trust/carried.h"

namespace mw::federation {

class Carrying {
 public:
  // What the log of a home says of some titles, all of it scanned.
  struct Ask {
    std::string home;  // authority
    crypto::PublicKey home_key;
    std::vector<trust::AssetId> assets;
  };
  using Standings = std::vector<std::pair<trust::AssetId, Result<trust::Standing>>>;
  using Follow = std::function<void(Ask, std::function<void(Result<Standings>)> answer)>;
  struct Setup {
    std::string did;  // of this host
    crypto::PublicKey key;
    Follow follow;
    std::function<Status(std::int64_t now_ms)> clock;  // of this host, against its witnesses
  };
  enum class State : std::uint8_t {
    checking,  // the log is asked
    waiting,  // it holds; the lease begins, or this host's clock is not known to be right
    here,
    refused,
    over,  // the lease is
  };
  struct Item {
    trust::CarriedThing told;
    trust::AssetId asset{};
    State state = State::checking;
    std::string why;  // in words, while it is not here
    trust::Lease lease;  // once it was checked
    trust::Assurance assurance = trust::Assurance::caught;
    bool in_hand = false;
    int asked = 0;
    std::int64_t next_ms = 0;  // when the log is asked again
  };

  explicit Carrying(Setup setup);
  ~Carrying();

  // Instead of what this visitor had brought before.
  void arrive(VisitorId visitor, const std::string& home, const crypto::PublicKey& home_key,
              const std::vector<trust::CarriedThing>& things, std::int64_t now_ms);
  void forget(VisitorId visitor);
  void forget_unless(const std::function<bool(VisitorId)>& stays);
  // Once a second or so. Those of whose things something has changed since.
  std::vector<VisitorId> tick(std::int64_t now_ms);

  const std::vector<Item>& of(VisitorId visitor) const;
  // Into the hand, out of which comes what was there; an empty asset empties the hand. Errors `not_found`, `unavailable` (not here).
  Status take(VisitorId visitor, std::string_view asset);

 private:
  struct Person {
    std::string home;
    crypto::PublicKey key;
    std::vector<Item> items;
    bool asking = false;
    std::uint64_t visit = 0;  // tells a late answer about an earlier visit
  };
  void ask(VisitorId visitor, Person& person, std::int64_t now_ms);
  void answered(VisitorId visitor, const Result<Standings>& result);
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
