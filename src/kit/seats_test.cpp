#include "kit/seats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

namespace mw::kit {
namespace {

const Seats& stadium() {
  static const Seats seats(stadium_seats(kStadiumSeats));
  return seats;
}

TEST(Seats, ThereAreExactlyAsManyAsAskedFor) {
  EXPECT_EQ(stadium().count(), 68'000u);
  for (std::uint32_t wanted : {8'000u, 25'004u, 30'000u, 67'996u, 80'000u})
    EXPECT_EQ(Seats(stadium_seats(wanted)).count(), wanted);
  EXPECT_EQ(stadium().plan().tiers.size(), 2u);
}

TEST(Seats, NumberAndIndexAgree) {
  const Seats& seats = stadium();
  for (std::uint32_t i = 0; i < seats.count(); ++i) {
    const SeatNumber number = seats.seat(i).number;
    ASSERT_EQ(seats.index(number), i) << number.text();
  }
  EXPECT_EQ(seats.seat(0).number.text(), "1/01/01/01");
  EXPECT_EQ(seats.index({3, 1, 1, 1}), std::nullopt);
  EXPECT_EQ(seats.index({1, 200, 1, 1}), std::nullopt);
  EXPECT_EQ(seats.index({1, 1, 33, 1}), std::nullopt);
  EXPECT_EQ(seats.index({1, 1, 1, 200}), std::nullopt);
  EXPECT_EQ(seats.index({0, 0, 0, 0}), std::nullopt);
}

TEST(Seats, SectorsAreRangesThatCoverAll) {
  const Seats& seats = stadium();
  std::uint32_t at = 0;
  for (std::size_t tier = 0; tier < seats.plan().tiers.size(); ++tier) {
    for (int sector = 0; sector < seats.plan().tiers[tier].sector_count(); ++sector) {
      const auto range = seats.sector(tier, sector);
      EXPECT_EQ(range.first, at);
      EXPECT_EQ(seats.seat(range.first).number.sector, sector + 1);
      EXPECT_EQ(seats.seat(range.end - 1).number.sector, sector + 1);
      at = range.end;
    }
  }
  EXPECT_EQ(at, seats.count());
}

TEST(Seats, NoTwoOverlapAndAllLookInwards) {
  const Seats& seats = stadium();
  std::map<std::pair<int, int>, std::vector<motion::Vec3>> cells;
  for (std::uint32_t i = 0; i < seats.count(); ++i) {
    const Seat seat = seats.seat(i);
    const auto p = seat.position;
    // A little ahead is nearer to the middle of the field.
    const float ahead = std::hypot(p.x + std::sin(seat.yaw), p.z + std::cos(seat.yaw));
    EXPECT_LT(ahead, std::hypot(p.x, p.z)) << seat.number.text();
    const int cx = static_cast<int>(std::floor(p.x)), cz = static_cast<int>(std::floor(p.z));
    for (int dx = -1; dx <= 1; ++dx) {
      for (int dz = -1; dz <= 1; ++dz) {
        const auto cell = cells.find({cx + dx, cz + dz});
        if (cell == cells.end()) continue;
        for (const motion::Vec3& other : cell->second)
          ASSERT_GT(std::hypot(p.x - other.x, p.z - other.z), 0.465f) << seat.number.text();
      }
    }
    cells[{cx, cz}].push_back(p);
  }
}

TEST(Seats, AislesStayFree) {
  const Seats& seats = stadium();
  for (std::size_t t = 0; t < seats.plan().tiers.size(); ++t) {
    const auto& tier = seats.plan().tiers[t];
    for (std::size_t row = 0; row < tier.rows.size(); ++row) {
      for (int sector = 0; sector < tier.sector_count(); ++sector) {
        const auto span = tier.span(sector);
        const float width =
            seats.plan().ring.length(span.side, tier.rows[row].offset + kSeatFront) * (span.to - span.from);
        const float taken =
            seats.pitch(t, sector, row) * static_cast<float>(tier.rows[row].seats[static_cast<std::size_t>(sector)]);
        EXPECT_LE(taken, width - kAisleWidth + 1e-3f) << t << " " << sector << " " << row;
        EXPECT_GE(seats.pitch(t, sector, row), kSeatPitchMin - 1e-3f);
      }
    }
  }
}

// From every row the touchline is seen over the eyes in front, whole: 60 mm is the least that planners accept.
TEST(Seats, TheFieldIsSeenOverTheRowInFront) {
  constexpr float kEye = 1.2f, kBehind = 0.6f, kTouchline = 8.5f;
  for (const auto& tier : stadium().plan().tiers) {
    for (std::size_t row = 1; row < tier.rows.size(); ++row) {
      const auto& front = tier.rows[row - 1];
      const auto& back = tier.rows[row];
      const float far = kTouchline + back.offset + kBehind, near = kTouchline + front.offset + kBehind;
      const float passes = (back.floor + kEye) * near / far;  // of the line to the touchline, over the front row
      EXPECT_GT(passes - (front.floor + kEye), 0.06f) << row;
      EXPECT_LT(back.floor - front.floor, 0.56f) << "steeper than is allowed";
      EXPECT_NEAR(back.offset - front.offset, kRowDepth, 1e-4f);
    }
  }
}

TEST(Seats, ThePlanGoesThroughJson) {
  const Json json = to_json(stadium().plan());
  EXPECT_LT(json.dump().size(), 16u << 10);
  const auto back = seat_plan_from_json(json);
  ASSERT_TRUE(back) << back.error().text();
  const Seats again(*back);
  ASSERT_EQ(again.count(), stadium().count());
  for (std::uint32_t i = 0; i < again.count(); i += 97) {
    const Seat a = stadium().seat(i), b = again.seat(i);
    ASSERT_EQ(a.number, b.number);
    ASSERT_LT(std::hypot(a.position.x - b.position.x, a.position.y - b.position.y, a.position.z - b.position.z),
              0.001f);
  }
  EXPECT_EQ(seat_plan_from_json(Json::array()).error().field, "ring");
  Json bad = json;
  bad["tiers"][0]["rows"][0][2][0] = 256;
  EXPECT_EQ(seat_plan_from_json(bad).error().field, "tiers.rows");
  bad = json;
  bad["tiers"][1]["sectors"] = Json::array({1, 2});
  EXPECT_EQ(seat_plan_from_json(bad).error().field, "tiers.sectors");
}

TEST(Seats, ExactlyTheSpareOnesStayFree) {
  for (const std::uint32_t spare : {1u, 7u, 2'300u, 67'999u, 68'000u}) {
    std::uint32_t free = 0;
    for (std::uint32_t seat = 0; seat < 68'000; ++seat) free += is_spare(seat, 68'000, spare) ? 1 : 0;
    EXPECT_EQ(free, spare);
  }
  // The browser's own (seats.test.ts has the same numbers).
  std::vector<std::uint32_t> first;
  for (std::uint32_t seat = 0; first.size() < 6; ++seat)
    if (is_spare(seat, 68'000, 2'300)) first.push_back(seat);
  EXPECT_EQ(first, (std::vector<std::uint32_t>{0, 49, 84, 101, 136, 160}));
  const Seats seats(stadium_seats(68'000));
  const auto expect = [&](std::uint32_t index, float x, float y, float z, float yaw) {
    const Seat seat = seats.seat(index);
    EXPECT_NEAR(seat.position.x, x, 1e-3);
    EXPECT_NEAR(seat.position.y, y, 1e-3);
    EXPECT_NEAR(seat.position.z, z, 1e-3);
    EXPECT_NEAR(seat.yaw, yaw, 1e-3);
  };
  expect(0, -45.1476f, 1.02f, 42.88f, -3.1416f);
  expect(12'345, 64.5795f, 6.81f, -50.0287f, -0.6684f);
  expect(40'000, 95.58f, 19.61f, -0.851f, -1.5708f);
  expect(67'999, -48.0454f, 34.89f, 100.0516f, 3.1138f);
}

}  // namespace
}  // namespace mw::kit
