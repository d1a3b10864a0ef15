// manyworlds-bench: each benchmark against its floor, in one run, on this machine.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>

#include "bench/client.h"
#include "bench/codec.h"
#include "bench/crowd.h"
#include "bench/hub.h"
#include "bench/log.h"
#include "bench/network.h"
#include "bench/plot.h"
#include "bench/travel.h"

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

void add_client(CLI::App& app, mw::bench::ClientOptions& client, std::string& json) {
  auto* command = app.add_subcommand("client", "What a frame costs the browser: Chromium in crowds of several sizes");
  command->add_option("--avatars", client.avatars, "Sizes of the crowd")->delimiter(',')->capture_default_str();
  command->add_option("--spectators", client.spectators, "Then the stadium with so many people; 0: without it")
      ->capture_default_str();
  command->add_option("--seconds", client.seconds, "Of measuring, each")
      ->check(CLI::Range(1.0, 600.0))
      ->capture_default_str();
  command->add_option("--quality", client.quality, "Of the picture")
      ->check(CLI::IsMember({"low", "medium", "high"}))
      ->capture_default_str();
  command->add_flag("--no-graphics", client.no_graphics, "Draws into nothing: the script by itself");
  command->add_option("--server", client.server, "The program to measure; by default manyworlds beside this one");
  command->add_option("--json", json, "Writes the figures to this file");
}

void add_log(CLI::App& app, mw::bench::LogOptions& log, std::string& json) {
  auto* command = app.add_subcommand("log", "Durable appends by many writers, against writing the same bytes");
  command->add_option("--writers", log.writers, "Each with one entry on its way")
      ->check(CLI::Range(1, 60000))
      ->capture_default_str();
  command->add_option("--threads", log.threads, "That carry them")->check(CLI::Range(1, 64))->capture_default_str();
  command->add_option("--bytes", log.entry_bytes, "Of one entry")->check(CLI::Range(16, 65535))->capture_default_str();
  command->add_option("--seconds", log.seconds, "Of appending")->check(CLI::Range(0.1, 600.0))->capture_default_str();
  command->add_option("--folder", log.folder, "On the disk to measure")->capture_default_str();
  command->add_option("--json", json, "Writes the figures to this file");
}

void add_verify(CLI::App& app, mw::bench::VerifyOptions& verify, std::string& json) {
  auto* command = app.add_subcommand("verify", "Proofs of a record, against the bare signature");
  command->add_option("--entries", verify.entries, "In the tree")
      ->check(CLI::Range(2, 50000000))
      ->capture_default_str();
  command->add_option("--proofs", verify.proofs, "Made and verified")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_option("--json", json, "Writes the figures to this file");
}

void add_travel(CLI::App& app, mw::bench::TravelOptions& travel, std::string& json) {
  auto* command = app.add_subcommand("travel", "A whole visit between two hosts, against its bare signatures");
  command->add_option("--visits", travel.visits, "Made one after the other")
      ->check(CLI::Range(10, 1000000))
      ->capture_default_str();
  command->add_option("--json", json, "Writes the figures to this file");
}

void add_crowd(CLI::App& app, mw::bench::CrowdOptions& crowd, std::string& trace, std::string& json) {
  using mw::bench::CrowdMode;
  using mw::bench::Input;
  auto* command = app.add_subcommand(
      "crowd", "A crowd on real sockets that also sends its poses, the server pinned to one core; then the floor");
  static const std::map<std::string, CrowdMode> kModes = {{"all", CrowdMode::all},
                                                          {"budget", CrowdMode::budget},
                                                          {"stadium", CrowdMode::stadium},
                                                          {"stall", CrowdMode::stall}};
  command->add_option("--mode", crowd.mode, "all, budget (a dense square), stadium, stall")
      ->transform(CLI::CheckedTransformer(kModes, CLI::ignore_case))
      ->required();
  command->add_option("--clients", crowd.clients, "Visitors on sockets")
      ->check(CLI::Range(1, 20000))
      ->capture_default_str();
  command->add_option("--seconds", crowd.seconds, "Of measuring")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  command->add_option("--hz", crowd.hz, "Steps of each visitor's motion a second")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  static const std::map<std::string, Input> kInputs = {{"every-step", Input::every_step},
                                                       {"reckoned", Input::reckoned}};
  command->add_option("--input", crowd.input, "When a visitor sends: every-step, or reckoned (when a guess is off)")
      ->transform(CLI::CheckedTransformer(kInputs, CLI::ignore_case));
  command->add_option("--delay-ms", crowd.delay_ms, "Held back each way; by default 50 in mode budget, else 0")
      ->check(CLI::Range(0.0, 1000.0));
  command->add_option("--sampled", crowd.sampled, "Visitors that decode and compare")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--spectators", crowd.spectators, "Simulated ones of mode stadium")->capture_default_str();
  command->add_option("--trace", trace, "How they move")
      ->check(CLI::IsMember({"walk", "player"}))
      ->capture_default_str();
  command->add_option("--seed", crowd.seed, "Of the motion")->capture_default_str();
  command->add_option("--server", crowd.server, "The program to measure; by default manyworlds beside this one");
  command->add_flag("--tls", crowd.tls, "Over TLS, with a certificate made for the run");
  command->add_option("--peer", crowd.peer, "Also measures a peer, at its own knee (run in the project's folder)")
      ->check(CLI::IsMember({"colyseus"}));
  command->add_option("--peer-seconds", crowd.peer_patience_s, "That the search for its knee may take")
      ->check(CLI::Range(10.0, 3600.0))
      ->capture_default_str();
  command->add_flag("!--no-floor", crowd.floor, "Leaves the floor out");
  command->add_option("--json", json, "Writes the figures to this file");
}

