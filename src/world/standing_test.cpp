// Where somebody who was invited comes to stand.
#include "world/standing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace mw::world {
namespace {

using motion::Triangle;
using motion::Vec3;

std::vector<Triangle> upright(float x, float z0, float z1, float low, float high) {
  return {{{x, low, z0}, {x, high, z0}, {x, high, z1}}, {{x, low, z0}, {x, high, z1}, {x, low, z1}}};
}
std::vector<Triangle> level(float x0, float x1, float z0, float z1, float y) {
  return {{{x0, y, z0}, {x0, y, z1}, {x1, y, z1}}, {{x0, y, z0}, {x1, y, z1}, {x1, y, z0}}};
}

class Beside : public ::testing::Test {
 protected:
  void add(std::vector<Triangle> more) { scene_.insert(scene_.end(), more.begin(), more.end()); }
  std::optional<Vec3> spot(Vec3 host, float yaw = 0, std::vector<Vec3> people = {}) {
    motion::CollisionWorld collision;
    collision.set_body(0, scene_, {});
    people.push_back(host);
    const auto found = spot_beside(collision, motion::Rules{}, host, yaw, people);
    if (found) {
      EXPECT_LE(std::hypot(found->x - host.x, found->z - host.z), kBeside);
      EXPECT_TRUE(is_free(collision, motion::Rules{}, *found));
      for (const Vec3 one : people) EXPECT_GE(std::hypot(found->x - one.x, found->z - one.z), 0.69f);
    }
    return found;
  }
  std::vector<Triangle> scene_ = level(-50, 50, -50, 50, 0);
};

TEST_F(Beside, IsAtTheSideOnFreeGround) {
  const auto found = spot({3, 0, 4});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->z, 4, 1e-4) << "neither before nor behind who looks along +z";
  EXPECT_NEAR(std::abs(found->x - 3), 1.2f, 1e-4);
  const auto turned = spot({3, 0, 4}, 1.5707963f);
  ASSERT_TRUE(turned);
  EXPECT_NEAR(turned->x, 3, 1e-3);
}

TEST_F(Beside, IsNotBehindAWallNorInIt) {
  add(upright(0.5f, -50, 50, 0, 3));  // close on the one side
  const auto found = spot({0, 0, 0});
  ASSERT_TRUE(found);
  EXPECT_LT(found->x, 0.2f);
}

TEST_F(Beside, IsNotInWhatStandsThere) {
  // A crate on either side, higher than a step.
  for (const float x : {-1.6f, 0.8f}) {
    add(level(x, x + 0.8f, -0.4f, 0.4f, 0.9f));
    add(upright(x, -0.4f, 0.4f, 0, 0.9f));
    add(upright(x + 0.8f, -0.4f, 0.4f, 0, 0.9f));
  }
  const auto found = spot({0, 0, 0});
  ASSERT_TRUE(found);
  EXPECT_LT(found->y, 0.1f);
  EXPECT_GT(std::abs(found->z), 0.4f);
}

TEST_F(Beside, LeavesOthersTheirRoom) {
  const std::vector<Vec3> people{{1.2f, 0, 0}, {-1.2f, 0, 0.1f}};
  EXPECT_TRUE(spot({0, 0, 0}, 0, people));
  std::vector<Vec3> crowd;
  for (float x = -3; x <= 3; x += 0.8f)
    for (float z = -3; z <= 3; z += 0.8f) crowd.push_back({x, 0, z});
  EXPECT_FALSE(spot({0, 0, 0}, 0, crowd)) << "in the middle of a crowd there is none";
}

TEST_F(Beside, IsNowhereOnAPillar) {
  scene_ = level(-0.5f, 0.5f, -0.5f, 0.5f, 5);
  add(level(-50, 50, -50, 50, 0));
  EXPECT_FALSE(spot({0, 5, 0})) << "nobody is put at its foot, 5 m below";
}

}  // namespace
}  // namespace mw::world
