#include "federation/accounts.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/multibase.h"
#include "federation/accounts_state.h"
#include "federation/attestation.h"
#include "trust/did.h"

namespace mw::federation {
namespace {

constexpr std::string_view kIdAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view kCodeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's: no I, L, O, U
constexpr std::size_t kIdChars = 16, kCodeChars = 10;

Error no_account() { return failure(ErrorKind::not_found, "this visitor has no account here"); }

// Codes are read to others and typed: case and separators do not count.
std::string plain_code(std::string_view text) {
  std::string code;
  for (char c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (kCodeAlphabet.find(c) != std::string_view::npos) code.push_back(c);
    if (code.size() > kCodeChars) break;
  }
  return code;
}

Json creation_options(const Home& home, const std::string& challenge, const std::string& account,
                      const std::string& name, const Account* present) {
  Json parameters = Json::array();
  for (const int algorithm : kPasskeyAlgorithms) parameters.push_back({{"type", "public-key"}, {"alg", algorithm}});
  Json known = Json::array();
  if (present != nullptr)
    for (const auto& kept : present->passkeys)
      known.push_back({{"type", "public-key"}, {"id", crypto::base64url(kept.passkey.id)}});
  return {{"rp", {{"id", home.rp_id}, {"name", home.name}}},
          {"user", {{"id", crypto::base64url(as_bytes(account))}, {"name", name}, {"displayName", name}}},
          {"challenge", challenge},
          {"pubKeyCredParams", std::move(parameters)},
          {"timeout", limits::kChallengeMs},
          {"excludeCredentials", std::move(known)},
          {"authenticatorSelection",
           {{"residentKey", "required"}, {"requireResidentKey", true}, {"userVerification", "required"}}},
          // Many an authenticator makes the secret by which a title's key is wrapped now, or never.
          {"extensions", {{"prf", Json::object()}}},
          {"attestation", "none"}};
}

}  // namespace

Json to_json(const Account& account) {
  Json passkeys = Json::array();
  for (const auto& kept : account.passkeys)
    passkeys.push_back({{"id", crypto::base64url(kept.passkey.id)},
                        {"algorithm", kept.passkey.algorithm},
                        {"key", crypto::base64url(kept.passkey.key)},
                        {"counter", kept.passkey.counter},
                        {"label", kept.label},
                        {"created_ms", kept.created_ms},
                        {"used_ms", kept.used_ms}});
  return {{"visitor", account.visitor.value}, {"did", account.did},
          {"created_ms", account.created_ms}, {"tokens_from_ms", account.tokens_from_ms},
          {"versions", account.versions},     {"next_key_hash", account.next_key_hash},
          {"passkeys", std::move(passkeys)}};
}

Result<Account> read_account(std::string_view id, std::string_view text) {
  const Error damaged{ErrorKind::damaged, std::string(kAccountPrefix) + std::string(id), "not as it was written"};
  const auto json = data::parse_json(text);
  if (!json.ok()) return damaged;
  try {
    Account account;
    account.id = id;
    account.visitor = VisitorId{json->at("visitor").get<std::uint64_t>()};
    account.did = json->at("did").get<std::string>();
    account.created_ms = json->at("created_ms").get<std::int64_t>();
    account.tokens_from_ms = json->at("tokens_from_ms").get<std::int64_t>();
    account.versions = json->at("versions").get<std::uint32_t>();
    account.next_key_hash = json->at("next_key_hash").get<std::string>();
    for (const auto& one : json->at("passkeys")) {
      KeptPasskey kept;
      auto key_id = crypto::from_base64url(one.at("id").get<std::string>());
      auto key = crypto::from_base64url(one.at("key").get<std::string>());
      if (!key_id.ok() || !key.ok()) return damaged;
      kept.passkey = {*std::move(key_id), one.at("algorithm").get<int>(), *std::move(key),
                      one.at("counter").get<std::uint32_t>()};
      kept.label = one.at("label").get<std::string>();
      kept.created_ms = one.at("created_ms").get<std::int64_t>();
      kept.used_ms = one.at("used_ms").get<std::int64_t>();
      account.passkeys.push_back(std::move(kept));
    }
    if (!account.visitor) return damaged;
    return account;
  } catch (const Json::exception&) {
    return damaged;
  }
}

Result<Home> home_of(std::string_view public_url, std::string_view name) {
  constexpr std::string_view kField = "public_url";
  if (public_url.empty())
    return Error{ErrorKind::not_found, std::string(kField),
                 "passkeys are bound to a host's name, and this one has none"};
  while (public_url.ends_with('/')) public_url.remove_suffix(1);
  const auto scheme = public_url.find("://");
  if (scheme == std::string_view::npos) return invalid(std::string(kField), "expected https://");
  std::string_view authority = public_url.substr(scheme + 3);
  const std::string_view usual = public_url.starts_with("https") ? ":443" : ":80";
  if (authority.ends_with(usual)) authority.remove_suffix(usual.size());
  const auto did = trust::did_web(authority);
  if (!did.ok()) return invalid(std::string(kField), did.error().message);
  const auto place = trust::parse_web_did(*did);
  MW_TRY(place);
  return Home{std::string(name), format("{}://{}", public_url.substr(0, scheme), authority), place->host,
              std::string(authority)};
}

// --- Memory and store ------------------------------------------------------------------------------------------------

std::string Accounts::State::random_text(std::size_t characters, std::string_view alphabet) {
  Bytes bytes(characters);
  entropy(bytes);
  std::string text;
  for (const Byte byte : bytes) text.push_back(alphabet[byte % alphabet.size()]);
  return text;
}

void Accounts::State::index(Account account) {
  by_visitor[account.visitor] = account.id;
  by_recovery[account.next_key_hash] = account.id;
  for (const auto& kept : account.passkeys) by_passkey[kept.passkey.id] = account.id;
  accounts[account.id] = std::move(account);
}

void Accounts::State::forget(const std::string& id) {
  const auto at = accounts.find(id);
  if (at == accounts.end()) return;
  by_visitor.erase(at->second.visitor);
  by_recovery.erase(at->second.next_key_hash);
  for (const auto& kept : at->second.passkeys) by_passkey.erase(kept.passkey.id);
  accounts.erase(at);
}

// Memory is ahead of the disk, and the store keeps the order of writes: whatever is written later holds this change too.
void Accounts::State::write(const std::string& id, std::vector<std::pair<std::string, std::string>> more,
                            std::function<void()> undo, Done done) {
  MW_ASSERT(store != nullptr);
  records::Batch batch;
  batch.puts = std::move(more);
  batch.puts.emplace_back(std::string(kAccountPrefix) + id, data::to_text(to_json(accounts.at(id))));
  store->commit(std::move(batch), [this, id, undo = std::move(undo), done = std::move(done)](auto result) {
    if (!result.ok()) {
      undo();
      return done(result.error());
    }
    const auto at = accounts.find(id);
    done(at == accounts.end() ? Result<Account>(no_account()) : Result<Account>(at->second));
  });
}

Accounts::Accounts(std::unique_ptr<State> state) : state_(std::move(state)) {}
Accounts::~Accounts() = default;

Result<std::unique_ptr<Accounts>> Accounts::load(records::Journal& journal, Home home, Entropy entropy) {
  auto state = std::make_unique<State>();
  state->home = std::move(home);
  state->entropy = std::move(entropy);
  const auto stored = journal.list(kAccountPrefix, limits::kAccounts);
  MW_TRY(stored);
  for (const auto& [key, text] : *stored) {
    auto account = read_account(std::string_view(key).substr(kAccountPrefix.size()), text);
    MW_TRY(account);
    state->index(*std::move(account));
  }
  return std::unique_ptr<Accounts>(new Accounts(std::move(state)));
}

void Accounts::forget(SessionId session) { state_->challenges.forget(session); }
void Accounts::attach(records::Store& store) { state_->store = &store; }
const Home& Accounts::home() const { return state_->home; }
std::size_t Accounts::size() const { return state_->accounts.size(); }

std::vector<VisitorId> Accounts::visitors() const {
  std::vector<VisitorId> all;
  all.reserve(state_->by_visitor.size());
  for (const auto& [visitor, id] : state_->by_visitor) all.push_back(visitor);
  return all;
}

const Account* Accounts::find(std::string_view id) const {
  const auto at = state_->accounts.find(id);
  return at == state_->accounts.end() ? nullptr : &at->second;
}

const Account* Accounts::of_visitor(VisitorId visitor) const {
  const auto at = state_->by_visitor.find(visitor);
  return at == state_->by_visitor.end() ? nullptr : find(at->second);
}

bool Accounts::token_good(VisitorId visitor, std::int64_t issued_ms) const {
  const auto* account = of_visitor(visitor);
  return account == nullptr || issued_ms >= account->tokens_from_ms;
}

// --- Registration ----------------------------------------------------------------------------------------------------

Result<Accounts::Begun> Accounts::begin_registration(const Registrant& who, std::int64_t now_ms) {
  auto& s = *state_;
  AskedRegistration asked;
  asked.visitor = who.visitor;
  const Account* present = of_visitor(who.visitor);
  if (!who.code.empty()) {
    const auto invited = s.invitations.find(plain_code(who.code));
    if (invited == s.invitations.end() || invited->second.until_ms <= now_ms)
      return Error{ErrorKind::forbidden, "code", "is not a code of this host, was used, or is too old"};
    asked.code = invited->first;
    present = find(invited->second.account);
    if (present == nullptr) return no_account();
  }
  if (present != nullptr) {
    asked.account = present->id;
    if (present->passkeys.size() >= limits::kPasskeysPerAccount)
      return failure(ErrorKind::full, format("an account has at most {} passkeys", limits::kPasskeysPerAccount));
  } else {
    if (s.accounts.size() >= limits::kAccounts)
      return failure(ErrorKind::full, "this host has as many accounts as it can");
    if (const auto key = crypto::from_multikey(who.recovery_key); !key.ok())
      return invalid("recovery_key", key.error().message);
    asked.recovery_key = who.recovery_key;
    asked.account = s.random_text(kIdChars, kIdAlphabet);
  }
  const std::string id = asked.account;
  const auto challenge = s.challenges.add(who.session, s.random<32>(), std::move(asked), now_ms);
  return Begun{id, creation_options(s.home, challenge, id, who.name, present)};
}

void Accounts::finish_registration(SessionId session, const Registration& given, std::int64_t now_ms, Done done) {
  auto& s = *state_;
  const auto client = read_client_data(given.client_data);
  if (!client.ok()) return done(client.error());
  auto asked = s.challenges.take(session, client->challenge, now_ms);
  if (!asked.ok()) return done(asked.error());
  const auto* registration = std::get_if<AskedRegistration>(&*asked);
  if (registration == nullptr) return done(Error{ErrorKind::forbidden, "challenge", "was asked for something else"});
  auto passkey = check_registration(s.ceremony(client->challenge), given.client_data, given.attestation);
  if (!passkey.ok()) return done(passkey.error());
  if (s.by_passkey.contains(passkey->id)) return done(failure(ErrorKind::conflict, "this passkey is known already"));
  KeptPasskey kept{*std::move(passkey), given.label, now_ms, 0};
  if (!registration->recovery_key.empty()) return s.create(*registration, std::move(kept), now_ms, std::move(done));
  if (!registration->code.empty()) {
    const auto invited = s.invitations.find(registration->code);
    if (invited == s.invitations.end() || invited->second.until_ms <= now_ms)
      return done(Error{ErrorKind::forbidden, "code", "was used meanwhile, or is too old"});
    s.invitations.erase(invited);
  } else if (const auto* own = of_visitor(registration->visitor); own == nullptr || own->id != registration->account) {
    return done(no_account());
  }
  s.add_passkey(registration->account, std::move(kept), std::move(done));
}

void Accounts::State::create(const AskedRegistration& asked, KeptPasskey passkey, std::int64_t now_ms, Done done) {
  if (by_visitor.contains(asked.visitor))
    return done(failure(ErrorKind::conflict, "this visitor has an account already"));
  if (accounts.size() >= limits::kAccounts)
    return done(failure(ErrorKind::full, "this host has as many accounts as it can"));
  const std::string next_key_hash = trust::next_key_hash(asked.recovery_key);
  if (by_recovery.contains(next_key_hash))
    return done(Error{ErrorKind::conflict, "recovery_key", "belongs to another account"});
  auto first = first_version(home, asked.account, asked.recovery_key, random<32>(), now_ms);
  if (!first.ok()) return done(first.error());
  Account account;
  account.id = asked.account;
  account.visitor = asked.visitor;
  account.did = first->state.did;
  account.created_ms = now_ms;
  account.next_key_hash = next_key_hash;
  account.passkeys.push_back(std::move(passkey));
  index(std::move(account));
  write(
      asked.account, {{did_key_of(asked.account, 1), std::move(first->line)}},
      [this, id = asked.account] { forget(id); }, std::move(done));
}

void Accounts::State::add_passkey(const std::string& id, KeptPasskey passkey, Done done) {
  const auto at = accounts.find(id);
  if (at == accounts.end()) return done(no_account());  // it could not be stored, after all
  auto& account = at->second;
  if (account.passkeys.size() >= limits::kPasskeysPerAccount)
    return done(failure(ErrorKind::full, format("an account has at most {} passkeys", limits::kPasskeysPerAccount)));
  const Bytes added = passkey.passkey.id;
  by_passkey[added] = id;
  account.passkeys.push_back(std::move(passkey));
  write(
      id, {},
      [this, id, added] {
        by_passkey.erase(added);
        if (const auto still = accounts.find(id); still != accounts.end())
          std::erase_if(still->second.passkeys, [&](const KeptPasskey& one) { return one.passkey.id == added; });
      },
      std::move(done));
}

// --- Login -----------------------------------------------------------------------------------------------------------

Json Accounts::begin_login(SessionId session, std::int64_t now_ms) {
  auto& s = *state_;
  const auto challenge = s.challenges.add(session, s.random<32>(), AskedLogin{}, now_ms);
  return Json{{"challenge", challenge},
              {"timeout", limits::kChallengeMs},
              {"rpId", s.home.rp_id},
              {"allowCredentials", Json::array()},
              {"userVerification", "required"}};
}

void Accounts::finish_login(SessionId session, const Login& given, std::int64_t now_ms, Done done) {
  auto& s = *state_;
  const auto client = read_client_data(given.assertion.client_data);
  if (!client.ok()) return done(client.error());
  const auto asked = s.challenges.take(session, client->challenge, now_ms);
  if (!asked.ok()) return done(asked.error());
  if (!std::holds_alternative<AskedLogin>(*asked))
    return done(Error{ErrorKind::forbidden, "challenge", "was asked for something else"});
  const auto owner = s.by_passkey.find(given.id);
  if (owner == s.by_passkey.end())
    return done(Error{ErrorKind::forbidden, "id", "is no passkey of this host, or one that was removed"});
  const std::string id = owner->second;
  auto& passkeys = s.accounts.at(id).passkeys;
  const auto kept = std::find_if(passkeys.begin(), passkeys.end(),
                                 [&](const KeptPasskey& one) { return one.passkey.id == given.id; });
  MW_ASSERT(kept != passkeys.end());
  const auto counter = check_login(s.ceremony(client->challenge), kept->passkey, given.assertion);
  if (!counter.ok()) return done(counter.error());
  // A counter that is in memory and could not be stored is no harm: it is only ever too high.
  kept->passkey.counter = *counter;
  kept->used_ms = now_ms;
  s.write(id, {}, [] {}, std::move(done));
}

// --- Further devices -------------------------------------------------------------------------------------------------

Result<Invitation> Accounts::invite(VisitorId visitor, std::int64_t now_ms) {
  auto& s = *state_;
  const auto* account = of_visitor(visitor);
  if (account == nullptr) return no_account();
  // A new code ends the one before.
  std::erase_if(s.invitations,
                [&](const auto& one) { return one.second.until_ms <= now_ms || one.second.account == account->id; });
  if (s.invitations.size() >= limits::kInvitations)
    return failure(ErrorKind::rate_limited, "too many codes wait to be used");
  const Invitation made{s.random_text(kCodeChars, kCodeAlphabet), now_ms + limits::kInvitationMs};
  s.invitations[made.code] = {account->id, made.until_ms};
  return made;
}

void Accounts::end_tokens(VisitorId visitor, std::int64_t now_ms, Done done) {
  auto& s = *state_;
  const auto* own = of_visitor(visitor);
  if (own == nullptr) return done(no_account());
  auto& account = s.accounts.at(own->id);
  std::erase_if(s.invitations, [&](const auto& one) { return one.second.account == account.id; });
  const auto before = std::exchange(account.tokens_from_ms, now_ms);
  s.write(
      account.id, {},
      [&s, id = account.id, before] {
        if (const auto still = s.accounts.find(id); still != s.accounts.end()) still->second.tokens_from_ms = before;
      },
      std::move(done));
}

void Accounts::remove_passkey(VisitorId visitor, ByteView id, Done done) {
  auto& s = *state_;
  const auto* own = of_visitor(visitor);
  if (own == nullptr) return done(no_account());
  auto& account = s.accounts.at(own->id);
  const auto at = std::find_if(account.passkeys.begin(), account.passkeys.end(),
                               [&](const KeptPasskey& one) { return std::ranges::equal(one.passkey.id, id); });
  if (at == account.passkeys.end()) return done(Error{ErrorKind::not_found, "id", "this account has no such passkey"});
  if (account.passkeys.size() == 1)
    return done(Error{ErrorKind::conflict, "id", "is the last one; without it nobody could log in"});
  KeptPasskey removed = std::move(*at);
  account.passkeys.erase(at);
  s.by_passkey.erase(removed.passkey.id);
  s.write(
      account.id, {},
      [&s, id = account.id, removed] {
        const auto still = s.accounts.find(id);
        if (still == s.accounts.end()) return;
        still->second.passkeys.push_back(removed);
        s.by_passkey[removed.passkey.id] = id;
      },
      std::move(done));
}

}  // namespace mw::federation
