// Keys that people hold themselves: given, wrapped, and what is signed with them. This host makes each record and shows its form;
// the browser checks it and signs (web/packages/app/src/held). What is kept of a key is in federation/held.h.
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
using federation::HeldKeys;
using federation::Titles;

namespace {

constexpr std::size_t kMovesAtOnce = 32, kStayListed = 64;
constexpr std::size_t kWrappedChars = (HeldKeys::kWrappedBytes * 4 + 2) / 3,
                      kPasskeyChars = (limits::kPasskeyIdBytes * 4 + 2) / 3;

Json move_json(const trust::TitleMove& move) {
  return {{"asset", trust::title_hash_text(move.asset)},
          {"sequence", move.sequence},
          {"previous", trust::title_hash_text(move.previous)},
          {"to", crypto::multikey(move.to)}};
}

Result<trust::AssetId> asset_of(const Json& params, const char* name = "asset") {
  return trust::parse_title_hash(params[name].get<std::string>(), std::string("/params/") + name);
}

Error account_gone() { return failure(ErrorKind::not_found, "this account is gone"); }

bool to_holder(const Json& params) { return params["custody"] == "holder"; }

}  // namespace

Result<crypto::Signature> signature_text_of(const Json& params, const char* field) {
  crypto::Signature signature{};
  const auto bytes = crypto::from_base64url(params[field].get_ref<const std::string&>());
  if (!bytes.ok() || bytes->size() != signature.size()) return invalid(field, "expected 64 bytes in base64url");
  std::copy(bytes->begin(), bytes->end(), signature.begin());
  return signature;
}

Result<Titles::Signed> signature_of(const Json& params) {
  if (!params.contains("signature")) return Titles::Signed();
  const auto signature = signature_text_of(params, "signature");
  if (!signature.ok()) return signature.error();
  return Titles::Signed(*signature);
}

// --- The key ---------------------------------------------------------------------------------------------------------

void Methods::keep_wrappings(const federation::Account& account) const {
  if (c.titles_ == nullptr) return;
  std::vector<std::string> ids;
  for (const auto& kept : account.passkeys) ids.push_back(crypto::base64url(kept.passkey.id));
  c.titles_->held().keep_passkeys(account.visitor, ids);
}

Json Methods::key_state(const federation::Account& account) const {
  const auto* held = c.titles_->held().of(account.visitor);
  const std::size_t abroad = c.abroad_ == nullptr ? 0 : c.abroad_->of(account.visitor).size();
  Json json{{"custody", held != nullptr && held->holds ? "holder" : "home"},
            {"host", c.accounts_->home().authority},
            {"person", account.did},
            {"log", c.titles_->index().log()},
            {"kept", c.titles_->kept_for(account.visitor).size()},
            {"held", c.titles_->held_for(account.visitor).size()},
            {"abroad", abroad},
            {"wrappings", Json::array()}};
  if (held == nullptr) return json;
  json["key"] = crypto::multikey(held->key);
  for (const auto& one : held->wrappings)
    json["wrappings"].push_back({{"passkey", one.passkey}, {"wrapped", one.wrapped}});
  return json;
}

void Methods::key_describe(const Caller& caller, Reply reply) {
  if (titles_or_refuse(reply) == nullptr) return;
  if (const auto* account = account_or_refuse(caller, reply)) reply.result(key_state(*account));
}

