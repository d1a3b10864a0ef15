// Invitations to somebody's side: made by one, used by another, and what becomes of those that lead to nobody.
#include <gtest/gtest.h>

#include <cmath>

#include "server/test_harness.h"
#include "world/standing.h"

namespace mw::server {
namespace {

struct Friends : ::testing::Test {
  Friends() {
    auto setup = flat_world();
    setup.description.capacity = 3;
    h.add(std::move(setup));
    ada = h.connect();
    h.open(ada, {{"name", "Ada"}});
    here = h.enter(ada)["result"]["world"];
    // Ada goes for a walk, some metres away from where everybody arrives.
    x = here["place"]["position"][0];
    z = here["place"]["position"][2];
    for (int i = 0; i < 100; ++i) {
      x -= 0.08;
      h.tick();
      h.control->claim(ada, claim(), h.now.s);
    }
    h.tick();
    invitation = h.call(ada, "visitor.invite")["result"]["invitation"];
  }
  wire::PoseClaim claim() const {
    wire::PoseClaim claim;
    claim.epoch = here["epoch"].get<std::uint8_t>();
    claim.x_mm = static_cast<std::int32_t>(std::lround(x * 1000));
    claim.z_mm = static_cast<std::int32_t>(std::lround(z * 1000));
    claim.grounded = true;
    return claim;
  }
  double from_ada(const Json& detail) const {
    const auto& at = detail["place"]["position"];
    return std::hypot(at[0].get<double>() - x, at[2].get<double>() - z);
  }
  Json come(SessionId session, const Json& with) {
    return h.call(session, "world.enter", {{"world", "flat"}, {"beside", with}});
  }

  Harness h;
  SessionId ada;
  Json here;
  double x = 0, z = 0;
  std::string invitation;
};

TEST_F(Friends, ComeToTheSideOfWhoInvitedThem) {
  const auto bo = h.connect();
  h.open(bo);
  const auto detail = come(bo, invitation)["result"]["world"];
  EXPECT_EQ(detail["beside"], "Ada");
  EXPECT_LE(from_ada(detail), world::kBeside + 0.02);
  EXPECT_GE(from_ada(detail), 0.7);
  // Who is inside already comes, too; and who comes without an invitation does not.
  const auto far = h.visitor();
  const auto spawned = h.answer(far, h.last_id())["result"]["world"];
  EXPECT_FALSE(spawned.contains("beside"));
  EXPECT_GT(from_ada(spawned), 4);
  const auto moved = come(far, invitation)["result"]["world"];
  EXPECT_EQ(moved["beside"], "Ada");
  EXPECT_LE(from_ada(moved), world::kBeside + 0.02);
  EXPECT_EQ(moved["entity"], spawned["entity"]);
  EXPECT_NE(moved["epoch"], spawned["epoch"]);
}

TEST_F(Friends, ComeInAsUsualWhereTheInvitationLeadsToNobody) {
  const auto bo = h.connect();
  h.open(bo);
  const auto own = h.call(ada, "visitor.invite")["result"];
  EXPECT_EQ(own["until_ms"], h.now.unix_ms + trust::Keeper::kInvitationMs);
  EXPECT_FALSE(come(ada, invitation)["result"]["world"].contains("beside")) << "nobody stands beside themselves";
  for (const Json& nonsense : {Json("i1.AAAA.BBBB"), Json("")}) {
    const auto detail = come(bo, nonsense)["result"]["world"];
    EXPECT_FALSE(detail.contains("beside"));
    EXPECT_GT(from_ada(detail), 4);
  }
  h.call(ada, "world.leave");
  h.tick();
  const auto cy = h.connect();
  h.open(cy);
  EXPECT_FALSE(come(cy, invitation)["result"]["world"].contains("beside")) << "Ada has gone";
  h.now.unix_ms += trust::Keeper::kInvitationMs;
  h.enter(ada);
  EXPECT_FALSE(come(cy, invitation)["result"]["world"].contains("beside")) << "a day has passed";
}

TEST_F(Friends, WhoHadToWaitComesToTheirSideToo) {
  const auto bo = h.visitor(), cy = h.visitor();
  const auto dee = h.connect();
  h.open(dee);
  EXPECT_EQ(come(dee, invitation)["result"]["state"], "waiting");
  h.call(bo, "world.leave");
  h.tick(3);
  Json told;
  for (const Json& text : h.outlet.peers[dee].texts)
    if (text.value("method", "") == "world.entered") told = text["params"]["world"];
  ASSERT_FALSE(told.is_null());
  EXPECT_EQ(told["beside"], "Ada");
  EXPECT_LE(from_ada(told), world::kBeside + 0.02);
  static_cast<void>(cy);
}

}  // namespace
}  // namespace mw::server
