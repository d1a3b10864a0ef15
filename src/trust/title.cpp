#include "trust/title.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/multibase.h"
#include "trust/did.h"

namespace mw::trust {
namespace {

constexpr std::string_view kTitle = "manyworlds title 1\n";
constexpr std::uint64_t kNumberMax = (std::uint64_t{1} << 53) - 1;  // exact in every language

Error bad(std::string_view line, std::string why) { return invalid(format("title.{}", line), std::move(why)); }

bool good_log(std::string_view log) {
  return !log.empty() && log.size() <= limits::kNoteNameBytes &&
         std::all_of(log.begin(), log.end(), [](char c) { return c > ' ' && c <= '~' && c != '+'; });
}

bool good_host(std::string_view host) {
  const auto did = parse_web_did(host);
  return did.ok() && !did->is_webvh() && did->path.empty() && did->text() == host;
}

// --- Writing ---------------------------------------------------------------------------------------------------------

struct Lines {
  std::string text;
  void add(std::string_view name, std::string_view value) { text += format("{} {}\n", name, value); }
  void add(std::string_view name, std::uint64_t value) { text += format("{} {}\n", name, value); }
  void add(std::string_view name, const crypto::Digest& hash) { add(name, title_hash_text(hash)); }
  void add(std::string_view name, const crypto::PublicKey& key) { add(name, crypto::multikey(key)); }
};

struct Write {
  Lines& lines;
  void operator()(const TitleCreate& form) const {
    lines.add("content", form.content);
    lines.add("serial", crypto::base64url(form.serial));
    lines.add("owner", form.owner);
  }
  void move(const TitleMove& move) const {
    lines.add("asset", move.asset);
    lines.add("sequence", move.sequence);
    lines.add("previous", move.previous);
    lines.add("to", move.to);
  }
  void operator()(const TitleTransfer& form) const { move(form.move); }
  void operator()(const TitleRotate& form) const { move(form.move); }
  void operator()(const TitleTrade& form) const {
    move(form.first);
    move(form.second);
  }
  void operator()(const TitleLease& form) const {
    lines.add("asset", form.asset);
    lines.add("previous", form.previous);
    lines.add("number", form.number);
    lines.add("host", form.host);
    lines.add("holder", form.holder);
    lines.add("from", static_cast<std::uint64_t>(form.from_s));
    lines.add("until", static_cast<std::uint64_t>(form.until_s));
  }
  void operator()(const TitleReturn& form) const {
    lines.add("asset", form.asset);
    lines.add("number", form.number);
    lines.add("at", static_cast<std::uint64_t>(form.at_s));
  }
};

struct Check {
  static Status number(std::string_view line, std::uint64_t value, std::uint64_t least) {
    if (value < least || value > kNumberMax) return bad(line, format("expected {} to {}", least, kNumberMax));
    return ok();
  }
  static Status time(std::string_view line, std::int64_t value) {
    return number(line, value < 0 ? kNumberMax + 1 : static_cast<std::uint64_t>(value), 0);
  }
  Status operator()(const TitleCreate&) const { return ok(); }
  Status operator()(const TitleTransfer& form) const { return number("sequence", form.move.sequence, 1); }
  Status operator()(const TitleRotate& form) const { return number("sequence", form.move.sequence, 1); }
  Status operator()(const TitleTrade& form) const {
    MW_TRY(number("sequence", form.first.sequence, 1));
    MW_TRY(number("sequence", form.second.sequence, 1));
    if (form.first.asset < form.second.asset) return ok();
    return bad("asset", "expected two assets, the smaller one first");
  }
  Status operator()(const TitleLease& form) const {
    MW_TRY(number("number", form.number, 1));
    if (!good_host(form.host)) return bad("host", "expected the did:web of a host");
    MW_TRY(time("from", form.from_s));
    MW_TRY(time("until", form.until_s));
    if (form.until_s <= form.from_s) return bad("until", "expected a time after `from`");
    return ok();
  }
  Status operator()(const TitleReturn& form) const {
    MW_TRY(number("number", form.number, 1));
    return time("at", form.at_s);
  }
};

// --- Reading ---------------------------------------------------------------------------------------------------------

// Takes the lines one by one; the first error stays, and what is read after it means nothing.
struct Reader {
  std::string_view rest;
  Status status = ok();

  void fail(std::string_view name, std::string why) {
    if (status.ok()) status = bad(name, std::move(why));
  }
  std::string_view value(std::string_view name) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    if (end == std::string_view::npos || !line.starts_with(name) || line.size() <= name.size() + 1 ||
        line[name.size()] != ' ') {
      fail(name, format("expected the line \"{} ...\"", name));
      return {};
    }
    rest.remove_prefix(end + 1);
    return line.substr(name.size() + 1);
  }
  template <std::size_t N>
  std::array<Byte, N> bytes(std::string_view name) {
    std::array<Byte, N> out{};
    const auto read = crypto::from_base64url(value(name));
    if (read.ok() && read->size() == N)
      std::copy(read->begin(), read->end(), out.begin());
    else
      fail(name, format("expected {} bytes in base64url", N));
    return out;
  }
  std::uint64_t number(std::string_view name) {
    const auto text = value(name);
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0') ||
        out > kNumberMax)
      fail(name, format("expected a decimal number up to {}", kNumberMax));
    return out;
  }
  crypto::PublicKey key(std::string_view name) {
    const auto text = value(name);
    if (!status.ok()) return {};
    const auto read = crypto::from_multikey(text);
    if (read.ok()) return *read;
    fail(name, read.error().message);
    return {};
  }
  TitleMove move() {
    TitleMove out;
    out.asset = bytes<32>("asset");
    out.sequence = number("sequence");
    out.previous = bytes<32>("previous");
    out.to = key("to");
    return out;
  }
  TitleCreate create() {
    TitleCreate out;
    out.content = bytes<32>("content");
    out.serial = bytes<16>("serial");
    out.owner = key("owner");
    return out;
  }
  TitleLease lease() {
    TitleLease out;
    out.asset = bytes<32>("asset");
    out.previous = bytes<32>("previous");
    out.number = number("number");
    out.host = value("host");
    out.holder = key("holder");
    out.from_s = static_cast<std::int64_t>(number("from"));
    out.until_s = static_cast<std::int64_t>(number("until"));
    return out;
  }
  TitleReturn give_back() {
    TitleReturn out;
    out.asset = bytes<32>("asset");
    out.number = number("number");
    out.at_s = static_cast<std::int64_t>(number("at"));
    return out;
  }
  TitleForm form(std::string_view kind) {
    if (kind == "create") return create();
    if (kind == "transfer") return TitleTransfer{move()};
    if (kind == "rotate") return TitleRotate{move()};
    if (kind == "lease") return lease();
    if (kind == "return") return give_back();
    if (kind != "trade") fail("kind", "expected create, transfer, rotate, trade, lease or return");
    TitleTrade trade;
    trade.first = move();
    trade.second = move();
    return trade;
  }
};

}  // namespace

