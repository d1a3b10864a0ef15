// What the program does for each command of its command line. Each returns the process's exit status: 0 done, 1 failed, 2 wrong
// use. What a person reads goes to standard output, errors to standard error.
#pragma once

#include <memory>
#include <string>
#include <vector>

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

// manyworlds audit. Exit status 1 also for a log that contradicts itself; the evidence is printed, and written to `evidence`. So is
// that of things sold twice, which is no fault of the log (status 0).
struct AuditFlags {
  std::string place;  // "https://host.example", a log's address, or a folder with its files
  std::string key;  // the log's verifier key; empty: that of `state`, or else what the log shows
  std::string state, evidence;  // files; empty: not kept
  std::vector<std::string> witnesses;  // verifier keys whose cosignatures count
  bool loopback = false;  // this machine may be reached
  std::string authorities;  // PEM file of the certificates that are believed; empty: the system's
};
int command_audit(const AuditFlags& flags);

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
