// Whom a host lets in from elsewhere, who they are here, and what people at home agreed to.
#include "federation/travel.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "federation/travel_state.h"
#include "trust/did.h"

namespace mw::federation {
namespace {

constexpr std::size_t kRefusalBytes = 300;

Error damaged(std::string_view key) { return Error{ErrorKind::damaged, std::string(key), "not as it was written"}; }

std::string traveller_text(const Traveller& traveller) {
  return data::to_text(Json{{"did", traveller.did},
                            {"home", traveller.home},
                            {"visitor", traveller.visitor.value},
                            {"versions", traveller.versions},
                            {"first_ms", traveller.first_ms},
                            {"last_ms", traveller.last_ms}});
}

Result<Traveller> read_traveller(std::string_view key, std::string_view text) {
  const auto json = data::parse_json(text);
  if (!json.ok()) return damaged(key);
  try {
    Traveller traveller;
    traveller.did = json->at("did").get<std::string>();
    traveller.home = json->at("home").get<std::string>();
    traveller.visitor = VisitorId{json->at("visitor").get<std::uint64_t>()};
    traveller.versions = json->at("versions").get<std::size_t>();
    traveller.first_ms = json->at("first_ms").get<std::int64_t>();
    traveller.last_ms = json->at("last_ms").get<std::int64_t>();
    if (!traveller.visitor) return damaged(key);
    return traveller;
  } catch (const Json::exception&) {
    return damaged(key);
  }
}

Result<std::map<std::string, std::int64_t>> read_consents(std::string_view key, std::string_view text) {
  const auto json = data::parse_json(text);
  if (!json.ok()) return damaged(key);
  try {
    return json->at("hosts").get<std::map<std::string, std::int64_t>>();
  } catch (const Json::exception&) {
    return damaged(key);
  }
}

std::string bans_text(const std::map<std::string, TravelBan>& bans) {
  Json list = Json::array();
  for (const auto& [who, ban] : bans)
    list.push_back({{"who", who}, {"reason", ban.reason}, {"since_ms", ban.since_ms}});
  return data::to_text(list);
}

Result<std::map<std::string, TravelBan>> read_bans(std::string_view text) {
  std::map<std::string, TravelBan> bans;
  const auto json = data::parse_json(text);
  if (!json.ok()) return damaged(kBansKey);
  try {
    for (const auto& one : *json) {
      TravelBan ban{one.at("who").get<std::string>(), one.at("reason").get<std::string>(),
                    one.at("since_ms").get<std::int64_t>()};
      bans[ban.who] = std::move(ban);
    }
    return bans;
  } catch (const Json::exception&) {
    return damaged(kBansKey);
  }
}

}  // namespace

std::string traveller_key(std::string_view did) {
  return std::string(kTravellerPrefix) + crypto::base64url(crypto::sha256(as_bytes(did)));
}

std::string consent_text(const std::map<std::string, std::int64_t>& hosts) {
  return data::to_text(Json{{"hosts", hosts}});
}

Result<TravelPolicy> travel_policy(std::string_view text) {
  if (text == "open") return TravelPolicy::open;
  if (text == "list") return TravelPolicy::list;
  if (text == "introduction") return TravelPolicy::introduction;
  if (text == "off") return TravelPolicy::off;
  return invalid("travel", "expected open, list, introduction or off");
}

std::string_view name_of(TravelPolicy policy) {
  switch (policy) {
    case TravelPolicy::open: return "open";
    case TravelPolicy::list: return "list";
    case TravelPolicy::introduction: return "introduction";
    case TravelPolicy::off: return "off";
  }
  return "";
}

// --- Memory and store ------------------------------------------------------------------------------------------------

void Travel::State::index(Traveller traveller) {
  by_visitor[traveller.visitor] = traveller.did;
  ++per_home[traveller.home];
  travellers[traveller.did] = std::move(traveller);
}

void Travel::State::unindex(const Traveller& traveller) {
  by_visitor.erase(traveller.visitor);
  if (const auto at = per_home.find(traveller.home); at != per_home.end() && --at->second == 0) per_home.erase(at);
  travellers.erase(std::string(traveller.did));
}

void Travel::State::write(records::Batch batch, std::function<void(Status)> done) {
  MW_ASSERT(store != nullptr);
  store->commit(std::move(batch),
                [done = std::move(done)](auto result) { done(result.ok() ? ok() : Status(result.error())); });
}

Error Travel::State::refused(Error error) {
  ++stats.refused;
  std::string text = error.text();
  if (text.size() > kRefusalBytes) text.resize(kRefusalBytes);
  // The cut may have gone through a character. What is no text before the cut either comes from outside, and is not shown.
  for (int i = 0; i < 3 && !valid_utf8(text); ++i) text.pop_back();
  stats.last_refusal = valid_utf8(text) ? std::move(text) : "a reason that is no text";
  return error;
}

Travel::Travel(std::unique_ptr<State> state) : state_(std::move(state)) {}
Travel::~Travel() = default;

Result<std::unique_ptr<Travel>> Travel::load(records::Journal& journal, Setup setup) {
  auto did = trust::did_web(setup.authority);
  MW_TRY(did);
  auto state = std::make_unique<State>(std::move(setup), *std::move(did));
  const auto travellers = journal.list(kTravellerPrefix, limits::kTravellers);
  MW_TRY(travellers);
  for (const auto& [key, text] : *travellers) {
    auto traveller = read_traveller(key, text);
    MW_TRY(traveller);
    state->index(*std::move(traveller));
  }
  const auto consents = journal.list(kConsentPrefix, limits::kAccounts);
  MW_TRY(consents);
  for (const auto& [key, text] : *consents) {
    auto hosts = read_consents(key, text);
    MW_TRY(hosts);
    state->consents[key.substr(kConsentPrefix.size())] = *std::move(hosts);
  }
  const auto bans = journal.get(std::string(kBansKey));
  MW_TRY(bans);
  if (*bans) {
    auto read = read_bans(**bans);
    MW_TRY(read);
    state->bans = *std::move(read);
  }
  return std::unique_ptr<Travel>(new Travel(std::move(state)));
}

void Travel::attach(records::Store& store) { state_->store = &store; }
const std::string& Travel::did() const { return state_->did; }
const std::string& Travel::authority() const { return state_->setup.authority; }
const TravelStats& Travel::stats() const { return state_->stats; }
Error Travel::refused(Error error) { return state_->refused(std::move(error)); }
const TravelRules& Travel::rules() const { return state_->setup.rules; }

// --- Consent ---------------------------------------------------------------------------------------------------------

std::vector<Travel::Consent> Travel::consents(const std::string& account) const {
  std::vector<Consent> list;
  const auto at = state_->consents.find(account);
  if (at == state_->consents.end()) return list;
  for (const auto& [host, since_ms] : at->second) list.push_back({host, since_ms});
  return list;
}

void Travel::revoke(const std::string& account, const std::string& host, Done<bool> done) {
  const auto at = state_->consents.find(account);
  if (at == state_->consents.end() || at->second.erase(host) == 0) return done(false);
  records::Batch batch;
  batch.puts.emplace_back(std::string(kConsentPrefix) + account, consent_text(at->second));
  state_->write(std::move(batch), [done = std::move(done)](const Status& status) {
    done(status.ok() ? Result<bool>(true) : Result<bool>(status.error()));
  });
}

// --- Travellers ------------------------------------------------------------------------------------------------------

void Travel::keep(const Arrival& arrival, VisitorId visitor, std::int64_t now_ms, Done<Traveller> done) {
  auto& s = *state_;
  Traveller traveller{arrival.visit.person, arrival.home, visitor, arrival.versions, now_ms, now_ms};
  const auto known = s.travellers.find(traveller.did);
  if (known == s.travellers.end()) {
    const auto home = s.per_home.find(traveller.home);
    if (s.travellers.size() >= limits::kTravellers ||
        (home != s.per_home.end() && home->second >= limits::kTravellersPerHome))
      return done(s.refused(failure(ErrorKind::full, "too many people of other homes are known here")));
  } else {
    traveller.first_ms = known->second.first_ms;
    traveller.versions = std::max(traveller.versions, known->second.versions);
    s.unindex(Traveller(known->second));
  }
  s.index(traveller);
  records::Batch batch;
  batch.puts.emplace_back(traveller_key(traveller.did), traveller_text(traveller));
  s.write(std::move(batch), [&s, traveller, done = std::move(done)](const Status& status) {
    if (!status.ok()) return done(status.error());
    ++s.stats.arrived;
    done(traveller);
  });
}

const Traveller* Travel::of_visitor(VisitorId visitor) const {
  const auto at = state_->by_visitor.find(visitor);
  if (at == state_->by_visitor.end()) return nullptr;
  const auto traveller = state_->travellers.find(at->second);
  return traveller == state_->travellers.end() ? nullptr : &traveller->second;
}

const Traveller* Travel::of_person(const std::string& did) const {
  const auto traveller = state_->travellers.find(did);
  return traveller == state_->travellers.end() ? nullptr : &traveller->second;
}

std::vector<VisitorId> Travel::visitors() const {
  std::vector<VisitorId> all;
  all.reserve(state_->by_visitor.size());
  for (const auto& [visitor, did] : state_->by_visitor) all.push_back(visitor);
  return all;
}

void Travel::drop(VisitorId visitor, Done<bool> done) {
  const auto* traveller = of_visitor(visitor);
  if (traveller == nullptr) return done(false);
  records::Batch batch;
  batch.removes.push_back(traveller_key(traveller->did));
  state_->unindex(Traveller(*traveller));
  state_->write(std::move(batch), [done = std::move(done)](const Status& status) {
    done(status.ok() ? Result<bool>(true) : Result<bool>(status.error()));
  });
}

// --- Policy ----------------------------------------------------------------------------------------------------------

Status Travel::admits(std::string_view home) const {
  const auto& rules = state_->setup.rules;
  const auto forbidden = [](std::string why) { return Error{ErrorKind::forbidden, "home", std::move(why)}; };
  if (rules.policy == TravelPolicy::off) return forbidden("this host takes nobody from other homes");
  if (const auto ban = state_->bans.find(std::string(home)); ban != state_->bans.end())
    return forbidden(
        format("people of {} may not come here{}", home, ban->second.reason.empty() ? "" : ": " + ban->second.reason));
  if (rules.policy == TravelPolicy::list && std::ranges::find(rules.hosts, home) == rules.hosts.end())
    return forbidden(format("this host takes people of certain homes alone, and {} is none of them", home));
  if (rules.policy == TravelPolicy::introduction && std::ranges::find(rules.hosts, home) == rules.hosts.end() &&
      !state_->vouched(home))
    return forbidden(
        format("this host takes people of homes that a host it trusts vouches for, and nobody does for {}", home));
  return ok();
}

Status Travel::admits(VisitorId visitor) const {
  const auto* traveller = of_visitor(visitor);
  if (traveller == nullptr) return ok();
  if (const auto ban = state_->bans.find(traveller->did); ban != state_->bans.end())
    return Error{ErrorKind::forbidden, "person",
                 "may not come here" + (ban->second.reason.empty() ? "" : ": " + ban->second.reason)};
  // Who was let in before stays so until every host that could vouch for their home has been heard and none does.
  if (state_->setup.rules.policy == TravelPolicy::introduction && !state_->all_known() &&
      !state_->bans.contains(traveller->home))
    return ok();
  return admits(traveller->home);
}

std::vector<TravelBan> Travel::bans() const {
  std::vector<TravelBan> list;
  for (const auto& [who, ban] : state_->bans) list.push_back(ban);
  return list;
}

void Travel::ban(TravelBan ban, Done<bool> done) {
  const bool person = ban.who.starts_with("did:webvh:") && trust::parse_web_did(ban.who).ok();
  if (!person && !trust::did_web(ban.who).ok())
    return done(invalid("who", "expected a host (a.example) or a person (did:webvh:...)"));
  if (state_->bans.size() >= limits::kTravelBans) return done(failure(ErrorKind::full, "too many bans"));
  state_->bans[ban.who] = ban;
  records::Batch batch;
  batch.puts.emplace_back(std::string(kBansKey), bans_text(state_->bans));
  state_->write(std::move(batch), [done = std::move(done)](const Status& status) {
    done(status.ok() ? Result<bool>(true) : Result<bool>(status.error()));
  });
}

void Travel::unban(const std::string& who, Done<bool> done) {
  if (state_->bans.erase(who) == 0) return done(false);
  records::Batch batch;
  batch.puts.emplace_back(std::string(kBansKey), bans_text(state_->bans));
  state_->write(std::move(batch), [done = std::move(done)](const Status& status) {
    done(status.ok() ? Result<bool>(true) : Result<bool>(status.error()));
  });
}

}  // namespace mw::federation
