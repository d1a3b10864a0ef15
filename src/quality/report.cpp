#include "quality/report.h"

#include "base/limits.h"

namespace mw::quality {

Json report_schema() {
  const auto range = [](double most, std::string_view meaning) {
    return Json{{"type", "number"}, {"minimum", 0}, {"maximum", most}, {"description", meaning}};
  };
  Json properties{
      {"world", {{"type", "string"}, {"maxLength", 32}}},
      {"seconds",
       range(limits::kReportSeconds, "of looking at the world that the report covers; a hidden page looks not")},
      {"joined", {{"type", "boolean"}, {"description", "false: no correct frame was drawn; true when absent"}}},
      {"clock_error_ms", range(measures()[2].absurd, "of the ages: half the shortest round trip")}};
  for (const auto& rule : measures()) properties[std::string(rule.name)] = range(rule.absurd, rule.meaning);
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", {"world", "seconds"}},
          {"properties", std::move(properties)}};
}

Result<Report> read_report(const Json& params) {
  Report report;
  report.world = params["world"].get<std::string>();
  report.seconds = params["seconds"].get<double>();
  report.joined = params.value("joined", true);
  report.clock_error_ms = params.value("clock_error_ms", 0.0);
  for (std::size_t i = 0; i < kMeasures; ++i)
    report.values[i] = params.value(std::string(measures()[i].name), report.values[i]);
  if (!report.joined && params.contains(measures()[0].name))
    return invalid("join_ms", "a join that did not come about took no time: leave it out");
  return report;
}

}  // namespace mw::quality
