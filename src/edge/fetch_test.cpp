// Requests to other hosts, over real loopback sockets: bounded, without redirects, and nowhere inside.
#include "edge/fetch.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "edge/test_edges.h"

namespace mw::edge {
namespace {

TEST(Url, IsParsedStrictly) {
  const auto url = parse_url("https://Worlds.Example.org:8443/log/checkpoint?x=1");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "worlds.example.org");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/log/checkpoint?x=1");
  EXPECT_EQ(url->authority(), "worlds.example.org:8443");
  EXPECT_EQ(parse_url("https://a.b")->authority(), "a.b");
  EXPECT_EQ(parse_url("https://a.b?q")->target, "/?q");
  EXPECT_EQ(parse_url("http://[::1]:8080/")->authority(), "[::1]:8080");
  EXPECT_FALSE(parse_url("http://127.0.0.1/")->tls);
  for (const char* bad : {"",
                          "ftp://a",
                          "https://",
                          "https:///x",
                          "https://u@a/",
                          "https://u:p@a/",
                          "https://a:0/",
                          "https://a:70000/",
                          "https://a:x/",
                          "https://a:/",
                          "https://a b/",
                          "https://a/\r\nX: y",
                          "https://a/#f",
                          "https://a_b/",
                          "https://.a/",
                          "https://a..b/",
                          "https://[::1",
                          "https://[x]/",
                          "//a/",
                          "https://a\\b/",
                          "https://é/"})
    EXPECT_FALSE(parse_url(bad).ok()) << bad;
}

TEST(Fetch, GoesNowhereInside) {
  for (const char* url :
       {"https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/", "https://169.254.169.254/latest/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "http://1.1.1.1/"}) {
    const auto answer = fetch({"GET", url, {}, {}}, {});
    ASSERT_FALSE(answer.ok()) << url;
    EXPECT_EQ(answer.error().kind, ErrorKind::forbidden) << url << " " << answer.error().text();
  }
  FetchRules loopback;
  loopback.loopback = true;
  EXPECT_EQ(fetch({"GET", "http://1.1.1.1/", {}, {}}, loopback).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(fetch({"GET", "https://192.168.0.1/", {}, {}}, loopback).error().kind, ErrorKind::forbidden);
  EXPECT_FALSE(fetch({"PUT", "https://a.example/", {}, {}}, loopback).ok());
  EXPECT_FALSE(fetch({"GET", "https://a.example/", {{"X", "a\r\nY: b"}}, {}}, loopback).ok());
}

class FetchTest : public EdgesTest {
 protected:
  Result<Fetched> get(const std::string& path, std::size_t max_bytes = 1u << 20, const std::string& method = "GET",
                      const std::string& body = {}) {
    FetchRules rules;
    rules.loopback = true;
    rules.max_bytes = max_bytes;
    rules.timeout_ms = 5'000;
    return fetch({method, mw::format("http://a.localhost:{}{}", edges_->port(), path), {}, body}, rules);
  }
};

TEST_F(FetchTest, AnswersAreBounded) {
  start();
  const auto model = get("/models/bench.glb");
  ASSERT_TRUE(model.ok()) << model.error().text();
  EXPECT_EQ(model->status, 200);
  EXPECT_EQ(model->content_type, "model/gltf-binary");
  EXPECT_EQ(model->body.size(), 300'000u);
  EXPECT_EQ(get("/models/bench.glb", 299'999).error().kind, ErrorKind::too_large);
  EXPECT_EQ(get("/nothing")->status, 404);
}

TEST_F(FetchTest, WhatIsPublicIsAnsweredByTheServersHandler) {
  EdgesConfig config;
  config.on_public = [](const PublicRequest& request, const std::function<void(HttpReply)>& reply) {
    reply({request.post ? 201 : 200, "text/plain", mw::format("{} {}", request.path, request.body), "max-age=7"});
  };
  start(std::move(config));
  EXPECT_EQ(get("/log/tile/0/000")->body, "/log/tile/0/000 ");
  const auto posted = get("/witness/add-checkpoint", 1'000, "POST", "old 0\n");
  EXPECT_EQ(posted->status, 201);
  EXPECT_EQ(posted->body, "/witness/add-checkpoint old 0\n");
  EXPECT_EQ(get("/log/checkpoint", 1'000, "POST", "x")->status, 405);
  const auto head = client().request("HEAD", "/log/checkpoint");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Cache-Control"), "max-age=7");
  EXPECT_EQ(client().request("DELETE", "/log/checkpoint").status, 405);
}

TEST_F(FetchTest, CallsOfHostsComeWithWhatWasSignedAndByPostAlone) {
  EdgesConfig config;
  PublicRequest got;
  config.on_public = [&](PublicRequest request, const std::function<void(HttpReply)>& reply) {
    got = std::move(request);
    reply({});
  };
  start(std::move(config));
  const std::string path(kHostCallsPath);
  FetchRules rules;
  rules.loopback = true;
  const auto url = mw::format("http://a.localhost:{}{}?a=%20b", edges_->port(), path);
  const auto answer = fetch({"POST",
                             url,
                             {{"Content-Type", "application/json"},
                              {"Content-Digest", "a=:AA==:"},
                              {"content-digest", "b=:AA==:"},
                              {"Signature-Input", "s=()"},
                              {"Signature", "s=:AA==:"}},
                             "{}"},
                            rules);
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  EXPECT_TRUE(got.post);
  EXPECT_EQ(got.path, path);
  EXPECT_EQ(got.query, "a=%20b");
  EXPECT_EQ(got.body, "{}");
  EXPECT_EQ(got.address, "127.0.0.1");
  EXPECT_EQ(got.content_type, "application/json");
  EXPECT_EQ(got.content_digest, "a=:AA==:, b=:AA==:");
  EXPECT_EQ(got.signature_input, "s=()");
  EXPECT_EQ(got.signature, "s=:AA==:");
  for (const char* method : {"GET", "HEAD", "PUT"}) {
    const auto refused = client().request(method, path);
    EXPECT_EQ(refused.status, 405) << method;
    EXPECT_EQ(refused.header("Allow"), "POST") << method;
  }
}

TEST(ResponseReader, DoesNotDependOnHowTheBytesAreCut) {
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  const std::string sized = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nabcde";
  for (const auto& text : {chunked, sized}) {
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      ResponseReader reader(100);
      EXPECT_FALSE(reader.feed(as_bytes(text.substr(0, cut))).value());
      ASSERT_TRUE(reader.feed(as_bytes(text.substr(cut))).value()) << cut;
      EXPECT_EQ(reader.take().body, "abcde");
    }
    ResponseReader bytewise(100);
    for (std::size_t i = 0; i < text.size(); ++i)
      ASSERT_EQ(bytewise.feed(as_bytes(text.substr(i, 1))).value(), i + 1 == text.size()) << i;
    EXPECT_EQ(bytewise.take().body, "abcde");
  }
  ResponseReader unfinished(100);
  EXPECT_FALSE(unfinished.feed(as_bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n")).value());
  EXPECT_FALSE(unfinished.feed({}).value());
  EXPECT_FALSE(unfinished.end().ok());
  ResponseReader until_end(100);
  EXPECT_FALSE(until_end.feed(as_bytes("HTTP/1.0 200 OK\r\n\r\nabc")).value());
  EXPECT_TRUE(until_end.end().value());
  ResponseReader cut_off(100);
  EXPECT_FALSE(cut_off.feed(as_bytes(sized.substr(0, sized.size() - 1))).value());
  EXPECT_FALSE(cut_off.end().ok());
  ResponseReader small(4);
  EXPECT_FALSE(small.feed(as_bytes(sized)).ok());
  ResponseReader nonsense(100);
  EXPECT_FALSE(nonsense.feed(as_bytes("SSH-2.0-x\r\n\r\n")).ok());
}

}  // namespace
}  // namespace mw::edge
