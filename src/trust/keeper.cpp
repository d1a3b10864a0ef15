#include "trust/keeper.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/crypto.h"
#include "trust/identity.h"

namespace mw::trust {
namespace {

// Keys in the journal. Values are lines of "name value".
constexpr std::string_view kSecretKey = "trust/secret";      // 32 bytes: signs resume tokens
constexpr std::string_view kHostKey = "trust/key";           // 32 bytes: seed of the host's Ed25519 key
constexpr std::string_view kLinkPrefix = "trust/link/";      // + hash of the token -> issued_ms
constexpr std::string_view kBearerPrefix = "trust/bearer/";  // + hash of the token -> issued_ms
constexpr std::string_view kBanPrefix = "trust/ban/";        // + visitor or address -> until_ms, reason
constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kTokenVersion = "v1.", kInvitationVersion = "i1.";
constexpr std::size_t kInvitationCodeBytes = 16;
// Of the hash; enough to name a token without collisions, and nothing of the token itself.
constexpr std::size_t kOperatorIdChars = 8;

using Hash = std::string;  // hex of SHA-256, a key in the journal

Hash hash_of(std::string_view token) { return crypto::hex(crypto::sha256(as_bytes(token))); }

void append_u64(Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<Byte>(value >> shift & 0xFF));
}

std::uint64_t read_u64(ByteView bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[static_cast<std::size_t>(i)];
  return value;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error damaged(std::string_view key) { return Error{ErrorKind::damaged, std::string(key), "not as it was written"}; }
Error not_valid() { return failure(ErrorKind::forbidden, "not a valid token, or one that was used or has expired"); }
Error no_bearer() {
  return failure(ErrorKind::forbidden, "not an operator's token, or one that was revoked or has expired");
}

// Whom a token is about, and since when.
struct Claims {
  VisitorId visitor;
  std::int64_t issued_ms = 0;
};

Bytes claims_of(VisitorId visitor, std::int64_t now_ms) {
  Bytes claims;
  append_u64(claims, visitor.value);
  append_u64(claims, static_cast<std::uint64_t>(now_ms));
  return claims;
}

// `code_of`: what the claims are signed with. Error `forbidden`.
template <class CodeOf>
Result<Claims> read_claims(std::string_view version, std::string_view token, CodeOf&& code_of) {
  if (!token.starts_with(version)) return not_valid();
  token.remove_prefix(version.size());
  const auto dot = token.find('.');
  if (dot == token.npos) return not_valid();
  const auto claims = crypto::from_base64url(token.substr(0, dot));
  const auto code = crypto::from_base64url(token.substr(dot + 1));
  if (!claims.ok() || !code.ok() || claims->size() != 16) return not_valid();
  if (!crypto::same_secret(*code, code_of(*claims))) return not_valid();
  const ByteView bytes(*claims);
  const Claims read{VisitorId{read_u64(bytes.first(8))}, static_cast<std::int64_t>(read_u64(bytes.subspan(8)))};
  if (!read.visitor) return not_valid();
  return read;
}

// Of other bytes than a resume token's: the one never counts as the other.
Bytes invitation_code(ByteView secret, ByteView claims) {
  Bytes named;
  for (const char c : std::string_view("invitation")) named.push_back(static_cast<Byte>(c));
  named.insert(named.end(), claims.begin(), claims.end());
  const auto code = crypto::hmac_sha256(secret, named);
  return Bytes(code.begin(), code.begin() + kInvitationCodeBytes);
}

std::string ban_key(const Ban& ban) {
  return format("{}{}", kBanPrefix, ban.visitor ? format("v{}", ban.visitor.value) : "a" + ban.address);
}
std::string ban_text(const Ban& ban) {
  return format("{}\n{}\n{}\n{}", ban.until_ms, ban.visitor.value, ban.address, ban.reason);
}

std::optional<Ban> read_ban(std::string_view text) {
  std::array<std::string_view, 3> lines;
  for (auto& line : lines) {
    const auto end = text.find('\n');
    if (end == text.npos) return std::nullopt;
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  const auto until = number(lines[0]), visitor = number(lines[1]);
  if (!until || !visitor) return std::nullopt;
  return Ban{VisitorId{static_cast<std::uint64_t>(*visitor)}, std::string(lines[2]), *until, std::string(text)};
}

}  // namespace

struct Keeper::State {
  Entropy entropy;
  records::Store* store = nullptr;
  Bytes secret;
  std::optional<crypto::SigningKey> key;
  std::map<Hash, std::int64_t> links;    // hash -> issued_ms
  std::map<Hash, std::int64_t> bearers;  // hash -> issued_ms
  std::map<std::string, Ban> bans;       // by key in the journal

  std::string fresh_token() {
    Bytes bytes(kSecretBytes);
    entropy(bytes);
    return crypto::base64url(bytes);
  }
  void write(records::Batch batch, std::function<void(Status)> done) {
    MW_ASSERT(store != nullptr);
    store->commit(std::move(batch), [done = std::move(done)](Result<std::vector<std::uint64_t>> result) {
      done(result.ok() ? ok() : Status(std::move(result).error()));
    });
  }
  Result<Bytes> secret_at(records::Journal& journal, std::string_view name);
  Status read_times(records::Journal& journal, std::string_view prefix, std::map<Hash, std::int64_t>& into);
  Status read_bans(records::Journal& journal);
};

Keeper::Keeper(std::unique_ptr<State> state) : state_(std::move(state)) {}
Keeper::~Keeper() { crypto::wipe(state_->secret); }

// Made on the first start, and never again: a journal that lost its secret is damaged, not new.
Result<Bytes> Keeper::State::secret_at(records::Journal& journal, std::string_view name) {
  const auto stored = journal.get(name);
  MW_TRY(stored);
  if (*stored) {
    if ((*stored)->size() != kSecretBytes) return damaged(name);
    return Bytes((*stored)->begin(), (*stored)->end());
  }
  Bytes fresh(kSecretBytes);
  entropy(fresh);
  MW_TRY(journal.put(name, as_text(fresh)));
  return fresh;
}

Status Keeper::State::read_times(records::Journal& journal, std::string_view prefix,
                                 std::map<Hash, std::int64_t>& into) {
  const auto values = journal.list(prefix, limits::kOperatorLinks + limits::kOperatorBearers);
  MW_TRY(values);
  for (const auto& [name, text] : *values) {
    const auto issued = number(text);
    if (!issued) return damaged(name);
    into.emplace(name.substr(prefix.size()), *issued);
  }
  return ok();
}

Status Keeper::State::read_bans(records::Journal& journal) {
  const auto values = journal.list(kBanPrefix, limits::kBans);
  MW_TRY(values);
  for (const auto& [name, text] : *values) {
    auto ban = read_ban(text);
    if (!ban) return damaged(name);
    bans.emplace(name, *std::move(ban));
  }
  return ok();
}

Result<std::unique_ptr<Keeper>> Keeper::load(records::Journal& journal, Entropy entropy, std::int64_t now_ms) {
  auto state = std::make_unique<State>();
  state->entropy = std::move(entropy);
  auto secret = state->secret_at(journal, kSecretKey);
  MW_TRY(secret);
  state->secret = *std::move(secret);
  auto seed = state->secret_at(journal, kHostKey);
  MW_TRY(seed);
  state->key = crypto::SigningKey::from_seed(std::span<const Byte, 32>(seed->data(), kSecretBytes));
  crypto::wipe(*seed);
  MW_TRY(state->read_times(journal, kLinkPrefix, state->links));
  MW_TRY(state->read_times(journal, kBearerPrefix, state->bearers));
  MW_TRY(state->read_bans(journal));
  // What has expired goes now, so that the lists stay short.
  records::Batch gone;
  const auto expire = [&](std::map<Hash, std::int64_t>& times, std::string_view prefix, std::int64_t life_ms) {
    for (auto it = times.begin(); it != times.end();) {
      const bool old = it->second + life_ms <= now_ms;
      if (old) gone.removes.push_back(std::string(prefix) + it->first);
      it = old ? times.erase(it) : std::next(it);
    }
  };
  expire(state->links, kLinkPrefix, limits::kOperatorLinkMs);
  expire(state->bearers, kBearerPrefix, limits::kOperatorBearerMs);
  for (auto it = state->bans.begin(); it != state->bans.end() && gone.removes.size() < limits::kJournalBatch;) {
    const bool old = it->second.until_ms <= now_ms;
    if (old) gone.removes.push_back(it->first);
    it = old ? state->bans.erase(it) : std::next(it);
  }
  // A full or read-only disk is no reason not to start: what has expired is refused anyway.
  static_cast<void>(journal.commit(gone));
  return std::unique_ptr<Keeper>(new Keeper(std::move(state)));
}

void Keeper::attach(records::Store& store) { state_->store = &store; }
Result<crypto::PublicKey> Keeper::stored_key(records::Journal& journal) {
  auto seed = journal.get(kHostKey);
  if (!seed.ok()) return std::move(seed).error();
  if (!seed->has_value())
    return Error{ErrorKind::not_found, std::string(kHostKey), "no host has started with this data yet"};
  if ((*seed)->size() != kSecretBytes) return damaged(kHostKey);
  const ByteView bytes = as_bytes(**seed);
  return crypto::SigningKey::from_seed(std::span<const Byte, 32>(bytes.data(), kSecretBytes)).public_key();
}

std::string Keeper::host_id() const { return crypto::host_id(state_->key->public_key()); }
Bytes Keeper::public_key() const {
  const auto& bytes = state_->key->public_key().bytes;
  return Bytes(bytes.begin(), bytes.end());
}
Bytes Keeper::sign(ByteView message) const {
  const auto signature = state_->key->sign(message);
  return Bytes(signature.begin(), signature.end());
}

// --- Visitors -------------------------------------------------------------------------------------------------------

VisitorId Keeper::new_visitor() {
  Bytes random(8);
  state_->entropy(random);
  return visitor_from(read_u64(random));
}

std::string Keeper::resume_token(VisitorId visitor, std::int64_t now_ms) const {
  const Bytes claims = claims_of(visitor, now_ms);
  return format("{}{}.{}", kTokenVersion, crypto::base64url(claims),
                crypto::base64url(crypto::hmac_sha256(state_->secret, claims)));
}

Result<VisitorId> Keeper::resume(std::string_view token, std::int64_t now_ms, std::int64_t* issued_ms) const {
  const auto claims = read_claims(kTokenVersion, token, [&](const Bytes& signed_claims) {
    const auto code = crypto::hmac_sha256(state_->secret, signed_claims);
    return Bytes(code.begin(), code.end());
  });
  MW_TRY(claims);
  if (claims->issued_ms + limits::kResumeMs <= now_ms) return not_valid();
  if (issued_ms != nullptr) *issued_ms = claims->issued_ms;
  return claims->visitor;
}

std::string Keeper::invitation(VisitorId visitor, std::int64_t now_ms) const {
  const Bytes claims = claims_of(visitor, now_ms);
  return format("{}{}.{}", kInvitationVersion, crypto::base64url(claims),
                crypto::base64url(invitation_code(state_->secret, claims)));
}

Result<VisitorId> Keeper::invited(std::string_view invitation, std::int64_t now_ms) const {
  const auto claims = read_claims(kInvitationVersion, invitation, [&](const Bytes& signed_claims) {
    return invitation_code(state_->secret, signed_claims);
  });
  MW_TRY(claims);
  if (claims->issued_ms + kInvitationMs <= now_ms) return not_valid();
  return claims->visitor;
}

// --- Operators ------------------------------------------------------------------------------------------------------

void Keeper::issue_link(std::int64_t now_ms, std::function<void(Result<std::string>)> done) {
  const std::string token = state_->fresh_token();
  const Hash hash = hash_of(token);
  records::Batch batch{{}, {{std::string(kLinkPrefix) + hash, format("{}", now_ms)}}, {}};
  if (state_->links.size() >= limits::kOperatorLinks) {
    const auto oldest = std::min_element(state_->links.begin(), state_->links.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
    batch.removes.push_back(std::string(kLinkPrefix) + oldest->first);
    state_->links.erase(oldest);
  }
  state_->write(std::move(batch), [this, token, hash, now_ms, done = std::move(done)](Status status) {
    if (!status.ok()) return done(std::move(status).error());
    state_->links.emplace(hash, now_ms);
    done(token);
  });
}

void Keeper::claim_link(std::string_view token, std::int64_t now_ms, std::function<void(Result<std::string>)> done) {
  const Hash hash = hash_of(token);
  const auto link = state_->links.find(hash);
  if (link == state_->links.end() || link->second + limits::kOperatorLinkMs <= now_ms) return done(not_valid());
  if (state_->bearers.size() >= limits::kOperatorBearers)
    return done(failure(ErrorKind::full, "too many operators' tokens; revoke one first"));
  const std::int64_t issued = link->second;
  state_->links.erase(link);  // from now on a replay fails, also while the store writes
  const std::string bearer = state_->fresh_token();
  const Hash bearer_hash = hash_of(bearer);
  records::Batch batch{
      {}, {{std::string(kBearerPrefix) + bearer_hash, format("{}", now_ms)}}, {std::string(kLinkPrefix) + hash}};
  state_->write(std::move(batch),
                [this, hash, issued, bearer, bearer_hash, now_ms, done = std::move(done)](Status status) {
                  if (!status.ok()) {
                    state_->links.emplace(hash, issued);
                    return done(std::move(status).error());
                  }
                  state_->bearers.emplace(bearer_hash, now_ms);
                  done(bearer);
                });
}

Result<Operator> Keeper::operator_of(std::string_view bearer, std::int64_t now_ms) const {
  // Looked up by hash, so the time it takes says nothing about the token.
  const Hash hash = hash_of(bearer);
  const auto found = state_->bearers.find(hash);
  if (found == state_->bearers.end() || found->second + limits::kOperatorBearerMs <= now_ms) return no_bearer();
  return Operator{hash.substr(0, kOperatorIdChars), found->second};
}

void Keeper::revoke_operator(std::string_view id, std::function<void(Status)> done) {
  const auto found = std::find_if(state_->bearers.begin(), state_->bearers.end(), [&](const auto& bearer) {
    return std::string_view(bearer.first).substr(0, kOperatorIdChars) == id;
  });
  if (found == state_->bearers.end()) return done(failure(ErrorKind::not_found, "no such operator"));
  records::Batch batch{{}, {}, {std::string(kBearerPrefix) + found->first}};
  state_->bearers.erase(found);
  state_->write(std::move(batch), std::move(done));
}

std::vector<std::pair<std::string, std::int64_t>> Keeper::bearer_hashes() const {
  std::vector<std::pair<std::string, std::int64_t>> all;
  for (const auto& [hash, issued] : state_->bearers) all.emplace_back(hash, issued + limits::kOperatorBearerMs);
  return all;
}

std::string Keeper::token_hash(std::string_view token) { return hash_of(token); }

std::vector<Operator> Keeper::operators() const {
  std::vector<Operator> all;
  for (const auto& [hash, issued] : state_->bearers) all.push_back({hash.substr(0, kOperatorIdChars), issued});
  return all;
}

// --- Bans -----------------------------------------------------------------------------------------------------------

void Keeper::ban(Ban ban, std::int64_t now_ms, std::function<void(Status)> done) {
  ban.until_ms = std::min(ban.until_ms, now_ms + std::int64_t{limits::kBanMinutesMax} * 60'000);
  ban.reason.resize(std::min(ban.reason.size(), limits::kReasonBytes));
  std::erase(ban.address, '\n');
  // One entry for the visitor and one for the address, so that each is found by itself.
  std::vector<Ban> entries;
  if (ban.visitor) entries.push_back({ban.visitor, "", ban.until_ms, ban.reason});
  if (!ban.address.empty()) entries.push_back({VisitorId{}, ban.address, ban.until_ms, ban.reason});
  if (entries.empty()) return done(invalid("visitor", "expected a visitor or an address"));
  records::Batch batch;
  for (Ban& entry : entries) {
    if (state_->bans.size() >= limits::kBans) {
      const auto first = std::min_element(state_->bans.begin(), state_->bans.end(), [](const auto& a, const auto& b) {
        return a.second.until_ms < b.second.until_ms;
      });
      batch.removes.push_back(first->first);
      state_->bans.erase(first);
    }
    const std::string name = ban_key(entry);
    batch.puts.emplace_back(name, ban_text(entry));
    state_->bans.insert_or_assign(name, std::move(entry));
  }
  state_->write(std::move(batch), std::move(done));
}

void Keeper::lift(VisitorId visitor, std::string_view address, std::function<void(Status)> done) {
  records::Batch batch;
  for (const Ban& ban : {Ban{visitor, "", 0, ""}, Ban{VisitorId{}, std::string(address), 0, ""}}) {
    if (!ban.visitor && ban.address.empty()) continue;
    if (state_->bans.erase(ban_key(ban)) > 0) batch.removes.push_back(ban_key(ban));
  }
  if (batch.removes.empty()) return done(failure(ErrorKind::not_found, "not banned"));
  state_->write(std::move(batch), std::move(done));
}

std::optional<Ban> Keeper::banned(VisitorId visitor, std::string_view address, std::int64_t now_ms) const {
  for (const Ban& probe : {Ban{visitor, "", 0, ""}, Ban{VisitorId{}, std::string(address), 0, ""}}) {
    if (!probe.visitor && probe.address.empty()) continue;
    const auto found = state_->bans.find(ban_key(probe));
    if (found != state_->bans.end() && found->second.until_ms > now_ms) return found->second;
  }
  return std::nullopt;
}

std::vector<Ban> Keeper::bans() const {
  std::vector<Ban> all;
  for (const auto& [name, ban] : state_->bans) all.push_back(ban);
  return all;
}

}  // namespace mw::trust
