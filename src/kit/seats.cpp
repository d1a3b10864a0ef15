#include "kit/seats.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/format.h"

namespace mw::kit {
namespace {

constexpr double kHalfPi = 1.5707963267948966;

double side_length(const Ring& ring, int side, double offset) {
  if (side % 2 == 1) return kHalfPi * (static_cast<double>(ring.radius) + offset);
  return 2.0 * static_cast<double>(side % 4 == 0 ? ring.half_x : ring.half_z);
}

// Where the seats of a row stand, and how wide they may be in all.
double seat_line(const SeatPlan::Row& row) { return static_cast<double>(row.offset) + static_cast<double>(kSeatFront); }
double seat_width(const Ring& ring, const SeatPlan::Tier::Span& span, const SeatPlan::Row& row) {
  return side_length(ring, span.side, seat_line(row)) * static_cast<double>(span.to - span.from) -
         static_cast<double>(kAisleWidth);
}

}  // namespace

Ring::Spot Ring::at(int side, float share, float offset) const {
  const int quarter = side / 2 % 4;  // the straight sides look to +z, +x, -z, -x
  const bool corner = side % 2 == 1;
  const double yaw = kHalfPi * (quarter + (corner ? static_cast<double>(share) : 0.0));
  // The corner of the core that this quarter goes to; its straight side comes from the one before.
  const std::array<std::array<float, 2>, 4> corners{
      {{half_x, half_z}, {half_x, -half_z}, {-half_x, -half_z}, {-half_x, half_z}}};
  const auto& to = corners[static_cast<std::size_t>(quarter)];
  const auto& from = corners[static_cast<std::size_t>((quarter + 3) % 4)];
  const float t = corner ? 1.f : share;
  const double far = static_cast<double>(radius) + static_cast<double>(offset);
  return {static_cast<float>(from[0] + (to[0] - from[0]) * t + far * std::sin(yaw)),
          static_cast<float>(from[1] + (to[1] - from[1]) * t + far * std::cos(yaw)), static_cast<float>(yaw)};
}

float Ring::length(int side, float offset) const {
  return static_cast<float>(side_length(*this, side, static_cast<double>(offset)));
}

int SeatPlan::Tier::sector_count() const {
  int count = 0;
  for (const std::uint8_t of_side : sectors) count += of_side;
  return count;
}

SeatPlan::Tier::Span SeatPlan::Tier::span(int sector) const {
  for (int side = 0; side < kRingSides; ++side) {
    const int here = sectors[static_cast<std::size_t>(side)];
    if (sector < here) {
      const auto width = 1.f / static_cast<float>(here);
      return {side, static_cast<float>(sector) * width, static_cast<float>(sector + 1) * width};
    }
    sector -= here;
  }
  MW_ASSERT(false);
  return {};
}

std::string SeatNumber::text() const { return format("{}/{:02}/{:02}/{:02}", tier, sector, row, seat); }

Seats::Seats(SeatPlan plan) : plan_(std::move(plan)) {
  for (std::size_t t = 0; t < plan_.tiers.size(); ++t) {
    const auto& tier = plan_.tiers[t];
    tier_runs_.push_back(runs_.size());
    runs_.reserve(runs_.size() + tier.rows.size() * static_cast<std::size_t>(tier.sector_count()));
    for (int sector = 0; sector < tier.sector_count(); ++sector) {
      for (std::size_t row = 0; row < tier.rows.size(); ++row) {
        runs_.push_back(
            {count_, static_cast<std::uint8_t>(t), static_cast<std::uint8_t>(sector), static_cast<std::uint8_t>(row)});
        count_ += tier.rows[row].seats[static_cast<std::size_t>(sector)];
      }
    }
  }
}

float Seats::pitch(std::size_t tier, int sector, std::size_t row) const {
  const auto& of = plan_.tiers[tier];
  const auto& line = of.rows[row];
  const double width = seat_width(plan_.ring, of.span(sector), line);
  const int seats = std::max<int>(line.seats[static_cast<std::size_t>(sector)], 1);
  return static_cast<float>(std::min(width / seats, static_cast<double>(kSeatPitchMax)));
}

Seat Seats::seat(std::uint32_t index) const {
  MW_ASSERT(index < count_);
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), index,
                                      [](std::uint32_t value, const Run& run) { return value < run.first; });
  const Run& run = *(after - 1);  // the last that begins here: empty ones before it begin here too
  const auto& tier = plan_.tiers[run.tier];
  const auto& row = tier.rows[run.row];
  const auto span = tier.span(run.sector);
  const auto line = static_cast<float>(seat_line(row));
  const int seats = row.seats[run.sector];
  const auto number = static_cast<int>(index - run.first);
  const float along = (static_cast<float>(number) - static_cast<float>(seats - 1) / 2) *
                      pitch(run.tier, run.sector, run.row) / plan_.ring.length(span.side, line);
  const Ring::Spot spot = plan_.ring.at(span.side, (span.from + span.to) / 2 + along, line);
  constexpr float kTurn = 6.28318530718f;
  const float yaw = spot.yaw - kTurn / 2;
  return {{spot.x, row.floor, spot.z},
          yaw > kTurn / 2 ? yaw - kTurn : yaw,
          {static_cast<std::uint8_t>(run.tier + 1), static_cast<std::uint8_t>(run.sector + 1),
           static_cast<std::uint8_t>(run.row + 1), static_cast<std::uint8_t>(number + 1)}};
}

