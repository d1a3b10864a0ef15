// For tests: visits as a browser makes them, between whole control sides, with a network of their documents and logs.
// Thread: the test's.
#pragma once

#include "crypto/multibase.h"
#include "federation/test_authenticator.h"
#include "platform/test_socket.h"
#include "server/identity.h"
#include "server/test_harness.h"

namespace mw::server {

using federation::TestAuthenticator;

struct Place : Harness {
  Place(const platform::TestFolder& folder, const std::string& name)
      : Harness(folder.file(name + ".db"), "http://" + name), authority(name) {
    add(flat_world());
  }
  std::string did_json() const {
    return identity_document(travel->did(), *crypto::public_key(keeper->public_key()), "http://" + authority);
  }
  std::string history(const std::string& path) {
    std::string body;
    serve_history(accounts.get(), path,
                  [&](const edge::HttpReply& reply) { body = reply.status == 200 ? reply.body : ""; });
    pump();
    return body;
  }
  std::string authority;
};

// a.localhost is Ada's home, b.localhost the destination, evil.localhost neither.
class Travels : public ::testing::Test {
 protected:
  Travels() {
    for (auto* place : {&a, &b, &evil})
      place->fetch = [this](const std::string& url) -> Result<std::string> {
        ++fetched;
        for (auto* host : {&a, &b, &evil}) {
          const std::string origin = "http://" + host->authority;
          if (!url.starts_with(origin + "/") || down == host->authority) continue;
          const auto path = url.substr(origin.size());
          if (path == "/.well-known/did.json") return host->did_json();
          if (path == "/.well-known/manyworlds-introductions.json")
            return data::to_text(*host->travel->introduction(host->now.unix_ms));
          if (path.starts_with("/log/")) return host->title_log->get(path.substr(5));
          if (is_history(path))
            if (auto lines = host->history(path); !lines.empty()) return lines;
        }
        return failure(ErrorKind::unavailable, "nothing answers there");
      };
    for (auto* place : {&a, &b, &evil})
      place->call_out = [this](const edge::FetchRequest& request, const auto& answer) { carry(request, answer); };
    ada = a.visitor("flat", {{"name", "Ada"}, {"language", "zh"}});
    a.call(ada, "visitor.change", {{"appearance", {{"hat", 2}}}});
    const auto asked = a.call(ada, "account.register.begin",
                              {{"recovery_key", crypto::multikey(TestAuthenticator::key_of(101).public_key())}});
    const auto made = device.create(asked["result"]["options"]["challenge"].get<std::string>());
    did = a.call(ada, "account.register.finish",
                 {{"client_data", crypto::base64url(made.client_data)},
                  {"attestation", crypto::base64url(made.attestation)}})["result"]["account"]["did"];
  }

  // A call of one host to another, as the network brings it: `on_way` may read and change it.
  void carry(const edge::FetchRequest& request, const HostCalls::Done<edge::Fetched>& answer) {
    const auto url = edge::parse_url(request.url).value();
    edge::PublicRequest asked;
    asked.post = request.method == "POST";
    asked.path = url.target;
    asked.body = request.body;
    asked.address = "10.0.0.9";
    for (const auto& [name, value] : request.headers)
      for (auto [known, out] : {std::pair{"Content-Type", &asked.content_type},
                                {"Content-Digest", &asked.content_digest},
                                {"Signature-Input", &asked.signature_input},
                                {"Signature", &asked.signature}})
        if (name == known) *out = value;
    if (on_way) on_way(asked);
    for (auto* host : {&a, &b, &evil}) {
      if (host->authority != url.authority() || down == host->authority || asked.path != edge::kHostCallsPath) continue;
      host->host_calls->receive(asked, [answer](const edge::HttpReply& reply) {
        answer(edge::Fetched{reply.status, reply.content_type, reply.body});
      });
      return;
    }
    answer(failure(ErrorKind::unavailable, "nothing answers there"));
  }
  // Until no host has anything left to do.
  void settle() {
    while (!a.posted.empty() || !b.posted.empty() || !evil.posted.empty())
      for (auto* host : {&a, &b, &evil}) host->pump();
  }

  static std::string encoded(const crypto::PublicKey& key) { return crypto::base64url(key.bytes); }
  static crypto::SigningKey session_key(Byte seed = 9) { return TestAuthenticator::key_of(seed); }

  Json challenge(Place& at, const std::string& home = "a.localhost:8080", Byte seed = 9) {
    return at.call(at.connect(), "travel.challenge",
                   {{"home", home},
                    {"session_key", encoded(session_key(seed).public_key())},
                    {"world", "flat"},
                    {"path", "/w/flat"}});
  }
  Json credential(Place& at, Byte seed = 9) {
    const auto asked = challenge(at, "a.localhost:8080", seed);
    EXPECT_TRUE(asked.contains("result")) << asked;
    return a.call(ada, "travel.answer", {{"challenge", asked["result"]["challenge"]}})["result"]["credential"];
  }
  Json arrive(Place& at, SessionId session, const Json& credential, Byte seed = 9) {
    const auto nonce = at.call(session, "travel.nonce")["result"]["nonce"].get<std::string>();
    const auto text = trust::arrival_text(at.travel->did(), nonce, credential);
    return at.call(session, "travel.arrive",
                   {{"credential", credential},
                    {"session_key", encoded(session_key(seed).public_key())},
                    {"signature", crypto::base64url(session_key(seed).sign(as_bytes(*text)))}});
  }
  static std::string refusal(const Json& answer) {
    if (answer.contains("result")) return "arrived";
    return answer["error"]["message"].get<std::string>() + " " + answer["error"].value("data", Json()).dump();
  }

  platform::TestFolder folder;
  Place a{folder, "a.localhost:8080"}, b{folder, "b.localhost:2"}, evil{folder, "evil.localhost:3"};
  TestAuthenticator device{1};
  SessionId ada;
  std::string did, down;
  int fetched = 0;
  std::function<void(edge::PublicRequest&)> on_way;
};

}  // namespace mw::server
