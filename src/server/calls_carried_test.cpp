// Things that travel with their person, over the calls of two hosts and the log of one.
#include <gtest/gtest.h>

#include "server/test_travel.h"

namespace mw::server {
namespace {

TEST_F(Carries, AThingIsSeenInTheHandThereAndNotAtHome) {
  const auto asset = crate();
  ASSERT_EQ(told().size(), 1u);
  EXPECT_EQ(told()[0]["name"], "The red crate");
  EXPECT_EQ(told()[0]["may_come"], true);
  EXPECT_EQ(things(a, ada).size(), 1u);
  const auto answered = answer(b, {asset});
  EXPECT_TRUE(answered["left_behind"].empty()) << answered;
  EXPECT_TRUE(things(a, ada).empty()) << "away from the moment that it is leased";
  EXPECT_EQ(told()[0]["away"]["host"], "did:web:b.localhost%3A2");

  const auto session = arrived(answered["credential"]), other = b.visitor();
  b.call(other, "track.subscribe", {{"track", "world/flat/people"}});
  wait(2);
  EXPECT_EQ(brought(session)[0]["state"], "waiting") << "the lease begins when every clock agrees";
  EXPECT_NE(refusal(b.call(session, "travel.hand", {{"asset", asset}})), "arrived");
  wait(5);
  EXPECT_EQ(brought(session)[0]["state"], "here") << brought(session);
  EXPECT_EQ(b.notification(session, "travel.brought")["carried"][0]["state"], "here");
  const auto seen = b.last_event(other, "changed")["person"]["carried"];
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0]["name"], "The red crate");
  EXPECT_EQ(seen[0]["model"], "crate");
  EXPECT_EQ(seen[0]["host"], "a.localhost:8080");
  EXPECT_EQ(seen[0]["assurance"], "caught");
  EXPECT_EQ(seen[0]["in_hand"], false);
  EXPECT_TRUE(b.call(session, "travel.hand", {{"asset", asset}}).contains("result"));
  wait(1);
  EXPECT_EQ(b.last_event(other, "changed")["person"]["carried"][0]["in_hand"], true);

  // The lease ends by itself: it is gone there, and back at home.
  wait(600);
  EXPECT_EQ(things(a, ada).size(), 1u) << "home has it again";
  EXPECT_EQ(brought(session)[0]["state"], "over");
  EXPECT_FALSE(b.last_event(other, "changed")["person"].contains("carried"));
}

TEST_F(Carries, WhatCameAlongIsAmongWhatTheHostHasLearned) {
  const auto session = arrived(answer(b, {crate()})["credential"]);
  wait(8);
  const Json learned = b.call(session, "travel.learned")["result"]["learned"];
  Json carried;
  for (const auto& one : learned)
    if (one["what"] == "carried") carried.push_back(one);
  ASSERT_EQ(carried.size(), 1u) << brought(session);
  EXPECT_EQ(carried[0]["value"]["name"], "The red crate");
  EXPECT_EQ(carried[0]["from"], "a.localhost:8080");
  EXPECT_EQ(b.call(session, "travel.forget")["result"]["forgotten"], true);
  wait(2);
  EXPECT_TRUE(brought(session).empty()) << "it goes with the rest";
}

TEST_F(Carries, NothingIsAtTwoHostsAndThePersonGoesWithoutIt) {
  const auto asset = crate();
  const auto first = answer(b, {asset});
  down = b.authority;  // it would be called back from there
  const auto second = answer(evil, {asset, "nothing"});
  down.clear();
  ASSERT_EQ(second["left_behind"].size(), 2u);
  EXPECT_NE(second["left_behind"].dump().find("b.localhost:2 has the thing"), std::string::npos) << second;
  EXPECT_EQ(refusal(arrive(evil, evil.visitor(), second["credential"])), "arrived");
  // What the home of another says of it counts for nothing: it is no thing of theirs.
  const auto eve = a.visitor();
  EXPECT_NE(refusal(a.call(eve, "travel.answer", {{"challenge", challenge(b)["result"]["challenge"]}})), "arrived");
  // Going to the same host again makes its stay there longer.
  a.now.unix_ms += 60'000;
  b.now.unix_ms += 60'000;
  EXPECT_TRUE(answer(b, {asset}, 10)["left_behind"].empty());
}

TEST_F(Carries, WhatDoesNotHoldIsRefusedAndThePersonIsNot) {
  const auto asset = crate(), other = crate(3);
  auto& titles = *a.titles;
  // A home that tells of a thing that it has leased to another host, or to nobody, or that is another thing.
  const auto credential = [&](std::vector<trust::CarriedThing> things) {
    const auto asked = challenge(b)["result"]["challenge"];
    federation::Travel::Telling telling;
    telling.account = a.accounts->of_visitor(a.accounts->visitors().front())->id;
    telling.person = did;
    telling.profile = {"Ada", "en", kit::to_json(kit::appearance(1))};
    telling.carried = std::move(things);
    Json made;
    a.travel->answer(asked, std::move(telling), a.now.unix_ms,
                     [&](Result<federation::Travel::Answer> answer) { made = answer->credential; });
    a.pump();
    return made;
  };
  const Json crate_json{{"type", "manyworlds thing 1"},
                        {"model", "crate"},
                        {"scale", 1.0},
                        {"colour", "#C02020"},
                        {"name", "The red crate"}};
  answer(evil, {asset});
  const auto session = arrived(credential({{asset, titles.index().log(), crate_json},
                                           {other, titles.index().log(), crate_json},
                                           {asset + "x", titles.index().log(), crate_json},
                                           {other.substr(0, 42) + "A", "manyworlds/another", crate_json}}));
  wait(30);
  const auto list = brought(session);
  ASSERT_EQ(list.size(), 4u);
  for (const auto& thing : list) EXPECT_EQ(thing["state"], "refused") << thing;
  EXPECT_NE(list[0]["why"].get<std::string>().find("did:web:evil.localhost%3A3"), std::string::npos);
  EXPECT_NE(list[1]["why"].get<std::string>().find("no lease"), std::string::npos);
  EXPECT_NE(list[3]["why"].get<std::string>().find("manyworlds/another"), std::string::npos);
}

