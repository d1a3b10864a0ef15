// Things that travel with their person: taken along at home, in the hand at the destination. What holds is decided in
// federation/carrying.h and trust/carried.h.
#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "server/methods.h"
#include "server/schemas.h"
#include "trust/did.h"
#include "trust/lease.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;
using federation::Travel;

// --- At home ---------------------------------------------------------------------------------------------------------

Result<Methods::Titled> Methods::titled(const trust::AssetId& asset) const {
  const auto* title = c.titles_->index().find(asset);
  const auto place = c.titles_->place_of(asset);
  auto* world = place ? c.find_world(place->world) : nullptr;
  if (title == nullptr || world == nullptr)
    return failure(ErrorKind::not_found, "its world is not open, or there is no such title here");
  const auto& things = world->scene().things();
  const auto thing = things.find(place->entity);
  if (thing == things.end()) return failure(ErrorKind::not_found, "the thing is not there any more");
  Json content = content_json(thing->second);
  const auto hash = federation::Titles::content_of(content);
  if (!hash.ok()) return hash.error();
  if (*hash == title->content) return Titled{std::move(content), false};
  auto first = c.titles_->description_of(asset);
  if (!first.ok())
    return failure(ErrorKind::conflict, "the thing was changed since its title was made, and is not what it is over");
  return Titled{std::move(*first), true};
}

Result<trust::CarriedThing> Methods::packed(const trust::AssetId& asset) const {
  auto thing = titled(asset);
  if (!thing.ok()) return thing.error();
  return trust::CarriedThing{trust::title_hash_text(asset), c.titles_->index().log(), std::move(thing->content), "",
                             c.titles_->custody_of(asset) == "holder"};
}

namespace {

void describe(Json& json, const Json& content) {
  json["name"] = content.value("name", std::string());
  json["model"] = content.value("model", std::string());
  json["scale"] = content.value("scale", 1.0);
  if (const auto colour = content.value("colour", std::string()); !colour.empty()) json["colour"] = colour;
}

void tell_whether(Json& json, const Status& may) {
  json["may_come"] = may.ok();
  if (!may.ok()) json["why"] = may.error().message;
}

// Where the thing is by a lease that is not over.
void tell_where(Json& json, const trust::Title& title, std::int64_t now_ms) {
  if (title.lease && !trust::at_home(title, now_ms))
    json["away"] = {{"host", title.lease->host}, {"until_s", title.lease->until_s}};
}

}  // namespace

Json Methods::belongings(VisitorId visitor) const {
  Json list = Json::array();
  if (c.titles_ == nullptr) return list;
  const auto clock = c.titles_->clock(c.now_.unix_ms);
  for (const auto& asset : c.titles_->owned_by(visitor)) {
    const auto thing = titled(asset);
    if (!thing.ok() && thing.error().kind == ErrorKind::not_found) continue;
    Json json{{"asset", trust::title_hash_text(asset)}, {"custody", c.titles_->custody_of(asset)}};
    describe(json, thing.ok() ? thing->content : Json::object());
    if (thing.ok() && thing->changed) json["changed"] = true;
    tell_whether(json, thing.ok() ? clock : Status(thing.error()));
    tell_where(json, *c.titles_->index().find(asset), c.now_.unix_ms);
    list.push_back(std::move(json));
  }
  for (auto& json : abroad_belongings(visitor)) list.push_back(std::move(json));
  return list;
}

Json Methods::abroad_belongings(VisitorId visitor) const {
  Json list = Json::array();
  if (c.abroad_ == nullptr) return list;
  const auto clock = c.titles_->clock(c.now_.unix_ms);
  for (const auto& thing : c.abroad_->of(visitor)) {
    Json json{{"asset", trust::title_hash_text(thing.asset)}, {"custody", "home"}, {"log_host", thing.host}};
    describe(json, thing.thing);
    tell_whether(json, clock);
    if (thing.title) tell_where(json, *thing.title, c.now_.unix_ms);
    list.push_back(std::move(json));
  }
  c.abroad_->look(visitor, c.now_.unix_ms);  // for the next time
  return list;
}

