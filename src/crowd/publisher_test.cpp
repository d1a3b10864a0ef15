#include "crowd/publisher.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "base/limits.h"
#include "runtime/allocation.h"
#include "space/units.h"
#include "wire/frame.h"

MW_COUNT_ALLOCATIONS

namespace mw::crowd {
namespace {

// A subscriber that decodes what it gets, and compares with the stage.
class Viewer {
 public:
  void take(const tracks::FrameRef& frame) {
    ByteView rest = frame->payload();
    auto read = wire::read_frame(rest);
    ASSERT_TRUE(read.ok());
    ASSERT_TRUE(rest.empty());
    EXPECT_EQ(read->header.track, frame->info().track.value);
    EXPECT_EQ(read->header.group, frame->info().group);
    EXPECT_EQ(read->header.sequence, frame->info().sequence);
    const bool keyframe = read->header.kind == wire::FrameKind::pose_keyframe;
    EXPECT_EQ(keyframe, frame->info().keyframe);
    EXPECT_EQ(keyframe, frame->info().sequence == 0);
    const auto status = keyframe ? decoder_.keyframe(read->header.group, read->payload)
                                 : decoder_.delta(read->header.group, read->payload);
    ASSERT_TRUE(status.ok()) << status.error().text();
  }

  void expect_sees(const stage::Stage& stage) const {
    ASSERT_EQ(decoder_.poses().size(), stage.size());
    for (std::size_t i = 0; i < stage.size(); ++i) {
      const auto& pose = decoder_.poses()[i];
      const auto placing = stage.at(i);
      ASSERT_EQ(pose.entity, stage.entities()[i]);
      ASSERT_EQ(pose.x_cm, space::to_cm(placing.position.x));
      ASSERT_EQ(pose.y_cm, space::to_cm(placing.position.y));
      ASSERT_EQ(pose.z_cm, space::to_cm(placing.position.z));
      ASSERT_EQ(pose.yaw, space::yaw_to_8(placing.yaw));
      ASSERT_EQ(pose.animation, placing.animation);
      ASSERT_EQ(pose.speaking, stage.speaking()[i] != 0);
    }
  }

  std::uint32_t tick() const { return decoder_.tick(); }

