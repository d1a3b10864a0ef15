// The hub against its rules, one by one.
#include "tracks/hub.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "base/limits.h"
#include "runtime/allocation.h"
#include "tracks/test_sockets.h"

namespace mw::tracks {
namespace {

class HubTest : public ::testing::Test {
 protected:
  HubTest() : hub_(sockets_) {}
  void publish(TrackId track, std::uint32_t group, std::uint32_t sequence, std::size_t size = 100) {
    const What what = track == kChat ? What::event : sequence == 0 ? What::keyframe : What::delta;
    hub_.publish(make(pool_, {track, group, sequence, what}, size));
    hub_.flush();
    EXPECT_FALSE(hub_.fan_out(static_cast<std::size_t>(-1)));
  }
  // A keyframe with the other encoding beside it; goes with the next flush.
  void publish_rekey(TrackId track, std::uint32_t group) {
    hub_.publish(make(pool_, key(track, group), 100), make(pool_, rekey(track, group), 40));
  }
  void round() {
    hub_.flush();
    while (hub_.fan_out(3)) {
    }
  }
  static ChoiceRef choice(std::vector<TrackId> tracks) { return std::make_shared<const Choice>(std::move(tracks)); }
  void stall(Hub::Subscriber subscriber) { sockets_.all[subscriber].room = 0; }
  std::vector<Got>& got(Hub::Subscriber subscriber) { return sockets_.all[subscriber].got; }

