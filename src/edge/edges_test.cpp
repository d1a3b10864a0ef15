// Edges on real loopback sockets: sessions, frames, hostile and slow clients, the end.
#include "edge/edges.h"

#include <gtest/gtest.h>

#include <thread>

#include "edge/test_edges.h"
#include "platform/clock.h"
#include "wire/claim.h"
#include "wire/frame.h"

namespace mw::edge {
namespace {

using tracks::CloseCode;
using tracks::TrackKind;

TEST_F(EdgesTest, OpensSessions) {
  start();
  SessionId id;
  TestClient c = session(id);
  EXPECT_EQ(control_.last_peer().address, "127.0.0.1");
  EXPECT_FALSE(control_.last_peer().secure);
  EXPECT_EQ(edges_->sessions(), 1U);
  c.send_text(R"({"hello":1})");
  ASSERT_TRUE(control_.wait([&] { return !control_.calls.empty(); }));
  EXPECT_EQ(control_.calls[0].first, id);
  EXPECT_EQ(control_.calls[0].second, R"({"hello":1})");
  edges_->send_text(id, std::string(100'000, 'y'));
  const auto answer = c.message();
  EXPECT_EQ(answer.opcode, 1);
  EXPECT_EQ(answer.payload, std::string(100'000, 'y'));
  c.socket().send(TestClient::masked(9, "are you there"));
  const auto pong = c.message();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "are you there");
  c.socket().send(TestClient::masked(8, std::string("\x03\xe8", 2)));
  EXPECT_EQ(c.message().close_code(), 1000);
  EXPECT_TRUE(c.ended());
  ASSERT_TRUE(control_.wait([&] { return control_.closed.size() == 1; }));
  EXPECT_EQ(control_.look([&] { return control_.closed[0]; }), id);
  EXPECT_EQ(edges_->sessions(), 0U);
}

TEST_F(EdgesTest, TellsALostLinkFromAGoodbye) {
  start();
  const std::string nothing, normal("\x03\xe8", 2), going("\x03\xe9", 2), other("\x0f\xa0", 2);
  const std::pair<const std::string*, Parting> cases[] = {{nullptr, Parting::lost},
                                                          {&nothing, Parting::lost},
                                                          {&normal, Parting::left},
                                                          {&going, Parting::left},
                                                          {&other, Parting::lost}};
  std::size_t ended = 0;
  for (const auto& [payload, parting] : cases) {
    SessionId id;
    TestClient c = session(id);
    if (payload != nullptr)
      c.socket().send(TestClient::masked(8, *payload));
    else
      c.socket().shut();
    ++ended;
    ASSERT_TRUE(control_.wait([&] { return control_.closed.size() == ended; }));
    EXPECT_EQ(control_.look([&] { return control_.partings.back(); }), parting) << ended;
  }
}

TEST_F(EdgesTest, AnswersTheHandshakeAsTheStandardSays) {
  start();
  TestClient c = client();
  const TestReply reply = c.upgrade();
  EXPECT_EQ(reply.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455, 1.3
  EXPECT_EQ(reply.header("Sec-WebSocket-Protocol"), "manyworlds.1");
  EXPECT_EQ(reply.header("Sec-WebSocket-Extensions"), "");
  EXPECT_EQ(client().upgrade("Sec-WebSocket-Extensions: permessage-deflate\r\n").status, 101);
}

TEST_F(EdgesTest, TellsOtherVersionsPlainly) {
  start();
  TestClient c = client();
  const TestReply reply = c.upgrade("Sec-WebSocket-Protocol: manyworlds.9, manyworlds.8\r\n");
  EXPECT_EQ(reply.status, 101);
  EXPECT_EQ(reply.header("Sec-WebSocket-Protocol"), "manyworlds.9");
  const auto close = c.message();
  EXPECT_EQ(close.close_code(), 4004);
  EXPECT_NE(close.payload.find("manyworlds.1"), std::string::npos);
  EXPECT_EQ(client().upgrade("Sec-WebSocket-Protocol: chat\r\n").status, 400);
  EXPECT_EQ(client().upgrade("Sec-WebSocket-Protocol: manyworlds.2, manyworlds.1\r\n").header("Sec-WebSocket-Protocol"),
            "manyworlds.1");
  EXPECT_EQ(client().request("GET", "/connect").status, 426);
}

TEST_F(EdgesTest, ChecksOrigins) {
  EdgesConfig config;
  config.allowed_origins = {"https://friend.example"};
  start(std::move(config));
  EXPECT_EQ(client().upgrade("Origin: https://evil.example\r\n").status, 403);
  EXPECT_EQ(client().upgrade("Origin: null\r\n").status, 403);
  EXPECT_EQ(client().upgrade("Origin: http://localhost.evil.example\r\n").status, 403);
  EXPECT_EQ(client().upgrade("Origin: https://friend.example:443\r\n").status, 101);
  EXPECT_EQ(client().upgrade("Origin: http://localhost\r\n").status, 101);
  EXPECT_EQ(client().upgrade("").status, 101);
}

TEST_F(EdgesTest, TakesClaimsAndAnswersClockPings) {
  start();
  SessionId id;
  TestClient c = session(id);
  wire::PoseClaim claim;
  claim.sequence = 77;
  claim.x_mm = -1234;
  c.send_binary(as_text(wire::encode(claim)));
  ASSERT_TRUE(control_.wait([&] { return control_.claims == 1; }));
  EXPECT_EQ(control_.last_claim, claim);
  edges_->set_tick(4242, platform::monotonic_ns() - 7'000'000);
  c.send_binary(as_text(wire::encode(wire::ClockPing{99})));
  const auto answer = wire::decode_clock_answer(as_bytes(c.message().payload));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->time_ms, 99U);
  EXPECT_EQ(answer->tick, 4242U);
  EXPECT_GE(answer->since_tick_us, 7000U);
  EXPECT_LT(answer->since_tick_us, 5'000'000U);
  c.send_binary("\x7f later kinds are skipped");
  claim.sequence = 78;
  c.send_binary(as_text(wire::encode(claim)));
  EXPECT_TRUE(control_.wait([&] { return control_.claims == 2; }));
}

struct BadMessage {
  std::string bytes;
  CloseCode code;
};

TEST_F(EdgesTest, ClosesWhatIsNoWebSocket) {
  start();
  wire::PoseClaim outside;
  outside.x_mm = 2'000'000'000;
  const std::string claim(as_text(wire::encode(outside)));
  const std::vector<BadMessage> cases = {
      {std::string("\x82\x01x", 3), CloseCode::protocol_error},                               // not masked
      {TestClient::masked(3, "x"), CloseCode::protocol_error},                                // reserved opcode
      {TestClient::masked(0, "x"), CloseCode::protocol_error},                                // continues nothing
      {TestClient::masked(1, "a", false) + TestClient::masked(1, "b"), CloseCode::protocol_error},  // begins within
      {TestClient::masked(9, std::string(126, 'x')), CloseCode::protocol_error},              // long ping
      {TestClient::masked(9, "x", false), CloseCode::protocol_error},                         // ping in pieces
      {std::string("\xc2\x80\0\0\0\0", 6), CloseCode::protocol_error},                        // reserved bit
      {TestClient::masked(1, "\xff\xfe"), CloseCode::bad_message},                            // not UTF-8
      {TestClient::masked(2, std::string(2000, 'x')), CloseCode::too_big},
      {TestClient::masked(1, std::string(300'000, 'x')), CloseCode::too_big},
      {TestClient::masked(2, claim), CloseCode::bad_message},
      {TestClient::masked(2, claim.substr(0, 10)), CloseCode::bad_message},
      {TestClient::masked(2, ""), CloseCode::bad_message},
      {TestClient::masked(8, std::string("\x03\xed", 2)), CloseCode::protocol_error},  // 1005 must not be sent
      {TestClient::masked(8, "x"), CloseCode::protocol_error},
  };
  for (const BadMessage& one : cases) {
    SessionId id;
    TestClient c = session(id);
    c.socket().send(one.bytes, 500);
    const auto close = c.message();
    EXPECT_EQ(close.opcode, 8);
    EXPECT_EQ(close.close_code(), static_cast<int>(one.code)) << close.payload;
    EXPECT_GT(close.payload.size(), 5U) << "a reason is given";
    EXPECT_TRUE(c.ended());
    EXPECT_TRUE(control_.wait([&] { return !control_.closed.empty() && control_.closed.back() == id; }));
  }
}

TEST_F(EdgesTest, ClosesFloods) {
  start();
  SessionId id;
  TestClient c = session(id);
  const std::string ping = TestClient::masked(2, std::string("\x7f", 1));
  std::string flood;
  for (int i = 0; i < 2000; ++i) flood += ping;
  c.socket().send(flood, 1000);
  EXPECT_EQ(c.message().close_code(), 1008);
  // Claims over the rate are dropped first, and cost nobody anything.
  TestClient other = session(id);
  const std::string claim = TestClient::masked(2, as_text(wire::encode(wire::PoseClaim{})));
  std::string claims;
  for (int i = 0; i < 300; ++i) claims += claim;
  other.socket().send(claims);
  other.send_text("done");
  ASSERT_TRUE(control_.wait([&] { return !control_.calls.empty(); }));
  EXPECT_GE(control_.claims, static_cast<std::size_t>(limits::kClaimsBurst));
  EXPECT_LE(control_.claims, static_cast<std::size_t>(limits::kClaimsBurst + limits::kClaimsPerSecond * 3));
}

TEST_F(EdgesTest, PublishesToSubscribers) {
  EdgesConfig config;
  config.loops = 3;
  start(std::move(config));
  const TrackId poses{7}, people{8};
  edges_->open_track(poses, TrackKind::latest);
  edges_->open_track(people, TrackKind::ordered);
  std::vector<TestClient> clients;
  std::vector<SessionId> ids(12);
  for (SessionId& id : ids) clients.push_back(session(id));
  edges_->publish(frame(poses, 1, 0, 100, 'k'));
  edges_->publish(frame(poses, 1, 1, 50, 'd'));
  edges_->flush();
  for (const SessionId id : ids) {
    edges_->subscribe(id, poses, {});
    edges_->subscribe(id, people, frame(people, 0, 0, 30, 's'));
  }
  edges_->publish(frame(people, 0, 1, 10, 'e'));
  edges_->publish(frame(poses, 1, 2, 70'000, 'n'));
  edges_->flush();
  for (TestClient& c : clients) {
    EXPECT_EQ(c.message().payload, std::string(100, 'k') + std::string(50, 'd')) << "what is due comes in one message";
    EXPECT_EQ(c.message().payload, std::string(30, 's'));
    EXPECT_EQ(c.message().payload, std::string(10, 'e'));
    EXPECT_EQ(c.message().payload, std::string(70'000, 'n'));
  }
  for (const SessionId id : ids) edges_->unsubscribe(id, poses);
  edges_->publish(frame(poses, 2, 0, 10, 'z'));
  edges_->flush();
  edges_->publish(frame(people, 0, 2, 5, 'f'));
  for (TestClient& c : clients) EXPECT_EQ(c.message().payload, "fffff");
  edges_->close_track(poses);
  edges_->publish(frame(poses, 3, 0, 10));  // of a track that is closed
  edges_->close(ids[0], CloseCode::removed, "an operator removed you");
  EXPECT_EQ(clients[0].message().close_code(), 4003);
}

TEST_F(EdgesTest, SessionIdsAreNeverUsedAgain) {
  start();
  std::vector<SessionId> seen;
  for (int i = 0; i < 50; ++i) {
    SessionId id;
    TestClient c = session(id);
    EXPECT_TRUE(id);
    EXPECT_EQ(edge_of(id), 0U);
    for (const SessionId other : seen) EXPECT_NE(other, id);
    seen.push_back(id);
    c.socket().shut();
    ASSERT_TRUE(control_.wait([&] { return control_.closed.size() == seen.size(); }));
    edges_->send_text(id, "to one who is gone");
  }
}

// A keyframe, a delta, or a keyframe and a delta behind it.
bool whole_frames(const std::string& payload, std::size_t size) {
  if (payload.size() != size && payload.size() != 2 * size) return false;
  for (std::size_t at = 0; at < payload.size(); at += size)
    if (payload.substr(at, size) != std::string(size, payload[at])) return false;
  return true;
}

TEST_F(EdgesTest, AStalledReaderCostsNobodyElseAnything) {
  start();
  const TrackId poses{1}, people{2};
  edges_->open_track(poses, TrackKind::latest);
  edges_->open_track(people, TrackKind::ordered);
  SessionId stalled_id, good_id;
  TestClient stalled = session(stalled_id, 4096);
  TestClient good = session(good_id);
  for (const SessionId id : {stalled_id, good_id}) {
    edges_->subscribe(id, poses, {});
    edges_->subscribe(id, people, {});
  }
  const std::uint32_t kFrames = 600;
  std::size_t got = 0;
  for (std::uint32_t i = 0; i < kFrames; ++i) {
    edges_->publish(frame(poses, i / 20 + 1, i % 20, 20'000, static_cast<char>('a' + i % 20)));
    edges_->flush();
    const auto message = good.message();
    ASSERT_EQ(message.payload.size(), 20'000U);
    ASSERT_EQ(message.payload[0], static_cast<char>('a' + i % 20));
    ++got;
  }
  EXPECT_EQ(got, kFrames);
  // It was offered 12 MB; what it missed was replaced, not queued. Reading on, it gets few frames, whole ones, and the newest last.
  std::size_t late = 0;
  TestClient::Message last;
  while (true) {
    auto message = stalled.message(300);
    if (message.opcode < 0) break;
    ASSERT_TRUE(whole_frames(message.payload, 20'000));
    last = std::move(message);
    ++late;
  }
  EXPECT_LT(late, kFrames / 2);
  EXPECT_EQ(last.payload.back(), static_cast<char>('a' + (kFrames - 1) % 20));
}

// A big world's snapshot takes many frames; who reads slowly gets all of it, then the answers that were given meanwhile, then
// what was published since.
TEST_F(EdgesTest, ALongSnapshotIsNoBacklog) {
  start();
  const TrackId people{2};
  edges_->open_track(people, TrackKind::ordered);
  SessionId id;
  TestClient slow = session(id, 4096);
  constexpr std::uint32_t kParts = 20;
  for (std::uint32_t i = 0; i + 1 < kParts; ++i)
    edges_->send_frame(id, pool_.make({people, 1, 0, true}, Bytes(250'000, static_cast<Byte>('a' + i))));
  edges_->subscribe(id, people, pool_.make({people, 1, 0, true}, Bytes(250'000, static_cast<Byte>('a' + kParts - 1))));
  edges_->send_text(id, "{}");
  edges_->publish(frame(people, 1, 1, 10, 'z'));
  for (std::uint32_t i = 0; i < kParts; ++i) {
    const auto part = slow.message();
    ASSERT_EQ(part.payload.size(), 250'000U);
    ASSERT_EQ(part.payload[0], static_cast<char>('a' + i));
  }
  EXPECT_EQ(slow.message().payload, "{}");
  EXPECT_EQ(slow.message().payload[0], 'z');
}

TEST_F(EdgesTest, CutsOffWhoDoesNotReadAnOrderedTrack) {
  start();
  const TrackId people{2};
  edges_->open_track(people, TrackKind::ordered);
  SessionId stalled_id, good_id;
  TestClient stalled = session(stalled_id, 4096);
  TestClient good = session(good_id);
  edges_->subscribe(stalled_id, people, {});
  edges_->subscribe(good_id, people, {});
  for (std::uint32_t i = 0; i < 1200; ++i) {
    edges_->publish(frame(people, 0, i, 10'000, static_cast<char>('a' + i % 26)));
    ASSERT_EQ(good.message().payload[0], static_cast<char>('a' + i % 26));
    if (control_.look([&] { return !control_.closed.empty(); })) break;
  }
  ASSERT_TRUE(control_.wait([&] { return !control_.closed.empty(); }));
  EXPECT_EQ(control_.look([&] { return control_.closed[0]; }), stalled_id);
  TestClient::Message last;
  for (std::uint32_t i = 0;; ++i) {
    auto message = stalled.message(300);
    if (message.opcode < 0) break;
    last = std::move(message);
    if (last.opcode == 8) break;
    ASSERT_EQ(last.payload[0], static_cast<char>('a' + i % 26)) << "nothing is lost before the end";
  }
  EXPECT_EQ(last.opcode, 8);
  EXPECT_EQ(last.close_code(), 4001);
}

TEST_F(EdgesTest, CutsOffWhoDoesNotReadReplies) {
  start();
  SessionId id;
  TestClient c = session(id, 4096);
  for (int i = 0; i < 200; ++i) edges_->send_text(id, std::string(100'000, 'r'));
  ASSERT_TRUE(control_.wait([&] { return !control_.closed.empty(); }));
  TestClient::Message last;
  while (true) {
    auto message = c.message(300);
    if (message.opcode < 0) break;
    last = std::move(message);
  }
  EXPECT_EQ(last.close_code(), 4001);
}

TEST_F(EdgesTest, SlowRequestsAreRefusedAndOthersAreServed) {
  start();
  std::vector<TestClient> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(client());
    slow.back().socket().send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  }
  const auto begin = std::chrono::steady_clock::now();
  TestClient good = client();
  bool refused = false;
  while (!refused && std::chrono::steady_clock::now() - begin < std::chrono::seconds(15)) {
    ASSERT_EQ(good.request("GET", "/healthz").status, 200);
    for (TestClient& c : slow) c.socket().send("x");  // a byte now and then does not buy time
    refused = slow[0].reply(false, 500).status == 408;
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(slow[49].reply().status, 408);
}

TEST_F(EdgesTest, KeepsLimitsOfConnections) {
  EdgesConfig config;
  config.max_connections = 3;
  start(std::move(config));
  std::vector<TestClient> kept;
  for (int i = 0; i < 3; ++i) {
    kept.push_back(client());
    EXPECT_EQ(kept.back().request("GET", "/healthz").status, 200);
  }
  EXPECT_EQ(client().request("GET", "/healthz").status, 0);
  kept.pop_back();
  bool served = false;
  for (int i = 0; i < 50 && !served; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    served = client().request("GET", "/healthz").status == 200;
  }
  EXPECT_TRUE(served);
}

TEST_F(EdgesTest, BelievesTrustedProxiesOnly) {
  EdgesConfig config;
  config.trusted_proxies = {"127.0.0.0/8", "10.0.0.0/8"};
  config.max_connections_per_address = 2;
  start(std::move(config));
  std::vector<TestClient> kept;
  const auto enter = [&](const std::string& forwarded) {
    kept.push_back(client());
    return kept.back().upgrade(forwarded).status;
  };
  EXPECT_EQ(enter("X-Forwarded-For: 6.6.6.6, 203.0.113.5, 10.1.2.3\r\nX-Forwarded-Proto: https\r\n"), 101);
  EXPECT_EQ(control_.last_peer().address, "203.0.113.5");  // not what the visitor claims to be
  EXPECT_TRUE(control_.last_peer().secure);
  EXPECT_EQ(enter("X-Forwarded-For: 203.0.113.5\r\n"), 101);
  EXPECT_FALSE(control_.last_peer().secure);
  EXPECT_EQ(enter("X-Forwarded-For: 203.0.113.5\r\n"), 429);
  EXPECT_EQ(enter("X-Forwarded-For: [2001:db8::1]:4711\r\n"), 101);
  EXPECT_EQ(control_.last_peer().address, "2001:db8::1");
  EXPECT_EQ(client().request("GET", "/metrics").status, 401);  // the proxy is here, the visitor is not
}

TEST_F(EdgesTest, DoesNotBelieveOthers) {
  start();
  TestClient c = client();
  EXPECT_EQ(c.upgrade("X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n").status, 101);
  EXPECT_EQ(control_.last_peer().address, "127.0.0.1");
  EXPECT_FALSE(control_.last_peer().secure);
}

TEST_F(EdgesTest, ShowsMetricsToThoseWhoMay) {
  EdgesConfig config;
  config.trusted_proxies = {"127.0.0.1"};
  config.is_operator = [](std::string_view bearer) { return bearer == "operator"; };
  config.health = [] { return std::string(R"({"worlds":2})"); };
  start(std::move(config));
  TestClient c = client();
  EXPECT_EQ(c.request("GET", "/metrics").status, 401);
  EXPECT_EQ(c.request("GET", "/metrics", "Authorization: Bearer nobody\r\n").status, 401);
  const TestReply metrics = c.request("GET", "/metrics", "Authorization: Bearer operator\r\n");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_NE(metrics.body.find("manyworlds_edge_accepted_total{edge=\"0\"}"), std::string::npos);
  EXPECT_EQ(c.request("GET", "/healthz").body, "{\"status\":\"ok\",\"sessions\":0,\"host\":{\"worlds\":2}}\n");
}

TEST_F(EdgesTest, DrainsGracefully) {
  start();
  SessionId id;
  TestClient visitor = session(id);
  TestClient plain = client();
  EXPECT_EQ(plain.request("GET", "/healthz").status, 200);
  edges_->drain("the host restarts");
  const auto close = visitor.message();
  EXPECT_EQ(close.close_code(), 1001);
  EXPECT_EQ(close.payload.substr(2), "the host restarts");
  visitor.socket().send(TestClient::masked(8, std::string("\x03\xe9", 2)));
  EXPECT_TRUE(visitor.ended());
  EXPECT_TRUE(plain.ended()) << "an idle connection ends";
  TestClient late = client();
  const TestReply health = late.request("GET", "/healthz");
  EXPECT_EQ(health.status, 503);
  EXPECT_NE(health.body.find("draining"), std::string::npos);
  EXPECT_EQ(client().upgrade().status, 503);
  EXPECT_EQ(client().request("POST", "/rpc", "Content-Type: application/json\r\n", "{}").status, 503);
  EXPECT_EQ(edges_->sessions(), 0U);
  edges_->stop();
  EXPECT_FALSE(client().socket().connected());
}

TEST_F(EdgesTest, StoppingTellsControlOfEverySession) {
  start();
  std::vector<TestClient> clients;
  SessionId id;
  for (int i = 0; i < 20; ++i) clients.push_back(session(id));
  edges_->stop();
  EXPECT_EQ(control_.closed.size(), 20U);
  edges_->publish(frame(TrackId{1}, 1, 0, 10));  // harmless
  edges_->send_text(id, "x");
}

TEST_F(EdgesTest, ServesTls) {
  const platform::TestFolder folder;
  EdgesConfig config;
  config.tls_certificate = folder.file("certificate.pem");
  config.tls_key = folder.file("key.pem");
  platform::make_test_certificate(config.tls_certificate, config.tls_key);
  start(std::move(config));
  TestClient c(edges_->port(), true);
  ASSERT_TRUE(c.socket().connected());
  EXPECT_EQ(c.request("GET", "/models/bench.glb").body, std::string(300'000, '\7'));
  EXPECT_EQ(c.upgrade("").status, 101);
  ASSERT_TRUE(control_.wait([&] { return control_.opened.size() == 1; }));
  EXPECT_TRUE(control_.last_peer().secure);
  const SessionId id = control_.opened[0];
  edges_->open_track(TrackId{1}, TrackKind::latest);
  edges_->subscribe(id, TrackId{1}, {});
  for (std::uint32_t i = 0; i < 100; ++i) {
    edges_->publish(frame(TrackId{1}, 1, i, 30'000, static_cast<char>('a' + i % 26)));
    edges_->flush();
    ASSERT_EQ(c.message().payload, std::string(30'000, static_cast<char>('a' + i % 26)));
  }
  c.send_text(std::string(200'000, 't'));
  ASSERT_TRUE(control_.wait([&] { return control_.calls.size() == 1; }));
  EXPECT_EQ(control_.calls[0].second.size(), 200'000U);
  // A reader that stalls gets whole frames, and the newest, over TLS too.
  for (std::uint32_t i = 100; i < 400; ++i) {
    edges_->publish(frame(TrackId{1}, 2 + i / 20, i % 20, 30'000, static_cast<char>('a' + i % 20)));
    edges_->flush();
  }
  TestClient::Message last;
  while (true) {
    auto message = c.message(300);
    if (message.opcode < 0) break;
    ASSERT_TRUE(whole_frames(message.payload, 30'000));
    last = std::move(message);
  }
  EXPECT_EQ(last.payload.back(), static_cast<char>('a' + 399 % 20));
}

TEST_F(EdgesTest, SaysWhatIsWrongWithTheConfiguration) {
  const auto field = [&](EdgesConfig config) {
    auto made = Edges::make(std::move(config), control_, content_, metrics_);
    return made ? std::string("none") : made.error().field;
  };
  EdgesConfig config;
  config.loops = 0;
  EXPECT_EQ(field(config), "loops");
  config = {};
  config.tls_key = "x";
  EXPECT_EQ(field(config), "tls_certificate");
  config = {};
  config.tls_key = config.tls_certificate = "/nonexistent.pem";
  EXPECT_EQ(field(config), "/nonexistent.pem");
  config = {};
  config.listen = "localhost";
  EXPECT_EQ(field(config), "listen");
  config = {};
  config.trusted_proxies = {"10.0.0.0/8", "10.0.0.0/33"};
  EXPECT_EQ(field(config), "trusted_proxies[1]");
  config = {};
  config.allowed_origins = {"example.org"};
  EXPECT_EQ(field(config), "allowed_origins[0]");
  start();
  config = {};
  config.port = edges_->port();
  EXPECT_EQ(field(config), "port");
}

}  // namespace
}  // namespace mw::edge
