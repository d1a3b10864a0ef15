// The hub under random schedules of publishing, choosing, stalling, draining, opening and closing, against clients that know only what
// they were sent.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>

#include "tracks/hub.h"
#include "tracks/test_sockets.h"

namespace mw::tracks {
namespace {

// What one subscriber may get, from its own side: a client that knows nothing else.
struct Client {
  std::map<TrackId, std::pair<std::uint32_t, std::uint32_t>> held;  // group, sequence
  std::optional<std::uint32_t> chat;

  void take(const Got& frame) {
    if (frame.what == What::event) {
      if (chat) {
        EXPECT_EQ(frame.sequence, *chat + 1) << "an ordered track neither loses nor reorders";
      }
      chat = frame.sequence;
      return;
    }
    if (frame.what == What::end) {
      EXPECT_EQ(held.erase(frame.track), 1U) << "what ends was there";
      return;
    }
    auto& [group, sequence] = held[frame.track];
    if (frame.what == What::delta) {
      EXPECT_EQ(frame.group, group) << "a delta decodes from the keyframe that was sent";
      EXPECT_GT(frame.sequence, sequence) << "newest wins";
    } else {
      EXPECT_GT(frame.group, group) << "a keyframe is sent once, and never an older one";
      if (frame.what == What::rekey) {
        EXPECT_EQ(frame.group, group + 1) << "a rekey decodes from the group before";
        EXPECT_NE(group, 0U);
      }
    }
    group = frame.group;
    sequence = frame.sequence;
  }
};

constexpr Hub::Subscriber kMany = 12;
constexpr std::uint32_t kLatest = 7;  // tracks 11 to 17; the first two are bases
constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1) / 2;

// A hub under a random schedule, and what each of its subscribers may expect.
class Schedule {
 public:
  explicit Schedule(std::uint32_t seed) : random_(seed), hub_(sockets_) {
    for (std::uint32_t i = 0; i < kLatest; ++i) open(TrackId{11 + i});
    hub_.open(kChat, TrackKind::ordered);
    choices_.reserve(6);
    for (int i = 0; i < 6; ++i) {
      std::vector<TrackId> tracks;
      tracks.reserve(kLatest);
      for (std::uint32_t k = 0; k < kLatest; ++k)
        if (below(2) == 0) tracks.push_back(TrackId{11 + k});
      choices_.push_back(std::make_shared<const Choice>(std::move(tracks)));
    }
  }

  void step() {
    const Hub::Subscriber who = below(kMany);
    switch (below(11)) {
      case 0: subscribe(who, below(3)); break;
      case 1: leave(who, below(3)); break;
      case 2: sockets_.all[who].room = 0; break;
      case 3: sockets_.drain(hub_, who, below(600)); break;
      case 4: sockets_.drain(hub_, who, kUnlimited); break;
      case 5: choose(who, TrackId{11 + below(2)}); break;
      case 6: reopen(TrackId{13 + below(kLatest - 2)}); break;
      case 7: say(); break;
      default: publish(TrackId{11 + below(kLatest)});
    }
    if (below(3) == 0) hub_.flush();
    if (below(3) != 0) hub_.fan_out(below(2 * kMany));
    look();
  }

  // Once all sockets are free again everybody has the newest of everything that was chosen, and of nothing else.
  void finish() {
    hub_.flush();
    while (hub_.fan_out(5)) {
    }
    for (Hub::Subscriber who = 0; who < kMany; ++who)
      for (int i = 0; i < 3; ++i) sockets_.drain(hub_, who, kUnlimited);
    look();
    for (auto& [who, viewer] : viewers_) {
      std::map<TrackId, std::pair<std::uint32_t, std::uint32_t>> expected;
      for (const auto& [base, chosen] : viewer.latest)
        for (const TrackId track : chosen->tracks())
          if (open_.contains(track) && started_.contains(track)) expected[track] = current_[track];
      if (viewer.latest.size() < 2) {
        EXPECT_EQ(viewer.client.held, expected) << "viewer " << who;
      }
      if (viewer.chat && said_ != 0 && viewer.client.chat) {
        EXPECT_EQ(*viewer.client.chat, said_ - 1);
      }
    }
  }

 private:
  struct Viewer {
    Client client;
    std::map<TrackId, ChoiceRef> latest;  // by base
    bool chat = false;
  };
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  void open(TrackId track) {
    hub_.open(track, TrackKind::latest);
    open_.insert(track);
    current_[track] = {current_[track].first, 0};
    started_.erase(track);
  }
  // One base at a time, so that what a client holds has one reason.
  void subscribe(Hub::Subscriber who, std::uint32_t which) {
    Viewer& viewer = viewers_[who];
    if (which == 2) {
      if (!hub_.subscribe(who, kChat)) return;
      viewer.chat = true;
      viewer.client.chat = said_ == 0 ? std::optional<std::uint32_t>() : said_ - 1;
      return;
    }
    if (!viewer.latest.empty()) return;
    const TrackId base{11 + which};
    viewer.latest[base] = std::make_shared<const Choice>(std::vector<TrackId>{base});
    EXPECT_TRUE(hub_.subscribe(who, base));
  }
  void choose(Hub::Subscriber who, TrackId base) {
    const ChoiceRef& choice = choices_[below(6)];
    const bool has = viewers_[who].latest.contains(base);
    EXPECT_EQ(hub_.choose(who, base, choice), has);
    if (has) viewers_[who].latest[base] = choice;
  }
  void leave(Hub::Subscriber who, std::uint32_t which) {
    Viewer& viewer = viewers_[who];
    if (below(10) == 0) {
      hub_.leave(who);
      viewer = {};
      sockets_.all[who] = {};
    } else if (which == 2) {
      hub_.unsubscribe(who, kChat);
      viewer.chat = false;
    } else if (viewer.latest.erase(TrackId{11 + which}) != 0) {
      hub_.unsubscribe(who, TrackId{11 + which});
      viewer.client.held.clear();
    }
  }
  void reopen(TrackId track) {
    if (below(4) != 0) return;
    if (open_.erase(track) != 0)
      hub_.close(track);
    else
      open(track);
  }
  void say() { hub_.publish(make(pool_, event(said_++), below(300))); }
  void publish(TrackId track) {
    if (!open_.contains(track)) return;
    auto& [group, sequence] = current_[track];
    const bool first = started_.insert(track).second;
    if (first || below(6) == 0) {
      ++group;
      sequence = 0;
      const bool again = !first && below(2) == 0;
      hub_.publish(make(pool_, key(track, group), below(300)),
                   again ? make(pool_, rekey(track, group), below(200)) : FrameRef());
    } else {
      hub_.publish(make(pool_, delta(track, group, ++sequence), below(300)));
    }
  }
  void look() {
    for (auto& [who, socket] : sockets_.all) {
      for (const Got& frame : socket.got) viewers_[who].client.take(frame);
      socket.got.clear();
    }
  }

  std::mt19937 random_;
  FramePool pool_;
  Sockets sockets_;
  Hub hub_;
  std::map<Hub::Subscriber, Viewer> viewers_;
  std::vector<ChoiceRef> choices_;
  std::set<TrackId> open_, started_;
  std::map<TrackId, std::pair<std::uint32_t, std::uint32_t>> current_;  // group and sequence, as published
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
