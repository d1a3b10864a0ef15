#include "server/backup.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/format.h"
#include "crypto/crypto.h"
#include "data/json.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "platform/storage.h"
#include "records/checkpoint.h"
#include "records/journal.h"
#include "records/log.h"
#include "records/merkle.h"
#include "trust/time.h"

namespace mw::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kFormat = "manyworlds-backup-1";
constexpr std::size_t kManifestBytes = 16u << 20;
constexpr std::size_t kFileBytes = std::size_t{8} << 30;

struct Item {
  std::string name, path;  // in the archive, on disk
  std::uint64_t bytes = 0;
  std::string sha256;
};

using Writer = std::unique_ptr<archive, decltype(&archive_write_free)>;
using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;

Error archive_problem(archive* a, const std::string& file) {
  const char* text = archive_error_string(a);
  return Error{ErrorKind::unavailable, file, text != nullptr ? text : "could not be written"};
}

// Only names that we write ourselves: data/..., worlds/..., nothing that leaves the folder.
bool is_safe(std::string_view name) {
  if (!name.starts_with("data/") && !name.starts_with("worlds/")) return false;
  if (name.find('\\') != std::string_view::npos || name.find('\0') != std::string_view::npos || name.ends_with('/'))
    return false;
  for (const auto& part : fs::path(name))
    if (part == "." || part == ".." || part.empty()) return false;
  return true;
}

Status collect(const std::string& folder, const std::string& prefix, std::vector<Item>& items, int depth = 0) {
  if (depth > 16) return Error{ErrorKind::too_large, folder, "folders are nested too deep"};
  auto entries = platform::list_folder(folder);
  MW_TRY(entries);
  for (const auto& entry : *entries) {
    if (entry.folder)
      MW_TRY(collect(folder + "/" + entry.name, prefix + entry.name + "/", items, depth + 1));
    else
      items.push_back({prefix + entry.name, folder + "/" + entry.name, entry.bytes, {}});
  }
  return ok();
}

Status put(archive* out, const std::string& name, std::string_view content, const std::string& file) {
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), &archive_entry_free);
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0600);
  if (archive_write_header(out, entry.get()) != ARCHIVE_OK) return archive_problem(out, file);
  if (archive_write_data(out, content.data(), content.size()) != static_cast<la_ssize_t>(content.size()))
    return archive_problem(out, file);
  return ok();
}

// Removes a file when it goes out of scope, unless it was kept.
struct Scratch {
  std::string path;
  bool kept = false;
  ~Scratch() {
    if (!kept) static_cast<void>(platform::remove_file(path).ok());
  }
};

