// For tests: visits as a browser makes them, between whole control sides, with a network of their documents and logs.
// Thread: the test's.
#pragma once

#include <algorithm>

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
    for (auto* place : {&a, &b, &evil}) join(*place);
    ada = a.visitor("flat", {{"name", "Ada"}, {"language", "zh"}});
    a.call(ada, "visitor.change", {{"appearance", {{"hat", 2}}}});
    did = make_account(a, ada, device, 101);
  }
  // From now on it is on the network.
  void join(Place& place) {
    hosts.push_back(&place);
    place.fetch = [this](const std::string& url) -> Result<std::string> {
      ++fetched;
      for (auto* host : hosts) {
        const std::string origin = "http://" + host->authority;
        if (!url.starts_with(origin + "/") || down == host->authority) continue;
        const auto path = url.substr(origin.size());
        if (path == "/.well-known/did.json") return host->did_json();
        if (path == "/.well-known/manyworlds-introductions.json")
          return data::to_text(*host->travel->introduction(host->now.unix_ms));
        if (path.starts_with("/log/")) return host->title_log->get(path.substr(5));
        if (const auto blob = host->avatar_files ? host->avatar_files->find(path, "") : nullptr) return blob->bytes;
        if (is_history(path))
          if (auto lines = host->history(path); !lines.empty()) return lines;
      }
      return failure(ErrorKind::unavailable, "nothing answers there");
    };
    place.call_out = [this](const edge::FetchRequest& request, const auto& answer) { carry(request, answer); };
  }
  // The person's identifier.
  static std::string make_account(Place& at, SessionId session, TestAuthenticator& with, Byte recovery) {
    const auto asked = at.call(session, "account.register.begin",
                               {{"recovery_key", crypto::multikey(TestAuthenticator::key_of(recovery).public_key())}});
    const auto made = with.create(asked["result"]["options"]["challenge"].get<std::string>());
    return at.call(session, "account.register.finish",
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
    for (auto* host : hosts) {
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
    while (std::ranges::any_of(hosts, [](const Place* host) { return !host->posted.empty(); }))
      for (auto* host : hosts) host->pump();
  }

  // A call whose answer other hosts have a part in.
  Json ask(Place& at, SessionId session, const std::string& method, Json params = Json::object()) {
    at.call(session, method, std::move(params), false);
    const auto id = at.last_id();
    settle();
    return at.answer(session, id);
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
  std::vector<Place*> hosts;
  Place a{folder, "a.localhost:8080"}, b{folder, "b.localhost:2"}, evil{folder, "evil.localhost:3"};
  TestAuthenticator device{1};
  SessionId ada;
  std::string did, down;
  int fetched = 0;
  std::function<void(edge::PublicRequest&)> on_way;
};

// Ada's things, over the calls of the hosts and the log of her home.
class Carries : public Travels {
 protected:
  // Ada makes a crate at home, and its title.
  std::string crate(double x = 2) {
    const auto made =
        a.call(ada, "entity.add",
               {{"model", "crate"}, {"position", {x, 0, 2}}, {"name", "The red crate"}, {"colour", "#C02020"}});
    const auto titled = a.call(ada, "title.create", {{"entity", made["result"]["entity"]}});
    EXPECT_TRUE(titled.contains("result")) << titled;
    return titled["result"]["asset"];
  }
  Json told() {
    return a.call(ada, "travel.asked",
                  {{"challenge", challenge(b)["result"]["challenge"]}})["result"]["told"]["carried"];
  }
  Json answer(Place& at, const std::vector<std::string>& carry, Byte seed = 9) {
    const auto asked = challenge(at, "a.localhost:8080", seed);
    const auto answered = ask(a, ada, "travel.answer", {{"challenge", asked["result"]["challenge"]}, {"carry", carry}});
    EXPECT_TRUE(answered.contains("result")) << answered;
    return answered["result"];
  }
  // Somebody inside of b, who has arrived with this credential.
  SessionId arrived(const Json& credential, Byte seed = 9) {
    const auto answer = arrive(b, b.visitor(), credential, seed);
    EXPECT_TRUE(answer.contains("result")) << answer;
    const auto session = b.connect();
    b.open(session, {{"resume", answer["result"]["resume"]}});
    b.enter(session);
    return session;
  }
  void wait(double seconds) {
    for (int i = 0; i < static_cast<int>(seconds * 20); ++i)
      for (auto* place : hosts) place->tick();
  }
  Json brought(SessionId session) { return b.call(session, "travel.carried")["result"]["carried"]; }
  Json things(Place& at, SessionId session) { return at.call(session, "entity.list")["result"]["entities"]; }
};

}  // namespace mw::server
