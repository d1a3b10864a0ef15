// Trades between two people in one world, whose titles are both in this host's log. What a trade goes through is in
// federation/trades.h; here it meets the things of the worlds, those who are there, and whom they have blocked.
#include <algorithm>

#include "base/limits.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;
using federation::Trades;

namespace {

Result<Trades::Pair> pair_of(const Json& params) {
  Trades::Pair pair;
  for (const auto& [name, out] : {std::pair{"gives", &pair.gives}, {"gets", &pair.gets}}) {
    if (!params.contains(name)) continue;
    const auto asset = trust::parse_title_hash(params[name].get<std::string>(), std::string("/params/") + name);
    if (!asset.ok()) return asset.error();
    *out = *asset;
  }
  return pair;
}

// To another key of the same person a thing does not change hands. What a title's kept history does not reach back to counts as moves.
std::uint64_t rotations_of(const trust::Title& title) {
  return static_cast<std::uint64_t>(std::ranges::count_if(title.history, &trust::TitlePoint::rotation));
}

federation::Titles::Trading trading(const Trades::Side& side) { return {side.who, *side.gives, side.signature}; }

}  // namespace

// --- Things and people -----------------------------------------------------------------------------------------------

Status Control::may_trade(VisitorId owner, const trust::AssetId& asset) const {
  const auto* title = titles_->index().find(asset);
  if (title == nullptr) return failure(ErrorKind::not_found, "this log has no such title");
  if (!titles_->owns(owner, asset)) return failure(ErrorKind::forbidden, "one of the things is not theirs to trade");
  if (!titles_->at_home(asset, now_.unix_ms))
    return failure(ErrorKind::conflict, "one of the things is at another host for now");
  const auto thing = Methods{const_cast<Control&>(*this)}.packed(asset);
  return thing.ok() ? ok() : Status(thing.error());
}

bool Control::blocks(VisitorId who, VisitorId other) const {
  const auto* account = friends_ == nullptr ? nullptr : accounts_->of_visitor(who);
  if (account == nullptr) return false;
  const auto person = person_of_visitor(std::to_string(other.value));
  return person && friends_->blocks(account->id, person->first);
}

Trades::Setup Control::trade_setup() {
  Trades::Setup setup;
  setup.may_give = [this](VisitorId owner, const trust::AssetId& asset) { return may_trade(owner, asset); };
  setup.seen = [this](VisitorId owner, VisitorId asks, const trust::AssetId& asset) {
    const auto at = visitors_.find(asks);
    const auto place = titles_->place_of(asset);
    return at != visitors_.end() && place && place->world == at->second.world && may_trade(owner, asset).ok();
  };
  setup.together = [this](VisitorId one, VisitorId other) {
    const auto a = visitors_.find(one), b = visitors_.find(other);
    return a != visitors_.end() && b != visitors_.end() && a->second.session && b->second.session &&
           !a->second.world.empty() && a->second.world == b->second.world;
  };
  setup.blocks = [this](VisitorId who, VisitorId other) { return blocks(who, other); };
  setup.signs = [this](const Trades::Trade& trade, VisitorId by, const std::optional<crypto::Signature>& signature) {
    auto own = trading(trade.of(by));
    own.signature = signature;
    return titles_->signs(own, trading(trade.other(by)));
  };
  setup.record = [this](const Trades::Trade& trade, federation::Titles::Answer answer) {
    titles_->trade(trading(trade.sides[0]), trading(trade.sides[1]), std::move(answer));
  };
  return setup;
}

// --- What is shown ---------------------------------------------------------------------------------------------------

Json Control::tradable_thing(const trust::AssetId& asset) const {
  const auto thing = Methods{const_cast<Control&>(*this)}.titled(asset);
  const auto* title = titles_->index().find(asset);
  Json json{{"asset", trust::title_hash_text(asset)},
            {"thing", appearance_of(thing.ok() ? thing->content : Json::object())},
            {"custody", titles_->custody_of(asset)},
            {"moved", title == nullptr ? 0 : title->sequence - rotations_of(*title)}};
  if (thing.ok() && thing->changed) json["changed"] = true;
  if (const auto place = titles_->place_of(asset)) {
    json["world"] = place->world;
    json["entity"] = place->entity.value;
  }
  return json;
}

Json Control::trades_of(VisitorId visitor) const {
  Json list = Json::array();
  for (const auto& trade : trades_->of(visitor)) {
    const auto &own = trade.of(visitor), &other = trade.other(visitor);
    Json with{{"visitor", std::to_string(other.who.value)}, {"name", ""}};
    if (const auto at = visitors_.find(other.who); at != visitors_.end()) {
      with["name"] = at->second.guest.name;
      if (!at->second.guest.home.empty()) with["home"] = at->second.guest.home;
    }
    Json json{{"id", trade.id},
              {"with", std::move(with)},
              {"begun", trade.sides[0].who == visitor},
              {"agrees", own.agrees},
              {"they_agree", other.agrees},
              {"state", name_of(trade.state)},
              {"until_ms", trade.until_ms}};
    if (own.gives) json["gives"] = tradable_thing(*own.gives);
    if (other.gives) json["gets"] = tradable_thing(*other.gives);
    if (!trade.why.empty()) json["why"] = trade.why;
    if (trade.state == Trades::State::traded) json["index"] = trade.index;
    list.push_back(std::move(json));
  }
  return list;
}