void add_plot(CLI::App& app, mw::bench::PlotOptions& plot) {
  auto* command = app.add_subcommand("plot", "Cost against size, as an SVG, from the JSON files of crowd runs");
  command->add_option("--out", plot.out, "The SVG to write")->required();
  command->add_option("files", plot.files, "JSON of runs")->required()->check(CLI::ExistingFile);
}

void add_hub(CLI::App& app, mw::bench::HubOptions& hub, std::string& json) {
  auto* command = app.add_subcommand("hub", "What the hub costs for each viewer, shared and alone, without sockets");
  command->add_option("--viewers", hub.viewers, "Of one edge loop")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--tracks", hub.tracks, "Chosen for each")->check(CLI::Range(1, 5000))->capture_default_str();
  command->add_option("--frame-bytes", hub.frame_bytes, "Of each track and tick")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  command->add_option("--json", json, "Writes the figures to this file");
}

void add_network(CLI::App& app, mw::bench::NetworkOptions& network, std::string& json) {
  auto* command = app.add_subcommand("network", "What visitors see over a line with delay and loss (needs root)");
  command->add_option("--loss", network.loss_percent, "Per cent of packets, each way, one run each")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 50.0))
      ->capture_default_str();
  command->add_option("--round-trip-ms", network.round_trip_ms, "Of the line")
      ->check(CLI::Range(0.0, 2000.0))
      ->capture_default_str();
  command->add_option("--clients", network.clients, "Visitors")->check(CLI::Range(1, 500))->capture_default_str();
  command->add_option("--seconds", network.seconds, "Of measuring, each")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  command->add_option("--seed", network.seed, "Of losses and motion")->capture_default_str();
  command->add_option("--server", network.server, "The program to measure; by default manyworlds beside this one");
  command->add_option("--json", json, "Writes the figures to this file");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Benchmarks of Manyworlds. Figures are ratios to a floor measured in the same run, never promises."};
  app.require_subcommand(1);
  std::string json;
  std::string trace = "walk";
  mw::bench::CrowdOptions crowd;
  add_crowd(app, crowd, trace, json);
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
  add_client(app, client, json);
  mw::bench::LogOptions log;
  add_log(app, log, json);
  mw::bench::VerifyOptions verify;
  add_verify(app, verify, json);
  mw::bench::TravelOptions travel;
  add_travel(app, travel, json);
  mw::bench::HubOptions hub;
  add_hub(app, hub, json);
  mw::bench::NetworkOptions network;
  add_network(app, network, json);
  mw::bench::PlotOptions plot;
  add_plot(app, plot);
  CLI11_PARSE(app, argc, argv);
  if (app.got_subcommand("plot")) return report(mw::bench::run_plot(plot), json);
  if (app.got_subcommand("network")) return report(mw::bench::run_network(network), json);
  if (app.got_subcommand("hub")) return report(mw::bench::run_hub(hub), json);
  if (app.got_subcommand("log")) return report(mw::bench::run_log(log), json);
  if (app.got_subcommand("travel")) return report(mw::bench::run_travel(travel), json);
  if (app.got_subcommand("verify")) return report(mw::bench::run_verify(verify), json);
  if (trace == "player") poses.trace = mw::bench::Trace::player;
  if (poses_command->parsed()) return report(mw::bench::run_poses(poses), json);
  if (app.got_subcommand("client")) return report(mw::bench::run_client(client), json);
  if (motion_command->parsed()) return report(mw::bench::run_motion(motion), json);
  if (trace == "player") crowd.trace = mw::bench::Trace::player;
  return report(mw::bench::run_crowd(crowd), json);
}
