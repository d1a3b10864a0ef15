// For tests against other implementations: each line of the input is a JSON object with "op", each line of the output the
// answer, {"error": "..."} where it was refused. Bytes are base64url.
#include <iostream>
#include <string>

#include "crypto/multibase.h"
#include "federation/accounts.h"
#include "federation/test_authenticator.h"

namespace {

using namespace mw;
using namespace mw::federation;

Json refused(const Error& error) { return {{"error", error.text()}}; }
Bytes bytes(const Json& request, const char* name) {
  return crypto::from_base64url(request.at(name).get<std::string>()).value();
}
Ceremony ceremony(const Json& request) {
  return {request.at("challenge").get<std::string>(), request.at("origin").get<std::string>(),
          request.at("rp").get<std::string>()};
}

Json registered(const Json& request) {
  const auto passkey =
      check_registration(ceremony(request), bytes(request, "client_data"), bytes(request, "attestation"));
  if (!passkey.ok()) return refused(passkey.error());
  return {{"id", crypto::base64url(passkey->id)},
          {"algorithm", passkey->algorithm},
          {"key", crypto::base64url(passkey->key)},
          {"counter", passkey->counter}};
}

Json logged_in(const Json& request) {
  const Json& kept = request.at("passkey");
  const Passkey passkey{bytes(kept, "id"), kept.at("algorithm").get<int>(), bytes(kept, "key"),
                        kept.at("counter").get<std::uint32_t>()};
  const auto counter =
      check_login(ceremony(request), passkey,
                  {bytes(request, "client_data"), bytes(request, "authenticator_data"), bytes(request, "signature")});
  if (!counter.ok()) return refused(counter.error());
  return {{"counter", *counter}};
}

// Somebody's whole life at home: an account, then `recoveries` by one recovery file after the other.
Json person(const Json& request) {
  auto journal = records::Journal::open({":memory:", "", 0, false}).value();
  auto accounts =
      Accounts::load(*journal, home_of(request.at("home").get<std::string>(), "Peer").value(), [](std::span<Byte> out) {
        crypto::random_bytes(out);
      }).value();
  records::InlineStore store(std::move(journal), [](std::function<void()> work) { work(); });
  accounts->attach(store);
  std::int64_t now = request.at("now").get<std::int64_t>();
  const auto multikey = [](Byte n) { return crypto::multikey(TestAuthenticator::key_of(n).public_key()); };
  const SessionId session{256};
  TestAuthenticator device(1, accounts->home().origin, accounts->home().rp_id);
  const auto begun = accounts->begin_registration({session, VisitorId{7}, "Ada", multikey(101), ""}, now);
  if (!begun.ok()) return refused(begun.error());
  Result<Account> account = failure(ErrorKind::internal, "nothing was answered");
  const auto keep = [&](Result<Account> now_is) { account = std::move(now_is); };
  accounts->finish_registration(session, device.create(begun->options["challenge"].get<std::string>()), now, keep);
  for (int i = 0; i < request.at("recoveries").get<int>() && account.ok(); ++i) {
    now += 60'000;
    const auto n = static_cast<Byte>(101 + i), next = static_cast<Byte>(102 + i);
    accounts->begin_recovery(session, multikey(n), multikey(next), now, [&](Result<Accounts::Recovery> asked) {
      if (!asked.ok()) return keep(asked.error());
      accounts->finish_recovery(session, asked->challenge, TestAuthenticator::key_of(n).sign(asked->message), now,
                                keep);
    });
  }
  if (!account.ok()) return refused(account.error());
  Json answer{{"did", account->did}};
  accounts->history(account->id, [&](Result<std::string> lines) { answer["lines"] = lines.value(); });
  return answer;
}

Json answer(const std::string& line) {
  const auto request = data::parse_json(line);
  if (!request.ok()) return refused(request.error());
  const std::string op = request->at("op").get<std::string>();
  return op == "register" ? registered(*request) : op == "login" ? logged_in(*request) : person(*request);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) std::cout << data::to_text(answer(line)) << '\n';
  return 0;
}
