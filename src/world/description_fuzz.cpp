// Strategy: arbitrary bytes as a world.toml, seeded by the demonstration's worlds, one that uses every key, and one that is wrong
// in many ways.
// Invariants: no crash, no hang; either a description comes out and nothing is wrong, or nothing comes out and every problem
// names the file and has a reason; what comes out keeps its limits, and a
// person can move by its rules of movement.
#include "base/assert.h"
#include "base/limits.h"
#include "world/description.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<mw::world::Problem> problems;
  const std::string_view toml(reinterpret_cast<const char*>(data), size);
  const auto read = mw::world::read_description(toml, "fuzz/world.toml", "fuzz", problems);
  MW_ASSERT(read.has_value() == problems.empty());
  for (const auto& problem : problems) MW_ASSERT(problem.file == "fuzz/world.toml" && !problem.reason.empty());
  if (!read) return 0;
  MW_ASSERT(read->capacity >= 1 && read->capacity <= mw::limits::kVisitorsPerWorld);
  MW_ASSERT(read->walkers <= mw::limits::kWalkersPerWorld && read->portals.size() <= mw::limits::kPortalsPerWorld);
  const auto& rules = read->rules;
  MW_ASSERT(rules.gravity >= 0.5f && rules.walk_speed > 0 && rules.run_speed >= rules.walk_speed && rules.radius > 0);
  MW_ASSERT(rules.height >= 2 * rules.radius && rules.step_height <= rules.height / 2);
  MW_ASSERT(!read->spawn || read->spawn->position.y > rules.floor_y);
  for (const auto& portal : read->portals) MW_ASSERT(portal.to_world.empty() != portal.to_url.empty());
  MW_ASSERT(read->kit.empty() != read->file.empty() && read->file.find("..") == std::string::npos);
  return 0;
}
