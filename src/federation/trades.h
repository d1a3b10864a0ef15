// Two people of one world trade a thing of the one for a thing of the other, both titles in this host's log: who puts up what, who
// agrees to which pair, and the one record that moves both titles or neither. Whoever agrees names both things; whatever changes
// afterwards takes both agreements away. Before anything is recorded, each thing is looked at again.
// Bounds: kFromOne open trades that one person has begun and kToOne that others have begun with one, beyond them `rate_limited`; a
// trade ends when nothing was said for kOpenMs, when one of the two has gone, or when a thing is not its owner's to give any more.
// Somebody who is blocked is not told: the other never sees their trade, and it ends by itself.
// Sans I/O: `Setup` knows things and people, and records. Thread: the control loop, also for its answers.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "federation/titles.h"

namespace mw::federation {

class Trades {
 public:
  static constexpr std::size_t kFromOne = 4, kToOne = 8;
  static constexpr std::int64_t kOpenMs = 180'000;

  enum class State : std::uint8_t {
    open,
    recording,  // both have agreed; the log is asked
    traded,
    declined,  // by either of them
    over,  // and why
  };
  struct Side {
    VisitorId who;
    std::optional<trust::AssetId> gives;  // none: nothing was put up yet
    bool agrees = false;
    std::optional<crypto::Signature> signature;  // of whoever keeps their key themselves
  };
  struct Trade {
    std::uint64_t id = 0;
    std::array<Side, 2> sides;  // who has begun it comes first
    State state = State::open;
    std::int64_t until_ms = 0;
    std::string why;  // it is over
    std::uint64_t index = 0;  // of the record in the log, once it is there

    bool has(VisitorId visitor) const { return sides[0].who == visitor || sides[1].who == visitor; }
    const Side& of(VisitorId visitor) const { return sides[sides[0].who == visitor ? 0 : 1]; }
    const Side& other(VisitorId visitor) const { return sides[sides[0].who == visitor ? 1 : 0]; }
  };
  // What one sees of both, from one's own side.
  struct Pair {
    std::optional<trust::AssetId> gives, gets;
  };
  struct Setup {
    // Whether the thing is this visitor's, here, and not promised to a host. The error says why not.
    std::function<Status(VisitorId, const trust::AssetId&)> may_give;
    // Whether this thing of theirs is there for the other to see, who may ask for it then.
    std::function<bool(VisitorId owner, VisitorId asks, const trust::AssetId&)> seen;
    std::function<bool(VisitorId, VisitorId)> together;  // both are here, in one world
    std::function<bool(VisitorId who, VisitorId other)> blocks;
    // Whether this signature is theirs, where a signature is needed; of the record that would be made now.
    std::function<Status(const Trade&, VisitorId by, const std::optional<crypto::Signature>&)> signs;
    std::function<void(const Trade&, Titles::Answer)> record;
  };

  explicit Trades(Setup setup);
  ~Trades();

  // Errors: `invalid` (with oneself, nothing put up), `not_found` (not here; no such thing), `forbidden` (blocked by oneself, not theirs),
  // `conflict` (the two have one already; away), `rate_limited`.
  Result<std::uint64_t> offer(VisitorId by, VisitorId with, const Pair& pair, std::int64_t now_ms);
  // Instead of what was there. Errors: `not_found`, `conflict` (not any more), those of `offer`.
  Status change(VisitorId by, std::uint64_t id, const Pair& pair, std::int64_t now_ms);
  // Answered at once while the other has not agreed, otherwise when the log has the record, or has not. Errors: `not_found`, `conflict`
  // (another pair is on the table by now; it ended), those of the log.
  void agree(VisitorId by, std::uint64_t id, const Pair& pair, const std::optional<crypto::Signature>& signature,
             std::int64_t now_ms, std::function<void(Status)> done);
  Status decline(VisitorId by, std::uint64_t id);  // Errors: `not_found`, `conflict` (the log is asked already)

  // Once a second or so. Those to whom there is news; what has ended is told once, and forgotten with the next tick.
  std::vector<VisitorId> tick(std::int64_t now_ms);
  std::vector<Trade> of(VisitorId visitor) const;  // oldest first
  const Trade* find(VisitorId by, std::uint64_t id) const;  // none: it is not theirs, or they are not to know of it

 private:
  static bool is_open(const Trade& trade) { return trade.state == State::open; }
  Trade* open_one(VisitorId by, std::uint64_t id, Status& why);
  Status may_stand(VisitorId by, VisitorId with, const Pair& pair, const Trade* before) const;
  Status holds(const Trade& trade) const;
  void tell(const Trade& trade);
  void end(Trade& trade, State state, std::string why = {});
  void recorded(std::uint64_t id, const Result<Json>& standing, const std::function<void(Status)>& done);

  Setup setup_;
  std::vector<Trade> trades_;
  std::vector<VisitorId> news_;
  std::uint64_t last_ = 0;
  std::shared_ptr<bool> alive_;
};

std::string_view name_of(Trades::State state);  // "open", ...

}  // namespace mw::federation
