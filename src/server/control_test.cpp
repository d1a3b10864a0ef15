#include <gtest/gtest.h>

#include <filesystem>

#include "server/test_harness.h"

namespace mw::server {
namespace {

int code(const Json& answer) { return answer.contains("error") ? answer["error"]["code"].get<int>() : 0; }

wire::PoseClaim claim_at(int epoch, double x, double z, double y = 0) {
  wire::PoseClaim claim;
  claim.epoch = static_cast<std::uint8_t>(epoch);
  claim.x_mm = static_cast<std::int32_t>(x * 1000);
  claim.y_mm = static_cast<std::int32_t>(y * 1000);
  claim.z_mm = static_cast<std::int32_t>(z * 1000);
  return claim;
}

motion::Vec3 where(const Harness& h, std::uint32_t entity, const std::string& world = "flat") {
  const auto& stage = h.control->world(world)->stage();
  return stage.at(stage.row(EntityId{entity}).value()).position;
}

TEST(Control, TwoVisitorsSeeEachOther) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor(), b = h.visitor();
  for (const auto session : {a, b})
    for (const auto* track : {"poses", "people", "chat", "scene"})
      EXPECT_EQ(code(h.call(session, "track.subscribe", {{"track", std::string("world/flat/") + track}})), 0);
  h.tick(2);
  EXPECT_EQ(h.last_event(a, "snapshot")["type"], "snapshot");
  std::size_t people = 0;
  for (const auto& event : h.events(a))
    if (event.contains("people")) people = event["people"].size();
  EXPECT_EQ(people, 2u);
  const auto before = h.outlet.peers[b].frames.size();
  h.tick(3);
  EXPECT_GE(h.outlet.peers[b].frames.size(), before + 3);  // poses, every tick
  EXPECT_EQ(code(h.call(a, "chat.say", {{"text", " hello \u202Eworld\n"}})), 0);
  h.tick();
  EXPECT_EQ(h.last_event(b, "said")["text"], "hello world");
}

TEST(Control, AWalkIsSeenAndALeapIsCorrected) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor();
  const auto detail = h.answer(a, h.last_id())["result"]["world"];
  const auto entity = detail["entity"].get<std::uint32_t>();
  const int epoch = detail["epoch"];
  double x = detail["place"]["position"][0], z = detail["place"]["position"][2];
  for (int i = 0; i < 20; ++i) {
    x -= 0.08;
    h.tick();
    h.control->claim(a, claim_at(epoch, x, z), h.now.s);
  }
  h.tick();
  EXPECT_NEAR(where(h, entity).x, x, 0.01);
  h.outlet.peers[a].frames.clear();
  h.control->claim(a, claim_at(epoch, x + 30, z), h.now.s + 0.05);
  h.tick();
  EXPECT_NEAR(where(h, entity).x, x, 0.5);
  ASSERT_EQ(h.outlet.peers[a].frames.size(), 1u);
  const auto correction = wire::decode_correction(h.outlet.peers[a].frames[0]);
  ASSERT_TRUE(correction.ok());
  EXPECT_EQ(correction->epoch, epoch + 1);
  h.tick();
  h.control->claim(a, claim_at(epoch, x - 0.05, z), h.now.s);  // made before the correction arrived
  h.tick();
  EXPECT_NEAR(where(h, entity).x, correction->x_mm / 1000.0, 0.01);
  h.control->claim(a, claim_at(epoch + 1, correction->x_mm / 1000.0 - 0.05, z), h.now.s);
  h.tick();
  EXPECT_NEAR(where(h, entity).x, correction->x_mm / 1000.0 - 0.05, 0.01);
}

TEST(Control, AWalkerIsShownWhereTheyAreByTheTick) {
  Harness h;
  h.add(flat_world());
  const SessionId a = h.visitor();
  const auto detail = h.answer(a, h.last_id())["result"]["world"];
  const auto entity = detail["entity"].get<std::uint32_t>();
  const auto start = where(h, entity);
  h.tick(20);
  auto claim = claim_at(detail["epoch"].get<int>(), start.x, start.z);
  claim.vx_mm_s = 1'400;
  h.control->claim(a, claim, h.now.s + 0.03);  // it arrives 20 ms before the next tick
  h.tick();
  EXPECT_NEAR(where(h, entity).x, start.x + 1.4 * 0.02, 0.002);
  h.tick();
  EXPECT_NEAR(where(h, entity).x, start.x + 1.4 * 0.07, 0.002) << "the next claim is late";
  h.tick(20);
  EXPECT_NEAR(where(h, entity).x, start.x, 0.002) << "nothing came: nobody knows that they walked";
}