void Methods::key_keep(const Caller& caller, const Json& params, Reply reply) {
  auto* titles = titles_or_refuse(reply);
  const auto* account = titles == nullptr ? nullptr : account_or_refuse(caller, reply);
  if (account == nullptr) return;
  const auto key = crypto::from_multikey(params["key"].get<std::string>());
  if (!key.ok()) return reply.error(invalid("/params/key", key.error().message));
  if (const auto may = titles->may_hold(*key); !may.ok()) return reply.error(may.error());
  const auto proof = signature_text_of(params, "proof");
  if (!proof.ok()) return reply.error(proof.error());
  federation::HeldKey held{*key, false, {}};
  for (const auto& one : params["wrappings"]) {
    federation::Wrapping wrapping{one["passkey"].get<std::string>(), one["wrapped"].get<std::string>()};
    const bool known = wrapping.passkey.empty() || std::ranges::any_of(account->passkeys, [&](const auto& kept) {
                         return crypto::base64url(kept.passkey.id) == wrapping.passkey;
                       });
    if (!known) return reply.error(invalid("/params/wrappings", "expected passkeys of this account"));
    held.wrappings.push_back(std::move(wrapping));
  }
  // A key that is lost before anything belongs to it is no harm.
  const auto* present = titles->held().of(account->visitor);
  const bool replace = present == nullptr || (!present->holds && titles->held_for(account->visitor).empty());
  auto kept = std::make_shared<Reply>(std::move(reply));
  titles->held().keep(account->visitor, std::move(held), *proof, c.accounts_->home().authority, account->did, replace,
                      [m = *this, alive = c.alive_, kept, id = account->id](const Status& stored) {
                        if (!*alive) return;
                        if (!stored.ok()) return kept->error(stored.error());
                        // An account whose own record could not be written is gone by now.
                        const auto* now = m.c.accounts_->find(id);
                        if (now == nullptr) return kept->error(account_gone());
                        kept->result(m.key_state(*now));
                      });
}

// --- From one key to the other ---------------------------------------------------------------------------------------

void Methods::key_moves(const Caller& caller, const Json& params, Reply reply) {
  auto* titles = titles_or_refuse(reply);
  const auto* account = titles == nullptr ? nullptr : account_or_refuse(caller, reply);
  if (account == nullptr) return;
  const VisitorId by = account->visitor;
  const bool holder = to_holder(params);
  Json moves = Json::array(), stay = Json::array();
  const auto thing_of = [&](const trust::AssetId& asset) {
    const auto thing = packed(asset);
    return appearance_of(thing.ok() ? thing->thing : Json::object());
  };
  const auto stays = [&](const std::string& asset, Json thing, const std::string& why) {
    if (stay.size() < kStayListed) stay.push_back({{"asset", asset}, {"thing", std::move(thing)}, {"why", why}});
  };
  bool more = false;
  for (const auto& asset : holder ? titles->kept_for(by) : titles->held_for(by)) {
    const auto form = titles->rotate_form(by, asset, holder, c.now_.unix_ms);
    if (!form.ok()) {
      stays(trust::title_hash_text(asset), thing_of(asset), form.error().message);
    } else if (moves.size() == kMovesAtOnce) {
      more = true;
    } else {
      moves.push_back(move_json(form->move));
      moves.back()["thing"] = thing_of(asset);
    }
  }
  if (holder && c.abroad_ != nullptr)
    for (const auto& thing : c.abroad_->of(by))
      stays(trust::title_hash_text(thing.asset), appearance_of(thing.thing),
            format("its title lives in the log of {}, where this home keeps its key for you", thing.host));
  reply.result(
      {{"log", titles->index().log()}, {"moves", std::move(moves)}, {"stay", std::move(stay)}, {"more", more}});
}

void Methods::key_move(const Caller& caller, const Json& params, Reply reply) {
  auto* titles = titles_or_refuse(reply);
  const auto* account = titles == nullptr ? nullptr : account_or_refuse(caller, reply);
  if (account == nullptr) return;
  std::vector<std::pair<trust::AssetId, crypto::Signature>> moves;
  for (const auto& one : params["moves"]) {
    const auto asset = asset_of(one);
    if (!asset.ok()) return reply.error(asset.error());
    const auto signature = signature_text_of(one, "signature");
    if (!signature.ok()) return reply.error(signature.error());
    moves.emplace_back(*asset, *signature);
  }
  auto kept = std::make_shared<Reply>(std::move(reply));
  titles->held().choose(account->visitor, to_holder(params),
                        [m = *this, alive = c.alive_, kept, id = account->id, holder = to_holder(params),
                         moves = std::move(moves)](const Status& chosen) mutable {
                          if (!*alive) return;
                          if (!chosen.ok()) return kept->error(chosen.error());
                          const auto* now = m.c.accounts_->find(id);
                          if (now == nullptr) return kept->error(account_gone());
                          m.move_all(*now, holder, std::move(moves), std::move(*kept));
                        });
}

