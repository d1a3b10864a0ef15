// Logs of several hosts that witness one another: crashes between any two changes of a disk, answers that are lost, late or
// doubled, and an old backup put back. The logs themselves, their publishers and witnesses are the real ones.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/format.h"
#include "records/auditor.h"
#include "records/publisher.h"
#include "records/witness.h"
#include "sim/disk_storage.h"
#include "sim/events.h"
#include "sim/log_keys.h"
#include "sim/scenario.h"

namespace mw::sim {
namespace {

using records::Publisher;

constexpr Micros kBusy = 20 * kSecond, kCalm = 30 * kSecond;

// What the world outside knows of one log: what was acknowledged, and what was published.
struct Outside {
  std::map<std::uint64_t, std::string> recorded;  // by index
  std::vector<std::string> final;  // entries of the largest checkpoint that was published
  std::unique_ptr<records::Auditor> auditor;
};

struct Host {
  std::string name;
  std::unique_ptr<Disk> disk;
  std::unique_ptr<DiskStorage> storage;
  std::unique_ptr<records::Log> log;
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<records::Witness> witness;
  std::vector<std::uint64_t> asked;  // by witness: the newest request on its way, 0 for none
  std::uint64_t entries = 0;  // made by clients, so that each is another one
  std::map<std::string, Bytes> right;  // the disk as it was when an old backup was put in its place
  std::uint64_t backup_size = 0;
  std::optional<std::map<std::string, Bytes>> backup;
  bool restored = false;
  Outside outside;

  bool up() const { return log != nullptr; }
};

class LogPlay {
 public:
  explicit LogPlay(const Play& play) : play_(play), events_(play.print), random_(play.seed) {}

  Report run() {
    const std::size_t count = 2 + random_.below(random_.chance(0.2) ? 11 : 4);
    hosts_.resize(count);
    for (std::size_t i = 0; i < count; ++i) make(i);
    for (std::size_t i = 0; i < count; ++i) start(i);
    // One of them is put back to an old backup; the others' quorum has one to spare for its witness.
    if (count >= 3 && random_.chance(0.5)) plan_restore(random_.below(count));
    events_.run_until(kBusy);
    calm_ = true;
    for (std::size_t i = 0; i < count; ++i) settle(i);
    events_.run_until(kBusy + kCalm);
    for (std::size_t i = 0; i < count && report_.violation.empty(); ++i) check_end(i);
    report_.trace_hash = events_.trace_hash();
    report_.events = events_.events_run();
    for (const auto& host : hosts_) report_.sectors_lost += host.disk->stats().sectors_lost;
    return report_;
  }

 private:
  void make(std::size_t i) {
    Host& host = hosts_[i];
    host.name = log_name(i);
    host.disk = std::make_unique<Disk>(random_.split());
    host.disk->answer_before_sync(play_.plant == Plant::ack_before_sync);
    host.storage = std::make_unique<DiskStorage>(*host.disk);
    host.asked.assign(hosts_.size() - 1, 0);
    host.outside.auditor = std::make_unique<records::Auditor>(records::AuditPolicy{host.name, {log_signer(i).key}, {}});
  }

  // The number of a log's j-th witness: all hosts but itself.
  static std::size_t witness_of(std::size_t log, std::size_t j) { return j < log ? j : j + 1; }

  void start(std::size_t i) {
    Host& host = hosts_[i];
    if (host.up() || !report_.violation.empty()) return;
    if (!calm_ && random_.chance(0.5)) host.disk->turn_off_after(random_.below(random_.chance(0.3) ? 20 : 600));
    auto log = records::Log::open(*host.storage);
    if (!log.ok()) return failed_start(i, log.error());
    records::WitnessPolicy policy;
    std::vector<records::WitnessedLog> witnessed;
    for (std::size_t other = 0; other < hosts_.size(); ++other) {
      if (other == i) continue;
      policy.witnesses.push_back(witness_signer(other).key);
      witnessed.push_back({log_name(other), {log_signer(other).key}});
    }
    const std::size_t n = policy.witnesses.size();
    policy.quorum = n == 1 ? 1 : (n + 1) / 2 + 1;  // 2k > n + 1: one witness may forget
    auto publisher = Publisher::open(*host.storage, **log, log_signer(i), policy);
    if (!publisher.ok()) return failed_start(i, publisher.error());
    auto witness = records::Witness::open(*host.storage, witness_signer(i), std::move(witnessed));
    if (!witness.ok()) return failed_start(i, witness.error());
    host.log = *std::move(log);
    host.publisher = *std::move(publisher);
    host.witness = *std::move(witness);
    events_.trace(host.name, format("starts with {} entries", host.log->size()));
    check_recorded(i);
    tick(i, ++life_);
  }

  void failed_start(std::size_t i, const Error& error) {
    if (hosts_[i].disk->off()) return crash(i);
    violate(i, "does not start: " + error.text());
  }