TEST(Control, SittingTakesTheNearestFreeSeat) {
  Harness h;
  auto setup = flat_world();
  setup.ground.spawn.radius = 0;
  setup.ground.seats = {{{1, 0.45f, 0}, 1}, {{1.2f, 0.45f, 0.6f}, -1}, {{10.5f, 0.45f, 0}, 0}};
  h.add(std::move(setup));
  struct Sitter {
    SessionId session;
    std::uint32_t entity = 0;
    int epoch = 0;
  };
  const auto join = [&] {
    Sitter sitter{h.visitor()};
    const auto detail = h.answer(sitter.session, h.last_id())["result"]["world"];
    sitter.entity = detail["entity"].get<std::uint32_t>();
    sitter.epoch = detail["epoch"];
    return sitter;
  };
  const auto claim = [&](const Sitter& who, double x, double z, wire::Gesture gesture) {
    auto wanted = claim_at(who.epoch, x, z);
    wanted.gesture = gesture;
    h.tick(4);
    h.control->claim(who.session, wanted, h.now.s);
    h.tick();
  };
  const auto placing = [&](const Sitter& who) {
    const auto& stage = h.control->world("flat")->stage();
    return stage.at(stage.row(EntityId{who.entity}).value());
  };
  auto a = join(), b = join(), c = join();
  for (auto* who : {&a, &b, &c}) {
    claim(*who, 0, 0, wire::Gesture::none);
    h.outlet.peers[who->session].frames.clear();
    claim(*who, 0, 0, wire::Gesture::sit);
    EXPECT_EQ(placing(*who).animation, wire::Animation::sit);
  }
  EXPECT_NEAR(placing(a).position.x, 1, 0.01);
  EXPECT_NEAR(placing(b).position.x, 1.2, 0.01);
  EXPECT_NEAR(placing(c).position.x, 0, 0.01);  // both are taken: on the ground
  ASSERT_EQ(h.outlet.peers[a.session].frames.size(), 1u);
  const auto told = wire::decode_correction(h.outlet.peers[a.session].frames[0]);
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told->reason, wire::CorrectionReason::placed);
  EXPECT_EQ(told->epoch, a.epoch + 1);
  EXPECT_EQ(told->yaw, placing(a).yaw);
  // One goes on sitting, then gets up: the seat is free for the next who sits down.
  ++a.epoch;
  claim(a, 1, 0, wire::Gesture::sit);
  EXPECT_EQ(h.outlet.peers[a.session].frames.size(), 1u);
  claim(a, 1, 0, wire::Gesture::none);
  claim(c, 0, 0, wire::Gesture::none);
  claim(c, 0, 0, wire::Gesture::sit);
  EXPECT_NEAR(placing(c).position.x, 1, 0.01);
  // Who leaves gives the seat up too; a seat behind a wall is out of reach.
  EXPECT_EQ(code(h.call(c.session, "world.leave")), 0);
  claim(a, 1, 0, wire::Gesture::sit);
  EXPECT_EQ(placing(a).animation, wire::Animation::sit);
  EXPECT_EQ(wire::decode_correction(h.outlet.peers[a.session].frames.back())->epoch, a.epoch + 1);
  auto d = join();
  for (int i = 0; i < 20; ++i) claim(d, 0.48 * i, 0, wire::Gesture::none);
  claim(d, 9.3, 0, wire::Gesture::sit);
  EXPECT_NEAR(placing(d).position.x, 9.3, 0.01);
}

TEST(Control, CorrectionsAreNoWayToBeFaster) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor();
  const auto detail = h.answer(a, h.last_id())["result"]["world"];
  const auto entity = detail["entity"].get<std::uint32_t>();
  auto epoch = detail["epoch"].get<int>();
  const double from = detail["place"]["position"][0];
  const double z = detail["place"]["position"][2];
  for (int i = 0; i < 40; ++i) {
    h.tick();
    const double x = where(h, entity).x;
    h.outlet.peers[a].frames.clear();
    h.control->claim(a, claim_at(epoch, x - 3, z), h.now.s);
    h.control->claim(a, claim_at(epoch, x - 300, z), h.now.s);
    for (const auto& frame : h.outlet.peers[a].frames) epoch = wire::decode_correction(frame)->epoch;
  }
  EXPECT_LT(from - where(h, entity).x, 5 * 1.05 * 2 + 3.75 + 0.1);  // two seconds at the run, and the slack for jitter
}

