// manyworlds audit: follows a host's log over HTTPS, or a copy of its files in a folder, and keeps what it has seen.
#include <cstdio>
#include <optional>

#include "base/format.h"
#include "base/limits.h"
#include "edge/fetch.h"
#include "platform/files.h"
#include "records/auditor.h"
#include "server/audit_titles.h"
#include "server/commands.h"

namespace mw::server {
namespace {

constexpr std::string_view kKeyLine = "log ", kTitlesLine = "titles ";
// What was seen of titles is the most of it.
constexpr std::size_t kStateBytes = 512u << 20;

void say(const std::string& text) { std::fputs((text + "\n").c_str(), stdout); }
int fail(const Error& error) {
  std::fputs(("manyworlds: " + error.text() + "\n").c_str(), stderr);
  return 1;
}

// Where the log's files are: below an address, or below a folder that holds the same paths.
class Source {
 public:
  explicit Source(const AuditFlags& flags)
      : place_(flags.place), loopback_(flags.loopback), authorities_(flags.authorities) {
    while (place_.ends_with('/')) place_.pop_back();
    remote_ = place_.starts_with("http://") || place_.starts_with("https://");
    if (remote_ && place_.find('/', place_.find("//") + 2) == std::string::npos) place_ += "/log";
  }

  Result<std::string> get(const std::string& path, std::size_t max_bytes) const {
    if (!remote_) return platform::read_file(place_ + "/" + path, max_bytes);
    edge::FetchRules rules;
    rules.loopback = loopback_;
    rules.max_bytes = max_bytes;
    rules.timeout_ms = 30'000;
    rules.authorities = authorities_;
    auto answer = edge::fetch({"GET", place_ + "/" + path, {}, {}}, rules);
    MW_TRY(answer);
    if (answer->status != 200)
      return Error{answer->status == 404 ? ErrorKind::not_found : ErrorKind::unavailable, path,
                   format("answered with {}: {}", answer->status, answer->body.substr(0, 200))};
    return std::move(answer->body);
  }

  Result<Bytes> tile(const records::TileName& name) const {
    const std::size_t most = name.entries ? limits::kBundleBytes : name.width * sizeof(records::Hash);
    const auto text = get(records::tile_path(name), most);
    MW_TRY(text);
    return Bytes(text->begin(), text->end());
  }
  bool remote() const { return remote_; }