void Control::tell_trades() {
  for (const VisitorId id : trades_->tick(now_.unix_ms)) {
    const auto at = visitors_.find(id);
    if (at == visitors_.end() || !at->second.session) continue;
    notify(at->second.session, "title.trade", {{"trades", trades_of(id)}});
  }
}

// --- The calls -------------------------------------------------------------------------------------------------------

std::optional<VisitorId> Methods::trader_or_refuse(const Caller& caller, const Json& params, Reply& reply) {
  if (visitor_or_refuse(caller, reply) == nullptr || titles_or_refuse(reply) == nullptr) return {};
  const auto text = params["visitor"].get<std::string>();
  const auto at = std::ranges::find_if(
      c.visitors_, [&](const auto& one) { return one.second.session && std::to_string(one.first.value) == text; });
  if (at == c.visitors_.end()) {
    reply.error(Error{ErrorKind::not_found, "/params/visitor", "this visitor is not here"});
    return {};
  }
  // Made out to a key of this host, it would be theirs here alone, and not at their home.
  for (const VisitorId one : {caller.visitor, at->first})
    if (c.travel_ != nullptr && c.travel_->of_visitor(one) != nullptr) {
      reply.error(failure(ErrorKind::unavailable,
                          "somebody from another home cannot trade here yet: things can be given to them"));
      return {};
    }
  return at->first;
}

void Methods::trade_things(const Caller& caller, const Json& params, Reply reply) {
  const auto other = trader_or_refuse(caller, params, reply);
  if (!other) return;
  const auto list = [&](VisitorId owner, bool all) {
    Json things = Json::array();
    const auto world = c.visitors_.at(caller.visitor).world;
    for (const auto& asset : c.titles_->owned_by(owner)) {
      const auto place = c.titles_->place_of(asset);
      if ((all || (place && place->world == world)) && c.may_trade(owner, asset).ok())
        things.push_back(c.tradable_thing(asset));
    }
    return things;
  };
  const bool strangers = c.blocks(caller.visitor, *other) || c.blocks(*other, caller.visitor);
  reply.result({{"gives", list(caller.visitor, true)}, {"gets", strangers ? Json::array() : list(*other, false)}});
}

void Methods::trade_offer(const Caller& caller, const Json& params, Reply reply) {
  const auto other = trader_or_refuse(caller, params, reply);
  if (!other) return;
  const auto pair = pair_of(params);
  if (!pair.ok()) return reply.error(pair.error());
  const auto made = c.trades_->offer(caller.visitor, *other, *pair, c.now_.unix_ms);
  if (!made.ok()) return reply.error(made.error());
  c.tell_trades();
  reply.result({{"trades", c.trades_of(caller.visitor)}});
}

void Methods::trade_change(const Caller& caller, const Json& params, Reply reply) {
  if (visitor_or_refuse(caller, reply) == nullptr || titles_or_refuse(reply) == nullptr) return;
  const auto pair = pair_of(params);
  if (!pair.ok()) return reply.error(pair.error());
  const auto changed = c.trades_->change(caller.visitor, params["trade"].get<std::uint64_t>(), *pair, c.now_.unix_ms);
  if (!changed.ok()) return reply.error(changed.error());
  c.tell_trades();
  reply.result({{"trades", c.trades_of(caller.visitor)}});
}

void Methods::trade_agree(const Caller& caller, const Json& params, Reply reply) {
  if (visitor_or_refuse(caller, reply) == nullptr || titles_or_refuse(reply) == nullptr) return;
  const auto pair = pair_of(params);
  if (!pair.ok()) return reply.error(pair.error());
  const auto signature = signature_of(params);
  if (!signature.ok()) return reply.error(signature.error());
  const auto id = params["trade"].get<std::uint64_t>();
  const auto* trade = c.trades_->find(caller.visitor, id);
  const VisitorId other = trade == nullptr ? VisitorId{} : trade->other(caller.visitor).who;
  auto kept = std::make_shared<Reply>(std::move(reply));
  c.trades_->agree(caller.visitor, id, *pair, *signature, c.now_.unix_ms,
                   [m = *this, alive = c.alive_, kept, by = caller.visitor, other, id](const Status& status) {
                     if (!*alive) return;
                     // The last agreement was the other's, perhaps: both own something else from here on.
                     const auto* now = m.c.trades_->find(by, id);
                     if (now != nullptr && now->state == Trades::State::traded)
                       for (const VisitorId one : {by, other}) m.c.tell_owned(one);
                     const Json trades = m.c.trades_of(by);
                     m.c.tell_trades();
                     if (!status.ok()) return kept->error(status.error());
                     kept->result({{"trades", trades}});
                   });
  c.tell_trades();
}