TEST(Control, AFullWorldHasAQueue) {
  Harness h;
  auto setup = flat_world();
  setup.description.capacity = 1;
  h.add(std::move(setup));
  const auto a = h.visitor(), b = h.visitor(), c = h.visitor();
  EXPECT_EQ(h.answer(b, h.last_id() - 2)["result"], (Json{{"state", "waiting"}, {"position", 1}, {"reason", "full"}}));
  EXPECT_EQ(h.answer(c, h.last_id())["result"], (Json{{"state", "waiting"}, {"position", 2}, {"reason", "full"}}));
  EXPECT_EQ(code(h.call(a, "world.leave")), 0);
  h.tick(25);
  EXPECT_EQ(h.notification(b, "world.entered")["world"]["name"], "flat");
  EXPECT_EQ(h.notification(c, "world.queue"), (Json{{"world", "flat"}, {"position", 1}, {"reason", "full"}}));
  h.control->session_closed(b, edge::Parting::lost, h.now);
  h.tick(20);
  EXPECT_TRUE(h.notification(c, "world.entered").is_null());  // the place is kept for a while
  h.now.s += 61;
  h.tick(2);
  EXPECT_EQ(h.notification(c, "world.entered")["world"]["name"], "flat");
}

TEST(Control, EditsAreShownWhenTheyAreOnDisk) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor();
  h.call(a, "track.subscribe", {{"track", "world/flat/scene"}});
  h.tick();
  EXPECT_TRUE(h.call(a, "entity.add", {{"model", "crate"}, {"position", {1, 0, 2}}}, false).is_null());
  const auto id = h.last_id();
  h.control->tick(++h.ticks, h.now);
  EXPECT_TRUE(h.last_event(a, "added").is_null());
  EXPECT_EQ(h.call(a, "entity.list", Json::object(), false)["result"]["entities"].size(), 0u);
  h.pump();
  const auto added = h.answer(a, id)["result"];
  EXPECT_EQ(added["sequence"], 1);
  h.tick();
  EXPECT_EQ(h.last_event(a, "added")["entity"]["entity"], added["entity"]);
  const auto undone = h.call(a, "undo")["result"];
  EXPECT_EQ(undone["done"], (Json{{"kind", "remove"}, {"entity", added["entity"]}}));
  EXPECT_EQ(h.call(a, "redo")["result"]["done"]["kind"], "add");
  EXPECT_EQ(code(h.call(a, "redo")), -32003);
  EXPECT_EQ(code(h.call(a, "entity.add", {{"model", "dragon"}, {"position", {1, 0, 2}}})), -32002);
  EXPECT_EQ(code(h.call(a, "entity.add", {{"model", "crate"}, {"position", {1, 0}}})), -32602);
  EXPECT_EQ(code(h.call(a, "entity.change", {{"entity", 99999}})), -32002);
}

TEST(Control, AFullDiskStopsEditsAndNothingElse) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor();
  const auto first = h.call(a, "entity.add", {{"model", "crate"}, {"position", {1, 0, 2}}})["result"]["entity"];
  h.store->refuse = true;
  EXPECT_TRUE(h.call(a, "entity.change", {{"entity", first}, {"scale", 2}}, false).is_null());
  EXPECT_TRUE(h.call(a, "entity.add", {{"model", "crate"}, {"position", {5, 0, 5}}}, false).is_null());
  h.pump();
  EXPECT_EQ(code(h.answer(a, h.last_id() - 1)), -32004);
  EXPECT_EQ(code(h.answer(a, h.last_id())), -32004);
  h.tick(5);
  const auto list = h.call(a, "entity.list")["result"]["entities"];
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["scale"], 1.0);
  EXPECT_EQ(code(h.call(a, "chat.say", {{"text", "still here"}})), 0);
  h.store->refuse = false;
  EXPECT_EQ(code(h.call(a, "entity.change", {{"entity", first}, {"scale", 3}})), 0);
  EXPECT_EQ(h.call(a, "undo")["result"]["done"]["kind"], "change");
  EXPECT_EQ(h.call(a, "entity.list")["result"]["entities"][0]["scale"], 1.0);
}

