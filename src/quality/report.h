// A client's report of at most one minute (the call quality.report). Data from outside: read here, judged by the ledger.
// Thread: values; pure functions.
#pragma once

#include <string>

#include "base/result.h"
#include "data/json.h"
#include "quality/promise.h"

namespace mw::quality {

struct Report {
  std::string world;
  double seconds = 0;  // of looking that it covers: 0 to limits::kReportSeconds
  bool joined =
      true;  // false: the visitor waited for the first correct frame until the end of the report, or left before
  double clock_error_ms = 0;  // of the ages: half the shortest round trip
  Values values = no_values();
};

// The schema of the parameters; reads what it has let in. Error `invalid`: a measure of a join that failed.
Json report_schema();
Result<Report> read_report(const Json& params);

}  // namespace mw::quality