std::optional<std::uint32_t> Seats::index(SeatNumber number) const {
  if (number.tier < 1 || number.tier > plan_.tiers.size()) return std::nullopt;
  const auto& tier = plan_.tiers[number.tier - 1u];
  if (number.sector < 1 || number.sector > tier.sector_count()) return std::nullopt;
  if (number.row < 1 || number.row > tier.rows.size()) return std::nullopt;
  if (number.seat < 1 || number.seat > tier.rows[number.row - 1u].seats[number.sector - 1u]) return std::nullopt;
  const std::size_t run = tier_runs_[number.tier - 1u] + (number.sector - 1u) * tier.rows.size() + (number.row - 1u);
  return runs_[run].first + (number.seat - 1u);
}

Seats::Range Seats::sector(std::size_t tier, int sector) const {
  MW_ASSERT(tier < plan_.tiers.size() && sector >= 0 && sector < plan_.tiers[tier].sector_count());
  const std::size_t rows = plan_.tiers[tier].rows.size();
  const std::size_t run = tier_runs_[tier] + static_cast<std::size_t>(sector) * rows;
  return {runs_[run].first, run + rows < runs_.size() ? runs_[run + rows].first : count_};
}

namespace {

// The riser that lets an eye see the touchline `kClear` over the eye in front. Distances from the touchline, heights above it.
double riser(double distance, double eye) {
  constexpr double kClear = 0.09;
  const double depth = static_cast<double>(kRowDepth);
  const double rise = (eye + kClear) * (distance + depth) / distance - eye;
  return std::ceil(rise * 200 - 1e-9) / 200;  // to 5 mm, so that the plan is short in decimals
}

constexpr double kTouchline = 8.5;  // from the field's edge to the first row's front, along the long sides
constexpr double kEyeHeight = 1.2, kEyeBehind = 0.6;  // of whoever sits: over the floor, behind the row's front

void add_row(const Ring& ring, SeatPlan::Tier& tier, double offset, double floor) {
  SeatPlan::Row row{static_cast<float>(offset), static_cast<float>(floor), {}};
  for (int sector = 0; sector < tier.sector_count(); ++sector) {
    const double width = seat_width(ring, tier.span(sector), row);
    const auto benches = static_cast<int>(width / static_cast<double>(kSeatPitchMin * kSeatsTogether));
    row.seats.push_back(static_cast<std::uint8_t>(std::max(benches, 0) * kSeatsTogether));
  }
  tier.rows.push_back(std::move(row));
}

std::uint32_t seats_of(const SeatPlan::Row& row) {
  std::uint32_t sum = 0;
  for (const std::uint8_t seats : row.seats) sum += seats;
  return sum;
}

// Takes benches out of a row, evenly round the stand.
void thin(SeatPlan::Row& row, std::uint32_t too_many) {
  const std::uint32_t all = seats_of(row) / kSeatsTogether, out = too_many / kSeatsTogether;
  std::uint32_t seen = 0;
  for (std::uint8_t& seats : row.seats) {
    const std::uint32_t here = seats / kSeatsTogether;
    const std::uint32_t lost = (seen + here) * out / all - seen * out / all;
    seats = static_cast<std::uint8_t>((here - lost) * kSeatsTogether);
    seen += here;
  }
}

}  // namespace

