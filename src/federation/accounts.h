// The people whose home is this host: their accounts, passkeys and identifiers. Kept in memory, written through the store before
// anything is answered, loaded at the start; the histories of identifiers stay in the store alone.
// Keys in the store: "account/ID" (JSON), "did/ID/NNNN" (a line of did.jsonl).
// Thread: load on the starting thread; afterwards the control loop alone, also for callbacks.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/crypto.h"
#include "data/json.h"
#include "federation/passkey.h"
#include "records/store_queue.h"

namespace mw::federation {

// The host as a home. Passkeys are bound to its name.
struct Home {
  std::string name;  // as its pages show it
  std::string origin;  // "https://a.example", "http://a.localhost:8080"
  std::string rp_id;  // "a.example"
  std::string authority;  // "a.example", "a.localhost:8080"
};
// Of a public_url. Errors, with the field "public_url": `not_found` for none, `invalid` for an address or a path.
Result<Home> home_of(std::string_view public_url, std::string_view name);

struct KeptPasskey {
  Passkey passkey;
  std::string label;  // what the person calls it
  std::int64_t created_ms = 0, used_ms = 0;  // Unix time; 0: never
};

struct Account {
  std::string id;  // 16 characters of a-z and 2-7; WebAuthn's user handle, and the end of the identifier's path
  VisitorId visitor;
  std::string did;
  std::int64_t created_ms = 0;
  std::int64_t tokens_from_ms = 0;  // resume tokens issued before are not good any more
  std::uint32_t versions = 1;  // of the identifier
  std::string next_key_hash;  // what the identifier's next version must be signed by; names the recovery file
  std::vector<KeptPasskey> passkeys;
};

struct Invitation {
  std::string code;  // 10 characters, without those that look alike
  std::int64_t until_ms = 0;
};

// A registration or a login as the browser gives it.
struct Registration {
  Bytes client_data, attestation;
  std::string label;
};
struct Login {
  Bytes id;
  Assertion assertion;
};

class Accounts {
 public:
  using Entropy = std::function<void(std::span<Byte>)>;
  using Done = std::function<void(Result<Account>)>;  // on disk

  // Errors: those of the journal; `damaged` for an account that does not parse.
  static Result<std::unique_ptr<Accounts>> load(records::Journal& journal, Home home, Entropy entropy);
  ~Accounts();
  void attach(records::Store& store);  // it outlives the accounts' callbacks; required before the calls below
  const Home& home() const;

  const Account* of_visitor(VisitorId visitor) const;
  const Account* find(std::string_view id) const;
  std::size_t size() const;
  std::vector<VisitorId> visitors() const;
  void forget(SessionId session);  // it has ended: nothing that it was asked will be answered
  // Whether a resume token of this visitor, issued then, is still good.
  bool token_good(VisitorId visitor, std::int64_t issued_ms) const;

  // Registration. Without `code` and for a visitor without an account a new one is made, with `recovery_key`, the Multikey that
  // the person holds; else the passkey is added. `options` is what navigator.credentials.create gets (WebAuthn 5.1.8, the
  // JSON form). Errors: `forbidden` (code), `invalid` (recovery_key), `full`.
  struct Registrant {
    SessionId session;
    VisitorId visitor;
    std::string name;
    std::string recovery_key, code;
  };
  struct Begun {
    std::string account;
    Json options;
  };
  Result<Begun> begin_registration(const Registrant& who, std::int64_t now_ms);
  // Errors: those of check_registration, `forbidden`, `conflict` for a passkey that is known, `full`, and those of the store.
  void finish_registration(SessionId session, const Registration& given, std::int64_t now_ms, Done done);

  // Login, by whichever passkey of this host the person chooses.
  Json begin_login(SessionId session, std::int64_t now_ms);
  void finish_login(SessionId session, const Login& given, std::int64_t now_ms, Done done);

  // A further device. Error `not_found`: no account.
  Result<Invitation> invite(VisitorId visitor, std::int64_t now_ms);
  // Every resume token of the account so far ends, and so does its invitation code. Error `not_found`: no account.
  void end_tokens(VisitorId visitor, std::int64_t now_ms, Done done);
  // Not the last one. Errors `not_found`, `conflict`.
  void remove_passkey(VisitorId visitor, ByteView id, Done done);

  // Recovery: `key` is the Multikey of the recovery file, and finds the account; `next_key` is that of the file to come. The
  // answer is what `key` signs. Errors: `forbidden` for a key that recovers nothing here, `invalid`.
  struct Recovery {
    std::string challenge;
    Bytes message;
  };
  void begin_recovery(SessionId session, std::string_view key, std::string_view next_key, std::int64_t now_ms,
                      std::function<void(Result<Recovery>)> done);
  // Every passkey and every resume token of the account ends, and the identifier has a new version.
  void finish_recovery(SessionId session, std::string_view challenge, const crypto::Signature& signature,
                       std::int64_t now_ms, Done done);

  // did.jsonl. Error `not_found`.
  void history(std::string_view account, std::function<void(Result<std::string>)> done);

 private:
  struct State;
  explicit Accounts(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mw::federation