void Methods::trade_decline(const Caller& caller, const Json& params, Reply reply) {
  if (visitor_or_refuse(caller, reply) == nullptr || titles_or_refuse(reply) == nullptr) return;
  const auto declined = c.trades_->decline(caller.visitor, params["trade"].get<std::uint64_t>());
  if (!declined.ok()) return reply.error(declined.error());
  const Json trades = c.trades_of(caller.visitor);
  c.tell_trades();
  reply.result({{"trades", trades}});
}

void Methods::add_trade_calls() {
  constexpr int kLook = 3, kSay = 5, kAgree = 10;
  constexpr std::string_view kLamp = "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU",
                             kChair = "LAkcL5DCjG1m3pcbhKUzd_cbixbuAJm_sFaVlxI43yc";
  const auto thing = [](std::string_view asset, const char* name, const char* model) {
    return Json{{"asset", asset},    {"thing", {{"name", name}, {"model", model}, {"scale", 1}}},
                {"world", "plaza"},  {"entity", 84},
                {"custody", "home"}, {"moved", 0}};
  };
  const Json lamp = thing(kLamp, "The red lamp", "lamp"), chair = thing(kChair, "The old chair", "chair");
  const Json result = object({{"trades", list_of(reference("Trade"))}}, {"trades"});
  const Json example{{"trades",
                      {{{"id", 3},
                        {"with", {{"visitor", "4212"}, {"name", "Eve"}}},
                        {"begun", true},
                        {"gives", lamp},
                        {"gets", chair},
                        {"agrees", false},
                        {"they_agree", true},
                        {"state", "open"},
                        {"until_ms", 1764000600000}}}}};
  const Json gives = text(43, "a title of one's own"), gets = text(43, "one of the other's");
  const Json id = whole("its id");
  const Json pair{{"trade", id}, {"gives", gives}, {"gets", gets}};
  Json signed_pair = pair;
  signed_pair["signature"] = signature_text();
  const Json example_pair{{"trade", 3}, {"gives", kLamp}, {"gets", kChair}};
  using Method = void (Methods::*)(const Caller&, const Json&, Reply);
  const auto add = [&](const char* name, const char* summary, const char* more, Json params, Json answer, int cost,
                       Json example_params, Json example_answer, Method method) {
    c.registry_.add({name, summary, more, std::move(params), std::move(answer), Capability::visit, cost,
                     std::move(example_params), std::move(example_answer),
                     [m = *this, method](const Caller& caller, const Json& given, Reply reply) mutable {
                       (m.*method)(caller, given, std::move(reply));
                     }});
  };
  add("title.trade.things", "What the two could trade: one's own things, and theirs that stand in this world.",
      "Things with a title in this host's log that are as their title has them and not away. Nothing of theirs where "
      "one "
      "has blocked the other.",
      object({{"visitor", text(20, "of the people track")}}, {"visitor"}),
      object({{"gives", list_of(reference("TradeThing"))}, {"gets", list_of(reference("TradeThing"))}},
             {"gives", "gets"}),
      kLook, {{"visitor", "4212"}}, {{"gives", {lamp}}, {"gets", {chair}}}, &Methods::trade_things);
  add("title.trade.offer", "Offers somebody in the same world a thing for one of theirs.",
      "One of the two may be left open: the other puts something up by `title.trade.change`. Nothing moves before both "
      "have agreed to the same pair. It ends after three minutes of silence, when one of the two leaves, and when a "
      "thing is given away, leased, changed or removed. One trade at a time with each person.",
      object({{"visitor", text(20, "of the people track")}, {"gives", gives}, {"gets", gets}}, {"visitor"}), result,
      kSay, {{"visitor", "4212"}, {"gives", kLamp}, {"gets", kChair}}, example, &Methods::trade_offer);
  add("title.trade.change", "Puts another pair on the table; whoever had agreed has not any more.",
      "A thing of the other's is one that stands in this world, or that they have put up.", object(pair, {"trade"}),
      result, kSay, example_pair, example, &Methods::trade_change);
  add("title.trade.agree", "Agrees to this pair, and no other.",
      "When both have, one record that both owners' keys sign goes into the log, and both titles move by it or "
      "neither. "
      "The second agreement is answered when the record is on disk; `title.final` tells both when a quorum of the "
      "log's "
      "witnesses has seen it. Whose own thing belongs to a key that they hold signs what `title.trade.form` says.",
      object(signed_pair, {"trade", "gives", "gets"}), result, kAgree, example_pair, example, &Methods::trade_agree);
  add("title.trade.decline", "Ends a trade, before both have agreed.", "", object({{"trade", id}}, {"trade"}), result,
      kLook, {{"trade", 3}}, example, &Methods::trade_decline);
  c.registry_.add({"title.trade.list", "The trades that one is in, and those that have just ended.", "", object({}),
                   result, Capability::visit, kLook, Json::object(), example,
                   [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                     if (m.visitor_or_refuse(caller, reply) != nullptr && m.titles_or_refuse(reply) != nullptr)
                       reply.result({{"trades", m.c.trades_of(caller.visitor)}});
                   }});
  c.registry_.add_notification("title.trade", "Something has become of a trade of this visitor's.", result, example);
}

}  // namespace mw::server
