// The journal over a disk that forgets. One operation at a time is on its way, so that after a crash the journal must show
// either everything acknowledged, or that and the whole of the one operation that was not.
#include <map>
#include <optional>

#include "base/format.h"
#include "base/limits.h"
#include "records/journal.h"
#include "sim/disk.h"
#include "sim/events.h"
#include "sim/scenario.h"

namespace mw::sim {
namespace {

using records::Batch;
using records::Journal;

constexpr int kLives = 12;  // of the journal, each but the last ended by a crash
constexpr int kOperations = 60;  // at most, in one life

// What the journal should hold.
struct Model {
  struct Stream {
    std::map<std::uint64_t, std::string> entries;
    std::uint64_t last = 0;
    std::optional<records::Snapshot> snapshot;
  };
  std::map<std::string, Stream> streams;
  std::map<std::string, std::string> values;

  void apply(const Batch& batch) {
    for (const auto& append : batch.appends) {
      Stream& stream = streams[append.stream];
      stream.entries[++stream.last] = append.body;
    }
    for (const auto& key : batch.removes) values.erase(key);
    for (const auto& [key, value] : batch.puts) values[key] = value;
  }
  void fold(const std::string& name, const records::Snapshot& snapshot, std::size_t keep) {
    Stream& stream = streams[name];
    stream.snapshot = snapshot;
    while (!stream.entries.empty() && stream.entries.begin()->first + keep <= snapshot.sequence)
      stream.entries.erase(stream.entries.begin());
  }
};

std::string problem_of(Journal& journal, const Model& model) {
  if (const auto status = journal.check(); !status.ok()) return status.error().text();
  for (const auto& [name, expected] : model.streams) {
    const auto extent = journal.extent(name);
    if (!extent.ok()) return extent.error().text();
    if (extent->last != expected.last) return format("{}: last is {}, expected {}", name, extent->last, expected.last);
    const auto entries = journal.read(name, 0, 100'000);
    if (!entries.ok()) return entries.error().text();
    if (entries->size() != expected.entries.size())
      return format("{}: {} entries, expected {}", name, entries->size(), expected.entries.size());
    for (const auto& entry : *entries) {
      const auto found = expected.entries.find(entry.sequence);
      if (found == expected.entries.end() || found->second != entry.body)
        return format("{}: entry {} differs", name, entry.sequence);
    }
    const auto snapshot = journal.snapshot(name);
    if (!snapshot.ok()) return snapshot.error().text();
    if (snapshot->has_value() != expected.snapshot.has_value()) return format("{}: snapshot lost or made up", name);
    if (expected.snapshot &&
        ((*snapshot)->sequence != expected.snapshot->sequence || (*snapshot)->body != expected.snapshot->body))
      return format("{}: snapshot differs", name);
  }
  const auto values = journal.list("", 100'000);
  if (!values.ok()) return values.error().text();
  if (std::map<std::string, std::string>(values->begin(), values->end()) != model.values) return "values differ";
  return "";
}

class JournalPlay {
 public:
  explicit JournalPlay(const Play& play)
      : play_(play),
        events_(play.print),
        random_(play.seed),
        disk_(random_.split()),
        vfs_(format("journal-{}", play.seed), disk_) {
    disk_.answer_before_sync(play.plant == Plant::ack_before_sync);
  }

  Report run() {
    for (int life = 0; life < kLives && report_.violation.empty(); ++life) live(life + 1 == kLives);
    report_.trace_hash = events_.trace_hash();
    report_.events = events_.events_run();
    report_.sectors_lost = disk_.stats().sectors_lost;
    return report_;
  }

 private:
  void live(bool last) {
    if (!last) disk_.turn_off_after(random_.below(random_.chance(0.3) ? 12 : 400));
    auto opened = Journal::open({"journal.db", vfs_.name(), 0, false});
    if (!opened.ok()) {
      if (disk_.off()) return crash();
      return violate("the journal does not open: " + opened.error().text());
    }
    journal_ = *std::move(opened);
    if (!recovered()) return;
    for (int i = 0; i < kOperations && report_.violation.empty() && !disk_.off(); ++i) operate();
    if (!last && report_.violation.empty()) crash();
    journal_.reset();
  }

  // The model follows what is there: with or without the operation that was on its way.
  bool recovered() {
    if (disk_.off()) {
      crash();
      return false;
    }
    const std::string without = problem_of(*journal_, model_);
    if (disk_.off()) {
      crash();
      return false;
    }
    if (without.empty()) {
      uncertain_.reset();
      return true;
    }
    if (uncertain_ && problem_of(*journal_, *uncertain_).empty()) {
      model_ = *uncertain_;
      uncertain_.reset();
      return true;
    }
    violate(without);
    return false;
  }

  void operate() {
    if (random_.chance(0.1)) disk_.set_full(random_.chance(0.3));
    const auto kind = random_.below(20);
    if (kind == 0) return fold();
    if (kind == 1) return copy();
    Batch batch;
    const auto rows = 1 + random_.below(6);
    for (std::uint64_t i = 0; i < rows; ++i)
      batch.appends.push_back({format("s{}", random_.below(3)), events_.unix_ms(), body()});
    if (random_.chance(0.3)) batch.puts.emplace_back(format("k{}", random_.below(5)), body());
    if (random_.chance(0.1)) batch.removes.push_back(format("k{}", random_.below(5)));
    Model after = model_;
    after.apply(batch);
    settle("commit", journal_->commit(batch).ok(), std::move(after));
  }

  void fold() {
    const auto name = format("s{}", random_.below(3));
    const auto known = model_.streams.find(name);
    if (known == model_.streams.end()) return;
    const std::uint64_t low = known->second.snapshot ? known->second.snapshot->sequence : 0;
    const records::Snapshot snapshot{low + random_.below(known->second.last - low + 1), body()};
    const auto keep = random_.below(10);
    Model after = model_;
    after.fold(name, snapshot, keep);
    settle("fold", journal_->fold(name, snapshot, keep).ok(), std::move(after));
  }

  void copy() {
    const auto name = format("copy-{}.db", ++copies_);
    const bool done = journal_->copy_to(name).ok();
    events_.trace("journal", format("copy {}", done));
    if (!done || disk_.off()) return;
    auto copied = Journal::open({name, vfs_.name(), 0, false});
    if (!copied.ok()) {
      // A full or dying disk is no fault of the copy.
      if (copied.error().kind == ErrorKind::damaged) violate("the copy does not open: " + copied.error().text());
      return;
    }
    const auto problem = problem_of(**copied, model_);
    if (!problem.empty() && !disk_.off()) violate("the copy: " + problem);
    copied->reset();
    for (const char* suffix : {"", "-wal"})
      if (disk_.find(name + suffix) != nullptr) disk_.remove(name + suffix, false);
  }

  void settle(std::string_view what, bool acknowledged, Model after) {
    events_.trace("journal", format("{} {}", what, acknowledged));
    if (acknowledged) {
      ++report_.acknowledged;
      model_ = std::move(after);
    } else {
      ++report_.refused;
      // Without a crash a failure must leave nothing behind; with one the operation may be there as a whole.
      if (disk_.off()) uncertain_ = std::move(after);
    }
  }

  std::string body() {
    return std::string(random_.chance(0.1) ? random_.below(9'000) : random_.below(200),
                       static_cast<char>('a' + random_.below(26)));
  }

  void crash() {
    const bool power = random_.chance(0.8);
    events_.trace("disk", power ? "the power is cut" : "the process is killed");
    ++report_.crashes;
    disk_.turn_off();
    journal_.reset();
    disk_.set_full(false);
    disk_.turn_on(power);
  }

  void violate(std::string why) {
    events_.trace("VIOLATION", why);
    report_.violation = std::move(why);
  }

  Play play_;
  Events events_;
  Random random_;
  Disk disk_;
  DiskVfs vfs_;
  std::unique_ptr<Journal> journal_;
  Model model_;
  std::optional<Model> uncertain_;
  int copies_ = 0;
  Report report_;
};

}  // namespace

Report play_journal(const Play& play) { return JournalPlay(play).run(); }

}  // namespace mw::sim
