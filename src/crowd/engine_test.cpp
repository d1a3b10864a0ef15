#include "crowd/engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <map>
#include <random>
#include <set>

#include "base/limits.h"
#include "space/units.h"
#include "tracks/hub.h"
#include "wire/picture.h"

namespace mw::crowd {
namespace {

constexpr TrackId kBase{1};
constexpr std::size_t kHistory = 64;  // ticks of truth that are kept

struct Truth {
  std::int32_t x = 0, z = 0;
};

// A crowd, the engine, a real hub, and viewers that decode what they are sent as a browser does.
class EngineTest : public ::testing::Test, public tracks::Outlet, public tracks::Hub::Sink {
 protected:
  void make(std::size_t capacity, double bytes_per_s = limits::kViewerBandwidth / 8.0) {
    stage = std::make_unique<stage::Stage>(capacity);
    hub = std::make_unique<tracks::Hub>(*this);
    hub->open(kBase, tracks::TrackKind::latest);
    engine = std::make_unique<Engine>(kBase, capacity, bytes_per_s,
                                      Engine::Services{*this, pool, [this] { return TrackId{++last_track}; }});
  }
  ~EngineTest() override {
    engine.reset();
    hub.reset();
  }

  float between(float low, float high) { return std::uniform_real_distribution<float>(low, high)(random); }
  EntityId add(float x, float z) {
    const EntityId entity{++last_entity};
    stage->add(entity, {{x, 0, z}, {}, static_cast<std::uint16_t>(random()), wire::Animation::walk}, false);
    return entity;
  }
  void crowd_in(std::size_t people, float side) {
    for (std::size_t i = 0; i < people; ++i) add(between(0, side), between(0, side));
  }
  void watch(EntityId self) {
    const SessionId session{++last_session};
    auto& viewer = viewers[session];
    viewer.self = self;
    viewer.since = tick;
    hub->subscribe(static_cast<tracks::Hub::Subscriber>(session.value), kBase);
    engine->add_viewer(session, self);
  }

  // Strollers: they keep their heading, and turn a little.
  void walk() {
    for (std::size_t row = 0; row < stage->size(); ++row) {
      auto p = stage->at(row);
      if (stage->entities()[row].value % 3 == 0) continue;  // stands
      p.yaw = static_cast<std::uint16_t>(p.yaw + static_cast<int>(between(-800, 800)));
      const auto angle = static_cast<float>(space::radians_from_yaw(p.yaw));
      p.velocity = {1.4f * std::sin(angle), 0, 1.4f * std::cos(angle)};
      p.position.x += p.velocity.x / limits::kTickHz;
      p.position.z += p.velocity.z / limits::kTickHz;
      stage->set(row, p);
    }
  }

  void run_tick() {
    ++tick;
    auto& truth = history[tick % kHistory];
    truth.clear();
    for (std::size_t row = 0; row < stage->size(); ++row)
      truth[stage->entities()[row].value] = {space::to_cm(stage->positions()[row].x),
                                             space::to_cm(stage->positions()[row].z)};
    engine->tick(tick, *stage);
    hub->flush();
    while (hub->fan_out(64)) {
    }
  }
  void run(int ticks, bool walking = true) {
    for (int i = 0; i < ticks; ++i) {
      if (walking) walk();
      run_tick();
    }
  }

