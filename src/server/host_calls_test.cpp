#include "server/host_calls.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/limits.h"
#include "server/test_travel.h"

namespace mw::server {
namespace {

// a calls b; evil.localhost is a host, too, with a key of its own.
class HostCallsTest : public Travels {
 protected:
  HostCallsTest() {
    b.host_calls->on("test.add", [this](const std::string& from, const crypto::PublicKey& key, const Json& params,
                                        const HostCalls::Reply& reply) {
      ++handled;
      last_from = from;
      EXPECT_EQ(key.bytes, crypto::public_key(a.keeper->public_key())->bytes);
      if (!params.contains("n")) return reply(invalid("/params/n", "expected a number"));
      reply(Json{{"sum", params["n"].get<int>() + 1}});
    });
    on_way = [this](edge::PublicRequest& request) {
      if (tamper) tamper(request);
      seen.push_back(request);
    };
  }
  Result<Json> call(HostCalls& calls, const std::string& method = "test.add", Json params = {{"n", 1}},
                    const std::string& to = "b.localhost:2") {
    std::optional<Result<Json>> got;
    calls.send(to, method, std::move(params), [&](Result<Json> result) { got = std::move(result); });
    settle();
    if (!got) return failure(ErrorKind::internal, "no answer at all");
    return *std::move(got);
  }
  // "kind-free": what the caller is told.
  std::string refusal(HostCalls& calls) {
    const auto answer = call(calls);
    EXPECT_EQ(handled, 0);
    return answer.ok() ? "answered" : answer.error().text();
  }
  std::string refusal() { return refusal(*a.host_calls); }
  // As a host that says to be another, or signs with what it has.
  std::unique_ptr<HostCalls> liar(Place& by, const std::function<void(HostCalls::Setup&)>& lie) {
    auto setup = by.calls_setup();
    lie(setup);
    return std::make_unique<HostCalls>(std::move(setup), *by.travel);
  }
  // Straight to b, as anybody can send it.
  int post(edge::PublicRequest request) {
    int status = 0;
    b.host_calls->receive(std::move(request), [&](const edge::HttpReply& reply) { status = reply.status; });
    settle();
    return status;
  }