// A folder that goes with everything in it.
struct ScratchFolder {
  std::string path;
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

Status copy_if_there(const std::string& from, const std::string& to, std::size_t max_bytes) {
  const auto content = platform::read_file(from, max_bytes);
  if (!content.ok()) {
    if (content.error().kind == ErrorKind::not_found) return ok();
    return content.error();
  }
  return platform::write_file(to, *content, 0600);
}

// Opens a copy of a log, which cuts off the batch that was on its way, and holds its checkpoint against it. Returns the number
// of its entries.
Result<std::uint64_t> check_log(const std::string& folder) {
  auto storage = platform::folder_storage(folder);
  MW_TRY(storage);
  const auto log = records::Log::open(**storage);
  MW_TRY(log);
  const auto text = (*storage)->load("checkpoint", limits::kNoteBytes);
  if (!text.ok()) {
    if (text.error().kind != ErrorKind::not_found) return text.error();
    return (*log)->size();
  }
  const auto stored = records::parse_signed_checkpoint(*text);
  MW_TRY(stored);
  const Error torn{ErrorKind::damaged, folder, "the log is not what its checkpoint says"};
  if (stored->checkpoint.size > (*log)->size()) return torn;
  auto nodes = (*log)->nodes(stored->checkpoint.size);
  const auto root = records::tree_root(nodes, stored->checkpoint.size);
  MW_TRY(root);
  if (*root != stored->checkpoint.root) return torn;
  return (*log)->size();
}

// Copies what cannot be made again of the log, and what the witness has said. The checkpoint comes before the entries: the log
// may grow meanwhile, and then has more than the checkpoint says, never less.
Result<std::uint64_t> collect_log(const std::string& data, const std::string& scratch, std::vector<Item>& items) {
  if (!platform::file_info(data + "/log/entries").ok()) return std::uint64_t{0};
  MW_TRY(platform::make_folder(scratch + "/log", 0700));
  MW_TRY(platform::make_folder(scratch + "/witness", 0700));
  MW_TRY(copy_if_there(data + "/log/checkpoint", scratch + "/log/checkpoint", limits::kNoteBytes));
  MW_TRY(copy_if_there(data + "/log/entries", scratch + "/log/entries", kFileBytes));
  const auto size = check_log(scratch + "/log");
  MW_TRY(size);
  for (const char* name : {"entries", "checkpoint"}) {
    const std::string path = scratch + "/log/" + name;
    if (platform::file_info(path).ok()) items.push_back({std::string("data/log/") + name, path, 0, {}});
  }
  const auto said = platform::list_folder(data + "/witness");
  if (!said.ok()) return size;
  for (const auto& entry : *said)
    if (!entry.folder)
      MW_TRY(copy_if_there(data + "/witness/" + entry.name, scratch + "/witness/" + entry.name, kFileBytes));
  MW_TRY(collect(scratch + "/witness", "data/witness/", items));
  return size;
}

// Figures of people's own: the database says whose they are, so they come after it. One that is dropped meanwhile is left out.
Status collect_avatars(const std::string& data, const std::string& scratch, std::vector<Item>& items) {
  const auto files = platform::list_folder(data + "/avatars");
  if (!files.ok() || files->empty()) return ok();  // nobody has brought one
  MW_TRY(platform::make_folder(scratch, 0700));
  for (const auto& entry : *files)
    if (!entry.folder)
      MW_TRY(copy_if_there(data + "/avatars/" + entry.name, scratch + "/" + entry.name, limits::kAvatarBytes));
  return collect(scratch, "data/avatars/", items);
}

Result<BackupReport> write_archive(std::vector<Item> items, const std::string& file) {
  const Writer out(archive_write_new(), &archive_write_free);
  archive_write_set_format_pax_restricted(out.get());
  if (archive_write_add_filter_zstd(out.get()) != ARCHIVE_OK) return archive_problem(out.get(), file);
  if (archive_write_open_filename(out.get(), file.c_str()) != ARCHIVE_OK) return archive_problem(out.get(), file);
  BackupReport report;
  Json manifest{{"format", kFormat}, {"files", Json::object()}};
  for (auto& item : items) {
    auto content = platform::read_file(item.path, kFileBytes);
    MW_TRY(content);
    item.bytes = content->size();
    item.sha256 = crypto::hex(crypto::sha256(as_bytes(*content)));
    manifest["files"][item.name] = {{"bytes", item.bytes}, {"sha256", item.sha256}};
  }
  MW_TRY(put(out.get(), std::string(kManifest), data::to_text(manifest), file));
  for (const auto& item : items) {
    auto content = platform::read_file(item.path, kFileBytes);
    MW_TRY(content);
    // A creator may be saving just now; a manifest that does not fit would make the whole backup worthless.
    if (crypto::hex(crypto::sha256(as_bytes(*content))) != item.sha256)
      return Error{ErrorKind::conflict, item.path, "changed while the backup was written; try again"};
    MW_TRY(put(out.get(), item.name, *content, file));
    ++report.files;
    report.bytes += item.bytes;
  }
  if (archive_write_close(out.get()) != ARCHIVE_OK) return archive_problem(out.get(), file);
  return report;
}

// Reads every file of a backup, in order, and hands those on that the manifest vouches for.
Result<BackupReport> read_archive(const std::string& file,
                                  const std::function<Status(const std::string&, std::string_view)>& each) {
  const Reader in(archive_read_new(), &archive_read_free);
  archive_read_support_filter_zstd(in.get());
  archive_read_support_format_tar(in.get());
  const auto damaged = [&](const std::string& why) { return Error{ErrorKind::damaged, file, why}; };
  if (archive_read_open_filename(in.get(), file.c_str(), 1 << 16) != ARCHIVE_OK) {
    if (!platform::file_info(file).ok()) return Error{ErrorKind::not_found, file, "there is no such file"};
    return damaged("this is not a backup, or its beginning is damaged");
  }
  std::map<std::string, std::pair<std::uint64_t, std::string>> expected;
  bool first = true;
  BackupReport report;
  for (archive_entry* entry = nullptr;;) {
    const int state = archive_read_next_header(in.get(), &entry);
    if (state == ARCHIVE_EOF) break;
    if (state != ARCHIVE_OK)
      return damaged(first ? "this is not a backup, or its beginning is damaged"
                           : format("damaged after {} files", report.files));
    const char* path = archive_entry_pathname(entry);
    const std::string name = path != nullptr ? path : "";
    const auto size = archive_entry_size(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || size < 0 ||
        static_cast<std::uint64_t>(size) > (first ? kManifestBytes : kFileBytes))
      return damaged(format("'{}' is not a plain file of a permitted size", name));
    std::string content(static_cast<std::size_t>(size), '\0');
    if (archive_read_data(in.get(), content.data(), content.size()) != size)
      return damaged(format("'{}' cannot be read completely", name));
    if (first) {
      first = false;
      if (name != kManifest) return damaged("it does not begin with a manifest");
      const auto manifest = data::parse_json(content);
      if (!manifest.ok() || !manifest->is_object() || manifest->value("format", "") != kFormat)
        return damaged("its manifest is not one of this program");
      try {
        for (const auto& [key, value] : manifest->at("files").items())
          expected[key] = {value.at("bytes").get<std::uint64_t>(), value.at("sha256").get<std::string>()};
      } catch (const Json::exception&) {
        return damaged("its manifest is damaged");
      }
      continue;
    }
    const auto known = expected.find(name);
    if (known == expected.end() || !is_safe(name))
      return damaged(format("'{}' is not in the manifest, or not where a backup keeps files", name));
    if (known->second.first != content.size() || known->second.second != crypto::hex(crypto::sha256(as_bytes(content))))
      return damaged(format("'{}' is damaged: its SHA-256 is not the manifest's", name));
    expected.erase(known);
    MW_TRY(each(name, content));
    ++report.files;
    report.bytes += content.size();
  }
  if (first) return damaged("it is empty");
  if (!expected.empty()) return damaged(format("'{}' is missing", expected.begin()->first));
  return report;
}

}  // namespace