  // Each viewer has everybody, none is drawn further from the truth of its tick than its level allows, and none is older than
  // `oldest` ticks.
  void check_pictures(unsigned oldest = wire::Picture::kOrphanTicks) {
    for (const auto& [session, viewer] : viewers) {
      const auto& c = viewer.picture.columns();
      std::map<std::uint32_t, std::size_t> rows;
      for (std::size_t i = 0; i < viewer.picture.size(); ++i) rows[c.entity[i]] = i;
      std::size_t absent = 0;
      for (const auto entity : stage->entities()) absent += !rows.contains(entity.value);
      EXPECT_EQ(absent, 0u) << "of " << stage->size() << " for " << session.value << " at tick " << tick;
      for (const auto entity : stage->entities()) {
        if (!rows.contains(entity.value)) continue;
        const auto i = rows[entity.value];
        const auto rule = wire::level_rule(static_cast<wire::PoseLevel>(c.level[i]));
        ASSERT_LE(tick - c.tick[i], oldest) << "level " << int{c.level[i]} << " at tick " << tick;
        const auto& truth = history[c.tick[i] % kHistory];
        if (!truth.contains(entity.value)) continue;
        const auto& at = truth.at(entity.value);
        const int bound = (1 << rule.position_shift) / 2;
        ASSERT_LE(std::abs(c.x[i] - at.x), bound);
        ASSERT_LE(std::abs(c.z[i] - at.z), bound);
      }
    }
  }

  std::mt19937 random{5};
  tracks::FramePool pool;
  std::unique_ptr<stage::Stage> stage;
  std::unique_ptr<tracks::Hub> hub;
  std::unique_ptr<Engine> engine;
  struct Viewer {
    EntityId self;
    std::uint32_t since = 0;
    wire::Picture picture;
    std::size_t bytes = 0;
  };
  std::map<SessionId, Viewer> viewers;
  std::uint32_t tick = 0, last_entity = 0, last_track = kBase.value, last_session = 0;
  std::array<std::map<std::uint32_t, Truth>, kHistory> history;

 private:
  void open_track(TrackId track, tracks::TrackKind kind) override { hub->open(track, kind); }
  void close_track(TrackId track) override { hub->close(track); }
  void publish(tracks::FrameRef frame, tracks::FrameRef rekey) override { hub->publish(frame, rekey); }
  void flush() override {}
  void subscribe(SessionId, TrackId, tracks::FrameRef) override {}
  void unsubscribe(SessionId, TrackId) override {}
  void choose(SessionId session, TrackId base, tracks::ChoiceRef choice) override {
    hub->choose(static_cast<tracks::Hub::Subscriber>(session.value), base, std::move(choice));
  }
  void send_text(SessionId, std::string) override {}
  void send_frame(SessionId, tracks::FrameRef) override {}
  void close(SessionId, tracks::CloseCode, std::string_view) override {}