std::string_view name_of(const TitleForm& form) {
  constexpr std::string_view kNames[] = {"create", "transfer", "rotate", "trade", "lease", "return"};
  static_assert(std::size(kNames) == std::variant_size_v<TitleForm>);
  return kNames[form.index()];
}

std::string title_hash_text(const crypto::Digest& hash) { return crypto::base64url(hash); }

Result<crypto::Digest> parse_title_hash(std::string_view text, std::string_view field) {
  const auto bytes = text.size() == 43 ? crypto::from_base64url(text) : Result<Bytes>(Bytes());
  if (!bytes.ok() || bytes->size() != 32) return invalid(std::string(field), "expected 32 bytes in base64url");
  crypto::Digest hash;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::size_t signatures_of(const TitleForm& form) {
  return std::holds_alternative<TitleRotate>(form) || std::holds_alternative<TitleTrade>(form) ? 2 : 1;
}

Result<std::string> title_statement(std::string_view log, const TitleForm& form) {
  if (!good_log(log)) return bad("log", format("expected 1 to {} characters, no spaces", limits::kNoteNameBytes));
  MW_TRY(std::visit(Check{}, form));
  Lines lines{format("{}{}\nlog {}\n", kTitle, name_of(form), log)};
  std::visit(Write{lines}, form);
  return std::move(lines.text);
}

Result<TitleRecord> title_record(std::string_view log, const TitleForm& form,
                                 std::vector<crypto::Signature> signatures) {
  if (signatures.size() != signatures_of(form))
    return bad("signature", format("expected {} signatures, found {}", signatures_of(form), signatures.size()));
  auto statement = title_statement(log, form);
  MW_TRY(statement);
  TitleRecord record{std::string(log), form, *std::move(statement), {}, std::move(signatures)};
  record.hash = crypto::sha256(as_bytes(record.statement));
  return record;
}

Result<TitleRecord> sign_title(std::string_view log, const TitleForm& form, std::span<const Sign> signers) {
  auto record = title_record(log, form, std::vector<crypto::Signature>(signers.size()));
  MW_TRY(record);
  for (std::size_t i = 0; i < signers.size(); ++i) record->signatures[i] = signers[i](as_bytes(record->statement));
  return record;
}

bool TitleRecord::signed_by(std::size_t signature, const crypto::PublicKey& key) const {
  return signature < signatures.size() && crypto::verify(key, as_bytes(statement), signatures[signature]);
}

Bytes format_title(const TitleRecord& record) {
  std::string text = record.statement + "\n";
  for (const auto& signature : record.signatures) text += format("signature {}\n", crypto::base64url(signature));
  return {text.begin(), text.end()};
}

bool is_title(ByteView entry) { return as_text(entry).starts_with(kTitle); }

Result<TitleRecord> parse_title(ByteView entry) {
  if (!is_title(entry)) return bad("kind", "expected a title record");
  if (entry.size() > limits::kTitleRecordBytes)
    return Error{ErrorKind::too_large, "title", format("expected at most {} bytes", limits::kTitleRecordBytes)};
  const auto text = as_text(entry);
  const auto gap = text.find("\n\n");
  if (gap == std::string_view::npos) return bad("signature", "expected an empty line before the signatures");
  const auto statement = text.substr(0, gap + 1);
  Reader lines{statement.substr(kTitle.size())};
  const auto end = lines.rest.find('\n');
  if (end == std::string_view::npos) return bad("kind", "expected a line");
  const auto kind = lines.rest.substr(0, end);
  lines.rest.remove_prefix(end + 1);
  const auto log = lines.value("log");
  const TitleForm form = lines.form(kind);
  MW_TRY(lines.status);
  if (!lines.rest.empty()) return bad(name_of(form), "expected no further line");
  Reader signatures{text.substr(gap + 2)};
  std::vector<crypto::Signature> found;
  while (!signatures.rest.empty() && signatures.status.ok() && found.size() < 2)
    found.push_back(signatures.bytes<64>("signature"));
  MW_TRY(signatures.status);
  if (!signatures.rest.empty()) return bad("signature", "expected at most two signatures");
  auto record = title_record(log, form, std::move(found));
  MW_TRY(record);
  // What was read is what stands there, so that nobody can write one statement in two ways.
  if (record->statement != statement) return bad(name_of(form), "expected the one text of this record");
  return record;
}

}  // namespace mw::trust
