#include "trust/visit.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/format.h"
#include "crypto/multibase.h"
#include "trust/time.h"

namespace mw::trust {
namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;

crypto::SigningKey key_of(Byte seed) {
  const Bytes bytes(32, seed);
  return crypto::SigningKey::from_seed(std::span<const Byte, 32>(bytes.data(), 32));
}
Sign signer(Byte seed) {
  return [seed](ByteView message) { return key_of(seed).sign(message); };
}

// A host: its name, its key (by number), its document.
struct Host {
  Host(std::string authority, Byte number) : seed(number) {
    document.id = *did_web(authority);
    document.keys.push_back({document.id + "#host", key_of(seed).public_key(), true, true});
  }
  std::string method() const { return document.id + "#host"; }
  Byte seed;
  DidDocument document;
};

Webvh person_at(const std::string& host, Byte seed) {
  WebvhParameters parameters;
  parameters.update_keys = {crypto::multikey(key_of(seed).public_key())};
  parameters.portable = true;
  WebDid place;
  place.host = host;
  place.path = {"people", "ada"};
  Json document = Json::object();
  document["id"] = did_placeholder(place);
  return create_webvh(document, parameters, parameters.update_keys[0], signer(seed), kNow - 86'400'000)->state;
}

// Everybody in a visit of Ada, from a.example to b.example, with an honest run of every step.
struct Scene {
  Host home{"a.example", 1}, destination{"b.example", 2};
  Webvh person = person_at("a.example", 3);
  crypto::SigningKey session = key_of(4);
  VisitDesk desk{destination.document.id, std::array<Byte, 32>{7}};
  std::string fresh_nonce = "fresh";
  std::size_t known_versions = 0;
  Byte entropy = 1;

  Json challenge(std::int64_t now = kNow) {
    return *desk.challenge(session.public_key(), "plaza", "/arrive", std::array<Byte, 16>{entropy},
                           destination.method(), signer(destination.seed), now);
  }
  Visit answer(std::int64_t now = kNow) {
    Visit visit;
    visit.home = home.document.id;
    visit.person = person.did;
    visit.answers = *check_challenge(challenge(now), destination.document, now);
    visit.profile.name = "Ada 安";
    visit.profile.language = "zh-Hans";
    visit.profile.avatar["hair"] = 3;
    visit.carried = {{"Qm1", "a.example/log", {{"model", "bench"}}}, {"Qm2", "a.example/log"}};
    visit.from_ms = now;
    visit.until_ms = now + 60'000;
    return visit;
  }
  Json credential(std::int64_t now = kNow) { return *issue_visit(answer(now), home.method(), signer(home.seed), now); }

