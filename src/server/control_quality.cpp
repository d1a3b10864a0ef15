// The meter of quality of service: who was where for how long, what they report of it, what is kept, and who may come in.
#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/limits.h"
#include "quality/summary.h"
#include "runtime/log.h"
#include "server/methods.h"

namespace mw::server {
namespace {

constexpr double kLateTickS = 1.5 * limits::kTickMs / 1000;  // between the begins of two ticks
constexpr double kLastReportS = 30;  // how long the last report about a world that one has left may take
constexpr double kSlackS = 2;  // reports and presence are measured by two clocks

std::string prefix_of(const std::string& world) { return "quality/" + world + "/"; }
// A day has so many keys, which come again: the rows of a world stay bounded by themselves.
std::string key_of(const std::string& world, std::int64_t minute) {
  return format("{}{:04}", prefix_of(world), minute % limits::kQualityMinutes);
}

}  // namespace

void load_quality(records::Journal& journal, const std::string& world, std::int64_t minute, quality::Ledger& ledger) {
  const auto rows = journal.list(prefix_of(world), limits::kQualityMinutes);
  if (!rows.ok())
    return runtime::log_warning("quality", "what was measured before cannot be read", {{"error", rows.error().text()}});
  for (const auto& [key, row] : *rows)
    if (const auto read = quality::from_row(row); read.ok()) ledger.restore(minute, *read);
}

// --- Reports ---------------------------------------------------------------------------------------------------------

void Control::begin_stay(Visitor& visitor, const std::string& world) {
  visitor.stays[1] = std::move(visitor.stays[0]);
  visitor.stays[0] = {world, now_.s, std::nullopt, false};
}

void Control::end_stay(Visitor& visitor) {
  if (!visitor.stays[0].until_s) visitor.stays[0].until_s = now_.s;
}

// Nobody counts for longer than they were there, whatever their reports say, and no time counts twice.
Result<double> Control::take_report(Visitor& visitor, const quality::Report& report) {
  const auto stay = std::ranges::find(visitor.stays, report.world, &Stay::world);
  const auto open = worlds_.find(report.world);
  if (open == worlds_.end() || stay == visitor.stays.end() || (stay->until_s && now_.s - *stay->until_s > kLastReportS))
    return Error{ErrorKind::not_found, "world", format("you are not in '{}', nor were you just now", report.world)};
  if (!report.joined) {
    if (std::exchange(stay->failed, true)) return 0.0;
    open->second.ledger->report(minute(), report, 0);
    return 60.0;
  }
  const double end = stay->until_s.value_or(now_.s);
  const double seconds = std::min({report.seconds, 60.0, end - stay->from_s + kSlackS});
  if (report.seconds < limits::kReportLeastSeconds || seconds < limits::kReportLeastSeconds) return 0.0;
  open->second.ledger->report(minute(), report, seconds);
  stay->from_s = end;
  return seconds;
}

void Control::join_failed(const std::string& world) {
  const auto at = worlds_.find(world);
  if (at != worlds_.end()) at->second.ledger->join_failed(minute());
}

void Control::leave_queue(Visitor& visitor) {
  if (auto* queue = find_world(visitor.waiting); queue != nullptr && queue->waiting(visitor.guest.visitor)) {
    queue->leave(visitor.guest.visitor);
    join_failed(visitor.waiting);
  }
  visitor.waiting.clear();
}

// --- Every tick, every second ------------------------------------------------------------------------------------------

void Control::meter_tick(std::uint32_t tick) {
  const bool late = tick_s_ >= 0 && (tick > tick_ + 1 || now_.s - tick_s_ > kLateTickS);
  tick_ = tick;
  tick_s_ = now_.s;
  for (auto& [name, open] : worlds_) open.ledger->tick(minute(), late);
  if (metered_s_ >= 0 && now_.s - metered_s_ < 1) return;
  meter_second();
  metered_s_ = now_.s;
}

void Control::meter_second() {
  const double passed = metered_s_ < 0 ? 0 : now_.s - metered_s_;
  governor_.second();
  std::size_t inside = 0;
  for (auto& [name, open] : worlds_) {
    inside += open.world->visitors();
    open.ledger->present(minute(), open.world->connected(), passed);
    for (const auto all = open.world->stats().gave_up; open.gave_up < all; ++open.gave_up)
      open.ledger->join_failed(minute());
  }
  for (auto& [name, open] : worlds_) {
    admit_by_promise(open, inside);
    open.crowd->set_detail(governor_.detail());
    open.crowd->set_rate_divisor(governor_.rate_divisor());
  }
  save_quality(false);
}

void Control::admit_by_promise(OpenWorld& open, std::size_t inside_all) {
  const auto recent = open.ledger->last(minute(), quality::Admission::kMinutes);
  const bool before = open.admission.closed();
  open.world->set_room(open.admission.room({.load = governor_.load(),
                                            .inside = open.world->visitors(),
                                            .inside_all = inside_all,
                                            .measured_s = static_cast<double>(recent.good_s) + recent.bad_s,
                                            .delivery_s = static_cast<double>(recent.delivery_s),
                                            .good_minutes = open.ledger->promise().good_minutes}));
  if (before == open.admission.closed()) return;
  const auto& name = open.world->description().name;
  if (open.admission.closed())
    runtime::log_warning("quality", "newcomers wait: one more would break the promise",
                         {{"world", name}, {"load", governor_.load()}, {"visitors", open.world->visitors()}});
  else
    runtime::log_info("quality", "newcomers may come in again", {{"world", name}, {"load", governor_.load()}});
}

void Control::save_quality(bool open_minutes) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto keep = [&](const std::string& world, const quality::Minute& one) {
    rows.emplace_back(key_of(world, one.number), quality::to_row(one));
  };
  for (auto& [name, open] : worlds_) {
    while (const auto ended = open.ledger->take_ended(minute())) keep(name, *ended);
    const auto present = open_minutes ? open.ledger->open() : std::nullopt;
    if (present && !present->count.empty()) keep(name, *present);
  }
  if (rows.empty()) return;
  store_.put(std::move(rows), [](const Status& status) {
    // Figures are a comfort: a full disk costs the past after the next restart, and nothing else.
    if (!status.ok())
      runtime::log_warning("quality", "what was measured was not saved", {{"error", status.error().text()}});
  });
}

