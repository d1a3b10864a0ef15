// Being at home on this host: passkeys, further devices, recovery. What they mean is in federation/; here are calls, texts of
// bytes, and the visitor whose account it is.
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "runtime/log.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

namespace {

constexpr std::size_t kMultikeyChars = 64;
// What calls cost, of the session's quota and of its address's (kAccountCost*).
constexpr int kRegisterCost = 10, kLoginBeginCost = 5, kLoginCost = 10, kRecoverCost = 20, kDeviceCost = 10;

runtime::LogLimit crowded(1);

// Base64url characters of so many bytes.
constexpr std::size_t encoded(std::size_t bytes) { return (bytes * 4 + 2) / 3; }

Result<Bytes> bytes_of(const Json& params, const char* field) {
  auto bytes = crypto::from_base64url(params[field].get_ref<const std::string&>());
  if (!bytes.ok()) return invalid(field, bytes.error().message);
  return bytes;
}

Json base64url_text(std::size_t bytes, std::string_view description = {}) {
  return text(encoded(bytes), description.empty() ? "base64url" : description);
}

Json logged_in_result() {
  return object({{"account", reference("Account")}, {"resume", text(500, "for session.open: come back by it")}},
                {"account", "resume"});
}

Json example_account() {
  return {{"id", "abcdefghij234567"},
          {"did", "did:webvh:QmScid:a.example:people:abcdefghij234567"},
          {"created_ms", 1764000000000},
          {"passkeys", 1}};
}

Json example_logged_in() { return {{"account", example_account()}, {"resume", "v1.AAAA.BBBB"}}; }

}  // namespace

federation::Accounts* Methods::accounts_or_refuse(const Caller& caller, Reply& reply, int cost) {
  if (c.accounts_ == nullptr) {
    reply.error(failure(ErrorKind::unavailable, "nobody can have an account here: " + c.setup_.no_accounts));
  } else if (c.session_of(caller) == nullptr) {
    reply.error(failure(ErrorKind::conflict, "what is asked is answered in one session: use a WebSocket connection"));
    return nullptr;
  } else if (cost > 0 && !c.account_quota_.take(caller.address, cost, c.now_.s)) {
    // A session's own quota is as good as new in each new connection.
    crowded.log(runtime::LogLevel::warning, "control", "an address makes too many calls of accounts",
                {{"address", caller.address}});
    reply.error(failure(ErrorKind::rate_limited,
                        "too many accounts are made or logged in to from this address; try again in a minute"));
    return nullptr;
  }
  return c.accounts_;
}

Json Methods::account_json(const federation::Account& account) const {
  return {{"id", account.id},
          {"did", account.did},
          {"created_ms", account.created_ms},
          {"passkeys", account.passkeys.size()}};
}

federation::Accounts::Done Methods::logged_in(Reply reply) {
  auto kept = std::make_shared<Reply>(std::move(reply));
  return [m = *this, alive = c.alive_, kept](Result<federation::Account> account) {
    if (!*alive) return;
    if (!account.ok()) return kept->error(account.error());
    m.keep_wrappings(*account);  // those of an account that was recovered are gone
    kept->result({{"account", m.account_json(*account)},
                  {"resume", m.c.keeper_.resume_token(account->visitor, m.c.now_.unix_ms)}});
  };
}

void Methods::account_describe(const Caller& caller, Reply reply) {
  Json out{{"available", c.accounts_ != nullptr}, {"reason", c.accounts_ == nullptr ? c.setup_.no_accounts : ""}};
  if (c.accounts_ != nullptr) {
    out["origin"] = c.accounts_->home().origin;
    if (const auto* account = c.accounts_->of_visitor(caller.visitor)) out["account"] = account_json(*account);
  }
  reply.result(std::move(out));
}

void Methods::register_begin(const Caller& caller, const Json& params, Reply reply) {
  auto* accounts = accounts_or_refuse(caller, reply, kRegisterCost);
  if (accounts == nullptr) return;
  const auto* visitor = visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  federation::Accounts::Registrant who;
  who.session = caller.session;
  who.visitor = caller.visitor;
  who.name = visitor->guest.name;
  who.recovery_key = params.value("recovery_key", "");
  who.code = params.value("code", "");
  auto begun = accounts->begin_registration(who, c.now_.unix_ms);
  if (!begun.ok()) return reply.error(begun.error());
  reply.result({{"account", begun->account}, {"options", std::move(begun->options)}});
}

