// HTTP of the edges on real loopback sockets: pages, files, refusals, calls.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "edge/request.h"
#include "edge/test_edges.h"

namespace mw::edge {
namespace {

TEST_F(EdgesTest, ServesPagesAndFiles) {
  start();
  TestClient c = client();
  const TestReply page = c.request("GET", "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, "<!doctype html><title>worlds</title>");
  EXPECT_EQ(page.header("Cache-Control"), "no-cache");
  EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff");
  EXPECT_NE(page.header("Content-Security-Policy").find("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"),
            std::string::npos);
  EXPECT_NE(page.header("Content-Security-Policy").find("wss://localhost"), std::string::npos);
  EXPECT_EQ(c.request("GET", "/w/plaza").body, page.body);

  const TestReply plain = c.request("GET", "/assets/app-1.js");
  EXPECT_EQ(plain.body.size(), 5000U);
  EXPECT_EQ(plain.header("Cache-Control"), "public, max-age=31536000, immutable");
  const TestReply small = c.request("GET", "/assets/app-1.js", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(small.header("Content-Encoding"), "gzip");
  EXPECT_LT(small.body.size(), 200U);
  EXPECT_EQ(c.request("GET", "/assets/app-1.js", "Accept-Encoding: gzip;q=0\r\n").header("Content-Encoding"), "");

  const TestReply again = [&] {
    c.socket().send("GET /assets/app-1.js HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + plain.header("ETag") + "\r\n\r\n");
    return c.reply(true);
  }();
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.header("ETag"), plain.header("ETag"));

  const TestReply head = c.request("HEAD", "/models/bench.glb");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "300000");
  EXPECT_EQ(c.request("GET", "/models/bench.glb").body,
            std::string(300'000, '\7'));  // nothing of HEAD's body was sent before
  EXPECT_EQ(c.request("GET", "/world-view.js").header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(c.request("GET", "/nothing").status, 404);
  EXPECT_EQ(c.request("PUT", "/", "", "x").status, 405);
}

TEST(RequestParser, ReadsChunksHoweverTheyAreCut) {
  const std::string text =
      "POST /rpc HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  RequestParser parser;
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    ASSERT_EQ(parser.feed(as_bytes(text.substr(i, 1))), RequestParser::State::more) << i;
  ASSERT_EQ(parser.feed(as_bytes(text.substr(text.size() - 1))), RequestParser::State::ready);
  EXPECT_EQ(parser.take_request().body, "abcde");
}

TEST_F(EdgesTest, VersionedAddressesAreImmutable) {
  start();
  TestClient c = client();
  std::string etag = c.request("GET", "/models/bench.glb").header("ETag");
  etag = etag.substr(1, etag.size() - 2);
  EXPECT_EQ(c.request("GET", "/models/bench.glb?v=" + etag).header("Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(c.request("GET", "/models/bench.glb?v=other").header("Cache-Control"), "no-cache");
}

TEST_F(EdgesTest, RequestsInARowAreAnsweredInOrder) {
  start();
  TestClient c = client();
  std::string many;
  for (int i = 0; i < 500; ++i)
    many += "GET /world-view.js HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n";
  std::thread sender([&] { c.socket().send(many, 20'000); });
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(c.reply().body, "customElements");
    ASSERT_EQ(c.reply().status, 404);
  }
  sender.join();
}

TEST_F(EdgesTest, RefusesPathTraversal) {
  start();
  for (const char* target :
       {"/../etc/passwd", "/a/../b", "/%2e%2e/x", "/a/%2E./b", "/a%00b", "/a\\b", "/a%5cb", "/%2fetc", "//etc/passwd",
        "/a/./b", "/%zz", "/a%", "/%ff", "relative", "http://other/x", "/a%0d%0aX:%20y"}) {
    TestClient c = client();
    const TestReply reply = c.request("GET", target);
    EXPECT_EQ(reply.status, 400) << target;
    EXPECT_NE(reply.body.find("path"), std::string::npos) << target << ": " << reply.body;
    EXPECT_TRUE(c.ended()) << target;
  }
}

TEST_F(EdgesTest, RefusesBadRequests) {
  start();
  const std::vector<std::pair<std::string, int>> cases = {
      {"GET / HTTP/1.1\r\n\r\n", 400},                                                       // no Host
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},                                // two
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"NONSENSE\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 431},
      {"GET /" + std::string(3000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"POST /rpc HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n", 413},
      {"POST /rpc HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST /rpc HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST /rpc HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400},
      {"\x16\x03\x01\x02", 400},  // TLS on a plain port
  };
  for (const auto& [bytes, status] : cases) {
    TestClient c = client();
    c.socket().send(bytes);
    if (bytes[0] == '\x16') c.socket().send(std::string(600, '\1'));
    EXPECT_EQ(c.reply().status, status) << bytes.substr(0, 80);
    EXPECT_TRUE(c.ended()) << bytes.substr(0, 80);
  }
}

TEST_F(EdgesTest, ARefusedUploadStillReadsTheAnswer) {
  start();
  TestClient c = client();
  c.socket().send("POST /rpc HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\n\r\n");
  std::thread sender([&] { c.socket().send(std::string(1'000'000, 'x'), 1000); });
  const TestReply reply = c.reply();
  sender.join();
  EXPECT_EQ(reply.status, 413);
  EXPECT_NE(reply.body.find("-32005"), std::string::npos);
}

TEST_F(EdgesTest, AnswersCallsOverHttp) {
  start();
  control_.on_http = [](Peer peer, std::string bearer, std::string json, std::function<void(HttpReply)> reply) {
    std::thread([=] { reply({200, "application/json", peer.address + "|" + bearer + "|" + json}); }).detach();
  };
  TestClient c = client();
  const std::string json = R"({"jsonrpc":"2.0","id":1,"method":"host.describe"})";
  EXPECT_EQ(c.request("POST", "/rpc", "Content-Type: application/json\r\nAuthorization: Bearer t0k\r\n", json).body,
            "127.0.0.1|t0k|" + json);
  EXPECT_EQ(c.request("POST", "/rpc", "Content-Type: application/json; charset=utf-8\r\n", json).body,
            "127.0.0.1||" + json);
  EXPECT_EQ(c.request("POST", "/rpc", "Content-Type: text/plain\r\n", json).status, 415);
  EXPECT_EQ(c.request("GET", "/rpc").status, 405);
  EXPECT_EQ(
      c.request("POST", "/rpc", "Content-Type: application/json\r\nOrigin: https://evil.example\r\n", json).status,
      403);
  EXPECT_EQ(c.request("POST", "/rpc", "Content-Type: application/json\r\nOrigin: http://localhost\r\n", json).status,
            200);
  c.socket().send(
      "POST /rpc HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: "
      "2\r\n\r\n");
  EXPECT_EQ(c.reply().status, 100);
  c.socket().send("{}");
  EXPECT_EQ(c.reply().body, "127.0.0.1||{}");
}

TEST_F(EdgesTest, LetsPagesOfAllowedOriginsCall) {
  EdgesConfig config;
  config.allowed_origins = {"https://friend.example"};
  start(std::move(config));
  TestClient c = client();
  const TestReply asked =
      c.request("OPTIONS", "/rpc", "Origin: https://friend.example\r\nAccess-Control-Request-Method: POST\r\n");
  EXPECT_EQ(asked.status, 204);
  EXPECT_EQ(asked.header("Access-Control-Allow-Origin"), "https://friend.example");
  EXPECT_EQ(asked.header("Access-Control-Allow-Headers"), "Content-Type, Authorization");
  const TestReply called =
      c.request("POST", "/rpc", "Origin: https://friend.example\r\nContent-Type: application/json\r\n", "{}");
  EXPECT_EQ(called.status, 200);
  EXPECT_EQ(called.header("Access-Control-Allow-Origin"), "https://friend.example");
  const TestReply refused =
      c.request("OPTIONS", "/rpc", "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.header("Access-Control-Allow-Origin"), "");
}

TEST_F(EdgesTest, ALateReplyIsHarmless) {
  start();
  std::promise<std::function<void(HttpReply)>> promise;
  control_.on_http = [&](Peer, std::string, std::string, std::function<void(HttpReply)> reply) {
    promise.set_value(std::move(reply));
  };
  {
    TestClient c = client();
    c.socket().send("POST /rpc HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(c.reply(false, 200).status, 0);
  }
  const std::function<void(HttpReply)> kept = promise.get_future().get();
  kept({200, "application/json", "{}"});  // the client is gone
  EXPECT_EQ(client().request("GET", "/healthz").status, 200);
  edges_->stop();
  kept({200, "application/json", "{}"});  // and now the edge
  edges_.reset();
  kept({200, "application/json", "{}"});
}

}  // namespace
}  // namespace mw::edge