  FramePool pool_;
  Sockets sockets_;
  Hub hub_;
};

TEST_F(HubTest, LateSubscribersStartWithKeyframeAndNewest) {
  hub_.open(kPoses, TrackKind::latest);
  publish(kPoses, 1, 0);
  publish(kPoses, 1, 1);
  publish(kPoses, 1, 2);
  EXPECT_TRUE(hub_.subscribe(5, kPoses));
  EXPECT_EQ(got(5), (std::vector<Got>{key(kPoses, 1), delta(kPoses, 1, 2)}));
  EXPECT_FALSE(hub_.subscribe(5, kPoses)) << "subscribed already";
  EXPECT_FALSE(hub_.subscribe(5, kChat)) << "no such track";
}

TEST_F(HubTest, AStalledSubscriberGetsTheNewestOnly) {
  hub_.open(kPoses, TrackKind::latest);
  hub_.subscribe(1, kPoses);
  publish(kPoses, 1, 0);
  stall(1);
  publish(kPoses, 1, 1);
  publish(kPoses, 1, 2);
  publish(kPoses, 1, 3);
  sockets_.drain(hub_, 1, 1000);
  EXPECT_EQ(got(1), (std::vector<Got>{key(kPoses, 1), delta(kPoses, 1, 3)}));
  stall(1);
  publish(kPoses, 2, 0);
  publish(kPoses, 2, 1);
  publish(kPoses, 3, 0);
  publish(kPoses, 3, 7);
  sockets_.drain(hub_, 1, 110);  // room for the keyframe and a part of the next
  EXPECT_EQ(got(1).size(), 4U);
  EXPECT_EQ(got(1)[2], (key(kPoses, 3)));
  publish(kPoses, 3, 8);
  sockets_.drain(hub_, 1, 1000);
  EXPECT_EQ(got(1).back(), (delta(kPoses, 3, 8)));
}

TEST_F(HubTest, SlicesServeEverybodyInTurnWithTheNewest) {
  hub_.open(kPoses, TrackKind::latest);
  hub_.open(kFriends, TrackKind::latest);
  for (Hub::Subscriber s = 0; s < 10; ++s) hub_.subscribe(s, kPoses);
  publish(kPoses, 1, 0);
  // A processor that only manages four sends a tick: every subscriber gets the same share, of ever newer frames.
  for (std::uint32_t tick = 1; tick <= 100; ++tick) {
    hub_.publish(make(pool_, delta(kPoses, 1, tick), 10));
    hub_.flush();
    EXPECT_TRUE(hub_.fan_out(4));
  }
  for (Hub::Subscriber s = 0; s < 10; ++s) EXPECT_EQ(got(s).size(), 41U) << s;
  EXPECT_FALSE(hub_.fan_out(10));
  for (Hub::Subscriber s = 0; s < 10; ++s) EXPECT_EQ(got(s).back(), (delta(kPoses, 1, 100)));
  // Whoever leaves in the middle of a round takes nobody's turn.
  hub_.publish(make(pool_, delta(kPoses, 1, 101), 10));
  hub_.flush();
  EXPECT_TRUE(hub_.fan_out(3));
  for (const Hub::Subscriber s : {0U, 5U, 9U}) hub_.leave(s);
  EXPECT_FALSE(hub_.fan_out(100));
  for (const Hub::Subscriber s : {1U, 2U, 3U, 4U, 6U, 7U, 8U}) EXPECT_EQ(got(s).back(), (delta(kPoses, 1, 101))) << s;
  hub_.publish(make(pool_, delta(kPoses, 1, 102), 10));
  hub_.flush();
  hub_.close(kPoses);
  EXPECT_FALSE(hub_.fan_out(100));
}

TEST_F(HubTest, StaleFramesAreNotSent) {
  hub_.open(kPoses, TrackKind::latest);
  hub_.subscribe(1, kPoses);
  publish(kPoses, 2, 0);
  publish(kPoses, 1, 5);  // of an older group
  publish(kPoses, 2, 3);
  publish(kPoses, 2, 2);  // older
  publish(kPoses, 2, 3);  // again
  publish(kPoses, 2, 0);  // again
  publish(kPoses, 1, 0);
  publish(kPoses, 3, 1);  // of a group that was not opened
  EXPECT_EQ(got(1), (std::vector<Got>{key(kPoses, 2), delta(kPoses, 2, 3)}));
  EXPECT_EQ(hub_.stats().stale, 6U);
}

TEST_F(HubTest, OrderedTracksLoseNothingAndKeepNothingNeedless) {
  hub_.open(kChat, TrackKind::ordered);
  publish(kChat, 0, 0);
  hub_.subscribe(1, kChat);
  hub_.subscribe(2, kChat);
  publish(kChat, 0, 1);
  EXPECT_EQ(hub_.backlog_bytes(kChat), 0U) << "everybody has it";
  stall(2);
  for (std::uint32_t i = 2; i < 10; ++i) publish(kChat, 0, i);
  EXPECT_GE(hub_.backlog_bytes(kChat), 800U);
  EXPECT_LE(hub_.backlog_bytes(kChat), 808U);
  EXPECT_EQ(got(1).size(), 9U);
  sockets_.drain(hub_, 2, 1'000'000);
  EXPECT_EQ(got(2), got(1));
  publish(kChat, 0, 10);
  EXPECT_EQ(hub_.backlog_bytes(kChat), 0U);
}

TEST_F(HubTest, CutsOffWhoFallsOffTheEnd) {
  hub_.open(kChat, TrackKind::ordered);
  hub_.subscribe(1, kChat);
  hub_.subscribe(2, kChat);
  stall(2);
  for (std::uint32_t i = 0; i < limits::kOrderedBacklogFrames; ++i) publish(kChat, 0, i);
  EXPECT_TRUE(sockets_.all[2].cut_off_from.empty());
  publish(kChat, 0, 5000);
  EXPECT_EQ(sockets_.all[2].cut_off_from.count(kChat.value), 1U);
  EXPECT_EQ(hub_.stats().cut_off, 1U);
  EXPECT_EQ(hub_.backlog_bytes(kChat), 0U) << "nobody who counts is behind";
  sockets_.drain(hub_, 2, 1'000'000);
  EXPECT_TRUE(got(2).empty()) << "a gap is never shown";
  hub_.leave(2);
  EXPECT_EQ(hub_.subscriptions(kChat), 1U);
}

TEST_F(HubTest, BoundsTheBacklogInBytes) {
  hub_.open(kChat, TrackKind::ordered);
  hub_.subscribe(1, kChat);
  stall(1);
  for (std::uint32_t i = 0; i < 60; ++i) {
    publish(kChat, 0, i, 100'000);
    EXPECT_LE(hub_.backlog_bytes(kChat), limits::kOrderedBacklogBytes);
  }
  EXPECT_EQ(sockets_.all[1].cut_off_from.size(), 1U);
}

TEST_F(HubTest, OrderedComesBeforeLatestAndLatestTakeTurns) {
  hub_.open(kPoses, TrackKind::latest);
  hub_.open(kFriends, TrackKind::latest);
  hub_.open(kChat, TrackKind::ordered);
  for (const TrackId track : {kPoses, kFriends, kChat}) hub_.subscribe(1, track);
  stall(1);
  publish(kPoses, 1, 0);
  publish(kFriends, 1, 0);
  publish(kChat, 0, 0);
  sockets_.drain(hub_, 1, 1'000);
  EXPECT_EQ(got(1), (std::vector<Got>{event(0), key(kPoses, 1), key(kFriends, 1)}));
  // With room for about one frame a tick both get their share.
  got(1).clear();
  stall(1);
  for (std::uint32_t tick = 1; tick <= 40; ++tick) {
    publish(kPoses, 1, tick);
    publish(kFriends, 1, tick);
    sockets_.drain(hub_, 1, 102);
  }
  std::map<std::uint32_t, int> share;
  for (const Got& one : got(1)) ++share[one.track.value];
  EXPECT_GE(share[kPoses.value], 15);
  EXPECT_GE(share[kFriends.value], 15);
}

TEST_F(HubTest, ClosingATrackEndsItsSubscriptions) {
  hub_.open(kPoses, TrackKind::latest);
  hub_.open(kChat, TrackKind::ordered);
  for (Hub::Subscriber s = 0; s < 10; ++s) {
    hub_.subscribe(s, kPoses);
    hub_.subscribe(s, kChat);
  }
  hub_.close(kPoses);
  publish(kPoses, 1, 0);
  publish(kChat, 0, 0);
  for (Hub::Subscriber s = 0; s < 10; ++s) EXPECT_EQ(got(s), (std::vector<Got>{event(0)}));
  hub_.open(kPoses, TrackKind::latest);
  EXPECT_TRUE(hub_.subscribe(0, kPoses));
}

TEST_F(HubTest, BoundsSubscriptions) {
  for (std::uint32_t i = 0; i < limits::kSubscriptionsPerSession; ++i) {
    hub_.open(TrackId{100 + i}, TrackKind::latest);
    EXPECT_TRUE(hub_.subscribe(1, TrackId{100 + i}));
  }
  hub_.open(kPoses, TrackKind::latest);
  EXPECT_FALSE(hub_.subscribe(1, kPoses));
  hub_.unsubscribe(1, TrackId{100});
  EXPECT_TRUE(hub_.subscribe(1, kPoses));
}

TEST_F(HubTest, PublishingDoesNotAllocate) {
  hub_.open(kPoses, TrackKind::latest);
  hub_.open(kChat, TrackKind::ordered);
  for (Hub::Subscriber s = 0; s < 500; ++s) {
    hub_.subscribe(s, kPoses);
    hub_.subscribe(s, kChat);
    sockets_.all[s].got.reserve(4000);
  }
  const ChoiceRef choices[3] = {choice({kPoses}), choice({kPoses, kFriends}), choice({kFriends})};
  for (Hub::Subscriber s = 0; s < 200; ++s) hub_.choose(s, kPoses, choices[s % 3]);
  hub_.open(kFriends, TrackKind::latest);
  std::vector<FrameRef> frames, rekeys(2000);
  frames.reserve(3000);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const TrackId track = i % 2 == 0 ? kPoses : kFriends;
    const std::uint32_t at = i / 2;
    frames.push_back(make(pool_, at % 20 == 0 ? key(track, at / 20 + 1) : delta(track, at / 20 + 1, at % 20), 200));
    if (at % 20 == 0) rekeys[i] = make(pool_, rekey(track, at / 20 + 1), 80);
  }
  for (std::uint32_t i = 0; i < 1000; ++i) frames.push_back(make(pool_, event(i), 20));
  std::optional<runtime::AllocationCount> count;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (i == 400) count.emplace();  // after warm-up
    for (Hub::Subscriber s = 0; s < 250; ++s) sockets_.all[s].room = i % 3 == 0 ? 0 : 1000;
    hub_.publish(frames[i], i < rekeys.size() ? rekeys[i] : FrameRef());
    if (i % 2 == 1) hub_.flush();
    while (hub_.fan_out(7)) {
    }
    for (Hub::Subscriber s = 0; s < 250; ++s) sockets_.drain(hub_, s, 2000);
  }
  EXPECT_GT(hub_.stats().composed, 0U);
  EXPECT_EQ(count->count(), 0U);
}

TEST_F(HubTest, AChoiceComesInOneMessage) {
  for (const TrackId track : {kPoses, kCellA, kCellB, kCellC}) hub_.open(track, TrackKind::latest);
  EXPECT_FALSE(hub_.choose(1, kPoses, choice({kCellA}))) << "without a subscription";
  for (Hub::Subscriber s = 1; s <= 3; ++s) hub_.subscribe(s, kPoses);
  for (const TrackId track : {kCellA, kCellB, kCellC}) publish(track, 1, 0);
  EXPECT_TRUE(got(1).empty()) << "nothing was chosen";
  EXPECT_TRUE(hub_.choose(1, kPoses, choice({kCellA, kCellC})));
  EXPECT_TRUE(hub_.choose(2, kPoses, choice({})));
  for (const TrackId track : {kCellA, kCellB, kCellC}) hub_.publish(make(pool_, delta(track, 1, 1), 50));
  EXPECT_FALSE(hub_.fan_out(9)) << "a tick goes out as a whole";
  EXPECT_TRUE(got(1).empty());
  round();
  EXPECT_EQ(got(1), (std::vector<Got>{key(kCellA, 1), delta(kCellA, 1, 1), key(kCellC, 1), delta(kCellC, 1, 1)}));
  EXPECT_EQ(sockets_.all[1].messages, 1U);
  EXPECT_TRUE(got(2).empty());
  publish(kPoses, 1, 0);
  EXPECT_EQ(got(3), (std::vector<Got>{key(kPoses, 1)})) << "who has no choice gets the base track";
  got(1).clear();
  hub_.choose(1, kPoses, choice({kCellB, kCellC}));
  publish(kCellC, 1, 2);
  EXPECT_EQ(got(1), (std::vector<Got>{key(kCellB, 1), delta(kCellB, 1, 1), delta(kCellC, 1, 2), end(kCellA)}));
  EXPECT_EQ(sockets_.all[1].messages, 2U);
  got(1).clear();
  hub_.close(kCellB);
  round();
  EXPECT_EQ(got(1), (std::vector<Got>{end(kCellB)})) << "a track that closes ends";
  hub_.open(kCellB, TrackKind::latest);
  publish(kCellB, 9, 0);
  EXPECT_EQ(got(1).back(), key(kCellB, 9)) << "one that the choice names may open later";
  hub_.unsubscribe(1, kPoses);
  publish(kCellC, 1, 3);
  EXPECT_EQ(got(1).back(), key(kCellB, 9)) << "the base ends it all";
  for (Hub::Subscriber s = 2; s <= 3; ++s) hub_.leave(s);
  EXPECT_EQ(hub_.choices(), 0U);
}

TEST_F(HubTest, RekeysGoToWhoHoldsTheGroupBefore) {
  hub_.open(kPoses, TrackKind::latest);
  for (Hub::Subscriber s = 1; s <= 3; ++s) hub_.subscribe(s, kPoses);
  publish(kPoses, 1, 0);
  stall(2);
  publish_rekey(kPoses, 2);
  round();
  EXPECT_EQ(got(1).back(), rekey(kPoses, 2));
  stall(3);
  publish_rekey(kPoses, 3);
  round();
  sockets_.drain(hub_, 2, 1000);
  sockets_.drain(hub_, 3, 1000);
  EXPECT_EQ(got(1).back(), rekey(kPoses, 3));
  EXPECT_EQ(got(2), (std::vector<Got>{key(kPoses, 1), key(kPoses, 3)})) << "it missed group 2";
  EXPECT_EQ(got(3), (std::vector<Got>{key(kPoses, 1), rekey(kPoses, 2), rekey(kPoses, 3)}));
  publish(kPoses, 4, 0);
  EXPECT_EQ(got(1).back(), key(kPoses, 4)) << "members changed: there is no other encoding";
  hub_.subscribe(4, kPoses);
  publish_rekey(kPoses, 5);
  hub_.publish(make(pool_, delta(kPoses, 5, 1), 20));
  round();
  EXPECT_EQ(got(4), (std::vector<Got>{key(kPoses, 4), rekey(kPoses, 5), delta(kPoses, 5, 1)}));
  hub_.subscribe(5, kPoses);
  EXPECT_EQ(got(5), (std::vector<Got>{key(kPoses, 5), delta(kPoses, 5, 1)}));
}

TEST_F(HubTest, AChoiceMayChangeWhileBlocked) {
  for (const TrackId track : {kPoses, kCellA, kCellB}) hub_.open(track, TrackKind::latest);
  hub_.subscribe(1, kPoses);
  hub_.choose(1, kPoses, choice({kCellA}));
  publish(kCellA, 1, 0);
  stall(1);
  publish(kCellA, 1, 1);
  const std::size_t offers = sockets_.all[1].offers;
  hub_.choose(1, kPoses, choice({kCellB}));
  publish(kCellB, 1, 0);
  hub_.choose(1, kPoses, choice({kCellA, kCellB}));
  publish(kCellA, 2, 0);
  for (std::uint32_t i = 1; i < 50; ++i) publish(kCellB, 1, i);
  EXPECT_EQ(sockets_.all[1].offers, offers) << "who is blocked costs nothing";
  hub_.choose(1, kPoses, choice({kCellB}));
  hub_.flush();
  sockets_.drain(hub_, 1, 1000);
  EXPECT_EQ(got(1), (std::vector<Got>{key(kCellA, 1), key(kCellB, 1), delta(kCellB, 1, 49), end(kCellA)}));
}

TEST_F(HubTest, ViewersInStepShareOneComposition) {
  for (const TrackId track : {kPoses, kCellA, kCellB}) hub_.open(track, TrackKind::latest);
  const ChoiceRef both = choice({kCellA, kCellB});
  for (Hub::Subscriber s = 0; s < 100; ++s) {
    hub_.subscribe(s, kPoses);
    hub_.choose(s, kPoses, both);
  }
  std::uint64_t first = 0;
  for (std::uint32_t tick = 0; tick < 10; ++tick) {
    const What what = tick == 0 ? What::keyframe : What::delta;
    hub_.publish(make(pool_, {kCellA, 1, tick, what}, 50));
    hub_.publish(make(pool_, {kCellB, 1, tick, what}, 50));
    round();
    if (tick == 0) first = hub_.stats().composed;
    if (tick == 4)
      for (Hub::Subscriber s = 0; s < 10; ++s) stall(s);
  }
  EXPECT_EQ(hub_.stats().messages, 50U * 10 + 50 * 10 - 10 * 5);
  EXPECT_EQ(hub_.stats().composed - first, 9U);
  for (Hub::Subscriber s = 0; s < 10; ++s) sockets_.drain(hub_, s, 1000);
  EXPECT_EQ(hub_.stats().composed - first, 10U) << "those who fell behind together catch up together";
  EXPECT_EQ(hub_.choices(), 1U);
}

TEST_F(HubTest, ALongMessageIsCutBetweenTracks) {
  hub_.open(kPoses, TrackKind::latest);
  hub_.subscribe(1, kPoses);
  std::vector<TrackId> many;
  many.reserve(10);
  for (std::uint32_t i = 0; i < 10; ++i) {
    many.push_back(TrackId{100 + i});
    hub_.open(many.back(), TrackKind::latest);
    hub_.publish(make(pool_, key(many.back(), 1), 100'000));
  }
  hub_.choose(1, kPoses, choice(many));
  round();
  EXPECT_EQ(got(1).size(), 10U);
  EXPECT_EQ(sockets_.all[1].messages, 4U);
  // A socket that is busy in between gets the newest of the rest.
  hub_.choose(1, kPoses, choice({}));
  round();
  got(1).clear();
  hub_.choose(1, kPoses, choice(many));
  sockets_.all[1].room = 100;
  round();
  EXPECT_EQ(got(1).size(), 3U);
  publish(many[0], 2, 0);
  publish(many[9], 2, 0);
  sockets_.drain(hub_, 1, 10'000'000);
  ASSERT_EQ(got(1).size(), 11U);
  EXPECT_EQ(got(1)[3], key(many[0], 2));
  EXPECT_EQ(got(1)[10], key(many[9], 2));
}

}  // namespace
}  // namespace mw::tracks
