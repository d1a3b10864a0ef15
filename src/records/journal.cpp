#include "records/journal.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/crypto.h"
#include "records/migrations.h"
#include "records/sqlite.h"

namespace mw::records {
namespace {

// Files up to this size have their whole structure checked when they are opened; that takes about 0.1 s.
constexpr std::int64_t kQuickCheckPages = 16'384;
constexpr std::size_t kSumBytes = 8;

// Ties a row to its place: a damaged or misplaced row does not pass for good. Not a defence against an attacker.
std::string sum_of(std::string_view place, std::uint64_t sequence, std::int64_t time_ms, std::string_view body) {
  std::string text;
  text.reserve(place.size() + 17 + body.size());
  text.append(place).push_back('\0');
  for (int shift = 56; shift >= 0; shift -= 8) text.push_back(static_cast<char>(sequence >> shift & 0xFF));
  for (int shift = 56; shift >= 0; shift -= 8)
    text.push_back(static_cast<char>(static_cast<std::uint64_t>(time_ms) >> shift & 0xFF));
  text.append(body);
  const auto digest = crypto::sha256(as_bytes(text));
  return std::string(as_text(digest).substr(0, kSumBytes));
}

Error damaged_row(std::string_view what) {
  return Error{ErrorKind::damaged, std::string(what), "stored bytes do not match their checksum"};
}

Status check_size(std::string_view field, std::size_t size, std::size_t limit) {
  if (size <= limit) return ok();
  return Error{ErrorKind::too_large, std::string(field), format("expected at most {} bytes, found {}", limit, size)};
}

Status configure(Database& database, const Options& options) {
  const std::uint64_t bound = options.max_bytes != 0 ? options.max_bytes : limits::kDatabaseBytesDefault;
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  MW_TRY(database.execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON"));
  if (options.read_only) return ok();
  const auto mode = database.text("PRAGMA journal_mode = WAL");
  MW_TRY(mode);
  // A journal in memory (":memory:", for what only asks what the host knows) has no log, and promises nothing.
  if (*mode != "wal" && options.path != ":memory:")
    return failure(ErrorKind::unavailable, "the disk does not support a write-ahead log (is it a network drive?)");
  // journal_size_limit returns the disk that a burst of edits took for the log.
  MW_TRY(database.execute(
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 8388608"));
  const auto page = database.integer("PRAGMA page_size");
  MW_TRY(page);
  MW_TRY(database.integer(
      format("PRAGMA max_page_count = {}", std::max<std::uint64_t>(bound / static_cast<std::uint64_t>(*page), 1))));
  return ok();
}

// Is this ours, and of a version that can be opened?
Status check_version(Database& database, bool read_only) {
  const auto version = version_of(database);
  MW_TRY(version);
  if (*version > Journal::kSchemaVersion)
    return failure(ErrorKind::version,
                   format("the database has format {}, and this program knows up to {}; use the newer program",
                          *version, Journal::kSchemaVersion));
  if (read_only && *version < Journal::kSchemaVersion)
    return failure(ErrorKind::version, format("the database has format {}; start the host once to bring it to {}",
                                              *version, Journal::kSchemaVersion));
  return ok();
}

// By a connection that cannot write, so that a newer file is left as it is, also by SQLite itself, which tidies up when a
// connection that can write is closed.
Status peek(const Options& options) {
  const Status status = [&]() -> Status {
    auto database = Database::open(options.path, SQLITE_OPEN_READONLY, options.vfs);
    MW_TRY(database);
    return check_version(*database, options.read_only);
  }();
  if (status.ok() || options.read_only) return status;
  // There is no file yet; or one that a crash left with work to do, which only a connection that writes can.
  const auto kind = status.error().kind;
  return kind == ErrorKind::not_found || kind == ErrorKind::unavailable ? ok() : status;
}

// The host's secrets are in the file. SQLite gives the log and its index the same permissions, so this comes first.
Status make_private(Database& database, const Options& options) {
  MW_TRY(database.integer("PRAGMA schema_version"));  // makes the file when there is none
  std::error_code ignored;
  if (options.vfs.empty())
    std::filesystem::permissions(options.path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                                 ignored);
  return ok();
}

Status check_structure(Database& database, const char* pragma) {
  const auto verdict = database.text(format("PRAGMA {}(1)", pragma));
  MW_TRY(verdict);
  if (*verdict != "ok") return failure(ErrorKind::damaged, "the database is damaged: " + *verdict);
  return ok();
}

}  // namespace

struct Journal::State {
  Options options;
  Database database;
  Statement find_stream, add_stream, add_entry, drop_entries, first_entry, last_entry, read_entries;
  Statement get_snapshot, set_snapshot;
  Statement put_value, remove_value, get_value, list_values;

  struct Stream {
    std::int64_t id = 0;
    std::uint64_t last = 0;
  };
  // What is on disk; entries are dropped when a transaction fails, and read again.
  std::map<std::string, Stream, std::less<>> streams;

  Status prepare();
  Result<Stream> find(std::string_view name);
  Result<Stream*> find_or_add(const std::string& name);
  Result<std::vector<std::uint64_t>> write(const Batch& batch);
  Status check_rows(std::string_view sql, std::string_view what);
};

Status Journal::State::prepare() {
  const std::pair<Statement*, const char*> all[] = {
      {&find_stream, "SELECT id FROM stream WHERE name = ?1"},
      {&add_stream, "INSERT INTO stream (name) VALUES (?1) RETURNING id"},
      {&add_entry, "INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5)"},
      {&drop_entries, "DELETE FROM entry WHERE stream = ?1 AND sequence <= ?2"},
      {&first_entry, "SELECT coalesce(min(sequence), 0) FROM entry WHERE stream = ?1"},
      {&last_entry, "SELECT coalesce(max(sequence), 0) FROM entry WHERE stream = ?1"},
      {&read_entries,
       "SELECT sequence, time_ms, body, sum FROM entry WHERE stream = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3"},
      {&get_snapshot, "SELECT sequence, body, sum FROM snapshot WHERE stream = ?1"},
      {&set_snapshot, "INSERT OR REPLACE INTO snapshot VALUES (?1, ?2, ?3, ?4)"},
      {&put_value, "INSERT OR REPLACE INTO value VALUES (?1, ?2, ?3)"},
      {&remove_value, "DELETE FROM value WHERE key = ?1"},
      {&get_value, "SELECT body, sum FROM value WHERE key = ?1"},
      {&list_values, "SELECT key, body, sum FROM value WHERE key >= ?1 ORDER BY key LIMIT ?2"},
  };
  for (const auto& [statement, sql] : all) {
    auto prepared = database.prepare(sql);
    MW_TRY(prepared);
    *statement = *std::move(prepared);
  }
  return ok();
}

// id 0 when there is no such stream.
Result<Journal::State::Stream> Journal::State::find(std::string_view name) {
  if (const auto known = streams.find(name); known != streams.end()) return known->second;
  Stream stream;
  const auto row = find_stream.bind_text(1, name).step();
  MW_TRY(row);
  if (*row) stream.id = find_stream.integer(0);
  find_stream.reset();
  if (stream.id == 0) return stream;
  const auto last = last_entry.bind(1, stream.id).step();
  MW_TRY(last);
  stream.last = static_cast<std::uint64_t>(last_entry.integer(0));
  last_entry.reset();
  const auto folded = get_snapshot.bind(1, stream.id).step();
  MW_TRY(folded);
  if (*folded) stream.last = std::max(stream.last, static_cast<std::uint64_t>(get_snapshot.integer(0)));
  get_snapshot.reset();
  streams.emplace(name, stream);
  return stream;
}

Result<Journal::State::Stream*> Journal::State::find_or_add(const std::string& name) {
  const auto found = find(name);
  MW_TRY(found);
  if (found->id == 0) {
    const auto row = add_stream.bind_text(1, name).step();
    MW_TRY(row);
    const std::int64_t id = add_stream.integer(0);
    add_stream.reset();
    streams[name] = Stream{id, 0};
  }
  return &streams.find(name)->second;
}

Result<std::vector<std::uint64_t>> Journal::State::write(const Batch& batch) {
  auto transaction = Transaction::begin(database);
  MW_TRY(transaction);
  std::vector<std::uint64_t> sequences;
  sequences.reserve(batch.appends.size());
  for (const Append& append : batch.appends) {
    const auto stream = find_or_add(append.stream);
    MW_TRY(stream);
    const std::uint64_t sequence = ++(*stream)->last;
    const std::string sum = sum_of(append.stream, sequence, append.time_ms, append.body);
    MW_TRY(add_entry.bind(1, (*stream)->id)
               .bind(2, static_cast<std::int64_t>(sequence))
               .bind(3, append.time_ms)
               .bind_blob(4, append.body)
               .bind_blob(5, sum)
               .run());
    sequences.push_back(sequence);
  }
  for (const auto& key : batch.removes) MW_TRY(remove_value.bind_text(1, key).run());
  for (const auto& [key, value] : batch.puts) {
    const std::string sum = sum_of(key, 0, 0, value);
    MW_TRY(put_value.bind_text(1, key).bind_blob(2, value).bind_blob(3, sum).run());
  }
  MW_TRY(transaction->commit());
  return sequences;
}

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::open(const Options& options) {
  MW_TRY(peek(options));
  const int flags = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  auto database = Database::open(options.path, flags | SQLITE_OPEN_NOMUTEX, options.vfs);
  MW_TRY(database);
  if (!options.read_only) {
    MW_TRY(check_version(*database, false));
    MW_TRY(make_private(*database, options));
  }
  MW_TRY(configure(*database, options));
  if (!options.read_only) MW_TRY(migrate(*database, migrations()));
  const auto pages = database->integer("PRAGMA page_count");
  MW_TRY(pages);
  if (*pages <= kQuickCheckPages) MW_TRY(check_structure(*database, "quick_check"));
  auto state = std::make_unique<State>(State{options, *std::move(database)});
  MW_TRY(state->prepare());
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

Result<std::vector<std::uint64_t>> Journal::commit(const Batch& batch) {
  const std::size_t rows = batch.appends.size() + batch.puts.size() + batch.removes.size();
  if (rows == 0) return std::vector<std::uint64_t>();
  if (rows > limits::kJournalBatch)
    return failure(ErrorKind::too_large,
                   format("expected at most {} rows in one batch, found {}", limits::kJournalBatch, rows));
  for (const Append& append : batch.appends) {
    MW_TRY(check_size(append.stream, append.stream.size(), limits::kKeyBytes));
    MW_TRY(check_size(append.stream, append.body.size(), limits::kEditBytes));
  }
  for (const auto& [key, value] : batch.puts) {
    MW_TRY(check_size(key, key.size(), limits::kKeyBytes));
    MW_TRY(check_size(key, value.size(), limits::kValueBytes));
  }
  if (state_->options.read_only) return failure(ErrorKind::unavailable, "the database was opened for reading only");
  auto result = state_->write(batch);
  if (!result.ok()) state_->streams.clear();
  return result;
}

Result<std::vector<std::uint64_t>> Journal::append(const std::vector<Append>& batch) {
  return commit(Batch{batch, {}, {}});
}

Result<Journal::Extent> Journal::extent(std::string_view stream) {
  const auto found = state_->find(stream);
  MW_TRY(found);
  Extent extent;
  if (found->id == 0) return extent;
  extent.last = found->last;
  MW_TRY(state_->first_entry.bind(1, found->id).step());
  extent.first = static_cast<std::uint64_t>(state_->first_entry.integer(0));
  state_->first_entry.reset();
  const auto row = state_->get_snapshot.bind(1, found->id).step();
  MW_TRY(row);
  if (*row) extent.snapshot = static_cast<std::uint64_t>(state_->get_snapshot.integer(0));
  state_->get_snapshot.reset();
  return extent;
}

Result<std::optional<Snapshot>> Journal::snapshot(std::string_view stream) {
  const auto found = state_->find(stream);
  MW_TRY(found);
  if (found->id == 0) return std::optional<Snapshot>();
  Statement& select = state_->get_snapshot;
  const auto row = select.bind(1, found->id).step();
  MW_TRY(row);
  std::optional<Snapshot> snapshot;
  bool good = true;
  if (*row) {
    snapshot = Snapshot{static_cast<std::uint64_t>(select.integer(0)), std::string(select.bytes(1))};
    good = select.bytes(2) == sum_of(stream, snapshot->sequence, 0, snapshot->body);
  }
  select.reset();
  if (!good) return damaged_row(format("{} (snapshot)", stream));
  return snapshot;
}

Result<std::vector<Entry>> Journal::read(std::string_view stream, std::uint64_t after, std::size_t limit) {
  const auto found = state_->find(stream);
  MW_TRY(found);
  std::vector<Entry> entries;
  if (found->id == 0) return entries;
  Statement& select = state_->read_entries;
  select.bind(1, found->id).bind(2, static_cast<std::int64_t>(after)).bind(3, static_cast<std::int64_t>(limit));
  for (;;) {
    const auto row = select.step();
    MW_TRY(row);
    if (!*row) break;
    Entry entry{static_cast<std::uint64_t>(select.integer(0)), select.integer(1), std::string(select.bytes(2))};
    if (select.bytes(3) != sum_of(stream, entry.sequence, entry.time_ms, entry.body)) {
      select.reset();
      return damaged_row(format("{}[{}]", stream, entry.sequence));
    }
    entries.push_back(std::move(entry));
  }
  select.reset();
  return entries;
}

Status Journal::fold(std::string_view stream, const Snapshot& snapshot, std::size_t keep) {
  MW_TRY(check_size(stream, snapshot.body.size(), limits::kSnapshotBytes));
  const auto range = extent(stream);
  MW_TRY(range);
  if (snapshot.sequence > range->last || snapshot.sequence < range->snapshot)
    return Error{
        ErrorKind::conflict, std::string(stream),
        format("expected a snapshot between {} and {}, found {}", range->snapshot, range->last, snapshot.sequence)};
  const auto found = state_->find(stream);
  MW_TRY(found);
  if (found->id == 0) return Error{ErrorKind::not_found, std::string(stream), "no such stream"};
  auto transaction = Transaction::begin(state_->database);
  MW_TRY(transaction);
  const std::uint64_t gone = snapshot.sequence > keep ? snapshot.sequence - keep : 0;
  // First what goes, so that a full database has place for what comes.
  MW_TRY(state_->drop_entries.bind(1, found->id).bind(2, static_cast<std::int64_t>(gone)).run());
  const std::string sum = sum_of(stream, snapshot.sequence, 0, snapshot.body);
  MW_TRY(state_->set_snapshot.bind(1, found->id)
             .bind(2, static_cast<std::int64_t>(snapshot.sequence))
             .bind_blob(3, snapshot.body)
             .bind_blob(4, sum)
             .run());
  return transaction->commit();
}

Status Journal::put(std::string_view key, std::string_view value) {
  return put_many({{std::string(key), std::string(value)}});
}

Status Journal::put_many(const std::vector<std::pair<std::string, std::string>>& values) {
  MW_TRY(commit(Batch{{}, values, {}}));
  return ok();
}

Status Journal::remove(std::string_view key) {
  MW_TRY(commit(Batch{{}, {}, {std::string(key)}}));
  return ok();
}

Result<std::optional<std::string>> Journal::get(std::string_view key) {
  Statement& select = state_->get_value;
  const auto row = select.bind_text(1, key).step();
  MW_TRY(row);
  std::optional<std::string> value;
  bool good = true;
  if (*row) {
    value = std::string(select.bytes(0));
    good = select.bytes(1) == sum_of(key, 0, 0, *value);
  }
  select.reset();
  if (!good) return damaged_row(key);
  return value;
}

Result<std::vector<std::pair<std::string, std::string>>> Journal::list(std::string_view prefix, std::size_t limit) {
  Statement& select = state_->list_values;
  select.bind_text(1, prefix).bind(2, static_cast<std::int64_t>(limit));
  std::vector<std::pair<std::string, std::string>> values;
  for (;;) {
    const auto row = select.step();
    MW_TRY(row);
    if (!*row || !select.bytes(0).starts_with(prefix)) break;
    const auto& [key, value] = values.emplace_back(select.bytes(0), select.bytes(1));
    if (select.bytes(2) != sum_of(key, 0, 0, value)) {
      select.reset();
      return damaged_row(key);
    }
  }
  select.reset();
  return values;
}

Status Journal::copy_to(const std::string& path) const {
  const Options& options = state_->options;
  if (Database::open(path, SQLITE_OPEN_READONLY, options.vfs).ok())
    return Error{ErrorKind::conflict, path, "the file exists already"};
  const auto copy = [&]() -> Status {
    auto source = Database::open(options.path, SQLITE_OPEN_READONLY, options.vfs);
    MW_TRY(source);
    auto target = Database::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, options.vfs);
    MW_TRY(target);
    sqlite3_backup* backup = sqlite3_backup_init(target->handle(), "main", source->handle(), "main");
    if (backup == nullptr) return error_of(target->handle(), sqlite3_errcode(target->handle()));
    // All pages in one step: a read transaction in WAL mode holds up nobody.
    sqlite3_backup_step(backup, -1);
    const int code = sqlite3_backup_finish(backup);
    if (code != SQLITE_OK) return error_of(target->handle(), code);
    // The copy is one file, without a log beside it.
    MW_TRY(target->text("PRAGMA journal_mode = DELETE"));
    return check_structure(*target, "quick_check");
  };
  Status status = copy();
  if (!status.ok() && options.vfs.empty()) {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path + suffix, ignored);
  }
  return status;
}

// Every row of a table by its checksum: place, sequence, time, body, sum.
Status Journal::State::check_rows(std::string_view sql, std::string_view what) {
  auto rows = database.prepare(sql);
  MW_TRY(rows);
  for (;;) {
    const auto row = rows->step();
    MW_TRY(row);
    if (!*row) return ok();
    const std::string place(rows->bytes(0));
    const auto sequence = static_cast<std::uint64_t>(rows->integer(1));
    if (rows->bytes(4) != sum_of(place, sequence, rows->integer(2), rows->bytes(3)))
      return damaged_row(format("{} ({} {})", place, what, sequence));
  }
}

Status Journal::check() {
  MW_TRY(check_structure(state_->database, "integrity_check"));
  MW_TRY(state_->check_rows(
      "SELECT name, sequence, time_ms, body, sum FROM entry JOIN stream ON stream.id = entry.stream", "entry"));
  MW_TRY(state_->check_rows(
      "SELECT name, sequence, 0, body, sum FROM snapshot JOIN stream ON stream.id = snapshot.stream", "snapshot"));
  MW_TRY(state_->check_rows("SELECT key, 0, 0, body, sum FROM value", "value"));
  const auto gap = state_->database.text(
      "SELECT name FROM stream JOIN (SELECT stream, count(*) AS count, min(sequence) AS first, max(sequence) AS last "
      "FROM entry "
      "GROUP BY stream) AS e ON e.stream = stream.id LEFT JOIN snapshot ON snapshot.stream = stream.id "
      "WHERE e.count <> e.last - e.first + 1 OR e.first > coalesce(snapshot.sequence, 0) + 1 LIMIT 1");
  MW_TRY(gap);
  if (!gap->empty()) return Error{ErrorKind::damaged, *gap, "the stream has a gap"};
  return ok();
}

std::uint64_t Journal::bytes() const {
  const auto pages = state_->database.integer("PRAGMA page_count");
  const auto size = state_->database.integer("PRAGMA page_size");
  return pages.ok() && size.ok() ? static_cast<std::uint64_t>(*pages * *size) : 0;
}

}  // namespace mw::records