  bool offer(tracks::Hub::Subscriber subscriber, const tracks::FrameRef& message) noexcept override {
    auto& viewer = viewers[SessionId{subscriber}];
    viewer.bytes += message->message().size();
    ByteView rest = message->payload();
    while (!rest.empty()) {
      const auto frame = wire::read_frame(rest);
      EXPECT_TRUE(frame.ok());
      if (!frame.ok()) break;
      const auto status = viewer.picture.take(*frame);
      EXPECT_TRUE(status.ok()) << status.error().text();
    }
    return true;
  }
  void cut_off(tracks::Hub::Subscriber, TrackId) noexcept override { ADD_FAILURE() << "cut off"; }
};

TEST_F(EngineTest, AFewAreOneTrackAndNothingIsChosen) {
  make(200);
  crowd_in(140, 30);
  watch(EntityId{1});
  for (int i = 0; i < 60; ++i) {
    run(1);
    check_pictures(0);
  }
  EXPECT_EQ(engine->tracks(), 0u);
  EXPECT_EQ(engine->stats().choices, 0u);
}

TEST_F(EngineTest, NobodyWatchesAndNothingIsEncoded) {
  make(2'000);
  crowd_in(1'000, 30);
  run(50);
  EXPECT_EQ(engine->stats().poses, 0u);
  watch(EntityId{1});
  run(1);
  check_pictures();
}

TEST_F(EngineTest, EverybodyIsThereForEverybodyAtEveryTick) {
  make(3'000);
  crowd_in(2'000, 45);
  run(3);
  for (std::uint32_t e = 1; e <= 2'000; e += 100) watch(EntityId{e});
  run(2);
  for (int i = 0; i < 100; ++i) {
    run(1);
    check_pictures();
  }
  EXPECT_GT(engine->cells(), 12u);
}

TEST_F(EngineTest, WhoIsWithinTwentyMetresIsNewAtEveryTick) {
  make(5'000, 200'000);
  crowd_in(4'000, 63);
  run(3);
  for (std::uint32_t e = 1; e <= 4'000; e += 250) watch(EntityId{e});
  run(60);
  for (int i = 0; i < 40; ++i) {
    run(1);
    for (const auto& [session, viewer] : viewers) {
      const auto& me = history[tick % kHistory].at(viewer.self.value);
      const auto& c = viewer.picture.columns();
      for (std::size_t k = 0; k < viewer.picture.size(); ++k) {
        const auto& at = history[tick % kHistory].at(c.entity[k]);
        if (std::hypot(at.x - me.x, at.z - me.z) > 100 * limits::kNearM - 300)
          continue;  // a cell's bounds are a second old
        ASSERT_EQ(c.tick[k], tick) << int{c.level[k]} << " entity " << c.entity[k] << " viewer " << viewer.self.value
                                   << " at " << at.x << ' ' << at.z << " me " << me.x << ' ' << me.z;
        ASSERT_EQ(c.level[k], 0);
      }
    }
  }
}

TEST_F(EngineTest, AViewerGetsNoMoreThanItsBudget) {
  make(6'000);
  crowd_in(5'000, 71);
  run(3);
  for (std::uint32_t e = 1; e <= 5'000; e += 500) watch(EntityId{e});
  engine->set_budget(SessionId{1}, limits::kViewerBandwidth / 8.0 / 2);
  run(100);
  for (auto& [session, viewer] : viewers) viewer.bytes = 0;
  constexpr int kSeconds = 10;
  run(kSeconds * limits::kTickHz);
  for (const auto& [session, viewer] : viewers) {
    const double budget = limits::kViewerBandwidth / 8.0 * (session.value == 1 ? 0.5 : 1);
    EXPECT_LE(static_cast<double>(viewer.bytes) / kSeconds, budget) << session.value;
    EXPECT_GE(static_cast<double>(viewer.bytes) / kSeconds, budget / 2) << session.value;
  }
  check_pictures();
}

TEST_F(EngineTest, ViewersWhoStandTogetherShareWhatIsChosen) {
  make(3'000);
  crowd_in(2'000, 45);
  run(3);
  for (std::uint32_t e = 1; e <= 2'000; e += 4) watch(EntityId{e});
  run(15);
  EXPECT_LT(engine->audiences(), engine->cells() * kOctants + 1);
  EXPECT_EQ(hub->choices(), engine->audiences());
}

// --- Faults (issue: everyone in one spot, teleporting, joining and leaving at once) ---------------------------------

TEST_F(EngineTest, EveryoneInOneSpot) {
  make(2'500);
  for (int i = 0; i < 2'000; ++i) add(5, 5);
  run(3, false);
  for (std::uint32_t e = 1; e <= 2'000; e += 200) watch(EntityId{e});
  run(60, false);
  check_pictures();
}

TEST_F(EngineTest, EveryoneTeleportsAtOnce) {
  make(2'500);
  crowd_in(2'000, 45);
  run(3);
  for (std::uint32_t e = 1; e <= 2'000; e += 200) watch(EntityId{e});
  run(60);
  for (int round = 0; round < 3; ++round) {
    for (std::size_t row = 0; row < stage->size(); ++row) {
      auto p = stage->at(row);
      p.position = {between(-600, 600), 0, between(-600, 600)};
      stage->jump_to(row, p);
    }
    run(2 * limits::kTickHz);
    check_pictures();
  }
}

TEST_F(EngineTest, FiveThousandJoinWithinFiveSecondsAndHalfLeaveAtOnce) {
  make(5'500);
  crowd_in(100, 70);
  for (std::uint32_t e = 1; e <= 100; e += 10) watch(EntityId{e});
  run(20);
  for (int i = 0; i < 100; ++i) {
    crowd_in(50, 70);
    run(1);
  }
  run(limits::kTickHz);
  check_pictures();
  for (std::uint32_t e = 101; e <= 2'600; ++e) stage->remove(EntityId{e});
  run(3 * limits::kTickHz);
  check_pictures();
  for (const auto& [session, viewer] : viewers) EXPECT_EQ(viewer.picture.size(), stage->size());
}

TEST_F(EngineTest, LessDetailKeepsEverybodyAndTheRateNearby) {
  make(3'000);
  crowd_in(2'000, 45);
  run(3);
  for (std::uint32_t e = 1; e <= 2'000; e += 200) watch(EntityId{e});
  run(60);
  const auto bytes_of = [&] {
    for (auto& [session, viewer] : viewers) viewer.bytes = 0;
    run(60);
    std::size_t bytes = 0;
    for (auto& [session, viewer] : viewers) bytes += viewer.bytes;
    return bytes;
  };
  const auto full = bytes_of();
  engine->set_detail(0.25);
  run(20);
  EXPECT_LT(bytes_of(), full * 7 / 10);
  check_pictures();
}

// --- Aggregates ------------------------------------------------------------------------------------------------------

class AggregateTest : public EngineTest {
 protected:
  struct Seen {
    std::size_t shown = 0, counted = 0, absent_near = 0;
  };
  // Everybody is shown or counted, and who is near is shown. `metres`: how near.
  Seen seen(const Viewer& viewer, float metres) const {
    Seen out;
    std::set<std::uint32_t> shown(viewer.picture.columns().entity.begin(), viewer.picture.columns().entity.end());
    for (const auto& [track, aggregate] : viewer.picture.aggregates()) out.counted += aggregate.count;
    const auto me = stage->row(viewer.self);
    EXPECT_TRUE(me.has_value());
    if (!me) return out;
    for (std::size_t row = 0; row < stage->size(); ++row) {
      const bool is = shown.contains(stage->entities()[row].value);
      out.shown += is;
      const auto& a = stage->positions()[*me];
      const auto& b = stage->positions()[row];
      if (!is && std::hypot(a.x - b.x, a.z - b.z) < metres) ++out.absent_near;
    }
    return out;
  }
  void settle_and_check() {
    run(3 * limits::kTickHz, false);
    for (const auto& [session, viewer] : viewers) {
      const auto s = seen(viewer, 1080 * 1.75f / (2 * 24 * std::tan(0.5235988f)));
      EXPECT_EQ(s.shown + s.counted, stage->size()) << session.value << ": " << s.shown << " + " << s.counted;
      EXPECT_EQ(s.absent_near, 0u) << session.value;
      EXPECT_EQ(s.shown, viewer.picture.size());
    }
  }
  std::size_t aggregates() const {
    std::size_t most = 0;
    for (const auto& [session, viewer] : viewers) most = std::max(most, viewer.picture.aggregates().size());
    return most;
  }
};

TEST_F(AggregateTest, EverybodyIsShownOrCountedAndWhoIsNearIsShown) {
  make(14'000);
  crowd_in(12'000, 400);
  run(3);
  for (std::uint32_t e = 1; e <= 12'000; e += 1'500) watch(EntityId{e});
  settle_and_check();
  EXPECT_GT(aggregates(), 30u);
  for (const auto& [session, viewer] : viewers)
    EXPECT_LE(seen(viewer, 0).shown, limits::kFarIndividuals + 12'000 * 3 / 10) << "what is far, and what is near";
  // While they walk, who crossed a border is counted in both cells for a second.
  for (int i = 0; i < 60; ++i) {
    run(1);
    for (const auto& [session, viewer] : viewers) {
      const auto s = seen(viewer, 60);
      EXPECT_EQ(s.absent_near, 0u);
      EXPECT_GE(s.shown + s.counted, 12'000u) << i;
      EXPECT_LE(s.shown + s.counted, 12'000u * 6 / 5) << i;
    }
  }
  settle_and_check();
}

TEST_F(AggregateTest, AnAggregateSaysHowManyStandWhereAndWhatTheyDo) {
  make(2'000, 3'000);
  for (int i = 0; i < 300; ++i) add(between(0, 10), between(0, 10));
  for (int i = 0; i < 120; ++i) {  // a stand that rises towards +z; two in three clap
    const float z = between(200, 215);
    stage->add(
        EntityId{++last_entity},
        {{between(0, 15), 3 + (z - 200) * 0.5f, z}, {}, 0, i % 3 == 0 ? wire::Animation::sit : wire::Animation::clap},
        true);
  }
  run(3, false);
  watch(EntityId{1});
  settle_and_check();
  const auto& held = viewers.begin()->second.picture.aggregates();
  std::uint32_t people = 0;
  for (const auto& [track, a] : held) {
    if (a.count == 0) continue;
    people += a.count;
    EXPECT_NEAR(a.slope_z, 50, 3);
    EXPECT_NEAR(a.slope_x, 0, 3);
    EXPECT_NEAR(a.y / 4.0, 3 + (a.z / 4.0 - 200) * 0.5, 0.3);
    EXPECT_GE(a.z - a.half_z, 199 * 4);
    EXPECT_LE(a.z + a.half_z, 216 * 4);
    EXPECT_NEAR(a.shares[static_cast<std::size_t>(wire::Animation::clap)], 10, 1);
    EXPECT_EQ(a.velocity_z, 0);
  }
  EXPECT_EQ(people, 120u);
}

// A viewer who goes from far to near: the aggregate ends when the people come, and the other way round.
TEST_F(AggregateTest, FarAndNearInTurn) {
  make(3'000, 2'500);
  crowd_in(300, 10);
  for (int i = 0; i < 600; ++i) add(between(300, 340), between(0, 40));
  run(3, false);
  watch(EntityId{1});
  settle_and_check();
  EXPECT_GT(aggregates(), 0u);
  for (const float x : {290.f, 5.f, 240.f, 318.f, -60.f}) {
    const auto row = *stage->row(EntityId{1});
    auto p = stage->at(row);
    p.position.x = x;
    stage->jump_to(row, p);
    run(limits::kTickHz / 2, false);
    EXPECT_EQ(seen(viewers.begin()->second, 68).absent_near, 0u) << "half a second after a jump to " << x;
    settle_and_check();
  }
}

TEST_F(AggregateTest, TeleportsJoinersAndHalfWhoLeave) {
  make(9'000);
  crowd_in(7'000, 300);
  run(3);
  for (std::uint32_t e = 1; e <= 7'000; e += 1'000) watch(EntityId{e});
  settle_and_check();
  for (std::size_t row = 0; row < stage->size(); ++row) {
    auto p = stage->at(row);
    p.position = {between(-400, 400), 0, between(-400, 400)};
    stage->jump_to(row, p);
  }
  settle_and_check();
  crowd_in(1'500, 300);
  settle_and_check();
  std::vector<EntityId> leaving;
  for (const auto entity : stage->entities())
    if (entity.value % 1'000 != 1 && random() % 2 == 0) leaving.push_back(entity);
  stage->remove(leaving);
  settle_and_check();
}

TEST_F(AggregateTest, TheBudgetCountsThem) {
  make(14'000, 60'000);
  crowd_in(12'000, 400);
  run(3);
  for (std::uint32_t e = 1; e <= 12'000; e += 1'500) watch(EntityId{e});
  run(100);
  for (auto& [session, viewer] : viewers) viewer.bytes = 0;
  constexpr int kSeconds = 5;
  run(kSeconds * limits::kTickHz);
  for (const auto& [session, viewer] : viewers) EXPECT_LE(static_cast<double>(viewer.bytes) / kSeconds, 60'000);
}

}  // namespace
}  // namespace mw::crowd
