// Titles to things in the logs of hosts that witness one another. People make things, give, trade and sell them twice, and visit
// other hosts with them; hosts crash between any two changes of a disk, clocks drift apart, some are wrong, some witnesses
// cosign whatever they are asked and lie about the time, messages are lost, late and doubled, the network parts, and an old backup
// is put back. Logs, publishers, witnesses, titles, leases and verifiers are the real ones; sim/titles_split.cpp is about a log
// with two histories.
#include <algorithm>
#include <memory>
#include <utility>

#include "base/format.h"
#include "sim/log_keys.h"
#include "sim/titles_host.h"
#include "sim/titles_ledger.h"
#include "sim/titles_split.h"

namespace mw::sim {
namespace {

constexpr Micros kBusy = 24 * kSecond, kCalm = 36 * kSecond, kEnd = kBusy + kCalm;
constexpr std::int64_t kLeaseLongest = 18;  // seconds, so that the calm outlasts it

class TitlesPlay {
 public:
  explicit TitlesPlay(const Play& play) : play_(play), events_(play.print), random_(play.seed), ledger_(events_) {}

  Report run() {
    make_hosts();
    for (std::size_t i = 0; i < hosts_.size(); ++i) start(i);
    if (restored_) plan_restore(*restored_);
    if (random_.chance(0.4)) plan_partition();
    look();
    events_.run_until(kBusy);
    calm_ = true;
    cut_.clear();
    for (std::size_t i = 0; i < hosts_.size(); ++i) settle(i);
    events_.run_until(kEnd);
    if (ledger_.good()) check_end();
    Report report = ledger_.report();
    report.trace_hash = events_.trace_hash();
    report.events = events_.events_run();
    for (const auto& host : hosts_) report.sectors_lost += host->disk->stats().sectors_lost;
    return report;
  }

 private:
  TitlesHost& host(std::size_t i) { return *hosts_[i]; }
  std::int64_t clock(std::size_t i) const { return events_.unix_ms() + hosts_[i]->wrong.error_ms(events_.now(), kEnd); }

  // Of n witnesses at most (n - 1) / 3 are bad: they lie, have a wrong clock, or forget because an old backup is put back.
  void make_hosts() {
    const std::size_t count = 2 + random_.below(random_.chance(0.1) ? 11 : 4);
    const std::size_t witnesses = count - 1, bad = (witnesses - 1) / 3;
    const std::size_t quorum = witnesses == 1 ? 1 : (witnesses + std::max<std::size_t>(bad, 1)) / 2 + 1;
    for (std::size_t i = 0; i < count; ++i)
      hosts_.push_back(std::make_unique<TitlesHost>(TitlesHost::Setup{i, count, quorum, play_.plant}, random_.split()));
    for (auto& one : hosts_) one->wrong = {random_.between(-900, 900), random_.between(-900, 900)};
    lives_.assign(count, 0);
    asked_.assign(count, std::vector<std::uint64_t>(witnesses, 0));
    lies_.assign(count, false);
    std::size_t left = bad;
    if (count >= 3 && random_.chance(0.4)) {
      restored_ = random_.below(count);
      left -= std::min<std::size_t>(left, 1);
    }
    for (; left > 0; --left) {
      const std::size_t who = random_.below(count);
      if (restored_ == who) continue;
      if (random_.chance(0.5))
        lies_[who] = true;
      else
        host(who).wrong = {random_.between(-9'000, 9'000), random_.between(-40'000, 40'000)};
    }
    events_.trace("titles", format("{} hosts, quorum {}", count, quorum));
  }

  // --- Life of a host ------------------------------------------------------------------------------------------------

  void start(std::size_t i) {
    if (host(i).up() || !ledger_.good()) return;
    if (!calm_ && random_.chance(0.4)) host(i).disk->turn_off_after(random_.below(random_.chance(0.3) ? 20 : 500));
    const auto started = host(i).start();
    if (!started.ok()) {
      host(i).stop();
      if (host(i).disk->off()) return crash(i);
      return ledger_.violate(host(i).name, "does not start: " + started.error().text());
    }
    events_.trace(host(i).name, format("starts with {} entries", host(i).log->size()));
    ledger_.check_recorded(host(i));
    tick(i, ++life_);
  }