  // Signs with the session key and knocks.
  Result<Visit> arrive(const Json& brought, std::int64_t now = kNow + 1'000) {
    return arrive_with(brought, session, now);
  }
  Result<Visit> arrive_with(const Json& brought, const crypto::SigningKey& presented, std::int64_t now = kNow + 1'000) {
    const auto text = arrival_text(destination.document.id, fresh_nonce, brought);
    const auto key = presented.public_key();
    const auto signature = presented.sign(as_bytes(*text));
    return desk.admit(brought, {home.document, person, known_versions, key, fresh_nonce, signature}, now);
  }
};

std::string refusal(const Result<Visit>& result) {
  if (result.ok()) return "admitted";
  EXPECT_FALSE(result.error().message.empty());
  EXPECT_TRUE(result.error().kind == ErrorKind::forbidden) << result.error().text();
  return result.error().field;
}

TEST(Visit, ArrivesWithNameLanguageAvatarAndThings) {
  Scene scene;
  const Json credential = scene.credential();
  EXPECT_EQ(visit_parties(credential)->home, "did:web:a.example");
  EXPECT_EQ(visit_parties(credential)->person, scene.person.did);
  const auto visit = scene.arrive(credential);
  ASSERT_TRUE(visit.ok()) << visit.error().text();
  EXPECT_EQ(visit->person, scene.person.did);
  EXPECT_EQ(visit->profile.name, "Ada 安");
  EXPECT_EQ(visit->profile.language, "zh-Hans");
  EXPECT_EQ(visit->profile.avatar["hair"], 3);
  ASSERT_EQ(visit->carried.size(), 2u);
  EXPECT_EQ(visit->carried[0].thing["model"], "bench");
  EXPECT_TRUE(visit->carried[1].thing.empty());
  EXPECT_EQ(visit->home_key, key_of(scene.home.seed).public_key());
  EXPECT_EQ(scene.answer().answers.key, key_of(scene.destination.seed).public_key()) << "who would hold their leases";
  EXPECT_EQ(visit->answers.world, "plaza");
}

// RFC 8037, appendix A.3.
TEST(Visit, NamesASessionKeyByItsThumbprint) {
  const auto x = crypto::from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  EXPECT_EQ(jwk_thumbprint(*crypto::public_key(*x)), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

// The attacks, one by one. Each is refused by the member that gives it away, in words for an operator. ----------------

TEST(VisitAttack, ForgedByAnybody) {
  Scene scene;
  const auto forged = issue_visit(scene.answer(), scene.home.method(), signer(66), kNow);
  EXPECT_EQ(refusal(scene.arrive(*forged)), "proof");
  // With a key of the forger's own name, and with one that the home has for logging in alone.
  const auto key = key_of(66);
  EXPECT_EQ(refusal(scene.arrive(*issue_visit(scene.answer(), did_key_method(key.public_key()), signer(66), kNow))),
            "proof");
  scene.home.document.keys[0].asserts = false;
  EXPECT_EQ(refusal(scene.arrive(scene.credential())), "proof");
}

TEST(VisitAttack, AnyWordOfItChanged) {
  Scene scene;
  const Json credential = scene.credential();
  const Json flat = credential.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    Json changed = credential;
    changed[Json::json_pointer(pointer)] = value.is_string() ? Json(value.get<std::string>() + "x") : Json(99);
    EXPECT_NE(refusal(scene.arrive(changed)), "admitted") << pointer;
  }
  Json unsigned_one = credential;
  unsigned_one.erase("proof");
  EXPECT_EQ(refusal(scene.arrive(unsigned_one)), "proof");
  Json twice = credential;
  twice["proof"] = Json::array({credential["proof"], credential["proof"]});
  EXPECT_EQ(refusal(scene.arrive(twice)), "proof");
  EXPECT_TRUE(scene.arrive(credential).ok());  // nothing of all this has used the nonce up
}

TEST(VisitAttack, Expired) {
  Scene scene;
  const Json credential = scene.credential();
  EXPECT_EQ(refusal(scene.arrive(credential, kNow + 60'000 + limits::kClockSkewMs + 1)), "validUntil");
  EXPECT_EQ(refusal(scene.arrive(credential, kNow - limits::kClockSkewMs - 1)), "validFrom");
  // A home that gives it longer than a visit takes, and one that answers when the challenge is over.
  Visit visit = scene.answer();
  visit.until_ms = visit.from_ms + limits::kVisitMs + 1'000;
  EXPECT_EQ(refusal(scene.arrive(*issue_visit(visit, scene.home.method(), signer(1), kNow))), "validUntil");
  visit.from_ms = kNow + limits::kVisitMs;
  visit.until_ms = visit.from_ms + 60'000;
  EXPECT_EQ(
      refusal(scene.arrive(*issue_visit(visit, scene.home.method(), signer(1), kNow), kNow + limits::kVisitMs + 1'000)),
      "visit/nonce");
}

TEST(VisitAttack, Replayed) {
  Scene scene;
  const Json credential = scene.credential();
  ASSERT_TRUE(scene.arrive(credential).ok());
  EXPECT_EQ(refusal(scene.arrive(credential)), "visit/nonce");
  // By a new credential from the home for the same nonce, too.
  Visit visit = scene.answer();
  visit.profile.name = "Other";
  EXPECT_EQ(refusal(scene.arrive(*issue_visit(visit, scene.home.method(), signer(1), kNow))), "visit/nonce");
  // An arrival that was overheard: the session key has signed the nonce of another connection.
  scene.entropy = 2;
  const Json second = scene.credential();
  const auto text = arrival_text(scene.destination.document.id, scene.fresh_nonce, second);
  const auto overheard = scene.session.sign(as_bytes(*text));
  const auto key = scene.session.public_key();
  EXPECT_EQ(refusal(scene.desk.admit(second, {scene.home.document, scene.person, 0, key, "another", overheard}, kNow)),
            "sessionSignature");
}

TEST(VisitAttack, ReboundToAnotherKey) {
  Scene scene;
  const Json credential = scene.credential();
  const auto thief = key_of(66);
  EXPECT_EQ(refusal(scene.arrive_with(credential, thief)), "visit/sessionKey");
  // The thief's key, and the victim's name for it.
  const auto text = arrival_text(scene.destination.document.id, scene.fresh_nonce, credential);
  const auto signature = thief.sign(as_bytes(*text));
  const auto key = scene.session.public_key();
  EXPECT_EQ(
      refusal(scene.desk.admit(credential, {scene.home.document, scene.person, 0, key, "fresh", signature}, kNow)),
      "sessionSignature");
  // A home that helps: its credential names the thief's key for a nonce that was made for the victim's.
  Visit visit = scene.answer();
  visit.answers.session_key = jwk_thumbprint(thief.public_key());
  EXPECT_EQ(refusal(scene.arrive_with(*issue_visit(visit, scene.home.method(), signer(1), kNow), thief)),
            "visit/nonce");
  // And another world than the one that was asked for.
  visit = scene.answer();
  visit.answers.world = "vault";
  EXPECT_EQ(refusal(scene.arrive(*issue_visit(visit, scene.home.method(), signer(1), kNow))), "visit/nonce");
}

TEST(VisitAttack, BroughtToAnotherDestination) {
  Scene scene;
  const Json credential = scene.credential();
  // A dishonest destination keeps what it was brought and goes on with it to c.example.
  VisitDesk other("did:web:c.example", std::array<Byte, 32>{8});
  const auto text = arrival_text("did:web:c.example", "fresh", credential);
  const auto signature = scene.session.sign(as_bytes(*text));
  const auto key = scene.session.public_key();
  EXPECT_EQ(refusal(other.admit(credential, {scene.home.document, scene.person, 0, key, "fresh", signature}, kNow)),
            "visit/audience");
  // With its own nonce passed on, the home would have been asked in another's name.
  Json challenge =
      *other.challenge(key, "plaza", "/arrive", std::array<Byte, 16>{1}, scene.destination.method(), signer(2), kNow);
  EXPECT_EQ(check_challenge(challenge, scene.destination.document, kNow).error().field, "audience");
}

TEST(VisitAttack, AHomeThatSpeaksForAPersonOfAnotherHome) {
  Scene scene;
  const Host evil("evil.example", 66);
  Json credential = scene.credential();
  credential.erase("proof");
  credential["issuer"] = evil.document.id;
  Proof proof;
  proof.method = evil.method();
  const Json forged = *add_proof(credential, proof, signer(66));
  scene.home = evil;
  EXPECT_EQ(refusal(scene.arrive(forged)), "credentialSubject/id");
  EXPECT_EQ(visit_parties(forged).error().field, "credentialSubject/id");  // and nothing was fetched for it
  EXPECT_NE(visit_parties(forged).error().message.find("evil.example"), std::string::npos);
  // Of its own people it may speak; not by the history of somebody else's.
  Scene second;
  const Json honest = second.credential();
  second.person = person_at("a.example", 5);
  EXPECT_EQ(refusal(second.arrive(honest)), "person");
  // No home can sign such a thing by mistake.
  Visit visit = Scene().answer();
  visit.home = "did:web:evil.example";
  EXPECT_EQ(issue_visit(visit, evil.method(), signer(66), kNow).error().field, "credentialSubject/id");
  // A port is another host, and a path is none.
  visit.home = "did:web:a.example%3A8443";
  EXPECT_FALSE(issue_visit(visit, "m", signer(1), kNow).ok());
  visit.home = "did:web:a.example:people";
  EXPECT_EQ(issue_visit(visit, "m", signer(1), kNow).error().field, "issuer");
}

TEST(VisitAttack, AFormerHomeShowsAnOldHistory) {
  Scene scene;
  scene.known_versions = 2;
  EXPECT_EQ(refusal(scene.arrive(scene.credential())), "person");
  scene.known_versions = 1;
  scene.person.parameters.deactivated = true;
  EXPECT_EQ(refusal(scene.arrive(scene.credential())), "person");
}

TEST(VisitAttack, ADocumentOfAnotherHost) {
  Scene scene;
  const Json credential = scene.credential();
  scene.home = Host("c.example", 1);
  EXPECT_EQ(refusal(scene.arrive(credential)), "issuer");
}

TEST(VisitAttack, ADestinationThatNamesAnotherAddress) {
  Scene scene;
  const auto field_of = [&scene](const std::function<void(Json&)>& change, Byte seed = 2) {
    Json challenge = scene.challenge();
    challenge.erase("proof");
    change(challenge);
    Proof proof;
    proof.method = scene.destination.method();
    const auto read = check_challenge(*add_proof(challenge, proof, signer(seed)), scene.destination.document, kNow);
    return read.ok() ? std::string("accepted") : read.error().field;
  };
  EXPECT_EQ(field_of([](Json&) {}), "accepted");
  for (const char* address : {"https://evil.example/arrive", "https://b.example.evil.example/", "https://b.example",
                              "https://b.example@evil.example/", "http://b.example/arrive", "https://b.example:444/",
                              "https://b.example/\r\nx", "javascript:alert(1)", "https://b.example\\@evil.example/"})
    EXPECT_EQ(field_of([address](Json& c) { c["returnTo"] = address; }), "returnTo") << address;
  EXPECT_EQ(field_of([](Json& c) { c["audience"] = "did:web:c.example"; }), "audience");
  EXPECT_EQ(field_of([](Json& c) { c["audience"] = "did:web:b.example:path"; }), "audience");
  EXPECT_EQ(field_of([](Json& c) { c["expires"] = format_time(kNow - 60'000); }), "expires");
  EXPECT_EQ(field_of([](Json& c) { c["expires"] = format_time(kNow + 2 * limits::kVisitMs); }), "expires");
  EXPECT_EQ(field_of([](Json& c) { c.erase("nonce"); }), "nonce");
  EXPECT_EQ(field_of([](Json& c) { c["type"] = "Other"; }), "type");
  EXPECT_EQ(field_of([](Json&) {}, 66), "proof");  // in the destination's name, by another
}

TEST(VisitAttack, TooMuchOfIt) {
  Scene scene;
  Visit visit = scene.answer();
  visit.profile.avatar["x"] = std::string(limits::kVisitBytes, 'x');
  EXPECT_EQ(issue_visit(visit, scene.home.method(), signer(1), kNow).error().kind, ErrorKind::too_large);
  const Json big = *add_proof(
      [&] {
        Json json = scene.credential();
        json.erase("proof");
        json["credentialSubject"]["profile"]["avatar"]["x"] = std::string(limits::kVisitBytes, 'x');
        return json;
      }(),
      Proof{scene.home.method(), Purpose::assertion, {}, {}, "", ""}, signer(1));
  EXPECT_EQ(refusal(scene.arrive(big)), "");
  visit = scene.answer();
  visit.carried.clear();
  for (std::size_t i = 0; i <= limits::kVisitCarried; ++i) visit.carried.push_back({format("Qm{}", i), "log"});
  EXPECT_EQ(issue_visit(visit, scene.home.method(), signer(1), kNow).error().field, "carried");
  visit.carried = {{"Qm1", "log"}, {"Qm1", "log"}};
  EXPECT_EQ(issue_visit(visit, scene.home.method(), signer(1), kNow).error().field, "carried");
  visit = scene.answer();
  visit.profile.name = "\x01\xE2\x80\xAE";
  EXPECT_EQ(issue_visit(visit, scene.home.method(), signer(1), kNow).error().field, "profile/name");
}

// A home may say what it likes of what comes along, in the words that there are for it, and signs it.
TEST(Visit, SaysWhoHoldsTheKeyOfWhatComesAlong) {
  Scene scene;
  Visit visit = scene.answer();
  visit.carried[0].held = true;
  const auto arrived = scene.arrive(*issue_visit(visit, scene.home.method(), signer(scene.home.seed), kNow));
  ASSERT_TRUE(arrived.ok()) << arrived.error().text();
  EXPECT_TRUE(arrived->carried[0].held);
  EXPECT_FALSE(arrived->carried[1].held) << "where nothing is said it is the home";

  const auto field_of = [&scene](const char* member, const Json& value) {
    ++scene.entropy;  // each visit answers a challenge of its own
    Json json = scene.credential();
    json.erase("proof");
    json["credentialSubject"]["carried"][0][member] = value;
    return refusal(scene.arrive(
        *add_proof(json, Proof{scene.home.method(), Purpose::assertion, {}, {}, "", ""}, signer(scene.home.seed))));
  };
  EXPECT_EQ(field_of("custody", "holder"), "admitted");
  EXPECT_EQ(field_of("custody", "home"), "admitted");
  for (const Json& said : {Json("nobody"), Json("Holder"), Json(""), Json(true), Json(1), Json(nullptr), Json::array()})
    EXPECT_EQ(field_of("custody", said), "carried/custody") << said.dump();
  EXPECT_EQ(field_of("host", "c.example:8443"), "admitted");
  for (const Json& said : {Json("did:web:c.example"), Json("c.example/log"), Json(""), Json(7)})
    EXPECT_EQ(field_of("host", said), "carried/host") << said.dump();
  EXPECT_EQ(field_of("thing", "a lamp"), "carried/thing");
  EXPECT_EQ(field_of("asset", "Qm2"), "carried") << "twice";
}

TEST(ReplayMemory, RemembersUntilTheEndAndIsBounded) {
  ReplayMemory memory(10, 4);
  EXPECT_TRUE(memory.spend("a", "home", 100, 0).ok());
  EXPECT_EQ(memory.spend("a", "home", 100, 100).error().kind, ErrorKind::conflict);
  EXPECT_EQ(memory.spend("a", "another", 100, 100).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(memory.spend("a", "home", 200, 101).ok());  // it would have expired by itself
  // One source fills its own share and nobody else's.
  int admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += memory.spend(format("flood{}", i), "flood", 1'000, 102).ok() ? 1 : 0;
  EXPECT_EQ(admitted, 4);
  EXPECT_EQ(memory.spend("x", "flood", 1'000, 102).error().kind, ErrorKind::rate_limited);
  EXPECT_TRUE(memory.spend("b", "home", 200, 102).ok());
  // Full: refused, and nothing is forgotten for it.
  for (int i = 0; i < 100; ++i) (void)memory.spend(format("many{}", i), format("source{}", i), 1'000, 102);
  EXPECT_EQ(memory.size(), 10u);
  EXPECT_EQ(memory.spend("new", "new", 1'000, 102).error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(memory.spend("flood0", "flood", 1'000, 102).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(memory.spend("new", "new", 5'000, 1'001).ok());
  EXPECT_EQ(memory.size(), 1u);
}

}  // namespace
}  // namespace mw::trust
