#include "sim/visits_ledger.h"

#include <algorithm>

#include "base/format.h"

namespace mw::sim {

void VisitsLedger::violate(const std::string& who, const std::string& why) {
  if (!good()) return;
  report_.violation = format("{:.3f} s, {}: {}", events_.seconds(), who, why);
  events_.trace(who, why);
}

// --- What people were answered ---------------------------------------------------------------------------------------

void VisitsLedger::has_account(const Did& who, std::size_t home, VisitorId visitor) {
  if (accounts_.contains(who)) return;
  ++report_.acknowledged;
  accounts_[who] = {home, visitor, hosts_[home]->home()->titles().key_for(visitor)};
}

void VisitsLedger::made(const std::string& asset, const Did& owner) {
  ++report_.acknowledged;
  made_[asset] = owner;
}

void VisitsLedger::says(const std::string& asset, const Did& from, const Did& to) { said_.insert({asset, from, to}); }

void VisitsLedger::given(const std::string& asset, const Did& to) {
  ++report_.acknowledged;
  things_[asset].acknowledged.insert(to);
}

void VisitsLedger::wrote(const Did& from, const Did& to, const std::string& text) {
  ++report_.acknowledged;
  events_.trace(from, format("wrote \"{}\" to {}", text, to));
  messages_.push_back({from, to, text});
}

void VisitsLedger::parts(const Did& a, const Did& b) {
  events_.trace(a, "parts with " + b);
  std::erase_if(messages_, [&](const Message& message) {
    return (message.from == a && message.to == b) || (message.from == b && message.to == a);
  });
}

void VisitsLedger::blocked(const Did& by, const Did& who) {
  ++report_.acknowledged;
  blocks_.insert({by, who});
}

void VisitsLedger::unblocks(const Did& by, const Did& who) { blocks_.erase({by, who}); }

// --- What the logs and the worlds show -------------------------------------------------------------------------------

const Did* VisitsLedger::owner_of(const crypto::PublicKey& key) const {
  for (const auto& [did, account] : accounts_)
    if (account.key == key) return &did;
  return nullptr;
}

void VisitsLedger::look() {
  for (std::size_t i = 0; i < hosts_.size() && good(); ++i)
    if (hosts_[i]->ready()) follow(i);
  for (const auto& [asset, thing] : things_)
    if (good()) look_at(asset, thing);
}

void VisitsLedger::follow(std::size_t number) {
  for (const auto& [asset, title] : hosts_[number]->home()->titles().index().titles())
    if (good()) follow_title(number, title);
}

// Each step is the same whenever it is read, and each but the first is what the owner of then has said.
void VisitsLedger::follow_title(std::size_t number, const trust::Title& title) {
  const auto asset = trust::title_hash_text(title.asset);
  auto& thing = things_[asset];
  thing.log = number;
  const std::uint64_t first = title.sequence + 1 - title.history.size();
  if (title.sequence + 1 < thing.owners.size())
    return violate(hosts_[number]->name(), format("the log has lost a step of {}", asset));
  for (std::size_t i = 0; i < title.history.size(); ++i) {
    const auto* owner = owner_of(title.history[i].owner);
    if (owner == nullptr || first + i > thing.owners.size()) return;  // somebody who was not told yet of their account
    if (first + i < thing.owners.size()) {
      if (thing.owners[first + i] == *owner) continue;
      return violate(hosts_[number]->name(), format("step {} of {} has another owner than before", first + i, asset));
    }
    if (!thing.owners.empty() && !said_.contains({asset, thing.owners.back(), *owner}))
      return violate(hosts_[number]->name(), format("{} moved, and its owner has not said so", asset));
    thing.owners.push_back(*owner);
    events_.trace(hosts_[number]->name(), format("{} is {}'s from step {} on", asset, *owner, first + i));
  }
}

std::vector<std::string> VisitsLedger::shown_at(const trust::AssetId& asset, std::size_t log) const {
  std::vector<std::string> places;
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    Host& host = *hosts_[i];
    if (!host.ready()) continue;
    auto& home = *host.home();
    if (const auto place = i == log ? home.titles().place_of(asset) : std::nullopt) {
      const auto& scene = host.control()->world(place->world)->scene();
      if (scene.things().contains(place->entity) && !scene.is_away(place->entity)) places.push_back(host.name());
    }
    for (const auto& [did, account] : accounts_) {
      const auto* traveller = home.travel().of_person(did);
      if (traveller == nullptr) continue;
      for (const auto& item : home.carrying().of(traveller->visitor))
        if (item.asset == asset && item.state == federation::Carrying::State::here) places.push_back(host.name());
    }
  }
  return places;
}

void VisitsLedger::look_at(const std::string& asset, const Thing& thing) {
  const auto places = shown_at(trust::parse_title_hash(asset, "").value(), thing.log);
  if (places.size() > 1) violate(places[0], format("{} is shown here and at {} at once", asset, places[1]));
  if (places.size() == 1 && places[0] != hosts_[thing.log]->name()) ++report_.sightings;
}

// --- After a start, and in the end -----------------------------------------------------------------------------------

void VisitsLedger::check_started(Host& host, std::size_t number) {
  for (const auto& [did, account] : accounts_) {
    if (account.home != number) continue;
    const auto* kept = host.home()->accounts().of_visitor(account.visitor);
    if (kept == nullptr || kept->did != did) violate(host.name(), "has lost the account of " + did);
  }
}

void VisitsLedger::check_end(const std::map<Did, Shown>& shown) {
  look();
  if (good()) check_things(shown);
  if (good()) check_friends(shown);
}

void VisitsLedger::check_things(const std::map<Did, Shown>& shown) {
  for (const auto& [asset, owner] : made_)
    if (!things_.contains(asset)) return violate(owner, format("{} is in no log", asset));
  for (const auto& [asset, thing] : things_) {
    if (thing.owners.empty()) continue;
    for (const auto& to : thing.acknowledged)
      if (std::ranges::find(thing.owners, to) == thing.owners.end())
        return violate(to, format("{} was said to be theirs, and never was", asset));
    for (const auto& [did, seen] : shown) {
      const bool listed = std::ranges::find(seen.things, asset) != seen.things.end();
      if (listed != (did == thing.owners.back()))
        return violate(did, format("{} {}", listed ? "is shown as owner of" : "does not find", asset));
    }
    if (shown_at(trust::parse_title_hash(asset, "").value(), thing.log).empty())
      return violate(hosts_[thing.log]->name(), format("{} is out of reach though everybody is at home", asset));
  }
}

void VisitsLedger::check_friends(const std::map<Did, Shown>& shown) {
  for (const auto& [did, seen] : shown) {
    for (const auto& other : seen.friends)
      if (const auto at = shown.find(other); at != shown.end() && !at->second.friends.contains(did))
        return violate(did, format("is a friend of {}, who is none of theirs", other));
    for (const auto& [from, texts] : seen.heard)
      for (const auto& text : texts)
        if (std::ranges::count(texts, text) > 1) return violate(did, format("has heard \"{}\" twice", text));
  }
  for (const auto& [by, who] : blocks_)
    if (const auto at = shown.find(by); at != shown.end() && at->second.friends.contains(who))
      return violate(by, format("has blocked {}, and is their friend", who));
  for (const auto& message : messages_) {
    const auto at = shown.find(message.to);
    if (at == shown.end()) continue;
    const auto heard = at->second.heard.find(message.from);
    if (heard == at->second.heard.end() || std::ranges::find(heard->second, message.text) == heard->second.end())
      return violate(message.to, format("\"{}\" was acknowledged, and did not arrive", message.text));
  }
}

}  // namespace mw::sim