SeatPlan stadium_seats(std::uint32_t seats) {
  MW_ASSERT(seats >= kStadiumSeatsMin && seats <= kStadiumSeatsMax && seats % kSeatsTogether == 0);
  constexpr std::size_t kLowerRows = 32;
  constexpr double kLowerFloor = 1.02, kConcourse = 4.4, kWalkwayOver = 4.9;
  SeatPlan plan;
  SeatPlan::Tier lower{{6, 4, 4, 4, 6, 4, 4, 4}, {}}, upper{{6, 7, 4, 7, 6, 7, 4, 7}, {}};
  const double depth = static_cast<double>(kRowDepth);
  std::uint32_t count = 0;
  double offset = 0, floor = kLowerFloor;
  for (SeatPlan::Tier* tier : {&lower, &upper}) {
    while (count < seats && (tier == &upper || tier->rows.size() < kLowerRows)) {
      add_row(plan.ring, *tier, offset, floor);
      count += seats_of(tier->rows.back());
      floor += riser(kTouchline + offset + kEyeBehind, floor + kEyeHeight);
      offset += depth;
    }
    if (count >= seats) thin(tier->rows.back(), count - seats);
    if (tier == &lower) offset += kConcourse, floor += kWalkwayOver;
    plan.tiers.push_back(std::move(*tier));
    if (count >= seats) break;
  }
  return plan;
}

Json to_json(const SeatPlan& plan) {
  const auto number = [](float value) { return std::round(static_cast<double>(value) * 1000) / 1000; };
  Json tiers = Json::array();
  for (const auto& tier : plan.tiers) {
    Json rows = Json::array();
    for (const auto& row : tier.rows)
      rows.push_back(Json::array({number(row.offset), number(row.floor), Json(row.seats)}));
    tiers.push_back(Json::object({{"sectors", Json(tier.sectors)}, {"rows", std::move(rows)}}));
  }
  return Json::object(
      {{"ring", Json::array({number(plan.ring.half_x), number(plan.ring.half_z), number(plan.ring.radius)})},
       {"tiers", std::move(tiers)}});
}

bool is_spare(std::uint32_t seat, std::uint32_t count, std::uint32_t spare) {
  MW_ASSERT(seat < count && spare > 0 && spare <= count);
  const auto first_of = [&](std::uint64_t run) { return (run * count + spare - 1) / spare; };
  const std::uint64_t run = std::uint64_t{seat} * spare / count;
  std::uint32_t mixed = static_cast<std::uint32_t>(run);  // C. Wellons' "lowbias32"
  mixed = (mixed ^ (mixed >> 16)) * 0x21f0aaadu;
  mixed = (mixed ^ (mixed >> 15)) * 0x735a2d97u;
  mixed ^= mixed >> 15;
  return seat == first_of(run) + mixed % (first_of(run + 1) - first_of(run));
}

Result<SeatPlan> seat_plan_from_json(const Json& json) {
  constexpr std::size_t kTiersMax = 8, kRowsMax = 200;
  const auto numbers = [](const Json& list, std::size_t count) {
    return list.is_array() && list.size() == count &&
           std::all_of(list.begin(), list.end(), [](const Json& item) { return item.is_number(); });
  };
  const auto bytes = [](const Json& list, std::size_t count) {
    return list.is_array() && list.size() == count && std::all_of(list.begin(), list.end(), [](const Json& item) {
             return item.is_number_integer() && item.get<std::int64_t>() >= 0 && item.get<std::int64_t>() <= 255;
           });
  };
  if (!json.is_object() || !json.contains("ring") || !numbers(json["ring"], 3))
    return invalid("ring", "expected three numbers");
  if (!json.contains("tiers") || !json["tiers"].is_array() || json["tiers"].size() > kTiersMax)
    return invalid("tiers", format("expected a list of at most {} tiers", kTiersMax));
  SeatPlan plan;
  plan.ring = {json["ring"][0].get<float>(), json["ring"][1].get<float>(), json["ring"][2].get<float>()};
  for (const Json& of : json["tiers"]) {
    if (!of.is_object() || !of.contains("sectors") || !bytes(of["sectors"], kRingSides))
      return invalid("tiers.sectors", "expected eight numbers from 0 to 255");
    if (!of.contains("rows") || !of["rows"].is_array() || of["rows"].size() > kRowsMax)
      return invalid("tiers.rows", format("expected a list of at most {} rows", kRowsMax));
    SeatPlan::Tier tier{of["sectors"].get<std::array<std::uint8_t, kRingSides>>(), {}};
    const int sectors = tier.sector_count();
    if (sectors > 255) return invalid("tiers.sectors", "expected at most 255 sectors in a tier");
    for (const Json& row : of["rows"]) {
      if (!row.is_array() || row.size() != 3 || !row[0].is_number() || !row[1].is_number() ||
          !bytes(row[2], static_cast<std::size_t>(sectors)))
        return invalid("tiers.rows", "expected offset, floor and a number of seats for each sector");
      tier.rows.push_back({row[0].get<float>(), row[1].get<float>(), row[2].get<std::vector<std::uint8_t>>()});
    }
    plan.tiers.push_back(std::move(tier));
  }
  return plan;
}

}  // namespace mw::kit
