// Identifiers of the people at home: the first version, the history as it is served, and recovery by its next version.
#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/multibase.h"
#include "federation/accounts.h"
#include "federation/accounts_state.h"
#include "trust/did.h"

namespace mw::federation {
namespace {

trust::WebvhChange change_of(const AskedRecovery& asked) {
  trust::WebvhChange change;
  change.update_keys = {asked.key};
  change.next_key_hashes = {trust::next_key_hash(asked.next_key)};
  return change;
}

std::string joined(const std::vector<std::pair<std::string, std::string>>& lines) {
  std::string text;
  for (const auto& [key, line] : lines) text += line;
  return text;
}

}  // namespace

std::string did_key_of(std::string_view account, std::uint32_t version) {
  static_assert(limits::kWebvhEntries <= 9'999, "keys sort as their versions do");
  return format("{}{}/{:04}", kDidPrefix, account, version);
}

Result<trust::WebvhEntry> first_version(const Home& home, std::string_view account, std::string_view recovery_key,
                                        const std::array<Byte, 32>& seed, std::int64_t now_ms) {
  const auto did = trust::did_web(home.authority);
  MW_TRY(did);
  auto place = trust::parse_web_did(*did);
  MW_TRY(place);
  place->path = {"people", std::string(account)};
  trust::DidDocument document;
  document.id = trust::did_placeholder(*place);
  document.services.push_back({document.id + "#home", "ManyworldsHome", home.origin + "/"});
  const auto once = crypto::SigningKey::from_seed(seed);
  trust::WebvhParameters parameters;
  parameters.update_keys = {crypto::multikey(once.public_key())};
  parameters.next_key_hashes = {trust::next_key_hash(recovery_key)};
  parameters.portable = true;
  return trust::create_webvh(
      trust::to_json(document), parameters, parameters.update_keys[0],
      [&once](ByteView message) { return once.sign(message); }, now_ms);
}

void Accounts::history(std::string_view account, std::function<void(Result<std::string>)> done) {
  const auto* known = find(account);
  if (known == nullptr) return done(Error{ErrorKind::not_found, "account", "nobody of that name lives here"});
  auto text = std::make_shared<Result<std::string>>(failure(ErrorKind::unavailable, "the store did not answer"));
  const std::string prefix = format("{}{}/", kDidPrefix, account);
  state_->store->run(
      [text, prefix](records::Journal& journal) {
        const auto lines = journal.list(prefix, limits::kWebvhEntries);
        if (lines.ok())
          *text = joined(*lines);
        else
          *text = lines.error();
      },
      [text, done = std::move(done)] { done(std::move(*text)); });
}

void Accounts::begin_recovery(SessionId session, std::string_view key, std::string_view next_key, std::int64_t now_ms,
                              std::function<void(Result<Recovery>)> done) {
  for (const auto& [name, text] : {std::pair{"key", key}, std::pair{"next_key", next_key}})
    if (const auto read = crypto::from_multikey(text); !read.ok()) return done(invalid(name, read.error().message));
  if (key == next_key) return done(invalid("next_key", "expected a fresh key"));
  const Error no_key{ErrorKind::forbidden, "key", "recovers no account here, or was used already"};
  const auto owner = state_->by_recovery.find(trust::next_key_hash(key));
  if (owner == state_->by_recovery.end()) return done(no_key);
  if (state_->by_recovery.contains(trust::next_key_hash(next_key)))
    return done(invalid("next_key", "expected a fresh key"));
  AskedRecovery asked;
  asked.account = owner->second;
  asked.key = key;
  asked.next_key = next_key;
  asked.asked_ms = now_ms;
  history(owner->second, [this, session, did = find(owner->second)->did, asked, now_ms, no_key,
                          done = std::move(done)](Result<std::string> lines) mutable {
    if (!lines.ok()) return done(lines.error());
    auto before = trust::read_webvh(*lines, did, "", now_ms);
    if (!before.ok()) return done(before.error());
    const auto& promised = before->parameters.next_key_hashes;
    if (std::find(promised.begin(), promised.end(), trust::next_key_hash(asked.key)) == promised.end())
      return done(no_key);
    asked.before = *std::move(before);
    // What will be signed; nothing is signed yet, so the entry itself is not good and is not kept.
    Bytes message;
    static_cast<void>(trust::update_webvh(
                          asked.before, change_of(asked), asked.key,
                          [&message](ByteView text) {
                            message.assign(text.begin(), text.end());
                            return crypto::Signature{};
                          },
                          now_ms)
                          .ok());
    if (message.empty()) return done(failure(ErrorKind::conflict, "this identifier can have no further version"));
    const auto challenge = state_->challenges.add(session, state_->random<32>(), std::move(asked), now_ms);
    done(Recovery{challenge, std::move(message)});
  });
}

void Accounts::finish_recovery(SessionId session, std::string_view challenge, const crypto::Signature& signature,
                               std::int64_t now_ms, Done done) {
  auto& s = *state_;
  auto taken = s.challenges.take(session, challenge, now_ms);
  if (!taken.ok()) return done(taken.error());
  const auto* asked = std::get_if<AskedRecovery>(&*taken);
  if (asked == nullptr) return done(Error{ErrorKind::forbidden, "challenge", "was asked for something else"});
  const auto at = s.accounts.find(asked->account);
  if (at == s.accounts.end() || at->second.versions != asked->before.versions.size())
    return done(failure(ErrorKind::conflict, "the account was changed meanwhile"));
  const auto entry = trust::update_webvh(
      asked->before, change_of(*asked), asked->key, [&signature](ByteView) { return signature; }, asked->asked_ms);
  if (!entry.ok()) return done(Error{ErrorKind::forbidden, "signature", "is not by the recovery key"});
  Account& account = at->second;
  const Account before = account;
  for (const auto& kept : account.passkeys) s.by_passkey.erase(kept.passkey.id);
  s.by_recovery.erase(account.next_key_hash);
  account.next_key_hash = trust::next_key_hash(asked->next_key);
  s.by_recovery[account.next_key_hash] = account.id;
  account.passkeys.clear();
  account.tokens_from_ms = now_ms;
  account.did = entry->state.did;
  ++account.versions;
  s.write(
      before.id, {{did_key_of(before.id, account.versions), entry->line}},
      [&s, before] {
        s.forget(before.id);
        s.index(before);
      },
      std::move(done));
}

}  // namespace mw::federation