void Methods::move_all(const federation::Account& account, bool holder,
                       std::vector<std::pair<trust::AssetId, crypto::Signature>> moves, Reply reply) {
  struct Moving {
    std::size_t open = 0, moved = 0;
    Json failed = Json::array();
    Reply reply;
  };
  auto moving = std::make_shared<Moving>(Moving{moves.size() + 1, 0, Json::array(), std::move(reply)});
  const auto one_less = [m = *this, alive = c.alive_, moving, id = account.id] {
    if (--moving->open != 0 || !*alive) return;
    const auto* now = m.c.accounts_->find(id);
    if (now == nullptr) return moving->reply.error(account_gone());
    moving->reply.result({{"moved", moving->moved}, {"failed", moving->failed}, {"state", m.key_state(*now)}});
    m.c.tell_owned(now->visitor);
  };
  for (const auto& move : moves)
    c.titles_->rotate(
        account.visitor, move.first, holder, move.second, c.now_.unix_ms,
        [moving, one_less, asset = move.first](const Result<Json>& standing) {
          if (standing.ok())
            ++moving->moved;
          else
            moving->failed.push_back({{"asset", trust::title_hash_text(asset)}, {"why", standing.error().message}});
          one_less();
        });
  one_less();
}

// --- What is signed --------------------------------------------------------------------------------------------------

void Methods::answer_form(Json form, const std::vector<trust::AssetId>& assets, Reply reply) const {
  struct Facts {
    std::size_t open = 0;
    Json form;
    Reply reply;
    bool answered = false;
  };
  form["log"] = c.titles_->index().log();
  form["things"] = Json::array();
  for (const auto& asset : assets) {
    // Whoever signs must see what the title is over, whatever was made of the thing since.
    auto thing = packed(asset);
    if (!thing.ok()) return reply.error(thing.error());
    form["things"].push_back({{"asset", thing->asset}, {"thing", std::move(thing->thing)}});
  }
  auto facts = std::make_shared<Facts>(Facts{assets.size(), std::move(form), std::move(reply)});
  for (std::size_t i = 0; i < assets.size(); ++i)
    c.titles_->creation(assets[i], [facts, i](Result<std::string> record) {
      if (facts->answered) return;
      if (!record.ok()) {
        facts->answered = true;
        return facts->reply.error(record.error());
      }
      facts->form["things"][i]["creation"] = *std::move(record);
      if (--facts->open == 0) facts->reply.result(std::move(facts->form));
    });
}

void Methods::answer_give_form(VisitorId by, const trust::AssetId& asset, const crypto::PublicKey& to, Json recipient,
                               Reply reply) const {
  const auto form = c.titles_->give_form(by, asset, to);
  if (!form.ok()) return reply.error(form.error());
  answer_form({{"moves", Json::array({move_json(form->move)})}, {"recipient", std::move(recipient)}}, {asset},
              std::move(reply));
}

void Methods::give_form(const Caller& caller, const Json& params, Reply reply) {
  if (titles_or_refuse(reply) == nullptr || account_or_refuse(caller, reply) == nullptr) return;
  const auto asset = asset_of(params);
  if (!asset.ok()) return reply.error(asset.error());
  if (params.contains("person") == params.contains("visitor"))
    return reply.error(invalid("/params", "expected one of `visitor` and `person`"));
  std::string person = params.value("person", std::string());
  if (params.contains("visitor")) {
    const auto to = visitor_named(params, reply);
    if (!to) return;
    const auto* traveller = c.travel_ == nullptr ? nullptr : c.travel_->of_visitor(*to);
    if (traveller == nullptr)
      return answer_give_form(caller.visitor, *asset, c.titles_->receives(*to),
                              {{"name", c.visitors_.at(*to).guest.name}, {"home", c.accounts_->home().authority}},
                              std::move(reply));
    person = traveller->did;
  }
  const auto [host, log] = log_of(caller.visitor, trust::title_hash_text(*asset));
  auto kept = std::make_shared<Reply>(std::move(reply));
  recipient(person, host, log,
            [m = *this, alive = c.alive_, kept, by = caller.visitor, asset = *asset](const Result<Recipient>& who) {
              if (!*alive) return;
              if (!who.ok()) return kept->error(who.error());
              m.answer_give_form(by, asset, who->visitor ? m.c.titles_->receives(who->visitor) : who->key,
                                 {{"name", who->name}, {"home", who->home}}, std::move(*kept));
            });
}

