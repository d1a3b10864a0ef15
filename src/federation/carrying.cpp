#include "federation/carrying.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/limits.h"
#include "trust/lease.h"

namespace mw::federation {
namespace {

// A lease is recorded before the credential is made, and published when witnesses have seen it: within some seconds.
constexpr int kAsks = 8;
constexpr std::int64_t kAskAgainMs = 2'500;

}  // namespace

std::string_view name_of(Carrying::State state) {
  static constexpr std::array<std::string_view, 5> names{"checking", "waiting", "here", "refused", "over"};
  return names[static_cast<std::size_t>(state)];
}

Carrying::Carrying(Setup setup) : setup_(std::move(setup)), alive_(std::make_shared<bool>(true)) {}
Carrying::~Carrying() { *alive_ = false; }

void Carrying::arrive(VisitorId visitor, const std::string& home, const crypto::PublicKey& home_key,
                      const std::vector<trust::CarriedThing>& things, std::int64_t now_ms) {
  now_ms_ = now_ms;
  forget(visitor);
  news_.push_back(visitor);
  if (things.empty()) return;
  auto& person = people_[visitor];
  person.home = home;
  person.key = home_key;
  person.visit = ++visits_;
  for (const auto& thing : things) {
    Item item;
    item.told = thing;
    const auto asset = trust::carried_asset(thing, home_key);
    if (asset.ok()) {
      item.asset = *asset;
    } else {
      item.state = State::refused;
      item.why = asset.error().message;
    }
    person.items.push_back(std::move(item));
  }
  ask(visitor, person, now_ms);
}

void Carrying::forget(VisitorId visitor) { people_.erase(visitor); }
void Carrying::forget_unless(const std::function<bool(VisitorId)>& stays) {
  std::erase_if(people_, [&](const auto& one) { return !stays(one.first); });
}

void Carrying::ask(VisitorId visitor, Person& person, std::int64_t now_ms) {
  if (person.asking) return;
  Ask wanted{person.home, person.key, {}};
  for (auto& item : person.items) {
    if (item.state != State::checking || now_ms < item.next_ms) continue;
    ++item.asked;
    item.next_ms = now_ms + kAskAgainMs;
    wanted.assets.push_back(item.asset);
  }
  if (wanted.assets.empty()) return;
  person.asking = true;
  setup_.follow(std::move(wanted), [this, visitor, visit = person.visit, alive = alive_](Result<Standings> result) {
    if (!*alive) return;
    const auto at = people_.find(visitor);
    if (at == people_.end() || at->second.visit != visit) return;
    at->second.asking = false;
    answered(visitor, result);
  });
}

void Carrying::answered(VisitorId visitor, const Result<Standings>& result) {
  bool changed = false;
  for (auto& item : people_.at(visitor).items) {
    if (item.state != State::checking) continue;
    if (!result.ok()) {
      changed |= judge(visitor, item, result.error());
      continue;
    }
    const auto one = std::ranges::find(*result, item.asset, &Standings::value_type::first);
    if (one != result->end()) changed |= judge(visitor, item, one->second);
  }
  if (changed) news_.push_back(visitor);
}

// True when there is something new to tell.
bool Carrying::judge(VisitorId visitor, Item& item, const Result<trust::Standing>& standing) {
  Result<trust::Lease> lease = standing.ok()
                                   ? trust::check_carried(item.told, *standing, setup_.did, setup_.key, now_ms_)
                                   : Result<trust::Lease>(standing.error());
  // The home has told two people of one thing.
  if (lease.ok() && elsewhere_here(visitor, item.asset))
    lease = failure(ErrorKind::forbidden, "somebody else has brought this very thing");
  if (lease.ok()) {
    item.lease = *std::move(lease);
    item.assurance = standing->cosigned.assurance;
    item.state = State::waiting;
    item.why.clear();
    update(item, setup_.clock(now_ms_), now_ms_);
    return true;
  }
  const bool again = lease.error().kind != ErrorKind::forbidden && lease.error().kind != ErrorKind::conflict;
  item.why = lease.error().text();
  if (again && item.asked < kAsks) return false;
  item.state = State::refused;
  return true;
}

bool Carrying::elsewhere_here(VisitorId visitor, const trust::AssetId& asset) const {
  return std::ranges::any_of(people_, [&](const auto& one) {
    return one.first != visitor && std::ranges::any_of(one.second.items, [&](const Item& item) {
             return item.asset == asset && (item.state == State::waiting || item.state == State::here);
           });
  });
}

// By the clock: true when it has come, or gone.
bool Carrying::update(Item& item, const Status& clock, std::int64_t now_ms) const {
  if (item.state != State::waiting && item.state != State::here) return false;
  const State before = item.state;
  const auto may = clock.ok() ? trust::may_show(item.lease, setup_.key, now_ms) : clock;
  const bool ended = now_ms >= item.lease.until_s * 1'000 - limits::kClockSkewMs;
  item.state = may.ok() ? State::here : ended ? State::over : State::waiting;
  item.why = may.ok() ? "" : may.error().message;
  if (item.state != State::here) item.in_hand = false;
  return item.state != before;
}

std::vector<VisitorId> Carrying::tick(std::int64_t now_ms) {
  now_ms_ = now_ms;
  const Status clock = people_.empty() ? ok() : setup_.clock(now_ms);
  for (auto& [visitor, person] : people_) {
    bool changed = false;
    for (auto& item : person.items) changed |= update(item, clock, now_ms);
    if (changed) news_.push_back(visitor);
    ask(visitor, person, now_ms);
  }
  std::ranges::sort(news_);
  news_.erase(std::unique(news_.begin(), news_.end()), news_.end());
  return std::exchange(news_, {});
}

const std::vector<Carrying::Item>& Carrying::of(VisitorId visitor) const {
  static const std::vector<Item> none;
  const auto at = people_.find(visitor);
  return at == people_.end() ? none : at->second.items;
}

Status Carrying::take(VisitorId visitor, std::string_view asset) {
  const auto at = people_.find(visitor);
  if (at == people_.end())
    return asset.empty() ? ok() : Status(Error{ErrorKind::not_found, "asset", "you have brought nothing"});
  auto& items = at->second.items;
  const auto wanted = std::ranges::find_if(items, [&](const Item& item) { return item.told.asset == asset; });
  if (!asset.empty()) {
    if (wanted == items.end()) return Error{ErrorKind::not_found, "asset", "you have not brought this"};
    if (wanted->state != State::here)
      return Error{ErrorKind::unavailable, "asset", format("it is not here: {}", wanted->why)};
  }
  for (auto& item : items) item.in_hand = !asset.empty() && &item == &*wanted;
  news_.push_back(visitor);
  return ok();
}

}  // namespace mw::federation