Result<BackupReport> write_backup(const BackupSource& source, const std::string& file) {
  const auto database = source.data + "/manyworlds.db";
  if (!platform::file_info(database).ok())
    return Error{ErrorKind::not_found, source.data, "holds no host's data (no manyworlds.db)"};
  Scratch copy{file + ".database"}, part{file + ".part"};
  {
    records::Options options;
    options.path = database;
    options.read_only = true;
    auto journal = records::Journal::open(options);
    MW_TRY(journal);
    static_cast<void>(platform::remove_file(copy.path).ok());
    MW_TRY((*journal)->copy_to(copy.path));
  }
  std::vector<Item> items{{"data/manyworlds.db", copy.path, 0, {}}};
  const ScratchFolder log_copy{file + ".log"};
  const auto log_entries = collect_log(source.data, log_copy.path, items);
  MW_TRY(log_entries);
  const ScratchFolder figures{file + ".avatars"};
  MW_TRY(collect_avatars(source.data, figures.path, items));
  if (!source.worlds.empty()) MW_TRY(collect(source.worlds, "worlds/", items));
  auto report = write_archive(std::move(items), part.path);
  MW_TRY(report);
  report->log_entries = *log_entries;
  auto checked = verify_backup(part.path);
  MW_TRY(checked);
  std::error_code failed;
  fs::permissions(part.path, fs::perms::owner_read | fs::perms::owner_write, failed);  // the host's secret key is in it
  fs::rename(part.path, file, failed);
  if (failed) return Error{ErrorKind::unavailable, file, failed.message()};
  part.kept = true;
  const auto parent = fs::path(file).parent_path().string();
  MW_TRY(platform::sync_folder(parent.empty() ? "." : parent));
  return report;
}

