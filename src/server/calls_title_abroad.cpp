// Titles and people of different hosts: where somebody takes things, giving to a person of another home, and what hosts ask one
// another about titles (schema/hosts.md). Whose title it is decides the record's signature; nobody is believed for being a host.
#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/multibase.h"
#include "runtime/log.h"
#include "server/host_calls.h"
#include "server/methods.h"
#include "server/schemas.h"
#include "trust/did.h"
#include "trust/lease.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

namespace {

using Answer = federation::Titles::Answer;

constexpr std::size_t kAuthorityChars = 260;

Result<std::string> text_of(const Json& params, const char* name, std::size_t most) {
  const auto at = params.find(name);
  if (at == params.end() || !at->is_string() || at->get_ref<const std::string&>().size() > most)
    return invalid(name, format("expected a string of at most {} bytes", most));
  return at->get<std::string>();
}

// The did:web of a host, or of the host that somebody's did:webvh lives at.
std::string authority_of(std::string_view did) {
  const auto place = trust::parse_web_did(did);
  return place.ok() ? place->authority() : std::string();
}

}  // namespace

// --- Where somebody takes things -------------------------------------------------------------------------------------

void Methods::own_recipient(const std::string& person, Done<Recipient> done) const {
  const auto place = trust::parse_web_did(person);
  const auto* account =
      c.accounts_ == nullptr || !place.ok() || place->path.empty() ? nullptr : c.accounts_->find(place->path.back());
  if (account == nullptr || account->did != person || c.titles_ == nullptr)
    return done(Error{ErrorKind::not_found, "person", "nobody of that name lives here"});
  c.know_traveller(account->visitor, [m = *this, person, done = std::move(done)](Control::Visitor& visitor) {
    const VisitorId id = visitor.guest.visitor;
    done(Recipient{person, m.c.travel_->authority(), visitor.guest.name, m.c.titles_->key_for(id), id});
  });
}

void Methods::own_recipient_in(const std::string& person, const std::string& log_host, const std::string& log,
                               Done<Recipient> done) const {
  own_recipient(
      person, [m = *this, alive = c.alive_, log_host, log, done = std::move(done)](const Result<Recipient>& who) {
        if (!*alive) return;
        if (!who.ok()) return done(who);
        if (m.c.travel_ == nullptr || log_host == m.c.travel_->authority()) {
          // In this host's own log they may hold the key; in others' this host signs for them.
          Recipient here = *who;
          here.key = m.c.titles_->receives(who->visitor);
          here.held = here.key != who->key;
          return done(here);
        }
        if (m.c.abroad_ == nullptr) return done(who);
        m.c.travel_->log_key(log_host, log, m.c.now_.unix_ms,
                             [m, alive, log_host, who = *who, done](const Result<crypto::PublicKey>& log_key) {
                               if (!*alive) return;
                               if (!log_key.ok()) return done(log_key.error());
                               m.c.abroad_->address(
                                   who.visitor, log_host, *log_key, m.c.now_.unix_ms,
                                   [who, done](const Result<crypto::PublicKey>& kept) {
                                     done(kept.ok() ? Result<Recipient>(who) : Result<Recipient>(kept.error()));
                                   });
                             });
      });
}

void Methods::recipient(const std::string& person, const std::string& log_host, const std::string& log,
                        Done<Recipient> done) const {
  const std::string home = authority_of(person);
  if (home.empty()) return done(invalid("person", "expected somebody's did:webvh"));
  if (c.travel_ != nullptr && home == c.travel_->authority())
    return own_recipient_in(person, log_host, log, std::move(done));
  if (c.host_calls_ == nullptr) return done(failure(ErrorKind::unavailable, "this host calls no others"));
  c.host_calls_->send(
      home, "title.recipient", {{"person", person}, {"host", log_host}, {"log", log}},
      [person, home, done = std::move(done)](const Result<Json>& answer) {
        if (!answer.ok()) return done(answer.error());
        const auto name = text_of(*answer, "name", limits::kNameBytes);
        const auto text = text_of(*answer, "key", 64);
        if (!name.ok() || !text.ok())
          return done(failure(ErrorKind::unavailable, format("{} does not say where", home)));
        const auto key = crypto::from_multikey(*text);
        if (!key.ok()) return done(failure(ErrorKind::unavailable, format("{}: no key", home)));
        done(Recipient{person, home, *name, *key, {}, answer->contains("custody") && (*answer)["custody"] == "holder"});
      });
}