TEST(Control, UndoStopsWhereSomebodyElseHasBuilt) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor(), b = h.visitor();
  const auto thing = h.call(a, "entity.add", {{"model", "crate"}, {"position", {1, 0, 2}}})["result"]["entity"];
  EXPECT_EQ(code(h.call(b, "entity.change", {{"entity", thing}, {"scale", 2}})), 0);
  EXPECT_EQ(code(h.call(a, "undo")), -32003);
  EXPECT_EQ(h.call(a, "entity.list")["result"]["entities"].size(), 1u);
  EXPECT_EQ(code(h.call(b, "undo")), 0);
}

TEST(Control, OnlyWhoMayEditEdits) {
  Harness h;
  auto setup = flat_world();
  setup.description.edit = trust::EditPolicy::operators;
  h.add(std::move(setup));
  auto closed = flat_world("closed");
  closed.description.edit = trust::EditPolicy::nobody;
  h.add(std::move(closed));
  const auto a = h.visitor();
  const Json crate{{"model", "crate"}, {"position", {1, 0, 2}}};
  EXPECT_EQ(code(h.call(a, "entity.add", crate)), -32001);
  EXPECT_EQ(code(h.call(a, "host.status")), -32001);
  h.make_operator(a);
  EXPECT_EQ(code(h.call(a, "entity.add", crate)), 0);
  EXPECT_EQ(code(h.call(a, "host.status")), 0);
  Json elsewhere = crate;
  elsewhere["world"] = "closed";
  EXPECT_EQ(code(h.call(a, "entity.add", elsewhere)), -32001);
}

TEST(Control, AnOperatorLinkWorksOnce) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor(), b = h.visitor();
  std::string token;
  h.keeper->issue_link(h.now.unix_ms, [&](Result<std::string> made) { token = std::move(made).value(); });
  h.pump();
  const auto claimed = h.call(a, "operator.claim", {{"token", token}});
  EXPECT_EQ(claimed["result"]["role"], "operator");
  EXPECT_EQ(code(h.call(b, "operator.claim", {{"token", token}})), -32001);
  EXPECT_EQ(code(h.call(b, "operator.claim", {{"token", "guess"}})), -32001);
  const auto c = h.connect();
  EXPECT_EQ(h.open(c, {{"operator", claimed["result"]["token"]}})["result"]["visitor"]["role"], "operator");
}

TEST(Control, ARemovedVisitorStaysAway) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor();
  h.make_operator(a);
  const auto b = h.connect();
  const auto opened = h.open(b)["result"];
  h.enter(b);
  EXPECT_EQ(
      code(h.call(a, "visitor.remove", {{"visitor", opened["visitor"]["id"]}, {"minutes", 5}, {"reason", "shouting"}})),
      0);
  EXPECT_EQ(h.outlet.peers[b].closed, tracks::CloseCode::removed);
  EXPECT_EQ(h.notification(b, "visitor.removed")["reason"], "shouting");
  EXPECT_EQ(h.control->world("flat")->visitors(), 1u);
  h.control->session_closed(b, edge::Parting::lost, h.now);
  const auto c = h.connect();
  EXPECT_EQ(code(h.open(c, {{"resume", opened["resume"]}})), -32001);
  h.now.unix_ms += 6 * 60'000;
  const auto d = h.connect();
  EXPECT_EQ(code(h.open(d, {{"resume", opened["resume"]}})), 0);
}

TEST(Control, ALostLinkKeepsThePlace) {
  Harness h;
  h.add(flat_world());
  const auto a = h.connect();
  const auto opened = h.open(a)["result"];
  const auto detail = h.enter(a)["result"]["world"];
  h.control->session_closed(a, edge::Parting::lost, h.now);
  h.tick(100);
  const auto b = h.connect();
  const auto again = h.open(b, {{"resume", opened["resume"]}})["result"];
  EXPECT_EQ(again["visitor"]["id"], opened["visitor"]["id"]);
  const auto back = h.enter(b)["result"]["world"];
  EXPECT_EQ(back["entity"], detail["entity"]);
  EXPECT_NE(back["epoch"], detail["epoch"]);
  EXPECT_EQ(back["place"]["position"], detail["place"]["position"]);
}

