#include "wire/picture.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "wire/walking_trace.h"

namespace mw::wire {
namespace {

MovingPose person(std::uint32_t entity, std::int32_t x_cm) {
  MovingPose m;
  m.pose.entity = EntityId{entity};
  m.pose.x_cm = x_cm;
  return m;
}

// A track as the host would send it.
struct Source {
  std::uint32_t id;
  PoseEncoder encoder;
  std::uint32_t group = 0;
  Bytes payload{};

  explicit Source(std::uint32_t track, PoseLevel level = PoseLevel::full) : id(track), encoder(0, level) {}
  FrameView key(std::uint32_t tick, const std::vector<MovingPose>& poses) {
    encoder.keyframe(tick, poses, payload);
    return {{.kind = FrameKind::pose_keyframe, .track = id, .group = ++group}, payload};
  }
  FrameView delta(std::uint32_t tick, const std::vector<MovingPose>& poses) {
    EXPECT_TRUE(encoder.delta(tick, poses, payload));
    return {{.kind = FrameKind::pose_delta, .track = id, .group = group}, payload};
  }
  FrameView end() const { return {{.kind = FrameKind::pose_end, .track = id}, {}}; }
};

std::map<std::uint32_t, std::int32_t> places(const Picture& picture) {
  std::map<std::uint32_t, std::int32_t> out;
  for (std::size_t row = 0; row < picture.size(); ++row) {
    EXPECT_TRUE(out.emplace(picture.columns().entity[row], picture.columns().x[row]).second) << "two rows of one";
  }
  return out;
}
using Places = std::map<std::uint32_t, std::int32_t>;

TEST(Picture, LaysTracksTogetherAndTheNewestTickWins) {
  Picture picture;
  Source a(7), b(3, PoseLevel::middle);
  ASSERT_TRUE(picture.take(a.key(100, {person(1, 10), person(5, 50)})).ok());
  ASSERT_TRUE(picture.take(b.key(100, {person(5, 61), person(9, 90)})).ok());
  EXPECT_EQ(places(picture), (Places{{1, 10}, {5, 50}, {9, 92}})) << "the finer level wins of one tick";
  EXPECT_EQ(picture.tracks(), 2u);
  ASSERT_TRUE(picture.take(b.delta(102, {person(5, 64), person(9, 96)})).ok());
  ASSERT_TRUE(picture.take(a.delta(101, {person(1, 11), person(5, 51)})).ok());
  EXPECT_EQ(places(picture), (Places{{1, 11}, {5, 64}, {9, 96}}));
  EXPECT_EQ(picture.newest_tick(), 102u);
}

TEST(Picture, WhoMovesFromTrackToTrackStaysAndWhoHasNoneGoes) {
  Picture picture;
  Source a(1), b(2);
  ASSERT_TRUE(picture.take(a.key(10, {person(1, 0), person(2, 0), person(3, 0)})).ok());
  ASSERT_TRUE(picture.take(a.key(11, {person(1, 1)})).ok());
  ASSERT_TRUE(picture.take(b.key(12, {person(2, 2)})).ok());
  for (std::uint32_t tick = 13; tick <= 31; ++tick) ASSERT_TRUE(picture.take(b.delta(tick, {person(2, 2)})).ok());
  EXPECT_EQ(picture.size(), 3u);
  ASSERT_TRUE(picture.take(b.delta(32, {person(2, 2)})).ok());
  EXPECT_EQ(places(picture), (Places{{1, 1}, {2, 2}})) << "a held track that is silent keeps its people";
  ASSERT_TRUE(picture.take(a.end()).ok());
  ASSERT_TRUE(picture.take(a.end()).ok()) << "of an unknown track: nothing";
  EXPECT_EQ(picture.take(a.delta(33, {person(1, 1)})).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(picture.take(b.delta(53, {person(2, 3)})).ok());
  EXPECT_EQ(places(picture), (Places{{2, 3}}));
}

TEST(Picture, WhoComesBackInTimeHasItsSecondAnew) {
  Picture picture;
  Source a(1), b(2);
  ASSERT_TRUE(picture.take(a.key(10, {person(1, 0)})).ok());
  ASSERT_TRUE(picture.take(b.key(10, {person(2, 0)})).ok());
  ASSERT_TRUE(picture.take(a.key(12, {})).ok());
  ASSERT_TRUE(picture.take(a.key(20, {person(1, 5)})).ok());
  ASSERT_TRUE(picture.take(a.key(25, {})).ok());
  ASSERT_TRUE(picture.take(b.delta(40, {person(2, 0)})).ok());
  EXPECT_EQ(picture.size(), 2u);
  ASSERT_TRUE(picture.take(b.delta(46, {person(2, 0)})).ok());
  EXPECT_EQ(places(picture), (Places{{2, 0}}));
}

TEST(Picture, KeepsTheNewestAggregateOfEachTrackUntilItEnds) {
  Picture picture;
  Bytes bytes;
  const auto take = [&](std::uint32_t track, const Aggregate& aggregate) {
    encode_aggregate(aggregate, bytes);
    return picture.take({{.kind = FrameKind::pose_aggregate, .track = track, .group = 1}, bytes});
  };
  Source poses(4);
  ASSERT_TRUE(picture.take(poses.key(100, {person(1, 10)})).ok());
  ASSERT_TRUE(take(9, {.tick = 101, .count = 80}).ok());
  ASSERT_TRUE(take(2, {.tick = 102, .count = 7}).ok());
  ASSERT_TRUE(take(9, {.tick = 121, .count = 90}).ok());
  ASSERT_EQ(picture.aggregates().size(), 2u);
  EXPECT_EQ(picture.aggregates()[0].track, 2u);
  EXPECT_EQ(picture.aggregates()[1].aggregate, (Aggregate{.tick = 121, .count = 90}));
  EXPECT_EQ(picture.newest_tick(), 121u);
  EXPECT_EQ(take(4, {}).error().kind, ErrorKind::conflict);
  Source other(9);
  EXPECT_EQ(picture.take(other.key(122, {})).error().kind, ErrorKind::conflict);
  bytes.pop_back();
  EXPECT_FALSE(picture.take({{.kind = FrameKind::pose_aggregate, .track = 2, .group = 1}, bytes}).ok());
  ASSERT_TRUE(picture.take(other.end()).ok());
  EXPECT_EQ(picture.aggregates().size(), 1u);
  EXPECT_EQ(picture.tracks(), 2u);
  EXPECT_EQ(picture.size(), 1u);
}

TEST(Picture, BoundsAreKept) {
  Picture picture;
  for (std::uint32_t id = 1; id <= Picture::kTracksMax; ++id) {
    Source track(id);
    ASSERT_TRUE(picture.take(track.key(1, {})).ok());
  }
  Source one_more(Picture::kTracksMax + 1);
  EXPECT_EQ(picture.take(one_more.key(1, {})).error().kind, ErrorKind::too_large);
  std::uint32_t people = 0, id = 0;
  while (people < limits::kAvatarsPerWorld) {
    std::vector<MovingPose> some;
    while (some.size() < limits::kPosesPerFrame && people < limits::kAvatarsPerWorld)
      some.push_back(person(++people, 0));
    Source track(++id);
    ASSERT_TRUE(picture.take(track.key(2, some)).ok());
  }
  Source last(id + 1);
  EXPECT_EQ(picture.take(last.key(2, {person(1'000'000, 0)})).error().kind, ErrorKind::too_large);
  EXPECT_EQ(picture.size(), limits::kAvatarsPerWorld);
  EXPECT_EQ(picture.tracks(), Picture::kTracksMax - 1) << "the track is let go";
}

// Walkers who change cells at random, each cell at a level that changes, too: everybody is always there, and what is
// drawn is at most half a step of a level away from where they were at its tick.
TEST(Picture, FollowsACrowdThatChangesCells) {
  std::mt19937 random(4);
  WalkingTrace trace(300, 9);
  Picture picture;
  std::vector<Source> cells;
  std::vector<std::vector<MovingPose>> history;
  std::uint32_t ids = 0;
  for (int i = 0; i < 6; ++i) cells.emplace_back(++ids);
  std::vector<std::size_t> cell_of(300);
  for (std::uint32_t tick = 0; tick < 600; ++tick) {
    trace.step();
    history.push_back(trace.poses());
    if (tick % 20 == 0) {
      for (auto& c : cell_of) c = tick == 0 || random() % 4 == 0 ? random() % 6 : c;
    }
    for (std::size_t c = 0; c < cells.size(); ++c) {
      std::vector<MovingPose> members;
      for (std::size_t i = 0; i < 300; ++i) {
        if (cell_of[i] == c) members.push_back(history.back()[i]);
      }
      if (tick % 20 == 0 && random() % 3 == 0) {
        ASSERT_TRUE(picture.take(cells[c].end()).ok());
        cells[c] = Source(++ids, static_cast<PoseLevel>(random() % kPoseLevels));
      }
      ASSERT_TRUE(picture.take(tick % 20 == 0 ? cells[c].key(tick, members) : cells[c].delta(tick, members)).ok());
    }
    ASSERT_EQ(picture.size(), 300u);
    const auto& seen = picture.columns();
    for (std::size_t row = 0; row < 300; ++row) {
      ASSERT_EQ(seen.tick[row], tick);
      const Pose& truth = history[seen.tick[row]][seen.entity[row] - 1].pose;
      const std::int32_t half = (1 << level_rule(static_cast<PoseLevel>(seen.level[row])).position_shift) / 2;
      ASSERT_LE(std::abs(seen.x[row] - truth.x_cm), half);
      ASSERT_LE(std::abs(seen.z[row] - truth.z_cm), half);
    }
  }
  EXPECT_EQ(picture.tracks(), 6u);
}

}  // namespace
}  // namespace mw::wire
