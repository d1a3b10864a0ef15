#include "federation/trades.h"

#include <algorithm>
#include <utility>

namespace mw::federation {

std::string_view name_of(Trades::State state) {
  static constexpr std::array<std::string_view, 5> names{"open", "recording", "traded", "declined", "over"};
  return names[static_cast<std::size_t>(state)];
}

Trades::Trades(Setup setup) : setup_(std::move(setup)), alive_(std::make_shared<bool>(true)) {}
Trades::~Trades() { *alive_ = false; }

// --- What may stand --------------------------------------------------------------------------------------------------

// A thing of the other's is asked for where one sees it, or where they have put it up themselves.
Status Trades::may_stand(VisitorId by, VisitorId with, const Pair& pair, const Trade* before) const {
  if (!pair.gives && !pair.gets) return invalid("gives", "one of the two things at least");
  if (pair.gives && pair.gives == pair.gets) return invalid("gets", "a thing is traded for another");
  if (pair.gives) MW_TRY(setup_.may_give(by, *pair.gives));
  if (!pair.gets) return ok();
  const bool put_up = before != nullptr && before->of(with).gives == pair.gets;
  if (!put_up && !setup_.seen(with, by, *pair.gets))
    return Error{ErrorKind::not_found, "gets", "they have no such thing here"};
  return setup_.may_give(with, *pair.gets);
}

Status Trades::holds(const Trade& trade) const {
  const auto& [first, second] = trade.sides;
  if (!setup_.together(first.who, second.who)) return failure(ErrorKind::not_found, "one of the two has gone");
  for (const auto& side : trade.sides)
    if (side.gives) MW_TRY(setup_.may_give(side.who, *side.gives));
  return ok();
}

Trades::Trade* Trades::open_one(VisitorId by, std::uint64_t id, Status& why) {
  const auto at = std::ranges::find(trades_, id, &Trade::id);
  why = ok();
  if (at == trades_.end() || find(by, id) == nullptr)
    why = Error{ErrorKind::not_found, "trade", "there is no such trade"};
  else if (!is_open(*at))
    why = Error{ErrorKind::conflict, "trade", "this trade is over, or was agreed to"};
  return why.ok() ? &*at : nullptr;
}

void Trades::tell(const Trade& trade) {
  for (const auto& side : trade.sides) news_.push_back(side.who);
}

void Trades::end(Trade& trade, State state, std::string why) {
  trade.state = state;
  trade.why = std::move(why);
  tell(trade);
}

// --- What the two say ------------------------------------------------------------------------------------------------

Result<std::uint64_t> Trades::offer(VisitorId by, VisitorId with, const Pair& pair, std::int64_t now_ms) {
  if (by == with) return Error{ErrorKind::invalid, "visitor", "both things are yours already"};
  if (!setup_.together(by, with)) return Error{ErrorKind::not_found, "visitor", "this visitor is not here"};
  if (setup_.blocks(by, with)) return Error{ErrorKind::forbidden, "visitor", "you have blocked them"};
  MW_TRY(may_stand(by, with, pair, nullptr));
  std::size_t from_one = 0, to_one = 0;
  for (const auto& trade : trades_) {
    if (trade.state != State::open && trade.state != State::recording) continue;
    if (trade.has(by) && trade.has(with) && find(by, trade.id) != nullptr)
      return Error{ErrorKind::conflict, "visitor", "you are trading with them already; change that"};
    from_one += trade.sides[0].who == by;
    to_one += trade.sides[1].who == with && !setup_.blocks(with, trade.sides[0].who);
  }
  if (from_one >= kFromOne || to_one >= kToOne)
    return failure(ErrorKind::rate_limited, "too many trades are waiting for an answer");
  Trade trade;
  trade.id = ++last_;
  trade.sides = {Side{by, pair.gives, false, {}}, Side{with, pair.gets, false, {}}};
  trade.until_ms = now_ms + kOpenMs;
  trades_.push_back(trade);
  tell(trade);
  return last_;
}

Status Trades::change(VisitorId by, std::uint64_t id, const Pair& pair, std::int64_t now_ms) {
  Status why = ok();
  auto* trade = open_one(by, id, why);
  if (trade == nullptr) return why;
  MW_TRY(may_stand(by, trade->other(by).who, pair, trade));
  for (auto& side : trade->sides) side = {side.who, side.who == by ? pair.gives : pair.gets, false, {}};
  trade->until_ms = now_ms + kOpenMs;
  tell(*trade);
  return ok();
}

void Trades::agree(VisitorId by, std::uint64_t id, const Pair& pair, const std::optional<crypto::Signature>& signature,
                   std::int64_t now_ms, std::function<void(Status)> done) {
  Status why = ok();
  auto* trade = open_one(by, id, why);
  if (trade == nullptr) return done(why);
  const auto& theirs = trade->other(by);
  if (!pair.gives || !pair.gets || trade->of(by).gives != pair.gives || theirs.gives != pair.gets)
    return done(Error{ErrorKind::conflict, "trade", "something else is on the table by now; look again"});
  if (const auto still = holds(*trade); !still.ok()) {
    end(*trade, State::over, still.error().message);
    return done(still);
  }
  if (const auto theirs_to_sign = setup_.signs(*trade, by, signature); !theirs_to_sign.ok())
    return done(theirs_to_sign);
  auto& own = trade->sides[trade->sides[0].who == by ? 0 : 1];
  own.agrees = true;
  own.signature = signature;
  trade->until_ms = now_ms + kOpenMs;
  tell(*trade);
  // A trade that the other is not to know of waits for an answer that does not come.
  if (!theirs.agrees || setup_.blocks(theirs.who, by) || setup_.blocks(by, theirs.who)) return done(ok());
  trade->state = State::recording;
  setup_.record(Trade(*trade), [this, id, done = std::move(done), alive = alive_](const Result<Json>& standing) {
    if (*alive) recorded(id, standing, done);
  });
}

void Trades::recorded(std::uint64_t id, const Result<Json>& standing, const std::function<void(Status)>& done) {
  auto& trade = *std::ranges::find(trades_, id, &Trade::id);
  if (standing.ok()) {
    trade.index = standing->value("index", std::uint64_t{0});
    end(trade, State::traded);
    return done(ok());
  }
  end(trade, State::over, standing.error().message);
  done(standing.error());
}

Status Trades::decline(VisitorId by, std::uint64_t id) {
  Status why = ok();
  auto* trade = open_one(by, id, why);
  if (trade == nullptr) return why;
  end(*trade, State::declined);
  return ok();
}

// --- Time ------------------------------------------------------------------------------------------------------------

std::vector<VisitorId> Trades::tick(std::int64_t now_ms) {
  // What ended was told after the tick before, unless it ended since.
  std::erase_if(trades_, [&](const Trade& trade) {
    return trade.state != State::open && trade.state != State::recording &&
           std::ranges::none_of(trade.sides,
                                [&](const Side& side) { return std::ranges::find(news_, side.who) != news_.end(); });
  });
  for (auto& trade : trades_) {
    if (!is_open(trade)) continue;
    const auto still = holds(trade);
    if (!still.ok())
      end(trade, State::over, still.error().message);
    else if (now_ms >= trade.until_ms)
      end(trade, State::over, "nobody said anything in time");
  }
  std::ranges::sort(news_);
  news_.erase(std::unique(news_.begin(), news_.end()), news_.end());
  return std::exchange(news_, {});
}

const Trades::Trade* Trades::find(VisitorId by, std::uint64_t id) const {
  const auto at = std::ranges::find(trades_, id, &Trade::id);
  if (at == trades_.end() || !at->has(by)) return nullptr;
  const bool hidden = at->sides[1].who == by && setup_.blocks(by, at->sides[0].who);
  return hidden ? nullptr : &*at;
}

std::vector<Trades::Trade> Trades::of(VisitorId visitor) const {
  std::vector<Trade> list;
  for (const auto& trade : trades_)
    if (find(visitor, trade.id) != nullptr) list.push_back(trade);
  return list;
}

}  // namespace mw::federation