void Methods::trade_form(const Caller& caller, const Json& params, Reply reply) {
  if (visitor_or_refuse(caller, reply) == nullptr || titles_or_refuse(reply) == nullptr) return;
  const auto* trade = c.trades_->find(caller.visitor, params["trade"].get<std::uint64_t>());
  if (trade == nullptr) return reply.error(Error{ErrorKind::not_found, "trade", "there is no such trade"});
  const auto &own = trade->of(caller.visitor), &other = trade->other(caller.visitor);
  if (!own.gives || !other.gives)
    return reply.error(failure(ErrorKind::conflict, "one of the two things is still open"));
  const auto form = c.titles_->trade_form({own.who, *own.gives, {}}, {other.who, *other.gives, {}});
  if (!form.ok()) return reply.error(form.error());
  answer_form({{"moves", Json::array({move_json(form->first), move_json(form->second)})}},
              {form->first.asset, form->second.asset}, std::move(reply));
}

void Methods::lease_form(const Caller& caller, const Json& params, Reply reply) {
  auto* travel = travel_or_refuse(reply);
  if (travel == nullptr || titles_or_refuse(reply) == nullptr) return;
  const auto* account = account_or_refuse(caller, reply);
  if (account == nullptr) return;
  const auto asset = asset_of(params);
  if (!asset.ok()) return reply.error(asset.error());
  auto kept = std::make_shared<Reply>(std::move(reply));
  travel->asked(params["challenge"], account->id, c.now_.unix_ms,
                [m = *this, alive = c.alive_, kept, by = caller.visitor,
                 asset = *asset](const Result<federation::Travel::Asked>& asked) {
                  if (!*alive) return;
                  if (!asked.ok()) return kept->error(asked.error());
                  const auto form = m.c.titles_->lease_form(
                      by, asset, {asked->challenge.audience, asked->challenge.key}, m.c.now_.unix_ms);
                  if (!form.ok()) return kept->error(form.error());
                  m.answer_form({{"lease",
                                  {{"asset", trust::title_hash_text(asset)},
                                   {"previous", trust::title_hash_text(form->previous)},
                                   {"number", form->number},
                                   {"host", form->host},
                                   {"holder", crypto::multikey(form->holder)},
                                   {"from", form->from_s},
                                   {"until", form->until_s}}}},
                                {asset}, std::move(*kept));
                });
}

// --- The calls -------------------------------------------------------------------------------------------------------

namespace {

constexpr std::string_view kLamp = "PoTDJX9_bWbX6_iHOks_4R2R5VFDLy4kY1SVl81UefU",
                           kKey = "z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX";

Json custody_schema(std::string_view description) {
  return {{"type", "string"}, {"enum", {"home", "holder"}}, {"description", description}};
}
Json look_schema() {
  return object({{"name", text(limits::kNameChars)}, {"model", text(32)}, {"scale", number()}, {"colour", text(7)}},
                {"name", "model", "scale"});
}
Json wrapping_schema() {
  return object({{"passkey", text(kPasskeyChars, "the id of the passkey, base64url; empty: by the person's code")},
                 {"wrapped", text(kWrappedChars, "base64url")}},
                {"passkey", "wrapped"});
}
Json move_fields() {
  return {{"asset", text(43)}, {"sequence", whole()}, {"previous", text(43)}, {"to", text(64, "a key")}};
}
Json move_schema() { return object(move_fields(), {"asset", "sequence", "previous", "to"}); }
Json things_schema() {
  return list_of(object({{"asset", text(43)},
                         {"thing", Json{{"type", "object"}, {"description", "what `content` is the hash of"}}},
                         {"creation", text(limits::kTitleRecordBytes,
                                           "the record that made the title: its statement's hash is the asset")}},
                        {"asset", "thing", "creation"}));
}
Json example_things() {
  return Json::array({{{"asset", kLamp},
                       {"thing", {{"type", "manyworlds thing 1"}, {"model", "lamp"}, {"scale", 1}}},
                       {"creation", "manyworlds title 1\ncreate\n..."}}});
}
Json example_move() { return {{"asset", kLamp}, {"sequence", 1}, {"previous", kLamp}, {"to", kKey}}; }
Json example_state() {
  return {{"custody", "holder"},
          {"host", "a.example"},
          {"person", "did:webvh:QmScid:a.example:people:abcdefghij234567"},
          {"log", "manyworlds/abc"},
          {"kept", 0},
          {"held", 2},
          {"abroad", 0},
          {"key", kKey},
          {"wrappings", {{{"passkey", ""}, {"wrapped", "Ag"}}}}};
}

}  // namespace