void Methods::tell(const Json& challenge, Travel::Telling telling, Json left_behind, std::shared_ptr<Reply> reply) {
  const auto account = telling.account;
  c.travel_->answer(
      challenge, std::move(telling), c.now_.unix_ms,
      [m = *this, alive = c.alive_, reply, account, challenge,
       left = std::move(left_behind)](Result<Travel::Answer> made) {
        if (!*alive) return;
        if (!made.ok()) return reply->error(made.error());
        m.c.friend_went(account, challenge);
        reply->result(
            {{"credential", std::move(made->credential)}, {"return_to", made->return_to}, {"left_behind", left}});
      });
}

void Methods::pack(VisitorId visitor, const Json& challenge, const std::vector<std::string>& assets,
                   SignedLeases leases, Travel::Telling telling, Reply reply) {
  auto kept = std::make_shared<Reply>(std::move(reply));
  if (assets.empty()) return tell(challenge, std::move(telling), Json::array(), kept);
  // Who asks is known before anything is leased to them.
  const std::string account = telling.account;
  c.travel_->asked(challenge, account, c.now_.unix_ms,
                   [m = *this, alive = c.alive_, kept, visitor, challenge, assets, leases = std::move(leases),
                    telling = std::move(telling)](Result<Travel::Asked> asked) mutable {
                     if (!*alive) return;
                     if (!asked.ok()) return kept->error(asked.error());
                     m.lease_all(visitor, asked->challenge, assets, leases,
                                 [m, kept, challenge, telling = std::move(telling)](
                                     std::vector<trust::CarriedThing> things, Json left) mutable {
                                   telling.carried = std::move(things);
                                   m.tell(challenge, std::move(telling), std::move(left), kept);
                                 });
                   });
}

void Methods::lease_all(VisitorId visitor, const trust::VisitChallenge& to, std::vector<std::string> assets,
                        const SignedLeases& leases,
                        std::function<void(std::vector<trust::CarriedThing>, Json left_behind)> done) {
  struct Packing {
    std::vector<trust::CarriedThing> things;
    Json left = Json::array();
    std::size_t open = 0;
    std::function<void(std::vector<trust::CarriedThing>, Json)> done;
  };
  std::ranges::sort(assets);
  assets.erase(std::unique(assets.begin(), assets.end()), assets.end());
  auto packing = std::make_shared<Packing>();
  packing->open = assets.size();
  packing->done = std::move(done);
  const auto one_less = [packing] {
    if (--packing->open == 0) packing->done(std::move(packing->things), std::move(packing->left));
  };
  for (const auto& text : assets) {
    const auto signed_one = leases.find(text);
    const auto lease = signed_one == leases.end() ? std::nullopt : std::optional(signed_one->second);
    lease_one(visitor, to, text, lease, [packing, text, one_less](Result<trust::CarriedThing> thing) {
      if (thing.ok())
        packing->things.push_back(*std::move(thing));
      else
        packing->left.push_back({{"asset", text}, {"why", thing.error().message}});
      one_less();
    });
  }
}

// One that is somewhere else by a lease is called back first.
void Methods::lease_one(VisitorId visitor, const trust::VisitChallenge& to, const std::string& text,
                        const std::optional<federation::Titles::SignedLease>& lease, Done<trust::CarriedThing> done) {
  const auto asset = trust::parse_title_hash(text, "carry");
  if (!asset.ok()) return done(asset.error());
  if (c.titles_ == nullptr) return done(failure(ErrorKind::unavailable, "this host keeps no titles"));
  const auto* abroad = c.abroad_ == nullptr ? nullptr : c.abroad_->find(visitor, *asset);
  auto thing = abroad == nullptr ? packed(*asset)
                                 : Result<trust::CarriedThing>({text, abroad->log, abroad->thing, abroad->host, false});
  if (!thing.ok()) return done(thing.error());
  const auto leased = [m = *this, alive = c.alive_, done, thing = *std::move(thing)](const Result<Json>& answer) {
    if (!*alive) return;
    if (!answer.ok()) return done(answer.error());
    m.c.hide_away();  // it is not seen at two places, not even for a moment
    done(thing);
  };
  const federation::Titles::Tenant tenant{to.audience, to.key};
  const bool elsewhere = abroad != nullptr;
  const auto take = [m = *this, visitor, asset = *asset, tenant, elsewhere, lease, leased] {
    if (elsewhere) return m.c.abroad_->lease(visitor, asset, tenant, m.c.now_.unix_ms, leased);
    m.c.titles_->lease(visitor, asset, tenant, m.c.now_.unix_ms, leased, lease);
  };
  const auto* title = abroad != nullptr ? (abroad->title ? &*abroad->title : nullptr) : c.titles_->index().find(*asset);
  const bool theirs = abroad != nullptr || c.titles_->owns(visitor, *asset);
  if (title == nullptr || !theirs || trust::at_home(*title, c.now_.unix_ms) || title->lease->host == to.audience)
    return take();
  recall(visitor, *asset, title->lease->host, [alive = c.alive_, take, done](const Status& back) {
    if (!*alive) return;
    if (!back.ok()) return done(back.error());
    take();
  });
}

