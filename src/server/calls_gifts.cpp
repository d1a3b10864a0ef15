// Things that change hands at the destination, and those that are given back from there. What a gift goes through is in
// federation/gifts.h; this host moves no title, it tells whom to ask.
#include <algorithm>

#include "base/assert.h"
#include "base/format.h"
#include "base/limits.h"
#include "runtime/log.h"
#include "server/methods.h"
#include "server/schemas.h"
#include "trust/did.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;
using federation::Gifts;

namespace {

// "https://a.example/give#asset=...&to=...": the page of a home on which its person says yes.
std::string page_of(const std::string& home, const std::string& asset, const std::string& person) {
  const auto did = trust::did_web(home);
  if (!did.ok()) return {};
  std::string to;
  for (const char ch : person) to += ch == '%' ? std::string("%25") : std::string(1, ch);
  return format("{}/give#asset={}&to={}", trust::parse_web_did(*did)->origin(), asset, to);
}

}  // namespace

Gifts::Address Control::gift_address() {
  return [this](VisitorId to, const federation::Carrying::Item& thing,
                std::function<void(Result<Gifts::Recipient>)> answer) {
    const auto* traveller = travel_ == nullptr ? nullptr : travel_->of_visitor(to);
    const auto* account = accounts_ == nullptr ? nullptr : accounts_->of_visitor(to);
    if (traveller == nullptr && account == nullptr)
      return answer(failure(ErrorKind::forbidden, "a guest owns nothing: make an account at a host of your choice"));
    const std::string did = traveller != nullptr ? traveller->did : account->did;
    Methods{*this}.recipient(did, thing.host, thing.told.log,
                             [answer = std::move(answer)](const Result<Recipient>& who) {
                               if (!who.ok()) return answer(who.error());
                               answer(Gifts::Recipient{who->person, who->home, who->key, who->held});
                             });
  };
}

Json Control::gifts_of(VisitorId visitor) const {
  Json list = Json::array();
  if (gifts_ == nullptr) return list;
  const auto person = [&](VisitorId id) {
    Json json{{"visitor", std::to_string(id.value)}, {"name", ""}};
    const auto at = visitors_.find(id);
    if (at == visitors_.end()) return json;
    json["name"] = at->second.guest.name;
    if (!at->second.guest.home.empty()) json["home"] = at->second.guest.home;
    return json;
  };
  for (const auto& gift : gifts_->of(visitor)) {
    Json json{{"id", gift.id},
              {"from", person(gift.from)},
              {"to", person(gift.to)},
              {"state", name_of(gift.state)},
              {"until_ms", gift.until_ms}};
    for (const VisitorId has : {gift.from, gift.to})
      for (const auto& item : carrying_->of(has))
        if (item.asset == gift.asset) json["thing"] = appearance_of(item.told.thing);
    if (!json.contains("thing")) json["thing"] = appearance_of(Json::object());
    json["asset"] = trust::title_hash_text(gift.asset);
    if (gift.state == Gifts::State::accepted && gift.from == visitor) {
      const auto* traveller = travel_->of_visitor(visitor);
      json["confirm"] =
          page_of(traveller == nullptr ? travel_->authority() : traveller->home, json["asset"], gift.person);
    }
    list.push_back(std::move(json));
  }
  return list;
}

void Control::tell_gifts() {
  for (const VisitorId id : gifts_->tick(now_.unix_ms))
    if (const auto at = visitors_.find(id); at != visitors_.end() && at->second.session)
      notify(at->second.session, "travel.gift", {{"gifts", gifts_of(id)}});
}

Gifts* Methods::gifts_or_refuse(const Caller& caller, Reply& reply) {
  if (visitor_or_refuse(caller, reply) == nullptr) return nullptr;
  if (c.gifts_ == nullptr) reply.error(failure(ErrorKind::unavailable, "nobody brings anything to this host"));
  return c.gifts_.get();
}

void Methods::travel_give(const Caller& caller, const Json& params, Reply reply) {
  auto* gifts = gifts_or_refuse(caller, reply);
  if (gifts == nullptr) return;
  const auto asset = trust::parse_title_hash(params["asset"].get<std::string>(), "/params/asset");
  if (!asset.ok()) return reply.error(asset.error());
  const auto text = params["visitor"].get<std::string>();
  const auto to = std::ranges::find_if(
      c.visitors_, [&](const auto& one) { return one.second.session && std::to_string(one.first.value) == text; });
  if (to == c.visitors_.end())
    return reply.error(Error{ErrorKind::not_found, "/params/visitor", "this visitor is not here"});
  const auto offered = gifts->offer(caller.visitor, to->first, *asset, c.now_.unix_ms);
  if (!offered.ok()) return reply.error(offered.error());
  c.tell_gifts();
  reply.result({{"gifts", c.gifts_of(caller.visitor)}});
}

void Methods::travel_accept(const Caller& caller, const Json& params, Reply reply) {
  auto* gifts = gifts_or_refuse(caller, reply);
  if (gifts == nullptr) return;
  auto kept = std::make_shared<Reply>(std::move(reply));
  gifts->accept(caller.visitor, params["gift"].get<std::uint64_t>(), c.now_.unix_ms,
                [m = *this, alive = c.alive_, kept, by = caller.visitor](const Status& status) {
                  if (!*alive) return;
                  m.c.tell_gifts();
                  if (!status.ok()) return kept->error(status.error());
                  kept->result({{"gifts", m.c.gifts_of(by)}});
                });
}

