// Edits under crashes. Hosts are the real control side; clients edit shared worlds over links that break; hosts lose their
// power or are killed at any change of their disk, also within a commit, and start again from what the disk kept.
// Invariants: what was acknowledged or shown to anybody is in the journal after every start; nothing that was refused is; the
// sequence has no gaps; an undo restores exactly what was; all clients see the same scene, at every edit and at the end.
#include <algorithm>
#include <map>
#include <memory>

#include "base/format.h"
#include "sim/client.h"
#include "sim/host.h"
#include "sim/ledger.h"
#include "sim/scenario.h"

namespace mw::sim {
namespace {

constexpr Micros kTroubled = 14 * kSecond;  // faults and edits
constexpr Micros kCalm = 12 * kSecond;  // and then everybody comes back
constexpr Micros kCacheFlush = 150 * kMillisecond;  // of a disk that answers too early

class EditsPlay {
 public:
  explicit EditsPlay(const Play& play)
      : play_(play), events_(play.print), random_(play.seed), network_(events_, random_.split()) {
    const auto hosts = 1 + random_.below(2);
    for (std::uint64_t h = 0; h < hosts; ++h) add_host(format("host-{}", h + 1));
  }

  Report run() {
    for (auto& host : hosts_) host->start();
    for (auto& client : clients_) client->start();
    trouble();
    events_.run_until(kTroubled);
    calm_down();
    events_.run_until(kTroubled + kCalm);
    compare_all();
    return report();
  }

 private:
  void add_host(const std::string& name) {
    std::vector<std::string> worlds{"lab"};
    if (random_.chance(0.4)) worlds.push_back("attic");
    auto host = std::make_unique<Host>(name, worlds, events_, network_, random_.split());
    host->on_violation = [this, name](const std::string& what) { violate(name + ": " + what); };
    host->on_started = [this](Host& started) { check_journal(started); };
    host->disk().answer_before_sync(play_.plant == Plant::ack_before_sync);
    for (const auto& world : worlds) {
      Ledger& ledger = ledgers_[{name, world}];
      const auto clients = 1 + random_.below(3);
      for (std::uint64_t c = 0; c < clients; ++c) {
        auto client = std::make_unique<Client>(format("c{}", clients_.size() + 1), *host, world, ledger, events_,
                                               network_, random_.split());
        client->on_violation = [this](const std::string& what) { violate(what); };
        clients_.push_back(std::move(client));
      }
    }
    hosts_.push_back(std::move(host));
  }

  // --- Faults ---------------------------------------------------------------------------------------------------------

  void trouble() {
    for (auto& host : hosts_) {
      next_crash(*host);
      if (play_.plant == Plant::ack_before_sync) flush_later(*host);
      watch(*host);
    }
    events_.after(random_.between(200, 3'000) * kMillisecond, [this] { network_fault(); });
    events_.after(random_.between(500, 4'000) * kMillisecond, [this] { full_disk(); });
  }

  void next_crash(Host& host) {
    events_.after(random_.between(100, 5'000) * kMillisecond, [this, &host] {
      if (calm_) return;
      if (host.up()) {
        // Half of the crashes at a moment of time, half at a change of the disk soon to come: there a commit is under way.
        if (random_.chance(0.5)) {
          crash(host);
        } else {
          host.disk().turn_off_after(random_.below(60));
        }
      }
      next_crash(host);
    });
  }

  // A host that its disk took down is noticed here.
  void watch(Host& host) {
    events_.after(7 * kMillisecond, [this, &host] {
      if (!host.up() && host.disk().off()) crash(host);
      if (!calm_) watch(host);
    });
  }

  void crash(Host& host) {
    ++crashes_;
    host.crash(random_.chance(0.75));
    events_.after(random_.between(10, 1'500) * kMillisecond, [&host] {
      if (!host.up()) host.start();
    });
  }

  void network_fault() {
    if (calm_) return;
    if (random_.chance(0.5)) {
      network_.break_some(0.4);
    } else {
      network_.hold(random_.between(50, 900) * kMillisecond);
    }
    events_.after(random_.between(200, 3'000) * kMillisecond, [this] { network_fault(); });
  }

  void full_disk() {
    if (calm_) return;
    auto& host = *hosts_[random_.below(hosts_.size())];
    host.disk().set_full(true);
    events_.trace(host.name(), "its disk is full");
    events_.after(random_.between(50, 1'500) * kMillisecond, [&host] { host.disk().set_full(false); });
    events_.after(random_.between(1'000, 6'000) * kMillisecond, [this] { full_disk(); });
  }

  void flush_later(Host& host) {
    events_.after(kCacheFlush, [this, &host] {
      host.disk().flush();
      if (!calm_) flush_later(host);
    });
  }

  // Everything works from now on, and everybody may come back.
  void calm_down() {
    calm_ = true;
    network_.be_calm();
    for (auto& client : clients_) client->stop_editing();
    for (auto& host : hosts_) {
      host->disk().set_full(false);
      host->disk().answer_before_sync(false);
      host->disk().turn_off_after(~std::uint64_t{0});
      if (!host->up()) {
        if (host->disk().off()) host->crash(true);
        host->start();
      }
    }
  }

  // --- Invariants -----------------------------------------------------------------------------------------------------

  void check_journal(Host& host) {
    if (!violation_.empty()) return;
    for (const auto& world : host.worlds()) {
      const auto problem = ledgers_[{host.name(), world}].check(host.journal(), world::World::stream_of(world));
      // A disk that goes off while one looks at it is no finding.
      if (!problem.empty() && !host.disk().off()) violate(format("{} {}: {}", host.name(), world, problem));
    }
  }

  void compare_all() {
    for (auto& host : hosts_) {
      if (!host->up()) return violate(host->name() + " did not come back");
      check_journal(*host);
    }
    for (auto& client : clients_) {
      if (!client->following()) return violate(client->name() + " did not come back");
      const auto* world = client->host().control()->world(client->world());
      if (world == nullptr) return violate(client->world() + " is not open");
      const Json list = world->scene().list();
      std::map<std::uint64_t, Json> things;
      for (const Json& thing : list["entities"]) things[thing["entity"].get<std::uint64_t>()] = thing;
      if (client->sequence() != list["sequence"].get<std::uint64_t>() ||
          state_text(client->things()) != state_text(things))
        return violate(client->name() + " does not see what the host has");
    }
  }

  void violate(const std::string& what) {
    if (!violation_.empty()) return;
    violation_ = what;
    events_.trace("VIOLATION", what);
  }

  Report report() const {
    Report report;
    report.violation = violation_;
    report.trace_hash = events_.trace_hash();
    report.events = events_.events_run();
    report.crashes = crashes_;
    for (const auto& host : hosts_) report.sectors_lost += host->disk().stats().sectors_lost;
    for (const auto& client : clients_) {
      report.acknowledged += client->stats().acknowledged;
      report.refused += client->stats().refused;
      report.reconnects += client->stats().connects - 1;
    }
    return report;
  }

  Play play_;
  Events events_;
  Random random_;
  Network network_;
  std::map<std::pair<std::string, std::string>, Ledger> ledgers_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::uint64_t crashes_ = 0;
  bool calm_ = false;
  std::string violation_;
};

}  // namespace

Report play_edits(const Play& play) { return EditsPlay(play).run(); }

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = {{"edits", play_edits}, {"journal", play_journal}, {"log", play_log},
                                            {"split", play_split}, {"titles", play_titles},   {"visits", play_visits}};
  return all;
}

}  // namespace mw::sim