void Methods::title_recipient(const Caller& caller, const Json& params, Reply reply) {
  if (account_or_refuse(caller, reply) == nullptr) return;
  auto kept = std::make_shared<Reply>(std::move(reply));
  const auto [host, log] = log_of(caller.visitor, params["asset"].get<std::string>());
  recipient(params["person"].get<std::string>(), host, log, [alive = c.alive_, kept](const Result<Recipient>& who) {
    if (!*alive) return;
    if (!who.ok()) return kept->error(who.error());
    kept->result({{"person", who->person}, {"home", who->home}, {"name", who->name}});
  });
}

// --- Giving ----------------------------------------------------------------------------------------------------------

std::pair<std::string, std::string> Methods::log_of(VisitorId visitor, const std::string& asset) const {
  const auto id = trust::parse_title_hash(asset, "asset");
  if (id.ok() && c.abroad_ != nullptr)
    if (const auto* thing = c.abroad_->find(visitor, *id)) return {thing->host, thing->log};
  return {c.travel_ == nullptr ? "" : c.travel_->authority(), c.titles_ == nullptr ? "" : c.titles_->index().log()};
}

void Methods::give_to_person(VisitorId by, const trust::AssetId& asset, const std::string& person, Answer answer,
                             const federation::Titles::Signed& signature) const {
  const auto [host, log] = log_of(by, trust::title_hash_text(asset));
  recipient(person, host, log,
            [m = *this, alive = c.alive_, by, asset, log_host = host, signature,
             answer = std::move(answer)](const Result<Recipient>& who) {
              if (!*alive) return;
              if (!who.ok()) return answer(who.error());
              const Answer given = [m, alive, answer, who = *who, log_host](Result<Json> standing) {
                if (!*alive) return;
                if (standing.ok()) m.tell_given(who, log_host);
                answer(std::move(standing));
              };
              if (m.c.abroad_ != nullptr && m.c.abroad_->find(by, asset) != nullptr)
                return m.c.abroad_->give(by, asset, who->key, who->person, given);
              if (who->visitor) return m.c.titles_->give(by, asset, who->visitor, given, signature);
              m.c.titles_->give(by, asset, who->key, who->person, given, signature);
            });
}

// The other home finds it in the log by itself, sooner for being told.
void Methods::tell_given(const Recipient& who, const std::string& log_host) const {
  if (who.visitor) {
    if (c.abroad_ != nullptr) c.abroad_->look(who.visitor, log_host, c.now_.unix_ms);
    return;
  }
  c.host_calls_->send(who.home, "title.given", {{"person", who.person}, {"host", log_host}},
                      [](const Result<Json>&) {});
}

// --- What other hosts ask --------------------------------------------------------------------------------------------

void Methods::host_recipient(const Json& params, Done<Json> done) const {
  const auto person = text_of(params, "person", limits::kDidBytes), host = text_of(params, "host", kAuthorityChars),
             log = text_of(params, "log", limits::kNoteNameBytes);
  for (const auto* one : {&person, &host, &log})
    if (!one->ok()) return done(one->error());
  if (c.abroad_ == nullptr) return done(failure(ErrorKind::unavailable, "this host keeps no titles"));
  own_recipient_in(*person, *host, *log, [done = std::move(done)](const Result<Recipient>& who) {
    if (!who.ok()) return done(who.error());
    done(Json{{"name", who->name}, {"key", crypto::multikey(who->key)}, {"custody", who->held ? "holder" : "home"}});
  });
}