void Methods::travel_decline(const Caller& caller, const Json& params, Reply reply) {
  auto* gifts = gifts_or_refuse(caller, reply);
  if (gifts == nullptr) return;
  const auto declined = gifts->decline(caller.visitor, params["gift"].get<std::uint64_t>());
  if (!declined.ok()) return reply.error(declined.error());
  c.tell_gifts();
  reply.result({{"gifts", c.gifts_of(caller.visitor)}});
}

// --- Given back ------------------------------------------------------------------------------------------------------

Result<std::string> Methods::returned(const federation::Carrying::Released& released) const {
  const auto& lease = released.lease;
  const trust::TitleReturn form{
      released.asset, lease.number,
      std::clamp(c.now_.unix_ms / 1'000, lease.from_s, std::max(lease.from_s, lease.until_s - 1))};
  const std::vector<trust::Sign> signers{[this](ByteView message) {
    crypto::Signature signature{};
    const Bytes bytes = c.keeper_.sign(message);
    MW_ASSERT(bytes.size() == signature.size());
    std::ranges::copy(bytes, signature.begin());
    return signature;
  }};
  const auto made = trust::sign_title(released.log, form, signers);
  if (!made.ok()) return made.error();
  return std::string(as_text(format_title(*made)));
}

// A host that does not hear of it has its thing back when the lease ends.
void Methods::travel_return(const Caller& caller, Reply reply) {
  if (visitor_or_refuse(caller, reply) == nullptr) return;
  if (c.carrying_ == nullptr || c.host_calls_ == nullptr) return reply.result({{"carried", Json::array()}});
  for (const auto& released : c.carrying_->release(caller.visitor)) {
    const auto record = returned(released);
    if (!record.ok()) continue;
    if (released.host == c.travel_->authority()) {
      c.titles_->record_from_host(*record, "", c.now_.unix_ms, [](const Result<Json>&) {});
      continue;
    }
    c.host_calls_->send(released.host, "title.record", {{"record", *record}},
                        [host = released.host](const Result<Json>& answer) {
                          if (!answer.ok())
                            runtime::log_info("titles", "a thing was given back and its host did not hear of it",
                                              {{"host", host}, {"reason", answer.error().text()}});
                        });
  }
  c.tell_carried();
  reply.result({{"carried", c.carried_by(caller.visitor)}});
}

// --- The calls -------------------------------------------------------------------------------------------------------

void Methods::add_gift_calls() {
  auto& registry = c.registry_;
  const Json result = object({{"gifts", list_of(reference("Gift"))}}, {"gifts"});
  const Json example{{"gifts",
                      {{{"id", 3},
                        {"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"},
                        {"thing", {{"name", "The red lamp"}, {"model", "lamp"}, {"scale", 1}}},
                        {"from", {{"visitor", "4211"}, {"name", "Ada"}, {"home", "a.example"}}},
                        {"to", {{"visitor", "4212"}, {"name", "Eve"}, {"home", "c.example"}}},
                        {"state", "accepted"},
                        {"until_ms", 1764000600000},
                        {"confirm", "https://a.example/give#asset=PoTD&to=did:webvh:QmScid:c.example:people:eve"}}}}};
  registry.add(
      {"travel.give",
       "Offers a thing that one has brought to somebody who is here.",
       "Nothing moves before they have accepted and the owner has said so at home (`confirm`): the title's key is kept "
       "there. Offers end after a minute, those that were accepted after five.",
       object({{"asset", text(43)}, {"visitor", text(20, "of the people track")}}, {"asset", "visitor"}),
       result,
       Capability::visit,
       5,
       {{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"}, {"visitor", "4212"}},
       example,
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.travel_give(caller, params, std::move(reply));
       }});
  registry.add({"travel.accept",
                "Takes a gift. The giver learns one's identifier, which the title is made out to.",
                "One's home is asked where one takes things: a guest is refused.",
                object({{"gift", whole()}}, {"gift"}),
                result,
                Capability::visit,
                10,
                {{"gift", 3}},
                example,
                [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                  m.travel_accept(caller, params, std::move(reply));
                }});
  registry.add({"travel.decline",
                "Declines a gift, or takes back one's own offer.",
                "",
                object({{"gift", whole()}}, {"gift"}),
                result,
                Capability::visit,
                3,
                {{"gift", 3}},
                example,
                [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                  m.travel_decline(caller, params, std::move(reply));
                }});
  registry.add({"travel.gifts", "Gifts that wait for somebody's yes, from one and to one.", "", object({}), result,
                Capability::visit, 2, Json::object(), example,
                [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                  if (m.gifts_or_refuse(caller, reply) != nullptr)
                    reply.result({{"gifts", m.c.gifts_of(caller.visitor)}});
                }});
  registry.add_notification("travel.gift", "Something has become of gifts from or to this visitor.", result, example);
  registry.add({"travel.return",
                "Gives back what one has brought, before its lease ends: it is at home again at once.",
                "For whoever goes home, or on to another host.",
                object({}),
                object({{"carried", list_of(reference("Brought"))}}, {"carried"}),
                Capability::visit,
                5,
                Json::object(),
                {{"carried", Json::array()}},
                [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                  m.travel_return(caller, std::move(reply));
                }});
}

}  // namespace mw::server
