#include "crowd/publisher.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "base/limits.h"
#include "runtime/allocation.h"
#include "tracks/hub.h"
#include "wire/picture.h"

MW_COUNT_ALLOCATIONS

namespace mw::crowd {
namespace {

using Poses = std::vector<wire::MovingPose>;

Poses crowd_of(std::size_t people, std::mt19937& random) {
  Poses poses(people);
  for (std::size_t i = 0; i < people; ++i) {
    auto& [pose, velocity] = poses[i];
    pose.entity = EntityId{static_cast<std::uint32_t>(i * 3 + 1)};
    pose.x_cm = static_cast<std::int32_t>(random() % 5'000);
    pose.z_cm = static_cast<std::int32_t>(random() % 5'000);
    velocity = {static_cast<std::int16_t>(random() % 200), 0, static_cast<std::int16_t>(random() % 200)};
  }
  return poses;
}

void walk(Poses& poses, std::mt19937& random) {
  for (auto& [pose, velocity] : poses) {
    pose.x_cm += static_cast<std::int32_t>(random() % 9) - 4;
    pose.z_cm += static_cast<std::int32_t>(random() % 9) - 4;
  }
}

struct Fixture {
  tracks::FramePool pool;
  Scratch scratch;
  PublisherStats stats;
  std::mt19937 random{7};
};

wire::FrameView read(const tracks::FrameRef& frame) {
  ByteView rest = frame->payload();
  const auto read = wire::read_frame(rest);
  if (!read.ok() || !rest.empty()) std::abort();
  return *read;
}

TEST(Publisher, AnyDeltaDecodesFromItsGroupsKeyframe) {
  Fixture f;
  Publisher publisher(TrackId{5}, wire::PoseLevel::full, f.pool, f.scratch, 200);
  Poses poses = crowd_of(200, f.random);
  wire::PoseDecoder decoder;
  std::uint32_t groups = 0;
  for (std::uint32_t tick = 1; tick <= 100; ++tick, walk(poses, f.random)) {
    const auto frame = publisher.tick(tick, poses, 1, f.stats).frame;
    ASSERT_TRUE(frame);
    const auto view = read(frame);
    EXPECT_EQ(view.header.track, 5u);
    EXPECT_EQ(view.header.group, frame->info().group);
    EXPECT_EQ(view.header.sequence, frame->info().sequence);
    EXPECT_EQ(frame->info().keyframe, frame->info().sequence == 0);
    groups += frame->info().keyframe;
    if (!frame->info().keyframe && tick % 3 != 0) continue;  // missed
    const auto status = frame->info().keyframe ? decoder.keyframe(view.header.group, view.payload)
                                               : decoder.delta(view.header.group, view.payload);
    ASSERT_TRUE(status.ok()) << status.error().text();
    ASSERT_EQ(decoder.tick(), tick);
    for (std::size_t i = 0; i < poses.size(); ++i) ASSERT_EQ(decoder.poses()[i], poses[i].pose);
  }
  EXPECT_EQ(groups, 100 / wire::level_rule(wire::PoseLevel::full).group_ticks);
  EXPECT_EQ(f.stats.poses, 100u * 200);
}

TEST(Publisher, OpensAGroupWithEachEpochAndWhenAskedTo) {
  Fixture f;
  Publisher publisher(TrackId{1}, wire::PoseLevel::full, f.pool, f.scratch, 10);
  Poses poses = crowd_of(10, f.random);
  EXPECT_TRUE(publisher.tick(1, poses, 1, f.stats).frame->info().keyframe);
  EXPECT_FALSE(publisher.tick(2, poses, 1, f.stats).frame->info().keyframe);
  poses.pop_back();
  EXPECT_TRUE(publisher.tick(3, poses, 2, f.stats).frame->info().keyframe);
  EXPECT_FALSE(publisher.tick(4, poses, 2, f.stats).frame->info().keyframe);
  publisher.reopen();
  const auto frame = publisher.tick(5, poses, 2, f.stats).frame;
  EXPECT_TRUE(frame->info().keyframe);
  EXPECT_EQ(frame->info().group, 3u);
}

// Through a hub, as viewers have it: one that takes everything, one that joins late, one whose link chokes now and then. Each
// holds what was published, and rekeys are what the first of them gets.
TEST(Publisher, AHubGivesEachViewerTheEncodingItCanRead) {
  struct Seen final : tracks::Hub::Sink {
    bool offer(tracks::Hub::Subscriber viewer, const tracks::FrameRef& message) noexcept override {
      if (viewer == choked) return false;
      ByteView rest = message->payload();
      while (!rest.empty()) {
        const auto frame = wire::read_frame(rest);
        if (!frame.ok()) std::abort();
        const auto status = pictures[viewer].take(*frame);
        EXPECT_TRUE(status.ok()) << status.error().text();
        rekeys[viewer] += frame->header.kind == wire::FrameKind::pose_rekey;
        keyframes[viewer] += frame->header.kind == wire::FrameKind::pose_keyframe;
      }
      return true;
    }
    void cut_off(tracks::Hub::Subscriber, TrackId) noexcept override { ADD_FAILURE(); }
    tracks::Hub::Subscriber choked = ~0u;
    std::map<tracks::Hub::Subscriber, wire::Picture> pictures;
    std::map<tracks::Hub::Subscriber, int> rekeys, keyframes;
  } seen;
  Fixture f;
  tracks::Hub hub(seen);
  hub.open(TrackId{5}, tracks::TrackKind::latest);
  Publisher publisher(TrackId{5}, wire::PoseLevel::full, f.pool, f.scratch, 200);
  Poses poses = crowd_of(200, f.random);
  for (std::uint32_t tick = 1; tick <= 300; ++tick, walk(poses, f.random)) {
    if (tick == 1 || tick == 2) hub.subscribe(tick, TrackId{5});
    if (tick == 105) hub.subscribe(3, TrackId{5});
    if (tick % 40 == 0) poses.erase(poses.begin() + 7);
    seen.choked = tick % 50 > 20 && tick % 50 < 45 ? 2 : ~0u;
    auto frames = publisher.tick(tick, poses, tick / 40 + 1, f.stats);
    hub.publish(frames.frame, frames.rekey);
    if (tick % 50 == 45) hub.drained(2);
    hub.flush();
    while (hub.fan_out(64)) {
    }
    for (const auto& [viewer, picture] : seen.pictures) {
      if (viewer == seen.choked) continue;
      const auto& c = picture.columns();
      std::map<std::uint32_t, std::size_t> rows;
      for (std::size_t row = 0; row < picture.size(); ++row) rows[c.entity[row]] = row;
      for (const auto& [pose, velocity] : poses) {
        ASSERT_TRUE(rows.contains(pose.entity.value));
        const std::size_t row = rows[pose.entity.value];
        ASSERT_EQ(c.tick[row], tick) << "viewer " << viewer;
        ASSERT_EQ(c.x[row], pose.x_cm);
        ASSERT_EQ(c.z[row], pose.z_cm);
      }
    }
  }
  EXPECT_EQ(seen.keyframes[1], 1) << "the first; the others came as what differs";
  EXPECT_GT(seen.rekeys[1], 25);
  EXPECT_GT(seen.keyframes[2], 5) << "after each choke";
  EXPECT_EQ(seen.keyframes[3], 1);
  EXPECT_GT(seen.rekeys[3], 15);
}

TEST(Publisher, SaysOnceThatNobodyIsThere) {
  Fixture f;
  Publisher publisher(TrackId{1}, wire::PoseLevel::full, f.pool, f.scratch, 10);
  EXPECT_TRUE(publisher.tick(1, {}, 1, f.stats).frame->info().keyframe);
  EXPECT_FALSE(publisher.tick(2, {}, 1, f.stats));
  EXPECT_FALSE(publisher.tick(40, {}, 2, f.stats));
  publisher.reopen();
  EXPECT_TRUE(publisher.tick(41, {}, 2, f.stats));
  EXPECT_TRUE(publisher.tick(42, crowd_of(1, f.random), 3, f.stats).frame->info().keyframe);
}

TEST(Publisher, DoesNotAllocateAfterWarmUp) {
  Fixture f;
  Publisher publisher(TrackId{1}, wire::PoseLevel::full, f.pool, f.scratch, 500);
  Poses poses = crowd_of(500, f.random);
  std::uint32_t tick = 1;
  for (; tick <= 60; ++tick, walk(poses, f.random)) ASSERT_TRUE(publisher.tick(tick, poses, 1, f.stats));
  const runtime::AllocationCount allocations;
  for (; tick <= 200; ++tick, walk(poses, f.random))
    if (!publisher.tick(tick, poses, 1, f.stats)) std::abort();
  EXPECT_EQ(allocations.count(), 0u);
}

}  // namespace
}  // namespace mw::crowd
