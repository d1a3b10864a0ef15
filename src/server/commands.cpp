#include "server/commands.h"

#include <cstdio>
#include <filesystem>

#include "base/format.h"
#include "crypto/multibase.h"
#include "platform/files.h"
#include "platform/process.h"
#include "records/journal.h"
#include "runtime/log.h"
#include "server/backup.h"
#include "server/host.h"
#include "server/identity.h"
#include "server/qr.h"
#include "server/reference.h"
#include "server/starter.h"
#include "server/world_folder.h"
#include "trust/did.h"
#include "trust/keeper.h"

namespace mw::server {
namespace {

void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

int fail(const Error& error) {
  std::fputs(("manyworlds: " + error.text() + "\n").c_str(), stderr);
  return 1;
}

std::string amount(std::uint64_t bytes) {
  if (bytes >= 10u << 20) return format("{} MB", bytes >> 20);
  if (bytes >= 10u << 10) return format("{} kB", bytes >> 10);
  return format("{} bytes", bytes);
}

void print_welcome(const Host& host, const HostOptions& options) {
  std::string worlds;
  for (const auto& name : host.open_worlds()) worlds += (worlds.empty() ? "" : ", ") + name;
  say(format("\nManyworlds {} hosts {}; ready after {:.1f} s.\n", version(), worlds.empty() ? "no world" : worlds,
             host.start_seconds()));
  for (const auto& problem : host.problems()) say(format("  Not open:      {}", problem.text()));
  const auto networks = host.network_links();
  const auto& shown = networks.empty() ? host.visitor_link() : networks.front();
  if (options.qr) {
    const auto code = qr_code(shown);
    if (!code.empty()) say(code);
  }
  say(format("  Visitors:      {}", host.visitor_link()));
  for (const auto& link : networks) say(format("  Same network:  {}", link));
  if (!host.operator_link().empty())
    say(format("  Operator:      {}\n                 (works once, within a day; whoever opens it operates this host)",
               host.operator_link()));
  if (!networks.empty() && options.tls_certificate.empty())
    say("\n  Warning: this host listens to the network without TLS. Anybody between can read and change what is sent, "
        "and\n"
        "  browsers allow no headset, microphone or passkey. See --tls-certificate and --tls-key, or stand behind a "
        "proxy.");
  say("\nStop with Ctrl+C.");
}

}  // namespace

int command_serve(const HostOptions& options, const std::string& worlds,
                  std::shared_ptr<const edge::ContentSource> client) {
  runtime::LogConfig log;
  const auto level = runtime::log_level(options.log_level);
  if (!level.ok()) return fail(level.error());
  log.level = *level;
  log.file = options.log_file;
  log.file_bytes = static_cast<std::size_t>(options.log_file_mb) << 20;
  log.files = static_cast<int>(options.log_files);
  if (const auto started = runtime::start_log(log); !started.ok()) return fail(started.error());
  auto host = Host::start({options, worlds, std::move(client), true});
  if (!host.ok()) {
    runtime::end_log();
    return fail(host.error());
  }
  print_welcome(**host, options);
  (*host)->wait();
  say("Stopping...");
  (*host)->stop();
  host->reset();
  runtime::end_log();
  say("Stopped.");
  return 0;
}

int command_identity(const HostOptions& options) {
  records::Options database;
  database.path = options.data + "/manyworlds.db";
  database.read_only = true;
  auto journal = records::Journal::open(database);
  if (!journal.ok()) return fail(journal.error());
  const auto key = trust::Keeper::stored_key(**journal);
  if (!key.ok()) return fail(key.error());
  const auto did = host_did(options.public_url);
  say(format("key       {}", crypto::multikey(*key)));
  if (!did.ok()) return fail(did.error());
  say(format("identity  {}", *did));
  say(format("document  {}", trust::parse_web_did(*did)->url("did.json")));
  say(identity_document(*did, *key, options.public_url));
  return 0;
}

int command_check(const std::string& folder) {
  auto folders = find_worlds(folder);
  if (!folders.ok()) return fail(folders.error());
  std::vector<std::string> names;
  for (const auto& world : *folders) names.push_back(world.name);
  // A single world's portals may lead to worlds beside it.
  if (folders->size() == 1 && folders->front().path == folder) {
    const auto parent = std::filesystem::path(folder).lexically_normal();
    const auto up = (parent.has_filename() ? parent : parent.parent_path()).parent_path();
    if (auto beside = find_worlds(up.empty() ? "." : up.string()); beside.ok())
      for (const auto& world : *beside) names.push_back(world.name);
  }
  Library library(nullptr);
  MadeCache cache("");
  std::size_t problems = 0;
  for (const auto& world : *folders) {
    const auto read = read_world(world, names, library, cache);
    problems += read.problems.size();
    for (const auto& problem : read.problems) say(problem.text());
    if (read.problems.empty())
      say(format("{}: good ({} triangles drawn, {} for collision, scene of {})", world.name, read.triangles,
                 read.collision_triangles, amount(read.scene_bytes)));
  }
  if (problems > 0) say(format("{} problem{} found.", problems, problems == 1 ? "" : "s"));
  return problems == 0 ? 0 : 1;
}

int command_new(const std::string& folder, const std::string& kit) {
  if (const auto made = make_starter_world(folder, kit); !made.ok()) return fail(made.error());
  say(format("A world stands in {}. Next:\n  manyworlds check {}\n  manyworlds serve {}", folder, folder, folder));
  return 0;
}

int command_backup(const std::string& worlds, const std::string& data, const std::string& file) {
  const auto report = write_backup({data, worlds}, file);
  if (!report.ok()) return fail(report.error());
  const auto info = platform::file_info(file);
  say(format("{}: {} files, {} ({} compressed). It holds the host's secret key: keep it as you keep the host.", file,
             report->files, amount(report->bytes), info.ok() ? amount(info->bytes) : "?"));
  say(format("The log is in it up to entry {}. What the host records from now on is not.", report->log_entries));
  return 0;
}

int command_restore(const std::string& file, const std::string& folder, bool force) {
  const auto report = restore_backup(file, folder, force);
  if (!report.ok()) return fail(report.error());
  say(format("Restored {} files ({}). Start with:\n  manyworlds serve {}/worlds --data {}/data", report->files,
             amount(report->bytes), folder, folder));
  if (report->log_kept) {
    say("The log that was there continues the backup's, and stayed.");
  } else {
    say(format(
        "The log has {} entries. If the host recorded more after the backup, it must not go on from here: others "
        "would see two histories.\nWith `witnesses` it finds out at its start, is read-only and says why; without "
        "them nobody can tell.",
        report->log_entries));
    say("Its own witness has forgotten what it cosigned after the backup: tell those whose logs it witnesses.");
  }
  return 0;
}

int command_kit(const std::string& name, const std::string& out, std::uint64_t seed) {
  Result<Bytes> glb = Bytes{};
  if (name == "person") {
    glb = kit::person_glb();
  } else if (auto scene = kit::make_scene(name, {{"seed", seed}}); scene.ok()) {
    glb = std::move(scene->glb);
  } else if (auto model = kit::catalogue_model(name); model.ok()) {
    glb = std::move(model->glb);
  } else {
    std::string known = "person";
    for (const auto kit : kit::scene_kits()) known += ", " + std::string(kit);
    for (const auto& entry : kit::catalogue()) known += ", " + std::string(entry.name);
    return fail(Error{ErrorKind::not_found, name, "is nothing that the kit makes; it makes: " + known});
  }
  if (const auto written = platform::write_file(out, as_text(*glb)); !written.ok()) return fail(written.error());
  say(format("{}: {}", out, amount(glb->size())));
  return 0;
}

int command_reference(const std::string& folder) {
  for (const auto& [path, content] : reference_files()) {
    const auto file = folder + "/" + path;
    if (const auto made = platform::make_folder(file.substr(0, file.rfind('/'))); !made.ok()) return fail(made.error());
    const auto before = platform::read_file(file, std::size_t{64} << 20);
    if (before.ok() && *before == content) continue;
    if (const auto written = platform::write_file(file, content); !written.ok()) return fail(written.error());
    say("wrote " + file);
  }
  return 0;
}

}  // namespace mw::server
