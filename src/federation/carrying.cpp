#include "federation/carrying.h"

#include <algorithm>
#include <array>
#include <utility>

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
  person.visit = ++visits_;
  for (const auto& thing : things) {
    Item item;
    item.told = thing;
    item.host = thing.host.empty() ? home : thing.host;
    if (thing.host.empty()) item.log_key = home_key;
    // The log's host is known by its key below, where it is another than the home.
    const auto asset = thing.host.empty() ? trust::carried_asset(thing, home_key)
                                          : trust::parse_title_hash(thing.asset, "carried/asset");
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

void Carrying::forget(VisitorId visitor) {
  if (people_.erase(visitor) != 0) news_.push_back(visitor);
}
void Carrying::forget_unless(const std::function<bool(VisitorId)>& stays) {
  std::erase_if(people_, [&](const auto& one) {
    if (stays(one.first)) return false;
    news_.push_back(one.first);
    return true;
  });
}

Carrying::Item* Carrying::find(VisitorId visitor, const trust::AssetId& asset) {
  const auto at = people_.find(visitor);
  if (at == people_.end()) return nullptr;
  const auto item = std::ranges::find(at->second.items, asset, &Item::asset);
  return item == at->second.items.end() ? nullptr : &*item;
}

// --- Through a restart -----------------------------------------------------------------------------------------------

Json Carrying::to_store(VisitorId visitor) const {
  Json things = Json::array();
  for (const auto& item : of(visitor)) {
    if (item.state == State::refused || item.state == State::over) continue;
    things.push_back({{"asset", item.told.asset},
                      {"log", item.told.log},
                      {"thing", item.told.thing},
                      {"host", item.host},
                      {"held", item.told.held},
                      {"until_s", item.lease.until_s},
                      {"in_hand", item.in_hand || item.to_hand}});
  }
  if (things.empty()) return nullptr;
  return {{"home", people_.at(visitor).home}, {"things", std::move(things)}};
}

void Carrying::restore(VisitorId visitor, const Json& stored, std::int64_t now_ms) {
  std::vector<trust::CarriedThing> things;
  std::vector<std::string> to_hand;
  std::string home;
  try {
    home = stored.at("home").get<std::string>();
    for (const Json& one : stored.at("things")) {
      // Of one whose log had not answered yet nobody knows until when.
      const auto until_s = one.at("until_s").get<std::int64_t>();
      if (until_s != 0 && until_s * 1'000 <= now_ms) continue;
      const auto asset = one.at("asset").get<std::string>();
      if (one.at("in_hand").get<bool>()) to_hand.push_back(asset);
      things.push_back({asset, one.at("log").get<std::string>(), one.at("thing"), one.at("host").get<std::string>(),
                        one.at("held").get<bool>()});
    }
  } catch (const Json::exception&) {
    return;  // a comfort only: who comes again brings their things again
  }
  if (things.empty()) return;
  // Each names its host, whose key its own document tells.
  arrive(visitor, home, {}, things, now_ms);
  for (auto& item : people_.at(visitor).items)
    item.to_hand = std::ranges::find(to_hand, item.told.asset) != to_hand.end();
}

// --- Asking logs -----------------------------------------------------------------------------------------------------

void Carrying::ask(VisitorId visitor, Person& person, std::int64_t now_ms) {
  if (person.asking != 0) return;
  std::vector<LogQuestion> questions;
  std::vector<std::string> logs;  // of each
  for (auto& item : person.items) {
    if (item.promise && now_ms >= item.promise->until_ms) item.promise.reset();
    if ((item.state != State::checking && !item.promise) || now_ms < item.next_ms) continue;
    if (item.state == State::checking) ++item.asked;
    item.next_ms = now_ms + kAskAgainMs;
    const auto same = std::ranges::find(logs, item.told.log);
    if (same == logs.end() || questions[static_cast<std::size_t>(same - logs.begin())].host != item.host) {
      logs.push_back(item.told.log);
      questions.push_back({item.host, item.log_key.value_or(crypto::PublicKey{}), {item.asset}, {}});
    } else {
      questions[static_cast<std::size_t>(same - logs.begin())].assets.push_back(item.asset);
    }
  }
  person.asking = questions.size();
  for (std::size_t i = 0; i < questions.size(); ++i) {
    auto& question = questions[i];
    if (question.host_key != crypto::PublicKey{}) {
      ask_log(visitor, person.visit, std::move(question));
      continue;
    }
    const std::string host = question.host;
    setup_.key_of(host, logs[i],
                  [this, visitor, visit = person.visit, question = std::move(question),
                   alive = alive_](Result<crypto::PublicKey> key) mutable {
                    if (*alive) found_key(visitor, visit, std::move(question), key);
                  });
  }
}

void Carrying::found_key(VisitorId visitor, std::uint64_t visit, LogQuestion question,
                         const Result<crypto::PublicKey>& key) {
  auto* person = waiting_for(visitor, visit);
  if (person == nullptr) return;
  if (!key.ok()) {
    --person->asking;
    return answered(visitor, question.host, key.error());
  }
  for (auto& item : person->items)
    if (item.host == question.host && item.told.log == trust::log_origin(*key)) item.log_key = *key;
  question.host_key = *key;
  ask_log(visitor, visit, std::move(question));
}

void Carrying::ask_log(VisitorId visitor, std::uint64_t visit, LogQuestion question) {
  const std::string host = question.host;
  setup_.follow(std::move(question), [this, visitor, visit, host, alive = alive_](const Result<Standings>& result) {
    if (!*alive) return;
    auto* person = waiting_for(visitor, visit);
    if (person == nullptr) return;
    --person->asking;
    answered(visitor, host, result);
  });
}

Carrying::Person* Carrying::waiting_for(VisitorId visitor, std::uint64_t visit) {
  const auto at = people_.find(visitor);
  return at == people_.end() || at->second.visit != visit ? nullptr : &at->second;
}

void Carrying::answered(VisitorId visitor, const std::string& host, const Result<Standings>& result) {
  bool changed = false;
  std::vector<trust::AssetId> given;
  for (auto& item : people_.at(visitor).items) {
    if (item.host != host) continue;
    const auto one = result.ok() ? std::ranges::find(*result, item.asset, &Standings::value_type::first)
                                 : Standings::const_iterator{};
    if (result.ok() && one == result->end()) continue;
    if (item.state == State::checking)
      changed |= judge(visitor, item, result.ok() ? one->second : Result<trust::Standing>(result.error()));
    else if (item.promise && result.ok() && one->second.ok() && one->second->title.head().owner == item.promise->key)
      given.push_back(item.asset);
  }
  for (const auto& asset : given) hand_over(visitor, asset);
  if (changed) news_.push_back(visitor);
}

// --- Given away, given back ------------------------------------------------------------------------------------------

Status Carrying::promise(VisitorId from, const trust::AssetId& asset, Promise promise) {
  auto* item = find(from, asset);
  if (item == nullptr || item->state != State::here)
    return Error{ErrorKind::not_found, "asset", "they do not have this here"};
  item->promise = promise;
  item->next_ms = 0;
  return ok();
}

void Carrying::unpromise(VisitorId from, const trust::AssetId& asset) {
  if (auto* item = find(from, asset); item != nullptr) item->promise.reset();
}

void Carrying::hand_over(VisitorId from, const trust::AssetId& asset) {
  auto& had = people_.at(from).items;
  const auto at = std::ranges::find(had, asset, &Item::asset);
  Item item = std::move(*at);
  had.erase(at);
  const auto promise = *std::exchange(item.promise, std::nullopt);
  item.in_hand = false;
  item.told.host = item.host;
  item.told.held = promise.held;
  auto& person = people_[promise.to];
  if (person.visit == 0) person.visit = ++visits_;
  if (person.home.empty()) person.home = promise.home;
  person.items.push_back(std::move(item));
  news_.push_back(from);
  news_.push_back(promise.to);
}

Carrying::Released Carrying::let_go(VisitorId visitor, Item& item) {
  item.state = State::over;
  item.why = "it was given back";
  item.in_hand = false;
  item.promise.reset();
  news_.push_back(visitor);
  return {item.asset, item.host, item.told.log, item.lease};
}

Result<Carrying::Released> Carrying::release(const std::string& home, const trust::AssetId& asset) {
  for (auto& [visitor, person] : people_) {
    if (person.home != home) continue;
    auto* item = find(visitor, asset);
    if (item != nullptr && (item->state == State::here || item->state == State::waiting)) return let_go(visitor, *item);
  }
  return Error{ErrorKind::not_found, "asset", "nobody of yours has this here"};
}

std::vector<Carrying::Released> Carrying::release(VisitorId visitor) {
  std::vector<Released> all;
  const auto at = people_.find(visitor);
  if (at == people_.end()) return all;
  for (auto& item : at->second.items)
    if (item.state == State::here || item.state == State::waiting) all.push_back(let_go(visitor, item));
  return all;
}

// --- Judging ---------------------------------------------------------------------------------------------------------

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
  if (item.state == State::here && std::exchange(item.to_hand, false)) item.in_hand = true;
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
  for (auto& item : items) {
    item.in_hand = !asset.empty() && &item == &*wanted;
    item.to_hand = false;
  }
  news_.push_back(visitor);
  return ok();
}

}  // namespace mw::federation