void Methods::register_finish(const Caller& caller, const Json& params, Reply reply) {
  auto* accounts = accounts_or_refuse(caller, reply, kRegisterCost);
  if (accounts == nullptr) return;
  auto* visitor = visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  federation::Registration given;
  auto client_data = bytes_of(params, "client_data");
  if (!client_data.ok()) return reply.error(client_data.error());
  auto attestation = bytes_of(params, "attestation");
  if (!attestation.ok()) return reply.error(attestation.error());
  given.client_data = *std::move(client_data);
  given.attestation = *std::move(attestation);
  if (params.contains("label")) {
    auto label = clean_text(params["label"].get<std::string>(), "label", limits::kNameBytes, limits::kNameChars);
    if (!label.ok()) return reply.error(label.error());
    given.label = *std::move(label);
  }
  // Whoever has an account is known by name and appearance from now on. The store keeps the order: they are on disk when it is.
  c.store_.put({{visitor_key(caller.visitor), c.stored_form(*visitor)}}, [](const Status&) {});
  accounts->finish_registration(caller.session, given, c.now_.unix_ms, logged_in(std::move(reply)));
}

void Methods::login_finish(const Caller& caller, const Json& params, Reply reply) {
  auto* accounts = accounts_or_refuse(caller, reply, kLoginCost);
  if (accounts == nullptr) return;
  federation::Login given;
  for (const auto& [field, out] : {std::pair{"id", &given.id}, std::pair{"client_data", &given.assertion.client_data},
                                   std::pair{"authenticator_data", &given.assertion.authenticator_data},
                                   std::pair{"signature", &given.assertion.signature}}) {
    auto bytes = bytes_of(params, field);
    if (!bytes.ok()) return reply.error(bytes.error());
    *out = *std::move(bytes);
  }
  accounts->finish_login(caller.session, given, c.now_.unix_ms, logged_in(std::move(reply)));
}

void Methods::recover_begin(const Caller& caller, const Json& params, Reply reply) {
  auto* accounts = accounts_or_refuse(caller, reply, kRecoverCost);
  if (accounts == nullptr) return;
  auto kept = std::make_shared<Reply>(std::move(reply));
  accounts->begin_recovery(
      caller.session, params["key"].get<std::string>(), params["next_key"].get<std::string>(), c.now_.unix_ms,
      [kept, alive = c.alive_](Result<federation::Accounts::Recovery> recovery) {
        if (!*alive) return;
        if (!recovery.ok()) return kept->error(recovery.error());
        kept->result({{"challenge", recovery->challenge}, {"message", crypto::base64url(recovery->message)}});
      });
}

void Methods::recover_finish(const Caller& caller, const Json& params, Reply reply) {
  auto* accounts = accounts_or_refuse(caller, reply, kRecoverCost);
  if (accounts == nullptr) return;
  const auto bytes = bytes_of(params, "signature");
  crypto::Signature signature{};
  if (!bytes.ok()) return reply.error(bytes.error());
  if (bytes->size() != signature.size()) return reply.error(invalid("signature", "expected 64 bytes"));
  std::copy(bytes->begin(), bytes->end(), signature.begin());
  accounts->finish_recovery(caller.session, params["challenge"].get<std::string>(), signature, c.now_.unix_ms,
                            logged_in(std::move(reply)));
}

void Methods::end_tokens(const Caller& caller, Reply reply) {
  auto* accounts = accounts_or_refuse(caller, reply, kDeviceCost);
  if (accounts != nullptr) accounts->end_tokens(caller.visitor, c.now_.unix_ms, logged_in(std::move(reply)));
}

void Methods::passkey_list(const Caller& caller, Reply reply) {
  auto* accounts = accounts_or_refuse(caller, reply);
  if (accounts == nullptr) return;
  Json list = Json::array();
  if (const auto* account = accounts->of_visitor(caller.visitor))
    for (const auto& kept : account->passkeys)
      list.push_back({{"id", crypto::base64url(kept.passkey.id)},
                      {"label", kept.label},
                      {"created_ms", kept.created_ms},
                      {"used_ms", kept.used_ms}});
  reply.result({{"passkeys", std::move(list)}});
}

void Methods::passkey_remove(const Caller& caller, const Json& params, Reply reply) {
  auto* accounts = accounts_or_refuse(caller, reply);
  if (accounts == nullptr) return;
  const auto id = bytes_of(params, "id");
  if (!id.ok()) return reply.error(id.error());
  auto kept = std::make_shared<Reply>(std::move(reply));
  accounts->remove_passkey(caller.visitor, *id,
                           [m = *this, kept, alive = c.alive_](Result<federation::Account> account) {
                             if (!*alive) return;
                             if (!account.ok()) return kept->error(account.error());
                             m.keep_wrappings(*account);
                             kept->result({{"account", m.account_json(*account)}});
                           });
}

