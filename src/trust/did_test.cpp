#include "trust/did.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/multibase.h"
#include "crypto/vectors_test.h"
#include "trust/time.h"

namespace mw::trust {
namespace {

crypto::SigningKey key_of(Byte seed) {
  const Bytes bytes(32, seed);
  return crypto::SigningKey::from_seed(std::span<const Byte, 32>(bytes.data(), 32));
}

TEST(Time, ReadsRfc3339AndNothingElse) {
  EXPECT_EQ(*parse_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(*parse_time("2023-02-24T23:36:38Z"), 1'677'281'798'000);
  EXPECT_EQ(*parse_time("2024-02-29T12:00:00.1239+02:00"), *parse_time("2024-02-29T10:00:00Z") + 123);
  EXPECT_EQ(*parse_time("1996-12-19T16:39:57-08:00"), *parse_time("1996-12-20T00:39:57Z"));
  for (const char* bad :
       {"", "2023-02-24", "2023-02-24T23:36:38", "2023-02-24 23:36:38Z", "2023-02-30T00:00:00Z", "2023-13-01T00:00:00Z",
        "2023-00-10T00:00:00Z", "2023-02-24T24:00:00Z", "2023-02-24T23:60:00Z", "2016-12-31T23:59:60Z",
        "2023-02-24T23:36:38.Z", "2023-02-24T23:36:38z", "1969-12-31T23:59:59Z", "2023-02-24T23:36:38Z ",
        "+2023-02-24T23:36:38Z", "2023-02-24T23:36:38+0200", "2023-2-24T3:36:38Z"})
    EXPECT_FALSE(parse_time(bad).ok()) << bad;
  for (std::int64_t ms = 0; ms < 250'000'000'000'000; ms += 1'234'567'891'000)
    EXPECT_EQ(*parse_time(format_time(ms)), ms);
}

TEST(DidKey, IsTheKey) {
  const auto key = crypto::SigningKey::from_seed(crypto::Digest{}).public_key();
  EXPECT_EQ(did_key(key), "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp");
  EXPECT_EQ(*key_of_did_key(did_key(key)), key);
  EXPECT_EQ(*key_of_did_key_method(did_key_method(key)), key);
  for (const std::string& bad :
       {did_key(key) + "#" + crypto::multikey(key_of(1).public_key()), did_key(key), did_key(key) + "#",
        std::string("did:key:"), std::string("did:web:z6Mk"), std::string()})
    EXPECT_FALSE(key_of_did_key_method(bad).ok()) << bad;
}

TEST(DidKey, AgreesWithThePublishedVectors) {
  const auto file = published("did-key/ed25519-x25519.json");
  const auto other = published("did-key/nist-curves.json");
  MW_SKIP_WITHOUT(file && other);
  const Json vectors = Json::parse(*file);
  EXPECT_EQ(vectors.size(), 5u);
  for (const auto& [did, vector] : vectors.items()) {
    const Bytes seed = from_hex(vector["seed"].get<std::string>());
    const auto key = crypto::SigningKey::from_seed(std::span<const Byte, 32>(seed.data(), 32));
    EXPECT_EQ(did_key(key.public_key()), did);
    EXPECT_EQ(*key_of_did_key(did), key.public_key());
  }
  const Json others = Json::parse(*other);
  EXPECT_GT(others.size(), 0u);
  for (const auto& [did, vector] : others.items()) EXPECT_FALSE(key_of_did_key(did).ok()) << did;
}

// did:webvh 1.0, "The DID to HTTPS Transformation", and did:web, section 2.3.
TEST(WebDid, NamesThePlaceOfItsDocument) {
  const std::string scid = "QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ";
  const std::pair<std::string, std::string> cases[] = {
      {"did:web:example.com", "https://example.com/.well-known/F"},
      {"did:web:example.com:user:alice", "https://example.com/user/alice/F"},
      {"did:web:example.com%3A3000", "https://example.com:3000/.well-known/F"},
      {"did:web:a.localhost%3A8443:p", "http://a.localhost:8443/p/F"},
      {"did:webvh:" + scid + ":issuer.example.com", "https://issuer.example.com/.well-known/F"},
      {"did:webvh:" + scid + ":example.com%3A3000:dids:issuer", "https://example.com:3000/dids/issuer/F"},
  };
  for (const auto& [did, url] : cases) {
    const auto read = parse_web_did(did);
    ASSERT_TRUE(read.ok()) << did << ": " << read.error().text();
    EXPECT_EQ(read->url("F"), url);
    EXPECT_EQ(read->text(), did);
  }
  for (const std::string& bad : {std::string("did:web:"),
                                 std::string("did:web:Example.com"),
                                 std::string("did:web:127.0.0.1"),
                                 std::string("did:web:[::1]"),
                                 std::string("did:web:exa_mple.com"),
                                 std::string("did:web:-a.com"),
                                 std::string("did:web:a..com"),
                                 std::string("did:web:a.com."),
                                 std::string("did:web:a.com%3A0"),
                                 std::string("did:web:a.com%3A65536"),
                                 std::string("did:web:a.com%3A08"),
                                 std::string("did:web:a.com%3a80"),
                                 std::string("did:web:a.com:"),
                                 std::string("did:web:a.com:..:b"),
                                 std::string("did:web:a.com:x/y"),
                                 std::string("did:web:a.com:%2e%2e"),
                                 std::string("did:web:a.com#k"),
                                 std::string("did:web:a.com?x"),
                                 std::string("did:web:user@a.com"),
                                 std::string("did:web:a.com/"),
                                 std::string("did:webvh:example.com"),
                                 "did:webvh:" + scid,
                                 "did:webvh:" + scid + ":",
                                 "did:webvh:Q" + scid + ":a.com",
                                 "did:web:" + std::string(300, 'a'),
                                 "did:webvh:" + scid.substr(1) + "1:a.com",
                                 "did:web:a.com:" + std::string(600, 'x')})
    EXPECT_FALSE(parse_web_did(bad).ok()) << bad;
  EXPECT_EQ(*did_web("b.localhost:8080"), "did:web:b.localhost%3A8080");
  for (const char* bad : {"", "a.com/", "a.com:", "a.com:x", "10.0.0.1", "[::1]:80", "A.com", "a.com:80:80"})
    EXPECT_FALSE(did_web(bad).ok()) << bad;
}

DidDocument host_document() {
  DidDocument document;
  document.id = "did:web:example.org";
  document.keys.push_back({"did:web:example.org#host", key_of(1).public_key(), true, true});
  document.keys.push_back({"did:web:example.org#login", key_of(2).public_key(), false, true});
  document.services.push_back({"did:web:example.org#worlds", "Manyworlds", "https://example.org/"});
  document.also_known_as = {"https://example.org/"};
  return document;
}

TEST(DidDocument, ReadsWhatItWrites) {
  const auto read = read_did_document(to_json(host_document()), "did:web:example.org");
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(to_json(*read), to_json(host_document()));
  EXPECT_EQ(*read->key("did:web:example.org#host", Purpose::assertion), key_of(1).public_key());
  EXPECT_EQ(*read->key("did:web:example.org#login", Purpose::authentication), key_of(2).public_key());
  EXPECT_EQ(read->key("did:web:example.org#login", Purpose::assertion).error().kind, ErrorKind::not_found);
  EXPECT_EQ(read->key("did:web:example.org#none", Purpose::assertion).error().kind, ErrorKind::not_found);
}

TEST(DidDocument, ReadsTheFormsOfOthers) {
  const Json document = Json::parse(R"({
    "id": "did:web:example.org",
    "verificationMethod": [
      {"id": "#a", "type": "JsonWebKey", "controller": "did:web:example.org",
       "publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
      {"id": "#p256", "type": "Multikey", "controller": "did:web:example.org",
       "publicKeyMultibase": "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"},
      {"id": "#old", "type": "EcdsaSecp256k1VerificationKey2019", "controller": "did:web:example.org"},
      {"id": "did:web:other.org#k", "type": "Multikey", "controller": "did:web:other.org",
       "publicKeyMultibase": "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"}],
    "assertionMethod": ["#a", "did:web:other.org#k",
      {"id": "#b", "type": "Ed25519VerificationKey2020", "controller": "did:web:example.org",
       "publicKeyMultibase": "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"}],
    "service": [{"id": "#s", "type": "T", "serviceEndpoint": {"uri": "x"}}], "unknown": 1})");
  const auto read = read_did_document(document, "did:web:example.org");
  ASSERT_TRUE(read.ok()) << read.error().text();
  ASSERT_EQ(read->keys.size(), 2u);
  EXPECT_TRUE(read->key("did:web:example.org#a", Purpose::assertion).ok());
  EXPECT_TRUE(read->key("did:web:example.org#b", Purpose::assertion).ok());
  EXPECT_FALSE(read->key("did:web:other.org#k", Purpose::assertion).ok());  // nobody speaks for another's key
}

TEST(DidDocument, SaysWhatIsWrong) {
  const auto field_of = [](const std::function<void(Json&)>& change) {
    Json document = to_json(host_document());
    change(document);
    const auto read = read_did_document(document, "did:web:example.org");
    return read.ok() ? std::string("accepted") : read.error().field;
  };
  EXPECT_EQ(field_of([](Json& d) { d["id"] = "did:web:evil.org"; }), "/id");
  EXPECT_EQ(field_of([](Json& d) { d.erase("id"); }), "/id");
  EXPECT_EQ(field_of([](Json& d) { d["verificationMethod"] = 5; }), "/verificationMethod");
  EXPECT_EQ(field_of([](Json& d) { d["verificationMethod"][1]["type"] = nullptr; }), "/verificationMethod/1/type");
  EXPECT_EQ(field_of([](Json& d) { d["verificationMethod"][1].erase("controller"); }),
            "/verificationMethod/1/controller");
  EXPECT_EQ(field_of([](Json& d) { d["verificationMethod"][1]["id"] = "#host"; }), "/verificationMethod/1/id");
  EXPECT_EQ(field_of([](Json& d) { d["assertionMethod"][0] = 7; }), "/assertionMethod/0");
  EXPECT_EQ(field_of([](Json& d) { d["alsoKnownAs"] = Json::array({1}); }), "/alsoKnownAs/0");
  EXPECT_EQ(field_of([](Json& d) { d["service"][0].erase("id"); }), "/service/0/id");
  EXPECT_EQ(field_of([](Json& d) { d["authentication"] = Json(std::vector<std::string>(100, "#a")); }),
            "/authentication");
  // A point of small order, as a Multikey: refused when it is enrolled, not when it is used.
  Bytes identity(34, 0);
  identity[0] = 0xED;
  identity[1] = identity[2] = 1;
  const std::string small = crypto::multibase(identity);
  EXPECT_EQ(field_of([&](Json& d) {
              d["verificationMethod"][0]["type"] = "JsonWebKey";
              d["verificationMethod"][0]["publicKeyJwk"] =
                  Json::parse(R"({"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})");
            }),
            "/verificationMethod/0/publicKeyJwk/x");
  EXPECT_FALSE(crypto::from_multikey(small).ok());
  EXPECT_FALSE(read_did_document(Json(5), "did:web:example.org").ok());
}

}  // namespace
}  // namespace mw::trust
