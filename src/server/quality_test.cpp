// Reports of visitors, and what becomes of them: the ledgers of a control side, the store, and who may come in.
#include <gtest/gtest.h>

#include "server/test_harness.h"

namespace mw::server {
namespace {

int code(const Json& answer) { return answer.contains("error") ? answer["error"]["code"].get<int>() : 0; }

Json report(double seconds = 60, Json more = Json::object()) {
  Json params{{"world", "flat"}, {"seconds", seconds}, {"tick_ms", 55}, {"age_near_ms", 90}, {"frame_ms", 17}};
  params.update(more);
  return params;
}

double counted(Harness& h, SessionId session, const Json& params) {
  const auto answer = h.call(session, "quality.report", params);
  return answer.contains("result") ? answer["result"]["counted"].get<double>() : -1;
}

Json world_of(const Harness& h, std::size_t index = 0) { return h.control->quality()["worlds"][index]; }

void pass(Harness& h, int seconds) { h.tick(seconds * limits::kTickHz); }

TEST(Quality, AReportCountsForTheTimeThatOneWasThere) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor();
  EXPECT_EQ(counted(h, a, report(4)), 0);  // says too little
  pass(h, 30);
  EXPECT_NEAR(counted(h, a, report(60)), 32, 1);  // nobody was there for longer
  EXPECT_EQ(counted(h, a, report(60)), 0);  // that time has counted
  pass(h, 60);
  EXPECT_EQ(counted(h, a, report(60, {{"age_near_ms", 900}})), 60);
  const auto hour = world_of(h)["hour"];
  EXPECT_NEAR(hour["good_percent"].get<double>(), 100 * 32.0 / 92, 1.5);
  EXPECT_EQ(hour["broken_minutes"]["age_near_ms"], 1);
  EXPECT_EQ(hour["broken_minutes"]["tick_ms"], 0);
  EXPECT_GT(hour["measured_percent"].get<double>(), 95);
}

TEST(Quality, WhatCannotBeIsRefused) {
  Harness h;
  h.add(flat_world());
  h.add(flat_world("other"));
  const auto a = h.visitor();
  pass(h, 60);
  for (const Json& bad : {Json{{"seconds", -1}}, Json{{"seconds", 1e9}}, Json{{"age_near_ms", -5}},
                          Json{{"age_near_ms", 1e12}}, Json{{"stalled_percent", 101}}, Json{{"frame_ms", "17"}},
                          Json{{"frame_ms", nullptr}}, Json{{"angle", 3}}, Json{{"joined", false}, {"join_ms", 3}}})
    EXPECT_EQ(code(h.call(a, "quality.report", report(60, bad))), -32602) << bad;
  EXPECT_EQ(code(h.call(a, "quality.report", report(60, {{"world", "other"}}))), -32002);
  const auto stranger = h.connect();
  EXPECT_EQ(code(h.call(stranger, "quality.report", report())), -32001);
  EXPECT_EQ(world_of(h)["hour"]["client_minutes"], 0);
}

TEST(Quality, TheLastReportComesAfterOneHasLeft) {
  Harness h;
  h.add(flat_world());
  h.add(flat_world("other"));
  const auto a = h.visitor();
  pass(h, 20);
  EXPECT_EQ(code(h.enter(a, "other")), 0);
  pass(h, 10);
  EXPECT_NEAR(counted(h, a, report(20)), 20, 1);
  EXPECT_EQ(counted(h, a, report(60)), 0);
  pass(h, 40);
  EXPECT_EQ(code(h.call(a, "quality.report", report(20))), -32002);  // too late
}

TEST(Quality, FailedJoinsAreMinutesThatWereNotGood) {
  Harness h;
  auto setup = flat_world();
  setup.description.capacity = 1;
  h.add(std::move(setup));
  const auto inside = h.visitor();
  const auto waiting = h.connect();
  h.open(waiting);
  EXPECT_EQ(h.enter(waiting)["result"]["state"], "waiting");
  EXPECT_EQ(code(h.call(waiting, "world.leave")), 0);
  EXPECT_EQ(world_of(h)["hour"]["failed_joins"], 1);
  const auto patient = h.connect();
  h.open(patient);
  h.enter(patient);
  h.control->session_closed(patient, edge::Parting::left, h.now);
  pass(h, 8);
  EXPECT_EQ(world_of(h)["hour"]["failed_joins"], 2);
  EXPECT_EQ(counted(h, inside, {{"world", "flat"}, {"seconds", 8}, {"joined", false}}), 60);
  EXPECT_EQ(counted(h, inside, {{"world", "flat"}, {"seconds", 8}, {"joined", false}}), 0);  // once
  const auto hour = world_of(h)["hour"];
  EXPECT_EQ(hour["failed_joins"], 3);
  EXPECT_EQ(hour["good_percent"], 0);
  EXPECT_EQ(hour["client_minutes"], 3);
}

TEST(Quality, WhoIsAdmittedHasNotGivenUp) {
  Harness h;
  auto setup = flat_world();
  setup.description.capacity = 1;
  h.add(std::move(setup));
  const auto inside = h.visitor();
  const auto waiting = h.connect();
  h.open(waiting);
  h.enter(waiting);
  h.call(inside, "world.leave");
  pass(h, 2);
  EXPECT_FALSE(h.notification(waiting, "world.entered").is_null());
  EXPECT_EQ(world_of(h)["hour"]["failed_joins"], 0);
}

TEST(Quality, ADaySurvivesARestart) {
  const auto path = std::filesystem::path(testing::TempDir()) / "quality.db";
  std::filesystem::remove(path);
  Harness h(path);
  h.add(flat_world());
  auto a = h.visitor();
  for (int i = 0; i < 5; ++i) {
    pass(h, 60);
    EXPECT_EQ(counted(h, a, report(60, i == 3 ? Json{{"age_near_ms", 700}} : Json::object())), 60);
  }
  const auto before = world_of(h)["day"];
  bool saved = false;
  h.control->drain(h.now, [&] { saved = true; });
  h.pump();
  EXPECT_TRUE(saved);
  h.restart();
  h.add(flat_world());
  EXPECT_EQ(world_of(h)["day"], before);
  EXPECT_EQ(before["client_minutes"], 5);
  EXPECT_EQ(before["good_percent"], 80);
  h.restart();  // a crash: the minutes that had ended are there
  h.add(flat_world());
  EXPECT_EQ(world_of(h)["day"], before);
}

TEST(Quality, LateTicksSpoilTheMinuteOfEverybody) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor();
  for (int i = 0; i < 60; ++i) {
    pass(h, 1);
    h.now.s += 0.08;  // a tick in twenty comes late
    h.now.unix_ms += 80;
  }
  counted(h, a, report(60));
  pass(h, 60);
  const auto hour = world_of(h)["hour"];
  EXPECT_GT(hour["late_ticks_percent"].get<double>(), 2);
  EXPECT_LT(hour["good_percent"].get<double>(), 50);
}