void Methods::recall(VisitorId visitor, const trust::AssetId& asset, const std::string& host,
                     std::function<void(Status)> done) {
  const auto place = trust::parse_web_did(host);
  if (!place.ok() || c.host_calls_ == nullptr)
    return done(failure(ErrorKind::unavailable, format("{} has the thing, and cannot be asked", host)));
  const auto recorded = [alive = c.alive_, done](const Result<Json>& answer) {
    if (*alive) done(answer.ok() ? ok() : Status(answer.error()));
  };
  c.host_calls_->send(
      place->authority(), "title.release", {{"asset", trust::title_hash_text(asset)}},
      [m = *this, alive = c.alive_, visitor, asset, host = place->authority(), done,
       recorded](const Result<Json>& answer) {
        if (!*alive) return;
        if (!answer.ok())
          return done(failure(ErrorKind::unavailable,
                              format("{} has the thing, and does not give it back: {}", host, answer.error().message)));
        const auto record = answer->value("record", std::string());
        const auto* abroad = m.c.abroad_ == nullptr ? nullptr : m.c.abroad_->find(visitor, asset);
        if (abroad == nullptr) return m.c.titles_->record_from_host(record, "", m.c.now_.unix_ms, recorded);
        m.c.host_calls_->send(abroad->host, "title.record", {{"record", record}},
                              [m, alive, visitor, asset, recorded](const Result<Json>& told) {
                                if (!*alive) return;
                                if (told.ok()) m.c.abroad_->came_back(visitor, asset, m.c.now_.unix_ms);
                                recorded(told);
                              });
      });
}

// --- At the destination ----------------------------------------------------------------------------------------------

void Methods::travel_carried(const Caller& caller, Reply reply) {
  if (visitor_or_refuse(caller, reply) != nullptr) reply.result({{"carried", c.carried_by(caller.visitor)}});
}

void Methods::travel_hand(const Caller& caller, const Json& params, Reply reply) {
  if (visitor_or_refuse(caller, reply) == nullptr) return;
  if (c.carrying_ == nullptr)
    return reply.error(failure(ErrorKind::unavailable, "nobody brings anything to this host"));
  const auto taken = c.carrying_->take(caller.visitor, params.value("asset", std::string()));
  if (!taken.ok()) return reply.error(taken.error());
  c.tell_carried();
  reply.result({{"carried", c.carried_by(caller.visitor)}});
}

void Methods::add_carried_calls() {
  auto& registry = c.registry_;
  const Json result = object({{"carried", list_of(reference("Brought"))}}, {"carried"});
  const Json example{{"carried",
                      {{{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"},
                        {"name", "The red lamp"},
                        {"model", "lamp"},
                        {"scale", 1},
                        {"host", "a.example"},
                        {"state", "here"},
                        {"in_hand", true},
                        {"until_s", 1764000600}}}}};
  registry.add(
      {"travel.carried", "What one has brought along from one's home, and what has become of it.",
       "`checking`: the log of the home is read. `waiting`: the lease holds, and begins (5 s after it was made), or "
       "this host's clock is not known to be right. `here`: the others see it. `refused`, with the reason. "
       "`over`: the lease has ended, and the thing is at home again.",
       object({}), result, Capability::visit, 2, Json::object(), example,
       [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
         m.travel_carried(caller, std::move(reply));
       }});
  registry.add({"travel.hand",
                "Takes a thing that one has brought in hand, for everybody to see; without `asset` the hand is empty.",
                "Only what is `here`; one thing at a time.",
                object({{"asset", text(43)}}),
                result,
                Capability::visit,
                3,
                {{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"}},
                example,
                [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                  m.travel_hand(caller, params, std::move(reply));
                }});
  registry.add_notification("travel.brought", "Something has become of what this visitor has brought along.", result,
                            example);
}

}  // namespace mw::server