void Methods::host_given(const Json& params, const Done<Json>& done) const {
  const auto person = text_of(params, "person", limits::kDidBytes), host = text_of(params, "host", kAuthorityChars);
  if (!person.ok()) return done(person.error());
  if (!host.ok()) return done(host.error());
  own_recipient(*person, [m = *this, alive = c.alive_, host = *host, done](const Result<Recipient>& who) {
    if (!*alive) return;
    if (!who.ok()) return done(who.error());
    if (m.c.abroad_ != nullptr) m.c.abroad_->look(who->visitor, host, m.c.now_.unix_ms);
    done(Json::object());
  });
}

void Methods::host_record(const Json& params, Done<Json> done) const {
  const auto record = text_of(params, "record", limits::kTitleRecordBytes);
  if (!record.ok()) return done(record.error());
  if (c.titles_ == nullptr) return done(failure(ErrorKind::unavailable, "this host keeps no titles"));
  const auto person =
      params.contains("person") ? text_of(params, "person", limits::kDidBytes) : Result<std::string>("");
  if (!person.ok()) return done(person.error());
  c.titles_->record_from_host(*record, *person, c.now_.unix_ms,
                              [m = *this, alive = c.alive_, done = std::move(done)](Result<Json> standing) {
                                if (!*alive) return;
                                if (standing.ok()) m.c.hide_away();
                                done(std::move(standing));
                              });
}

void Methods::host_thing(const Json& params, const Done<Json>& done) const {
  const auto text = text_of(params, "asset", 64);
  const auto asset = text.ok() ? trust::parse_title_hash(*text, "asset") : Result<trust::AssetId>(text.error());
  if (!asset.ok()) return done(asset.error());
  if (c.titles_ == nullptr) return done(failure(ErrorKind::unavailable, "this host keeps no titles"));
  auto thing = packed(*asset);
  if (!thing.ok()) return done(thing.error());
  done(Json{{"thing", std::move(thing->thing)}});
}

void Methods::host_release(const std::string& from, const Json& params, const Done<Json>& done) const {
  const auto text = text_of(params, "asset", 64);
  const auto asset = text.ok() ? trust::parse_title_hash(*text, "asset") : Result<trust::AssetId>(text.error());
  if (!asset.ok()) return done(asset.error());
  if (c.carrying_ == nullptr) return done(failure(ErrorKind::unavailable, "nobody brings anything to this host"));
  const auto released = c.carrying_->release(from, *asset);
  if (!released.ok()) return done(released.error());
  c.tell_carried();
  const auto record = returned(*released);
  if (!record.ok()) return done(record.error());
  done(Json{{"record", *record}});
}

void Methods::title_recall(const Caller& caller, const Json& params, Reply reply) {
  auto* titles = titles_or_refuse(reply);
  if (titles == nullptr || account_or_refuse(caller, reply) == nullptr) return;
  const auto asset = trust::parse_title_hash(params["asset"].get<std::string>(), "/params/asset");
  if (!asset.ok()) return reply.error(asset.error());
  const auto* abroad = c.abroad_ == nullptr ? nullptr : c.abroad_->find(caller.visitor, *asset);
  const auto* own = titles->index().find(*asset);
  const bool theirs = abroad != nullptr || titles->owns(caller.visitor, *asset);
  if (!theirs) return reply.error(failure(ErrorKind::forbidden, "this title is not yours"));
  const auto* title = abroad == nullptr ? own : abroad->title ? &*abroad->title : nullptr;
  const auto told = [m = *this, by = caller.visitor] { return Json{{"things", m.belongings(by)}}; };
  if (title == nullptr || trust::at_home(*title, c.now_.unix_ms)) return reply.result(told());
  auto kept = std::make_shared<Reply>(std::move(reply));
  recall(caller.visitor, *asset, title->lease->host, [m = *this, alive = c.alive_, kept, told](const Status& back) {
    if (!*alive) return;
    if (!back.ok()) return kept->error(back.error());
    m.c.hide_away();
    kept->result(told());
  });
}

