// manyworlds-bench: each benchmark against its floor, in one run, on this machine.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>

#include "bench/client.h"
#include "bench/codec.h"
#include "bench/fanout.h"

namespace {

int report(const mw::Result<mw::Json>& result, const std::string& file) {
  if (!result.ok()) {
    std::fprintf(stderr, "manyworlds-bench: %s\n", result.error().text().c_str());
    return 1;
  }
  for (const auto& [field, value] : result->items()) std::printf("%-22s %s\n", field.c_str(), value.dump().c_str());
  if (file.empty()) return 0;
  std::ofstream out(file);
  out << result->dump(2) << '\n';
  if (out.flush()) return 0;
  std::fprintf(stderr, "manyworlds-bench: cannot write %s\n", file.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Benchmarks of Manyworlds. Figures are ratios to a floor measured in the same run, never promises."};
  app.require_subcommand(1);
  std::string json;
  mw::bench::FanoutOptions fanout;
  std::string trace = "walk";
  auto* command = app.add_subcommand(
      "fanout", "Everybody sees everybody: real sockets that also send their poses, the server pinned to one core");
  command->add_option("--clients", fanout.clients, "Visitors")->check(CLI::Range(1, 20000))->capture_default_str();
  command->add_option("--hz", fanout.hz, "Claims a second that each visitor sends")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  command->add_option("--seconds", fanout.seconds, "Of measuring")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  command->add_option("--trace", trace, "How they move")
      ->check(CLI::IsMember({"walk", "player"}))
      ->capture_default_str();
  command->add_option("--seed", fanout.seed, "Of the motion")->capture_default_str();
  command->add_option("--server", fanout.server, "The program to measure; by default manyworlds beside this one");
  command->add_flag("--tls", fanout.tls, "Over TLS, with a certificate made for the run");
  command->add_option("--json", json, "Writes the figures to this file");
  mw::bench::PosesOptions poses;
  auto* poses_command = app.add_subcommand("poses", "The codec of poses and its publisher: bytes and time per pose");
  poses_command->add_option("--people", poses.people, "In the crowd")
      ->check(CLI::Range(1, 12000))
      ->capture_default_str();
  poses_command->add_option("--seconds", poses.seconds, "Of their time")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  poses_command->add_option("--trace", trace, "How they move")
      ->check(CLI::IsMember({"walk", "player"}))
      ->capture_default_str();
  poses_command->add_option("--json", json, "Writes the figures to this file");
  mw::bench::MotionOptions motion;
  auto* motion_command = app.add_subcommand("motion", "A step of movement and its judge, on an obstacle course");
  motion_command->add_option("--side", motion.side_m, "Metres")->check(CLI::Range(20.0, 1000.0))->capture_default_str();
  motion_command->add_option("--players", motion.players, "One after the other")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  motion_command->add_option("--seconds", motion.seconds, "Of each player's time")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  motion_command->add_option("--json", json, "Writes the figures to this file");
  mw::bench::ClientOptions client;
  auto* client_command =
      app.add_subcommand("client", "What a frame costs the browser: Chromium in crowds of several sizes");
  client_command->add_option("--avatars", client.avatars, "Sizes of the crowd")->delimiter(',')->capture_default_str();
  client_command->add_option("--seconds", client.seconds, "Of measuring, each")
      ->check(CLI::Range(1.0, 600.0))
      ->capture_default_str();
  client_command->add_option("--quality", client.quality, "Of the picture")
      ->check(CLI::IsMember({"low", "medium", "high"}))
      ->capture_default_str();
  client_command->add_flag("--no-graphics", client.no_graphics, "Draws into nothing: the script by itself");
  client_command->add_option("--server", client.server,
                             "The program to measure; by default manyworlds beside this one");
  client_command->add_option("--json", json, "Writes the figures to this file");
  CLI11_PARSE(app, argc, argv);
  if (trace == "player") poses.trace = mw::bench::Trace::player;
  if (poses_command->parsed()) return report(mw::bench::run_poses(poses), json);
  if (client_command->parsed()) return report(mw::bench::run_client(client), json);
  if (motion_command->parsed()) return report(mw::bench::run_motion(motion), json);
  if (trace == "player") fanout.trace = mw::bench::Trace::player;
  return report(mw::bench::run_fanout(fanout), json);
}
