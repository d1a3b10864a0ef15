// manyworlds audit: follows a host's log over HTTPS, or a copy of its files in a folder, and keeps what it has seen.
#include <cstdio>
#include <optional>

#include "base/format.h"
#include "base/limits.h"
#include "edge/fetch.h"
#include "platform/files.h"
#include "records/auditor.h"
#include "server/commands.h"

namespace mw::server {
namespace {

constexpr std::string_view kKeyLine = "log ";

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
};

// From the file of an earlier run, or anew by the key that was given or, at the very first, by the one that the log shows.
Result<Begun> begin(const AuditFlags& flags, const Source& source, const std::vector<records::NoteKey>& witnesses) {
  Begun begun;
  std::string kept;
  if (!flags.state.empty()) {
    auto text = platform::read_file(flags.state, 64u << 10);
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
    begun.auditor.emplace(std::move(policy));
    return begun;
  }
  auto restored = records::Auditor::restore(std::move(policy), std::string_view(kept).substr(line + 1));
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
  const auto audit = auditor.follow(
      *note, [&](const records::TileName& name) { return source.tile(name); },
      [&](std::uint64_t, ByteView entry) { bytes += entry.size(); });
  if (!audit.ok()) return report_failure(flags, auditor, audit.error());
  say(format("Log:          {}", auditor.latest()->checkpoint.origin));
  say(format("Entries:      {} ({} new, {} bytes), all of them checked", audit->to, audit->to - audit->from, bytes));
  say(format("Fetched:      {} bundles, {} tiles", audit->bundles, audit->tiles));
  std::string names;
  for (const auto& name : audit->cosigned_by) names += (names.empty() ? "" : ", ") + name;
  say(format("Cosigned by:  {} of {} witnesses that you named{}{}", audit->cosigned_by.size(), witnesses.size(),
             names.empty() ? "" : ": ", names));
  if (!flags.state.empty()) {
    const auto text = format("{}{}\n{}", kKeyLine, begun->key_text, auditor.save());
    if (const auto written = platform::write_file(flags.state, text); !written.ok()) return fail(written.error());
    say(format("Kept in:      {} (the next audit goes on from here)", flags.state));
  }
  return 0;
}

}  // namespace mw::server
