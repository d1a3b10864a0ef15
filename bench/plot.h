// `manyworlds-bench plot`: cost against size, as an SVG of text, from the JSON files of `crowd` runs.
// Thread: one.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "data/json.h"

namespace mw::bench {

// Panels over the number of clients: cores, Mbit/s for each client, degrees, milliseconds. A series of each mode and trace
// of the runs; a field that is null or missing leaves a gap. Errors: `invalid` without a run that says `clients`.
Result<std::string> plot_crowd(const std::vector<Json>& runs);

struct PlotOptions {
  std::vector<std::string> files;
  std::string out;
};
// Reads the files and writes the SVG; the result names it.
Result<Json> run_plot(const PlotOptions& options);

}  // namespace mw::bench
