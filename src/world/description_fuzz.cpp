// Strategy: arbitrary bytes as a world.toml, seeded by the demonstration's worlds.
// Invariants: no crash, no hang; either a description comes out and nothing is wrong, or nothing comes out and every problem
// names the file and has a reason; what comes out keeps its limits.
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
  MW_ASSERT(read->kit.empty() != read->file.empty() && read->file.find("..") == std::string::npos);
  return 0;
}
