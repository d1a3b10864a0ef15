// The hub against its rules, and random schedules of publishing, stalling and draining against a model.
#include "tracks/hub.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>

#include "base/limits.h"
#include "runtime/allocation.h"

namespace mw::tracks {
namespace {

constexpr TrackId kPoses{1}, kFriends{2}, kChat{3};

struct Got {
  TrackId track;
  std::uint32_t group, sequence;
  bool keyframe;
  friend bool operator==(const Got&, const Got&) = default;
};

// Sockets with a room that the test gives: a frame that does not fit whole is taken in part, and then the socket is busy.
class Sockets final : public Hub::Sink {
 public:
  struct Socket {
    std::size_t room = static_cast<std::size_t>(-1);
    std::size_t unsent = 0;  // of a frame that was begun
    std::vector<Got> got;
    std::set<std::uint32_t> cut_off_from;
  };
  bool offer(Hub::Subscriber subscriber, const FrameRef& frame) noexcept override {
    Socket& socket = all[subscriber];
    if (socket.unsent != 0 || socket.room == 0) return false;
    const std::size_t size = frame->message().size();
    const std::size_t taken = std::min(size, socket.room);
    socket.unsent = size - taken;
    if (socket.room != static_cast<std::size_t>(-1)) socket.room -= taken;
    const FrameInfo& info = frame->info();
    socket.got.push_back({info.track, info.group, info.sequence, info.keyframe});
    return true;
  }
  void cut_off(Hub::Subscriber subscriber, TrackId track) noexcept override {
    all[subscriber].cut_off_from.insert(track.value);
  }

  // The network took `bytes` more.
  void drain(Hub& hub, Hub::Subscriber subscriber, std::size_t bytes) {
    Socket& socket = all[subscriber];
    const std::size_t rest = std::min(bytes, socket.unsent);
    socket.unsent -= rest;
    socket.room = bytes - rest;
    if (socket.unsent == 0 && socket.room > 0) hub.drained(subscriber);
  }
  std::map<Hub::Subscriber, Socket> all;
};

class HubTest : public ::testing::Test {
 protected:
  HubTest() : hub_(sockets_) {}
  void publish(TrackId track, std::uint32_t group, std::uint32_t sequence, std::size_t size = 100) {
    hub_.publish(pool_.make({track, group, sequence, sequence == 0}, Bytes(size)));
    EXPECT_FALSE(hub_.fan_out(static_cast<std::size_t>(-1)));
  }
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
  EXPECT_EQ(got(5), (std::vector<Got>{{kPoses, 1, 0, true}, {kPoses, 1, 2, false}}));
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
  EXPECT_EQ(got(1), (std::vector<Got>{{kPoses, 1, 0, true}, {kPoses, 1, 3, false}}));
  stall(1);
  publish(kPoses, 2, 0);
  publish(kPoses, 2, 1);
  publish(kPoses, 3, 0);
  publish(kPoses, 3, 7);
  sockets_.drain(hub_, 1, 110);  // room for the keyframe and a part of the next
  EXPECT_EQ(got(1).size(), 4U);
  EXPECT_EQ(got(1)[2], (Got{kPoses, 3, 0, true}));
  publish(kPoses, 3, 8);
  sockets_.drain(hub_, 1, 1000);
  EXPECT_EQ(got(1).back(), (Got{kPoses, 3, 8, false}));
}

TEST_F(HubTest, SlicesServeEverybodyInTurnWithTheNewest) {
  hub_.open(kPoses, TrackKind::latest);
  hub_.open(kFriends, TrackKind::latest);
  for (Hub::Subscriber s = 0; s < 10; ++s) hub_.subscribe(s, kPoses);
  publish(kPoses, 1, 0);
  // A processor that only manages four sends a tick: every subscriber gets the same share, of ever newer frames.
  for (std::uint32_t tick = 1; tick <= 100; ++tick) {
    hub_.publish(pool_.make({kPoses, 1, tick, false}, Bytes(10)));
    EXPECT_TRUE(hub_.fan_out(4));
  }
  for (Hub::Subscriber s = 0; s < 10; ++s) EXPECT_EQ(got(s).size(), 41U) << s;
  EXPECT_FALSE(hub_.fan_out(10));
  for (Hub::Subscriber s = 0; s < 10; ++s) EXPECT_EQ(got(s).back(), (Got{kPoses, 1, 100, false}));
  // Whoever leaves in the middle of a round takes nobody's turn.
  hub_.publish(pool_.make({kPoses, 1, 101, false}, Bytes(10)));
  EXPECT_TRUE(hub_.fan_out(3));
  for (const Hub::Subscriber s : {0U, 5U, 9U}) hub_.leave(s);
  EXPECT_FALSE(hub_.fan_out(100));
  for (const Hub::Subscriber s : {1U, 2U, 3U, 4U, 6U, 7U, 8U})
    EXPECT_EQ(got(s).back(), (Got{kPoses, 1, 101, false})) << s;
  hub_.publish(pool_.make({kPoses, 1, 102, false}, Bytes(10)));
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
  EXPECT_EQ(got(1), (std::vector<Got>{{kPoses, 2, 0, true}, {kPoses, 2, 3, false}}));
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
  EXPECT_EQ(hub_.backlog_bytes(kChat), 800U);
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
  EXPECT_EQ(got(1), (std::vector<Got>{{kChat, 0, 0, true}, {kPoses, 1, 0, true}, {kFriends, 1, 0, true}}));
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
  for (Hub::Subscriber s = 0; s < 10; ++s) EXPECT_EQ(got(s), (std::vector<Got>{{kChat, 0, 0, true}}));
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
  std::vector<FrameRef> frames;
  for (std::uint32_t i = 0; i < 1000; ++i)
    frames.push_back(pool_.make({kPoses, i / 20 + 1, i % 20, i % 20 == 0}, Bytes(200)));
  for (std::uint32_t i = 0; i < 1000; ++i) frames.push_back(pool_.make({kChat, 0, i, false}, Bytes(20)));
  const runtime::AllocationCount count;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    for (Hub::Subscriber s = 0; s < 50; ++s) sockets_.all[s].room = i % 3 == 0 ? 0 : 1000;
    hub_.publish(frames[i]);
    while (hub_.fan_out(7)) {
    }
    for (Hub::Subscriber s = 0; s < 50; ++s) sockets_.drain(hub_, s, 2000);
  }
  EXPECT_EQ(count.count(), 0U);
}

// What one subscriber may get, from its own side: a decoder that knows nothing else.
struct Decoder {
  std::map<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>> latest;  // track: group, sequence
  std::optional<std::uint32_t> chat;

