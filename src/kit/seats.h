// The numbered seats of a stadium, from a few numbers: the host places spectators by them, the browser lets visitors sit on
// them, and the scene draws them, without a list of 68,000 places anywhere.
// A stand goes round a field: rows are parallel curves of a rectangle with round corners, tiers are rows without a break,
// aisles cut a tier into sectors. Seats count by tier, then sector, then row, then seat.
// Source of the sight lines (riser heights): FIFA, "Football Stadiums, technical recommendations", C-value.
// Units: metres, radians, axes of kit.h. Single precision; host and browser agree within a millimetre, not to the bit.
// Thread: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/json.h"
#include "motion/collision.h"

namespace mw::kit {

// The curve that rows are parallel to: `radius` about a rectangle of half lengths `half_x` and `half_z`. Its sides, by
// growing yaw of the way outwards: 0 the straight one at +z (from -x to +x), 1 the corner to +x, 2 the straight one at +x, ...
struct Ring {
  float half_x = 46, half_z = 26.5f, radius = 16;
  struct Spot {
    float x = 0, z = 0;
    float yaw = 0;  // of the way outwards
  };
  // `share` (0 to 1) of the way along a side, `offset` metres outside the curve.
  Spot at(int side, float share, float offset) const;
  float length(int side, float offset) const;
};
inline constexpr int kRingSides = 8;

struct SeatPlan {
  struct Row {
    float offset = 0;  // of its front from the ring
    float floor = 0;  // height one stands at
    std::vector<std::uint8_t> seats;  // by sector
  };
  struct Tier {
    std::array<std::uint8_t, kRingSides> sectors{};  // on each side, equally wide
    std::vector<Row> rows;
    int sector_count() const;
    // Which side and which share of it a sector takes.
    struct Span {
      int side = 0;
      float from = 0, to = 0;
    };
    Span span(int sector) const;
  };
  Ring ring;
  std::vector<Tier> tiers;
};

inline constexpr float kRowDepth = 0.8f,
                       kSeatFront = 0.38f;  // m; of a row, and of the seats' front edge behind its own
inline constexpr float kSeatHeight = 0.45f, kAisleWidth = 1.2f;  // m
inline constexpr float kSeatPitchMin = 0.48f, kSeatPitchMax = 0.54f;  // m from seat to seat
inline constexpr int kSeatsTogether = 4;  // seats come in benches of so many
inline constexpr std::uint32_t kStadiumSeats = 68'000;  // when nothing else is asked for
inline constexpr std::uint32_t kStadiumSeatsMin = 8'000, kStadiumSeatsMax = 80'000;

// All from 1. Written "2/31/05/12": tier, sector, row, seat.
struct SeatNumber {
  std::uint8_t tier = 1, sector = 1, row = 1, seat = 1;
  std::string text() const;
  friend bool operator==(const SeatNumber&, const SeatNumber&) = default;
};

struct Seat {
  // On the floor, below the middle of the seat's front edge: where the feet of whoever sits there are, and where they
  // stand when they get up. The seat is kSeatHeight above.
  motion::Vec3 position;
  float yaw = 0;  // looks at the field
  SeatNumber number;
};

class Seats {
 public:
  Seats() = default;  // none
  explicit Seats(SeatPlan plan);

  std::uint32_t count() const { return count_; }
  // Asserts index < count(). No allocation; about 50 ns.
  Seat seat(std::uint32_t index) const;
  std::optional<std::uint32_t> index(SeatNumber number) const;
  // All seats of one sector lie side by side: [first, end). Asserts that tier and sector (from 0) are there.
  struct Range {
    std::uint32_t first = 0, end = 0;
  };
  Range sector(std::size_t tier, int sector) const;
  // Metres from seat to seat.
  float pitch(std::size_t tier, int sector, std::size_t row) const;
  const SeatPlan& plan() const { return plan_; }

 private:
  struct Run {  // the seats of one row within one sector
    std::uint32_t first = 0;
    std::uint8_t tier = 0, sector = 0, row = 0;
  };
  SeatPlan plan_;
  std::vector<Run> runs_;  // ascending; runs without a seat are there too
  std::vector<std::size_t> tier_runs_;  // the first run of each tier
  std::uint32_t count_ = 0;
};

// The two tiers of the kit's stadium with exactly `seats` seats round a football field: rows are added until they suffice,
// and what is too much is left out of the last row, evenly. Asserts the bounds above and a multiple of kSeatsTogether.
SeatPlan stadium_seats(std::uint32_t seats);

// Which seats of a full house stay free: `spare` of `count`, one in each of `spare` runs of seats next to each other, where in the run
// looks like chance. So whoever looks for a seat finds one near, and hosts and browsers agree on who sits where without a list:
// spectators sit in ascending order of seats. Asserts seat < count and 0 < spare <= count. (web/packages/scene/src/crowd/seats.ts)
bool is_spare(std::uint32_t seat, std::uint32_t count, std::uint32_t spare);

// {"ring": [half_x, half_z, radius], "tiers": [{"sectors": [...], "rows": [[offset, floor, [seats...]], ...]}]}
Json to_json(const SeatPlan& plan);
// Error `invalid` names the field.
Result<SeatPlan> seat_plan_from_json(const Json& json);

}  // namespace mw::kit
