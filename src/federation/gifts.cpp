#include "federation/gifts.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mw::federation {

std::string_view name_of(Gifts::State state) {
  static constexpr std::array<std::string_view, 5> names{"offered", "accepted", "given", "declined", "over"};
  return names[static_cast<std::size_t>(state)];
}

Gifts::Gifts(Carrying& carrying, Address address)
    : carrying_(carrying), address_(std::move(address)), alive_(std::make_shared<bool>(true)) {}
Gifts::~Gifts() { *alive_ = false; }

Gifts::Gift* Gifts::find(std::uint64_t id) {
  const auto at = std::ranges::find(gifts_, id, &Gift::id);
  return at == gifts_.end() ? nullptr : &*at;
}

const Carrying::Item* Gifts::has(VisitorId visitor, const trust::AssetId& asset) const {
  const auto& items = carrying_.of(visitor);
  const auto at = std::ranges::find_if(
      items, [&](const Carrying::Item& item) { return item.asset == asset && item.state == Carrying::State::here; });
  return at == items.end() ? nullptr : &*at;
}

void Gifts::set(Gift& gift, State state) {
  gift.state = state;
  gift.accepting = false;
  news_.push_back(gift.from);
  news_.push_back(gift.to);
}

Result<std::uint64_t> Gifts::offer(VisitorId from, VisitorId to, const trust::AssetId& asset, std::int64_t now_ms) {
  if (from == to) return Error{ErrorKind::invalid, "to", "it is yours already"};
  if (has(from, asset) == nullptr) return Error{ErrorKind::not_found, "asset", "you do not have this here"};
  std::size_t by_them = 0, to_them = 0;
  for (const auto& gift : gifts_) {
    if (!open(gift)) continue;
    if (gift.from == from && gift.asset == asset)
      return Error{ErrorKind::conflict, "asset", "it is offered already; take that back first"};
    by_them += gift.from == from;
    to_them += gift.to == to;
  }
  if (by_them >= kFromOne || to_them >= kToOne)
    return failure(ErrorKind::rate_limited, "too many gifts are waiting for an answer");
  gifts_.push_back({++last_, from, to, asset, State::offered, now_ms + kOfferedMs, "", false});
  news_.push_back(from);
  news_.push_back(to);
  return last_;
}

void Gifts::accept(VisitorId by, std::uint64_t id, std::int64_t now_ms, std::function<void(Status)> done) {
  auto* gift = find(id);
  if (gift == nullptr || gift->to != by)
    return done(Error{ErrorKind::not_found, "gift", "you were offered no such gift"});
  if (gift->state != State::offered || gift->accepting)
    return done(Error{ErrorKind::conflict, "gift", "this offer is over, or was accepted"});
  now_ms_ = now_ms;
  const auto* thing = has(gift->from, gift->asset);
  if (thing == nullptr) {
    set(*gift, State::over);
    return done(Error{ErrorKind::not_found, "gift", "they do not have this here any more"});
  }
  gift->accepting = true;
  address_(by, *thing, [this, id, done = std::move(done), alive = alive_](const Result<Recipient>& who) {
    if (!*alive) return;
    auto* asked = find(id);
    if (asked == nullptr || asked->state != State::offered)
      return done(Error{ErrorKind::conflict, "gift", "this offer is over"});
    asked->accepting = false;
    if (!who.ok()) return done(who.error());
    accepted(id, *who, done);
  });
}

void Gifts::accepted(std::uint64_t id, const Recipient& who, const std::function<void(Status)>& done) {
  auto& gift = *find(id);
  const auto promised =
      carrying_.promise(gift.from, gift.asset, {gift.to, who.home, who.key, now_ms_ + kAcceptedMs, who.held});
  if (!promised.ok()) {
    set(gift, State::over);
    return done(promised);
  }
  gift.person = who.person;
  gift.until_ms = now_ms_ + kAcceptedMs;
  set(gift, State::accepted);
  done(ok());
}

Status Gifts::decline(VisitorId by, std::uint64_t id) {
  auto* gift = find(id);
  if (gift == nullptr || (gift->to != by && gift->from != by) || !open(*gift))
    return Error{ErrorKind::not_found, "gift", "there is no such gift"};
  if (gift->state == State::accepted) carrying_.unpromise(gift->from, gift->asset);
  set(*gift, State::declined);
  return ok();
}

std::vector<VisitorId> Gifts::tick(std::int64_t now_ms) {
  now_ms_ = now_ms;
  // What ended was told after the tick before, unless it ended since.
  std::erase_if(gifts_, [&](const Gift& gift) {
    return !open(gift) && std::ranges::find(news_, gift.from) == news_.end() &&
           std::ranges::find(news_, gift.to) == news_.end();
  });
  for (auto& gift : gifts_) {
    if (!open(gift)) continue;
    const bool gone = has(gift.from, gift.asset) == nullptr;
    if (gift.state == State::accepted && gone && has(gift.to, gift.asset) != nullptr)
      set(gift, State::given);
    else if (now_ms >= gift.until_ms || gone)
      set(gift, State::over);
  }
  std::ranges::sort(news_);
  news_.erase(std::unique(news_.begin(), news_.end()), news_.end());
  return std::exchange(news_, {});
}

std::vector<Gifts::Gift> Gifts::of(VisitorId visitor) const {
  std::vector<Gift> list;
  for (const auto& gift : gifts_)
    if (gift.from == visitor || gift.to == visitor) list.push_back(gift);
  return list;
}

}  // namespace mw::federation
