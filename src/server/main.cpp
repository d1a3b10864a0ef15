#include "bench/bots.h"
#include "edge/assets.h"
#include "server/commands.h"

namespace {

int run_bots(const mw::server::BotFlags& flags) {
  mw::bench::BotOptions options;
  options.url = flags.url;
  options.world = flags.world;
  options.count = flags.count;
  options.seconds = flags.seconds;
  options.hz = flags.hz;
  options.side_m = static_cast<float>(flags.side_m);
  options.player = flags.player;
  return mw::bench::run_bots(options);
}

}  // namespace

int main(int argc, char** argv) {
  return mw::server::run_command_line(argc, argv, mw::edge::asset_source(mw::edge::embedded_assets()), &run_bots);
}
