// Own figures: bringing one, keeping it, wearing it, and what an operator does about them.
#include <set>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "runtime/log.h"
#include "server/avatars.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

namespace {

constexpr const char* kExampleHash = "3f0a5d4b1c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708";

Json either(std::initializer_list<const char*> words) { return {{"type", "string"}, {"enum", Json(words)}}; }

Json licence_schema() {
  const Json permission = either({"unstated", "no", "yes"});
  return object({{"wearer", either({"unstated", "only_author", "licensed", "everyone"})},
                 {"redistribution", permission},
                 {"modification", described(permission, "no: nothing simpler is derived from it")},
                 {"commercial", permission},
                 {"credit", yes_no("the author asks to be named")},
                 {"name", text(limits::kAvatarTextBytes)},
                 {"url", text(1'024)},
                 {"authors", list_of(text(limits::kAvatarTextBytes))}},
                {"wearer", "redistribution", "modification", "commercial", "credit", "authors"});
}

Json level_schema() {
  Json node{{"type", "object"}, {"additionalProperties", {{"type", "integer"}}}};
  return object({{"url", text(200)},
                 {"triangles", whole()},
                 {"bytes", whole()},
                 {"bones", described(std::move(node), "the node of each bone, by VRM's names")},
                 {"turn", number("radians about y that make it look along +z")},
                 {"scale", number("metres for each of its units")},
                 {"offset", list_of(number())}},
                {"url", "triangles", "bytes", "bones", "turn", "scale", "offset"});
}

Json avatar_schema() {
  const Json cost = object({{"triangles", whole()},
                            {"vertices", whole()},
                            {"materials", whole()},
                            {"joints", whole()},
                            {"textures", whole()},
                            {"texture_bytes", whole("on a graphics card")},
                            {"bytes", whole("of the file")}});
  const Json reason = object({{"measure", text(20)}, {"value", whole()}, {"allowed", whole("by the next better rank")}},
                             {"measure", "value", "allowed"});
  return object({{"hash", text(64, "SHA-256 of the file")},
                 {"kind", either({"vrm0", "vrm1", "glb"})},
                 {"rank", either({"excellent", "good", "medium", "poor"})},
                 {"reasons", list_of(reason)},
                 {"cost", cost},
                 {"height", number("metres")},
                 {"resized", yes_no("its own size was no person's")},
                 {"licence", licence_schema()},
                 {"levels", list_of(level_schema())},
                 {"no_levels", text(500, "why there are no lower ones")}},
                {"hash", "kind", "rank", "reasons", "cost", "height", "resized", "licence", "levels"});
}

Json example_avatar() {
  return {{"hash", kExampleHash},
          {"kind", "vrm1"},
          {"rank", "good"},
          {"reasons", {{{"measure", "triangles"}, {"value", 14'200}, {"allowed", 10'000}}}},
          {"cost", {{"triangles", 14'200}, {"bytes", 2'400'000}}},
          {"height", 1.62},
          {"resized", false},
          {"licence",
           {{"wearer", "everyone"},
            {"redistribution", "yes"},
            {"modification", "yes"},
            {"commercial", "no"},
            {"credit", true},
            {"authors", {"Ann"}}}},
          {"levels",
           {{{"url", std::string("/avatars/") + kExampleHash + "/0.glb"},
             {"triangles", 14'200},
             {"bytes", 2'400'000},
             {"bones", {{"hips", 3}}},
             {"turn", 0},
             {"scale", 1},
             {"offset", {0, 0, 0}}}}}};
}

Json list_schema() {
  return object({{"avatars", list_of(reference("Avatar"))},
                 {"most", whole("how many may be kept; 0 for a visitor from another home, whose figures are there")},
                 {"most_bytes", whole("of one file")},
                 {"uploads", yes_no("whether this host takes any")},
                 {"worn", text(64, "hash of the one that is worn")}},
                {"avatars", "most", "most_bytes", "uploads"});
}

Json example_list() {
  return {{"avatars", {example_avatar()}}, {"most", 4}, {"most_bytes", 16'777'216}, {"uploads", true}};
}

}  // namespace

Avatars* Methods::avatars_or_refuse(Reply& reply) {
  if (c.avatars_ == nullptr) reply.error(failure(ErrorKind::conflict, "this host keeps no figures of one's own"));
  return c.avatars_;
}

Control::Visitor* Methods::keeper_or_refuse(const Caller& caller, Reply& reply) {
  if (avatars_or_refuse(reply) == nullptr) return nullptr;
  auto* visitor = visitor_or_refuse(caller, reply);
  if (visitor == nullptr || !wardrobe_elsewhere(*visitor)) return visitor;
  reply.error(failure(ErrorKind::conflict, "your own figures are kept at your home: " + visitor->guest.home));
  return nullptr;
}

void Methods::answer_avatars(const Control::Visitor& visitor, Reply& reply) const {
  const auto& rules = c.avatars_->rules();
  Json json{{"avatars", c.avatars_->list(visitor.guest.visitor)},
            {"most", wardrobe_elsewhere(visitor) ? 0 : rules.per_visitor},
            {"most_bytes", rules.bytes},
            {"uploads", rules.uploads}};
  if (visitor.guest.avatar.is_object()) json["worn"] = visitor.guest.avatar["hash"];
  // Whoever opens the wardrobe looks at them.
  for (const Json& avatar : json["avatars"])
    c.avatars_->show(avatar["hash"].get<std::string>(), c.now_.unix_ms, [](const Status&) {});
  reply.result(std::move(json));
}

// From here on everybody sees it, and it is stored.
void Methods::put_on(VisitorId id, Json worn, Reply reply) {
  const auto at = c.visitors_.find(id);
  if (at == c.visitors_.end()) return reply.error(failure(ErrorKind::conflict, "the visitor has gone"));
  auto& visitor = at->second;
  visitor.guest.avatar = std::move(worn);
  visitor.unsaved = true;
  for (const auto* name : {&visitor.world, &visitor.waiting})
    if (auto* world = c.find_world(*name)) world->change(visitor.guest);
  auto kept = std::make_shared<Reply>(std::move(reply));
  c.store_.put({{visitor_key(id), c.stored_form(visitor)}},
               [alive = c.alive_, kept, changed = c.visitor_json(visitor)](const Status& stored) {
                 if (!*alive) return;
                 if (!stored.ok()) return kept->error(stored.error());
                 kept->result(changed);
               });
}

void Methods::avatar_keep(const Caller& caller, const Json& params, Reply reply) {
  auto* visitor = keeper_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  auto kept = std::make_shared<Reply>(std::move(reply));
  // The visitor goes to disk with it: what belongs to nobody who is known is removed at the next start.
  c.avatars_->keep(caller.visitor, params["upload"].get<std::string>(),
                   avatar_right(params["right"].get_ref<const std::string&>()),
                   {{visitor_key(caller.visitor), c.stored_form(*visitor)}},
                   [m = *this, alive = c.alive_, kept](const Result<Json>& about) mutable {
                     if (!*alive) return;
                     if (!about.ok()) return kept->error(about.error());
                     m.c.avatars_->show((*about)["hash"].get<std::string>(), m.c.now_.unix_ms, [](const Status&) {});
                     kept->result(*about);
                   });
}

void Methods::avatar_wear(const Caller& caller, const Json& params, Reply reply) {
  auto* visitor = keeper_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  if (!params.contains("hash")) return put_on(caller.visitor, nullptr, std::move(reply));
  const auto hash = params["hash"].get<std::string>();
  if (!c.avatars_->worn(caller.visitor, hash))
    return reply.error(Error{ErrorKind::not_found, "hash", "you keep no such figure"});
  auto kept = std::make_shared<Reply>(std::move(reply));
  // Others are told when it can be fetched.
  c.avatars_->show(hash, c.now_.unix_ms,
                   [m = *this, alive = c.alive_, id = caller.visitor, hash, kept](const Status& shown) mutable {
                     if (!*alive) return;
                     if (!shown.ok()) return kept->error(shown.error());
                     auto worn = m.c.avatars_->worn(id, hash);
                     if (!worn) return kept->error(Error{ErrorKind::not_found, "hash", "you keep no such figure"});
                     m.put_on(id, std::move(*worn), std::move(*kept));
                   });
}

// Nobody wears it any more: `only` of one visitor, or none.
void Methods::take_off(const std::string& hash, VisitorId only) {
  for (auto& [id, visitor] : c.visitors_) {
    if ((only && id != only) || !visitor.guest.avatar.is_object() || visitor.guest.avatar["hash"] != hash) continue;
    visitor.guest.avatar = nullptr;
    visitor.unsaved = true;
    for (const auto* name : {&visitor.world, &visitor.waiting})
      if (auto* world = c.find_world(*name)) world->change(visitor.guest);
  }
}

void Methods::avatar_drop(const Caller& caller, const Json& params, Reply reply) {
  if (keeper_or_refuse(caller, reply) == nullptr) return;
  const auto hash = params["hash"].get<std::string>();
  auto kept = std::make_shared<Reply>(std::move(reply));
  c.avatars_->drop(caller.visitor, hash,
                   [m = *this, alive = c.alive_, id = caller.visitor, hash, kept](const Status& dropped) mutable {
                     if (!*alive) return;
                     if (!dropped.ok()) return kept->error(dropped.error());
                     m.take_off(hash, id);
                     const auto at = m.c.visitors_.find(id);
                     if (at != m.c.visitors_.end()) m.answer_avatars(at->second, *kept);
                   });
}

void Methods::add_avatar_upload_calls() {
  c.registry_.add(
      {"avatar.begin",
       "Begins to bring a figure of one's own: a .vrm or a .glb.",
       "The file then comes in parts by avatar.send, is checked by avatar.check and kept by avatar.keep, all "
       "within ten minutes. A visitor brings one at a time; beginning again gives the one before up.",
       object({{"bytes", whole()}}, {"bytes"}),
       object({{"upload", text(64, "a secret: whoever has it can send parts")}, {"part", whole("bytes")}},
              {"upload", "part"}),
       Capability::visit,
       5,
       {{"bytes", 238'284}},
       {{"upload", "q83v"}, {"part", kAvatarPart}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         if (m.keeper_or_refuse(caller, reply) == nullptr) return;
         const auto bytes = params["bytes"].get<std::int64_t>();
         const auto begun = m.c.avatars_->begin(
             caller.visitor, static_cast<std::size_t>(std::max<std::int64_t>(bytes, 0)), m.c.now_.unix_ms);
         if (!begun.ok()) return reply.error(begun.error());
         reply.result({{"upload", *begun}, {"part", kAvatarPart}});
       }});
  c.registry_.add(
      {"avatar.send",
       "Brings the next part of a file.",
       "By POST /rpc, without a session: a connection has a bound on bytes that a large file would take minutes "
       "under. `data` is base64 with padding.",
       object({{"upload", text(64)}, {"at", whole("bytes that are there")}, {"data", text(limits::kCallBytes)}},
              {"upload", "at", "data"}),
       object({{"received", whole("bytes, of all parts")}}, {"received"}),
       Capability::none,
       1,
       {{"upload", "q83v"}, {"at", 0}, {"data", "Z2xURg=="}},
       {{"received", 4}},
       [m = *this](const Caller&, const Json& params, Reply reply) mutable {
         auto* avatars = m.avatars_or_refuse(reply);
         if (avatars == nullptr) return;
         const auto part = crypto::from_base64(params["data"].get_ref<const std::string&>());
         if (!part.ok()) return reply.error(Error{ErrorKind::invalid, "data", part.error().message});
         const auto at = params["at"].get<std::int64_t>();
         const auto received =
             avatars->send(params["upload"].get<std::string>(), static_cast<std::size_t>(at), *part, m.c.now_.unix_ms);
         if (!received.ok()) return reply.error(received.error());
         reply.result({{"received", *received}});
       }});
}

void Methods::add_avatar_check_calls() {
  c.registry_.add({"avatar.check",
                   "What the file is: its bones, what it costs, what its licence says.",
                   "Nothing is kept by it. A file that is no figure is refused with the reason, and has to come again.",
                   object({{"upload", text(64)}}, {"upload"}),
                   reference("Avatar"),
                   Capability::visit,
                   10,
                   {{"upload", "q83v"}},
                   example_avatar(),
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     if (m.keeper_or_refuse(caller, reply) == nullptr) return;
                     auto kept = std::make_shared<Reply>(std::move(reply));
                     m.c.avatars_->check(caller.visitor, params["upload"].get<std::string>(), m.c.now_.unix_ms,
                                         [alive = m.c.alive_, kept](const Result<Json>& about) {
                                           if (!*alive) return;
                                           about.ok() ? kept->result(*about) : kept->error(about.error());
                                         });
                   }});
  c.registry_.add(
      {"avatar.keep",
       "Keeps the figure that was checked.",
       "`right` is what the visitor says of their right to wear it: that they made it (author), that its author "
       "permits them (licensed), or that everybody may (free). Where its licence lets nobody but the author wear "
       "it, only `author` will do. When it is answered, file and record are on disk.",
       object({{"upload", text(64)}, {"right", either({"author", "licensed", "free"})}}, {"upload", "right"}),
       reference("Avatar"),
       Capability::visit,
       10,
       {{"upload", "q83v"}, {"right", "free"}},
       example_avatar(),
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.avatar_keep(caller, params, std::move(reply));
       }});
}

void Methods::add_avatar_wear_calls() {
  const Json one = object({{"hash", text(64)}}, {"hash"});
  c.registry_.add({"avatar.list", "The figures of one's own that the visitor keeps.", "", object({}), list_schema(),
                   Capability::visit, 2, Json::object(), example_list(),
                   [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                     if (m.avatars_or_refuse(reply) == nullptr) return;
                     if (const auto* visitor = m.visitor_or_refuse(caller, reply)) m.answer_avatars(*visitor, reply);
                   }});
  c.registry_.add(
      {"avatar.wear",
       "Puts a kept figure on; without `hash`, the kit's again.",
       "Everybody in the world is told by a `changed` event on the people track, whose `avatar` names the file: "
       "/avatars/HASH/about.json says what there is of it.",
       object({{"hash", text(64)}}),
       reference("Visitor"),
       Capability::visit,
       5,
       {{"hash", kExampleHash}},
       example_visitor(),
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.avatar_wear(caller, params, std::move(reply));
       }});
  c.registry_.add({"avatar.drop",
                   "Keeps a figure no longer. Its files go when nobody keeps it.",
                   "",
                   one,
                   list_schema(),
                   Capability::visit,
                   5,
                   {{"hash", kExampleHash}},
                   example_list(),
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.avatar_drop(caller, params, std::move(reply));
                   }});
}

void Methods::add_avatar_operator_calls() {
  const Json bans = object(
      {{"bans", list_of(object({{"hash", text(64)}, {"reason", text(limits::kReasonBytes)}}, {"hash", "reason"}))},
       {"kept", whole("files")},
       {"bytes", whole("of all that is kept")},
       {"borrowed", whole("files that people from elsewhere wear")},
       {"uploads", whole("under way")}},
      {"bans", "kept", "bytes", "borrowed", "uploads"});
  const Json example{{"bans", {{{"hash", kExampleHash}, {"reason", "not his to show"}}}},
                     {"kept", 12},
                     {"bytes", 31'000'000},
                     {"borrowed", 2},
                     {"uploads", 0}};
  const auto answer = [](Methods& m, Reply& reply) {
    Json json = m.c.avatars_->status();
    json["bans"] = m.c.avatars_->bans();
    reply.result(std::move(json));
  };
  c.registry_.add({"avatar.bans", "The files that are banned here, and how much is kept.", "", object({}), bans,
                   Capability::operate, 2, Json::object(), example,
                   [m = *this, answer](const Caller&, const Json&, Reply reply) mutable {
                     if (m.avatars_or_refuse(reply) != nullptr) answer(m, reply);
                   }});
  c.registry_.add({"avatar.ban",
                   "Removes a figure from this host for good.",
                   "Whoever wears it is the kit's figure at once; the same file is refused when it comes again.",
                   object({{"hash", text(64)}, {"reason", text(limits::kReasonBytes)}}, {"hash"}),
                   bans,
                   Capability::operate,
                   5,
                   {{"hash", kExampleHash}, {"reason", "not his to show"}},
                   example,
                   [m = *this, answer](const Caller&, const Json& params, Reply reply) mutable {
                     if (m.avatars_or_refuse(reply) == nullptr) return;
                     const auto hash = params["hash"].get<std::string>();
                     if (!is_avatar_hash(hash))
                       return reply.error(invalid("hash", "expected the SHA-256 of a file, 64 hexadecimal digits"));
                     auto kept = std::make_shared<Reply>(std::move(reply));
                     m.c.avatars_->ban(hash, params.value("reason", ""),
                                       [m, alive = m.c.alive_, hash, kept, answer](const Status& banned) mutable {
                                         if (!*alive) return;
                                         if (!banned.ok()) return kept->error(banned.error());
                                         runtime::log_info("avatars", "a file was banned", {{"hash", hash}});
                                         m.take_off(hash, {});
                                         answer(m, *kept);
                                       });
                   }});
  c.registry_.add({"avatar.unban",
                   "Lets a banned file come again.",
                   "",
                   object({{"hash", text(64)}}, {"hash"}),
                   bans,
                   Capability::operate,
                   5,
                   {{"hash", kExampleHash}},
                   example,
                   [m = *this, answer](const Caller&, const Json& params, Reply reply) mutable {
                     if (m.avatars_or_refuse(reply) == nullptr) return;
                     auto kept = std::make_shared<Reply>(std::move(reply));
                     m.c.avatars_->unban(params["hash"].get<std::string>(),
                                         [m, alive = m.c.alive_, kept, answer](const Status& done) mutable {
                                           if (!*alive) return;
                                           done.ok() ? answer(m, *kept) : kept->error(done.error());
                                         });
                   }});
}

void Methods::add_avatar_calls() {
  c.registry_.add_schema("Avatar", avatar_schema(), "A figure of somebody's own, as it was checked.");
  add_avatar_upload_calls();
  add_avatar_check_calls();
  add_avatar_wear_calls();
  add_avatar_operator_calls();
}

}  // namespace mw::server