  void take(const Got& frame) {
    if (frame.track == kChat) {
      if (chat) {
        EXPECT_EQ(frame.sequence, *chat + 1) << "an ordered track neither loses nor reorders";
      }
      chat = frame.sequence;
      return;
    }
    auto& [group, sequence] = latest[frame.track.value];
    if (frame.keyframe) {
      EXPECT_GT(frame.group, group) << "a keyframe is sent once, and never an older one";
      group = frame.group;
      sequence = 0;
    } else {
      EXPECT_EQ(frame.group, group) << "a delta decodes from the keyframe that was sent";
      EXPECT_GT(frame.sequence, sequence) << "newest wins";
      sequence = frame.sequence;
    }
  }
};

constexpr Hub::Subscriber kMany = 12;
constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1) / 2;

// A hub under a random schedule, and what each of its subscribers may expect.
class Schedule {
 public:
  explicit Schedule(std::uint32_t seed) : random_(seed), hub_(sockets_) {
    hub_.open(kPoses, TrackKind::latest);
    hub_.open(kFriends, TrackKind::latest);
    hub_.open(kChat, TrackKind::ordered);
  }

  void step() {
    const Hub::Subscriber who = below(kMany);
    const TrackId track{1 + below(3)};
    switch (below(8)) {
      case 0: subscribe(who, track); break;
      case 1: leave(who, track); break;
      case 2: sockets_.all[who].room = 0; break;
      case 3: sockets_.drain(hub_, who, below(600)); break;
      case 4: sockets_.drain(hub_, who, kUnlimited); break;
      default: publish(track);
    }
    if (below(3) != 0) hub_.fan_out(below(2 * kMany));
    look();
  }

  // Once all sockets are free again everybody has the newest of everything.
  void finish() {
    while (hub_.fan_out(5)) {
    }
    for (Hub::Subscriber who = 0; who < kMany; ++who)
      for (int i = 0; i < 3; ++i) sockets_.drain(hub_, who, kUnlimited);
    look();
    for (const auto& [who, tracks] : subscribed_) {
      for (const std::uint32_t track : tracks) {
        if (track != kChat.value && current_.count(track) != 0) {
          EXPECT_EQ(decoders_[who].latest[track], current_[track]);
        }
        if (track == kChat.value && said_ != 0 && decoders_[who].chat) {
          EXPECT_EQ(*decoders_[who].chat, said_ - 1);
        }
      }
    }
  }

 private:
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  void subscribe(Hub::Subscriber who, TrackId track) {
    if (!hub_.subscribe(who, track)) return;
    subscribed_[who].insert(track.value);
    if (track == kChat) decoders_[who].chat = said_ == 0 ? std::optional<std::uint32_t>() : said_ - 1;
  }

  void leave(Hub::Subscriber who, TrackId track) {
    if (below(4) == 0) {
      hub_.unsubscribe(who, track);
      subscribed_[who].erase(track.value);
      decoders_[who].latest.erase(track.value);
    } else if (below(10) == 0) {
      hub_.leave(who);
      subscribed_[who].clear();
      decoders_[who] = {};
      sockets_.all[who] = {};
    }
  }

  void publish(TrackId track) {
    if (track == kChat) {
      hub_.publish(pool_.make({kChat, 0, said_++, false}, Bytes(below(300))));
      return;
    }
    auto& [group, sequence] = current_[track.value];
    const bool opens = group == 0 || below(6) == 0;
    group += opens ? 1 : 0;
    sequence = opens ? 0 : sequence + 1;
    hub_.publish(pool_.make({track, group, sequence, opens}, Bytes(1 + below(300))));
  }

  void look() {
    for (auto& [who, socket] : sockets_.all) {
      for (const Got& frame : socket.got) {
        EXPECT_TRUE(subscribed_[who].count(frame.track.value)) << "nothing that was not asked for";
        decoders_[who].take(frame);
      }
      socket.got.clear();
    }
  }

  std::mt19937 random_;
  FramePool pool_;
  Sockets sockets_;
  Hub hub_;
  std::map<Hub::Subscriber, Decoder> decoders_;
  std::map<Hub::Subscriber, std::set<std::uint32_t>> subscribed_;
  std::map<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>> current_;  // group and sequence of the latest tracks
  std::uint32_t said_ = 0;
};

TEST(HubProperty, AnySubscriberOnlyGetsWhatItCanDecode) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    Schedule schedule(seed);
    for (int step = 0; step < 3000; ++step) schedule.step();
    schedule.finish();
    if (::testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace mw::tracks
