// The whole host in this process, over loopback sockets: threads, edges, store and worlds together. What the control side
// decides is tested in control_test.cpp.
#include "server/host.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "data/json.h"
#include "edge/fetch.h"
#include "edge/test_client.h"
#include "records/witness.h"
#include "server/commands.h"
#include "trust/did.h"
#include "wire/claim.h"
#include "wire/frame.h"
#include "wire/poses.h"

namespace mw::server {
namespace {

namespace fs = std::filesystem;

// A floor of 40 m as the smallest glTF, and a world on it.
void write_flat(const fs::path& folder) {
  fs::create_directories(folder);
  std::ofstream(folder / "floor.gltf")
      << R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],)"
         R"("meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],)"
         R"("buffers":[{"byteLength":72,"uri":"data:application/octet-stream;base64,)"
         "AACgwQAAAAAAAKDBAACgwQAAAAAAAKBBAACgQQAAAAAAAKBBAACgwQAAAAAAAKDBAACgQQAAAAAAAKBBAACgQQAAAAAAAKDB"
         R"("}],"bufferViews":[{"buffer":0,"byteLength":72}],)"
         R"("accessors":[{"bufferView":0,"componentType":5126,"count":6,"type":"VEC3","min":[-20,0,-20],"max":[20,0,20]}]})";
  std::ofstream(folder / "world.toml")
      << "name = \"" << folder.filename().string()
      << "\"\n[title]\nen = \"Flat\"\nzh = \"平地\"\n[description]\nen = \"A floor\"\nzh = \"地面\"\n"
         "[scene]\nfile = \"floor.gltf\"\n[spawn]\nposition = [0, 0, 0]\n[permissions]\nedit = \"everyone\"\n";
}

class HostTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = fs::temp_directory_path() / ("host-test-" + std::to_string(::getpid()));
    fs::remove_all(folder);
    write_flat(folder / "worlds/flat");
    fs::create_directories(folder / "worlds/ruin");
    std::ofstream(folder / "worlds/ruin/world.toml") << "name = \"ruin\"\ncolour = 3\n";
    start();
  }
  static void TearDownTestSuite() {
    host.reset();
    fs::remove_all(folder);
  }
  static void start() {
    HostStart given;
    given.options.port = 0;
    given.options.data = (folder / "data").string();
    given.options.public_url = "http://a.localhost:8080";
    given.worlds = (folder / "worlds").string();
    auto started = Host::start(std::move(given));
    ASSERT_TRUE(started.ok()) << started.error().text();
    host = std::move(started).value();
  }

  static inline fs::path folder;
  static inline std::unique_ptr<Host> host;
};

// One visitor over a real socket.
class Client {
 public:
  explicit Client(std::uint16_t port) : client_(port) { EXPECT_EQ(client_.upgrade().status, 101); }

