// Friends between the accounts, the visitors and the other hosts.
#include <charconv>

#include "server/control.h"
#include "trust/did.h"

namespace mw::server {

void Control::connect_friends() {
  federation::Friends::Links links;
  links.account = [this](const std::string& did) -> std::string {
    const auto place = trust::parse_web_did(did);
    if (!place.ok() || place->path.empty()) return {};
    const auto* account = accounts_->find(place->path.back());
    return account != nullptr && account->did == did ? account->id : std::string();
  };
  links.name = [this](const std::string& id) -> std::string {
    const auto* account = accounts_->find(id);
    const auto at = account == nullptr ? visitors_.end() : visitors_.find(account->visitor);
    return at == visitors_.end() ? std::string() : at->second.guest.name;
  };
  links.changed = [this](const std::string& account) { friends_changed_.insert(account); };
  if (host_calls_ != nullptr) {
    links.call = [this](const auto& host, const auto& method, Json params, auto done) {
      host_calls_->send(host, method, std::move(params), std::move(done));
    };
    for (const auto& method : federation::Friends::methods())
      host_calls_->on(method, [this, alive = alive_, method](const std::string& from, const crypto::PublicKey&,
                                                             const Json& params, HostCalls::Reply reply) {
        if (!*alive) return reply(failure(ErrorKind::unavailable, "the host stops"));
        friends_->receive(method, from, params, now_.unix_ms, std::move(reply));
      });
  }
  friends_->connect(std::move(links));
}

// However much happens to somebody in a second, their page asks once.
void Control::tell_friends() {
  for (const auto& account_id : friends_->sharing()) {
    const auto* account = accounts_->find(account_id);
    const auto at = account == nullptr ? visitors_.end() : visitors_.find(account->visitor);
    if (at == visitors_.end()) {
      if (account != nullptr) friends_->seen({account->id, account->did, ""}, "", 0, now_.unix_ms);
      continue;
    }
    const auto& visitor = at->second;
    const double ago_s = visitor.stays[0].until_s ? 0 : now_.s - visitor.stays[0].from_s;
    friends_->seen({account->id, account->did, visitor.guest.name}, visitor.session ? visitor.world : std::string(),
                   now_.unix_ms - static_cast<std::int64_t>(ago_s * 1'000), now_.unix_ms);
  }
  friends_->tick(now_.unix_ms);
  for (const auto& id : friends_changed_) {
    const auto* account = accounts_->find(id);
    const auto at = account == nullptr ? visitors_.end() : visitors_.find(account->visitor);
    if (at != visitors_.end() && at->second.session) notify(at->second.session, "friend.changed", Json::object());
  }
  friends_changed_.clear();
}

void Control::friend_went(const std::string& account, const Json& challenge) {
  if (friends_ == nullptr) return;
  const auto audience = trust::challenged_by(challenge);
  const auto place = audience.ok() ? trust::parse_web_did(*audience) : Result<trust::WebDid>(audience.error());
  const auto world = challenge.find("world");
  if (!place.ok() || world == challenge.end() || !world->is_string()) return;
  friends_->went(account, place->authority(), world->get<std::string>(), now_.unix_ms);
}

VisitorId Control::visitor_of_person(const std::string& who) const {
  constexpr std::string_view kGuest = "visitor:";
  if (who.starts_with(kGuest)) {
    VisitorId id;
    std::from_chars(who.data() + kGuest.size(), who.data() + who.size(), id.value);
    return id;
  }
  const auto place = trust::parse_web_did(who);
  if (!place.ok() || place->path.empty()) return {};
  const auto* account = accounts_->find(place->path.back());
  if (account != nullptr && account->did == who) return account->visitor;
  const auto* traveller = travel_ == nullptr ? nullptr : travel_->of_person(who);
  return traveller == nullptr ? VisitorId{} : traveller->visitor;
}

std::optional<std::pair<std::string, std::string>> Control::person_of_visitor(const std::string& word) const {
  VisitorId id;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id.value);
  const auto at = visitors_.find(id);
  if (error != std::errc() || end != word.data() + word.size() || at == visitors_.end()) return {};
  const auto& name = at->second.guest.name;
  if (const auto* account = accounts_->of_visitor(id)) return {{account->did, name}};
  if (const auto* traveller = travel_ == nullptr ? nullptr : travel_->of_visitor(id)) return {{traveller->did, name}};
  return {{"visitor:" + word, name}};
}

}  // namespace mw::server
