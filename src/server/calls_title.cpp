// Titles to things: made, given, shown.
#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/multibase.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

namespace {

federation::Titles::Answer answer_by(Reply reply) {
  auto kept = std::make_shared<Reply>(std::move(reply));
  return [kept](Result<Json> result) {
    if (result.ok())
      kept->result(std::move(result).value());
    else
      kept->error(result.error());
  };
}

Json title_fields() {
  return {{"asset", text(43, "base64url of the hash of the record that made it")},
          {"content", text(43, "base64url of SHA-256 of what the thing is")},
          {"log", text(limits::kNoteNameBytes, "the one log in which the title lives")},
          {"sequence", whole("how often it has moved")},
          {"index", whole("of the record by which it stands")},
          {"owner", text(64, "the key that owns it: z6Mk...")},
          {"custody",
           {{"type", "string"},
            {"enum", {"home", "holder"}},
            {"description", "who keeps that key: this host for a visitor, or somebody by themselves"}}},
          {"kept_by", text(260, "the home that keeps the key, where that is not this host")},
          {"final", described(yes_no(), "a quorum of the log's witnesses has seen it; otherwise it is on disk")},
          {"lease", object({{"host", text(limits::kDidBytes, "did:web")}, {"from_s", whole()}, {"until_s", whole()}},
                           {"host", "from_s", "until_s"}, "the latest one, over or not: it is shown there")}};
}
std::vector<std::string> title_names() {
  return {"asset", "content", "log", "sequence", "index", "owner", "custody", "final"};
}
Json example_title() {
  return {{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"},
          {"content", "LAkcL5DCjG1m3pcbhKUzd_cbixbuAJm_sFaVlxI43yc"},
          {"log", "manyworlds/abc"},
          {"sequence", 0},
          {"index", 7},
          {"owner", "z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX"},
          {"custody", "home"},
          {"final", false}};
}

constexpr std::string_view kRecorded =
    "The answer comes when the record is on disk; `title.final` tells when a quorum of the log's witnesses has seen "
    "it. `record` is a "
    "record that was signed elsewhere, by a key that the caller keeps (schema/titles.md); without it the host signs, "
    "by "
    "a key that it keeps for the visitor (`custody` is `home` then). ";

}  // namespace

Json content_json(const world::Thing& thing) {
  return {{"type", "manyworlds thing 1"},
          {"model", thing.model},
          {"scale", thing.scale},
          {"colour", thing.colour},
          {"name", thing.name}};
}

federation::Titles* Methods::titles_or_refuse(Reply& reply) {
  if (c.titles_ == nullptr) reply.error(failure(ErrorKind::unavailable, "this host keeps no titles"));
  return c.titles_;
}

void Methods::title_create(const Caller& caller, const Json& params, Reply reply) {
  auto* titles = titles_or_refuse(reply);
  if (titles == nullptr) return;
  const auto* world = world_or_refuse(caller, params, reply);
  if (world == nullptr) return;
  const EntityId entity{params["entity"].get<std::uint32_t>()};
  const auto& things = world->scene().things();
  const auto thing = things.find(entity);
  if (thing == things.end())
    return reply.error(Error{ErrorKind::not_found, "/params/entity", "there is no such thing in this world"});
  if (!caller.visitor || thing->second.by != caller.visitor)
    return reply.error(failure(ErrorKind::forbidden, "only who made a thing makes its title"));
  titles->create(caller.visitor, world->description().name, entity, content_json(thing->second),
                 params.value("record", std::string()), answer_by(std::move(reply)));
}

void Methods::title_transfer(const Caller& caller, const Json& params, Reply reply) {
  auto* titles = titles_or_refuse(reply);
  if (titles == nullptr) return;
  if (params.contains("record"))
    return titles->record(caller.visitor, params["record"].get<std::string>(), answer_by(std::move(reply)));
  const auto names = params.contains("to") + params.contains("visitor") + params.contains("person");
  if (!params.contains("asset") || names != 1)
    return reply.error(invalid("/params", "expected `record`, or `asset` with one of `to`, `visitor` and `person`"));
  const auto asset = trust::parse_title_hash(params["asset"].get<std::string>(), "/params/asset");
  if (!asset.ok()) return reply.error(asset.error());
  const auto signature = signature_of(params);
  if (!signature.ok()) return reply.error(signature.error());
  if (params.contains("person")) {
    if (account_or_refuse(caller, reply) == nullptr) return;
    return give_to_person(caller.visitor, *asset, params["person"].get<std::string>(), answer_by(std::move(reply)),
                          *signature);
  }
  if (params.contains("to")) {
    const auto key = crypto::from_multikey(params["to"].get<std::string>());
    if (!key.ok()) return reply.error(invalid("/params/to", key.error().message));
    return titles->give(caller.visitor, *asset, *key, answer_by(std::move(reply)), *signature);
  }
  const auto to = visitor_named(params, reply);
  if (to) give_to_visitor(caller, *asset, *to, *signature, std::move(reply));
}

std::optional<VisitorId> Methods::visitor_named(const Json& params, Reply& reply) const {
  const auto text = params["visitor"].get<std::string>();
  const auto known = std::find_if(c.visitors_.begin(), c.visitors_.end(),
                                  [&](const auto& one) { return std::to_string(one.first.value) == text; });
  if (known != c.visitors_.end()) return known->first;
  reply.error(Error{ErrorKind::not_found, "/params/visitor", "this visitor is not here"});
  return {};
}

// Whoever is from elsewhere gets it where their home keeps their keys: here it would be theirs at this host alone.
void Methods::give_to_visitor(const Caller& caller, const trust::AssetId& asset, VisitorId to,
                              const federation::Titles::Signed& signature, Reply reply) {
  const auto told = [m = *this, alive = c.alive_, by = caller.visitor, asset, to,
                     answer = answer_by(std::move(reply))](Result<Json> standing) {
    if (!*alive) return;
    if (standing.ok()) m.tell_gift(by, asset, to);
    answer(std::move(standing));
  };
  if (const auto* traveller = c.travel_ == nullptr ? nullptr : c.travel_->of_visitor(to))
    return give_to_person(caller.visitor, asset, traveller->did, told, signature);
  // A title in another host's log is made out to a person: a guest's key is this host's own affair.
  if (c.abroad_ != nullptr && c.abroad_->find(caller.visitor, asset) != nullptr) {
    const auto* account = c.accounts_->of_visitor(to);
    if (account == nullptr)
      return told(failure(ErrorKind::forbidden, "a guest cannot own this: they make an account first"));
    return give_to_person(caller.visitor, asset, account->did, told);
  }
  c.titles_->give(caller.visitor, asset, to, told, signature);
}

void Methods::tell_gift(VisitorId from, const trust::AssetId& asset, VisitorId to) const {
  const auto giver = c.visitors_.find(from), taker = c.visitors_.find(to);
  if (giver == c.visitors_.end() || taker == c.visitors_.end() || !taker->second.session) return;
  const auto thing = packed(asset);
  c.notify(taker->second.session, "title.given",
           {{"asset", trust::title_hash_text(asset)},
            {"thing", appearance_of(thing.ok() ? thing->thing : Json::object())},
            {"from", {{"visitor", std::to_string(from.value)}, {"name", giver->second.guest.name}}}});
}

void Methods::title_show(const Json& params, Reply reply) {
  auto* titles = titles_or_refuse(reply);
  if (titles == nullptr) return;
  const auto asset = trust::parse_title_hash(params["asset"].get<std::string>(), "/params/asset");
  if (!asset.ok()) return reply.error(asset.error());
  titles->show(*asset, answer_by(std::move(reply)));
}

void Methods::add_title_calls() {
  auto& registry = c.registry_;
  const Json record = text(limits::kTitleRecordBytes, "signed elsewhere");
  registry.add(
      {"title.create",
       "Makes the title to a thing, for who made the thing.",
       std::string(kRecorded) + "The content is SHA-256 of the canonical JSON (RFC 8785) of "
                                "{\"type\":\"manyworlds thing 1\",\"model\",\"scale\",\"colour\",\"name\"}.",
       object({{"entity", whole()}, {"world", text(32, "for operators who stand elsewhere")}, {"record", record}},
              {"entity"}),
       object(title_fields(), title_names()),
       Capability::visit,
       5,
       {{"entity", 84}},
       example_title(),
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.title_create(caller, params, std::move(reply));
       }});
  registry.add(
      {"title.transfer",
       "Gives a title to another key, to a visitor who is here, or to a person of any home.",
       std::string(kRecorded) +
           "A record may be a transfer, a rotation of the owner's key, or a trade that both owners have "
           "signed: two titles of this log, which both move or neither. For a `person` their home is asked "
           "for the key that it keeps for them; the title may live in the log of another host, if this one "
           "keeps its key for the caller. With the `signature` of whoever holds the title's key the host makes the "
           "record "
           "that `title.form` has shown them.",
       object({{"asset", text(43)},
               {"to", text(64, "a key: z6Mk...")},
               {"visitor", text(20, "or a visitor's id: their home keeps the key for them, for guests this host")},
               {"person", text(limits::kDidBytes, "or a did:webvh")},
               {"signature", signature_text()},
               {"record", record}}),
       object(title_fields(), title_names()),
       Capability::visit,
       5,
       {{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"}, {"visitor", "4211"}},
       example_title(),
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.title_transfer(caller, params, std::move(reply));
       }});
  add_title_show_call();
  add_owner_calls();
  add_held_calls();
  add_trade_calls();
}

void Methods::add_title_show_call() {
  auto& registry = c.registry_;
  Json shown = title_fields();
  shown["checkpoint"] = text(limits::kNoteBytes, "a signed note (C2SP tlog-checkpoint) with its cosignatures");
  shown["history"] = list_of(object({{"index", whole("in the log")},
                                     {"kind", text(16)},
                                     {"owner", text(64, "from then on")},
                                     {"record", text(limits::kTitleRecordBytes)},
                                     {"inclusion", list_of(text(44, "base64 of a hash (RFC 6962)"))}},
                                    {"index", "kind", "owner", "record", "inclusion"}));
  auto names = title_names();
  names.insert(names.end(), {"checkpoint", "history"});
  Json example = example_title();
  example["checkpoint"] = "manyworlds/abc\n8\n...";
  example["history"] = Json::array();
  registry.add(
      {"title.show",
       "A title with its history, and the proof that each record is in the log.",
       "What proves it stands in schema/titles.md, what it is worth in docs/trust.md. The latest 64 steps; older "
       "ones stand in the log. `unavailable` for a title that no published checkpoint has yet.",
       object({{"asset", text(43)}}, {"asset"}),
       object(std::move(shown), std::move(names)),
       Capability::visit,
       5,
       {{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"}},
       std::move(example),
       [m = *this](const Caller&, const Json& params, Reply reply) mutable {
         m.title_show(params, std::move(reply));
       }});
  registry.add_notification("title.final", "A quorum of the log's witnesses has seen a record that this visitor made.",
                            object({{"asset", text(43)}, {"index", whole()}}, {"asset", "index"}),
                            {{"asset", "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU"}, {"index", 7}});
}

}  // namespace mw::server