  Json call(const std::string& method, Json params = Json::object()) {
    const int id = ++id_;
    client_.send_text(Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}.dump());
    for (;;) {
      const auto message = client_.message();
      if (message.opcode == 2) frames_.push_back(message.payload);
      if (message.opcode == 8 || message.opcode < 0) return {{"closed", message.close_code()}};
      if (message.opcode != 1) continue;
      auto json = Json::parse(message.payload);
      if (json.value("id", Json()) == Json(id)) return json;
    }
  }
  Json enter(Json open = Json::object()) {
    Json params{{"protocol", 1}};
    params.update(open);
    opened = call("session.open", std::move(params))["result"];
    detail = call("world.enter", {{"world", "flat"}})["result"]["world"];
    for (const char* track : {"poses", "people", "chat", "scene"}) {
      const auto subscribed = call("track.subscribe", {{"track", std::string("world/flat/") + track}});
      EXPECT_TRUE(subscribed.contains("result")) << subscribed;
    }
    return detail;
  }
  void claim(double x, double z) {
    wire::PoseClaim claim;
    claim.epoch = detail["epoch"];
    claim.x_mm = static_cast<std::int32_t>(x * 1000);
    claim.z_mm = static_cast<std::int32_t>(z * 1000);
    client_.send_binary(as_text(wire::encode(claim)));
  }
  // Reads frames until one fits, at most so many.
  bool see(const std::function<bool(const wire::FrameView&)>& fits, int most = 200) {
    for (int i = 0; i < most; ++i) {
      std::string bytes;
      if (!frames_.empty()) {
        bytes = frames_.front();
        frames_.erase(frames_.begin());
      } else {
        const auto message = client_.message();
        if (message.opcode < 0 || message.opcode == 8) return false;
        if (message.opcode != 2) continue;
        bytes = message.payload;
      }
      ByteView rest = as_bytes(bytes);
      while (!rest.empty()) {
        const auto frame = wire::read_frame(rest);
        if (!frame.ok()) return false;
        if (fits(*frame)) return true;
      }
    }
    return false;
  }
  bool see_at(std::uint32_t entity, double x) {
    return see([&](const wire::FrameView& frame) {
      if (frame.header.kind == wire::FrameKind::pose_keyframe &&
          !decoder_.keyframe(frame.header.group, frame.payload).ok())
        return false;
      if (frame.header.kind == wire::FrameKind::pose_rekey && !decoder_.rekey(frame.header.group, frame.payload).ok())
        return false;
      if (frame.header.kind == wire::FrameKind::pose_delta && !decoder_.delta(frame.header.group, frame.payload).ok())
        return false;
      for (const auto& pose : decoder_.poses())
        if (pose.entity.value == entity && std::abs(pose.x_cm - x * 100) < 3) return true;
      return false;
    });
  }
  bool see_event(const std::string& type) {
    return see([&](const wire::FrameView& frame) {
      if (frame.header.kind != wire::FrameKind::events) return false;
      for (const auto& event : Json::parse(as_text(frame.payload)))
        if (event["type"] == type) return true;
      return false;
    });
  }

  Json opened, detail;

 private:
  edge::TestClient client_;
  wire::PoseDecoder decoder_;
  std::vector<std::string> frames_;
  int id_ = 0;
};

TEST_F(HostTest, TwoClientsWalkAndTalk) {
  Client a(host->port()), b(host->port());
  a.enter();
  b.enter();
  const double x = a.detail["place"]["position"][0].get<double>() - 0.1, z = a.detail["place"]["position"][2];
  a.claim(x, z);
  EXPECT_TRUE(b.see_at(a.detail["entity"], x));
  EXPECT_TRUE(a.call("chat.say", {{"text", "hello"}}).contains("result"));
  EXPECT_TRUE(b.see_event("said"));
  EXPECT_TRUE(a.call("entity.add", {{"model", "bench"}, {"position", {3, 0, 3}}}).contains("result"));
  EXPECT_TRUE(b.see_event("added"));
  a.claim(x + 15, z);
  EXPECT_TRUE(a.see([](const wire::FrameView& frame) { return frame.header.kind == wire::FrameKind::correction; }));
}

TEST_F(HostTest, ABrokenWorldStopsNobody) {
  EXPECT_EQ(host->open_worlds(), std::vector<std::string>{"flat"});
  ASSERT_FALSE(host->problems().empty());
  EXPECT_TRUE(host->problems().front().file.starts_with("ruin/"));
  Client a(host->port());
  a.enter();
  EXPECT_EQ(a.call("world.enter", {{"world", "ruin"}})["error"]["code"], -32007);
}

TEST_F(HostTest, ServesScenesAndMetrics) {
  edge::TestClient http(host->port());
  Client a(host->port());
  a.enter();
  for (const auto& url : {a.detail["scene"]["url"], a.detail["scene"]["collision"], a.detail["person"]["url"],
                          a.detail["models"][0]["url"]})
    EXPECT_EQ(http.request("GET", url.get<std::string>()).status, 200) << url;
  const auto metrics = http.request("GET", "/metrics");
  EXPECT_NE(metrics.body.find("manyworlds_ticks_total"), std::string::npos);
  EXPECT_NE(http.request("GET", "/schema/openrpc.json").body.find("entity.add"), std::string::npos);
}