  std::function<void(edge::PublicRequest&)> tamper;
  std::vector<edge::PublicRequest> seen;
  int handled = 0;
  std::string last_from;
};

TEST_F(HostCallsTest, AHostIsKnownByItsNameAndAnswered) {
  const auto answer = call(*a.host_calls);
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  EXPECT_EQ(*answer, (Json{{"sum", 2}}));
  EXPECT_EQ(last_from, "a.localhost:8080");
  EXPECT_EQ(b.host_calls->stats().received, 1u);
  EXPECT_EQ(a.host_calls->stats().sent, 1u);
  EXPECT_EQ(a.host_calls->stats().failed, 0u);
}

TEST_F(HostCallsTest, ErrorsComeBackWithFieldAndReason) {
  const auto answer = call(*a.host_calls, "test.add", Json::object());
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind, ErrorKind::invalid);
  EXPECT_EQ(answer.error().field, "/params/n");
  EXPECT_EQ(answer.error().message, "expected a number");
  const auto unknown = call(*a.host_calls, "test.nothing");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().kind, ErrorKind::version);
  EXPECT_EQ(call(*a.host_calls, "test.add", {{"n", 1}}, "10.0.0.1").error().field, "host");
  EXPECT_EQ(call(*a.host_calls, "test.add", {{"n", 1}}, "a.localhost:8080").error().message,
            "this host does not call itself");
  down = "b.localhost:2";
  EXPECT_EQ(call(*a.host_calls).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(a.host_calls->stats().failed, 3u);
}

TEST_F(HostCallsTest, AChangedBodyIsRefused) {
  tamper = [](auto& request) { request.body.replace(request.body.find("\"n\":1"), 5, "\"n\":9"); };
  EXPECT_EQ(refusal(), "content-digest: the body is not the one that was signed");
}

TEST_F(HostCallsTest, AChangedBodyWithItsDigestIsRefused) {
  tamper = [](auto& request) {
    request.body.replace(request.body.find("\"n\":1"), 5, "\"n\":9");
    request.content_digest = trust::content_digest(as_bytes(request.body));
  };
  EXPECT_TRUE(refusal().starts_with("signature: the signature is not by ")) << refusal();
}

TEST_F(HostCallsTest, WithoutDigestOrSignatureItIsRefused) {
  tamper = [](auto& request) { request.content_digest.clear(); };
  EXPECT_EQ(refusal(), "content-digest: the message has no such field");
  tamper = [](auto& request) { request.signature.clear(); };
  EXPECT_EQ(refusal(), "signature: the message has no such field");
  tamper = [](auto& request) { request.signature_input.clear(); };
  EXPECT_EQ(refusal(), "signature-input: the message has no such field");
  tamper = [](auto& request) { request.content_type = "text/plain"; };
  EXPECT_EQ(refusal(), "content-type: expected application/json");
}

TEST_F(HostCallsTest, WhatIsNotCoveredIsRefused) {
  for (const char* name : {"@method", "@authority", "@path", "@query", "content-digest"}) {
    tamper = [name](auto& request) {
      const auto item = format("\"{}\"", name);
      request.signature_input.replace(request.signature_input.find(item), item.size(), "\"content-type\"");
    };
    EXPECT_EQ(refusal(), format("signature-input: expected the signature to cover {}", name));
  }
  tamper = [](auto& request) {
    const std::string tag = "manyworlds-host";
    request.signature_input.replace(request.signature_input.find(tag), tag.size(), "manyworlds-else");
  };
  EXPECT_EQ(refusal(), "signature-input: no signature has the tag \"manyworlds-host\"");
}

TEST_F(HostCallsTest, ACallToAnotherHostOrAddressIsNotOneToThisHost) {
  // Signed for evil.localhost, which passes it on.
  static_cast<void>(call(*a.host_calls, "test.add", {{"n", 1}}, "evil.localhost:3"));
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(post(seen[0]), 403);
  EXPECT_TRUE(b.host_calls->stats().last_refusal.starts_with("signature: "));
  tamper = [](auto& request) { request.query = "again=1"; };
  EXPECT_TRUE(refusal().starts_with("signature: "));
}

TEST_F(HostCallsTest, APathOtherThanTheOneIsRefused) {
  auto to_path = liar(a, [](auto&) {});
  tamper = [](auto& request) {
    request.signature_input.replace(request.signature_input.find("\"@path\""), 7, "\"@request-target\"");
  };
  EXPECT_EQ(refusal(*to_path), "signature-input: expected the signature to cover @path");
}

TEST_F(HostCallsTest, ACallCountsOnce) {
  ASSERT_TRUE(call(*a.host_calls).ok());
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(post(seen[0]), 409);
  EXPECT_EQ(b.host_calls->stats().last_refusal, "nonce: this call was made before");
  // Until it has expired by itself.
  b.now.unix_ms += limits::kSignatureMs + limits::kClockSkewMs;
  EXPECT_EQ(post(seen[0]), 409);
  b.now.unix_ms += 2'000;
  EXPECT_EQ(post(seen[0]), 400);
  EXPECT_TRUE(b.host_calls->stats().last_refusal.starts_with("created: ")) << b.host_calls->stats().last_refusal;
  EXPECT_EQ(handled, 1);
}

TEST_F(HostCallsTest, ClocksMayDifferALittle) {
  a.now.unix_ms += limits::kClockSkewMs;
  EXPECT_TRUE(call(*a.host_calls).ok());
  handled = 0;
  a.now.unix_ms += 1'000;
  EXPECT_EQ(refusal(), "created: expected a time that has come");
  a.now.unix_ms = b.now.unix_ms - limits::kSignatureMs - limits::kClockSkewMs - 1'000;
  EXPECT_EQ(refusal(), "created: expected a signature of at most 60 s ago");
}

TEST_F(HostCallsTest, AWaitForWhoItIsDoesNotOutliveTheNonce) {
  bool waited = false;
  const auto usual = b.fetch;
  b.fetch = [&](const std::string& url) {
    if (!std::exchange(waited, true)) b.now.unix_ms += limits::kSignatureMs + 2 * limits::kClockSkewMs;
    return usual(url);
  };
  EXPECT_EQ(refusal(), "created: expected a signature of at most 60 s ago");
}

TEST_F(HostCallsTest, AKeyThatIsNotTheSendersIsRefused) {
  const auto as_a = liar(evil, [&](auto& setup) { setup.method = a.calls_setup().method; });
  EXPECT_TRUE(refusal(*as_a).starts_with("signature: the signature is not by did:web:a.localhost%3A8080#"));
  // A name of a key that its document does not have.
  const auto other = liar(evil, [&](auto& setup) {
    const auto& real = a.calls_setup().method;
    setup.method = setup.did + real.substr(real.find('#'));
  });
  EXPECT_TRUE(refusal(*other).starts_with("keyid: "));
  for (const char* keyid : {"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK#a", "a.localhost:8080",
                            "did:web:a.localhost%3A8080", "did:web:a.localhost%3A8080:people:x#k"}) {
    const auto strange = liar(evil, [&](auto& setup) { setup.method = keyid; });
    EXPECT_EQ(refusal(*strange), "keyid: expected a key of the did:web of a host");
  }
  const auto itself = liar(evil, [&](auto& setup) { setup.method = b.calls_setup().method; });
  EXPECT_EQ(refusal(*itself), "keyid: this host does not call itself");
}

TEST_F(HostCallsTest, ABannedHostIsNotEvenAskedWhoItIs) {
  b.travel->ban({"a.localhost:8080", "spam", 0}, [](const Result<bool>& done) { EXPECT_TRUE(done.ok()); });
  b.pump();
  const int before = fetched;
  EXPECT_EQ(refusal(), "home: people of a.localhost:8080 may not come here: spam");
  EXPECT_EQ(fetched, before);
}

TEST_F(HostCallsTest, AHostThatDoesNotSayWhoItIsIsRefused) {
  down = "a.localhost:8080";
  EXPECT_TRUE(refusal().starts_with("a.localhost:8080 cannot be asked who it is"));
}

TEST_F(HostCallsTest, TooMuchAtOnceIsRefused) {
  const auto large = call(*a.host_calls, "test.add", {{"n", 1}, {"more", std::string(kHostCallBytes, 'x')}});
  EXPECT_EQ(large.error().kind, ErrorKind::too_large);
  EXPECT_TRUE(seen.empty());
  edge::PublicRequest request;
  request.body.assign(kHostCallBytes + 1, 'x');
  EXPECT_EQ(post(std::move(request)), 413);
}

TEST_F(HostCallsTest, AFloodOfOneHostShutsOutItselfAlone) {
  int answered = 0;
  Error last;
  for (int i = 0; i < 150; ++i) {
    const auto answer = call(*a.host_calls);
    if (answer.ok())
      ++answered;
    else
      last = answer.error();
  }
  EXPECT_EQ(answered, 100);
  EXPECT_EQ(last.kind, ErrorKind::rate_limited);
  EXPECT_EQ(last.message, "too many calls of a.localhost:8080; try again later");
  const auto other = call(*evil.host_calls, "test.nothing");
  EXPECT_EQ(other.error().kind, ErrorKind::version) << other.error().text();
  a.now.unix_ms += 1'000;
  b.now.unix_ms += 1'000;
  EXPECT_TRUE(call(*a.host_calls).ok());
}

TEST_F(HostCallsTest, NamesThatNobodyHeardOfAreLookedUpNowAndThenOnly) {
  ASSERT_TRUE(call(*a.host_calls).ok());
  const int before = fetched;
  for (int i = 0; i < 40; ++i) {
    const auto one = liar(evil, [&](auto& setup) { setup.method = format("did:web:x{}.localhost#k", i); });
    EXPECT_FALSE(call(*one).ok());
  }
  EXPECT_EQ(fetched, before + 9) << "ten of one address, of which a was the first";
  EXPECT_TRUE(call(*a.host_calls).ok()) << "who is known is heard all the same";
}

TEST(HostCallBytes, ARequestIsReadStrictly) {
  const auto read = [](const char* text) {
    const auto request = read_host_call(text);
    return request.ok() ? std::string("read") : request.error().text();
  };
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":"1","method":"a","params":{}})"), "read");
  EXPECT_EQ(read(R"([{"jsonrpc":"2.0","id":"1","method":"a","params":{}}])"),
            "body: expected one request, not a batch");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":1,"method":"a","params":{}})"), "id: expected a text of 1 to 64 bytes");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","method":"a","params":{}})"), "id: expected a text of 1 to 64 bytes");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":"1","method":"","params":{}})"), "method: expected a text of 1 to 64 bytes");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":"1","method":"a","params":[]})"), "params: expected an object");
  EXPECT_EQ(read(R"({"jsonrpc":"1.0","id":"1","method":"a","params":{}})"), "jsonrpc: expected \"2.0\"");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":"1","method":"a","params":{},"x":1})"), "body: a request has no member x");
  EXPECT_TRUE(read("{").starts_with("body: "));
}

TEST(HostCallBytes, AnAnswerIsToTheCallOrNone) {
  const auto read = [](const std::string& text) {
    const auto answer = read_host_answer(text, "7");
    return answer.ok() ? data::to_text(*answer) : answer.error().text();
  };
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":"7","result":{"a":1}})"), R"({"a":1})");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":"8","result":{"a":1}})"), "the answer is to another call");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":null,"result":{"a":1}})"), "the answer is to another call");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":"7"})"), "expected a result or an error in the answer");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":"7","result":1,"error":{}})"), "expected a result or an error in the answer");
  EXPECT_EQ(read("<html>"), "the other host did not answer as hosts do");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"no"}})"), "no");
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":"7","error":{"code":"x"}})"),
            "the other host answered with an error that has no code");
  const auto large = read_host_answer(
      R"({"jsonrpc":"2.0","id":"7","error":{"code":-32001,"message":")" + std::string(9'000, 'x') + "\"}}", "7");
  EXPECT_EQ(large.error().message.size(), 300u);
  EXPECT_EQ(large.error().kind, ErrorKind::forbidden);
}

}  // namespace
}  // namespace mw::server
