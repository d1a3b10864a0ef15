// Inside of accounts.h, for accounts.cpp (passkeys) and recovery.cpp (identifiers).
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <variant>

#include "federation/accounts.h"
#include "federation/challenges.h"
#include "trust/webvh.h"

namespace mw::federation {

inline constexpr std::string_view kAccountPrefix = "account/", kDidPrefix = "did/";

// What a challenge was about.
struct AskedRegistration {
  std::string account;
  VisitorId visitor;
  std::string recovery_key;  // a new account; empty: a further passkey
  std::string code;
};
struct AskedLogin {};
struct AskedRecovery {
  std::string account;
  trust::Webvh before;
  std::string key, next_key;  // Multikeys
  std::int64_t asked_ms = 0;
};
using Asked = std::variant<AskedRegistration, AskedLogin, AskedRecovery>;

struct Accounts::State {
  struct Invited {
    std::string account;
    std::int64_t until_ms = 0;
  };

  Home home;
  Entropy entropy;
  records::Store* store = nullptr;
  std::map<std::string, Account, std::less<>> accounts;
  std::unordered_map<VisitorId, std::string> by_visitor;
  std::map<Bytes, std::string> by_passkey;
  std::map<std::string, std::string> by_recovery;  // by Account::next_key_hash
  std::map<std::string, Invited, std::less<>> invitations;  // by code
  Challenges<Asked> challenges;

  template <std::size_t Size>
  std::array<Byte, Size> random() {
    std::array<Byte, Size> bytes{};
    entropy(bytes);
    return bytes;
  }
  std::string random_text(std::size_t characters, std::string_view alphabet);  // of 32 characters
  void index(Account account);
  void forget(const std::string& id);
  // The account as it is now, and whatever goes with it. `undo` when it could not be written.
  void write(const std::string& id, std::vector<std::pair<std::string, std::string>> more, std::function<void()> undo,
             Done done);
  Ceremony ceremony(const std::string& challenge) const { return {challenge, home.origin, home.rp_id}; }

  void create(const AskedRegistration& asked, KeptPasskey passkey, std::int64_t now_ms, Done done);
  void add_passkey(const std::string& id, KeptPasskey passkey, Done done);
};

std::string did_key_of(std::string_view account, std::uint32_t version);  // "did/ID/0001"
Json to_json(const Account& account);
Result<Account> read_account(std::string_view id, std::string_view text);

// The first line of an identifier, whose key is thrown away.
Result<trust::WebvhEntry> first_version(const Home& home, std::string_view account, std::string_view recovery_key,
                                        const std::array<Byte, 32>& seed, std::int64_t now_ms);

}  // namespace mw::federation