void Methods::add_registration_calls() {
  c.registry_.add(
      {"account.register.begin",
       "Begins the registration of a passkey: the first of a new account, or a further one.",
       "A guest gives `recovery_key`, the public Multikey of a key that the browser has made and the person keeps in a "
       "recovery file; the host never sees the other half. With the `code` of `account.invite` the passkey is added to "
       "the account of whoever made the code. `options` is a PublicKeyCredentialCreationOptionsJSON (WebAuthn), good "
       "for "
       "one answer within five minutes.",
       object({{"recovery_key", text(kMultikeyChars)}, {"code", text(32)}}),
       object({{"account", text(16)}, {"options", Json{{"type", "object"}}}}, {"account", "options"}),
       Capability::visit,
       kRegisterCost,
       {{"recovery_key", "z6Mk"}},
       {{"account", "abcdefghij234567"}, {"options", {{"challenge", "q3J8"}}}},
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.register_begin(caller, params, std::move(reply));
       }});
  c.registry_.add(
      {"account.register.finish",
       "Registers the passkey; a guest has an account from then on.",
       "Name, appearance and place stay. `client_data` and `attestation` are the response's clientDataJSON and "
       "attestationObject, base64url. A device that used a code comes back by `resume` as the account's visitor.",
       object({{"client_data", base64url_text(limits::kClientDataBytes)},
               {"attestation", base64url_text(limits::kAttestationBytes)},
               {"label", text(limits::kNameBytes, "what the person calls the passkey")}},
              {"client_data", "attestation"}),
       logged_in_result(),
       Capability::visit,
       kRegisterCost,
       {{"client_data", "e30"}, {"attestation", "oA"}, {"label", "Phone"}},
       example_logged_in(),
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.register_finish(caller, params, std::move(reply));
       }});
}

void Methods::add_login_calls() {
  c.registry_.add({"account.login.begin",
                   "Begins logging in by a passkey of this host.",
                   "`options` is a PublicKeyCredentialRequestOptionsJSON (WebAuthn), good for one answer within five "
                   "minutes. The browser lets the person choose which passkey.",
                   object({}),
                   object({{"options", Json{{"type", "object"}}}}, {"options"}),
                   Capability::visit,
                   kLoginBeginCost,
                   Json::object(),
                   {{"options", {{"challenge", "q3J8"}, {"rpId", "a.example"}}}},
                   [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                     auto* accounts = m.accounts_or_refuse(caller, reply, kLoginBeginCost);
                     if (accounts == nullptr) return;
                     reply.result({{"options", accounts->begin_login(caller.session, m.c.now_.unix_ms)}});
                   }});
  c.registry_.add(
      {"account.login.finish",
       "Logs in: gives the token by which this browser comes back as the account's visitor.",
       "The session stays the guest's; open a new one with `resume`. All parts are the response's, base64url.",
       object({{"id", base64url_text(limits::kPasskeyIdBytes)},
               {"client_data", base64url_text(limits::kClientDataBytes)},
               {"authenticator_data", base64url_text(limits::kAttestationBytes)},
               {"signature", base64url_text(1'024)}},
              {"id", "client_data", "authenticator_data", "signature"}),
       logged_in_result(),
       Capability::visit,
       kLoginCost,
       {{"id", "AQ"}, {"client_data", "e30"}, {"authenticator_data", "AA"}, {"signature", "AA"}},
       example_logged_in(),
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.login_finish(caller, params, std::move(reply));
       }});
}

void Methods::add_recovery_calls() {
  c.registry_.add({"account.recover.begin",
                   "Begins the recovery of an account by its recovery file.",
                   "`key` is the public Multikey of the file's key, `next_key` that of the next file, which the "
                   "browser has made and "
                   "the person has kept before going on. The answer's `message` is what the file's key signs: the next "
                   "version of the "
                   "person's did:webvh.",
                   object({{"key", text(kMultikeyChars)}, {"next_key", text(kMultikeyChars)}}, {"key", "next_key"}),
                   object({{"challenge", text(64)}, {"message", text(512, "base64url")}}, {"challenge", "message"}),
                   Capability::visit,
                   kRecoverCost,
                   {{"key", "z6MkA"}, {"next_key", "z6MkB"}},
                   {{"challenge", "q3J8"}, {"message", "AAAA"}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.recover_begin(caller, params, std::move(reply));
                   }});
  c.registry_.add({"account.recover.finish",
                   "Recovers the account: its passkeys and tokens end, and this browser comes back by `resume`.",
                   "Register a passkey next. The used recovery file is worth nothing any more; the next one counts.",
                   object({{"challenge", text(64)}, {"signature", base64url_text(64)}}, {"challenge", "signature"}),
                   logged_in_result(),
                   Capability::visit,
                   kRecoverCost,
                   {{"challenge", "q3J8"}, {"signature", "AAAA"}},
                   example_logged_in(),
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.recover_finish(caller, params, std::move(reply));
                   }});
}

void Methods::add_passkey_calls() {
  Json passkey = object({{"id", base64url_text(limits::kPasskeyIdBytes)},
                         {"label", text(limits::kNameBytes)},
                         {"created_ms", whole()},
                         {"used_ms", whole("0: never")}},
                        {"id", "label", "created_ms", "used_ms"});
  c.registry_.add(
      {"account.passkeys",
       "The passkeys of one's own account; none for a guest.",
       "",
       object({}),
       object({{"passkeys", list_of(std::move(passkey))}}, {"passkeys"}),
       Capability::visit,
       2,
       Json::object(),
       {{"passkeys", {{{"id", "AQ"}, {"label", "Phone"}, {"created_ms", 1764000000000}, {"used_ms", 1764000000001}}}}},
       [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
         m.passkey_list(caller, std::move(reply));
       }});
  c.registry_.add({"account.passkey.remove",
                   "Removes a passkey of one's own account; not the last one.",
                   "",
                   object({{"id", base64url_text(limits::kPasskeyIdBytes)}}, {"id"}),
                   object({{"account", reference("Account")}}, {"account"}),
                   Capability::visit,
                   5,
                   {{"id", "AQ"}},
                   {{"account", example_account()}},
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.passkey_remove(caller, params, std::move(reply));
                   }});
}

