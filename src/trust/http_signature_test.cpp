#include "trust/http_signature.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/vectors_test.h"

namespace mw::trust {
namespace {

constexpr std::int64_t kNow = 1'618'884'473;

// RFC 9421, appendix B.2: the request that every example there signs, and the key of B.1.4.
HttpMessage example() {
  HttpMessage message;
  message.method = "POST";
  message.authority = "example.com";
  message.path = "/foo";
  message.query = "?param=Value&Pet=dog";
  message.fields = {
      {"Host", "example.com"},
      {"Date", "Tue, 20 Apr 2021 02:07:55 GMT"},
      {"Content-Type", "application/json"},
      {"Content-Digest",
       "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"},
      {"Content-Length", "18"}};
  return message;
}
constexpr std::string_view kBody = R"({"hello": "world"})";

crypto::SigningKey example_key() {
  const Bytes seed = from_hex("9f8362f87a484a954e6e740c5b4c0e84229139a20aa8ab56ff66586f6a7d29c5");
  return crypto::SigningKey::from_seed(std::span<const Byte, 32>(seed.data(), 32));
}
Result<crypto::PublicKey> lookup(std::string_view keyid, Purpose) {
  if (keyid != "test-key-ed25519") return failure(ErrorKind::not_found, format("no key {}", keyid));
  return example_key().public_key();
}
Sign signer() {
  return [](ByteView message) { return example_key().sign(message); };
}

TEST(Fields, ReadTheExamplesOfTheRfc) {
  const auto d = parse_dictionary(R"(en="Applepie", da=:w4ZibGV0w6ZydGU=:, a=?0, b, c; foo=bar, l=(1 2);x=-5)");
  ASSERT_TRUE(d.ok()) << d.error().text();
  EXPECT_EQ(d->size(), 6u);
  EXPECT_EQ(to_text(*d), R"(en="Applepie", da=:w4ZibGV0w6ZydGU=:, a=?0, b, c;foo=bar, l=(1 2);x=-5)");
  EXPECT_EQ(parse_dictionary("")->size(), 0u);
  EXPECT_TRUE(parse_dictionary("  a=1 ,\t b  ").ok());
  EXPECT_EQ(to_text(*parse_dictionary(R"(a="q\"\\")")), R"(a="q\"\\")");
}

TEST(Fields, AreStrict) {
  for (const char* bad :
       {"a=",       "a=1,",     ",a",        "A=1",        "a=1 b=2",        "a=1;",     "a=1;B",
        "a=(1",     "a=(1\t2)", "a=(1)2",    "a=1.5",      "a=@1",           "a=%\"x\"", "a=1234567890123456",
        "a=-",      "a=\"x",    "a=\"\\x\"", "a=\"\x7f\"", "a=\"\xC3\xA9\"", "a=:AA:",   "a=:AA==",
        "a=:A A=:", "a=:AB==:", "a=?2",      "a=?",        "a=1, a=2",       "a;x;x",    "a=1\n",
        "a=\x01",   "=1",       "a==1",      "\ta=1"})
    EXPECT_FALSE(parse_dictionary(bad).ok()) << bad;
  std::string many;
  for (int i = 0; i < 100; ++i) many += format("{}a{}", i == 0 ? "" : ",", i);
  EXPECT_EQ(parse_dictionary(many).error().kind, ErrorKind::too_large);
  EXPECT_EQ(parse_dictionary(std::string(limits::kSignatureFieldBytes + 1, 'a')).error().kind, ErrorKind::too_large);
}

// RFC 9421, B.2.6: the signature that the RFC prints, made and verified. It has no nonce, so it is verified here by its parts.
TEST(HttpSignature, MatchesTheRfc) {
  const auto d = parse_dictionary(
      R"(sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519")");
  ASSERT_TRUE(d.ok());
  const auto base = signature_base(example(), std::get<InnerList>(d->front().second));
  ASSERT_TRUE(base.ok()) << base.error().text();
  EXPECT_EQ(
      *base,
      "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\"@authority\": example.com\n"
      "\"content-type\": application/json\n\"content-length\": 18\n\"@signature-params\": (\"date\" \"@method\" "
      "\"@path\" \"@authority\" \"content-type\" \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"");
  EXPECT_EQ(crypto::base64(example_key().sign(as_bytes(*base))),
            "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==");
}

TEST(HttpSignature, WritesTheBasesOfAllPublishedExamples) {
  const auto file = published("http-sig/rfc9421_appendix_b.json");
  MW_SKIP_WITHOUT(file);
  HttpMessage response;
  response.status = 200;
  response.fields = {
      {"Date", "Tue, 20 Apr 2021 02:07:56 GMT"},
      {"Content-Type", "application/json"},
      {"Content-Digest",
       "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:"},
      {"Content-Length", "23"}};
  int count = 0;
  const Json vectors = Json::parse(*file);
  for (const Json& test : vectors["cases"]) {
    const auto inputs = parse_dictionary(test["signature_input"].get<std::string>());
    ASSERT_TRUE(inputs.ok()) << test["title"];
    const auto base = signature_base(test["message"] == "response" ? response : example(),
                                     std::get<InnerList>(inputs->front().second));
    ASSERT_TRUE(base.ok()) << test["title"] << base.error().text();
    EXPECT_EQ(*base, test["signature_base"].get<std::string>()) << test["title"];
    ++count;
  }
  EXPECT_EQ(count, 6);
}

SignatureParameters parameters() {
  SignatureParameters p;
  for (const auto& name : request_components(true)) p.components.push_back({name, {}});
  p.created_s = kNow;
  p.keyid = "test-key-ed25519";
  p.nonce = "n-1";
  p.tag = "manyworlds";
  return p;
}
SignaturePolicy policy() { return {request_components(true), "manyworlds", kNow + 1}; }

HttpMessage signed_example(const std::function<void(SignatureParameters&)>& change = [](auto&) {}) {
  HttpMessage message = example();
  auto p = parameters();
  change(p);
  EXPECT_TRUE(sign_message(message, p, signer()).ok());
  return message;
}

TEST(HttpSignature, VerifiesWhatItSigns) {
  const auto read = verify_message(signed_example(), policy(), lookup);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->nonce, "n-1");
  EXPECT_EQ(read->keyid, "test-key-ed25519");
  HttpMessage both = signed_example();
  both.fields.insert(both.fields.begin(), {"Signature-Input", R"(proxy=("@method");tag="other")"});
  both.fields.insert(both.fields.begin(), {"Signature", "proxy=:AAAA:"});
  EXPECT_TRUE(verify_message(both, policy(), lookup).ok());  // a proxy's signature beside ours
}

// Each attack on a signed request, and the word by which it is refused.
TEST(HttpSignature, RefusesWhatWasChanged) {
  const auto field_of = [](const std::function<void(HttpMessage&)>& change) {
    HttpMessage message = signed_example();
    change(message);
    const auto read = verify_message(message, policy(), lookup);
    return read.ok() ? std::string("accepted") : read.error().field;
  };
  EXPECT_EQ(field_of([](HttpMessage&) {}), "accepted");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.method = "PUT"; }), "signature");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.path = "/bar"; }), "signature");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.query = ""; }), "signature");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.authority = "evil.example"; }), "signature");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.fields[3].second = content_digest(as_bytes("other")); }), "signature");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.fields.erase(m.fields.begin() + 3); }), "content-digest");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.fields.push_back({"content-digest", "sha-256=:AAAA:"}); }), "signature");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.fields[3].second += "\n\"@path\": /"; }), "content-digest");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.fields.pop_back(); }), "signature");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.fields.push_back(m.fields.back()); }), "signature");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.fields.erase(m.fields.end() - 2); }), "signature-input");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.fields.back().second = "sig=1"; }), "signature");
  EXPECT_EQ(field_of([](HttpMessage& m) { m.fields.back().second = "other=:AAAA:"; }), "signature");
  EXPECT_EQ(field_of([](HttpMessage& m) { (m.fields.end() - 2)->second = "sig=5"; }), "signature-input");
  EXPECT_EQ(field_of([](HttpMessage& m) {
              (m.fields.end() - 2)->second += ", two=();tag=\"manyworlds\"";
              m.fields.back().second += ", two=:AAAA:";
            }),
            "signature-input");
}

