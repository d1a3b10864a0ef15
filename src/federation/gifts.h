// Things that travellers give to one another, at the destination: offered by one, accepted by the other, and given when the owner has
// said so at the home that keeps the title's key and the log says that it is so. This host moves no title and signs nothing.
// Bounds: kFromOne open gifts by one person and kToOne to one, beyond them `rate_limited`; an offer ends after kOfferedMs, one that
// was accepted after kAcceptedMs.
// Sans I/O: `Address` asks the home of whoever gets it. Thread: the control loop, also for its answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "federation/carrying.h"

namespace mw::federation {

class Gifts {
 public:
  static constexpr std::size_t kFromOne = 4, kToOne = 8;
  static constexpr std::int64_t kOfferedMs = 60'000, kAcceptedMs = 300'000;

  enum class State : std::uint8_t {
    offered,
    accepted,  // the owner has yet to say so at home
    given,
    declined,  // by either of them
    over,  // nobody said anything in time
  };
  // Where somebody takes things.
  struct Recipient {
    std::string person, home;  // did:webvh; authority
    crypto::PublicKey key;
    bool held = false;  // by themselves
  };
  // `thing` is what it is about: their home looks at the log that it lives in. Error: whoever it is cannot own anything, and why.
  using Address =
      std::function<void(VisitorId to, const Carrying::Item& thing, std::function<void(Result<Recipient>)> answer)>;
  struct Gift {
    std::uint64_t id = 0;
    VisitorId from, to;
    trust::AssetId asset{};
    State state = State::offered;
    std::int64_t until_ms = 0;
    std::string person;  // the DID of whom it is for, once they have accepted
    bool accepting = false;  // their home is asked
  };

  Gifts(Carrying& carrying, Address address);
  ~Gifts();

  // Errors: `not_found` (they do not have it here), `invalid` (to oneself), `conflict` (it is offered to somebody), `rate_limited`.
  Result<std::uint64_t> offer(VisitorId from, VisitorId to, const trust::AssetId& asset, std::int64_t now_ms);
  // Errors: `not_found`, `conflict` (not any more), those of `Address`.
  void accept(VisitorId by, std::uint64_t id, std::int64_t now_ms, std::function<void(Status)> done);
  Status decline(VisitorId by, std::uint64_t id);  // or taken back. Error `not_found`

  // Once a second or so. Those to whom there is news; what has ended is told once, and forgotten with the next tick.
  std::vector<VisitorId> tick(std::int64_t now_ms);
  std::vector<Gift> of(VisitorId visitor) const;  // from them and to them, oldest first

 private:
  static bool open(const Gift& gift) { return gift.state == State::offered || gift.state == State::accepted; }
  Gift* find(std::uint64_t id);
  void set(Gift& gift, State state);
  void accepted(std::uint64_t id, const Recipient& who, const std::function<void(Status)>& done);
  const Carrying::Item* has(VisitorId visitor, const trust::AssetId& asset) const;

  Carrying& carrying_;
  Address address_;
  std::vector<Gift> gifts_;
  std::vector<VisitorId> news_;
  std::uint64_t last_ = 0;
  std::int64_t now_ms_ = 0;
  std::shared_ptr<bool> alive_;
};

std::string_view name_of(Gifts::State state);  // "offered", ...

}  // namespace mw::federation