Result<BackupReport> verify_backup(const std::string& file) {
  return read_archive(file, [](const std::string&, std::string_view) { return ok(); });
}

namespace {

// The log in a folder that a backup is restored over. It stays when it continues the backup's; otherwise the files that are made
// of its entries go, so that the next start makes them anew.
Result<bool> settle_log(const std::string& folder, std::string_view backed_up) {
  const auto present = platform::read_file(folder + "/entries", kFileBytes);
  if (present.ok() && present->starts_with(backed_up)) return true;
  const auto files = platform::list_folder(folder);
  if (!files.ok()) return false;
  for (const auto& file : *files) MW_TRY(platform::remove_file(folder + "/" + file.name));
  return false;
}

Status mark_restored(const std::string& folder, std::uint64_t entries) {
  MW_TRY(platform::make_folder(folder, 0700));
  return platform::write_file(
      folder + "/restored",
      format("from a backup on {}, with {} entries", trust::format_time(platform::wall_ms()), entries), 0600);
}

}  // namespace

Result<BackupReport> restore_backup(const std::string& file, const std::string& folder, bool force) {
  auto checked = verify_backup(file);
  MW_TRY(checked);
  if (const auto entries = platform::list_folder(folder); entries.ok() && !entries->empty() && !force)
    return Error{ErrorKind::conflict, folder,
                 "is not empty; nothing was changed (--force replaces what has the same name)"};
  // A running host would go on writing into files that are no longer there.
  std::optional<platform::FileLock> lock;
  if (platform::file_info(folder + "/data/lock").ok()) {
    auto taken = platform::FileLock::take(folder + "/data/lock");
    if (!taken.ok()) return Error{ErrorKind::conflict, folder, "a host is running on this data; stop it first"};
    lock.emplace(std::move(taken).value());
  }
  for (const char* suffix : {"-wal", "-shm"}) MW_TRY(platform::remove_file(folder + "/data/manyworlds.db" + suffix));
  bool keep_log = false, has_log = false;
  auto report = read_archive(file, [&](const std::string& name, std::string_view content) -> Status {
    const auto target = folder + "/" + name;
    if (name == "data/log/entries") {
      const auto kept = settle_log(folder + "/data/log", content);
      MW_TRY(kept);
      keep_log = *kept;
      has_log = true;
    }
    if (keep_log && (name.starts_with("data/log/") || name.starts_with("data/witness/"))) return ok();
    const bool data = name.starts_with("data/");
    MW_TRY(platform::make_folder(target.substr(0, target.rfind('/')), data ? 0700 : 0755));
    return platform::write_file(target, content, data ? 0600 : 0644);
  });
  MW_TRY(report);
  records::Options options;
  options.path = folder + "/data/manyworlds.db";
  options.read_only = true;
  auto journal = records::Journal::open(options);
  MW_TRY(journal);
  MW_TRY((*journal)->check());
  report->log_kept = keep_log;
  if (has_log) {
    const auto entries = check_log(folder + "/data/log");
    MW_TRY(entries);
    report->log_entries = *entries;
  }
  if (!keep_log) MW_TRY(mark_restored(folder + "/data/log", report->log_entries));
  return report;
}

}  // namespace mw::server
