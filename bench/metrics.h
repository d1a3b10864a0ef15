// The host's own metrics, as /metrics shows them (Prometheus' text format).
// Thread: any; a request blocks.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bench/link.h"

namespace mw::bench {

// Lines by their name, labels included: `manyworlds_tick_seconds_bucket{le="0.01"}`.
using Metrics = std::map<std::string, double, std::less<>>;
Metrics parse_metrics(std::string_view text);
Result<Metrics> fetch_metrics(const Address& address);

// The share's percentile of a histogram without further labels, of what came between two readings, in the histogram's
// unit: the linear guess within a bucket that Prometheus makes (histogram_quantile). Negative without values.
double histogram_percentile(const Metrics& before, const Metrics& after, std::string_view name, double share);

}  // namespace mw::bench