TEST(Control, AClosedPageLeavesSoonAndComesBackToThePlace) {
  Harness h;
  h.add(flat_world());
  const auto a = h.connect();
  const auto opened = h.open(a)["result"];
  const auto detail = h.enter(a)["result"]["world"];
  h.control->session_closed(a, edge::Parting::left, h.now);
  h.tick(4 * limits::kTickHz);
  EXPECT_EQ(h.control->world("flat")->visitors(), 1u) << "a page that is loaded again finds itself";
  h.tick(2 * limits::kTickHz);
  EXPECT_EQ(h.control->world("flat")->visitors(), 0u);
  h.tick(60 * limits::kTickHz);  // nobody remembers but the store
  const auto b = h.connect();
  const auto again = h.open(b, {{"resume", opened["resume"]}})["result"];
  EXPECT_EQ(again["visitor"]["id"], opened["visitor"]["id"]);
  const auto back = h.enter(b)["result"]["world"];
  EXPECT_EQ(back["place"]["position"], detail["place"]["position"]);
}

TEST(Control, ARestartKeepsIdentityNameAndPlace) {
  const auto path =
      (std::filesystem::temp_directory_path() / ("control-test-" + std::to_string(::getpid()) + ".db")).string();
  {
    Harness h(path);
    h.add(flat_world());
    const auto a = h.connect();
    const auto opened = h.open(a, {{"name", "Ada"}})["result"];
    const auto detail = h.enter(a)["result"]["world"];
    const double x = detail["place"]["position"][0].get<double>() - 0.2, z = detail["place"]["position"][2];
    h.tick(10);
    h.control->claim(a, claim_at(detail["epoch"], x, z), h.now.s);
    EXPECT_EQ(code(h.call(a, "entity.add", {{"model", "crate"}, {"position", {1, 0, 2}}})), 0);
    h.tick(80);  // places are saved every few seconds
    h.restart();
    h.add(flat_world());
    const auto b = h.connect();
    const auto again = h.open(b, {{"resume", opened["resume"]}})["result"];
    EXPECT_EQ(again["visitor"]["id"], opened["visitor"]["id"]);
    EXPECT_EQ(again["visitor"]["name"], "Ada");
    EXPECT_EQ(again["visitor"]["appearance"], opened["visitor"]["appearance"]);
    const auto back = h.enter(b)["result"]["world"];
    EXPECT_NEAR(back["place"]["position"][0].get<double>(), x, 0.02);
    EXPECT_EQ(h.call(b, "entity.list")["result"]["entities"].size(), 1u);
  }
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
}

TEST(Control, ANewerConnectionReplacesAnOlder) {
  Harness h;
  h.add(flat_world());
  const auto a = h.connect();
  const auto opened = h.open(a)["result"];
  h.enter(a);
  const auto b = h.connect();
  EXPECT_EQ(code(h.open(b, {{"resume", opened["resume"]}})), 0);
  EXPECT_EQ(h.outlet.peers[a].closed, tracks::CloseCode::replaced);
  EXPECT_EQ(code(h.call(a, "chat.say", {{"text", "I am still here"}})), -32001);
  h.control->session_closed(a, edge::Parting::lost, h.now);
  EXPECT_EQ(code(h.enter(b)), 0);
  EXPECT_EQ(h.control->world("flat")->visitors(), 1u);
}

TEST(Control, WrongProtocolsAreTold) {
  Harness h;
  const auto a = h.connect();
  const auto answer = h.call(a, "session.open", {{"protocol", 7}});
  EXPECT_EQ(code(answer), -32000);
  EXPECT_EQ(answer["error"]["data"], (Json{{"min", 1}, {"max", 1}, {"yours", 7}}));
  EXPECT_EQ(h.outlet.peers[a].closed, tracks::CloseCode::protocol_version);
}

TEST(Control, HostileNamesAreCleanedOrRefused) {
  Harness h;
  h.add(flat_world());
  const auto a = h.connect();
  EXPECT_EQ(code(h.open(a, {{"name", "\u202E\u200B"}})), -32602);
  const auto b = h.connect();
  EXPECT_EQ(h.open(b, {{"name", "<b>\u202Eeve\u0007"}})["result"]["visitor"]["name"], "<b>eve");
  EXPECT_NE(code(h.call(b, "visitor.change", {{"name", std::string(200, 'x')}})), 0);
  const auto c = h.connect();
  EXPECT_EQ(code(h.open(c, {{"resume", "v1.AAAA.BBBB"}})), 0);  // a forged token gives a new guest
}

TEST(Control, ABrokenWorldIsListedAndTheOthersGoOn) {
  Harness h;
  h.add(flat_world());
  h.control->add_broken({"ruin", {"Ruin", "废墟"}, {"", ""}, "ruin/world.toml: scene.kit: there is no kit 'x'"});
  const auto a = h.visitor();
  const auto worlds = h.call(a, "world.list")["result"]["worlds"];
  ASSERT_EQ(worlds.size(), 2u);
  EXPECT_EQ(code(h.enter(a, "ruin")), -32007);
  EXPECT_EQ(code(h.enter(a, "nowhere")), -32002);
}

