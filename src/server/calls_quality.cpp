#include "quality/report.h"
#include "quality/summary.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

namespace {

Json or_null(Json schema, std::string_view meaning = {}) {
  schema["type"] = {schema["type"], "null"};
  return described(std::move(schema), meaning);
}

// {name of each measure: schema}
Json by_measure(const Json& schema, std::string_view meaning) {
  Json properties = Json::object();
  std::vector<std::string> names;
  for (const auto& rule : quality::measures()) {
    properties[std::string(rule.name)] = schema;
    names.emplace_back(rule.name);
  }
  return object(std::move(properties), std::move(names), std::string(meaning));
}

Json count_schema() {
  Json points = object({{"minutes", whole("length of each")},
                        {"from", whole("Unix minute at which the first begins")},
                        {"good_percent", list_of(or_null(number()))},
                        {"client_minutes", list_of(number())}},
                       {"minutes", "from", "good_percent", "client_minutes"});
  Json percentiles = object({{"p50", or_null(number())}, {"p95", or_null(number())}, {"p99", or_null(number())}},
                            {"p50", "p95", "p99"});
  return object(
      {{"good_percent", or_null(number(), "of the client-minutes that were measured; null when none was")},
       {"client_minutes", number("good and bad ones, failed joins included")},
       {"measured_percent", or_null(number(), "of the time that visitors were inside, how much somebody reported of")},
       {"failed_joins", whole()},
       {"late_ticks_percent", or_null(number())},
       {"broken_minutes", by_measure(number(), "bad minutes, by the bounds that did not hold")},
       {"percentiles", by_measure(percentiles, "over clients; within a fifth of the truth")},
       {"points", std::move(points)}},
      {"good_percent", "client_minutes", "measured_percent", "failed_joins", "late_ticks_percent", "broken_minutes",
       "percentiles", "points"});
}

// What stands in the example, for one stretch of time.
Json example_count() {
  quality::Ledger ledger{quality::Promise{}};
  quality::Report report;
  at(report.values, quality::Measure::age_near) = 92;
  for (int i = 0; i < 39; ++i) ledger.report(0, report, 60);
  at(report.values, quality::Measure::age_near) = 460;
  ledger.report(0, report, 60);
  ledger.present(0, 41, 60);
  Json count = quality::count_json(ledger.last(0, 60));
  count["points"] = {{"minutes", 1}, {"from", 29'400'000}, {"good_percent", {97.5}}, {"client_minutes", {40}}};
  return count;
}

}  // namespace

Json quality_schema() {
  Json promise = object({{"good_minutes", number("per cent")}, {"most", by_measure(number(), "bounds")}},
                        {"good_minutes", "most"});
  Json load =
      object({{"share", number("of its time that the busiest of the host works (a loop, or all cores), mean of 5 s")},
              {"detail", number("share of their byte budgets that viewers get")},
              {"rate_hz", whole("at which poses go out")}},
             {"share", "detail", "rate_hz"});
  Json admission{{"type", "string"},
                 {"enum", {"open", "closed"}},
                 {"description", "closed: newcomers wait, since one more would break the promise"}};
  Json world = object({{"name", text(32)},
                       {"title", reference("Text")},
                       {"accent", text(7)},
                       {"visitors", whole()},
                       {"waiting", whole()},
                       {"admission", std::move(admission)},
                       {"promise", std::move(promise)},
                       {"hour", count_schema()},
                       {"day", count_schema()}},
                      {"name", "title", "accent", "visitors", "waiting", "admission", "promise", "hour", "day"});
  return object({{"host", text(64)},
                 {"unix_ms", whole()},
                 {"calibrated", yes_no("false: the bounds come from literature, not from what people here noticed")},
                 {"load", std::move(load)},
                 {"worlds", list_of(std::move(world))}},
                {"host", "unix_ms", "calibrated", "load", "worlds"});
}

void Methods::add_quality_calls() {
  c.registry_.add(
      {"quality.report",
       "Reports how good the last minute in a world was, as this client measured it.",
       "Once a minute, and when one leaves. What was not measured is left out. The time counts as good when "
       "every measure keeps the world's promise. Nobody counts for longer than they were there: `counted` says "
       "for how many seconds the report did, 0 for less than 5 s or for time that counted before.",
       quality::report_schema(),
       object({{"counted", number("client-seconds")}}, {"counted"}),
       Capability::visit,
       5,
       {{"world", "plaza"},
        {"seconds", 60},
        {"join_ms", 1830},
        {"tick_ms", 58},
        {"age_near_ms", 92},
        {"clock_error_ms", 6},
        {"stalled_percent", 0.4},
        {"frame_ms", 17.1},
        {"kbit_s", 84}},
       {{"counted", 60}},
       [this_control = &c](const Caller& caller, const Json& params, Reply reply) {
         auto* visitor = this_control->visitor_of(caller);
         if (visitor == nullptr) return reply.error(failure(ErrorKind::conflict, "this visitor has no session here"));
         const auto report = quality::read_report(params);
         if (!report.ok()) return reply.error(report.error());
         const auto counted = this_control->take_report(*visitor, *report);
         if (!counted.ok()) return reply.error(counted.error());
         reply.result({{"counted", *counted}});
       }});
  c.registry_.add(
      {"quality.describe",
       "What each world promises of its quality of service, and what was measured in the last hour and day.",
       "The same as `/sla.json`. The unit is the client-minute, failed joins included.",
       object({}),
       quality_schema(),
       Capability::none,
       20,
       Json::object(),
       {{"host", "Manyworlds"},
        {"unix_ms", 1'764'000'000'000},
        {"calibrated", false},
        {"load", {{"share", 0.12}, {"detail", 1}, {"rate_hz", 20}}},
        {"worlds",
         {{{"name", "plaza"},
           {"title", {{"en", "The Plaza"}, {"zh", "广场"}}},
           {"accent", "#2A9D8F"},
           {"visitors", 12},
           {"waiting", 0},
           {"admission", "open"},
           {"promise", quality::promise_json({})},
           {"hour", example_count()},
           {"day", example_count()}}}}},
       [this_control = &c](const Caller&, const Json&, Reply reply) { reply.result(this_control->quality()); }});
}

}  // namespace mw::server
