// The quality of service as metrics: the same figures as /sla.json.
#include <cmath>

#include "base/limits.h"
#include "quality/summary.h"
#include "server/telemetry.h"

namespace mw::server {

void Telemetry::publish_quality(Control& control) {
  const auto& governor = control.governor();
  const auto gauge = [this](const char* name, const char* help, double value,
                            const runtime::Metrics::Labels& labels = {}) {
    // A share of nothing is no number; Prometheus writes it as NaN.
    metrics_.gauge(name, help, labels).set(value);
  };
  gauge("manyworlds_load_ratio",
        "Share of its time that the busiest of the host works (a loop, or all cores), mean of 5 s", governor.load());
  gauge("manyworlds_detail_ratio", "Share of their byte budgets that viewers get", governor.detail());
  gauge("manyworlds_pose_rate_hertz", "Rate at which poses go out",
        static_cast<double>(limits::kTickHz) / governor.rate_divisor());
  const std::int64_t minute = control.minute();
  control.each_ledger([&](const std::string& world, const quality::Ledger& ledger) {
    gauge("manyworlds_promise_ratio", "Share of good client-minutes that the world promises",
          ledger.promise().good_minutes / 100, {{"world", world}});
    for (const auto& [window, minutes] : {std::pair{"hour", 60}, std::pair{"day", limits::kQualityMinutes}}) {
      const auto count = ledger.last(minute, minutes);
      const runtime::Metrics::Labels labels{{"world", world}, {"window", window}};
      gauge("manyworlds_good_ratio", "Share of the measured client-minutes that were good", count.good(), labels);
      gauge("manyworlds_measured_ratio", "Share of the client time of which somebody reported", count.measured(),
            labels);
      gauge("manyworlds_client_minutes", "Client-minutes measured, failed joins included",
            (count.good_s + count.bad_s) / 60.0, labels);
      gauge("manyworlds_failed_joins", "Joins that failed", count.failed_joins, labels);
      for (std::size_t m = 0; m < quality::kMeasures; ++m) {
        for (const auto& [name, q] : {std::pair{"0.5", 0.5}, std::pair{"0.95", 0.95}, std::pair{"0.99", 0.99}}) {
          auto more = labels;
          more["measure"] = quality::measures()[m].name;
          more["quantile"] = name;
          gauge("manyworlds_quality", "What clients measured, by measure (its name ends in its unit), over clients",
                count.quantile(static_cast<quality::Measure>(m), q), more);
        }
      }
    }
  });
}

}  // namespace mw::server
