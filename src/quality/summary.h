// A ledger as JSON, for /sla.json and host.status: promise, measurement of the last hour and day, points to plot.
// Thread: pure functions.
#pragma once

#include "data/json.h"
#include "quality/ledger.h"

namespace mw::quality {

// {"good_minutes":95,"most":{"join_ms":4000,...}}
Json promise_json(const Promise& promise);
// {"good_percent":..,"client_minutes":..,"measured_percent":..,"failed_joins":..,"late_ticks_percent":..,
//  "broken_minutes":{name:..},"percentiles":{name:{"p50":..,"p95":..,"p99":..}}}; null where nobody measured.
Json count_json(const Count& count);
// {"minutes":each point's length,"from":the first's Unix minute,"good_percent":[..],"client_minutes":[..]}; null: nothing measured.
Json hour_points(const Ledger& ledger, std::int64_t minute);
Json day_points(const Ledger& ledger, std::int64_t minute);

}  // namespace mw::quality