TEST_F(Carries, WithoutAClockThatIsRightNothingGoesAndNothingIsShown) {
  const auto asset = crate();
  a.title_log->clock_is = failure(ErrorKind::unavailable, "this host's clock was not held against witnesses yet");
  EXPECT_EQ(told()[0]["may_come"], false);
  EXPECT_NE(told()[0]["why"].get<std::string>().find("clock"), std::string::npos);
  EXPECT_EQ(answer(b, {asset})["left_behind"].size(), 1u);
  EXPECT_EQ(things(a, ada).size(), 1u);
  a.title_log->clock_is = ok();
  b.title_log->clock_is = failure(ErrorKind::unavailable, "this host's clock is behind its witnesses");
  const auto session = arrived(answer(b, {asset}, 10)["credential"], 10);
  wait(8);
  EXPECT_EQ(brought(session)[0]["state"], "waiting");
  b.title_log->clock_is = ok();
  wait(1);
  EXPECT_EQ(brought(session)[0]["state"], "here");
}

TEST_F(Carries, AThingThatIsGoneStays) {
  const auto gone = crate();
  a.call(ada, "entity.remove", {{"entity", things(a, ada)[0]["entity"]}});
  EXPECT_TRUE(told().empty());
  EXPECT_EQ(answer(b, {gone})["left_behind"].size(), 1u);
}

TEST_F(Carries, AThingThatWasChangedComesAsItsTitleHasIt) {
  const auto asset = crate();
  ASSERT_EQ(told().size(), 1u);
  const Json before = told()[0];
  EXPECT_FALSE(before.contains("changed"));
  a.call(ada, "entity.change", {{"entity", things(a, ada)[0]["entity"]}, {"colour", "#20C020"}, {"name", "Another"}});
  ASSERT_EQ(told().size(), 1u);
  Json after = told()[0];
  EXPECT_EQ(after["changed"], true);
  after.erase("changed");
  EXPECT_EQ(after, before);
  const auto session = arrived(answer(b, {asset})["credential"]);
  wait(7);
  ASSERT_EQ(brought(session).size(), 1u);
  EXPECT_EQ(brought(session)[0]["state"], "here");
  EXPECT_EQ(brought(session)[0]["name"], before["name"]);
  EXPECT_EQ(brought(session)[0].value("colour", ""), before.value("colour", ""));
}

TEST_F(Carries, WhoIsForgottenCarriesNothing) {
  const auto asset = crate();
  const auto session = arrived(answer(b, {asset})["credential"]), other = b.visitor();
  b.call(other, "track.subscribe", {{"track", "world/flat/people"}});
  wait(7);
  EXPECT_EQ(brought(session)[0]["state"], "here");
  EXPECT_EQ(b.last_event(other, "changed")["person"]["carried"].size(), 1u);
  b.call(session, "travel.forget");
  wait(2);
  EXPECT_TRUE(brought(session).empty());
  EXPECT_FALSE(b.last_event(other, "changed")["person"].contains("carried")) << "nobody sees it any more";
}

TEST_F(Carries, AThingIsInTheHandAgainAfterTheDestinationsRestart) {
  const auto asset = crate();
  const auto come = arrive(b, b.visitor(), answer(b, {asset})["credential"]);
  const Json resume{{"resume", come["result"]["resume"]}};
  const auto back = [&] {
    const auto session = b.connect();
    b.open(session, resume);
    b.enter(session);
    return session;
  };
  auto session = back();
  wait(7);
  EXPECT_TRUE(b.call(session, "travel.hand", {{"asset", asset}}).contains("result"));
  wait(4);
  b.restart();
  b.add(flat_world());
  wait(1);
  session = back();
  wait(2);
  ASSERT_EQ(brought(session).size(), 1u);
  EXPECT_EQ(brought(session)[0]["state"], "here") << brought(session);
  EXPECT_EQ(brought(session)[0]["in_hand"], true);
  EXPECT_EQ(brought(session)[0]["host"], "a.localhost:8080");

  // Once forgotten, nothing of it is on the disk.
  b.call(session, "travel.forget");
  wait(4);
  const auto row =
      b.store->journal().get(visitor_key(VisitorId{std::stoull(come["result"]["visitor"].get<std::string>())}));
  ASSERT_TRUE(row.ok() && row->has_value());
  EXPECT_EQ((*row)->find(asset), std::string::npos) << **row;
}

}  // namespace
}  // namespace mw::server