// --- Admission -------------------------------------------------------------------------------------------------------

void work(Harness& h, int seconds, double busy) {
  for (int i = 0; i < seconds * limits::kTickHz; ++i) {
    h.control->tick_took(busy);
    h.tick();
  }
}

TEST(Quality, NewcomersWaitWhileTheHostIsNearlyFull) {
  Harness h;
  h.add(flat_world());
  const auto inside = h.visitor();
  work(h, 6, 0.96);
  EXPECT_EQ(world_of(h)["admission"], "closed");
  const auto newcomer = h.connect();
  h.open(newcomer);
  const auto answer = h.enter(newcomer)["result"];
  EXPECT_EQ(answer["state"], "waiting");
  EXPECT_EQ(answer["reason"], "quality");  // there is a place
  // Who is inside already is no newcomer.
  EXPECT_EQ(h.enter(inside)["result"]["state"], "entered");
  work(h, 3, 0.96);
  EXPECT_TRUE(h.notification(newcomer, "world.entered").is_null());
  EXPECT_LT(h.control->governor().detail(), 1);
  work(h, 20, 0.1);
  EXPECT_FALSE(h.notification(newcomer, "world.entered").is_null());
  EXPECT_EQ(world_of(h)["hour"]["failed_joins"], 0);
}

TEST(Quality, TheRateFallsLastAndComesBack) {
  Harness h;
  h.add(flat_world());
  const auto a = h.visitor();
  EXPECT_EQ(code(h.call(a, "track.subscribe", {{"track", "world/flat/poses"}})), 0);
  const auto frames_in = [&](double busy) {
    const auto before = h.outlet.peers[a].frames.size();
    work(h, 2, busy);
    return h.outlet.peers[a].frames.size() - before;
  };
  EXPECT_GE(frames_in(0.02), 38u);
  work(h, 8, 0.98);
  EXPECT_GE(frames_in(0.98), 38u);  // detail has fallen, the rate has not
  work(h, 20, 0.98);
  EXPECT_LE(frames_in(0.98), 22u);
  work(h, 40, 0.02);
  EXPECT_GE(frames_in(0.02), 38u);
}

TEST(Quality, NewcomersWaitWhileManyAreServedBadly) {
  Harness h;
  auto setup = flat_world();
  setup.description.capacity = 50;
  h.add(std::move(setup));
  std::vector<SessionId> all;
  for (int i = 0; i < 20; ++i) all.push_back(h.visitor());
  const auto everybody = [&](const Json& params) {
    pass(h, 60);
    for (const auto session : all) EXPECT_GT(counted(h, session, params), 50);
    pass(h, 2);
  };
  everybody(report());
  everybody(report(60, {{"frame_ms", 200}}));  // their screens: nothing that an empty place would mend
  EXPECT_EQ(world_of(h)["admission"], "open");
  everybody(report(60, {{"age_near_ms", 900}}));
  EXPECT_EQ(world_of(h)["admission"], "closed");
  const auto newcomer = h.connect();
  h.open(newcomer);
  const auto answer = h.enter(newcomer)["result"];
  EXPECT_EQ(answer["state"], "waiting");
  EXPECT_EQ(answer["reason"], "quality");  // there is a place
  for (int i = 0; i < 4; ++i) everybody(report());
  EXPECT_EQ(world_of(h)["admission"], "open");
  EXPECT_FALSE(h.notification(newcomer, "world.entered").is_null());
}

}  // namespace
}  // namespace mw::server