void Methods::add_owner_calls() {
  auto& registry = c.registry_;
  const Json owned = object({{"things", list_of(reference("Belonging"))}}, {"things"});
  const Json example{{"things",
                      {{{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"},
                        {"name", "The red lamp"},
                        {"model", "lamp"},
                        {"scale", 1},
                        {"custody", "home"},
                        {"log_host", "a.example"},
                        {"may_come", true}}}}};
  registry.add(
      {"title.mine",
       "What one owns: here, by a key that this host keeps or one that one holds; and in the logs of other hosts.",
       "What was given to one elsewhere is found in that log, some seconds after it was.", object({}), owned,
       Capability::visit, 3, Json::object(), example,
       [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
         if (m.visitor_or_refuse(caller, reply) != nullptr) reply.result({{"things", m.belongings(caller.visitor)}});
       }});
  registry.add_notification("title.owned", "Something was given to one elsewhere, or given on.", owned, example);
  registry.add_notification(
      "title.given", "Somebody who is here has given one a thing.",
      object(
          {{"asset", text(43)},
           {"thing",
            object({{"name", text(limits::kNameChars)}, {"model", text(32)}, {"scale", number()}, {"colour", text(7)}},
                   {"name", "model", "scale"})},
           {"from", object({{"visitor", text(20)}, {"name", text(limits::kNameChars)}}, {"visitor", "name"})}},
          {"asset", "thing", "from"}),
      {{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"},
       {"thing", {{"name", "The red lamp"}, {"model", "lamp"}, {"scale", 1}}},
       {"from", {{"visitor", "4211"}, {"name", "Ada"}}}});
  registry.add({"title.recall",
                "Calls a thing home from the host that it is leased to.",
                "That host gives it back by a record of its own; without it the lease ends by itself.",
                object({{"asset", text(43)}}, {"asset"}),
                owned,
                Capability::visit,
                10,
                {{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"}},
                example,
                [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                  m.title_recall(caller, params, std::move(reply));
                }});
  registry.add(
      {"title.recipient",
       "Who would get a thing, before one gives it: as their own home names them.",
       "At home, to somebody with an account. The other home is told that a thing of this log may come.",
       object({{"asset", text(43)}, {"person", text(limits::kDidBytes, "did:webvh")}}, {"asset", "person"}),
       object(
           {{"person", text(limits::kDidBytes)}, {"home", text(kAuthorityChars)}, {"name", text(limits::kNameChars)}},
           {"person", "home", "name"}),
       Capability::visit,
       10,
       {{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"},
        {"person", "did:webvh:QmScid:c.example:people:abcdefghij234567"}},
       {{"person", "did:webvh:QmScid:c.example:people:abcdefghij234567"}, {"home", "c.example"}, {"name", "Eve"}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.title_recipient(caller, params, std::move(reply));
       }});
}

void Methods::add_host_calls() {
  if (c.host_calls_ == nullptr) return;
  auto& hosts = *c.host_calls_;
  using Key = crypto::PublicKey;
  hosts.on("title.recipient", [m = *this](const std::string&, const Key&, const Json& params, auto reply) {
    m.host_recipient(params, std::move(reply));
  });
  hosts.on("title.given", [m = *this](const std::string&, const Key&, const Json& params, auto reply) {
    m.host_given(params, reply);
  });
  hosts.on("title.record", [m = *this](const std::string&, const Key&, const Json& params, auto reply) {
    m.host_record(params, std::move(reply));
  });
  hosts.on("title.thing", [m = *this](const std::string&, const Key&, const Json& params, auto reply) {
    m.host_thing(params, reply);
  });
  hosts.on("title.release", [m = *this](const std::string& from, const Key&, const Json& params, auto reply) {
    m.host_release(from, params, reply);
  });
}

}  // namespace mw::server
