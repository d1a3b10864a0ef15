// Travel between hosts. What a visit means is in federation/travel.h and trust/visit.h; here are calls, and who a traveller is here.
#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "runtime/log.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Reply;
using federation::Travel;

namespace {

constexpr std::size_t kReasonChars = 200;

// Anybody can be refused as often as they like.
runtime::LogLimit refused_challenges(1), refused_arrivals(1), refused_figures(1);

template <std::size_t Size>
Result<std::array<Byte, Size>> fixed_bytes(const Json& params, const char* field) {
  const auto bytes = crypto::from_base64url(params[field].get_ref<const std::string&>());
  if (!bytes.ok()) return invalid(field, bytes.error().message);
  if (bytes->size() != Size) return invalid(field, format("expected {} bytes", Size));
  std::array<Byte, Size> out{};
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

// Answers once what is waited for has come.
template <class T, class Make>
Travel::Done<T> answer(Reply reply, std::shared_ptr<bool> alive, Make make) {
  auto kept = std::make_shared<Reply>(std::move(reply));
  return [kept, alive = std::move(alive), make = std::move(make)](Result<T> result) mutable {
    if (!*alive) return;
    if (!result.ok()) return kept->error(result.error());
    make(*std::move(result), *kept);
  };
}

void turn_away(const Error& error, const std::string& home, const std::string& address, Reply& reply) {
  refused_arrivals.log(runtime::LogLevel::warning, "travel", "a traveller was refused",
                       {{"reason", error.text()}, {"home", home}, {"address", address}});
  reply.error(error);
}

std::string language_of(trust::Language language) { return language == trust::Language::zh ? "zh" : "en"; }

}  // namespace

federation::Travel* Methods::travel_or_refuse(Reply& reply) {
  if (c.travel_ == nullptr)
    reply.error(failure(ErrorKind::unavailable, "nobody travels from or to this host: " + c.setup_.no_accounts));
  return c.travel_;
}

const federation::Account* Methods::account_or_refuse(const Caller& caller, Reply& reply) {
  const auto* account = c.accounts_ == nullptr ? nullptr : c.accounts_->of_visitor(caller.visitor);
  if (account == nullptr)
    reply.error(failure(ErrorKind::forbidden, "only somebody with an account here can be told of elsewhere; log in"));
  return account;
}

// --- At home ---------------------------------------------------------------------------------------------------------

void Methods::travel_asked(const Caller& caller, const Json& params, Reply reply) {
  auto* travel = travel_or_refuse(reply);
  if (travel == nullptr) return;
  const auto* account = account_or_refuse(caller, reply);
  const auto* visitor = account == nullptr ? nullptr : visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  Json told{{"name", visitor->guest.name},
            {"language", language_of(visitor->language)},
            {"avatar", kit::to_json(visitor->guest.appearance)},
            {"carried", belongings(caller.visitor)}};
  if (const auto& worn = visitor->guest.avatar; worn.is_object()) told["figure"] = {{"name", worn.value("name", "")}};
  travel->asked(params["challenge"], account->id, c.now_.unix_ms,
                answer<Travel::Asked>(std::move(reply), c.alive_,
                                      [told = std::move(told), did = account->did](Travel::Asked asked, Reply& out) {
                                        out.result({{"destination",
                                                     {{"did", asked.challenge.audience},
                                                      {"name", asked.authority},
                                                      {"host", asked.authority},
                                                      {"url", asked.origin + "/"}}},
                                                    {"world", asked.challenge.world},
                                                    {"person", did},
                                                    {"told", told},
                                                    {"carry_most", limits::kVisitCarried},
                                                    {"remembered", asked.remembered}});
                                      }));
}

void Methods::travel_answer(const Caller& caller, const Json& params, Reply reply) {
  auto* travel = travel_or_refuse(reply);
  if (travel == nullptr) return;
  const auto* account = account_or_refuse(caller, reply);
  const auto* visitor = account == nullptr ? nullptr : visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  Travel::Telling telling;
  telling.account = account->id;
  telling.person = account->did;
  telling.profile = {visitor->guest.name, language_of(visitor->language), kit::to_json(visitor->guest.appearance),
                     figure_along(*visitor)};
  telling.remember = params.value("remember", false);
  SignedLeases leases;
  for (const auto& one : params.value("leases", Json::array())) {
    const auto signature = signature_text_of(one, "signature");
    if (!signature.ok()) return reply.error(signature.error());
    leases[one["asset"].get<std::string>()] = {one["from_s"].get<std::int64_t>(), one["until_s"].get<std::int64_t>(),
                                               *signature};
  }
  pack(caller.visitor, params["challenge"], params.value("carry", std::vector<std::string>()), std::move(leases),
       std::move(telling), std::move(reply));
}

// The figure of one's own that others elsewhere may see, which this host shows from now on to whoever fetches it.
std::optional<trust::VisitFigure> Methods::figure_along(const Control::Visitor& visitor) const {
  if (c.avatars_ == nullptr || !visitor.guest.avatar.is_object()) return std::nullopt;
  const auto hash = visitor.guest.avatar["hash"].get<std::string>();
  const auto right = c.avatars_->right_of(visitor.guest.visitor, hash);
  if (!right.ok()) return std::nullopt;
  c.avatars_->show(hash, c.now_.unix_ms, [](const Status&) {});
  return trust::VisitFigure{hash, std::string(name_of(*right))};
}

void Methods::travel_remembered(const Caller& caller, Reply reply) {
  auto* travel = travel_or_refuse(reply);
  if (travel == nullptr) return;
  const auto* account = account_or_refuse(caller, reply);
  if (account == nullptr) return;
  Json list = Json::array();
  for (const auto& consent : travel->consents(account->id))
    list.push_back({{"host", consent.host}, {"since_ms", consent.since_ms}});
  reply.result({{"hosts", std::move(list)}});
}

void Methods::travel_revoke(const Caller& caller, const Json& params, Reply reply) {
  auto* travel = travel_or_refuse(reply);
  if (travel == nullptr) return;
  const auto* account = account_or_refuse(caller, reply);
  if (account == nullptr) return;
  travel->revoke(
      account->id, params["host"].get<std::string>(),
      answer<bool>(std::move(reply), c.alive_, [](bool revoked, Reply& out) { out.result({{"revoked", revoked}}); }));
}

// --- At the destination ----------------------------------------------------------------------------------------------

void Methods::travel_challenge(const Caller& caller, const Json& params, Reply reply) {
  auto* travel = travel_or_refuse(reply);
  if (travel == nullptr) return;
  const auto raw = fixed_bytes<32>(params, "session_key");
  if (!raw.ok()) return reply.error(raw.error());
  const auto key = crypto::public_key(*raw);
  if (!key.ok()) return reply.error(invalid("session_key", key.error().message));
  const auto path = params.value("path", std::string("/"));
  if (!path.starts_with('/') || path.starts_with("//"))
    return reply.error(invalid("path", "must start with one slash"));
  const auto home = params["home"].get<std::string>();
  auto told = answer<Travel::Challenge>(std::move(reply), c.alive_, [](Travel::Challenge made, Reply& out) {
    out.result({{"challenge", std::move(made.challenge)}, {"go", made.go}});
  });
  travel->challenge({home, *key, params["world"].get<std::string>(), path}, c.now_.unix_ms,
                    [home, address = caller.address, told = std::move(told)](Result<Travel::Challenge> made) mutable {
                      // What is no name of a host is a mistake of the caller's.
                      if (!made.ok() && made.error().kind != ErrorKind::invalid)
                        refused_challenges.log(runtime::LogLevel::warning, "travel", "a challenge was refused",
                                               {{"home", home}, {"reason", made.error().text()}, {"address", address}});
                      told(std::move(made));
                    });
}

void Methods::travel_nonce(const Caller& caller, Reply reply) {
  auto* travel = travel_or_refuse(reply);
  if (travel == nullptr || visitor_or_refuse(caller, reply) == nullptr) return;
  reply.result({{"nonce", travel->nonce(caller.session)}});
}

void Methods::travel_arrive(const Caller& caller, const Json& params, Reply reply) {
  auto* travel = travel_or_refuse(reply);
  if (travel == nullptr || visitor_or_refuse(caller, reply) == nullptr) return;
  Travel::Arriving arriving;
  arriving.session = caller.session;
  arriving.credential = params["credential"];
  const auto raw = fixed_bytes<32>(params, "session_key");
  if (!raw.ok()) return reply.error(raw.error());
  const auto key = crypto::public_key(*raw);
  if (!key.ok()) return reply.error(invalid("session_key", key.error().message));
  arriving.session_key = *key;
  const auto signature = fixed_bytes<64>(params, "signature");
  if (!signature.ok()) return reply.error(signature.error());
  arriving.signature = *signature;
  auto kept = std::make_shared<Reply>(std::move(reply));
  travel->arrive(std::move(arriving), c.now_.unix_ms,
                 [m = *this, alive = c.alive_, kept, here = caller.visitor,
                  address = caller.address](Result<Travel::Arrival> arrival) mutable {
                   if (!*alive) return;
                   if (arrival.ok()) return m.take_in(*std::move(arrival), here, address, std::move(*kept));
                   turn_away(arrival.error(), "", address, *kept);
                 });
}

// The same person is the same visitor each time. Who comes for the first time stays the guest who arrived, unless that is somebody
// already.
void Methods::take_in(Travel::Arrival arrival, VisitorId here, const std::string& address, Reply reply) {
  const bool somebody =
      c.travel_->of_visitor(here) != nullptr || (c.accounts_ != nullptr && c.accounts_->of_visitor(here) != nullptr);
  const VisitorId visitor = arrival.known ? *arrival.known : somebody ? c.keeper_.new_visitor() : here;
  const auto most = c.travel_->rules().visitors_per_host;
  const auto inside = static_cast<std::size_t>(std::ranges::count_if(c.visitors_, [&](const auto& one) {
    return one.first != visitor && one.second.session && one.second.guest.home == arrival.home;
  }));
  if (most != 0 && inside >= most)
    return turn_away(
        c.travel_->refused(failure(ErrorKind::full,
                                   format("{} people of {} are here, and no more may come now", inside, arrival.home))),
        arrival.home, address, reply);
  const auto ban = c.keeper_.banned(visitor, "", c.now_.unix_ms);
  if (ban)
    return turn_away(
        c.travel_->refused(failure(ErrorKind::forbidden, "an operator of this host has removed you: " + ban->reason)),
        arrival.home, address, reply);
  auto kept = std::make_shared<Reply>(std::move(reply));
  c.travel_->keep(
      arrival, visitor, c.now_.unix_ms,
      [m = *this, alive = c.alive_, kept, arrival, address](Result<federation::Traveller> traveller) mutable {
        if (!*alive) return;
        if (!traveller.ok()) return turn_away(traveller.error(), arrival.home, address, *kept);
        m.c.know_traveller(traveller->visitor, [m, kept, arrival, traveller](Control::Visitor& known) {
          m.dress(known, arrival);
          m.wear_along(known, arrival);
          if (m.c.carrying_ != nullptr)
            m.c.carrying_->arrive(traveller->visitor, arrival.home, arrival.visit.home_key, arrival.visit.carried,
                                  m.c.now_.unix_ms);
          kept->result({{"visitor", std::to_string(traveller->visitor.value)},
                        {"person", {{"did", traveller->did}, {"home", traveller->home}}},
                        {"carried", m.c.carried_by(traveller->visitor)},
                        {"resume", m.c.keeper_.resume_token(traveller->visitor, m.c.now_.unix_ms)}});
        });
      });
}

// What their home says of them. What does not read is left as it was: a name or a hat is no reason to turn somebody away.
void Methods::dress(Control::Visitor& visitor, const Travel::Arrival& arrival) const {
  const auto& profile = arrival.visit.profile;
  visitor.guest.home = arrival.home;
  if (auto name = clean_name(profile.name); name.ok()) visitor.guest.name = *std::move(name);
  visitor.language = profile.language.starts_with("zh") ? trust::Language::zh : trust::Language::en;
  Json wanted = kit::to_json(visitor.guest.appearance);
  if (profile.avatar.is_object()) wanted.update(profile.avatar);
  if (auto appearance = kit::appearance_from_json(wanted); appearance.ok()) visitor.guest.appearance = *appearance;
  visitor.unsaved = true;
  for (const auto* name : {&visitor.world, &visitor.waiting})
    if (auto* world = c.find_world(*name)) world->change(visitor.guest);
}

// The figure that they wear at home, as soon as it is here; until then, and where it does not come, the kit's.
void Methods::wear_along(Control::Visitor& visitor, const Travel::Arrival& arrival) const {
  const auto& figure = arrival.visit.profile.figure;
  const auto& worn = visitor.guest.avatar;
  if (worn.is_object() && (!figure || worn["hash"] != figure->hash)) visitor.guest.avatar = nullptr;
  if (!figure || c.avatars_ == nullptr) return;
  c.avatars_->borrow(visitor.guest.visitor, arrival.home, figure->hash, avatar_right(figure->right), c.now_.unix_ms,
                     [m = *this, alive = c.alive_, id = visitor.guest.visitor, home = arrival.home,
                      hash = figure->hash](const Result<Json>& here) {
                       if (!*alive) return;
                       if (!here.ok())
                         return refused_figures.log(runtime::LogLevel::warning, "avatars",
                                                    "a visitor's own figure did not come",
                                                    {{"home", home}, {"hash", hash}, {"reason", here.error().text()}});
                       const auto at = m.c.visitors_.find(id);
                       if (at == m.c.visitors_.end() || at->second.guest.home != home) return;
                       at->second.guest.avatar = *here;
                       for (const auto* name : {&at->second.world, &at->second.waiting})
                         if (auto* world = m.c.find_world(*name)) world->change(at->second.guest);
                     });
}

void Methods::travel_learned(const Caller& caller, Reply reply) {
  auto* travel = travel_or_refuse(reply);
  const auto* visitor = travel == nullptr ? nullptr : visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  Json list = Json::array();
  const auto add = [&](std::string_view what, Json value, std::int64_t when_ms, std::string_view why,
                       const std::string& from) {
    list.push_back({{"what", what}, {"value", std::move(value)}, {"when_ms", when_ms}, {"why", why}, {"from", from}});
  };
  if (const auto* traveller = travel->of_visitor(caller.visitor)) {
    add("identifier", traveller->did, traveller->first_ms, "recognise", traveller->home);
    add("home", traveller->home, traveller->first_ms, "show", traveller->home);
    add("name", visitor->guest.name, traveller->last_ms, "show", traveller->home);
    add("avatar", kit::to_json(visitor->guest.appearance), traveller->last_ms, "show", traveller->home);
    if (visitor->guest.avatar.is_object())
      add("figure", visitor->guest.avatar, traveller->last_ms, "show", traveller->home);
    add("language", language_of(visitor->language), traveller->last_ms, "serve", traveller->home);
    if (c.carrying_ != nullptr)
      for (const auto& item : c.carrying_->of(caller.visitor))
        add("carried", appearance_of(item.told.thing), traveller->last_ms, "show", traveller->home);
    if (visitor->kept) add("place", visitor->kept->world, visitor->kept->unix_ms, "return", "");
  }
  reply.result({{"learned", std::move(list)}});
}

// A title outlives whoever is forgotten, and its key would then be nobody's.
Status Methods::owns_nothing(VisitorId visitor) const {
  if (c.titles_ == nullptr) return ok();
  const auto held = c.titles_->held_by(visitor);
  if (!held.ok()) return held.error();
  if (*held == 0) return ok();
  return failure(ErrorKind::conflict,
                 format("you own {} here, and nobody could reach {} once you are forgotten: give {} "
                        "to somebody, or to a key of your own (title.transfer), and ask again",
                        *held == 1 ? "a thing" : format("{} things", *held), *held == 1 ? "it" : "them",
                        *held == 1 ? "it" : "them"));
}

void Methods::travel_forget(const Caller& caller, Reply reply) {
  auto* travel = travel_or_refuse(reply);
  auto* visitor = travel == nullptr ? nullptr : visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  const VisitorId id = caller.visitor;
  if (travel->of_visitor(id) != nullptr)
    if (const auto free = owns_nothing(id); !free.ok()) return reply.error(free.error());
  travel->drop(id, answer<bool>(std::move(reply), c.alive_, [m = *this, id](bool dropped, Reply& out) {
                 const auto at = m.c.visitors_.find(id);
                 if (dropped && m.c.carrying_ != nullptr) m.c.carrying_->forget(id);
                 if (dropped && at != m.c.visitors_.end()) {
                   auto& guest = at->second.guest;
                   guest.home.clear();
                   guest.name = trust::suggest_name(id.value, at->second.language);
                   guest.appearance = kit::appearance(id.value);
                   guest.avatar = nullptr;
                   at->second.kept.reset();
                   at->second.unsaved = true;
                   for (const auto* name : {&at->second.world, &at->second.waiting})
                     if (auto* world = m.c.find_world(*name)) world->change(guest);
                 }
                 out.result({{"forgotten", dropped}});
               }));
}

// --- Where a portal leads --------------------------------------------------------------------------------------------

void Methods::travel_look(const Caller& caller, const Json& params, Reply reply) {
  const auto url = params["url"].get<std::string>();
  if (c.setup_.look == nullptr || visitor_or_refuse(caller, reply) == nullptr) {
    if (c.setup_.look == nullptr) reply.error(failure(ErrorKind::unavailable, "this host asks no others"));
    return;
  }
  // Only where a portal of this host leads: nobody makes it ask whom they like.
  const bool known = std::ranges::any_of(c.worlds_, [&](const auto& one) {
    return std::ranges::any_of(one.second.world->description().portals,
                               [&](const auto& portal) { return portal.to_url == url; });
  });
  if (!known) return reply.error(Error{ErrorKind::not_found, "url", "no portal of this host leads there"});
  auto kept = std::make_shared<Reply>(std::move(reply));
  const auto admitted = [this, alive = c.alive_](const std::string& host) -> Json {
    if (c.travel_ == nullptr) return Json();
    const auto status = c.travel_->admits(host);
    return status.ok() ? Json(true) : Json(false);
  };
  c.setup_.look(url, [kept, alive = c.alive_, admitted](Json seen) {
    if (!*alive) return;
    if (seen.contains("host")) seen["welcome_here"] = admitted(seen["host"].get<std::string>());
    kept->result(std::move(seen));
  });
}

// --- The operator ----------------------------------------------------------------------------------------------------

void Methods::travel_ban(const Json& params, Reply reply, bool ban) {
  auto* travel = travel_or_refuse(reply);
  if (travel == nullptr) return;
  const auto who = params["who"].get<std::string>();
  auto done =
      answer<bool>(std::move(reply), c.alive_, [](bool changed, Reply& out) { out.result({{"changed", changed}}); });
  if (!ban) return travel->unban(who, std::move(done));
  std::string reason;
  if (params.contains("reason")) {
    auto clean = clean_text(params["reason"].get<std::string>(), "reason", kReasonChars * 4, kReasonChars);
    if (!clean.ok()) return done(clean.error());
    reason = *std::move(clean);
  }
  runtime::log_info("travel", "banned", {{"who", who}, {"reason", reason}});
  travel->ban({who, std::move(reason), c.now_.unix_ms}, std::move(done));
}

void Methods::travel_bans(Reply reply) {
  auto* travel = travel_or_refuse(reply);
  if (travel == nullptr) return;
  Json list = Json::array();
  for (const auto& ban : travel->bans())
    list.push_back({{"who", ban.who}, {"reason", ban.reason}, {"since_ms", ban.since_ms}});
  reply.result({{"bans", std::move(list)}});
}

}  // namespace mw::server