void Methods::add_device_calls() {
  c.registry_.add({"account.end_others",
                   "Logs out everywhere else: every other browser of this account is a guest's from now on.",
                   "All tokens of the account end, and so does a code of `account.invite`; this browser comes back by "
                   "`resume`. Passkeys stay, and what a host elsewhere has let in stays until that host forgets it.",
                   object({}), logged_in_result(), Capability::visit, kDeviceCost, Json::object(), example_logged_in(),
                   [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                     m.end_tokens(caller, std::move(reply));
                   }});
  c.registry_.add({"account.invite",
                   "A code by which another device adds a passkey to this account: once, within ten minutes.",
                   "A new code ends the one before, and a restart of the host ends all.",
                   object({}),
                   object({{"code", text(16)}, {"until_ms", whole()}}, {"code", "until_ms"}),
                   Capability::visit,
                   kDeviceCost,
                   Json::object(),
                   {{"code", "7Q2MX9KD3A"}, {"until_ms", 1764000600000}},
                   [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                     auto* accounts = m.accounts_or_refuse(caller, reply, kDeviceCost);
                     if (accounts == nullptr) return;
                     const auto made = accounts->invite(caller.visitor, m.c.now_.unix_ms);
                     if (!made.ok()) return reply.error(made.error());
                     reply.result({{"code", made->code}, {"until_ms", made->until_ms}});
                   }});
}

void Methods::add_account_calls() {
  c.registry_.add_schema("Account",
                         object({{"id", text(16)},
                                 {"did", text(limits::kDidBytes, "a portable did:webvh 1.0")},
                                 {"created_ms", whole()},
                                 {"passkeys", whole()}},
                                {"id", "did", "created_ms", "passkeys"}),
                         "A person whose home is this host.");
  c.registry_.add(
      {"account.describe",
       "Whether one can have an account here, and one's own.",
       "",
       object({}),
       object({{"available", yes_no()},
               {"reason", text(500, "why not")},
               {"origin", text(300, "of the pages on which passkeys work")},
               {"account", reference("Account")}},
              {"available", "reason"}),
       Capability::visit,
       1,
       Json::object(),
       {{"available", true}, {"reason", ""}, {"origin", "https://a.example"}, {"account", example_account()}},
       [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
         m.account_describe(caller, std::move(reply));
       }});
  add_registration_calls();
  add_login_calls();
  add_recovery_calls();
  add_passkey_calls();
  add_device_calls();
}

}  // namespace mw::server
