// One minute of a ledger as text for the store: {"n":minute,"c":[counts],"b":[broken],"h":[[bucket,seconds,...] of each measure]}.
#include "base/limits.h"
#include "data/json.h"
#include "quality/ledger.h"

namespace mw::quality {
namespace {

Error damaged(std::string_view part) { return {ErrorKind::damaged, std::string(part), "a kept minute does not read"}; }

// Numbers of a list, each at most what a count may be.
bool take(const Json& list, std::span<std::uint32_t* const> into) {
  if (!list.is_array() || list.size() != into.size()) return false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    if (!list[i].is_number_unsigned()) return false;
    const auto value = list[i].get<std::uint64_t>();
    if (value > std::numeric_limits<std::uint32_t>::max() / limits::kQualityMinutes) return false;
    *into[i] = static_cast<std::uint32_t>(value);
  }
  return true;
}

bool take_spread(const Json& list, std::array<std::uint32_t, kBuckets>& into) {
  if (!list.is_array() || list.size() % 2 != 0 || list.size() > 2 * kBuckets) return false;
  for (std::size_t i = 0; i < list.size(); i += 2) {
    if (!list[i].is_number_unsigned() || list[i].get<std::uint64_t>() >= kBuckets) return false;
    std::uint32_t* const seconds[] = {&into[list[i].get<std::size_t>()]};
    if (!take(Json::array({list[i + 1]}), seconds)) return false;
  }
  return true;
}

}  // namespace

std::string to_row(const Minute& minute) {
  const Count& c = minute.count;
  Json spreads = Json::array();
  for (const auto& spread : c.spread) {
    Json pairs = Json::array();
    for (std::size_t b = 0; b < kBuckets; ++b) {
      if (spread[b] == 0) continue;
      pairs.push_back(b);
      pairs.push_back(spread[b]);
    }
    spreads.push_back(std::move(pairs));
  }
  return data::to_text({{"n", minute.number},
                        {"c", {c.good_s, c.bad_s, c.present_s, c.delivery_s, c.ticks, c.late_ticks, c.failed_joins}},
                        {"b", c.broken_s},
                        {"h", std::move(spreads)}});
}

Result<Minute> from_row(std::string_view row) {
  if (row.size() > limits::kQualityRowBytes) return damaged("row");
  const auto json = data::parse_json(row);
  if (!json.ok() || !json->is_object()) return damaged("row");
  const auto part = [&](const char* name) -> const Json& {
    static const Json none;
    const auto found = json->find(name);
    return found == json->end() ? none : *found;
  };
  Minute minute;
  Count& c = minute.count;
  if (!part("n").is_number_integer()) return damaged("n");
  minute.number = part("n").get<std::int64_t>();
  std::uint32_t* const counts[] = {&c.good_s, &c.bad_s,      &c.present_s,   &c.delivery_s,
                                   &c.ticks,  &c.late_ticks, &c.failed_joins};
  if (!take(part("c"), counts)) return damaged("c");
  std::array<std::uint32_t*, kMeasures> broken{};
  for (std::size_t m = 0; m < kMeasures; ++m) broken[m] = &c.broken_s[m];
  if (!take(part("b"), broken)) return damaged("b");
  const Json& spreads = part("h");
  if (!spreads.is_array() || spreads.size() != kMeasures) return damaged("h");
  for (std::size_t m = 0; m < kMeasures; ++m)
    if (!take_spread(spreads[m], c.spread[m])) return damaged("h");
  return minute;
}

}  // namespace mw::quality
