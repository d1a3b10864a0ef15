// The measuring itself: a planted error must show, at its size, and nothing else.
#include "bench/sight.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mw::bench {
namespace {

constexpr std::uint32_t kViewer = 1, kOther = 2;
constexpr double kStart = 1000;  // s, of this machine's clock, at which the host's tick was 0

// A viewer at the origin who looks along +z, and somebody who walks past, 2 m before them, at 1.2 m/s.
struct Scene {
  Truth truth;
  TickClock host;
  Eye eye;
  wire::PoseEncoder encoder{4};
  float planted_x = 0;  // m by which the host is wrong
  double delay = 0;  // s on the way
  float speed = 1.2f;

  float true_x(double time) const { return speed * static_cast<float>(time - kStart - 2); }

  void run(int ticks, Sight& sight) {
    host.sample(kStart, kStart, 0);
    Bytes payload;
    int due = 0;
    for (int step = 0; step < ticks * 10; ++step) {  // 5 ms each
      const double now = kStart + step * 0.005;
      if (step % 10 == 0)
        for (const std::uint32_t entity : {kViewer, kOther})
          truth.add(entity, now + 0.05, entity == kOther ? true_x(now + 0.05) : 0, entity == kOther ? 2.f : 0, 0);
      if (step % 200 == 0) eye.clock().sample(now - delay, now + delay, (now - kStart) * 20);
      for (; kStart + due * 0.05 + delay <= now; ++due) send(static_cast<std::uint32_t>(due), now, payload);
      if (step > 300 && step % 7 == 0) look(eye, {truth, host, 0}, kViewer, now, sight);
    }
  }

  void send(std::uint32_t tick, double now, Bytes& payload) {
    wire::MovingPose poses[2];
    poses[0].pose.entity = EntityId{kViewer};
    poses[1].pose.entity = EntityId{kOther};
    poses[1].pose.x_cm = static_cast<std::int32_t>(std::lround(100 * (true_x(kStart + tick * 0.05) + planted_x)));
    poses[1].pose.z_cm = 200;
    encoder.keyframe(tick, poses, payload);
    wire::FrameView frame;
    frame.header = {wire::FrameKind::pose_keyframe, 7, tick + 1, 0, static_cast<std::uint32_t>(payload.size())};
    frame.payload = payload;
    ASSERT_TRUE(eye.take(frame).ok());
    eye.taken(now);
  }
};

TEST(Sight, NothingPlantedShowsTheQuantisationAlone) {
  Scene scene;
  Sight sight;
  scene.run(80, sight);
  EXPECT_GT(sight.near.drawn_deg.count(), 50u);
  EXPECT_LT(sight.near.drawn_deg.percentile(0.99), 0.2);  // 0.5 cm at 2 m are 0.14 degrees
  EXPECT_LT(sight.near.ahead_deg.percentile(0.99), 0.4);
  EXPECT_LT(sight.age_20m_ms.percentile(0.99), 51);
  EXPECT_LT(sight.lag_ms.percentile(0.99), 10);
  EXPECT_EQ(sight.unseen, 0u);
}

TEST(Sight, APlantedErrorShowsAtItsAngle) {
  Scene scene;
  scene.planted_x = 0.2f;
  Sight sight;
  scene.run(80, sight);
  // 20 cm at 2 m are 5.7 degrees straight ahead, less towards the side.
  EXPECT_NEAR(sight.near.drawn_deg.percentile(0.9), 5.6, 0.3);
  EXPECT_NEAR(sight.near.ahead_deg.percentile(0.9), 5.6, 0.5);
}

TEST(Sight, WhatIsDrawnIsBehindWhatIsShown) {
  Scene scene;
  Sight sight;
  scene.run(80, sight);
  // Drawn two to two and a half ticks behind: 12 to 15 cm at 1.2 m/s, 3.4 to 4.3 degrees straight ahead.
  EXPECT_GT(sight.near.display_deg.percentile(0.9), 3.0);
  EXPECT_LT(sight.near.display_deg.percentile(0.9), 4.8);
}

TEST(Sight, APlantedDelayShowsInTheAge) {
  Scene scene;
  scene.delay = 0.1;
  Sight sight;
  scene.run(80, sight);
  EXPECT_NEAR(sight.age_20m_ms.percentile(0.5), 125, 12);
  EXPECT_NEAR(sight.age_20m_ms.percentile(0.99), 150, 8);
  EXPECT_LT(sight.near.drawn_deg.percentile(0.99), 0.3) << "who draws behind is late, not wrong";
}

TEST(Sight, AHostThatIsBehindShowsAsLag) {
  Scene scene;
  scene.planted_x = -0.06f;  // 50 ms at 1.2 m/s
  Sight sight;
  scene.run(80, sight);
  EXPECT_NEAR(sight.lag_ms.percentile(0.5), 50, 6);
}

TEST(Sight, WhoIsNotToldOfIsUnseen) {
  Scene scene;
  Sight sight;
  scene.truth.add(9, kStart, 0, 5, 0);
  for (int i = 1; i < 75; ++i) scene.truth.add(9, kStart + i * 0.05, 0, 5, 0);
  scene.run(80, sight);
  EXPECT_GT(sight.unseen, 50u);
  EXPECT_EQ(sight.age_20m_ms.count() > 0, true);
}

TEST(Distributions, AnswerWithinOnePercent) {
  Distribution values;
  for (int i = 1; i <= 10'000; ++i) values.add(i * 0.01);
  EXPECT_NEAR(values.percentile(0.5), 50, 0.5);
  EXPECT_NEAR(values.percentile(0.99), 99, 1);
  EXPECT_EQ(Distribution{}.percentile(0.5), 0);
  values.add(-1);
  EXPECT_EQ(values.percentile(0), 0);
}

}  // namespace
}  // namespace mw::bench