 private:
  wire::PoseDecoder decoder_;
};

stage::Placing placing(std::mt19937& random) {
  stage::Placing p;
  const auto coordinate = [&] { return static_cast<float>(random() % 10'000) / 100.f - 50; };
  p.position = {coordinate(), 0, coordinate()};
  p.velocity = {coordinate() / 20, 0, coordinate() / 20};
  p.yaw = static_cast<std::uint16_t>(random());
  p.animation = wire::Animation::walk;
  return p;
}

void walk_all(stage::Stage& stage, std::mt19937& random) {
  for (std::size_t row = 0; row < stage.size(); ++row) {
    auto p = stage.at(row);
    p.position.x += p.velocity.x / limits::kTickHz;
    p.position.z += p.velocity.z / limits::kTickHz;
    if (random() % 50 == 0) p.velocity = placing(random).velocity;
    if (random() % 10 == 0) p.yaw = static_cast<std::uint16_t>(p.yaw + random() % 4096);
    stage.set(row, p);
    stage.set_speaking(row, random() % 20 == 0);
  }
}

TEST(Publisher, ViewersSeeTheStageWhileItsPeopleComeAndGo) {
  std::mt19937 random(1);
  tracks::FramePool pool;
  stage::Stage stage(200);
  Publisher publisher(TrackId{7}, pool, stage.capacity());
  Viewer viewer;
  std::uint32_t next_entity = 1;
  for (std::uint32_t tick = 1; tick <= 2'000; ++tick) {
    if (random() % 30 == 0 && stage.size() < stage.capacity())
      stage.add(EntityId{next_entity++}, placing(random), false);
    if (random() % 60 == 0 && stage.size() > 0) stage.remove(stage.entities()[random() % stage.size()]);
    if (random() % 100 == 0 && stage.size() > 0) stage.jump_to(random() % stage.size(), placing(random));
    walk_all(stage, random);
    const auto frame = publisher.tick(tick, stage);
    if (!frame) {
      EXPECT_EQ(stage.size(), 0u);
      continue;
    }
    viewer.take(frame);
    EXPECT_EQ(viewer.tick(), tick);
    viewer.expect_sees(stage);
  }
  EXPECT_GT(publisher.stats().deltas, publisher.stats().keyframes);
}

// Whoever missed all frames but a keyframe and the newest delta of its group sees the same.
TEST(Publisher, OneKeyframeAndAnyLaterDeltaAreEnough) {
  std::mt19937 random(2);
  tracks::FramePool pool;
  stage::Stage stage(50);
  for (std::uint32_t e = 1; e <= 50; ++e) stage.add(EntityId{e * 3}, placing(random), true);
  Publisher publisher(TrackId{1}, pool, stage.capacity());
  tracks::FrameRef keyframe;
  for (std::uint32_t tick = 100; tick < 160; ++tick) {
    walk_all(stage, random);
    const auto frame = publisher.tick(tick, stage);
    ASSERT_TRUE(frame);
    if (frame->info().keyframe) {
      keyframe = frame;
      continue;
    }
    Viewer late;
    late.take(keyframe);
    late.take(frame);
    late.expect_sees(stage);
  }
}

TEST(Publisher, OpensAGroupInTimeAndWhenMembershipChanges) {
  tracks::FramePool pool;
  stage::Stage stage(5);
  stage.add(EntityId{1}, {}, false);
  Publisher publisher(TrackId{1}, pool, stage.capacity());
  std::uint32_t group = 0;
  for (std::uint32_t tick = 1; tick <= 100; ++tick) {
    if (tick == 50) stage.add(EntityId{2}, {}, false);
    const auto frame = publisher.tick(tick, stage);
    ASSERT_TRUE(frame);
    if (tick == 50) {
      EXPECT_TRUE(frame->info().keyframe);
    }
    if (frame->info().keyframe) {
      EXPECT_EQ(frame->info().group, ++group);
    }
    EXPECT_LT(frame->info().sequence, static_cast<std::uint32_t>(limits::kGroupMaxTicks));
  }
}

TEST(Publisher, SaysOnceThatNobodyIsThere) {
  tracks::FramePool pool;
  stage::Stage stage(5);
  Publisher publisher(TrackId{1}, pool, stage.capacity());
  EXPECT_TRUE(publisher.tick(1, stage)) << "a subscriber learns that the world is empty";
  EXPECT_FALSE(publisher.tick(2, stage));
  stage.add(EntityId{1}, {}, false);
  EXPECT_TRUE(publisher.tick(3, stage));
  stage.remove(EntityId{1});
  const auto last = publisher.tick(4, stage);
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->info().keyframe);
  EXPECT_FALSE(publisher.tick(5, stage));
}

TEST(Publisher, DoesNotAllocateAfterWarmUp) {
  std::mt19937 random(4);
  tracks::FramePool pool;
  stage::Stage stage(1'000);
  for (std::uint32_t e = 1; e <= 1'000; ++e) stage.add(EntityId{e}, placing(random), true);
  Publisher publisher(TrackId{1}, pool, stage.capacity());
  std::uint32_t tick = 1;
  for (; tick <= 100; ++tick) {
    walk_all(stage, random);
    ASSERT_TRUE(publisher.tick(tick, stage));
  }
  const runtime::AllocationCount allocations;
  for (; tick <= 400; ++tick) {
    walk_all(stage, random);
    const auto frame = publisher.tick(tick, stage);
    if (!frame) std::abort();
  }
  EXPECT_EQ(allocations.count(), 0u);
}

}  // namespace
}  // namespace mw::crowd