TEST_F(HostTest, WhatOtherHostsAskForIsAtItsAddress) {
  edge::TestClient http(host->port());
  for (int i = 0; i < 200 && http.request("GET", "/.well-known/manyworlds-introductions.json").status == 503; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(Json::parse(http.request("GET", "/.well-known/manyworlds-introductions.json").body)["type"],
            "HostIntroductions");
  // A call that nobody signed.
  const auto answer =
      http.request("POST", std::string(edge::kHostCallsPath), "Content-Type: application/json\r\n", "{}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(Json::parse(answer.body)["error"]["data"]["field"], "content-digest");
  const auto metrics = http.request("GET", "/metrics").body;
  EXPECT_NE(metrics.find("manyworlds_host_calls_refused_total"), std::string::npos);
}

TEST_F(HostTest, ServesItsIdentityUnderTheSameKeyAfterARestart) {
  const auto fetch = [] {
    edge::TestClient http(host->port());
    return http.request("GET", "/.well-known/did.json").body;
  };
  const std::string before = fetch();
  const auto json = data::parse_json(before);
  ASSERT_TRUE(json.ok()) << before;
  const auto document = trust::read_did_document(*json, "did:web:a.localhost%3A8080");
  ASSERT_TRUE(document.ok()) << document.error().text();
  ASSERT_EQ(document->keys.size(), 1u);
  host.reset();
  start();
  EXPECT_EQ(fetch(), before);
  EXPECT_EQ(fs::status(folder / "data/manyworlds.db").permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(HostTest, ARestartKeepsPlaceEditsAndIdentity) {
  auto a = std::make_unique<Client>(host->port());
  a->enter({{"name", "Ada"}});
  const double x = a->detail["place"]["position"][0].get<double>() - 0.08, z = a->detail["place"]["position"][2];
  a->claim(x, z);
  EXPECT_TRUE(a->see_at(a->detail["entity"], x));
  const auto added = a->call("entity.add", {{"model", "bench"}, {"position", {-3, 0, 3}}});
  ASSERT_TRUE(added.contains("result")) << added;
  const auto before = added["result"]["entity"];
  host.reset();
  start();
  Client b(host->port());
  b.enter({{"resume", a->opened["resume"]}});
  EXPECT_EQ(b.opened["visitor"]["id"], a->opened["visitor"]["id"]);
  EXPECT_EQ(b.opened["visitor"]["name"], "Ada");
  EXPECT_NEAR(b.detail["place"]["position"][0].get<double>(), x, 0.05);
  bool found = false;
  const auto list = b.call("entity.list");
  for (const auto& thing : list["result"]["entities"]) found = found || thing["entity"] == before;
  EXPECT_TRUE(found) << before << list;
}

// What `manyworlds audit` does, as an operator elsewhere would do it, against the host's real address.
TEST_F(HostTest, ItsLogIsAuditedOverHttpAndItWitnessesOthers) {
  AuditFlags flags;
  const std::string address = "http://127.0.0.1:" + std::to_string(host->port()) + "/";
  flags.place = address;
  flags.state = (folder / "audit").string();
  EXPECT_EQ(command_audit(flags), 1);  // this machine is not reached unless asked for
  flags.loopback = true;
  EXPECT_EQ(command_audit(flags), 0);
  EXPECT_TRUE(fs::exists(flags.state));
  EXPECT_EQ(command_audit(flags), 0);  // and goes on from what it kept
  const auto get = [&](const std::string& method, const std::string& path, const std::string& body) {
    edge::FetchRules rules;
    rules.loopback = true;
    return edge::fetch({method, address + path, {}, body}, rules).value();
  };
  const auto checkpoint = records::parse_signed_checkpoint(get("GET", "log/checkpoint", "").body);
  ASSERT_TRUE(checkpoint.ok());
  const auto key = get("GET", "log/key", "").body;
  EXPECT_TRUE(key.starts_with(checkpoint->checkpoint.origin + "+"));
  EXPECT_EQ(get("GET", "log/tile/0/999", "").status, 404);
  EXPECT_EQ(get("GET", "log/tile/0/../0", "").status, 400);
  EXPECT_EQ(get("POST", "witness/add-checkpoint", "nonsense").status, 400);
  // A checkpoint of a log that it was not told to witness.
  EXPECT_EQ(get("POST", "witness/add-checkpoint", records::format_add_checkpoint(0, {}, checkpoint->note)).status, 404);
  // Another key is no key of this log.
  flags.state.clear();
  flags.key = key.substr(0, key.size() - 1);
  EXPECT_EQ(command_audit(flags), 0);
  flags.key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  EXPECT_EQ(command_audit(flags), 1);
}

TEST_F(HostTest, ATitleIsMadeGivenShownAndKept) {
  Client maker(host->port()), friend_of(host->port()), stranger(host->port());
  for (auto* client : {&maker, &friend_of, &stranger}) client->enter();
  const auto entity = maker.call("entity.add", {{"model", "bench"}, {"position", {3, 0, 3}}})["result"]["entity"];
  EXPECT_TRUE(stranger.call("title.create", {{"entity", entity}}).contains("error")) << "only its maker may";
  const auto made = maker.call("title.create", {{"entity", entity}});
  ASSERT_TRUE(made.contains("result")) << made;
  const Json& title = made["result"];
  EXPECT_EQ(title["custody"], "home");
  EXPECT_EQ(title["sequence"], 0);
  EXPECT_TRUE(maker.call("title.create", {{"entity", entity}}).contains("error")) << "it has one";
  const Json to{{"asset", title["asset"]}, {"visitor", friend_of.opened["visitor"]["id"]}};
  EXPECT_TRUE(stranger.call("title.transfer", to).contains("error")) << "it is not theirs";
  const auto given = maker.call("title.transfer", to);
  ASSERT_TRUE(given.contains("result")) << given;
  EXPECT_EQ(given["result"]["sequence"], 1);
  EXPECT_NE(given["result"]["owner"], title["owner"]);
  EXPECT_TRUE(maker.call("title.transfer", to).contains("error")) << "it was given away";
  Json shown;
  for (int i = 0; i < 100 && !shown.contains("result"); ++i) {  // its checkpoint is published a moment later
    shown = friend_of.call("title.show", {{"asset", title["asset"]}});
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSERT_TRUE(shown.contains("result")) << shown;
  EXPECT_EQ(shown["result"]["history"].size(), 2u);
  EXPECT_EQ(shown["result"]["owner"], given["result"]["owner"]);
  // It stands after a restart.
  host.reset();
  start();
  Client again(host->port());
  again.enter();
  const auto kept = again.call("title.show", {{"asset", title["asset"]}});
  ASSERT_TRUE(kept.contains("result")) << kept;
  EXPECT_EQ(kept["result"]["owner"], given["result"]["owner"]);
}

TEST_F(HostTest, ASecondHostOnTheSameDataIsRefused) {
  HostStart given;
  given.options.port = 0;
  given.options.data = (folder / "data").string();
  given.worlds = (folder / "worlds").string();
  const auto second = Host::start(std::move(given));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
}

TEST_F(HostTest, ShowsItsQualityToEverybody) {
  Client visitor(host->port());
  visitor.enter();
  std::this_thread::sleep_for(
      std::chrono::milliseconds(6'000));  // less says too little to count; every 5 s it is shown anew
  const Json report{{"world", "flat"}, {"seconds", 6}, {"tick_ms", 60}, {"frame_ms", 17}};
  EXPECT_GE(visitor.call("quality.report", report)["result"]["counted"], 5);
  Json shown;
  for (int i = 0; i < 100 && shown["worlds"][0]["hour"]["client_minutes"] != 0.1; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const auto answer = edge::TestClient(host->port()).request("GET", "/sla.json");
    ASSERT_EQ(answer.status, 200);
    shown = Json::parse(answer.body);
  }
  EXPECT_EQ(shown["worlds"][0]["hour"]["client_minutes"], 0.1) << shown;
  EXPECT_EQ(shown["calibrated"], false);
  const auto metrics = edge::TestClient(host->port()).request("GET", "/metrics").body;
  EXPECT_NE(metrics.find("manyworlds_client_minutes{window=\"hour\",world=\"flat\"} 0.1"), std::string::npos);
  EXPECT_NE(metrics.find("manyworlds_promise_ratio{world=\"flat\"} 0.95"), std::string::npos);
  EXPECT_NE(metrics.find("manyworlds_edge_fan_out_seconds_count"), std::string::npos);
}

}  // namespace
}  // namespace mw::server