TEST(HttpSignature, HoldsToItsPolicy) {
  const auto field_of = [](const std::function<void(SignatureParameters&)>& change, std::int64_t later = 1) {
    SignaturePolicy p = policy();
    p.now_s = kNow + later;
    const auto read = verify_message(signed_example(change), p, lookup);
    return read.ok() ? std::string("accepted") : read.error().field;
  };
  const auto same = [](SignatureParameters&) {};
  EXPECT_EQ(field_of(same, limits::kSignatureMs / 1'000), "accepted");
  EXPECT_EQ(field_of(same, limits::kSignatureMs / 1'000 + 10), "created");
  EXPECT_EQ(field_of(same, -10), "created");
  EXPECT_EQ(field_of([](auto& p) { p.created_s.reset(); }), "created");
  EXPECT_EQ(field_of([](auto& p) { p.expires_s = kNow + 5; }, 20), "expires");
  EXPECT_EQ(field_of([](auto& p) { p.nonce.clear(); }), "nonce");
  EXPECT_EQ(field_of([](auto& p) { p.keyid.clear(); }), "keyid");
  EXPECT_EQ(field_of([](auto& p) { p.keyid = "other"; }), "");  // the lookup's own error
  EXPECT_EQ(field_of([](auto& p) { p.tag = "other"; }), "signature-input");
  EXPECT_EQ(field_of([](auto& p) { p.tag.clear(); }), "signature-input");
  for (std::size_t i = 0; i < request_components(true).size(); ++i)
    EXPECT_EQ(field_of([i](auto& p) { p.components.erase(p.components.begin() + static_cast<std::ptrdiff_t>(i)); }),
              "signature-input")
        << i;
  HttpMessage other = example();
  other.fields.push_back(
      {"Signature-Input", R"(sig=("@method");created=1618884473;alg="hmac-sha256";tag="manyworlds")"});
  other.fields.push_back({"Signature", "sig=:AAAA:"});
  EXPECT_EQ(verify_message(other, policy(), lookup).error().field, "alg");
}

TEST(HttpSignature, RefusesComponentsThatAreNotUnderstood) {
  const auto error_of = [](const std::string& list) {
    const auto d = parse_dictionary("a=" + list);
    EXPECT_TRUE(d.ok()) << list;
    const auto base = signature_base(example(), std::get<InnerList>(d->front().second));
    return base.ok() ? std::string("accepted") : base.error().field;
  };
  EXPECT_EQ(error_of(R"(("@query-param";name="Pet"))"), "accepted");
  EXPECT_EQ(error_of(R"(("@query-param";name="none"))"), "@query-param");
  EXPECT_EQ(error_of(R"(("@query-param"))"), "@query-param");
  EXPECT_EQ(error_of(R"(("@method";req))"), "@method");
  EXPECT_EQ(error_of(R"(("@status"))"), "@status");
  EXPECT_EQ(error_of(R"(("@signature-params"))"), "@signature-params");
  EXPECT_EQ(error_of(R"(("@new"))"), "@new");
  EXPECT_EQ(error_of(R"(("date";sf))"), "date");
  EXPECT_EQ(error_of(R"(("Date"))"), "Date");
  EXPECT_EQ(error_of(R"(("absent"))"), "absent");
  EXPECT_EQ(error_of(R"(("date" "date"))"), "date");
  EXPECT_EQ(error_of(R"((date))"), "signature-input");
}

TEST(ContentDigest, FitsTheBodyOrIsRefused) {
  EXPECT_TRUE(check_content_digest(example().fields[3].second, as_bytes(kBody)).ok());
  EXPECT_TRUE(check_content_digest(content_digest(as_bytes(kBody)), as_bytes(kBody)).ok());
  EXPECT_EQ(content_digest(as_bytes(kBody)),
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");  // RFC 9530, B.1
  EXPECT_EQ(check_content_digest(content_digest(as_bytes("x")), as_bytes(kBody)).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(check_content_digest("md5=:AAAA:", as_bytes(kBody)).error().kind, ErrorKind::invalid);
  EXPECT_FALSE(check_content_digest(content_digest(as_bytes(kBody)) + ", sha-512=:AAAA:", as_bytes(kBody)).ok());
  EXPECT_FALSE(check_content_digest("sha-256=5", as_bytes(kBody)).ok());
  EXPECT_FALSE(check_content_digest("", as_bytes(kBody)).ok());
}

}  // namespace
}  // namespace mw::trust