  void tick(std::size_t i, std::uint64_t life) {
    lives_[i] = life;
    events_.after(random_.between(150, 900) * kMillisecond, [this, i, life] {
      if (lives_[i] != life || !host(i).up() || !ledger_.good()) return;
      work(i);
      if (host(i).up()) tick(i, life);
    });
  }

  void work(std::size_t i) {
    TitlesHost& h = host(i);
    const auto& disk = *h.disk;
    if (!calm_ && (h.open() || play_.plant == Plant::append_unasked) && random_.chance(0.6)) act(i);
    if (!disk.off()) h.begin(random_.chance(0.15), clock(i));
    for (std::size_t j = 0; j < asked_[i].size() && !disk.off(); ++j) ask(i, j);
    if (!disk.off()) h.check_clock(clock(i));
    if (!disk.off()) tell(i);
    if (!calm_ && !disk.off() && restored_ != i && random_.chance(0.05)) give_back(i);
    if (play_.plant == Plant::ack_before_sync && random_.chance(0.2)) h.disk->flush();
    if (disk.off() || (!calm_ && random_.chance(0.012))) crash(i);
  }

  void crash(std::size_t i) {
    const bool power = random_.chance(0.8);
    events_.trace(host(i).name, power ? "the power is cut" : "is killed");
    ledger_.crashed();
    stop(i);
    host(i).disk->turn_off();
    host(i).disk->turn_on(power);
    events_.after(random_.between(10, 2'000) * kMillisecond, [this, i] { start(i); });
  }

  void stop(std::size_t i) {
    host(i).stop();
    std::fill(asked_[i].begin(), asked_[i].end(), 0);
    lives_[i] = ++life_;
  }

  // --- What people do at a host --------------------------------------------------------------------------------------

  std::size_t owner_of(const trust::Title& title) const { return *person_of(title.head().owner); }
  trust::TitleMove move_to(const trust::Title& title, std::size_t person) const {
    return {title.asset, title.sequence + 1, title.head().record, person_key(person).public_key()};
  }
  trust::TitleRecord make(std::size_t log, const trust::TitleForm& form, std::size_t by,
                          std::optional<std::size_t> with = {}) {
    std::vector<trust::Sign> signers{person_signs(by)};
    if (with) signers.push_back(person_signs(*with));
    return trust::sign_title(host(log).name, form, signers).value();
  }
  const trust::Title* any_title(std::size_t i) {
    const auto& titles = host(i).index->titles();
    if (titles.empty()) return nullptr;
    return &std::next(titles.begin(), static_cast<std::ptrdiff_t>(random_.below(titles.size())))->second;
  }

  void act(std::size_t i) {
    const trust::Title* title = any_title(i);
    if (title == nullptr || (host(i).index->size() < 3 && random_.chance(0.3))) return create(i);
    const std::size_t owner = owner_of(*title), to = random_.below(kPeople);
    const auto what = random_.below(100);
    if (what < 45) return lease(i, *title);
    if (what < 62) return record(i, {make(i, trust::TitleTransfer{move_to(*title, to)}, owner)});
    if (what < 74) {  // sold twice: both are signed before either is in the log
      return record(i, {make(i, trust::TitleTransfer{move_to(*title, to)}, owner),
                        make(i, trust::TitleTransfer{move_to(*title, (to + 1) % kPeople)}, owner)});
    }
    if (what < 80) return record(i, {make(i, trust::TitleTransfer{move_to(*title, to)}, (owner + 1) % kPeople)});
    if (what < 85) return record(i, {make(i, trust::TitleRotate{move_to(*title, to)}, owner, to)});
    const trust::Title* other = any_title(i);
    if (other->asset == title->asset) return;
    if (other->asset < title->asset) std::swap(title, other);
    const std::size_t first = owner_of(*title), second = owner_of(*other);
    const trust::TitleTrade trade{move_to(*title, second), move_to(*other, first)};
    record(i, {make(i, trade, first, random_.chance(0.8) ? second : (second + 1) % kPeople)});
  }

  void create(std::size_t i) {
    const std::size_t owner = random_.below(kPeople);
    trust::TitleCreate form;
    form.content = crypto::sha256(as_bytes("a thing"));
    for (auto& byte : form.serial) byte = static_cast<Byte>(random_.below(256));
    form.owner = person_key(owner).public_key();
    record(i, {make(i, form, owner)});
  }

  // To another host for some seconds, or longer at the one that has it.
  void lease(std::size_t i, const trust::Title& title) {
    const std::int64_t now = clock(i);
    std::size_t to = (i + 1 + random_.below(hosts_.size() - 1)) % hosts_.size();
    const auto& last = title.lease;
    if (last && random_.chance(0.4)) {
      for (std::size_t k = 0; k < hosts_.size(); ++k)
        if (log_signer(k).key.key == last->holder) to = k;
    }
    const std::int64_t from = now / 1'000 + random_.between(-1, 3);
    trust::TitleLease form{title.asset,
                           title.head().record,
                           last ? last->number + 1 : 1,
                           format("did:web:host-{}.example", to),
                           log_signer(to).key.key,
                           from,
                           from + random_.between(5, kLeaseLongest)};
    // The home's own check, by a clock that is right as far as its witnesses can tell.
    const bool clock_good = play_.plant == Plant::clock_unchecked || host(i).clock.good(now).ok();
    if (!clock_good || !trust::lease_begins_now(form, now).ok()) return ledger_.refused();
    record(i, {make(i, form, owner_of(title))});
  }

  // A home judges what it is asked for; some do so too late, and the log has records that count for nothing.
  void record(std::size_t i, const std::vector<trust::TitleRecord>& records) {
    TitlesHost& h = host(i);
    const bool careful = random_.chance(0.6);
    std::vector<Bytes> entries;
    for (const auto& one : records) {
      if (careful && entries.empty() && h.index->judge(one).verdict != trust::Judgement::Verdict::counts) {
        ledger_.refused();
        continue;
      }
      entries.push_back(format_title(one));
      if (careful) break;
    }
    if (entries.empty()) return;
    const auto first = h.append(entries);
    events_.trace(h.name, format("records {} {}: {}", entries.size(), name_of(records[0].form), first.ok()));
    if (!first.ok()) {
      if (h.log->failed() && !h.disk->off()) ledger_.violate(h.name, "the log gave up on a disk that works");
      return;
    }
    for (std::size_t k = 0; k < entries.size(); ++k) ledger_.recorded(h, *first + k, entries[k]);
  }

  void give_back(std::size_t i) {
    TitlesHost& h = host(i);
    if (h.held.empty() || !h.open()) return;
    const auto asset = h.held.begin()->first;
    const std::size_t home = h.held.begin()->second.home;
    const auto record = h.give_back(asset, clock(i));
    if (!record.ok()) return;
    events_.trace(h.name, "gives a thing back early");
    send(i, home, [this, home, entry = format_title(*record)] {
      if (!host(home).open()) return;
      const auto at = host(home).append({entry});
      if (at.ok()) ledger_.recorded(host(home), *at, entry);
      if (host(home).disk->off()) crash(home);
    });
  }

  // --- Messages ------------------------------------------------------------------------------------------------------

  bool apart(std::size_t a, std::size_t b) const { return !cut_.empty() && cut_[a] != cut_[b]; }
  Micros delay() { return random_.between(1, calm_ ? 20 : 300) * kMillisecond; }
  // Lost, late, doubled, out of order; nothing crosses a partition.
  void send(std::size_t from, std::size_t to, const std::function<void()>& arrive) {
    const int copies = calm_ || random_.chance(0.9) ? 1 : 2;
    for (int copy = 0; copy < copies; ++copy) {
      if (!calm_ && random_.chance(0.12)) continue;
      events_.after(delay(), [this, from, to, arrive] {
        if (!apart(from, to) && ledger_.good()) arrive();
      });
    }
  }

  static std::size_t witness_of(std::size_t log, std::size_t j) { return j < log ? j : j + 1; }

  void ask(std::size_t i, std::size_t j) {
    if (asked_[i][j] != 0) return;
    const auto body = host(i).publisher->request_for(j);
    if (!body) return;
    const std::uint64_t number = ++requests_, life = lives_[i], round = host(i).publisher->round();
    asked_[i][j] = number;
    const std::size_t peer = witness_of(i, j);
    send(i, peer, [this, i, j, peer, number, life, round, request = *body] {
      if (!host(peer).up()) return;
      const auto answer =
          lies_[peer] ? lie(peer, request) : host(peer).witness->add_checkpoint(request, clock(peer) / 1'000);
      if (host(peer).disk->off()) return crash(peer);  // it died before it could answer
      send(peer, i, [this, i, j, number, life, round, answer] { answered(i, j, number, life, round, answer); });
    });
    if (play_.plant == Plant::asks_once) return;
    events_.after(1'500 * kMillisecond, [this, i, j, number] {
      if (asked_[i][j] == number) asked_[i][j] = 0;
    });
  }

  // Cosigns whatever comes, at any time that it likes.
  records::WitnessAnswer lie(std::size_t peer, const std::string& request) {
    const auto read = records::parse_add_checkpoint(request);
    const std::int64_t time = events_.unix_ms() / 1'000 + random_.between(-100'000, 100'000);
    return {200, "", format_signature_line(records::cosign(witness_signer(peer), read->checkpoint.note.text, time))};
  }

  void answered(std::size_t i, std::size_t j, std::uint64_t number, std::uint64_t life, std::uint64_t round,
                const records::WitnessAnswer& answer) {
    TitlesHost& h = host(i);
    if (!h.up() || lives_[i] != life || asked_[i][j] != number) return;
    asked_[i][j] = 0;
    if (round != h.publisher->round()) return;  // about an earlier one
    (void)h.publisher->answered(j, answer.status, answer.body).ok();
    if (h.disk->off()) return crash(i);
    h.check_clock(clock(i));
    ledger_.published(h);
  }

  // Whoever was given something is told when it is final, until they have heard of it.
  void tell(std::size_t i) {
    TitlesHost& h = host(i);
    if (!h.open()) return;
    for (const auto& [asset, title] : h.index->titles()) {
      const auto& lease = title.lease;
      if (!lease || lease->index >= h.publisher->final_size() || !random_.chance(0.3)) continue;
      if (lease->until_s * 1'000 < clock(i)) continue;
      for (std::size_t to = 0; to < hosts_.size(); ++to) {
        if (to == i || log_signer(to).key.key != lease->holder) continue;
        send(i, to, [this, i, to, id = asset] { arrive(i, to, id); });
      }
    }
    if (!random_.chance(0.15)) return;
    const auto proof = ledger_.some_proof(h, random_);
    if (!proof) return;
    const std::size_t to = (i + 1 + random_.below(hosts_.size() - 1)) % hosts_.size();
    send(i, to, [this, i, to, shown = *proof] { show(i, to, shown); });
  }

  bool follow(std::size_t home, std::size_t to) {
    if (!host(to).up() || !host(home).up() || apart(home, to) || !host(home).publisher->published()) return false;
    const auto followed = host(to).follow(host(home), clock(to));
    if (followed.ok()) return true;
    const bool old_copy = restored_ == home && !ledger_.mended(home);
    if (!(old_copy && followed.error().kind == ErrorKind::unavailable))
      ledger_.violate(host(to).name, format("follows {}: {}", host(home).name, followed.error().text()));
    return false;
  }

  // A visitor comes with a thing.
  void arrive(std::size_t home, std::size_t to, const trust::AssetId& asset) {
    if (!follow(home, to)) return;
    if (host(to).take_lease(host(home), asset).ok()) ledger_.arrived();
  }

  // Somebody shows that a title is theirs.
  void show(std::size_t home, std::size_t to, const TitlesLedger::Shown& shown) {
    if (!follow(home, to)) return;
    const auto& verifier = host(to).verifiers.at(home);
    const bool accepted =
        play_.plant == Plant::no_scan
            ? verify_presence(titles_policy(home, hosts_.size(), host(home).setup.quorum), shown.asset, shown.proof)
                  .ok()
            : verifier.check(shown.asset, shown.proof).ok();
    if (accepted) ledger_.accepted(host(to).name, shown.asset, shown.sequence, shown.owner);
  }

  // --- Faults that are planned ---------------------------------------------------------------------------------------

  void plan_partition() {
    events_.after(random_.between(4, 12) * kSecond, [this] {
      cut_.assign(hosts_.size(), false);
      for (std::size_t i = 0; i < hosts_.size(); ++i) cut_[i] = random_.chance(0.5);
      events_.trace("titles", "the network parts");
    });
    events_.after(random_.between(13, 20) * kSecond, [this] { cut_.clear(); });
  }

  void plan_restore(std::size_t i) {
    events_.after(random_.between(2, 8) * kSecond, [this, i] {
      if (host(i).up()) ledger_.backed_up(host(i));
    });
    events_.after(random_.between(9, 18) * kSecond, [this, i] {
      if (!ledger_.backup() || !host(i).up() || host(i).disk->off()) return;
      stop(i);
      ledger_.restore(host(i));
      start(i);
    });
  }

  // From here on nothing fails any more; an operator whose host says that it runs on an old copy puts the right disk back.
  void settle(std::size_t i) {
    host(i).disk->stay_on();
    if (restored_ != i || ledger_.mended(i)) return;
    if (host(i).up() && host(i).publisher->state() == records::Publisher::State::refused) {
      stop(i);
      ledger_.mend(host(i));
      return start(i);
    }
    events_.after(3 * kSecond, [this, i] { settle(i); });
  }

  // --- What must hold ------------------------------------------------------------------------------------------------

  void look() {
    events_.after(150 * kMillisecond, [this] {
      if (!ledger_.good() || events_.now() > kEnd) return;
      for (std::size_t i = 0; i < hosts_.size(); ++i) look_at_things_of(i);
      look();
    });
  }

  void look_at_things_of(std::size_t i) {
    for (const auto& [asset, sequence] : ledger_.assets_of(i)) {
      std::vector<std::string> shown_at;
      for (std::size_t k = 0; k < hosts_.size(); ++k) {
        const bool shows = k == i ? host(k).shows_own(asset, clock(k)) : host(k).shows_held(asset, clock(k));
        if (shows) shown_at.push_back(host(k).name);
      }
      if (shown_at.size() > 1)
        return ledger_.violate(shown_at[0], format("a thing is shown here and at {} at once", shown_at[1]));
      if (!shown_at.empty() && shown_at[0] != host(i).name) ledger_.seen_abroad();
      check_reach(i, asset);
    }
  }

  // While its log is up, a thing is home again when its lease and the skew are over.
  void check_reach(std::size_t i, const trust::AssetId& asset) {
    TitlesHost& h = host(i);
    if (!h.open() || std::abs(h.wrong.error_ms(events_.now(), kEnd)) > 900 || !h.clock.good(clock(i)).ok()) return;
    const auto* title = h.index->find(asset);
    if (title == nullptr) return;
    if (title->lease && title->lease->until_s - title->lease->from_s > 20 * kLeaseLongest)
      return ledger_.violate(h.name, "a thing is away far longer than anybody asked for");
    const bool over = !title->lease || events_.unix_ms() > title->lease->until_s * 1'000 + limits::kClockSkewMs + 1'000;
    if (over && !h.shows_own(asset, clock(i)))
      ledger_.violate(h.name, "a thing is out of reach though its lease and the skew are over");
  }

  void check_end() {
    for (std::size_t i = 0; i < hosts_.size() && ledger_.good(); ++i) {
      TitlesHost& h = host(i);
      if (!h.up()) return ledger_.violate(h.name, "did not start in the end");
      if (!h.open()) return ledger_.violate(h.name, "is not open in the end: " + h.publisher->reason());
      if (h.publisher->final_size() != h.log->size())
        return ledger_.violate(
            h.name, format("{} of {} entries are final in the end", h.publisher->final_size(), h.log->size()));
      ledger_.mended_all(i);
      ledger_.check_recorded(h);
      ledger_.check_titles(h);
      // Everybody who reads this log comes to the same.
      const std::size_t to = (i + 1) % hosts_.size();
      if (!ledger_.good() || !follow(i, to)) return;
      if (host(to).verifiers.at(i).index().titles() != h.index->titles())
        return ledger_.violate(host(to).name, format("reads {} otherwise than itself", h.name));
    }
  }

  Play play_;
  Events events_;
  Random random_;
  TitlesLedger ledger_;
  std::vector<std::unique_ptr<TitlesHost>> hosts_;
  std::vector<std::uint64_t> lives_;
  std::vector<std::vector<std::uint64_t>> asked_;  // by log and witness: the newest request on its way, 0 for none
  std::vector<bool> lies_, cut_;
  std::optional<std::size_t> restored_;
  std::uint64_t life_ = 0, requests_ = 0;
  bool calm_ = false;
};

}  // namespace

Report play_titles(const Play& play) {
  if (play.seed % 4 == 0) return play_titles_split(play);
  return TitlesPlay(play).run();
}

}  // namespace mw::sim