void Methods::add_held_calls() {
  auto& registry = c.registry_;
  registry.add_schema("TitleKey",
                      object({{"custody", custody_schema("whose key new things of theirs belong to: docs/trust.md")},
                              {"host", text(260, "this host, as the proof names it")},
                              {"person", text(limits::kDidBytes, "did:webvh, as the proof names it")},
                              {"log", text(limits::kNoteNameBytes, "of this host")},
                              {"key", text(64, "that they hold: z6Mk...")},
                              {"wrappings", list_of(wrapping_schema())},
                              {"kept", whole("titles in this log by the key that this host keeps for them")},
                              {"held", whole("titles in this log by the key that they hold")},
                              {"abroad", whole("titles in the logs of other hosts: this host keeps the key of all")}},
                             {"custody", "host", "person", "log", "wrappings", "kept", "held", "abroad"}),
                      "Who keeps the key of a person's things, and the ways to the one that they hold.");
  registry.add({"title.key", "Who keeps the key of one's things.", "", object({}), reference("TitleKey"),
                Capability::visit, 2, Json::object(), example_state(),
                [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                  m.key_describe(caller, std::move(reply));
                }});
  registry.add(
      {"title.key.keep",
       "Gives this host the public half of a key that one holds, and the secret half as the browser has wrapped it.",
       "`proof` is the key's signature over what schema/titles.md says: host, person, key, wrappings. The host "
       "cannot open a wrapping. The same key again replaces all wrappings; another key is taken while "
       "nothing belongs to the one before. One wrapping must be by the person's code.",
       object({{"key", text(64)}, {"wrappings", list_of(wrapping_schema())}, {"proof", signature_text()}},
              {"key", "wrappings", "proof"}),
       reference("TitleKey"),
       Capability::visit,
       10,
       {{"key", kKey}, {"wrappings", {{{"passkey", ""}, {"wrapped", "Ag"}}}}, {"proof", "AAAA"}},
       example_state(),
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.key_keep(caller, params, std::move(reply));
       }});
  add_held_move_calls();
  add_held_form_calls();
}

void Methods::add_held_move_calls() {
  auto& registry = c.registry_;
  const Json custody = custody_schema("where the keys are to be");
  Json moving = move_fields();
  moving["thing"] = look_schema();
  Json example = example_move();
  example["thing"] = {{"name", "The red lamp"}, {"model", "lamp"}, {"scale", 1}};
  registry.add(
      {"title.key.moves",
       "The rotations by which one's titles go to the key that one holds, or back to the one that this host keeps.",
       "At most 32 at once; `more` tells that there are others. `stay`: what does not go now, and why.",
       object({{"custody", custody}}, {"custody"}),
       object({{"log", text(limits::kNoteNameBytes)},
               {"moves", list_of(object(std::move(moving), {"asset", "sequence", "previous", "to", "thing"}))},
               {"stay", list_of(object({{"asset", text(43)}, {"thing", look_schema()}, {"why", text(500)}},
                                       {"asset", "thing", "why"}))},
               {"more", yes_no()}},
              {"log", "moves", "stay", "more"}),
       Capability::visit,
       5,
       {{"custody", "holder"}},
       {{"log", "manyworlds/abc"}, {"moves", {example}}, {"stay", Json::array()}, {"more", false}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.key_moves(caller, params, std::move(reply));
       }});
  Json one = object({{"asset", text(43)}, {"signature", signature_text()}}, {"asset", "signature"});
  Json list = list_of(std::move(one));
  list["maxItems"] = kMovesAtOnce;
  registry.add(
      {"title.key.move",
       "Chooses who keeps the key of what one gets from now on, and records these rotations.",
       "Each is signed by both keys: one's own, here, and the one that this host keeps. Answered when all are on "
       "disk, or were refused.",
       object({{"custody", custody}, {"moves", std::move(list)}}, {"custody", "moves"}),
       object({{"moved", whole()},
               {"failed", list_of(object({{"asset", text(43)}, {"why", text(500)}}, {"asset", "why"}))},
               {"state", reference("TitleKey")}},
              {"moved", "failed", "state"}),
       Capability::visit,
       10,
       {{"custody", "holder"}, {"moves", {{{"asset", kLamp}, {"signature", "AAAA"}}}}},
       {{"moved", 1}, {"failed", Json::array()}, {"state", example_state()}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.key_move(caller, params, std::move(reply));
       }});
}