// --- What is shown -----------------------------------------------------------------------------------------------------

void Control::each_ledger(const std::function<void(const std::string&, const quality::Ledger&)>& visit) const {
  for (const auto& [name, open] : worlds_) visit(name, *open.ledger);
}

Json Control::about() const {
  Json worlds = Json::array();
  for (const auto& [name, open] : worlds_) {
    Json one = open.world->summary();
    one["promise"] = open.ledger->promise().good_minutes;
    worlds.push_back(std::move(one));
  }
  Json out{{"type", "Manyworlds"}, {"name", setup_.name}, {"version", setup_.version}, {"worlds", std::move(worlds)}};
  if (!setup_.operated_by.empty()) out["operator"] = setup_.operated_by;
  if (travel_ == nullptr) return out;
  out["did"] = travel_->did();
  out["takes"] = federation::name_of(travel_->rules().policy);
  return out;
}

Json Control::quality() const {
  Json worlds = Json::array();
  for (const auto& [name, open] : worlds_) {
    const auto& description = open.world->description();
    Json one{{"name", name},
             {"title", {{"en", description.title.en}, {"zh", description.title.zh}}},
             {"accent", description.accent},
             {"visitors", open.world->visitors()},
             {"waiting", open.world->queued()},
             {"admission", open.admission.closed() ? "closed" : "open"},
             {"promise", quality::promise_json(open.ledger->promise())}};
    one["hour"] = quality::count_json(open.ledger->last(minute(), 60));
    one["hour"]["points"] = quality::hour_points(*open.ledger, minute());
    one["day"] = quality::count_json(open.ledger->last(minute(), limits::kQualityMinutes));
    one["day"]["points"] = quality::day_points(*open.ledger, minute());
    worlds.push_back(std::move(one));
  }
  const auto hundredth = [](double value) { return std::round(value * 100) / 100; };
  return {{"host", setup_.name},
          {"unix_ms", now_.unix_ms},
          {"calibrated", false},
          {"load",
           {{"share", hundredth(governor_.load())},
            {"detail", hundredth(governor_.detail())},
            {"rate_hz", limits::kTickHz / static_cast<int>(governor_.rate_divisor())}}},
          {"worlds", std::move(worlds)}};
}

}  // namespace mw::server
