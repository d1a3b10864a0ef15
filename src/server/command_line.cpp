#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

#include "base/format.h"
#include "platform/files.h"
#include "server/commands.h"
#include "server/host.h"

namespace mw::server {
namespace {

int refuse(const Error& error) {
  std::fputs(("manyworlds: " + error.text() + "\n").c_str(), stderr);
  return 2;
}

// Flags as text, by option; what they mean is decided by the table of options, as for the file and the environment.
using Flags = std::map<std::string, std::string>;

void add_flags(CLI::App& command, Flags& flags) {
  for (const auto& option : options()) {
    auto& slot = flags[std::string(option.name)];
    const bool yes_no = std::holds_alternative<bool HostOptions::*>(option.member);
    auto help = std::string(option.help) + format(" [{}]", default_text(option));
    auto* added = command.add_option(flag_of(option), slot, help);
    added->group("Options (also in host.toml, or as " + std::string("MANYWORLDS_...)"));
    if (yes_no) added->expected(0, 1)->default_str("true");
    added->type_name(yes_no ? "[true|false]" : "");
  }
}

// Default, file, environment, flags.
Result<HostOptions> gather(const CLI::App& command, const Flags& flags, const std::string& config,
                           const std::string& worlds) {
  HostOptions out;
  std::string file = config;
  if (file.empty() && platform::file_info(worlds + "/host.toml").ok()) file = worlds + "/host.toml";
  if (!file.empty()) {
    auto content = platform::read_file(file, 1u << 20);
    MW_TRY(content);
    MW_TRY(apply_file(out, *content, file));
  }
  MW_TRY(apply_environment(out, [](const char* name) -> const char* { return std::getenv(name); }));
  for (const auto& option : options()) {
    const auto flag = flag_of(option);
    if (command.count(flag) == 0) continue;
    const auto& text = flags.at(std::string(option.name));
    const bool bare = text.empty() && std::holds_alternative<bool HostOptions::*>(option.member);
    MW_TRY(set_option(out, option, bare ? "true" : text, flag));
  }
  MW_TRY(check_options(out));
  return out;
}

// What the commands' callbacks read and leave; it lives as long as the parser.
struct Arguments {
  AuditFlags audit;
  std::string worlds = "worlds", config, folder, file, data = HostOptions{}.data, kit = "plaza", name, to, out = ".";
  std::uint64_t seed = 1;
  bool force = false;
  Flags flags, identity_flags;
  BotFlags bot;
  int status = 0;  // of the command that ran
};

void add_hosting(CLI::App& app, Arguments& a, const std::shared_ptr<const edge::ContentSource>& client,
                 int (*bots)(const BotFlags&)) {
  auto* serve = app.add_subcommand("serve", "Host the worlds of a folder");
  serve->add_option("folder", a.worlds, "A folder of worlds, or one world's folder")->required();
  serve->add_option("--config", a.config, "Configuration file [FOLDER/host.toml, if there is one]");
  add_flags(*serve, a.flags);
  serve->footer(
      "Examples:\n  manyworlds serve worlds\n  manyworlds serve worlds --listen 0.0.0.0 --port 443 --tls-certificate "
      "chain.pem --tls-key key.pem\n"
      "  MANYWORLDS_LOG_LEVEL=debug manyworlds serve my-world --port 0 --ready-file port.txt");
  serve->callback([&a, serve, client] {
    const auto options = gather(*serve, a.flags, a.config, a.worlds);
    a.status = options.ok() ? command_serve(*options, a.worlds, client) : refuse(options.error());
  });

  auto* identity =
      app.add_subcommand("identity", "Print how other hosts know this one: its name, its key, its document");
  identity->add_option("folder", a.worlds, "A folder of worlds, or one world's folder")->required();
  identity->add_option("--config", a.config, "Configuration file [FOLDER/host.toml, if there is one]");
  add_flags(*identity, a.identity_flags);
  identity->footer(
      "The key stands in the data folder and nowhere else: whoever has it speaks for the host. The name is that of "
      "public_url.\nExample:\n  manyworlds identity worlds --data data --public-url https://worlds.example.org");
  identity->callback([&a, identity] {
    const auto options = gather(*identity, a.identity_flags, a.config, a.worlds);
    a.status = options.ok() ? command_identity(*options) : refuse(options.error());
  });

  auto* bot_command = app.add_subcommand("bots", "Send simulated visitors to a running host");
  bot_command->add_option("url", a.bot.url, "The host")->capture_default_str();
  bot_command->add_option("--world", a.bot.world, "The world that they enter")->capture_default_str();
  bot_command->add_option("--count", a.bot.count, "How many")->check(CLI::Range(1, 20000))->capture_default_str();
  bot_command->add_option("--seconds", a.bot.seconds, "For how long; 0 is until Ctrl+C")->capture_default_str();
  bot_command->add_option("--hz", a.bot.hz, "Poses that each claims a second")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  bot_command->add_option("--side", a.bot.side_m, "Side of the square in which they walk, metres")
      ->capture_default_str();
  bot_command->add_flag("--player", a.bot.player, "Move as at a keyboard instead of strolling");
  bot_command->footer("Example:\n  manyworlds bots http://127.0.0.1:8080 --world plaza --count 100");
  bot_command->callback([&a, bots] { a.status = bots(a.bot); });
}

void add_making(CLI::App& app, Arguments& a) {
  auto* make = app.add_subcommand("new", "Make a starter world in a new folder");
  make->add_option("folder", a.folder, "The folder; its name becomes the world's")->required();
  make->add_option("--kit", a.kit, "The scene's kit")->capture_default_str();
  make->footer("Example:\n  manyworlds new worlds/my-world && manyworlds serve worlds");
  make->callback([&a] { a.status = command_new(a.folder, a.kit); });

  auto* check = app.add_subcommand("check", "Say what is wrong with a world, or with all worlds of a folder");
  check->add_option("folder", a.folder, "A folder of worlds, or one world's folder")->required();
  check->footer(
      "Exits with 0 when all is good, with 1 when there are problems: each with its file, field and "
      "reason.\nExample:\n  manyworlds check worlds/my-world");
  check->callback([&a] { a.status = command_check(a.folder); });

  auto* make_kit = app.add_subcommand("kit", "Write a model of the kit as glTF");
  make_kit->add_option("name", a.name, "person, a scene (plaza) or a thing (bench)")->required();
  make_kit->add_option("--out", a.out, "The .glb file")->required();
  make_kit->add_option("--seed", a.seed, "Seed of a scene")->capture_default_str();
  make_kit->footer("Example:\n  manyworlds kit person --out person.glb");
  make_kit->callback([&a] { a.status = command_kit(a.name, a.out, a.seed); });
}

void add_keeping(CLI::App& app, Arguments& a) {
  auto* backup = app.add_subcommand("backup", "Save a host's data and worlds in one file, while it runs");
  backup->add_option("folder", a.worlds, "The folder of worlds")->required();
  backup->add_option("--data", a.data, "The host's data folder")->capture_default_str();
  backup->add_option("--to", a.to, "The file to write (.tar.zst)")->required();
  backup->footer("Example:\n  manyworlds backup worlds --data data --to backup-monday.tar.zst");
  backup->callback([&a] { a.status = command_backup(a.worlds, a.data, a.to); });

  auto* restore = app.add_subcommand("restore", "Bring a backup back, after checking all of it");
  restore->add_option("file", a.file, "The backup")->required();
  restore->add_option("--to", a.to, "The folder to write: FOLDER/data and FOLDER/worlds")->required();
  restore->add_flag("--force", a.force, "Replace files of the same names");
  restore->footer("Example:\n  manyworlds restore backup-monday.tar.zst --to restored");
  restore->callback([&a] { a.status = command_restore(a.file, a.to, a.force); });
}

void add_audit(CLI::App& app, AuditFlags& flags, int& status) {
  auto* audit = app.add_subcommand("audit", "Check a host's log: every entry, every hash, and that it never changed");
  audit->add_option("place", flags.place, "The host's address, its log's, or a folder with the log's files")
      ->required();
  audit->add_option("--key", flags.key, "The log's verifier key; else the one kept, or what the log shows");
  audit->add_option("--state", flags.state, "File that keeps what was seen, so that the next audit goes on from there");
  audit->add_option("--evidence", flags.evidence, "File for the evidence: of a split view, or of things sold twice");
  audit->add_option("--witness", flags.witnesses,
                    "Verifier key of a witness whose cosignature counts; may be repeated");
  audit->add_flag("--loopback", flags.loopback, "Allow addresses of this machine, and those without TLS");
  audit->add_option("--authorities", flags.authorities, "PEM file of the certificates to believe [the system's]");
  audit->footer(
      "Exits with 0 when all is good.\nExample:\n  manyworlds audit https://worlds.example.org --state worlds.audit");
  audit->callback([&flags, &status] { status = command_audit(flags); });
}

void add_telling(CLI::App& app, Arguments& a) {
  auto* reference = app.add_subcommand("reference", "Write the generated documents (for developers of this program)");
  reference->add_option("--out", a.out, "Root of the repository")->capture_default_str();
  reference->callback([&a] { a.status = command_reference(a.out); });

  add_audit(app, a.audit, a.status);

  auto* tell = app.add_subcommand("version", "Print the version");
  tell->callback([&] { std::printf("manyworlds %s\n", std::string(version()).c_str()); });
}

}  // namespace

int run_command_line(int argc, char** argv, std::shared_ptr<const edge::ContentSource> client,
                     int (*bots)(const BotFlags&)) {
  CLI::App app{"Manyworlds: host live, shared 3D worlds. One program, one link, and people walk in."};
  app.require_subcommand(1);
  app.footer(
      "Examples:\n  manyworlds new my-world           make a starter world\n  manyworlds serve my-world         host "
      "it on this machine\n"
      "  manyworlds serve worlds --listen 0.0.0.0 --port 8080\n                                    let the same "
      "network in\n"
      "Each command has its own --help.");
  Arguments arguments;
  add_hosting(app, arguments, client, bots);
  add_making(app, arguments);
  add_keeping(app, arguments);
  add_telling(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  return arguments.status;
}

}  // namespace mw::server