  void tick(std::size_t i, std::uint64_t life) {
    lives_[i] = life;
    events_.after(random_.between(20, 200) * kMillisecond, [this, i, life] {
      if (lives_[i] != life || !hosts_[i].up() || !report_.violation.empty()) return;
      work(i);
      if (hosts_[i].up()) tick(i, life);
    });
  }

  void work(std::size_t i) {
    Host& host = hosts_[i];
    const bool open = host.publisher->state() == Publisher::State::open;
    if (!calm_ && (open || play_.plant == Plant::append_unasked)) append(i);
    if (!host.disk->off() && random_.chance(0.1)) (void)host.log->save_mark().ok();
    if (!host.disk->off()) (void)host.publisher->begin(random_.chance(0.1)).ok();
    for (std::size_t j = 0; j < host.asked.size() && !host.disk->off(); ++j) ask(i, j);
    if (play_.plant == Plant::ack_before_sync && random_.chance(0.2)) host.disk->flush();
    if (host.disk->off() || (!calm_ && random_.chance(0.01))) crash(i);
  }

  void append(std::size_t i) {
    Host& host = hosts_[i];
    std::vector<std::string> texts(1 + random_.below(5));
    std::vector<ByteView> entries;
    entries.reserve(texts.size());
    for (auto& text : texts) {
      text = format("{} {} {}", host.name, host.entries++,
                    std::string(random_.below(random_.chance(0.1) ? 3'000 : 60), 'x'));
      entries.push_back(as_bytes(text));
    }
    if (random_.chance(0.05)) host.disk->set_full(random_.chance(0.3));
    const auto first = host.log->append(entries);
    events_.trace(host.name, format("appends {}: {}", texts.size(), first.ok()));
    if (!first.ok()) {
      ++report_.refused;
      if (host.log->failed() && !host.disk->off()) violate(i, "the log gave up on a disk that works");
      return;
    }
    report_.acknowledged += texts.size();
    for (std::size_t k = 0; k < texts.size(); ++k) record(i, *first + k, texts[k]);
  }

  // A client has been told that its entry has this place.
  void record(std::size_t i, std::uint64_t index, const std::string& text) {
    Outside& outside = hosts_[i].outside;
    if (index < outside.final.size() && outside.final[index] != text)
      return violate(i, format("entry {} was final, and another one is recorded in its place", index));
    outside.recorded[index] = text;
  }

  void ask(std::size_t i, std::size_t j) {
    Host& host = hosts_[i];
    if (host.asked[j] != 0) return;
    const auto body = host.publisher->request_for(j);
    if (!body) return;
    const std::uint64_t number = ++requests_, life = lives_[i];
    host.asked[j] = number;
    const std::size_t peer = witness_of(i, j);
    const int copies = calm_ || random_.chance(0.9) ? 1 : 2;
    for (int copy = 0; copy < copies; ++copy) {
      if (!calm_ && random_.chance(0.15)) continue;  // lost
      events_.after(delay(),
                    [this, i, j, peer, number, life, request = *body] { serve(i, j, peer, number, life, request); });
    }
    // Given up after a while.
    events_.after(2 * kSecond, [this, i, j, number] {
      if (hosts_[i].asked[j] == number) hosts_[i].asked[j] = 0;
    });
  }

  void serve(std::size_t i, std::size_t j, std::size_t peer, std::uint64_t number, std::uint64_t life,
             const std::string& request) {
    Host& witness = hosts_[peer];
    if (!witness.up() || !report_.violation.empty()) return;
    const auto answer = witness.witness->add_checkpoint(request, events_.unix_ms() / 1000);
    events_.trace(witness.name, format("answers {} {}", hosts_[i].name, answer.status));
    if (witness.disk->off()) return crash(peer);  // it died before it could answer
    if (!calm_ && random_.chance(0.15)) return;
    events_.after(delay(), [this, i, j, number, life, answer] {
      Host& host = hosts_[i];
      if (!host.up() || lives_[i] != life || host.asked[j] != number) return;
      host.asked[j] = 0;
      const auto before = host.publisher->state();
      (void)host.publisher->answered(j, answer.status, answer.body).ok();
      if (host.publisher->state() != before)
        events_.trace(
            host.name,
            format("is {}", host.publisher->state() == Publisher::State::open ? "open" : host.publisher->reason()));
      if (host.disk->off()) return crash(i);
      look(i);
    });
  }

  Micros delay() { return random_.between(1, calm_ ? 20 : 400) * kMillisecond; }

  // Whoever visits sees what is published, and an auditor holds it against everything seen before.
  void look(std::size_t i) {
    Host& host = hosts_[i];
    const auto& published = host.publisher->published();
    if (!published || published->checkpoint.size == 0) return;
    const std::uint64_t size = published->checkpoint.size;
    Outside& outside = host.outside;
    const auto fetch = [&host](const records::TileName& name) { return host.log->read(name); };
    const auto audit = outside.auditor->follow(format_note(published->note), fetch);
    // An old copy shows an older checkpoint until it knows better; no other host ever does.
    if (!audit.ok() && !(host.restored && audit.error().kind == ErrorKind::unavailable))
      return violate(i, "the auditor: " + audit.error().text());
    // Some of the old ones again, and all new ones.
    for (int k = 0; k < 10 && !outside.final.empty(); ++k)
      look_at(i, random_.below(std::min<std::uint64_t>(size, outside.final.size())));
    for (std::uint64_t k = outside.final.size(); k < size; ++k) look_at(i, k);
  }

  void look_at(std::size_t i, std::uint64_t index) {
    Outside& outside = hosts_[i].outside;
    const auto entry = hosts_[i].log->entry(index);
    if (!entry.ok()) return violate(i, format("published entry {}: {}", index, entry.error().text()));
    const std::string text(as_text(*entry));
    if (index == outside.final.size())
      outside.final.push_back(text);
    else if (outside.final[index] != text)
      violate(i, format("entry {} was final, and is another one now", index));
  }

  void crash(std::size_t i) {
    Host& host = hosts_[i];
    const bool power = random_.chance(0.8);
    events_.trace(host.name, power ? "the power is cut" : "is killed");
    ++report_.crashes;
    stop(i);
    host.disk->turn_off();
    host.disk->set_full(false);
    host.disk->turn_on(power);
    events_.after(random_.between(10, 2'000) * kMillisecond, [this, i] { start(i); });
  }

  void stop(std::size_t i) {
    Host& host = hosts_[i];
    host.witness.reset();
    host.publisher.reset();
    host.log.reset();
    std::fill(host.asked.begin(), host.asked.end(), 0);
    lives_[i] = ++life_;
  }

  void plan_restore(std::size_t i) {
    events_.after(random_.between(1, 8) * kSecond, [this, i] {
      Host& host = hosts_[i];
      if (!host.up()) return;
      host.backup = host.disk->backup();
      host.backup_size = host.log->size();
      events_.trace(host.name, format("is backed up with {} entries", host.backup_size));
    });
    events_.after(random_.between(9, 18) * kSecond, [this, i] {
      Host& host = hosts_[i];
      if (!host.backup || !host.up() || host.disk->off()) return;
      stop(i);
      host.right = host.disk->backup();
      host.disk->restore(*host.backup);
      host.restored = true;
      events_.trace(host.name, "is put back to its backup");
      // What was recorded since and never final is lost with the disk; what was final is not.
      forget_beyond(host, std::max<std::uint64_t>(host.backup_size, host.outside.final.size()));
      start(i);
    });
  }

  static void forget_beyond(Host& host, std::uint64_t size) {
    auto& recorded = host.outside.recorded;
    recorded.erase(recorded.lower_bound(size), recorded.end());
  }

  // From here on nothing fails any more; an operator whose host says that it runs on an old copy puts the right one back.
  void settle(std::size_t i) {
    Host& host = hosts_[i];
    host.disk->set_full(false);
    host.disk->stay_on();
    if (host.restored && host.up() && host.publisher->state() == Publisher::State::refused) {
      events_.trace(host.name, "gets the right disk back: " + host.publisher->reason());
      stop(i);
      host.disk->restore(host.right);
      host.restored = false;
      ++report_.reconnects;
      start(i);
    } else if (host.restored) {
      // It may still be asking; look again.
      events_.after(5 * kSecond, [this, i] {
        if (hosts_[i].up() && hosts_[i].publisher->state() == Publisher::State::refused) settle(i);
      });
    }
  }

  // After a start everything that was acknowledged is there, unless an old copy runs, which then must not go on.
  void check_recorded(std::size_t i) {
    Host& host = hosts_[i];
    for (const auto& [index, text] : host.outside.recorded) {
      if (host.restored && index >= host.backup_size) break;
      const auto entry = host.log->entry(index);
      if (!entry.ok())
        return violate(i, format("entry {} was acknowledged and is gone: {}", index, entry.error().text()));
      if (as_text(*entry) != text) return violate(i, format("entry {} was acknowledged and is another one", index));
    }
  }

  void check_end(std::size_t i) {
    Host& host = hosts_[i];
    if (!host.up()) return violate(i, "did not start in the end");
    if (host.publisher->state() != Publisher::State::open)
      return violate(i, "is not open in the end: " + host.publisher->reason());
    if (host.publisher->final_size() != host.log->size())
      return violate(i,
                     format("{} of {} entries are final in the end", host.publisher->final_size(), host.log->size()));
    if (host.log->size() < host.outside.final.size()) return violate(i, "final entries are gone");
    host.restored = false;
    check_recorded(i);
  }

  void violate(std::size_t i, const std::string& why) {
    if (!report_.violation.empty()) return;
    report_.violation = format("{}: {}", hosts_[i].name, why);
    events_.trace("VIOLATION", report_.violation);
  }

  Play play_;
  Events events_;
  Random random_;
  std::vector<Host> hosts_;
  std::map<std::size_t, std::uint64_t> lives_;
  std::uint64_t life_ = 0, requests_ = 0;
  bool calm_ = false;
  Report report_;
};

}  // namespace

Report play_log(const Play& play) { return LogPlay(play).run(); }

}  // namespace mw::sim
