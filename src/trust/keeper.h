// What the host remembers about whom it trusts: its own secret and key, operators' links and tokens, bans. Kept in memory,
// written through the store before anything is answered, loaded at the start. Secrets of others are stored as hashes only.
// Thread: load on the starting thread; afterwards the control loop alone. Callbacks arrive on the control loop too.
//
// Tokens, all base64url without padding:
//   resume    "v1." + base64url(visitor u64 | issued_ms u64, big endian) + "." + base64url(HMAC-SHA256 by the host secret).
//             Carries no role: a role must be revocable, and a signed token is not.
//   invitation "i1." + base64url(visitor u64 | issued_ms u64) + "." + base64url(the first 16 bytes of HMAC-SHA256 by the host
//             secret of "invitation" and these). No secret: it opens nothing, and says only beside whom one would like to stand.
//   link      32 random bytes; once, within limits::kOperatorLinkMs.
//   operator  32 random bytes; a bearer, until revoked or limits::kOperatorBearerMs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/crypto.h"
#include "records/store_queue.h"
#include "trust/capability.h"

namespace mw::trust {

struct Ban {
  VisitorId visitor;  // none: by address alone
  std::string address;  // empty: by visitor alone
  std::int64_t until_ms = 0;  // Unix time
  std::string reason;
};

struct Operator {
  std::string id;  // public, short; names the token in lists and logs
  std::int64_t issued_ms = 0;  // Unix time
};

class Keeper {
 public:
  // Fills with unpredictable bytes; crypto::random_bytes in a host, a seeded generator in the simulation.
  using Entropy = std::function<void(std::span<Byte>)>;

  // Reads what is stored and, on the first start, makes and stores the host's secret and key. Errors: those of the journal,
  // `damaged` for values that do not parse.
  static Result<std::unique_ptr<Keeper>> load(records::Journal& journal, Entropy entropy, std::int64_t now_ms);
  ~Keeper();

  // From here on changes are written here. The store outlives the keeper. Required before any call that takes `done`.
  void attach(records::Store& store);

  // The host's public key from a journal that may be open for reading alone, beside a running host. Errors: `not_found` where no
  // host has started yet, `damaged`.
  static Result<crypto::PublicKey> stored_key(records::Journal& journal);

  std::string host_id() const;  // from the public key; stable for the life of the data folder
  Bytes sign(ByteView message) const;  // Ed25519 by the host key
  Bytes public_key() const;

  // Visitors
  VisitorId new_visitor();
  std::string resume_token(VisitorId visitor, std::int64_t now_ms) const;
  // Errors: `forbidden` for a token that is not ours or has expired. `issued_ms`, where it is given, gets when it was made.
  Result<VisitorId> resume(std::string_view token, std::int64_t now_ms, std::int64_t* issued_ms = nullptr) const;

  // Error of invited(): `forbidden` for one that is not ours or is older than kInvitationMs.
  static constexpr std::int64_t kInvitationMs = 24 * 60 * 60 * 1000;
  std::string invitation(VisitorId visitor, std::int64_t now_ms) const;
  Result<VisitorId> invited(std::string_view invitation, std::int64_t now_ms) const;

  // Operators
  // A new one-time token for the link; valid once `done` has it.
  void issue_link(std::int64_t now_ms, std::function<void(Result<std::string>)> done);
  // Trades a link's token for an operator's bearer token; the trade is on disk before `done`. Errors: `forbidden` for
  // unknown, used and expired ones (the same words for all), `full`, and those of the store, after which the link is good
  // again.
  void claim_link(std::string_view token, std::int64_t now_ms, std::function<void(Result<std::string>)> done);
  // Error `forbidden`.
  Result<Operator> operator_of(std::string_view bearer, std::int64_t now_ms) const;
  void revoke_operator(std::string_view id, std::function<void(Status)> done);  // error `not_found`
  std::vector<Operator> operators() const;
  // For checks on other threads: a copy of the hashes of all bearers in force with the times when they end (Unix
  // milliseconds), and how a token is hashed.
  std::vector<std::pair<std::string, std::int64_t>> bearer_hashes() const;
  static std::string token_hash(std::string_view token);

  // Bans; in force at once, `done` when on disk.
  void ban(Ban ban, std::int64_t now_ms, std::function<void(Status)> done);
  void lift(VisitorId visitor, std::string_view address, std::function<void(Status)> done);
  std::optional<Ban> banned(VisitorId visitor, std::string_view address, std::int64_t now_ms) const;
  std::vector<Ban> bans() const;

 private:
  struct State;
  explicit Keeper(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mw::trust