TEST(Control, CallsComeByHttpToo) {
  Harness h;
  h.add(flat_world());
  const auto http = [&](const std::string& bearer, const std::string& body) {
    edge::HttpReply got;
    int replies = 0;
    h.control->http_call({"10.0.0.9", "", false}, bearer, body, h.now, [&](edge::HttpReply reply) {
      got = std::move(reply);
      ++replies;
    });
    h.pump();
    EXPECT_EQ(replies, 1);
    return got;
  };
  EXPECT_EQ(Json::parse(http("", R"({"jsonrpc":"2.0","id":1,"method":"host.describe"})").body)["result"]["name"],
            "Test");
  EXPECT_EQ(http("forged", R"({"jsonrpc":"2.0","id":1,"method":"host.describe"})").status, 401);
  EXPECT_EQ(http("", R"({"jsonrpc":"2.0","method":"host.describe"})").status, 204);
  std::string token;
  h.keeper->issue_link(h.now.unix_ms, [&](Result<std::string> made) { token = std::move(made).value(); });
  h.pump();
  const auto claimed = Json::parse(
      http("", Json{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "operator.claim"}, {"params", {{"token", token}}}}.dump())
          .body);
  const auto bearer = claimed["result"]["token"].get<std::string>();
  const auto added = Json::parse(
      http(
          bearer,
          R"({"jsonrpc":"2.0","id":2,"method":"entity.add","params":{"world":"flat","model":"crate","position":[1,0,1]}})")
          .body);
  EXPECT_EQ(added["result"]["sequence"], 1);
}

TEST(Control, PortalsBringOneOutOfTheDoorBack) {
  Harness h;
  h.add(flat_world());
  auto other = flat_world("other");
  other.description.portals.push_back({"back", {"Back", "返回"}, "flat", "", {-20, 0, 5}, 0, 3, 3});
  h.add(std::move(other));
  const auto a = h.visitor();
  h.call(a, "track.subscribe", {{"track", "world/flat/poses"}});
  h.tick();
  const auto entered = h.call(a, "world.enter", {{"world", "other"}, {"portal", "there"}})["result"]["world"];
  EXPECT_NEAR(entered["place"]["position"][0].get<double>(), -20, 1.1);
  EXPECT_NEAR(entered["place"]["position"][2].get<double>(), 6.8, 1.1);
  EXPECT_TRUE(h.outlet.peers[a].tracks.empty());
  EXPECT_EQ(h.control->world("flat")->visitors(), 0u);
  EXPECT_EQ(h.control->world("other")->visitors(), 1u);
}

TEST(Control, PortalsTellWhatIsSeenThroughThem) {
  Harness h;
  h.add(flat_world());
  auto other = flat_world("other");
  other.description.mood = "night";
  other.description.portals.push_back({"away", {"Away", "离开"}, "", "https://example.org/", {-20, 0, 5}, 0, 3, 3});
  other.description.portals.push_back({"back", {"Back", "返回"}, "flat", "", {20, 0, 5}, 0, 3, 3});
  other.description.portals.push_back({"gone", {"Gone", "无"}, "nowhere", "", {0, 0, 5}, 0, 3, 3});
  h.add(std::move(other));
  const auto a = h.visitor();
  const auto portals = h.call(a, "world.enter", {{"world", "other"}})["result"]["world"]["portals"];
  EXPECT_EQ(portals[0]["to"], (Json{{"url", "https://example.org/"}}));
  EXPECT_EQ(portals[1]["to"]["world"], "flat");
  EXPECT_TRUE(portals[1]["to"]["mood"].is_string());
  EXPECT_EQ(portals[1]["to"]["position"].size(), 3u);
  EXPECT_TRUE(portals[1]["to"]["yaw"].is_number());
  EXPECT_EQ(portals[2]["to"], (Json{{"world", "nowhere"}}));
}

TEST(Control, DrainTellsEverybodyAndSaves) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor();
  bool saved = false;
  h.control->drain(h.now, [&] { saved = true; });
  h.pump();
  EXPECT_TRUE(saved);
  EXPECT_GT(h.notification(a, "host.draining")["seconds"], 0);
  EXPECT_EQ(h.control->stats().places_saved, 1u);
}

}  // namespace
}  // namespace mw::server
