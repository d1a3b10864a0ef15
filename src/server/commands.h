// What the program does for each command of its command line. Each returns the process's exit status: 0 done, 1 failed, 2 wrong
// use. What a person reads goes to standard output, errors to standard error.
#pragma once

#include <memory>
#include <string>

#include "edge/content.h"
#include "server/options.h"

namespace mw::server {

int command_serve(const HostOptions& options, const std::string& worlds,
                  std::shared_ptr<const edge::ContentSource> client);
int command_check(const std::string& folder);
int command_new(const std::string& folder, const std::string& kit);
int command_backup(const std::string& worlds, const std::string& data, const std::string& file);
int command_restore(const std::string& file, const std::string& folder, bool force);
int command_kit(const std::string& name, const std::string& out, std::uint64_t seed);
int command_identity(const HostOptions& options);
int command_reference(const std::string& folder);

// The whole command line. `run_bots` stands in bench/, which the composition of the program (main.cpp) links.
struct BotFlags {
  std::string url = "http://127.0.0.1:8080", world = "plaza";
  int count = 10, hz = 10;
  double seconds = 0, side_m = 24;
  bool player = false;
};
int run_command_line(int argc, char** argv, std::shared_ptr<const edge::ContentSource> client,
                     int (*bots)(const BotFlags&));

}  // namespace mw::server
