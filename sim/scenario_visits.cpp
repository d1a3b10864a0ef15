// People of 2 to 12 hosts who visit one another. Hosts are whole control sides, each with its accounts, travel, titles, friends and calls
// to others upon one virtual disk; what is between them loses, delays and repeats. Hosts lose their power at any change of a disk,
// clocks drift, some are wrong, the network parts. People do by calls what the pages do (person.h); what must hold is in
// visits_ledger.h. When the faults end, everybody goes home, and in the end everything is there, shown and settled.
#include <algorithm>
#include <memory>

#include "base/format.h"
#include "base/limits.h"
#include "sim/person.h"
#include "sim/scenario.h"

namespace mw::sim {
namespace {

constexpr Micros kTroubled = 240 * kSecond;
// Long enough for every lease to end and for a log that could not be read to be tried again.
constexpr Micros kCalm = (limits::kLeaseMs + 5 * 60'000) * kMillisecond, kEnd = kTroubled + kCalm;
constexpr std::int64_t kDrift = 900, kWrong = 40'000;  // ms

class VisitsPlay {
 public:
  explicit VisitsPlay(const Play& play)
      : play_(play),
        events_(play.print),
        random_(play.seed),
        network_(events_, random_.split()),
        internet_(events_, random_.split()),
        ledger_(events_, hosts_) {
    if (play.plant == Plant::swallowed_calls) internet_.swallow(0.1);
    const std::size_t count = 2 + random_.below(random_.chance(0.1) ? 11 : 3);
    for (std::size_t i = 0; i < count; ++i) add_host(i);
    const std::size_t people = 3 + random_.below(5);
    for (std::size_t i = 0; i < people; ++i)
      people_.push_back(std::make_unique<Person>(i, i < count ? i : random_.below(count),
                                                 Person::Around{hosts_, people_, ledger_, events_, network_},
                                                 random_.split()));
    events_.trace("visits", format("{} hosts, {} people", count, people));
  }

  Report run() {
    for (auto& host : hosts_) host->start();
    for (auto& person : people_) person->start();
    for (auto& host : hosts_) {
      if (random_.chance(0.7)) next_crash(*host);
      watch(*host);
      if (play_.plant == Plant::ack_before_sync) flush_later(*host);
    }
    if (random_.chance(0.5)) plan_partition();
    break_links();
    look();
    events_.run_until(kTroubled);
    calm_down();
    events_.run_until(kEnd);
    if (ledger_.good()) check_end();
    return report();
  }

 private:
  void add_host(std::size_t number) {
    HostAddress address{format("host-{}.localhost", number), &internet_, {}, kTroubled};
    const auto drift = random_.chance(0.15) ? kWrong : kDrift;
    address.clock = {random_.between(-drift, drift), random_.between(-kDrift, kDrift)};
    auto host = std::make_unique<Host>(format("host-{}", number), std::vector<std::string>{"lab"}, events_, network_,
                                       random_.split(), address);
    host->on_violation = [this, number](const std::string& what) { ledger_.violate(format("host-{}", number), what); };
    host->on_started = [this, number](Host& started) { ledger_.check_started(started, number); };
    host->disk().answer_before_sync(play_.plant == Plant::ack_before_sync);
    hosts_.push_back(std::move(host));
  }

  // --- Faults ---------------------------------------------------------------------------------------------------------

  void next_crash(Host& host) {
    events_.after(random_.between(2, 80) * kSecond, [this, &host] {
      if (calm_) return;
      if (host.up()) {
        if (random_.chance(0.4))
          crash(host);
        else
          host.disk().turn_off_after(random_.below(60));  // in the middle of a commit
      }
      next_crash(host);
    });
  }
  void watch(Host& host) {
    events_.after(50 * kMillisecond, [this, &host] {
      if (!host.up() && host.disk().off()) crash(host);
      watch(host);
    });
  }
  void crash(Host& host) {
    ++ledger_.report().crashes;
    host.crash(random_.chance(0.8));
    events_.after(random_.between(10, 8'000) * kMillisecond, [this, &host] {
      if (!host.up() && ledger_.good()) host.start();
    });
  }
  void flush_later(Host& host) {
    events_.after(8 * kSecond, [this, &host] {
      if (!host.disk().off()) host.disk().flush();
      flush_later(host);
    });
  }
  void break_links() {
    events_.after(random_.between(3, 20) * kSecond, [this] {
      if (calm_) return;
      network_.break_some(0.2);
      break_links();
    });
  }
  void plan_partition() {
    events_.after(random_.between(20, 120) * kSecond, [this] {
      std::set<std::string> side;
      for (const auto& host : hosts_)
        if (random_.chance(0.5)) side.insert(host->address()->authority);
      events_.trace("visits", "the network parts");
      internet_.part(std::move(side));
    });
    events_.after(random_.between(130, 200) * kSecond, [this] { internet_.heal(); });
  }
  void calm_down() {
    calm_ = true;
    network_.be_calm();
    internet_.be_calm();
    for (auto& host : hosts_) host->disk().stay_on();
    for (auto& person : people_) person->settle();
  }

  // --- What must hold ------------------------------------------------------------------------------------------------

  void look() {
    events_.after(300 * kMillisecond, [this] {
      if (!ledger_.good()) return;
      ledger_.look();
      for (const auto& person : people_) person->check_patience();
      look();
    });
  }
  void check_end() {
    std::map<Did, VisitsLedger::Shown> shown;
    for (const auto& person : people_) {
      if (!person->settled()) return ledger_.violate(person->name(), "could not settle in the end");
      shown[person->did()] = person->shown();
    }
    ledger_.check_end(shown);
  }
  Report report() {
    Report out = ledger_.report();
    out.trace_hash = events_.trace_hash();
    out.events = events_.events_run();
    for (const auto& host : hosts_) out.sectors_lost += host->disk().stats().sectors_lost;
    return out;
  }

  Play play_;
  Events events_;
  Random random_;
  Network network_;
  Internet internet_;
  std::vector<std::unique_ptr<Host>> hosts_;
  VisitsLedger ledger_;
  std::vector<std::unique_ptr<Person>> people_;
  bool calm_ = false;
};

}  // namespace

Report play_visits(const Play& play) { return VisitsPlay(play).run(); }

}  // namespace mw::sim