 private:
  std::string place_;
  bool loopback_, remote_ = false;
  std::string authorities_;
};

struct Begun {
  std::string key_text;
  std::optional<records::Auditor> auditor;
  std::optional<trust::TitleIndex> titles;  // none: an earlier audit did not look at them
};

// "titles N" and N bytes, in front of what the auditor keeps.
Status take_titles(std::string_view& kept, const std::string& origin, Begun& begun) {
  if (!kept.starts_with(kTitlesLine)) return ok();
  const auto end = kept.find('\n');
  const auto size = records::parse_tree_size(kept.substr(kTitlesLine.size(), end - kTitlesLine.size()), "titles");
  if (end == std::string_view::npos || !size.ok() || *size > kept.size() - end - 1)
    return Error{ErrorKind::damaged, "titles", "expected their size"};
  auto titles = trust::TitleIndex::restore(origin, kept.substr(end + 1, *size));
  MW_TRY(titles);
  begun.titles = *std::move(titles);
  kept.remove_prefix(end + 1 + *size);
  return ok();
}

// From the file of an earlier run, or anew by the key that was given or, at the very first, by the one that the log shows.
Result<Begun> begin(const AuditFlags& flags, const Source& source, const std::vector<records::NoteKey>& witnesses) {
  Begun begun;
  std::string kept;
  if (!flags.state.empty()) {
    auto text = platform::read_file(flags.state, kStateBytes);
    if (text.ok())
      kept = *std::move(text);
    else if (text.error().kind != ErrorKind::not_found)
      return text.error();
  }
  const auto line = kept.find('\n');
  if (!kept.empty() && (!kept.starts_with(kKeyLine) || line == std::string::npos))
    return Error{ErrorKind::damaged, flags.state, "is none of an audit's files"};
  if (!kept.empty()) begun.key_text = kept.substr(kKeyLine.size(), line - kKeyLine.size());
  if (!flags.key.empty() && !begun.key_text.empty() && flags.key != begun.key_text)
    return invalid("--key", format("{} is about another log", flags.state));
  if (!flags.key.empty()) begun.key_text = flags.key;
  if (begun.key_text.empty()) {
    auto shown = source.get("key", 1'024);
    MW_TRY(shown);
    while (shown->ends_with('\n')) shown->pop_back();
    begun.key_text = *std::move(shown);
    say(format("Key:          {} (as the log shows it; compare it with the operator's)", begun.key_text));
  }
  auto key = records::parse_verifier_key(begun.key_text);
  MW_TRY(key);
  records::AuditPolicy policy{key->name, {*key}, witnesses};
  if (kept.empty()) {
    begun.titles.emplace(policy.origin);
    begun.auditor.emplace(std::move(policy));
    return begun;
  }
  auto rest = std::string_view(kept).substr(line + 1);
  MW_TRY(take_titles(rest, policy.origin, begun));
  auto restored = records::Auditor::restore(std::move(policy), rest);
  MW_TRY(restored);
  begun.auditor = *std::move(restored);
  return begun;
}

int report_failure(const AuditFlags& flags, const records::Auditor& auditor, const Error& error) {
  if (auditor.evidence()) {
    const std::string text = records::format_evidence(*auditor.evidence());
    say("SPLIT VIEW: the log has signed two histories. The two checkpoints and the proof:\n");
    say(text);
    if (!flags.evidence.empty()) {
      if (const auto written = platform::write_file(flags.evidence, text); !written.ok()) return fail(written.error());
      say(format("Written to {}.", flags.evidence));
    }
  }
  return fail(error);
}

}  // namespace

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Status keep(const AuditFlags& flags, const Begun& begun) {
  if (flags.state.empty()) return ok();
  const auto titles = begun.titles->save();
  MW_TRY(platform::write_file(flags.state, format("{}{}\n{}{}\n{}{}", kKeyLine, begun.key_text, kTitlesLine,
                                                  titles.size(), titles, begun.auditor->save())));
  say(format("Kept in:      {} (the next audit goes on from here)", flags.state));
  return ok();
}

// The titles, up to the checkpoint that was just checked.
Status audit_titles(const AuditFlags& flags, const Source& source, std::string_view note, Begun& begun,
                    TitleEntries entries) {
  const auto fetch = [&](const records::TileName& name) { return source.tile(name); };
  const auto size = begun.auditor->latest()->checkpoint.size;
  if (!begun.titles) {
    // What an earlier audit passed over is read again, and checked like the first time.
    const auto key = records::parse_verifier_key(begun.key_text);
    MW_TRY(key);
    records::Auditor again({key->name, {*key}, {}});
    entries.clear();
    MW_TRY(again.follow(note, fetch, [&](std::uint64_t i, ByteView entry) { take_title(entries, i, entry); }));
    begun.titles.emplace(key->name);
  }
  const auto found = judge_titles(*begun.titles, entries, size);
  say(format("Titles:       {} things; {} new records, {} of them count for nothing", begun.titles->size(),
             found.records, found.refused.size()));
  if (!begun.titles->complete())
    say(format("              the log has more than {} titles; of the others nothing is known", begun.titles->size()));
  const auto evidence = double_sales(found, fetch, size);
  MW_TRY(evidence);
  if (evidence->empty()) return ok();
  say("SOLD TWICE: the first sale counts. Both are signed by the seller:\n");
  say(*evidence);
  if (flags.evidence.empty()) return ok();
  MW_TRY(platform::write_file(flags.evidence, *evidence));
  say(format("Written to {}.", flags.evidence));
  return ok();
}

// What the cosignatures of the named witnesses are worth, each taken for one of its own.
Status say_assurance(const records::Auditor& auditor, const std::string& key_text,
                     const std::vector<records::NoteKey>& witnesses) {
  const auto key = records::parse_verifier_key(key_text);
  MW_TRY(key);
  trust::TitlePolicy policy{key->name, {*key}, {}, 0};
  for (const auto& witness : witnesses) policy.witnesses.push_back({witness, witness.name});
  const auto cosigned = trust::count_cosignatures(policy, *auditor.latest());
  MW_TRY(cosigned);
  const bool prevented = cosigned->assurance == trust::Assurance::prevented;
  say(format("Another history beside this one would be {}{}", name_of(cosigned->assurance),
             prevented ? ", if the witnesses are independent of each other"
                       : " by whoever compares checkpoints: to prevent it takes four independent witnesses or more"));
  return ok();
}

}  // namespace

int command_audit(const AuditFlags& flags) {
  const Source source(flags);
  std::vector<records::NoteKey> witnesses;
  witnesses.reserve(flags.witnesses.size());
  for (const auto& text : flags.witnesses) {
    auto key = records::parse_verifier_key(text);
    if (!key.ok()) return fail(key.error());
    witnesses.push_back(*std::move(key));
  }
  auto begun = begin(flags, source, witnesses);
  if (!begun.ok()) return fail(begun.error());
  records::Auditor& auditor = *begun->auditor;
  const auto note = source.get("checkpoint", limits::kNoteBytes);
  if (!note.ok()) return fail(note.error());
  std::uint64_t bytes = 0;
  TitleEntries entries;
  const auto audit = auditor.follow(
      *note, [&](const records::TileName& name) { return source.tile(name); },
      [&](std::uint64_t index, ByteView entry) {
        bytes += entry.size();
        take_title(entries, index, entry);
      });
  if (!audit.ok()) return report_failure(flags, auditor, audit.error());
  say(format("Log:          {}", auditor.latest()->checkpoint.origin));
  say(format("Entries:      {} ({} new, {} bytes), all of them checked", audit->to, audit->to - audit->from, bytes));
  say(format("Fetched:      {} bundles, {} tiles", audit->bundles, audit->tiles));
  say(format("Cosigned by:  {} of {} witnesses that you named{}{}", audit->cosigned_by.size(), witnesses.size(),
             audit->cosigned_by.empty() ? "" : ": ", joined(audit->cosigned_by)));
  if (const auto said = say_assurance(auditor, begun->key_text, witnesses); !said.ok()) return fail(said.error());
  const auto titles = audit_titles(flags, source, *note, *begun, std::move(entries));
  if (!titles.ok()) return fail(titles.error());
  const auto kept = keep(flags, *begun);
  return kept.ok() ? 0 : fail(kept.error());
}

}  // namespace mw::server