void Methods::add_held_form_calls() {
  auto& registry = c.registry_;
  const Json log = text(limits::kNoteNameBytes);
  registry.add(
      {"title.form",
       "What one signs to give a thing whose key one holds: the transfer as `title.transfer` would record it now.",
       "`things` tells what the title is over, for the browser to check before it signs. Nothing has moved yet.",
       object({{"asset", text(43)}, {"visitor", text(20)}, {"person", text(limits::kDidBytes)}}, {"asset"}),
       object({{"log", log},
               {"moves", list_of(move_schema())},
               {"things", things_schema()},
               {"recipient", object({{"name", text(limits::kNameChars)}, {"home", text(260)}}, {"name", "home"})}},
              {"log", "moves", "things", "recipient"}),
       Capability::visit,
       5,
       {{"asset", kLamp}, {"visitor", "4211"}},
       {{"log", "manyworlds/abc"},
        {"moves", {example_move()}},
        {"things", example_things()},
        {"recipient", {{"name", "Eve"}, {"home", "c.example"}}}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.give_form(caller, params, std::move(reply));
       }});
  registry.add({"title.trade.form",
                "What one signs to agree to a trade, where one holds the key of one's own thing.",
                "As it would be recorded now: the smaller asset first.",
                object({{"trade", whole()}}, {"trade"}),
                object({{"log", log}, {"moves", list_of(move_schema())}, {"things", things_schema()}},
                       {"log", "moves", "things"}),
                Capability::visit,
                5,
                {{"trade", 3}},
                {{"log", "manyworlds/abc"}, {"moves", {example_move()}}, {"things", example_things()}},
                [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                  m.trade_form(caller, params, std::move(reply));
                }});
  Json lease = object({{"asset", text(43)},
                       {"previous", text(43)},
                       {"number", whole()},
                       {"host", text(limits::kDidBytes)},
                       {"holder", text(64)},
                       {"from", whole()},
                       {"until", whole()}},
                      {"asset", "previous", "number", "host", "holder", "from", "until"});
  registry.add(
      {"title.lease.form",
       "What one signs to take a thing along whose key one holds: a lease that begins now.",
       "`travel.answer` takes the signature within five seconds.",
       object({{"challenge", Json{{"type", "object"}, {"description", "of travel.challenge"}}}, {"asset", text(43)}},
              {"challenge", "asset"}),
       object({{"log", log}, {"lease", std::move(lease)}, {"things", things_schema()}}, {"log", "lease", "things"}),
       Capability::visit,
       5,
       {{"challenge", Json::object()}, {"asset", kLamp}},
       {{"log", "manyworlds/abc"},
        {"lease",
         {{"asset", kLamp},
          {"previous", kLamp},
          {"number", 1},
          {"host", "did:web:b.example"},
          {"holder", kKey},
          {"from", 1764000000},
          {"until", 1764000600}}},
        {"things", example_things()}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.lease_form(caller, params, std::move(reply));
       }});
}

}  // namespace mw::server
